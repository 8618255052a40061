"""Sends a run to one reader: as it happens, at the reader's pace, until its terminal event.

However it ends (a reader may leave or not read, the server may shut down), the watch is closed.
"""

from __future__ import annotations

import asyncio
import enum
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from headwater.errors import Code, Problem
from headwater.gateway import frames
from headwater.gateway.answers import http_code, refused
from headwater.gateway.exchange import Answer, Exchange, Headers, Left, Refusal
from headwater.gateway.frames import Frames
from headwater.gateway.meter import Meter, StreamMeter
from headwater.gateway.negotiate import Format
from headwater.gateway.options import GatewayOptions
from headwater.methods import Method
from headwater.store import EventRow


class Watch(Protocol):
    """One reader of one run, as the dispatcher hands it out."""

    @property
    def run(self) -> str: ...
    @property
    def method(self) -> Method: ...
    @property
    def ended(self) -> bool: ...
    @property
    def behind(self) -> int: ...
    async def read(self, wait_seconds: float | None = None) -> Sequence[EventRow]: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader asked for."""

    exchange: Exchange
    form: Format
    frames: Callable[[Method], Frames]
    location: str
    """Where the run's events are, for `Content-Location`."""
    options: GatewayOptions
    closing: asyncio.Event
    meter: Meter
    method: str
    """The method that was called."""
    began: float
    """The `perf_counter()` of the request."""


async def follow(reading: Reading, watch: Watch) -> None:
    """Sends the events of a watch, and closes it."""
    meter = reading.meter.stream(reading.method, reading.began)
    try:
        if watch.ended:
            # Nothing follows the cursor and nothing ever will: 204 tells EventSource to stop coming back.
            await reading.exchange.answer(Answer(status=204, headers=stream_headers(reading.form, reading.location)))
        elif reading.form is Format.JSON:
            await _wait(reading, watch)
        else:
            await _stream(reading, watch, meter)
    finally:
        if reading.exchange.slow:
            meter.too_slow()
        meter.closed()
        await watch.close()


def stream_headers(form: Format, location: str) -> Headers:
    """Returns the headers of a stream: what keeps proxies from gathering, changing or keeping it."""
    return [
        ("content-type", f"{form.value}; charset=utf-8" if form is Format.SSE else form.value),
        ("cache-control", "no-store, no-transform"),
        ("x-accel-buffering", "no"),
        *([("content-location", location)] if location else []),
    ]


async def send_inband(exchange: Exchange, refusal: Problem | Refusal, options: GatewayOptions) -> None:
    """Answers a refused EventSource with a stream of one `error` event, since it shows its page nothing else."""
    if isinstance(refusal, Problem):
        told, status = refusal, http_code(int(refusal.code))
    else:
        told, status = refusal.problem, refusal.status
    await exchange.start(200, stream_headers(Format.SSE, ""))
    await exchange.write(frames.inband(told, status, options), more=False)


class _End(enum.Enum):
    """What ended a reading first."""

    DONE = 1
    LEFT = 2
    CLOSING = 3


async def _stream(reading: Reading, watch: Watch, meter: StreamMeter) -> None:
    exchange, options = reading.exchange, reading.options
    retry_ms = random.randint(*options.retry_ms)  # noqa: S311 — it spreads clients and keeps no secret
    await exchange.start(200, stream_headers(reading.form, reading.location))
    why: Problem | None = None
    try:
        end = await _race(_pump(reading, watch, meter, retry_ms), reading)
    except Problem as failure:
        # The journal cannot be read on. The run has not failed, so no `error` is invented: the stream is cut, and the
        # reader comes back to its last event and is told by a status.
        end, why = _End.CLOSING, failure
    if end is _End.LEFT:
        raise Left
    last = frames.reconnect(watch.run, retry_ms, why) if end is _End.CLOSING and reading.form is Format.SSE else b""
    await exchange.write(last, more=False)


async def _pump(reading: Reading, watch: Watch, meter: StreamMeter, retry_ms: int) -> None:
    write, options = reading.exchange.write, reading.options
    sse = reading.form is Format.SSE
    encoder = reading.frames(watch.method)
    encode, heartbeat = (encoder.sse, frames.HEARTBEAT_SSE) if sse else (encoder.ndjson, frames.HEARTBEAT_NDJSON)
    if sse:
        await write(frames.opening(retry_ms))
    while not watch.ended:
        rows = await watch.read(options.heartbeat_seconds)
        if not rows and not watch.ended:
            await write(heartbeat)
            reading.meter.heartbeat()
        for start in range(0, len(rows), options.batch_events):
            if start:
                await asyncio.sleep(0)
            await write(encode(rows[start : start + options.batch_events]))
        if rows:
            meter.delivered(watch.behind)


async def _wait(reading: Reading, watch: Watch) -> None:
    """Waits for the end of the run, and answers with it."""
    last: list[EventRow] = []

    async def read() -> None:
        while not watch.ended:
            last[:] = list(await watch.read())[-1:] or last

    end = await _race(read(), reading)
    if end is _End.LEFT:
        raise Left
    if end is _End.CLOSING or not last:
        message = f"The server lets go of run {watch.run} before its end."
        told = Problem(Code.UNAVAILABLE, "SERVER_CLOSING", message, f"Read on at {reading.location}.")
        await reading.exchange.answer(refused(told, reading.options, headers=_located(reading)))
        return
    answer = reading.frames(watch.method).final(last[0])
    headers = [*answer.headers, ("cache-control", "no-store"), *_located(reading)]
    await reading.exchange.answer(Answer(status=answer.status, body=answer.body, headers=headers))


def _located(reading: Reading) -> Headers:
    return [("content-location", reading.location)] if reading.location else []


async def _race(work: Coroutine[Any, Any, None], reading: Reading) -> _End:
    """Works until it is done, the client has left or the server closes; raises what the work raises."""
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(work),
        asyncio.create_task(reading.exchange.left()),
        asyncio.create_task(reading.closing.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            tasks[0].result()
            return _End.DONE
        return _End.LEFT if tasks[1].done() else _End.CLOSING
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""The events of one run: in order, each once, taken up again after a cut."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeAlias, TypeVar, cast

import grpc
import grpc.aio

from headwater_client.backoff import Backoff, Patience
from headwater_client.channel import Call, Message
from headwater_client.errors import HeadwaterError, StreamCut, StreamGap, client_closed, from_call, has_details
from headwater_client.events import TERMINAL, Event, kind, raise_for_error, unwrap


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Says what a stream does when it is cut, how long it may take in all (seconds), and what a failed run raises."""

    resume: bool
    max_resume_seconds: float
    backoff: Backoff
    timeout: float | None
    raise_on_error: bool
    linger_seconds: float = 1.0
    """How long the server may take to end the call after the terminal event."""


_E = TypeVar("_E", bound=Event)
_C = TypeVar("_C")

Open: TypeAlias = Callable[[str, int, float | None], Call]
"""Opens a call: the run's id (empty while it is not known), the sequence to go on after, the seconds left."""


class EventStream(Generic[_E, _C]):
    """Streams the events of one run.

    Iterate it with `async for`, or await `complete()` for the result. Breaking out of the loop leaves the call, as does
    `aclose()` or the end of `async with`; what then becomes of the run its `on_disconnect` says. A second loop goes on
    where the first one stopped. For one reader at a time. Its types are those of the method's events and of the result.
    """

    def __init__(self, open_call: Open, policy: Policy, *, run: str = "", after: int = 0) -> None:
        self._open = open_call
        self._policy = policy
        self._patience = Patience(policy.backoff, policy.max_resume_seconds)
        self._run = run
        self._sequence = after
        self._reader: AsyncIterator[Message] | None = None
        self._call: Call | None = None
        self._answered = False
        """Whether the present call brought anything."""
        self._began: float | None = None
        self._heard = False
        self._reading: object | None = None
        self._terminal: _E | None = None
        self._closed = False

    @property
    def run(self) -> str:
        """The run's id; empty until the first event of a new run arrived."""
        return self._run

    @property
    def sequence(self) -> int:
        """The sequence of the last event that was handed out: what `watch_run(run, after=…)` goes on after."""
        return self._sequence

    async def complete(self) -> _C:
        """Reads to the end and returns the result. Raises HeadwaterError if the run failed or was cancelled."""
        async for _ in self:
            pass
        if self._terminal is None:
            raise StreamCut(grpc.StatusCode.CANCELLED, "STREAM_CLOSED", "The stream was closed before the run ended.")
        raise_for_error(self._terminal)
        return cast("_C", self._terminal.complete)

    async def aclose(self) -> None:
        """Leaves the stream; may be called again, and while another task reads."""
        self.close()

    def close(self) -> None:
        """Leaves the stream, from the thread of its event loop."""
        self._closed = True
        self._leave()

    def __del__(self) -> None:
        # gRPC keeps a call alive that nobody reads, and the server would go on streaming into it.
        self._leave()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def __aiter__(self) -> AsyncGenerator[_E, None]:
        # A generator of its own for each loop: it is dropped when the loop is left, and so leaves the call. That may
        # happen late, when another reader has gone on with the call.
        reader = self._reading = object()
        try:
            while (event := await self._next()) is not None:
                yield event
        finally:
            if self._reading is reader:
                self._leave()

    async def __anext__(self) -> _E:
        self._reading = None
        event = await self._next()
        if event is None:
            raise StopAsyncIteration
        return event

    async def _next(self) -> _E | None:
        """Reads the next event that is new, over any number of cuts; None after the terminal one."""
        while self._terminal is None and not self._closed:
            try:
                event = await self._read()
            except grpc.aio.AioRpcError as error:
                await self._recover(error)
                continue
            if event is None:
                await self._recover(None)
            elif self._is_new(event):
                self._take(event)
                if self._terminal is not None and self._policy.raise_on_error:
                    await self._finish()
                    raise_for_error(event)
                return event
        await self._finish()
        return None

    async def _read(self) -> _E | None:
        """Reads one message, on a new call if there is none; None at the end of the call."""
        if self._reader is None:
            self._answered = False
            self._call = self._open(self._run, self._sequence, self._seconds_left())
            self._reader = aiter(self._call)
        try:
            message = await anext(self._reader, None)
        except asyncio.CancelledError:
            return self._stopped()
        if message is None:
            return None
        self._answered = True
        return cast("_E", unwrap(message))

    def _stopped(self) -> None:
        """Tells who cancelled the call: gRPC raises CancelledError in the reader even if nobody cancelled its task."""
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise asyncio.CancelledError
        if not self._closed:
            raise client_closed()

    def _is_new(self, event: _E) -> bool:
        if event.sequence > self._sequence + 1:
            self._leave()
            raise StreamGap(
                grpc.StatusCode.DATA_LOSS,
                "STREAM_GAP",
                f"Event {event.sequence} came after event {self._sequence} of run {event.run}.",
                metadata={"run": event.run, "after": str(self._sequence), "sequence": str(event.sequence)},
            )
        return event.sequence == self._sequence + 1

    def _take(self, event: _E) -> None:
        self._patience.progress()
        self._heard = True
        self._run = event.run
        self._sequence = event.sequence
        if kind(event) in TERMINAL:
            self._terminal = event

    async def _recover(self, error: grpc.aio.AioRpcError | None) -> None:
        """Waits for the moment to try again; raises if the call's end (None: without an error) is final."""
        self._leave()
        if self._closed:
            return
        if error is not None and not self._is_cut(error):
            raise from_call(error) from error
        refused = from_call(error) if error is not None else None
        at_least = (refused.retry_after_seconds if refused else None) or 0.0
        pause = self._patience.pause(at_least) if self._policy.resume else None
        if pause is None:
            raise self._give_up(refused) from error
        left = self._seconds_left()
        await asyncio.sleep(pause if left is None else min(pause, left))

    def _is_cut(self, error: grpc.aio.AioRpcError) -> bool:
        """Whether the connection failed, and not the request.

        UNAVAILABLE says so. A call that had answered and then ends with a status that the service did not make (resets
        by proxies, time limits on the way, a killed server) was cut too; one that never answered was refused.
        """
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return True
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and self._seconds_left() == 0.0:
            return False
        return self._answered and error.code() in _MADE_ON_THE_WAY and not has_details(error)

    def _give_up(self, refused: HeadwaterError | None) -> HeadwaterError:
        self._patience.progress()
        if refused is not None and not self._heard:
            return refused
        last = f" The last attempt: {refused.message}" if refused else ""
        return StreamCut(
            grpc.StatusCode.UNAVAILABLE,
            "STREAM_CUT",
            f"The stream ended after event {self._sequence} without a terminal event.{last}",
            f"Go on with watch_run({self._run!r}, after={self._sequence})." if self._run else "",
            metadata={"run": self._run, "after": str(self._sequence)},
        )

    def _seconds_left(self) -> float | None:
        """Returns what is left of the time limit, which spans all calls of the stream; None if there is none."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        timeout = self._policy.timeout
        return None if timeout is None else max(0.0, self._began + timeout - now)

    async def _finish(self) -> None:
        """Reads the call to its end after the terminal event, so that the server sees it end and not be cancelled."""
        if self._reader is None or self._closed:
            return
        with contextlib.suppress(grpc.aio.AioRpcError, TimeoutError):
            # The run has ended and every event is here: how the call ends, and when, no longer matters.
            async with asyncio.timeout(self._policy.linger_seconds):
                await anext(self._reader, None)
        self._leave()

    def _leave(self) -> None:
        if self._call is not None:
            self._call.cancel()
        self._call = self._reader = None


_MADE_ON_THE_WAY: frozenset[grpc.StatusCode] = frozenset(
    {
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
    }
)

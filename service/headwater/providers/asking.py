"""Asks one question over one wire: sends it, reads the answer as it comes, and lets go of the vendor at any end."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import replace
from typing import Any, Protocol, cast

import orjson

from headwater.errors import Problem
from headwater.providers.faults import InBand, Said, explain, make_problem
from headwater.providers.kinds import ENDLESS, FILTERED, MALFORMED, TRUNCATED
from headwater.providers.models import Answer, Finish, Prompt
from headwater.providers.replies import Reply
from headwater.providers.steps import Steps
from headwater.providers.vendors import Target
from headwater.providers.wire import Events, Lines

SHAPES = (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError)
"""What reading an event may raise: a vendor's JSON may have any shape."""


class Reader(Protocol):
    """Reads the answer of one wire into steps."""

    def event(self, payload: bytes) -> None:
        """Reads one event of a stream. Raises InBand for an error in it."""
        ...

    def whole(self, body: Mapping[str, Any]) -> None:
        """Reads an answer that was not streamed."""
        ...


class Wire(ABC):
    """One model behind one wire: what all of them do alike, and what each has to say in its own way."""

    def __init__(self, target: Target, failures: tuple[type[BaseException], ...]) -> None:
        """Takes whom to ask, and what the SDK and its HTTP library raise."""
        self.target = target
        self.failures = failures

    @property
    def name(self) -> str:
        """`vendor:model`."""
        return self.target.name

    def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks and yields the answer as it comes."""
        return ask(self, prompt)

    @abstractmethod
    def send(self, prompt: Prompt) -> AbstractAsyncContextManager[Reply]:
        """Sends the question; leaving the context closes the connection, unless the answer was read to its end."""

    @abstractmethod
    def listing(self) -> AbstractAsyncContextManager[Reply]:
        """Asks which models there are."""

    @abstractmethod
    def reader(self, steps: Steps) -> tuple[Reader, Callable[[int], Events | Lines]]:
        """Makes a reader of one answer, and what cuts its bytes into events."""


async def ask(wire: Wire, prompt: Prompt) -> AsyncGenerator[Answer, None]:
    """Asks, and yields the answer as it comes; an empty step says that content moved which cannot be shown yet.

    The first step holds the vendor's id of the request alone, if it tells one, and comes before any content.
    Closing the generator, or cancelling the task that waits for it, closes the vendor's connection at once.
    """
    steps = Steps()
    request_id = ""
    first = True
    try:
        async with wire.send(prompt) as reply:
            request_id = reply.request_id
            if request_id:
                yield Answer(request_id=request_id)
            async with aclosing(_read(wire, reply, steps)) as answers:
                async for answer in answers:
                    if first and (answer.text or answer.reasoning or answer.call or answer.finish):
                        first = False
                        yield replace(answer, model=wire.target.name, request_id=request_id)
                    else:
                        yield answer
    except wire.failures as error:
        raise explain(error, wire.target, prompt, request_id) from None
    except InBand as error:
        raise explain(error, wire.target, prompt, request_id) from None
    except Problem as found:
        if request_id and "request_id" not in found.metadata:
            found.metadata = {**found.metadata, "request_id": request_id}
        raise


async def _read(wire: Wire, reply: Reply, steps: Steps) -> AsyncGenerator[Answer, None]:
    """Yields the steps of a reply, streamed or not, and the finish last."""
    target = wire.target
    if reply.content_type in {"text/html", "application/xhtml+xml"}:
        raise make_problem(MALFORMED, target, Said(message="a web page instead of an answer"))
    reader, cutter = wire.reader(steps)
    async with aclosing(reply.chunks()) as chunks:
        if reply.content_type == "application/json" or not target.ability.streams:
            _take_whole(reader, await read_whole(chunks, target), target)
        else:
            async with aclosing(_stream(chunks, reader, cutter(target.limits.event_bytes), steps, target)) as answers:
                async for answer in answers:
                    yield answer
        for answer in steps.take():
            yield answer
        yield _finished(steps, target)
        await _drain(chunks, target.limits.drain_seconds)


async def _stream(
    chunks: AsyncGenerator[bytes, None], reader: Reader, events: Events | Lines, steps: Steps, target: Target
) -> AsyncGenerator[Answer, None]:
    """Yields the steps of a stream up to its end marker."""
    size = 0
    async for data in chunks:
        size += len(data)
        failure = None
        try:
            _take_events(reader, events, data, target)
            if size > target.limits.answer_bytes:
                raise make_problem(ENDLESS, target)
        except (InBand, Problem) as found:
            failure = found  # what came before it is told first
        for answer in steps.take():
            yield answer
        if failure is not None:
            raise failure
        if steps.ended:
            return
    try:
        for payload in events.end():
            reader.event(payload)
    except SHAPES:
        return  # the last event was cut short: there is no end marker, which is what the caller looks for


def _take_events(reader: Reader, events: Events | Lines, data: bytes, target: Target) -> None:
    try:
        for payload in events.feed(data):
            reader.event(payload)
    except SHAPES:
        raise make_problem(MALFORMED, target) from None


async def read_whole(chunks: AsyncGenerator[bytes, None], target: Target) -> bytes:
    """Reads a body to its end. Raises Problem `VENDOR_ANSWER_TOO_LONG`."""
    parts: list[bytes] = []
    size = 0
    async for data in chunks:
        size += len(data)
        if size > target.limits.answer_bytes:
            raise make_problem(ENDLESS, target)
        parts.append(data)
    return b"".join(parts)


def _take_whole(reader: Reader, data: bytes, target: Target) -> None:
    try:
        body = orjson.loads(data)
        if not isinstance(body, dict):
            raise TypeError("the answer is no object")
        reader.whole(cast("dict[str, Any]", body))
    except SHAPES:
        raise make_problem(MALFORMED, target) from None


def _finished(steps: Steps, target: Target) -> Answer:
    """Makes the last step. Raises Problem `VENDOR_TRUNCATED` without end marker, `VENDOR_FILTERED` without a word."""
    if not steps.ended or steps.finish is None:
        raise make_problem(TRUNCATED, target)
    finish = Finish.FILTER if steps.refused else steps.finish
    if finish is Finish.FILTER and not steps.began:
        raise make_problem(FILTERED, target)
    return Answer(finish=finish, usage=steps.usage)


async def _drain(chunks: AsyncGenerator[bytes, None], seconds: float) -> None:
    """Reads what follows the end marker, so that the connection can be used again; it is closed if that takes long."""
    try:
        async with asyncio.timeout(seconds):
            async for _ in chunks:
                pass
    except TimeoutError:
        return  # leaving the response closes the connection instead

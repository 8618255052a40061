"""What the commands that stream a run share: they tell its events, cancel it on Ctrl-C, and write what comes of it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeAlias

import click
from google.protobuf.message import Message
from rich.console import Console

from headwater.errors import Code, Problem, Violation, invalid
from headwater.gateway.frames import Frames
from headwater.show import Show, write_json
from headwater.status import status_of
from headwater.store import EventRow
from headwater.v1 import generate_tests_pb2, runs_pb2
from headwater_client import HeadwaterError

SECONDS_TO_CANCEL = 10.0
"""How long a run may take to end after Ctrl-C before the command ends without it."""

INTERRUPTED = 130
EXIT_CODES: Mapping[str, int] = MappingProxyType({"complete": 0, "error": 1, "cancelled": INTERRUPTED})
"""The exit code by the last event of a run."""

Cancel: TypeAlias = Callable[[str, str], Awaitable[object]]
"""Cancels a run; the second argument says why."""


class Telling:
    """Tells a run's events: to a person on stderr, or as lines of JSON on stdout, of which the last one is terminal.

    Use it as a context manager around all that may fail, so that a refusal is told as well.
    """

    def __init__(self, *, as_json: bool, named: str | None = None, unsaid: Collection[str] = ()) -> None:
        """Names the test file as `named` says; as the run does when that is None. Leaves out the kinds in `unsaid`."""
        self.complete: Any = None
        """The payload of the last event, of a run that came to its end."""
        self._show = None if as_json else Show(Console(stderr=True), named=named, unsaid=unsaid)
        self._last: Any = generate_tests_pb2.GenerateTestsEvent()
        self._frames = _frames_of(self._last)

    async def follow(self, events: AsyncIterator[Message], cancel: Cancel | None = None) -> int:
        """Tells every event as it comes, and returns the exit code.

        Ctrl-C cancels the run by `cancel` and waits for its last event; without one it leaves the stream.
        """
        reading = asyncio.ensure_future(self._read(events))
        try:
            await asyncio.shield(reading)
        except asyncio.CancelledError:
            run, task = self._last.run, asyncio.current_task()
            if cancel is None or not run or task is None:
                await _leave(reading)
                raise
            task.uncancel()
            await self._await_end(reading, cancel(run, "Ctrl-C"))
        return EXIT_CODES[self._kind]

    async def _await_end(self, reading: asyncio.Future[None], cancelling: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(SECONDS_TO_CANCEL):
                await cancelling
                await reading
        except (TimeoutError, Problem, HeadwaterError) as failure:
            await _leave(reading)
            why = str(failure if isinstance(failure, TimeoutError) else as_problem(failure))
            click.echo(f"headwater: the run could not be cancelled and may go on. {why}".rstrip(), err=True)
            raise asyncio.CancelledError from None

    async def _read(self, events: AsyncIterator[Message]) -> None:
        async for event in events:
            self._tell(event)

    def _tell(self, event: Any) -> None:
        if type(event) is not type(self._last):
            self._frames = _frames_of(event)
        self._last = event
        if self._show is not None:
            self._show(event)
        else:
            row = EventRow(event.sequence, self._kind, event.SerializeToString())
            with _writing("stdout"):
                write_json([row], self._frames.ndjson, sys.stdout.buffer)
        if self._kind == "complete":
            self.complete = event.complete

    @property
    def _kind(self) -> str:
        return self._last.WhichOneof("event") or ""

    def _failed(self, failure: Problem | HeadwaterError) -> None:
        told = as_problem(failure)
        error = runs_pb2.Error(
            error=status_of(told),
            reason=told.reason,
            message=told.message,
            remedy=told.remedy,
            retryable=told.retryable,
        )
        self._add(error=error)

    def _cancelled(self) -> None:
        self._add(cancelled=runs_pb2.Cancelled(origin="client", message="Ctrl-C"))

    def _add(self, **payload: Message) -> None:
        """Ends the lines of JSON with an event that is in no journal, which its sequence of 0 says."""
        if self._kind not in EXIT_CODES and self._show is None:
            self._tell(type(self._last)(run=self._last.run, **payload))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._show is not None:
            self._show.close()
        if isinstance(error, Problem | HeadwaterError):
            self._failed(error)
        elif isinstance(error, asyncio.CancelledError):
            self._cancelled()


def as_problem(failure: Problem | HeadwaterError) -> Problem:
    """Brings what the client raises into the form of the service."""
    if isinstance(failure, Problem):
        return failure
    violations = tuple(Violation(field=each.field, description=each.description) for each in failure.violations)
    return Problem(
        Code[failure.code.name],
        failure.reason,
        failure.message,
        failure.remedy,
        violations=violations,
        retry_after_seconds=failure.retry_after_seconds,
        metadata=failure.metadata,
    )


def _frames_of(event: Message) -> Frames:
    return Frames(type(event))


def check_out(out: Path) -> None:
    """Refuses a file that could not be written, before any work is done."""
    folder = out.absolute().parent
    if not folder.is_dir() or not os.access(out if out.exists() else folder, os.W_OK):
        why = "is no folder" if not folder.is_dir() else "cannot be written to"
        raise invalid("OUT_UNUSABLE", "--out", f"{folder} {why}.", "Name a file in a folder that you may write to.")


def write(text: str, out: Path | None) -> None:
    """Writes to a file, or to stdout. Raises Problem INVALID_ARGUMENT `OUT_UNUSABLE`."""
    with _writing(out or "stdout"):
        if out is not None:
            out.write_text(text, encoding="utf-8")
            click.echo(f"Wrote {out}", err=True)
        else:
            click.echo(text, nl=False)


@contextmanager
def _writing(where: object) -> Generator[None]:
    """Says where something could not be written. Raises Problem INVALID_ARGUMENT `OUT_UNUSABLE`."""
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read has had enough, which click ends quietly
    except OSError as error:
        message = f"{where} could not be written to: {error.strerror}."
        raise invalid("OUT_UNUSABLE", "--out", message, "Make room, or name another file.") from None


async def _leave(reading: asyncio.Future[None]) -> None:
    """Ends the reading; how it ends no longer matters."""
    reading.cancel()
    await asyncio.wait([reading])

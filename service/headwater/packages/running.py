"""Generates the tests of many modules, some at a time, and puts down what becomes of each."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, cast

from google.protobuf.message import Message

from headwater.errors import Code, Problem, invalid
from headwater.packages.modules import Module
from headwater.packages.names import digest
from headwater.packages.state import Coverage, Done, Row, Share, State, Verdict
from headwater.v1 import generate_tests_pb2 as pb
from headwater.v1 import runs_pb2

OF_A_MODULE = ("SOURCE_", "TARGET_", "MODULE_", "IMPORT_")
"""How the reasons begin that say something about one module, and nothing about the others."""
OF_THE_HOST = frozenset({"SANDBOX_UNAVAILABLE", "INTERPRETER_UNUSABLE"})
NO_TESTS = "NO_TESTS"
_WITHOUT = re.compile(r"^No test of \S+ could be written\.\s*")
"""What the verdict says already."""
_LONGEST_WHY = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A module to write tests of: what to ask, where to write, and what is known already."""

    module: Module
    request: pb.GenerateTestsRequest
    out: Path
    id: str
    key: str
    before: Coverage | None


class Door(Protocol):
    """Where runs are started: this process, or a server."""

    def stream(self, request: pb.GenerateTestsRequest) -> AsyncGenerator[Message]:
        """Starts a run and yields its events. Raises the Problem with which it is refused."""
        ...

    async def cancel(self, run: str) -> None:
        """Cancels a run."""
        ...


class Listener(Protocol):
    """Who hears how the work goes."""

    def heard(self, module: str, event: Any) -> None:
        """Hears an event of a module's run."""
        ...

    def ended(self, row: Row) -> None:
        """Hears what became of a module."""
        ...


class Work:
    """Works through tasks; what was finished is kept whatever happens to the rest."""

    def __init__(self, door: Door, state: State, listener: Listener, *, jobs: int, seconds_to_cancel: float) -> None:
        """Runs `jobs` tasks at a time; a run that is cancelled may take so many seconds to end."""
        self._door, self._state, self._listener = door, state, listener
        self._jobs = jobs
        self._seconds_to_cancel = seconds_to_cancel

    async def run(self, tasks: Iterable[Task]) -> None:
        """Does every task. Raises the Problem that would refuse all of them."""
        waiting = iter(tasks)

        async def work() -> None:
            for task in waiting:
                whole = task.before is not None and task.before.whole
                self._settle(task, (_covered(task), "") if whole else await self._one(task))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._jobs):
                    group.create_task(work())
        except* Problem as failures:
            raise _first(failures) from None

    def _settle(self, task: Task, found: tuple[Row, str]) -> None:
        row, text = found
        written = ""
        if text:
            try:
                task.out.write_text(text, encoding="utf-8")
            except OSError as error:
                message = f"{task.out} could not be written to: {error.strerror}."
                raise invalid("OUT_UNUSABLE", "--out", message, "Make room, or name another folder.") from None
            written = digest(text.encode())
        self._state.keep(task.id, Done(key=task.key, row=row, written=written))
        self._listener.ended(row)

    async def _one(self, task: Task) -> tuple[Row, str]:
        """Runs one task; returns what became of it, and the text of the tests."""
        began = time.monotonic()
        last: Any = pb.GenerateTestsEvent()
        try:
            async with aclosing(self._door.stream(task.request)) as events:
                async for last in events:
                    self._listener.heard(task.module.name, last)
        except Problem as failure:
            if not failure.reason.startswith(OF_A_MODULE) and not failure.retryable and not last.run:
                raise
            error = runs_pb2.Error(reason=failure.reason, message=failure.message, remedy=failure.remedy)
            last = pb.GenerateTestsEvent(error=error)
        except asyncio.CancelledError:
            await self._cancel(last.run)
            self._listener.ended(Row(module=task.module.name, verdict="cancelled", seconds=time.monotonic() - began))
            raise
        row, text = _row(task, last)
        return replace(row, seconds=round(time.monotonic() - began, 2)), text

    async def _cancel(self, run: str) -> None:
        if not run:
            return
        try:
            async with asyncio.timeout(self._seconds_to_cancel):
                await self._door.cancel(run)
        except (Problem, TimeoutError):
            return  # it is over already, or whoever runs it has gone: there is nothing to wait for


def _row(task: Task, last: Any) -> tuple[Row, str]:
    """Reads the last event of a run. Raises Problem where it says that no run of any module can do better."""
    row = Row(module=task.module.name, verdict="failed", before=task.before, after=task.before)
    match last.WhichOneof("event"):
        case "complete":
            complete: pb.GenerateTestsComplete = last.complete
            after = _coverage(complete.coverage_estimate)
            dropped = [each for each in complete.dropped if each.verdict == pb.VERDICT_SUSPECTED_BUG]
            suspected = tuple(_short(f"{each.test_name}: {each.reason}") for each in dropped)
            row = replace(row, verdict="tested", tests=complete.total, file=task.out.name)
            return replace(row, after=after, suspected_bugs=suspected), complete.output
        case "error":
            if last.error.reason in OF_THE_HOST:
                raise Problem(Code(last.error.error.code), last.error.reason, last.error.message, last.error.remedy)
            verdict, why = _without_tests(task, last.error)
            return replace(row, verdict=verdict, why=_short(why), reason=last.error.reason), ""
        case "cancelled":
            return replace(row, verdict="cancelled", why=_short(last.cancelled.message)), ""
        case _:
            return replace(row, why="The stream broke off.", reason="STREAM_CUT"), ""


def _without_tests(task: Task, error: runs_pb2.Error) -> tuple[Verdict, str]:
    """Says whether a run failed, or found nothing that the tests which exist do not reach already, and why."""
    if error.reason != NO_TESTS:
        return "failed", error.message
    reached = task.before is not None and task.before.lines.covered > 0
    return "nothing to add" if reached else "no tests", _WITHOUT.sub("", error.message)


def _covered(task: Task) -> Row:
    """Says that tests which exist leave nothing to reach."""
    return Row(module=task.module.name, verdict="covered already", before=task.before, after=task.before)


def _coverage(found: pb.CoverageEstimate) -> Coverage:
    return Coverage(
        lines=Share(covered=found.lines_covered, total=found.lines_total),
        branches=Share(covered=found.branches_covered, total=found.branches_total),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_WHY else f"{line[:_LONGEST_WHY]}..."


def _first(failures: BaseException) -> BaseException:
    """Returns one of the refusals: they say the same of every module."""
    while isinstance(failures, BaseExceptionGroup):
        failures = cast("tuple[BaseException, ...]", failures.exceptions)[0]
    return failures

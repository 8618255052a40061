"""A run at work in this process: carries its orchestrator to exactly one terminal event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from google.protobuf.message import Message

from headwater.errors import Code, Problem, problem
from headwater.journal import Journal, Log, Turn
from headwater.logs import of_run
from headwater.methods import Method
from headwater.rpc import Tools
from headwater.status import status_of
from headwater.store import EventRow, RunRow, State
from headwater.turns import Turns
from headwater.v1 import runs_pb2
from headwater.watch import TERMINAL, Watch

LOG = structlog.get_logger(__name__)

DEADLINE = ("deadline", "")
"""Who cancels a run that takes too long; it does not end `cancelled` but with an `error`."""
ENDINGS = {"complete": State.COMPLETED, "error": State.FAILED, "cancelled": State.CANCELLED}


class Live:
    """A run at work: its orchestrator's task, its log, and those who read it."""

    def __init__(
        self,
        *,
        method: Method,
        request: Message,
        log: Log,
        journal: Journal,
        turns: Turns,
        past: Sequence[Message] = (),
        run_seconds: float,
        grace_seconds: float | None,
    ) -> None:
        """`grace_seconds` is how long the run goes on with nobody reading; None ends it at once."""
        self.method = method
        self.request = request
        self.log = log
        self.refused: Problem | None = None
        self._emit = RunEmit(method, log, journal, turns, past)
        self._run_seconds = run_seconds
        self._grace_seconds = grace_seconds
        self._readers: set[Watch] = set()
        self._leaving: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._turns = turns
        self._in_place = True
        self._cancelled_by: tuple[str, str] | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self, tools: Tools, ended: Callable[[Live, str, float], None], doom: Problem | None = None) -> None:
        """Starts to work. `ended` is told the last event's kind and the seconds; `doom` ends the run at once."""
        began = time.monotonic()
        self._task = asyncio.create_task(self._carry(tools, doom), name=f"run {self.log.row.run}")
        self._deadline = asyncio.get_running_loop().call_later(self._run_seconds, self._cancel, *DEADLINE)

        def done(_: object) -> None:
            # However the task came to its end: one that is cancelled before its first step runs nothing of its own.
            for timer in (self._deadline, self._leaving):
                if timer is not None:
                    timer.cancel()
            self._leave_place()
            if self.log.written == 0:
                self._refuse(None)
            ended(self, self._emit.kind, time.monotonic() - began)

        self._task.add_done_callback(done)

    async def first_event(self) -> None:
        """Waits until the first event is durable; raises the Problem with which the run was refused."""
        log = self.log
        try:
            while log.committed == 0 and self.refused is None and log.lost is None:
                await log.changed()
        except asyncio.CancelledError:
            # The caller left before it learned the run's id: there is nothing that it could come back to.
            await self.stop("disconnect", "The client left before the run began.")
            raise
        failure = log.lost or self.refused
        if failure is not None:
            if self._task is not None:
                await asyncio.wait([self._task])  # Its place is free again when the caller hears of it.
            raise failure

    async def done(self, seconds: float) -> None:
        """Waits up to `seconds` for the end."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=seconds)

    async def stop(self, origin: str, message: str) -> None:
        """Cancels the run and waits until its terminal event is durable."""
        self._cancel(origin, message)
        if self._task is not None:
            await asyncio.wait([self._task])

    def fail(self, failure: Problem) -> None:
        """Ends the run towards its readers: nothing of it is journaled any more, and whoever comes next adopts it."""
        self.log.lose(failure)
        self._cancel("shutdown", failure.message)

    def join(self, watch: Watch) -> None:
        """Counts a reader."""
        self._readers.add(watch)
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    async def leave(self, watch: Watch) -> None:
        """Counts a reader out; the last one to leave sets off the disconnect policy."""
        if watch not in self._readers:
            return  # it read an earlier attempt, or by way of the store
        self._readers.remove(watch)
        if self._readers or watch.ended:
            return
        if self._grace_seconds is None:
            await self.stop("disconnect", "The last reader left.")
        else:
            self.abandon(self._grace_seconds)

    def abandon(self, seconds: float) -> None:
        """Cancels the run after `seconds`, or after its own grace if that is longer, unless a reader comes."""
        wait = max(seconds, self._grace_seconds or 0.0)
        self._leaving = asyncio.get_running_loop().call_later(wait, self._give_up, wait)

    def _give_up(self, seconds: float) -> None:
        self._cancel("disconnect", f"Nobody read the run for {seconds:g} s.")

    def _cancel(self, origin: str, message: str) -> None:
        """Cancels the task, once, whoever asks: a second cancel would cut the clean-up of the first one short."""
        if self._cancelled_by is None and self._task is not None and self._emit.kind not in TERMINAL:
            self._cancelled_by = (origin, message)
            self._task.cancel()

    async def _carry(self, tools: Tools, doom: Problem | None) -> None:
        with of_run(self.log.row.run):
            await self._work(tools, doom)
        self._leave_place()  # Before the last event is seen: whoever then starts the next run finds room.
        await self.log.settled()

    def _leave_place(self) -> None:
        if self._in_place:
            self._in_place = False
            self._turns.leave()

    async def _work(self, tools: Tools, doom: Problem | None) -> None:
        try:
            if doom is not None:
                return await self._fail(doom)
            await self.method.handler(self.request, self._emit, tools)
        except Problem as failure:
            await self._fail(failure)
        except asyncio.CancelledError:
            await self._stopped()
        except Exception as error:  # noqa: BLE001 — the one place where a bug becomes an answer
            await self._fail(self._bug(error))
        else:
            if self._emit.kind not in TERMINAL:
                await self._fail(self._bug(RuntimeError("the orchestrator emitted no terminal event")))

    async def _stopped(self) -> None:
        """Ends the run as whoever cancelled it wanted."""
        if self._cancelled_by == DEADLINE:
            return await self._fail(_too_long(self._run_seconds))
        origin, message = self._cancelled_by or ("shutdown", "The server ended.")
        return await self._end("cancelled", runs_pb2.Cancelled(origin=origin, message=message))

    async def _fail(self, failure: Problem) -> None:
        event = runs_pb2.Error(
            error=status_of(failure),
            reason=failure.reason,
            message=failure.message,
            remedy=failure.remedy,
            retryable=failure.retryable,
        )
        await self._end("error", event, failure)

    async def _end(self, kind: str, payload: Message, failure: Problem | None = None) -> None:
        if self.log.written == 0:
            self._refuse(failure)
        elif self._emit.kind not in TERMINAL:
            # A lost log has no reader here: whoever took the run over ends it.
            with suppress(Problem):
                await self._emit(self.method.response(**{kind: payload}))

    def _refuse(self, failure: Problem | None) -> None:
        """Tells the caller that there is no run: nothing was journaled of it."""
        self.refused = self.refused or failure or _not_begun(self._cancelled_by)
        self.log.ring()

    def _bug(self, error: Exception) -> Problem:
        LOG.error("run_crashed", method=self.method.name, exc_info=error)
        message = f"The server met a fault of its own ({type(error).__name__})."
        remedy = f"Report it with the run's id {self.log.row.run}; the server's log has the details."
        return problem(Code.INTERNAL, "INTERNAL", message, remedy, run=self.log.row.run)


class RunEmit:
    """The `Emit` of an orchestrator."""

    def __init__(self, method: Method, log: Log, journal: Journal, turns: Turns, past: Sequence[Message]) -> None:
        """Writes to the log of a run of `method`; `past` holds the events of earlier attempts."""
        self.past = past
        self.kind: str = past[-1].WhichOneof("event") or "" if past else ""
        self._method = method
        self._log = log
        self._journal = journal
        self._turns = turns
        self._queued = self.kind == "queued"

    @property
    def run(self) -> str:
        """The run's id."""
        return self._log.row.run

    @property
    def attempt(self) -> int:
        """Which process carries the run; 1 unless it was adopted after a crash."""
        return self._log.row.epoch

    @property
    def owner(self) -> str:
        """Whose run it is."""
        return self._log.row.owner

    @property
    def accepted_at(self) -> float:
        """When the run was accepted, in seconds since 1970."""
        return self._log.row.created

    async def __call__(self, event: Any) -> None:
        """Numbers and journals an event."""
        if self.kind in TERMINAL:
            raise RuntimeError(f"an event after the terminal {self.kind}")
        log = self._log
        event.sequence = sequence = log.written + 1
        event.run = log.row.run
        now = time.time_ns()
        event.time.seconds, event.time.nanos = divmod(now, 1_000_000_000)
        self.kind = kind = event.WhichOneof("event")
        turn = self._state_of(event, kind, now) if kind in ENDINGS or kind == "queued" or self._queued else None
        await self._journal.put(log, EventRow(sequence, kind, event.SerializeToString()), turn)

    def _state_of(self, event: Any, kind: str, now: int) -> Turn:
        """Says what becomes of the run's state: it waits, it has ended, or it is at work again."""
        self._queued = kind == "queued"
        state = ENDINGS.get(kind)
        if state is None:
            return Turn(state=State.QUEUED if self._queued else State.RUNNING)
        error = event.error.error.SerializeToString() if kind == "error" else b""
        return Turn(state=state, ended=now / 1e9, error=error)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Waits for a free slot of the machine, telling the run its place, and holds it."""
        async with self._turns.turn(self._tell):
            yield

    async def _tell(self, place: int, waiting: int) -> None:
        await self(self._method.response(queued=runs_pb2.Queued(place=place, waiting=waiting)))


def unreadable(row: RunRow) -> Problem:
    """Says why an adopted run is not carried on: its journal was written by another version, or spoiled."""
    message = f"What is kept of run {row.run} cannot be read by this version of the server."
    return problem(Code.DATA_LOSS, "RUN_UNREADABLE", message, "Start it again.", run=row.run)


def interrupted(row: RunRow) -> Problem:
    """Says why an adopted run is not carried on: it has taken too many processes down."""
    message = f"The server ended while it carried the run, {row.epoch} times in a row; the run is given up."
    remedy = "Start it again with a smaller target; what it announced so far stands in its events."
    return problem(Code.ABORTED, "RUN_INTERRUPTED", message, remedy, run=row.run, attempts=str(row.epoch))


def _not_begun(cancelled_by: tuple[str, str] | None) -> Problem:
    if cancelled_by is None or cancelled_by[0] == "shutdown":
        message = "The server ended before the run began."
        return Problem(Code.UNAVAILABLE, "NOT_SERVING", message, "Try again.", retry_after_seconds=1.0)
    return problem(Code.CANCELLED, "CANCELLED", "The run was cancelled before it began.")


def _too_long(seconds: float) -> Problem:
    message = f"The run took longer than its {seconds:g} s."
    remedy = "Ask for less (a smaller target or budget), or raise run_options.deadline or the server's run_seconds."
    return problem(Code.DEADLINE_EXCEEDED, "RUN_TIMEOUT", message, remedy, seconds=f"{seconds:g}")

"""Writes the events of all runs in group commits, and wakes their readers.

An event is durable before any reader sees it, so that a crash can neither lose nor change what was delivered. Events
that arrive while a commit is under way, or within `commit_seconds` of the last one, are committed together; a lone
event is committed at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from headwater.errors import Code, Problem, problem
from headwater.store import Append, Change, Create, EventRow, RunQuery, RunRow, State, Store

LOG = structlog.get_logger(__name__)

KEY_TAKEN = "IDEMPOTENCY_KEY_TAKEN"
"""Why a new run is lost: its key started another one a moment before."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two tries at a store that is away: doubled from the first to the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of a run's state that an event brings; `ended` and `error` go with a terminal state."""

    state: State
    ended: float = 0.0
    error: bytes = b""


class Log:
    """One run's events: what is written, what is committed, and the newest of them in memory.

    `row` is the run as it was last committed; `written` is the newest sequence handed to the journal.
    """

    __slots__ = ("_most", "_waiting", "fresh", "lost", "pending", "row", "turn", "window", "written")

    def __init__(self, row: RunRow, *, window: int, fresh: bool) -> None:
        """Opens the log of a new run (`fresh`: its row is yet to be created) or of one that was taken over."""
        self.row = row
        self.fresh = fresh
        self.written = row.last_sequence
        self.window: list[EventRow] = []  # a deque takes 600 bytes, however few they are
        self._most = window
        self.pending: list[EventRow] = []
        self.turn: Turn | None = None
        self.lost: Problem | None = None
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def committed(self) -> int:
        """The newest sequence that is durable."""
        return self.row.last_sequence

    def newest(self, after: int) -> Sequence[EventRow] | None:
        """Returns the committed events after a sequence, or None if memory no longer reaches back to it."""
        count = self.row.last_sequence - after
        if count <= 0:
            return ()
        if count > len(self.window):
            return None
        if count == 1:
            return (self.window[-1],)
        return tuple(self.window[-count:])

    def publish(self, append: Append) -> None:
        """Takes in what was committed, and wakes the readers."""
        self.fresh = False
        self.window += append.events
        del self.window[: -self._most]
        row = self.row
        self.row = replace(
            row,
            first_sequence=row.first_sequence or append.events[0].sequence,
            last_sequence=append.events[-1].sequence,
            state=append.state or row.state,
            ended=append.ended,
            error=append.error,
        )
        self.ring()

    async def changed(self, wait_seconds: float | None = None) -> bool:
        """Waits for the next commit; False if `wait_seconds` passed first."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._waiting.append(waiter)
        timer = None if wait_seconds is None else loop.call_later(wait_seconds, waiter.cancel)
        try:
            await waiter
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return False
        finally:
            if timer is not None:
                timer.cancel()
            if not waiter.done() or waiter.cancelled():
                self._waiting = [each for each in self._waiting if each is not waiter]
        return True

    async def settled(self) -> None:
        """Waits until all that was written is committed, or lost."""
        while self.committed < self.written and self.lost is None:
            await self.changed()

    def lose(self, failure: Problem) -> None:
        """Says that nothing more of the run is written here, and why."""
        self.lost = self.lost or failure
        self.ring()

    def ring(self) -> None:
        """Wakes everyone who waits for a change."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)


class Journal:
    """The one writer of a store's events in this process."""

    def __init__(
        self,
        store: Store,
        *,
        commit_seconds: float,
        max_pending: int,
        retry_seconds: float,
        observe: Callable[[int, float], None],
    ) -> None:
        """Writes to `store`, waiting up to `retry_seconds` for one that is away.

        `observe` is told the size and the seconds of each commit.
        """
        self._store = store
        self._commit_seconds = commit_seconds
        self._max_pending = max_pending
        self._retry_seconds = retry_seconds
        self._observe = observe
        self._dirty: dict[Log, None] = {}
        self._bell = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to commit."""
        self._task = asyncio.create_task(self._commit_forever(), name="journal")

    @property
    def alive(self) -> bool:
        """Whether events are still committed; once they are not, the server has to be started again."""
        return self._task is not None and not self._task.done()

    async def stopped(self) -> None:
        """Waits until the journal has stopped; raises the fault that stopped it, if one did."""
        if self._task is not None:
            await asyncio.wait([self._task])
            self._task.result()

    async def close(self) -> None:
        """Commits what is left and stops; a fault that stopped it before is for `stopped` to tell."""
        self._closing = True
        self._bell.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def put(self, log: Log, row: EventRow, turn: Turn | None = None) -> None:
        """Hands an event over, with the change of state that it brings.

        Waits while too many of the run's events are not yet committed. Raises the Problem of a lost log.
        """
        if log.lost is not None:
            raise log.lost
        log.pending.append(row)
        log.written = row.sequence
        log.turn = turn or log.turn
        self._dirty[log] = None
        self._bell.set()
        while log.written - log.committed > self._max_pending and log.lost is None:
            await log.changed()
        if log.lost is not None:
            raise log.lost

    async def _commit_forever(self) -> None:
        last = 0.0
        while self._dirty or not self._closing:
            await self._bell.wait()
            pause = last + self._commit_seconds - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            last = time.monotonic()
            await self._commit()

    async def _commit(self) -> None:
        self._bell.clear()
        batch, self._dirty = self._dirty, {}
        changes = {log: _changes(log) for log in batch if log.lost is None}
        if not changes:
            return
        began = time.perf_counter()
        try:
            made = iter(await self._store_all(changes))
        except Problem as failure:
            if failure.code is not Code.UNAVAILABLE:
                raise
            LOG.error(  # noqa: TRY400 — a Problem says it all
                "journal_unwritable", reason=failure.reason, runs=len(batch)
            )
            for log in changes:
                log.lose(failure)
            return
        count = 0
        for log, wanted in changes.items():
            results = [next(made) for _ in wanted]
            count += len(wanted[-1].events)
            _publish(log, wanted[-1], all(results))
        self._observe(count, time.perf_counter() - began)

    async def _store_all(self, changes: Mapping[Log, Sequence[Change]]) -> Sequence[bool]:
        """Commits the batch; while the store is away it waits and tries again, for `retry_seconds`.

        Raises the Problem that is not over by then. A change that was made by a try whose answer was lost counts.
        Any other fault ends the journal: what it would write after a store that answers nonsense is worth nothing.
        """
        flat = [change for each in changes.values() for change in each]
        until = time.monotonic() + self._retry_seconds
        pause = FIRST_PAUSE
        while True:
            try:
                made = await self._store.commit(flat)
                if pause == FIRST_PAUSE:
                    return made
                return [done or await self._was_made(change) for done, change in zip(made, flat, strict=True)]
            except Problem as failure:
                if failure.code is not Code.UNAVAILABLE or time.monotonic() + pause > until:
                    raise
                LOG.warning("journal_waits", reason=failure.reason, seconds=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _was_made(self, change: Change) -> bool:
        """Whether an earlier try made a change that is refused now: the run is as that change left it."""
        if not isinstance(change, Create | Append):
            return False
        name, epoch = (change.row.run, change.row.epoch) if isinstance(change, Create) else (change.run, change.epoch)
        rows = await self._store.runs(RunQuery(run=name, lean=True, limit=1))
        if not rows or rows[0].epoch != epoch:
            return False
        return isinstance(change, Create) or rows[0].last_sequence == change.events[-1].sequence


def _changes(log: Log) -> tuple[*tuple[Change, ...], Append]:
    events, turn = log.pending, log.turn
    log.pending, log.turn = [], None
    run, epoch = log.row.run, log.row.epoch
    if turn is None:
        append = Append(run=run, epoch=epoch, events=events)
    else:
        append = Append(run=run, epoch=epoch, events=events, state=turn.state, ended=turn.ended, error=turn.error)
    return (Create(row=log.row), append) if log.fresh else (append,)


def _publish(log: Log, append: Append, made: bool) -> None:
    if not made:
        reason = KEY_TAKEN if log.fresh else "RUN_TAKEN_OVER"
        log.lose(problem(Code.ABORTED, reason, "Another process carries this run on.", "Watch the run."))
        return
    log.publish(append)

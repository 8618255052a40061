"""Reads a run's events in order: from memory where it reaches back far enough, else from the store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from headwater.errors import Code, Problem, problem
from headwater.journal import Log
from headwater.methods import Method
from headwater.store import EventRow, RunQuery, RunRow, Store

TERMINAL = frozenset({"complete", "error", "cancelled"})
"""The kinds of event with which a run ends."""

PAGE = 500
"""Events that are read from the store at once."""


class Watch:
    """One reader of one run. A slow reader slows nobody: it holds a position, not a queue."""

    def __init__(
        self,
        *,
        store: Store,
        method: Method,
        row: RunRow,
        log: Log | None,
        after: int,
        poll_seconds: float,
        rejoin: Callable[[Watch], Log | None],
        leave: Callable[[Watch], Awaitable[None]],
    ) -> None:
        """Begins after a sequence. `log` is None if the run does not live in this process; `rejoin` asks again."""
        self.run = row.run
        self.method = method
        self.after = after
        self._store = store
        self._row = row
        self._log = log
        self._poll_seconds = poll_seconds
        self._rejoin = rejoin
        self._leave = leave
        self._closed = False
        self.ended = row.state.ended and after >= row.last_sequence

    @property
    def row(self) -> RunRow:
        """The run as it is known here."""
        return self._log.row if self._log is not None else self._row

    @property
    def behind(self) -> int:
        """How many committed events the reader has not read yet."""
        return max(0, self.row.last_sequence - self.after)  # the store may know of a commit before this process does

    async def read(self, wait_seconds: float | None = None) -> Sequence[EventRow]:
        """Returns the next events, at least one; () if `wait_seconds` passed without any, or once the run is read.

        Raises Problem UNAVAILABLE if the journal can no longer be written or read, and OUT_OF_RANGE if the reader
        was so slow that what it was to read next is no longer kept.
        """
        until = None if wait_seconds is None else time.monotonic() + wait_seconds
        while not self.ended:
            rows = await self._next()
            if rows:
                self.after = rows[-1].sequence
                self.ended = rows[-1].kind in TERMINAL
                return rows
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                return ()
            await self._changed(left)
        return ()

    async def close(self) -> None:
        """Leaves the run; its disconnect policy takes over if nobody else reads it."""
        if not self._closed:
            self._closed = True
            await self._leave(self)

    async def _next(self) -> Sequence[EventRow]:
        if self._log is not None:
            rows = self._log.newest(self.after)
            if rows is not None:
                return rows
        rows = await self._store.events(self.run, self.after, PAGE)
        if rows and rows[0].sequence != self.after + 1:
            raise cursor_too_old(self.run, self.after, rows[0].sequence)
        return rows

    async def _changed(self, wait_seconds: float | None) -> None:
        """Waits until there may be something new, and not for ever: for at most `wait_seconds`."""
        log = self._log
        if log is None:
            await self._poll(wait_seconds)
        elif log.lost is None:
            await log.changed(wait_seconds)
        elif log.lost.code is Code.ABORTED:
            self._log = None
        else:
            raise log.lost

    async def _poll(self, wait_seconds: float | None) -> None:
        """Looks at the store for a run that lives in another process."""
        await asyncio.sleep(self._poll_seconds if wait_seconds is None else min(self._poll_seconds, wait_seconds))
        self._log = self._rejoin(self)
        if self._log is not None:
            return
        rows = await self._store.runs(RunQuery(run=self.run, lean=True, limit=1))
        if not rows:
            raise cursor_too_old(self.run, self.after, self.after + 1)
        self._row = rows[0]
        if self.after + 1 < rows[0].first_sequence:
            raise cursor_too_old(self.run, self.after, rows[0].first_sequence)
        self.ended = rows[0].state.ended and self.after >= rows[0].last_sequence


async def kept_events(store: Store, run: str) -> AsyncGenerator[EventRow]:
    """Yields all events of a run that the store holds, in order."""
    after = 0
    while rows := await store.events(run, after, PAGE):
        for row in rows:
            yield row
        after = rows[-1].sequence


def cursor_too_old(run: str, after: int, oldest: int) -> Problem:
    """Refuses a cursor that lies before what is kept."""
    message = f"The journal of run {run} begins at sequence {oldest}; what follows {after} is no longer kept."
    remedy = f"Watch the run after {oldest - 1}, or start it again."
    return problem(Code.OUT_OF_RANGE, "CURSOR_TOO_OLD", message, remedy, run=run, oldest=str(oldest), after=str(after))


def cursor_ahead(run: str, after: int, newest: int) -> Problem:
    """Refuses a cursor that lies beyond what was written."""
    message = f"Run {run} has no event {after}: its newest is {newest}."
    return problem(
        Code.OUT_OF_RANGE, "CURSOR_AHEAD", message, f"Watch the run after {newest}.", run=run, newest=str(newest)
    )

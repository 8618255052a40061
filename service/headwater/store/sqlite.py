"""Keeps runs in one SQLite file, or in memory: the store of a single server.

One thread writes, others read; with the write-ahead log neither waits for the other. A commit survives the end of the
process at once; with synchronous=NORMAL the last ones may be lost, whole, if the machine itself goes down.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from headwater.errors import Code, problem
from headwater.store import Append, Change, Claim, Create, EventRow, Prune, Renew, RunQuery, RunRow
from headwater.store.batches import Written, check, gapless, segments
from headwater.store.files import Lock, lock_file, prepare_file
from headwater.store.lanes import Lane
from headwater.store.limits import Limits
from headwater.store.migrations import RECORD, RECORD_TABLE, RECORDED, SQLITE, pending
from headwater.store.pruning import prune
from headwater.store.queries import RENEW, event_row, find_events, find_runs, run_row

CREATE_RUN = """
INSERT INTO headwater_runs (run, method, owner, request_hash, idempotency_key, state, epoch, holder, created, ended,
                            lease_until, first_sequence, last_sequence, error)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
CREATE_REQUEST = "INSERT INTO headwater_requests (run, request) VALUES (?, ?)"
# What is NULL stays as it is: an append without events, or without a new state.
MOVE = """
UPDATE headwater_runs
SET first_sequence = CASE first_sequence WHEN 0 THEN coalesce(?1, 0) ELSE first_sequence END,
    last_sequence = coalesce(?2, last_sequence), state = coalesce(?3, state), ended = coalesce(?4, ended),
    error = coalesce(?5, error)
WHERE run = ?6 AND epoch = ?7 AND state < 3 AND last_sequence = coalesce(?1 - 1, last_sequence)
"""
WRITE_EVENT = "INSERT INTO headwater_events (run, sequence, kind, payload) VALUES (?, ?, ?, ?)"
CLAIM = """
UPDATE headwater_runs SET epoch = epoch + 1, holder = ?, lease_until = ? WHERE run = ? AND epoch = ? AND state < 3
"""
MEMORY = ":memory:"

T = TypeVar("T")


async def open_sqlite(path: Path | None, *, holder: str, limits: Limits) -> SqliteStore:
    """Opens the database in the file, or in memory without one, and brings its schema up to date."""
    lock = None
    if path is not None:
        await asyncio.to_thread(prepare_file, path)
        lock = await asyncio.to_thread(lock_file, path, holder)
    store = SqliteStore(path, lock, limits)
    try:
        await store.prepare()
    except BaseException:  # whatever stopped it, even a cancellation: the file must not stay locked
        await store.close()
        raise
    return store


class SqliteStore:
    """A Store on SQLite; made by `open_sqlite`."""

    def __init__(self, path: Path | None, lock: Lock | None, limits: Limits) -> None:
        self._name = MEMORY if path is None else str(path)
        self._lock = lock
        self._limits = limits
        connect = partial(_connect, self._name, limits)
        self._writer = Lane(connect, self._name)
        # A database in memory belongs to one connection, which then does both.
        count = limits.readers if path else 0
        self._readers = [Lane(connect, self._name) for _ in range(count)] or [self._writer]
        self._turns = itertools.cycle(self._readers)

    async def prepare(self) -> None:
        """Sets up a new database, or brings an older one up to date."""
        await self._writer.run(partial(_migrate, name=self._name))

    async def commit(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Makes the changes in order, in one transaction, and says of each whether it was made (False = refused)."""
        check(changes)
        made: list[bool] = []
        for segment in segments(changes):
            if isinstance(segment, Prune):
                await prune(self, segment, self._limits.prune_chunk)
                await self._shrink()
                made.append(True)
            else:
                made += await self._writer.run(partial(_commit, changes=segment))
        return made

    async def runs(self, query: RunQuery) -> list[RunRow]:
        """Returns the runs that the query asks for."""
        return [run_row(values) for values in await self.read(*find_runs(query))]

    async def events(self, run: str, after: int, limit: int) -> list[EventRow]:
        """Returns up to `limit` events with a sequence above `after`, in order."""
        return [event_row(values) for values in await self.read(*find_events(run, after, limit))]

    async def close(self) -> None:
        """Finishes what is under way and lets go of the database."""
        lock, self._lock = self._lock, None
        # The writer last: the connection that closes last copies the log into the database and removes it.
        for lane in {*self._readers} - {self._writer}:
            await lane.close()
        await self._writer.close()
        if lock:
            lock.release()

    async def read(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Returns the rows that a query brings."""
        return await next(self._turns).run(lambda connection: _fetch(connection, statement, values))

    async def write(self, statements: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Makes every statement for every row, in one transaction."""

        def work(connection: sqlite3.Connection) -> None:
            for statement in statements:
                connection.executemany(_placed(statement), rows)

        await self._writer.run(partial(_in_transaction, work=work))

    async def _shrink(self) -> None:
        """Gives free pages back to the file system, a few at a time, so that commits come in between."""
        vacuum = f"PRAGMA incremental_vacuum({self._limits.vacuum_pages:d})"
        left = -1
        while left:
            [(free,)] = await self._writer.run(lambda c: (_fetch(c, vacuum), _fetch(c, "PRAGMA freelist_count"))[1])
            # A database that was made without auto_vacuum keeps its free pages for later rows.
            left = 0 if free == left else free


def _commit(connection: sqlite3.Connection, *, changes: Sequence[Written]) -> list[bool]:
    return _in_transaction(connection, lambda c: [_make(c, change) for change in changes])


def _make(connection: sqlite3.Connection, change: Written) -> bool:
    """Makes one change. A refused one has touched nothing, so no savepoint is needed."""
    match change:
        case Append():
            return _append(connection, change)
        case Create(row=row):
            made = connection.execute(CREATE_RUN, _values(row)).rowcount == 1
            if made:
                connection.execute(CREATE_REQUEST, (row.run, row.request))
            return made
        case Claim(run=run, epoch=epoch, holder=holder, lease_until=lease_until):
            return connection.execute(CLAIM, (holder, lease_until, run, epoch)).rowcount == 1
        case Renew(holder=holder, lease_until=lease_until):
            connection.execute(_placed(RENEW), (holder, lease_until))
            return True


def _append(connection: sqlite3.Connection, change: Append) -> bool:
    events, state = change.events, change.state
    if not gapless(events):
        return False
    first, last = (events[0].sequence, events[-1].sequence) if events else (None, None)
    ended, error = (change.ended, change.error) if state and state.ended else (None, None)
    moved = connection.execute(MOVE, (first, last, state and int(state), ended, error, change.run, change.epoch))
    if moved.rowcount != 1:
        return False
    run = change.run
    connection.executemany(WRITE_EVENT, [(run, event.sequence, event.kind, event.payload) for event in events])
    return True


def _values(row: RunRow) -> tuple[str | int | float | bytes, ...]:
    return (
        *(row.run, row.method, row.owner, row.request_hash, row.idempotency_key, int(row.state), row.epoch, row.holder),
        *(row.created, row.ended, row.lease_until, row.first_sequence, row.last_sequence, row.error),
    )


def _in_transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = work(connection)
        connection.execute("COMMIT")
    except BaseException:  # nothing is caught for good: whatever it was, half a batch must not stay
        if connection.in_transaction:  # SQLite itself rolls back when the disk is full
            connection.execute("ROLLBACK")
        raise
    return done


def _connect(name: str, limits: Limits) -> sqlite3.Connection:
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=limits.busy_timeout)
    settings = (
        "auto_vacuum = INCREMENTAL",  # first of all: counts only for a database without tables
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"cache_size = -{limits.cache_kb:d}",  # negative: in KiB, not in pages
        f"wal_autocheckpoint = {limits.checkpoint_pages:d}",
        f"journal_size_limit = {limits.log_bytes:d}",
    )
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:  # the file is none of ours; the lane says so
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, *, name: str) -> None:
    tables = {table for (table,) in _fetch(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "headwater_schema" not in tables:
        raise problem(
            Code.FAILED_PRECONDITION,
            "STORE_FOREIGN",
            f"{name} is the database of another program.",
            "Name a file of its own for Headwater; it is created if it is not there.",
            database=name,
        )

    def work(connection: sqlite3.Connection) -> None:
        if not tables:
            connection.execute(RECORD_TABLE)
        [(found,)] = _fetch(connection, RECORDED)
        for step in pending(found or 0, SQLITE, name):
            for statement in step.statements:
                connection.execute(statement)
            connection.execute(_placed(RECORD), (step.number, step.title))

    _in_transaction(connection, work)


def _fetch(connection: sqlite3.Connection, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return connection.execute(_placed(statement), values).fetchall()


def _placed(statement: str) -> str:
    return statement.replace("$", "?")

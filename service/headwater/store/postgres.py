"""Keeps runs in Postgres: the store of any number of servers.

A commit is as few statements as its order allows, for the usual batch of appends a single one. The row of a run is
locked while it is changed, so of two servers that append to it one comes second, and is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from typing import Any

from headwater.errors import Code, Problem, problem
from headwater.store import Append, Change, Claim, Create, EventRow, Prune, Renew, RunQuery, RunRow
from headwater.store.batches import Written, check, gapless, segments, waves
from headwater.store.limits import Limits
from headwater.store.migrations import POSTGRES, RECORD, RECORD_TABLE, RECORDED, pending
from headwater.store.pool import BUSY, Connection, Pool, connect, disconnect, translating
from headwater.store.pruning import prune
from headwater.store.queries import RENEW, event_row, find_events, find_runs, run_row

CREATE = """
WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::bigint[],
        $8::bigint[], $9::text[], $10::float8[], $11::float8[], $12::float8[], $13::bigint[], $14::bigint[],
        $15::bytea[])
    AS wanted (run, method, owner, request, request_hash, idempotency_key, state, epoch, holder, created, ended,
        lease_until, first_sequence, last_sequence, error)
), created AS (
    INSERT INTO headwater_runs (run, method, owner, request_hash, idempotency_key, state, epoch, holder, created, ended,
        lease_until, first_sequence, last_sequence, error)
    SELECT run, method, owner, request_hash, idempotency_key, state, epoch, holder, created, ended,
        lease_until, first_sequence, last_sequence, error FROM wanted
    ON CONFLICT DO NOTHING RETURNING run
), requested AS (
    INSERT INTO headwater_requests (run, request) SELECT run, request FROM wanted JOIN created USING (run)
)
SELECT run FROM created
"""
# What is NULL stays as it is: an append without events, or without a new state. `at` counts the appends from 1.
APPEND = """
WITH moved AS (
    UPDATE headwater_runs AS held
    SET first_sequence = CASE held.first_sequence WHEN 0 THEN coalesce(wanted.first, 0) ELSE held.first_sequence END,
        last_sequence = coalesce(wanted.last, held.last_sequence), state = coalesce(wanted.state, held.state),
        ended = coalesce(wanted.ended, held.ended), error = coalesce(wanted.error, held.error)
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::float8[], $7::bytea[])
        WITH ORDINALITY AS wanted (run, epoch, first, last, state, ended, error, at)
    WHERE held.run = wanted.run AND held.epoch = wanted.epoch AND held.state < 3
        AND held.last_sequence = coalesce(wanted.first - 1, held.last_sequence)
    RETURNING held.run, wanted.at
), written AS (
    INSERT INTO headwater_events (run, sequence, kind, payload)
    SELECT moved.run, event.sequence, event.kind, event.payload
    FROM unnest($8::bigint[], $9::bigint[], $10::text[], $11::bytea[]) AS event (at, sequence, kind, payload)
    JOIN moved USING (at)
)
SELECT run FROM moved
"""
CLAIM = """
UPDATE headwater_runs AS held SET epoch = held.epoch + 1, holder = wanted.holder, lease_until = wanted.lease_until
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::float8[]) AS wanted (run, epoch, holder, lease_until)
WHERE held.run = wanted.run AND held.epoch = wanted.epoch AND held.state < 3
RETURNING held.run
"""
# Servers that start together make the schema one after the other; the number only has to be the same for all.
LOCK_SCHEMA = "SELECT pg_advisory_xact_lock(7522528461391099506)"
HAS_SCHEMA = "SELECT to_regclass('headwater_schema') IS NOT NULL"


async def open_postgres(url: str, *, shown: str, holder: str, limits: Limits) -> PostgresStore:
    """Connects to the database and brings its schema up to date. `shown` is the URL as messages may quote it."""
    pool = await connect(url, shown=shown, holder=holder, limits=limits)
    store = PostgresStore(pool, shown, limits)
    try:
        await store.prepare()
    except BaseException:  # whatever stopped it, even a cancellation: no connection must stay behind
        await store.close()
        raise
    return store


class PostgresStore:
    """A Store on Postgres; made by `open_postgres`."""

    def __init__(self, pool: Pool, shown: str, limits: Limits) -> None:
        self._pool = pool
        self._shown = shown
        self._limits = limits
        self._closed = False
        # A pool that closes turns away who waits for a connection, so `close` first waits until nobody does.
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def prepare(self) -> None:
        """Sets up a new database, or brings an older one up to date."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute(LOCK_SCHEMA)
            [[there]] = await connection.fetch(HAS_SCHEMA)
            if not there:
                await connection.execute(RECORD_TABLE)
            [[found]] = await connection.fetch(RECORDED)
            for step in pending(found or 0, POSTGRES, self._shown):
                for statement in step.statements:
                    await connection.execute(statement)
                await connection.execute(RECORD, step.number, step.title)

    async def commit(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Makes the changes in order, in one transaction, and says of each whether it was made (False = refused)."""
        check(changes)
        made: list[bool] = []
        for segment in segments(changes):
            if isinstance(segment, Prune):
                await prune(self, segment, self._limits.prune_chunk)
                made.append(True)
            else:
                made += await self._commit(segment)
        return made

    async def runs(self, query: RunQuery) -> list[RunRow]:
        """Returns the runs that the query asks for."""
        return [run_row(values) for values in await self.read(*find_runs(query))]

    async def events(self, run: str, after: int, limit: int) -> list[EventRow]:
        """Returns up to `limit` events with a sequence above `after`, in order."""
        return [event_row(values) for values in await self.read(*find_events(run, after, limit))]

    async def close(self) -> None:
        """Finishes what is under way and lets go of the database."""
        self._closed = True
        await self._idle.wait()
        await disconnect(self._pool, self._limits)

    async def read(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Returns the rows that a query brings."""
        async with self._connection() as connection:
            return await connection.fetch(statement, *values)

    async def write(self, statements: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Makes every statement for every row, in one transaction."""
        async with self._connection() as connection, connection.transaction():
            for statement in statements:
                await connection.executemany(statement, rows)

    async def _commit(self, changes: Sequence[Written]) -> list[bool]:
        """Makes the changes; once more if another server's transaction stood in the way and the database chose it."""
        for _ in range(self._limits.conflict_retries):
            try:
                return await self._try_commit(changes)
            except Problem as failure:
                if failure.reason != BUSY:
                    raise
        return await self._try_commit(changes)

    async def _try_commit(self, changes: Sequence[Written]) -> list[bool]:
        made = [False] * len(changes)
        statements = [places for wave in waves(changes) for places in wave.values()]
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(self._connection())
            if len(statements) > 1:  # one alone is a transaction already, without the round trips for BEGIN and COMMIT
                await stack.enter_async_context(connection.transaction())
            for places in statements:
                for place, done in zip(places, await _make(connection, [changes[p] for p in places]), strict=True):
                    made[place] = done
        return made

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Connection]:
        if self._closed:
            raise problem(Code.UNAVAILABLE, "STORE_CLOSED", "The store was closed.", "Try again after a restart.")
        self._under_way += 1
        self._idle.clear()
        try:
            with translating(self._shown):
                async with self._pool.acquire(timeout=self._limits.connect_timeout) as connection:
                    yield connection
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()


async def _make(connection: Connection, changes: Sequence[Written]) -> list[bool]:
    """Makes changes of one kind and of different runs in one statement."""
    match changes[0]:
        case Renew(holder=holder, lease_until=lease_until):
            await connection.execute(RENEW, holder, lease_until)
            return [True]
        case Append():
            appends = [change for change in changes if isinstance(change, Append)]
            rows = await connection.fetch(APPEND, *_append_values([each for each in appends if gapless(each.events)]))
            names = [append.run for append in appends]
        case Claim():
            claims = [change for change in changes if isinstance(change, Claim)]
            rows = await connection.fetch(CLAIM, *_columns(claims, ("run", "epoch", "holder", "lease_until")))
            names = [claim.run for claim in claims]
        case Create():
            created = [change.row for change in changes if isinstance(change, Create)]
            rows = await connection.fetch(CREATE, *_columns(created, [field.name for field in fields(RunRow)]))
            names = [row.run for row in created]
    done = {run for (run,) in rows}
    return [name in done for name in names]


def _append_values(appends: Sequence[Append]) -> list[list[Any]]:
    heads = [
        (
            *(append.run, append.epoch),
            *((append.events[0].sequence, append.events[-1].sequence) if append.events else (None, None)),
            append.state,
            *((append.ended, append.error) if append.state and append.state.ended else (None, None)),
        )
        for append in appends
    ]
    events = [
        (at, event.sequence, event.kind, event.payload)
        for at, append in enumerate(appends, start=1)
        for event in append.events
    ]
    return _turned(heads, 7) + _turned(events, 4)


def _columns(values: Sequence[object], names: Sequence[str]) -> list[list[Any]]:
    return [[getattr(value, name) for value in values] for name in names]


def _turned(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]

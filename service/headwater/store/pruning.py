"""Deletes what is older than asked, in transactions so small that no append waits long.

Only ended runs are touched, and those no longer change: what to delete can be read beforehand and outside the
transaction, and a Prune that was cut short or made twice does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from headwater.store import Prune

EXPIRED_EVENTS = """
SELECT ended, run, first_sequence, last_sequence FROM headwater_runs
WHERE state >= 3 AND ended < $1 AND (ended, run) > ($2, $3) AND first_sequence <= last_sequence
ORDER BY ended, run LIMIT $4
"""
DELETE_EVENTS = "DELETE FROM headwater_events WHERE run = $1 AND sequence <= $2"
# With every piece the row says truthfully which events are left.
MOVE_FIRST = "UPDATE headwater_runs SET first_sequence = CAST($2 AS BIGINT) + 1 WHERE run = $1 AND first_sequence <= $2"

EXPIRED_RUNS = """
SELECT run FROM headwater_runs WHERE state >= 3 AND ended < $1 AND first_sequence > last_sequence
ORDER BY ended, run LIMIT $2
"""
DELETE_REQUEST = "DELETE FROM headwater_requests WHERE run = $1"
DELETE_RUN = "DELETE FROM headwater_runs WHERE run = $1"


class Database(Protocol):
    """What pruning needs of a store."""

    async def read(self, statement: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Returns the rows that a query brings."""
        ...

    async def write(self, statements: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Makes every statement for every row, in one transaction."""
        ...


async def prune(database: Database, change: Prune, chunk: int) -> None:
    """Makes a Prune, at most `chunk` events or runs at a time."""
    # A run goes with its events: they are deleted first, and rows only where nothing is left.
    await _prune_events(database, max(change.events_before, change.runs_before), chunk)
    while expired := await database.read(EXPIRED_RUNS, [change.runs_before, chunk]):
        await database.write([DELETE_REQUEST, DELETE_RUN], [tuple(row) for row in expired])


async def _prune_events(database: Database, before: float, chunk: int) -> None:
    ended, run = float("-inf"), ""
    while expired := await database.read(EXPIRED_EVENTS, [before, ended, run, chunk]):
        for pieces in _pieces([(run, first, last) for _, run, first, last in expired], chunk):
            await database.write([DELETE_EVENTS, MOVE_FIRST], pieces)
        ended, run = expired[-1][0], expired[-1][1]


def _pieces(runs: Sequence[tuple[str, int, int]], chunk: int) -> Iterator[list[tuple[str, int]]]:
    """Yields lists of (run, last sequence to delete), each list good for at most `chunk` events."""
    pieces: list[tuple[str, int]] = []
    room = chunk
    for run, first, last in runs:
        gone = first - 1
        while gone < last:
            taken = min(room, last - gone)
            gone += taken
            room -= taken
            pieces.append((run, gone))
            if not room:
                yield pieces
                pieces, room = [], chunk
    if pieces:
        yield pieces

"""Says in SQL what both databases are asked alike, with numbered places ($1) for the values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from headwater.errors import invalid
from headwater.store import EventRow, RunQuery, RunRow, State

LARGEST = 2**63 - 1

# In all the SQL of this room `state < 3` means: has not ended (3 is State.COMPLETED). It is written out because a
# partial index is used only where the condition is literally its own.
RUNS = """
SELECT run, method, owner, {request}, request_hash, idempotency_key, state, epoch, holder, created, ended, lease_until,
       first_sequence, last_sequence, error
FROM {source} WHERE """
WHOLE = RUNS.format(request="request", source="headwater_runs JOIN headwater_requests USING (run)")
LEAN = RUNS.format(request="NULL", source="headwater_runs")

EVENTS = """
SELECT sequence, kind, payload FROM headwater_events WHERE run = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
"""

RENEW = "UPDATE headwater_runs SET lease_until = $2 WHERE holder = $1 AND state < 3"


def find_runs(query: RunQuery) -> tuple[str, list[str | int | float]]:
    """Returns the statement that answers the query, and its values."""
    narrowing: list[tuple[str, str | int | float | None]] = [
        ("run =", query.run or None),
        ("owner =", query.owner),
        ("idempotency_key <> '' AND idempotency_key =", query.idempotency_key or None),
        # The few open runs have an index; among the many ended ones the newest are soon found without.
        ("state < 3 AND state =" if query.state and not query.state.ended else "state =", query.state),
        ("method =", query.method or None),
        ("run <", query.before or None),
        ("state < 3 AND lease_until <", query.orphaned_at or None),
    ]
    used = [(condition, value) for condition, value in narrowing if value is not None]
    check_texts(value for _, value in used if isinstance(value, str))
    conditions = [f"{condition} ${place}" for place, (condition, _) in enumerate(used, start=1)]
    statement = (
        f"{LEAN if query.lean else WHOLE}{' AND '.join(conditions) or 'TRUE'} ORDER BY run DESC LIMIT ${len(used) + 1}"
    )
    return statement, [*(value for _, value in used), clamp(query.limit)]


def find_events(run: str, after: int, limit: int) -> tuple[str, list[str | int | float]]:
    """Returns the statement for a page of events, and its values."""
    check_texts([run])
    return EVENTS, [run, clamp(after), clamp(limit)]


def run_row(values: Sequence[Any]) -> RunRow:
    """Makes a RunRow of one row that `find_runs` brought."""
    run, method, owner, request, request_hash, key, state, epoch, holder, *times_and_numbers = values
    created, ended, lease_until, first_sequence, last_sequence, error = times_and_numbers
    return RunRow(
        run=run,
        method=method,
        owner=owner,
        request=request or b"",
        request_hash=request_hash,
        idempotency_key=key,
        state=State(state),
        epoch=epoch,
        holder=holder,
        created=created,
        ended=ended,
        lease_until=lease_until,
        first_sequence=first_sequence,
        last_sequence=last_sequence,
        error=error,
    )


def event_row(values: Sequence[Any]) -> EventRow:
    """Makes an EventRow of one row that `find_events` brought."""
    return EventRow(*values)


def check_texts(texts: Iterable[str]) -> None:
    """Refuses what not every database can hold: the NUL character, and halves of surrogate pairs."""
    for text in texts:
        if "\0" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)):
            raise invalid(
                "STORE_TEXT_INVALID",
                "text",
                f"A text holds a character that cannot be stored: {text[:40]!a}.",
                "Leave out NUL characters and lone surrogates.",
            )


def clamp(number: int) -> int:
    """Brings a number that came from outside into the range that both databases know."""
    return max(0, min(number, LARGEST))

"""Sorts the changes of one commit: what may share a transaction, and what may share a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from headwater.store import Append, Change, Claim, Create, EventRow, Prune, Renew
from headwater.store.queries import check_texts

Written: TypeAlias = Create | Append | Claim | Renew
Wave: TypeAlias = dict[type[Written], list[int]]


def segments(changes: Sequence[Change]) -> Iterator[Prune | list[Written]]:
    """Yields, in order, the changes that share a transaction, and each Prune alone.

    A Prune is a transaction of its own, or many: it may delete millions of events, and repeating it does no harm.
    """
    together: list[Written] = []
    for change in changes:
        if not isinstance(change, Prune):
            together.append(change)
            continue
        if together:
            yield together
            together = []
        yield change
    if together:
        yield together


def waves(changes: Sequence[Written]) -> list[Wave]:
    """Groups the changes into waves, each a map from kind to positions, with the effect of making them in order.

    No run is twice in a wave, so all changes of a kind can be one statement. What concerns other runs may overtake;
    a Renew may not (it concerns all runs), nor a Create of an id that the batch already named (its key may be taken
    by another Create in between).
    """
    found: list[Wave] = []
    floor = 0
    level_of: dict[str, int] = {}
    for position, change in enumerate(changes):
        if isinstance(change, Renew):
            level = floor = len(found)
            floor += 1
        else:
            run = change.row.run if isinstance(change, Create) else change.run
            if isinstance(change, Create) and run in level_of:
                floor = len(found)
            level = max(floor, level_of.get(run, 0))
            level_of[run] = level + 1
        if level == len(found):
            found.append({})
        found[level].setdefault(type(change), []).append(position)
    return found


def check(changes: Sequence[Change]) -> None:
    """Refuses texts that cannot be stored before anything of the batch is begun."""
    for change in changes:
        if isinstance(change, Create):
            row = change.row
            check_texts((row.run, row.method, row.owner, row.request_hash, row.idempotency_key, row.holder))


def gapless(events: Sequence[EventRow]) -> bool:
    """Whether the sequences of an append follow one another."""
    return all(event.sequence == sequence for sequence, event in enumerate(events, events[0].sequence if events else 0))

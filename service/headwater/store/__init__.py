"""Keeps what survives a crash: runs and their events.

A store is opened by URL (`sqlite:///path`, `sqlite://:memory:`, `postgresql://…`) with `open_store`. Everything that
changes goes through `commit`, a batch in one transaction; everything else is a query.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias


class State(enum.IntEnum):
    """Where a run stands, numbered as `RunState` on the wire."""

    QUEUED = 1
    RUNNING = 2
    COMPLETED = 3
    FAILED = 4
    CANCELLED = 5

    @property
    def ended(self) -> bool:
        """Whether the run has its terminal event."""
        return self >= State.COMPLETED


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run as it is kept.

    `epoch` is the fencing number: it grows each time that a process takes the run, and appends under an older one are
    refused. `error` is a serialized google.rpc.Status, empty unless the run failed. Times are seconds since 1970.
    """

    run: str
    method: str
    owner: str
    request: bytes
    request_hash: str
    idempotency_key: str = ""
    state: State = State.QUEUED
    epoch: int = 1
    holder: str = ""
    created: float = 0.0
    ended: float = 0.0
    lease_until: float = 0.0
    first_sequence: int = 0
    last_sequence: int = 0
    error: bytes = b""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it is kept: `kind` is the name of the oneof case, `payload` the serialized event message."""

    sequence: int
    kind: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Creates a run. Refused if the id exists, or if the owner already used the idempotency key."""

    row: RunRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Appends events to a run held under `epoch`, and sets its state if one is given.

    Refused (nothing of it happens) if the run is held under another epoch, has ended, or if the first sequence is not
    the one after the last. `ended` and `error` go with a terminal state.
    """

    run: str
    epoch: int
    events: Sequence[EventRow]
    state: State | None = None
    ended: float = 0.0
    error: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Takes a run over: refused unless its epoch is `epoch` and it has not ended; its epoch becomes `epoch + 1`."""

    run: str
    epoch: int
    holder: str
    lease_until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """Prolongs the lease of all runs of a holder that have not ended."""

    holder: str
    lease_until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prune:
    """Deletes ended runs with their events (`runs_before`) and the events of ended runs (`events_before`).

    Both are seconds since 1970, compared with the end of the run. A run whose events are gone keeps its row, with
    `first_sequence` past its `last_sequence`.
    """

    runs_before: float
    events_before: float


Change: TypeAlias = Create | Append | Claim | Renew | Prune


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """Which runs to return: newest first, at most `limit`; every field that is set narrows the answer.

    `before` is a run id: only runs with a smaller id (ids sort by time). `orphaned_at` asks for runs that have not
    ended and whose lease ended before that time.
    """

    run: str = ""
    owner: str | None = None
    idempotency_key: str = ""
    state: State | None = None
    method: str = ""
    before: str = ""
    orphaned_at: float = 0.0
    limit: int = 50
    lean: bool = False
    """Whether to leave `request` empty: it may be large, and few need it."""


class Store(Protocol):
    """Keeps runs and events. Safe to call from one event loop; every method may be awaited concurrently."""

    async def commit(self, changes: Sequence[Change]) -> Sequence[bool]:
        """Makes the changes in order, in one transaction, and says of each whether it was made (False = refused)."""
        ...

    async def runs(self, query: RunQuery) -> list[RunRow]:
        """Returns the runs that the query asks for."""
        ...

    async def events(self, run: str, after: int, limit: int) -> list[EventRow]:
        """Returns up to `limit` events with a sequence above `after`, in order."""
        ...

    async def close(self) -> None:
        """Finishes what is under way and lets go of the database."""
        ...


async def open_store(url: str, *, holder: str) -> Store:
    """Opens the store that the URL names. `holder` names this server to whoever meets its lock or connections."""
    from headwater.store.opening import open_store  # noqa: PLC0415 — the opening needs what stands above

    return await open_store(url, holder=holder)

"""Orchestrators: one file per RPC, the function named like the file.

A JOB is `async def generate_tests(request, emit, tools)`: it checks the request, emits its first event, takes its turn,
works, and emits `complete`. A Problem before the first event refuses the call; a later one ends the run with `error`.
A QUERY is `async def get_run(request, owner, desk)` and returns the response. A WATCH is
`def watch_run(request)` and returns the run's id and the sequence to begin after.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from google.protobuf.message import Message

from headwater.proof import Rung
from headwater.proof.checks import Check
from headwater.providers import Provider
from headwater.providers.make import Models
from headwater.providers.models import Model, Usage
from headwater.sandbox import Limits, Sandbox
from headwater.store import RunQuery, RunRow
from headwater.synthesis.project.files import File, Plan


class Emit(Protocol):
    """A run's end of the journal, as its orchestrator sees it."""

    @property
    def past(self) -> Sequence[Message]:
        """The events of earlier attempts, oldest first; empty unless the run was adopted after a crash."""
        ...

    @property
    def run(self) -> str:
        """The run's id."""
        ...

    @property
    def attempt(self) -> int:
        """Which process carries the run; 1 unless it was adopted after a crash."""
        ...

    @property
    def owner(self) -> str:
        """Whose run it is."""
        ...

    @property
    def accepted_at(self) -> float:
        """When the run was accepted, in seconds since 1970."""
        ...

    async def __call__(self, event: Message) -> None:
        """Numbers and journals an event. Waits while too many events are not yet committed."""
        ...

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Waits for a free slot of the machine, telling the run its place, and holds it."""
        ...


class Runs(Protocol):
    """What a QUERY may ask about runs. A run of another owner does not exist."""

    async def find(self, run: str, owner: str) -> RunRow:
        """Returns a run. Raises Problem NOT_FOUND `RUN_NOT_FOUND`."""
        ...

    async def list(self, query: RunQuery) -> Sequence[RunRow]:
        """Returns the runs that the query asks for, newest first."""
        ...

    async def events(self, run: str, owner: str) -> Sequence[Message]:
        """Returns the events of a run that are kept, oldest first. Raises Problem NOT_FOUND `RUN_NOT_FOUND`."""
        ...

    async def cancel(self, run: str, owner: str, reason: str) -> RunRow:
        """Cancels a run and returns it as it then is. Raises Problem NOT_FOUND `RUN_NOT_FOUND`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a QUERY may ask: the runs, and the vendors with the variables that hold their keys."""

    runs: Runs
    models: Models
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """Bounds of a job, from the settings. Sizes in bytes, times in seconds."""

    budget_seconds: float
    max_budget_seconds: float
    import_seconds: float
    test_seconds: float
    max_test_seconds: float
    max_attempts: int
    file_bytes: int
    unpacked_bytes: int
    files: int
    sandbox: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLimits:
    """Bounds of an analysis, from the settings. Sizes in bytes."""

    report_bytes: int
    """What one report may unpack to."""
    memory_bytes: int
    """Of the process in which it runs."""
    source_files: int
    gaps: int
    most_gaps: int
    weights: Mapping[str, float]
    """Of the terms of a gap's score, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What orchestrators work with; built once, by server.py."""

    sandbox: Sandbox
    provider: Callable[[Sequence[str], str], Provider]
    """Makes the provider of a run: its names in the order in which they are asked, and the caller on whose account."""
    model: Callable[[Sequence[str], str], Model]
    """Makes the model, or the chain of models, that vendors' names mean, on the account of a caller."""
    prove: Callable[[Sequence[File], Plan, str], AsyncGenerator[Rung]]
    """Proves a rendered project, as far as a level says: `fast` or `full`."""
    rehearse: Callable[[Sequence[File], Plan, Sequence[Check]], Awaitable[Rung]]
    """Runs checks on a project with a hook, in the sandbox, and returns the one that decided."""
    cost: Callable[[str, Usage], float | None]
    """Says what a model's answers cost, in USD; None where the price is not known."""
    limits: JobLimits
    coverage: CoverageLimits
    scratch: Path
    """A folder for what a run puts on disk."""
    allowed_roots: tuple[Path, ...]
    stage_seconds: Callable[[str, str, float], None]
    """Observes how long a stage of a method took."""

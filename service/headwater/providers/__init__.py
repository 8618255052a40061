"""Those who write tests: one file per provider, one line each in `PROVIDERS`.

A provider is asked with a `Task` and answers with a stream of `Delta`s: the text of a test module as it is being
written, and notes beside it. It never judges its own work: the pipeline cuts the text into tests and runs them.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from headwater.providers.models import Usage


class Explore(Protocol):
    """Runs a guest program beside the code under test, in the sandbox, and yields what it sends.

    The last item is always `{"event": "ended", "outcome": …, "detail": …, "output": …, "seconds": …}` with an outcome
    of `done`, `crashed`, `timeout`, `memory` or `output`. Closing the iterator kills the guest.
    """

    def __call__(
        self, program: Path, request: Mapping[str, Any], wall_seconds: float
    ) -> AsyncGenerator[dict[str, Any], None]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A test of an earlier attempt that was not accepted: its code and what became of it."""

    test_name: str
    code: str
    verdict: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to write tests for.

    `path` and `module` name the file under test as it is imported; lines count from 1, a branch is a pair
    (from line, to line) as coverage.py numbers arcs. `missing_*` are what no accepted test executes, in the first
    attempt what the import alone does not; None where nothing was measured. `taken_names` must not be used for new
    tests.
    """

    source: str
    path: str
    module: str
    symbols: tuple[str, ...] = ()
    line_range: tuple[int, int] | None = None
    test_type: str = "unit"
    model: str = ""
    seed: int = 0
    attempt: int = 1
    budget_seconds: float = 10.0
    executions: int = 0
    """Calls of the code under test that may be made; 0 for as many as the time allows."""
    target_count: int = 0
    missing_lines: tuple[int, ...] | None = None
    missing_branches: tuple[tuple[int, int], ...] | None = None
    failures: tuple[Failure, ...] = ()
    taken_names: frozenset[str] = frozenset()
    read: Callable[[str], str | None] | None = None
    """Reads another file of the code base by its path from the import root; None where only `source` is at hand."""
    explore: Explore


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a provider knows about a test function that its text does not say.

    `basis` is `characterization` or `contract`; `basis_detail` quotes the contract.
    """

    test_name: str
    symbol: str = ""
    basis: str = "characterization"
    basis_detail: str = ""
    edge_cases: tuple[str, ...] = ()
    distinct: bool = False
    """It was seen to show a behaviour of its symbol that no other test shows, whether or not it covers more."""
    lasting: bool = False
    """It shows what holds for every input, which no sample of mutants can judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a search has come: branches of the file reached so far, of how many, by how many executions."""

    branches_covered: int
    branches_total: int
    executions: int
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that was tried and never became text, and why.

    `verdict` is `useless`, `failed` for what is no code, or `suspected_bug` for what shows a bug: then `code` fails as
    long as the bug is there.
    """

    about: str
    reason: str
    code: str = ""
    verdict: str = "useless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """One step of an answer. `text` continues the module's text; notes come before or with the text they describe."""

    text: str = ""
    notes: tuple[Note, ...] = ()
    reached: Reached | None = None
    left_out: tuple[LeftOut, ...] = ()
    warning: str = ""
    stopped_by: str = ""
    """Set by the last delta where the provider itself knows why it ended: `budget`, `plateau` or `exhausted`."""
    whole: bool = False
    """Whether the text so far ends with a complete piece, which can be judged at once."""
    withdrawn: int = 0
    """So many characters at the end of the text so far are withdrawn, before `text`: a piece that was not finished."""
    restarted: str = ""
    """Says that somebody else goes on from here, and why; what was complete stays. Such a delta says nothing else."""
    usage: Usage | None = None
    """What the whole answer cost, in the last delta of a provider that asks a model."""
    model: str = ""
    """Who answered, `vendor:model`, in the last delta."""
    prompt_sha256: str = ""
    """The digest of all that a model was told, in the last delta."""


class Provider(Protocol):
    """Writes test modules."""

    def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Writes a module for the task. Raises Problem for what the vendor or the code under test refuses.

        The caller closes the iterator when it has enough; the provider then lets go of everything at once.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the table: where the provider's class is, and what its constructor is given."""

    target: str
    summary: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


PROVIDERS: Mapping[str, Entry] = {
    "embedded": Entry(
        target="headwater.providers.embedded:Embedded",
        summary="searches inputs in the sandbox and writes tests from what it saw; no key, no network",
    ),
    "scripted": Entry(
        target="headwater.providers.scripted:Scripted",
        summary="plays a recorded answer from the folder of scripts, at its recorded pace; for tests and benchmarks",
    ),
}


def make_provider(name: str, settings: Mapping[str, Any]) -> Provider:
    """Makes the provider called `name`, which is in the table."""
    entry = PROVIDERS[name]
    module, _, attribute = entry.target.partition(":")
    return getattr(importlib.import_module(module), attribute)(**entry.options, settings=settings)

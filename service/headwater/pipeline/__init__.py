"""The stages of one generation, from prompts to a test file that was run as a whole.

`generate` runs the stages over a `Job` and tells each `Step` as it happens. Nothing here knows the wire: rpc/ turns
steps into events.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from headwater.providers import Provider
from headwater.providers.models import Usage
from headwater.sandbox import Limits, Room

if TYPE_CHECKING:  # they build on the types below
    from headwater.pipeline.languages import Language

Arc: TypeAlias = tuple[int, int]
"""A branch: the line that decides and the line that is reached, as coverage.py numbers arcs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was executed of the file under test, of what there is."""

    statements: frozenset[int] = frozenset()
    branches: frozenset[Arc] = frozenset()
    lines: frozenset[int] = frozenset()
    taken: frozenset[Arc] = frozenset()

    @property
    def line(self) -> float:
        """Executed statements in percent."""
        return _percent(len(self.lines), len(self.statements))

    @property
    def branch(self) -> float:
        """Taken branches in percent."""
        return _percent(len(self.taken), len(self.branches))

    @property
    def combined(self) -> float:
        """Statements and branches together in percent, as coverage.py's total with branches."""
        return _percent(len(self.lines) + len(self.taken), len(self.statements) + len(self.branches))

    def plus(self, lines: frozenset[int], taken: frozenset[Arc]) -> Coverage:
        """Adds what another run executed."""
        return Coverage(
            statements=self.statements,
            branches=self.branches,
            lines=self.lines | (lines & self.statements),
            taken=self.taken | (taken & self.branches),
        )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test that was accepted. `lines` and `branches` are what none covers that was accepted earlier.

    `verdict` is good, or unverified where nothing could run it and only its syntax was checked.
    """

    name: str
    code: str
    symbol: str = ""
    basis: str = "characterization"
    basis_detail: str = ""
    edge_cases: tuple[str, ...] = ()
    assertions: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    branches: tuple[Arc, ...] = ()
    seconds: float = 0.0
    verdict: str = "good"
    framework: str = "pytest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A candidate that was left out. `verdict` is failed, flaky, useless, unsafe, timeout or suspected_bug."""

    name: str
    verdict: str
    reason: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What to write tests for, and when to stop."""

    source: str
    path: str
    """The file under test, relative to the folder on the import path."""
    file: str
    """The same as the sandbox sees it: absolute where it lies in a folder of the host, else like `path`."""
    module: str
    symbols: tuple[str, ...] = ()
    line_range: tuple[int, int] | None = None
    test_type: str = "unit"
    target_count: int = 0
    coverage_target: float = 0.0
    seed: int = 0
    budget_seconds: float = 10.0
    executions: int = 0
    """Calls of the module that a search may make in all attempts; where it is set, the clock is only in reserve."""
    test_seconds: float = 5.0
    import_seconds: float = 20.0
    max_attempts: int = 2
    mutant_seconds: float = 2.0
    """How long mutants of the module are tried, in an attempt, on tests that cover nothing new; 0 for not at all."""
    known: Callable[[Coverage], Coverage] | None = None
    """Adds to what the import executes what other tests are known to execute: only what is left is worth a test."""


def _python() -> Language:
    from headwater.pipeline.languages.python import PYTHON  # noqa: PLC0415 — it builds on the types of this file

    return PYTHON


@dataclass(slots=True, kw_only=True)
class Job:
    """One generation under way: the aim, the means, and what has come out so far."""

    aim: Aim
    provider_name: str
    model: str
    provider: Provider
    room: Room
    limits: Limits
    language: Language = field(default_factory=_python)
    attempt: int = 1
    header: str = ""
    imports: list[str] = field(default_factory=list[str])
    helpers: list[str] = field(default_factory=list[str])
    asserting: set[str] = field(default_factory=set[str])
    """Names of helpers that assert something for the tests that use them."""
    accepted: list[Case] = field(default_factory=list[Case])
    rejected: list[Rejected] = field(default_factory=list[Rejected])
    warned: str = ""
    """What the provider warned of last."""
    baseline: Coverage = field(default_factory=Coverage)
    coverage: Coverage = field(default_factory=Coverage)
    draft: str = ""
    output: str = ""
    read: Callable[[str], str | None] | None = None
    """Reads another file of the code base by its path from the import root."""
    usage: Usage = field(default_factory=Usage)
    answered_by: str = ""
    prompt_sha256: str = ""
    executions: int = 0
    candidates: int = 0
    stopped_by: str = ""
    sandbox_seconds: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict[str, float])
    began: float = field(default_factory=time.monotonic)

    @property
    def test_file(self) -> str:
        """The path of the test file from the import root."""
        return self.language.test_file(self.aim)

    @property
    def satisfied(self) -> str:
        """Which target has been reached: `target_count`, `coverage_target`, or none yet."""
        aim = self.aim
        if aim.target_count and len(self.accepted) >= aim.target_count:
            return "target_count"
        if aim.coverage_target and self.accepted and self.coverage.combined >= aim.coverage_target:
            return "coverage_target"
        return ""

    @property
    def executions_left(self) -> int:
        """What is left of the calls that a search may make; none is left of none."""
        return max(0, self.aim.executions - self.executions)

    @property
    def seconds_left(self) -> float:
        """What is left of the search budget."""
        return self.aim.budget_seconds - (time.monotonic() - self.began)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageBegan:
    """A stage began; `percent` of the whole run."""

    stage: str
    percent: float
    message: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Text of the draft, as it is written; `offset` in characters."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The whole draft of an attempt."""

    text: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What was written is withdrawn, up to the tests that were accepted."""

    scope: str
    attempt: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A test passed every gate; `count` is its number."""

    case: Case
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """How far the work has come; `percent` of the whole run."""

    percent: float
    message: str
    stage: str
    count: int
    total: int
    branches_covered: int
    branches_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something that the user should know."""

    reason: str
    message: str
    remedy: str = ""


Step: TypeAlias = StageBegan | Written | Drafted | Withdrawn | Accepted | Progressed | Warned
Tell: TypeAlias = Callable[[Step], Awaitable[None]]
Stage: TypeAlias = Callable[[Job, Tell], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What an adopted run had announced: the text of its drafts, and the accepted tests.

    `attempt` is the one that it was in: what was tried before is not tried again.
    """

    attempt: int = 1
    drafts: Sequence[str] = ()
    cases: Mapping[str, Case] = field(default_factory=dict[str, Case])

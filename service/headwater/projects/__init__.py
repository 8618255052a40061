"""Generates projects: requirements in, files and proof out, phase by phase.

`flow.generate` yields steps. The room knows no protobuf and no HTTP; what is read and rendered is the business of
`synthesis.project`, what is run that of `proof`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from headwater.proof import Rung
from headwater.providers.models import Usage
from headwater.synthesis.project.files import File, Hook, Options
from headwater.synthesis.project.schema import LAYOUT
from headwater.synthesis.project.spec import Spec


class Phase(enum.StrEnum):
    """The phases, in their order."""

    INITIALIZATION = "initialization"
    ANALYSIS = "analysis"
    COMPLEXITY = "complexity"
    DATABASE = "database"
    BACKEND = "backend"
    FRONTEND = "frontend"
    DEPLOYMENT = "deployment"
    PROOF = "proof"


SPANS: Mapping[Phase, tuple[float, float]] = {
    Phase.INITIALIZATION: (0.0, 10.0),
    Phase.ANALYSIS: (10.0, 20.0),
    Phase.COMPLEXITY: (30.0, 40.0),
    Phase.DATABASE: (50.0, 60.0),
    Phase.BACKEND: (60.0, 70.0),
    Phase.FRONTEND: (70.0, 80.0),
    Phase.DEPLOYMENT: (90.0, 95.0),
    Phase.PROOF: (95.0, 99.0),
}
"""Percent of the run at which each phase begins and ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for, read without a model. `previous` is what the project was generated from before, if it was."""

    name: str
    description: str
    requirements: str
    spec: Spec
    options: Options
    provider: str = "embedded"
    proof: str = "fast"
    previous: Previous | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A spec that a project was generated from, and the rules by which its tables were derived then."""

    spec: Spec
    layout: int = LAYOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What a project was generated from before: an edition, options, the ones before, the oldest first, and hooks."""

    edition: Edition
    options: Options
    earlier: tuple[Edition, ...] = ()
    hooks: tuple[Hook, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What earlier attempts of a run have done, before the process died."""

    done: frozenset[Phase] = frozenset()
    begun: Phase | None = None
    """The phase that was cut."""
    spec: Spec | None = None
    """What the analysis found, if it is done."""
    rungs: tuple[Rung, ...] = ()
    """What was proven, if the proof is done."""
    hooks: tuple[Hooked, ...] = ()
    """What was decided of hooks, in whichever phase the run was cut."""
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A phase began."""

    phase: Phase
    percent: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A phase has come so far."""

    phase: Phase
    percent: float
    message: str
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A phase is done; `data` is what it found, by the phase's own names."""

    phase: Phase
    percent: float
    message: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file was rendered. `change` is `added`, `changed` or `unchanged`, or empty where nothing is known of before."""

    phase: Phase
    file: File
    sha256: str
    size: int
    change: str = ""
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A file that the project had before is not rendered any more; `sha256` is that of its text as it was rendered."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A rung of the proof was tried."""

    rung: Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooked:
    """A hook was decided: it is kept, or it is left out for a `reason` in UPPER_SNAKE.

    A hook that is left out has no code, and those of its tests that were seen to fail without it, if any.
    """

    hook: Hook
    reason: str = ""
    message: str = ""
    attempts: int = 0
    """Answers of a model that it took."""

    @property
    def accepted(self) -> bool:
        """Whether it is kept."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What is done about hooks now; the phase tells how far it has come."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What answers of a model took."""

    model: str
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """What a phase streamed before the process died is withdrawn; the phase begins again."""

    phase: Phase
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something that the reader should know."""

    reason: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Everything is done: the files by path, the rungs, and the key that names these bytes."""

    success: bool
    message: str
    files: tuple[Written, ...]
    rungs: tuple[Rung, ...]
    key: str


Step: TypeAlias = Began | Moved | Done | Written | Removed | Tried | Hooked | Spent | Redone | Noted | Finished

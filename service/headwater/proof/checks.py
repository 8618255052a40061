"""Says what a rung of the ladder is before it is run: its name, its command, and how it comes to a finding."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from headwater.proof import Limits, Status, Subject, Tools
from headwater.proof.places import Done, Place
from headwater.synthesis.project.files import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a rung stands on. `seconds` is how long it may take at most."""

    plan: Plan
    subject: Subject
    tools: Tools
    limits: Limits
    place: Place
    seconds: float

    def at_most(self, seconds: float) -> float:
        """Returns a time for one program: what is asked for, or what is left."""
        return min(seconds, self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rung found; `said` is its evidence, and all that was said where no digest is given."""

    status: Status
    said: str = ""
    reason: str = ""
    exit_code: int | None = None
    sha256: str = ""
    artefacts: tuple[tuple[str, bytes], ...] = ()

    @property
    def digest(self) -> str:
        """The digest of all that was said; empty where nothing was."""
        return self.sha256 or (hashlib.sha256(self.said.encode()).hexdigest() if self.said else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rung that can be run."""

    name: str
    command: str
    run: Callable[[Ground], Awaitable[Finding]]
    fast: bool = False
    """Whether it belongs to the shorter proof."""


def not_run(reason: str, so_far: Finding | None = None) -> Finding:
    """Says that a rung was not run to its end, and why, with what it said `so_far`."""
    said, sha256 = (so_far.said, so_far.sha256) if so_far else ("", "")
    return Finding(status=Status.NOT_RUN, reason=reason, said=said, sha256=sha256)


def judged(done: Done, reason: str = "") -> Finding:
    """Takes the exit code of a program for the finding; `reason` says what a code other than 0 means."""
    passed = done.code == 0
    why = "" if passed else done.why or reason or f"it ended with exit code {done.code}"
    return Finding(
        status=Status.PASSED if passed else Status.FAILED,
        said=done.output,
        reason=why,
        exit_code=done.code,
        sha256=done.sha256,
    )


def listed(faults: list[str], passed: str) -> Finding:
    """Takes a list of faults for the finding; `passed` is the evidence where there are none."""
    if not faults:
        return Finding(status=Status.PASSED, said=passed)
    return Finding(status=Status.FAILED, said="\n".join(faults), reason=f"{len(faults)} faults, the first: {faults[0]}")

"""Proves that a rendered project works, by running it: a ladder of rungs, each with what was run and how it ended.

What could not be run is reported as not run, with the reason, and never as passed. Rendered code runs in the sandbox;
the few rungs that need what the sandbox refuses (sockets: a Postgres server, a browser) run outside of it only where
`Tools.outside` allows that.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from headwater.synthesis.project.files import File


class Extent(enum.StrEnum):
    """How much is proven: what runs in the sandbox within some seconds, or everything."""

    FAST = "fast"
    FULL = "full"


class Status(enum.StrEnum):
    """How a rung ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a proof. `command` is what a person types for the same in the folder of the project.

    `exit_code` is None where no program ran to its end. `evidence` is the end of what it said, `sha256` the digest of
    all of it; `artefacts` are files that it made, such as screenshots.
    """

    name: str
    command: str
    status: Status
    exit_code: int | None = None
    seconds: float = 0.0
    reason: str = ""
    evidence: str = ""
    sha256: str = ""
    artefacts: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where the programs are that a proof runs; a rung whose program is None is not run."""

    python: Path | None = None
    """An interpreter that has `headwater[projects]`, pytest and coverage; the service's own when None."""
    ruff: Path | None = None
    pyright: Path | None = None
    """The package of npm, a folder with `index.js`."""
    node: Path | None = None
    modules: Path | None = None
    """A `node_modules` with what rendered frontends stand on."""
    postgres: Path | None = None
    """The folder of initdb, pg_ctl and postgres."""
    chromium: Path | None = None
    outside: bool = False
    """Whether what the sandbox refuses may run without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a proof."""

    fast_seconds: float = 20.0
    """Of all rungs together, where the extent is FAST."""
    rung_seconds: float = 120.0
    """Of one program that a rung runs."""
    build_seconds: float = 240.0
    """Of one program that builds or checks a frontend."""
    least_seconds: float = 1.0
    """A rung with less than this left is not begun."""
    coverage_percent: int = 90
    examples: int = 10
    """Requests that are made up for each operation of the interface."""
    mutants: int = 6
    memory_bytes: int = 2 << 30
    conformance_memory_bytes: int = 8 << 30
    """Of the program that makes requests up: it keeps a validator for each of its schemas."""
    frontend_memory_bytes: int = 24 << 30
    """Of addresses, which V8 reserves and never uses."""
    processes: int = 128
    file_bytes: int = 256 << 20
    output_bytes: int = 1 << 20
    evidence_chars: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is proven: the files of a project, and how to render them once more, if that is known."""

    files: tuple[File, ...]
    again: Callable[[], Iterable[File]] | None = None

    def text(self, path: str) -> str | None:
        """Returns the text of a file."""
        return next((each.text for each in self.files if each.path == path), None)

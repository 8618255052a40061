"""What an analysis is asked for, and what it tells: values that cross from the worker's process to the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from headwater.coverage import Count

TERMS = ("crap", "callers", "critical", "changed", "churn", "risk")
"""The terms of a gap's score; each is a weight in the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A report on disk, of a known format."""

    path: Path
    name: str
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of an analysis. Percent from 0 to 100."""

    reports: tuple[ReportFile, ...]
    source: Path | None = None
    allowed: Path | None = None
    """The folder that nothing of the source may lead out of; `source` itself when absent."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    diff: str = ""
    max_gaps: int
    max_paths: int
    max_unmatched: int
    files: bool = False
    details: int = 0
    """Of how many files with gaps, those with the worst first, `Finished` holds what the reports say."""
    formula: str = ""
    """One of `headwater.coverage.totals.FORMULAS`; the reports' own way when empty."""
    suggest: bool = True
    weights: dict[str, float]
    """By term."""
    report_bytes: int
    """What one report may unpack to."""
    file_bytes: int
    """The largest source file that is looked into."""
    source_files: int
    """How many files of source are looked into."""
    scratch: Path
    """A folder for what does not fit in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """The work went on; `percent` is of the analysis and never falls."""

    kind: Literal["went"] = "went"
    percent: float
    message: str
    files: int
    total: int
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFound:
    """A file was read. `path` is in the source tree, or as reported."""

    kind: Literal["file"] = "file"
    path: str
    reported: str
    counts: dict[str, Count]
    missing: tuple[int, ...]
    covered: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of a score: its value from 0 to 1, its weight, and where it comes from."""

    name: str
    value: float
    weight: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A test that would close a gap, in words."""

    name: str
    call: str
    inputs: tuple[str, ...] = ()
    reaches: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Code that no test reaches."""

    kind: Literal["gap"] = "gap"
    id: str
    path: str
    first: int
    last: int
    type: str
    """`uncovered_function`, `uncovered_block`, `partial_branch`, `exception_handler` or `never_imported`."""
    severity: str
    """`critical`, `high`, `medium` or `low`."""
    score: float
    terms: tuple[Term, ...] = ()
    symbol: str = ""
    condition: str = ""
    never: str = ""
    missing_lines: int = 0
    missing_branches: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What was told of a file no longer holds: another part of the report speaks of it too."""

    kind: Literal["withdrawn"] = "withdrawn"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFound:
    """A way from an entry point to a risk, with too little coverage on it."""

    kind: Literal["path"] = "path"
    path: str
    impact: str
    why: str
    chain: tuple[str, ...]
    entry: str
    risk: str
    score: float
    line_percent: float
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something that the reader should know."""

    kind: Literal["noted"] = "noted"
    reason: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A file of a report that matches nothing in the source."""

    reported: str
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchFile:
    """What is covered of what a diff changes in one file."""

    path: str
    lines: Count
    branches: Count
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """What is covered of what a diff changes. `without_data` are changed files of code that no report speaks of."""

    files: tuple[PatchFile, ...] = ()
    without_data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What the reports say of one file: the lines that ran, and the arms of decisions by line and id."""

    path: str
    lines: tuple[int, ...]
    branches: dict[int, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The analysis is done. The gaps are the worst, the worst first."""

    kind: Literal["finished"] = "finished"
    overall: float
    formula: str
    counts: dict[str, Count]
    gaps: tuple[Gap, ...]
    total_gaps: int
    paths: tuple[PathFound, ...]
    patch: Patch | None = None
    formats: tuple[str, ...] = ()
    files: int = 0
    unmatched: tuple[Unmatched, ...] = ()
    total_unmatched: int = 0
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The analysis cannot go on; the parts of a Problem."""

    kind: Literal["refused"] = "refused"
    code: int
    reason: str
    message: str
    remedy: str = ""
    metadata: dict[str, str] = field(default_factory=dict[str, str])


Finding = Went | FileFound | Gap | Withdrawn | PathFound | Noted | Finished | Refused
Emit = Callable[[Finding], None]

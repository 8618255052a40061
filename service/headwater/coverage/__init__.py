"""Coverage: what reports say of each file, and what follows from it.

A format reads a report into `FileCoverage`, one file at a time and as a stream; everything above works on these values
and knows no format. Whatever a tool counts keeps its own unit, so that totals can equal those that the tool prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LINE_BOUND = 10_000_000
"""The highest line number that is believed."""


class Function(NamedTuple):
    """A function as a report names it. `last` is 0 where the report does not say; `hits` are its calls.

    A tuple, of which a large report's hundreds of thousands are made in a third of the time.
    """

    name: str
    first: int
    last: int = 0
    hits: int = 0


@dataclass(slots=True, kw_only=True)
class FileCoverage:
    """What reports say of one file. Lines count from 1; every count is at least 0."""

    path: str
    """As the report names it, with `/` between its parts; once it was found there, its place in the source."""
    reported: str = ""
    """As the report names it; empty while `path` is that."""
    lines: dict[int, int] = field(default_factory=dict[int, int])
    """Executable lines and how often each ran."""
    branches: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])
    """By the line of the decision: each arm by its id, and how often it was taken.

    An id is what the tool calls the arm (a target line such as `12`, `exit`, a block and branch such as `0,1`), so that
    the same arm has the same id in every report of that tool. Where the report only counts arms, they are `#0`, `#1` …
    and those that were taken come first.
    """
    functions: dict[str, Function] = field(default_factory=dict[str, Function])
    """By a key that is the same in every report of the tool."""
    units: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict[str, dict[str, tuple[int, int]]])
    """What the tool counts besides, by unit (`statements`, `instructions`, `classes`): key to (covered, all)."""
    excluded: frozenset[int] = frozenset()
    """Lines that the report says are not to be counted."""
    arcs: frozenset[tuple[int, int]] | None = None
    """Jumps that were seen (coverage.py; negative numbers enter and leave), where the report lacks the statements.

    Such a file is complete only once its source was read, by `headwater.coverage.completing.statements`.
    """
    needs_source: bool = False
    """Whether the report names only what ran, so that what did not is known from the source alone."""
    roots: tuple[str, ...] = ()
    """Folders that `path` may be relative to, as the report names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about a report that a reader should know and that did not stop the reading."""

    reason: str
    """UPPER_SNAKE_CASE and stable."""
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How much of something was covered."""

    covered: int = 0
    total: int = 0

    @property
    def percent(self) -> float:
        """100 where there is nothing to cover."""
        return 100.0 * self.covered / self.total if self.total else 100.0

    def plus(self, other: Count) -> Count:
        """Adds both up."""
        return Count(covered=self.covered + other.covered, total=self.total + other.total)

    def minus(self, other: Count) -> Count:
        """Takes the other away."""
        return Count(covered=self.covered - other.covered, total=self.total - other.total)


Counts = Mapping[str, Count]
"""By unit: `lines`, `branches` (arms), `functions`, and what the tool counts besides."""
Tell = Callable[[Note], None]

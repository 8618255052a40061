"""Counts what was covered, and computes percentages by the formulas that tools are known for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from headwater.coverage import Count, Counts, FileCoverage

PARTIAL = "whole_lines"
"""A unit that no report has and that a formula wants: lines that ran, with every branch of theirs taken."""


def count(file: FileCoverage) -> dict[str, Count]:
    """Counts a file, by unit."""
    hit = len(file.lines) - list(file.lines.values()).count(0)
    arms = [list(each.values()) for each in file.branches.values()]
    every = sum(map(len, arms))
    counts = {
        "lines": Count(covered=hit, total=len(file.lines)),
        "branches": Count(covered=every - sum(each.count(0) for each in arms), total=every),
    }
    if file.functions:
        called = sum(1 for each in file.functions.values() if each.hits)
        counts["functions"] = Count(covered=called, total=len(file.functions))
    for unit, parts in file.units.items():
        covered = sum(covered for covered, _ in parts.values())
        counts[unit] = Count(covered=covered, total=sum(total for _, total in parts.values()))
    partial = sum(1 for line, each in zip(file.branches, arms, strict=True) if 0 in each and file.lines.get(line))
    counts[PARTIAL] = Count(covered=hit - partial, total=len(file.lines))
    return counts


@dataclass(slots=True)
class Totals:
    """Adds files up, and takes one away again that turns out to be told in two parts."""

    counts: dict[str, Count] = field(default_factory=dict[str, Count])

    def add(self, counts: Counts) -> None:
        """Counts a file in."""
        for unit, each in counts.items():
            self.counts[unit] = self.counts.get(unit, Count()).plus(each)

    def remove(self, counts: Counts) -> None:
        """Takes a file out that was counted in."""
        for unit, each in counts.items():
            self.counts[unit] = self.counts.get(unit, Count()).minus(each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A way to compute one percentage of a whole."""

    title: str
    """In words, for an answer."""
    compute: Callable[[Counts], Count]


def total_of(counts: Counts, units: Iterable[str]) -> Count:
    """Adds units up."""
    whole = Count()
    for unit in units:
        whole = whole.plus(counts.get(unit, Count()))
    return whole


def _sonar(counts: Counts) -> Count:
    # (CT + CF + LC) / (2 × B + EL), where CT + CF are the arms that were taken and 2 × B all of them.
    return total_of(counts, ("branches", "lines"))


FORMULAS: Mapping[str, Formula] = {
    "lines": Formula(title="covered lines / lines", compute=lambda counts: total_of(counts, ("lines",))),
    "combined": Formula(
        title="(covered lines + taken branches) / (lines + branches), as coverage.py",
        compute=lambda counts: total_of(counts, ("lines", "branches")),
    ),
    "codecov": Formula(
        title="lines without a missed branch / lines, as Codecov", compute=lambda counts: total_of(counts, (PARTIAL,))
    ),
    "sonar": Formula(title="(CT + CF + LC) / (2 B + EL), as SonarQube", compute=_sonar),
}


def native(units: tuple[str, ...], tool: str) -> Formula:
    """The formula of a reports' own tool: the sum of the units that it counts."""
    shown = " + ".join(units)
    title = f"covered {shown} / {shown}" if len(units) == 1 else f"covered ({shown}) / ({shown})"
    return Formula(title=f"{title}, as {tool}", compute=lambda counts: total_of(counts, units))


def percent(part: Count) -> float:
    """Rounds towards zero to two places: what reads as a threshold has reached it."""
    return 10_000 * part.covered // part.total / 100 if part.total else 100.0

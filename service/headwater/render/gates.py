"""Judges whether coverage is what was asked for, by numbers that were never rounded up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from headwater.v1 import analyze_coverage_pb2 as pb

PLACES = Decimal("0.01")
"""Coverage is told to two places, rounded towards zero; a threshold of no more places is compared exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One threshold, and what became of it."""

    option: str
    """What asked for it, such as `--fail-under`."""
    met: bool
    message: str
    """What was reached, and how much is lacking, in one sentence."""


def judge(
    complete: pb.AnalyzeCoverageComplete, *, total: Decimal | None = None, patch: Decimal | None = None
) -> tuple[Gate, ...]:
    """Compares a result with the thresholds that are set, in percent with at most two places."""
    return tuple(_gates(complete, total, patch))


def floor(covered: int, total: int) -> Decimal:
    """Returns percent to two places, rounded towards zero, so that 100 means all; `total` is above 0."""
    return (Decimal(100 * covered) / Decimal(total)).quantize(PLACES, ROUND_FLOOR)


def _gates(complete: pb.AnalyzeCoverageComplete, total: Decimal | None, patch: Decimal | None) -> Iterator[Gate]:
    if total is not None:
        measured = any(each.total for each in complete.counts.values())
        reached = Decimal(str(complete.overall_coverage)).quantize(PLACES, ROUND_FLOOR) if measured else None
        yield _gate("--fail-under", "total coverage", reached, total, "the reports hold no line that could be covered")
    if patch is not None:
        yield _patch(complete.patch, patch)


def _patch(found: pb.PatchCoverage, wanted: Decimal) -> Gate:
    option = "--patch-fail-under"
    if found.lines.total:
        return _gate(option, "patch coverage", floor(found.lines.covered, found.lines.total), wanted, "")
    unknown = len(found.files_without_data)
    if unknown:
        files = "a changed file" if unknown == 1 else f"{unknown} changed files"
        return _gate(option, "patch coverage", None, wanted, f"the reports say nothing of {files} of code")
    # A change of documents or comments has nothing to cover, and is not held up.
    return Gate(option=option, met=True, message="patch coverage: the change has no line that could be covered")


def _gate(option: str, what: str, reached: Decimal | None, wanted: Decimal, unmeasured: str) -> Gate:
    asked = f"the {wanted.normalize():f}% of {option}"
    if reached is None:
        return Gate(option=option, met=False, message=f"{what} is not known ({unmeasured}), so {asked} is missed")
    if reached >= wanted:
        return Gate(option=option, met=True, message=f"{what} of {reached}% meets {asked}")
    lacking = (wanted - reached).quantize(PLACES, ROUND_CEILING)
    return Gate(option=option, met=False, message=f"{what} of {reached}% misses {asked} by {lacking} points")

"""Thresholds are met by what was measured, never by rounding, and never by nothing."""

from decimal import Decimal

import pytest

from headwater.render.gates import floor, judge
from headwater.v1 import analyze_coverage_pb2 as pb

from .analyses import count


def complete(
    overall: float = 0.0, lines: int = 10, patch: tuple[int, int] | None = None, unknown: int = 0
) -> pb.AnalyzeCoverageComplete:
    found = pb.AnalyzeCoverageComplete(overall_coverage=overall, counts={"lines": count(0, lines)})
    if patch is not None:
        found.patch.lines.CopyFrom(count(*patch))
        found.patch.files_without_data.extend(f"{number}.py" for number in range(unknown))
    return found


@pytest.mark.parametrize(
    ("overall", "wanted", "met"),
    [
        (85.0, "85", True),
        (84.99, "85", False),
        (84.99, "84.99", True),
        (99.99, "100", False),
        (100.0, "100", True),
        (0.0, "0", True),
    ],
)
def test_the_total_is_compared_exactly(overall: float, wanted: str, met: bool) -> None:
    """A hundredth of a point decides."""
    (gate,) = judge(complete(overall), total=Decimal(wanted))
    assert gate.met is met


@pytest.mark.parametrize(
    ("covered", "total", "wanted", "met"),
    [
        (84_999, 100_000, "85", False),
        (85_000, 100_000, "85", True),
        (999_999, 1_000_000, "100", False),
        (2, 3, "66.66", True),
        (2, 3, "66.67", False),
    ],
)
def test_the_patch_is_compared_unrounded(covered: int, total: int, wanted: str, met: bool) -> None:
    """84.999 is not 85, and 2 of 3 lines are not 66.67 percent."""
    (gate,) = judge(complete(patch=(covered, total)), patch=Decimal(wanted))
    assert gate.met is met


def test_what_is_lacking_is_told() -> None:
    """The sentence names what was reached, the option, and by how much it is missed, which is never nothing."""
    total, patch = judge(complete(84.99, patch=(84_999, 100_000)), total=Decimal(85), patch=Decimal("85.00"))
    assert total.message == "total coverage of 84.99% misses the 85% of --fail-under by 0.01 points"
    assert patch.message == "patch coverage of 84.99% misses the 85% of --patch-fail-under by 0.01 points"


def test_nothing_measured_meets_nothing() -> None:
    """Reports without a line that could be covered fail the gate, even one of 0, and say why."""
    (gate,) = judge(complete(100.0, lines=0), total=Decimal(0))
    assert not gate.met
    assert "no line that could be covered" in gate.message


def test_a_change_of_documents_is_not_held_up() -> None:
    """No changed line could be covered: met. Code that changed and that no report speaks of: not."""
    (gate,) = judge(complete(patch=(0, 0)), patch=Decimal(90))
    assert gate.met
    (gate,) = judge(complete(patch=(0, 0), unknown=2), patch=Decimal(90))
    assert not gate.met
    assert "2 changed files" in gate.message


def test_no_threshold_is_no_gate() -> None:
    """Nothing is judged that nobody asked for."""
    assert judge(complete(10.0, patch=(0, 5))) == ()


def test_percent_is_rounded_towards_zero() -> None:
    """100 means all."""
    assert [str(floor(*each)) for each in ((1, 3), (999_999, 1_000_000), (3, 3), (0, 3))] == [
        "33.33",
        "99.99",
        "100.00",
        "0.00",
    ]

"""Totals are added by unit, and each percentage is that of a formula that has a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.coverage import Count, FileCoverage, Function
from headwater.coverage.totals import FORMULAS, PARTIAL, Totals, count, native, percent

FILE = FileCoverage(
    path="a.py",
    lines={1: 1, 2: 3, 3: 1, 4: 0, 5: 0},
    branches={2: {"3": 1, "4": 0}, 3: {"5": 1, "exit": 2}, 4: {"5": 0, "6": 0}},
    functions={"f": Function(name="f", first=1, hits=2), "g": Function(name="g", first=4)},
    units={"instructions": {"1": (3, 4), "2": (0, 6)}},
)


def test_a_file_is_counted_by_unit() -> None:
    """A line that ran with an arm untaken is covered, and is no whole line."""
    assert count(FILE) == {
        "lines": Count(covered=3, total=5),
        "branches": Count(covered=3, total=6),
        "functions": Count(covered=1, total=2),
        "instructions": Count(covered=3, total=10),
        PARTIAL: Count(covered=2, total=5),
    }


@pytest.mark.parametrize(
    ("name", "covered", "total"), [("lines", 3, 5), ("combined", 6, 11), ("codecov", 2, 5), ("sonar", 6, 11)]
)
def test_formulas_are_those_of_their_tools(name: str, covered: int, total: int) -> None:
    """Each says in words what it computes."""
    assert FORMULAS[name].compute(count(FILE)) == Count(covered=covered, total=total)
    assert "/" in FORMULAS[name].title


def test_a_tool_s_own_formula_adds_what_it_counts() -> None:
    """Units that no file has count nothing."""
    formula = native(("instructions", "branches"), "JaCoCo")
    assert formula.title == "covered (instructions + branches) / (instructions + branches), as JaCoCo"
    assert formula.compute(count(FILE)) == Count(covered=6, total=16)
    assert native(("statements",), "nyc").compute(count(FILE)) == Count()


@pytest.mark.parametrize(
    ("covered", "total", "expected"),
    [(0, 0, 100.0), (0, 9, 0.0), (9, 9, 100.0), (1, 3, 33.33), (99_999, 100_000, 99.99), (1, 100_000, 0.0)],
)
def test_percent_is_rounded_towards_zero(covered: int, total: int, expected: float) -> None:
    """What reads as a threshold has reached it, so 100 means all; where there is nothing to cover, all of it is."""
    assert percent(Count(covered=covered, total=total)) == expected


FILES = st.builds(
    FileCoverage,
    path=st.just("a"),
    lines=st.dictionaries(st.integers(1, 30), st.integers(0, 2)),
    branches=st.dictionaries(st.integers(1, 30), st.dictionaries(st.sampled_from("abc"), st.integers(0, 1))),
)


@given(st.lists(FILES, min_size=1, max_size=6), st.data())
def test_a_file_that_is_taken_out_leaves_no_trace(files: list[FileCoverage], data: st.DataObject) -> None:
    """The sum is the same as if it had never been counted in; nothing covers more than there is."""
    gone = data.draw(st.integers(0, len(files) - 1))
    totals, others = Totals(), Totals()
    for number, file in enumerate(files):
        counts = count(file)
        assert all(0 <= each.covered <= each.total for each in counts.values())
        totals.add(counts)
        if number != gone:
            others.add(counts)
    totals.remove(count(files[gone]))
    for name, formula in FORMULAS.items():
        assert formula.compute(totals.counts) == formula.compute(others.counts), name

"""How much a gap matters is a weighted mean of terms that are known, and each term says where it comes from."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.coverage.findings import TERMS
from headwater.coverage.gaps import Hole
from headwater.coverage.gaps.severity import Context, band, crap, points, score

EVEN = dict.fromkeys(TERMS, 1.0)
KNOWN = Context(
    complexity=5,
    covered_percent=0,
    callers=4,
    rank=0.25,
    critical=True,
    changed=False,
    commits=3,
    most_commits=15,
    risks=(("money", 12, "stripe.Charge.create"),),
)


def hole(kind: str = "uncovered_block", first: int = 10, last: int = 20, lines: int = 4, arms: int = 0) -> Hole:
    return Hole(first=first, last=last, type=kind, missing_lines=lines, missing_branches=arms)


@pytest.mark.parametrize(
    ("complexity", "covered", "expected"),
    [(1, 1.0, 1.0), (1, 0.0, 2.0), (5, 0.0, 30.0), (10, 0.5, 22.5), (10, 1.0, 10.0), (30, 0.0, 930.0)],
)
def test_crap_is_that_of_its_authors(complexity: int, covered: float, expected: float) -> None:
    """complexity² × (1 − covered)³ + complexity; at no coverage, 30 is reached at a complexity of 5."""
    assert crap(complexity, covered) == expected


def test_the_score_is_the_weighted_mean_of_the_terms() -> None:
    """Every term is in the answer, with the value and the weight that went in, so that the sum can be checked."""
    weights = {"crap": 3.0, "callers": 1.0, "critical": 2.0, "changed": 2.0, "churn": 0.5, "risk": 1.5}
    severity, reached, terms = score(hole(), KNOWN, weights)
    assert {term.name: term.value for term in terms} == {
        "crap": 0.5,
        "callers": 0.5,
        "critical": 1.0,
        "changed": 0.0,
        "churn": 0.5,
        "risk": 1.0,
    }
    assert {term.name: term.weight for term in terms} == weights
    assert reached == pytest.approx(100 * (1.5 + 0.5 + 2 + 0.25 + 1.5) / 10)
    assert severity == "high"


def test_terms_say_where_they_come_from() -> None:
    """In words that a reader can check against the source."""
    _, _, terms = score(hole(), KNOWN, EVEN)
    assert {term.name: term.detail for term in terms} == {
        "crap": "complexity 5, 0 % covered: CRAP 30.0",
        "callers": "4 functions reach it; rank 0.25",
        "critical": "lies on a way from an entry point to a risk",
        "changed": "the diff leaves it alone",
        "churn": "its file changed 3 times, the busiest 15 times",
        "risk": "money: stripe.Charge.create (line 12)",
    }
    _, _, terms = score(
        hole(lines=1), Context(callers=1, critical=False, changed=True, commits=1, most_commits=1), EVEN
    )
    assert [term.detail for term in terms] == [
        "1 line and 0 arms missing",
        "1 function reaches it; rank 0.00",
        "lies on no critical path",
        "the diff touches it",
        "its file changed 1 time, the busiest 1 time",
    ]


def test_what_is_not_known_is_left_out() -> None:
    """Without source only the size counts: it is neither held against a gap nor for it that the rest is unknown."""
    severity, reached, terms = score(hole(lines=10, arms=2), Context(), EVEN)
    assert [(term.name, term.value) for term in terms] == [("crap", 0.5)]
    assert (severity, reached) == ("high", 50.0)
    assert [term.name for term in score(hole(), Context(commits=0, most_commits=0), EVEN)[2]] == ["crap"]


def test_a_term_without_weight_is_left_out() -> None:
    """A weight of nothing takes a term out of the answer; with none left the score is 0."""
    _, reached, terms = score(hole(), KNOWN, {**dict.fromkeys(TERMS, 0.0), "critical": 2.0})
    assert ([term.name for term in terms], reached) == (["critical"], 100.0)
    assert score(hole(), KNOWN, dict.fromkeys(TERMS, 0.0)) == ("low", 0.0, ())


@pytest.mark.parametrize(
    ("kind", "first", "last", "value", "detail"),
    [
        ("uncovered_block", 10, 20, 1.0, "money: pay (line 12)"),
        ("uncovered_block", 11, 11, 0.5, "money: pay (line 12)"),
        ("exception_handler", 13, 14, 0.6, "it handles an error"),
        ("exception_handler", 10, 14, 1.0, "money: pay (line 12)"),
    ],
)
def test_a_risk_counts_whole_inside_of_the_gap_and_half_beside_it(
    kind: str, first: int, last: int, value: float, detail: str
) -> None:
    """The worst counts; a handler of errors is a risk of its own."""
    context = Context(complexity=1, risks=(("file", 12, "open"), ("money", 12, "pay"), ("unheard", 12, "of")))
    risk = score(hole(kind, first, last), context, EVEN)[2][-1]
    assert (risk.name, risk.value, risk.detail) == ("risk", value, detail)


def test_no_risk_is_told_as_none() -> None:
    """Where the source was read and nothing is at risk, the term counts, as 0."""
    risk = score(hole(), Context(complexity=1), EVEN)[2][-1]
    assert (risk.name, risk.value, risk.detail) == ("risk", 0.0, "nothing at risk is seen")


@pytest.mark.parametrize(
    ("reached", "severity"),
    [(100, "critical"), (70, "critical"), (69.99, "high"), (45, "high"), (44.9, "medium"), (20, "medium"), (19, "low")],
)
def test_bands_begin_at_their_least_score(reached: float, severity: str) -> None:
    """Four severities, and 0 is the least."""
    assert band(reached) == severity
    assert band(0) == "low"


def test_more_of_anything_never_lowers_the_score() -> None:
    """More complexity, more callers, more commits, less coverage: each raises it."""
    steps = [
        (Context(complexity=2), Context(complexity=9)),
        (Context(complexity=9, covered_percent=90), Context(complexity=9, covered_percent=10)),
        (Context(callers=1), Context(callers=9)),
        (Context(callers=1), Context(callers=1, rank=0.9)),
        (Context(critical=False), Context(critical=True)),
        (Context(changed=False), Context(changed=True)),
        (Context(commits=1, most_commits=20), Context(commits=9, most_commits=20)),
        (Context(risks=(("file", 12, "open"),)), Context(risks=(("auth", 12, "login"),))),
    ]
    for less, more in steps:
        assert points(hole(), less, EVEN) < points(hole(), more, EVEN)


UNIT = st.floats(0, 1)


@given(
    st.builds(
        Context,
        complexity=st.none() | st.integers(1, 10_000),
        covered_percent=st.none() | st.floats(0, 100),
        callers=st.none() | st.integers(0, 10**6),
        rank=st.none() | UNIT,
        critical=st.none() | st.booleans(),
        changed=st.none() | st.booleans(),
        commits=st.none() | st.integers(0, 5000),
        most_commits=st.integers(0, 5000),
        risks=st.lists(st.tuples(st.sampled_from(["money", "file", "odd"]), st.integers(1, 30), st.text())).map(tuple),
    ),
    st.fixed_dictionaries({name: st.floats(0, 100) for name in TERMS}),
    st.sampled_from(["uncovered_block", "exception_handler", "partial_branch", "never_imported"]),
)
def test_any_score_lies_between_0_and_100(context: Context, weights: dict[str, float], kind: str) -> None:
    """Each value lies between 0 and 1, no term is told twice, and the score alone is the same as with its terms."""
    severity, reached, terms = score(hole(kind), context, weights)
    assert math.isfinite(reached)
    assert -1e-9 <= reached <= 100 + 1e-9
    assert all(0 <= term.value <= 1 and term.weight > 0 and term.detail for term in terms)
    assert len({term.name for term in terms}) == len(terms)
    assert {term.name for term in terms} <= set(TERMS)
    assert reached == points(hole(kind), context, weights)
    assert severity == band(reached)

"""Computes how much a gap matters, and says why: a weighted mean of terms, each from 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from headwater.coverage.findings import Term
from headwater.coverage.gaps import Hole

CRAP_BAD = 30.0
"""From here on a function counts as bad (Savoia and Evans, crap4j)."""
CALLERS_HALF = 4.0
"""So many callers make half of that term."""
LINES_HALF = 12.0
"""Without a complexity, so many missing lines make half of the first term."""
BANDS = (("critical", 70.0), ("high", 45.0), ("medium", 20.0))
"""The least score of each severity; what is below is `low`."""
RISKS = {
    "money": 1.0,
    "auth": 1.0,
    "deserialisation": 0.9,
    "subprocess": 0.9,
    "database": 0.8,
    "network": 0.6,
    "file": 0.5,
}
"""How much each kind of risk counts."""
HANDLES_ERROR = "exception_handler"
HANDLER = 0.6
"""How much it counts that code handles an error: it runs when something is wrong already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the place of a gap. None stands for what is not known, and leaves the term out."""

    complexity: int | None = None
    """McCabe's, of the enclosing function."""
    covered_percent: float | None = None
    """Covered lines of the enclosing function."""
    callers: int | None = None
    """Functions that reach it."""
    rank: float | None = None
    """Its place in the call graph, from 0 to 1."""
    critical: bool | None = None
    """Whether it lies on a way from an entry point to a risk."""
    changed: bool | None = None
    """Whether the diff touches it."""
    commits: int | None = None
    """How often its file changed lately."""
    most_commits: int = 0
    """How often the file did that changed most."""
    risks: tuple[tuple[str, int, str], ...] = ()
    """What the function puts at risk itself: the kind, the line, the text."""


def score(hole: Hole, context: Context, weights: Mapping[str, float]) -> tuple[str, float, tuple[Term, ...]]:
    """Returns the severity, the score from 0 to 100, and its terms.

    score = 100 × Σ weight × value / Σ weight, over the terms that are known.
    """
    reached = points(hole, context, weights)
    terms = tuple(
        Term(name=name, value=value, weight=weights[name], detail=_DETAILS[name](hole, context))
        for name, value in _values(hole, context)
        if weights.get(name, 0.0) > 0
    )
    return band(reached), reached, terms


def points(hole: Hole, context: Context, weights: Mapping[str, float]) -> float:
    """Returns the score alone: most gaps of a large report are not told, and need no words."""
    whole = reached = 0.0
    for name, value in _values(hole, context):
        weight = weights.get(name, 0.0)
        if weight > 0:
            whole += weight
            reached += weight * value
    return 100 * reached / whole if whole else 0.0


def band(points: float) -> str:
    """Names the severity of a score."""
    return next((name for name, least in BANDS if points >= least), "low")


def crap(complexity: int, covered: float) -> float:
    """Computes CRAP = complexity² × (1 − covered)³ + complexity; `covered` from 0 to 1 (Savoia and Evans, 2007)."""
    return complexity**2 * (1 - covered) ** 3 + complexity


def _values(hole: Hole, context: Context) -> list[tuple[str, float]]:
    """Returns the terms that are known, each from 0 to 1."""
    values = [("crap", _crap(hole, context))]
    if context.callers is not None:
        values.append(("callers", max(context.callers / (context.callers + CALLERS_HALF), context.rank or 0.0)))
    if context.critical is not None:
        values.append(("critical", float(context.critical)))
    if context.changed is not None:
        values.append(("changed", float(context.changed)))
    if context.commits is not None and context.most_commits:
        values.append(("churn", min(math.log1p(context.commits) / math.log1p(context.most_commits), 1.0)))
    if context.complexity is not None or context.risks or hole.type == HANDLES_ERROR:
        values.append(("risk", _worst_risk(hole, context)[0]))
    return values


def _crap(hole: Hole, context: Context) -> float:
    """Scales CRAP so that what counts as bad is 0.5, and 1 is far away; without a complexity, size stands for it."""
    if context.complexity is None:
        size = hole.missing_lines + hole.missing_branches
        return size / (size + LINES_HALF)
    value = crap(context.complexity, (context.covered_percent or 0.0) / 100)
    return value / (value + CRAP_BAD)


def _worst_risk(hole: Hole, context: Context) -> tuple[float, str]:
    """Finds the worst risk: one inside of the gap counts whole, one elsewhere in its function half."""
    found = [
        (RISKS.get(kind, 0.0) * (1.0 if hole.first <= line <= hole.last else 0.5), f"{kind}: {text} (line {line})")
        for kind, line, text in context.risks
    ]
    if hole.type == HANDLES_ERROR:
        found.append((HANDLER, "it handles an error"))
    return max(found, default=(0.0, "nothing at risk is seen"))


def _crap_detail(hole: Hole, context: Context) -> str:
    if context.complexity is None:
        return f"{_many(hole.missing_lines, 'line')} and {_many(hole.missing_branches, 'arm')} missing"
    covered = context.covered_percent or 0.0
    return (
        f"complexity {context.complexity}, {covered:.0f} % covered: CRAP {crap(context.complexity, covered / 100):.1f}"
    )


def _callers_detail(_: Hole, context: Context) -> str:
    plural = "function reaches" if context.callers == 1 else "functions reach"
    return f"{context.callers} {plural} it; rank {context.rank or 0:.2f}"


def _critical_detail(_: Hole, context: Context) -> str:
    return "lies on a way from an entry point to a risk" if context.critical else "lies on no critical path"


def _changed_detail(_: Hole, context: Context) -> str:
    return "the diff touches it" if context.changed else "the diff leaves it alone"


def _churn_detail(_: Hole, context: Context) -> str:
    return f"its file changed {_many(context.commits or 0, 'time')}, the busiest {_many(context.most_commits, 'time')}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


_DETAILS: Mapping[str, Callable[[Hole, Context], str]] = {
    "crap": _crap_detail,
    "callers": _callers_detail,
    "critical": _critical_detail,
    "changed": _changed_detail,
    "churn": _churn_detail,
    "risk": lambda hole, context: _worst_risk(hole, context)[1],
}
"""Where each term comes from, in words."""

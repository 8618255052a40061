"""Makes an AnalyzeCoverageRequest from keyword arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypedDict

from headwater.v1 import analyze_coverage_pb2 as pb
from headwater_client.fields import Form, enum_value, set_field

Report: TypeAlias = bytes | str | os.PathLike[str] | pb.CoverageReport
"""A report: its bytes, or the path of a file on the server under one of its allowed roots."""


class AnalyzeCoverageFields(TypedDict, total=False):
    """What `analyze_coverage` takes beside the reports. All optional; what is absent the server decides."""

    files: Mapping[str, str | bytes]
    """The code that was measured, by relative path."""
    archive: bytes
    """The code that was measured, as a zip or tar archive."""
    root: str | os.PathLike[str]
    """The code that was measured, as a folder on the server under one of its allowed roots."""
    path: str
    """Narrows the code to a folder in it."""
    python: str
    """The interpreter with the code's packages, on the server, for tests that are run."""
    include: str | Sequence[str]
    """Only files that match one of these patterns, such as `src/**/*.py`."""
    exclude: str | Sequence[str]
    """No file that matches one of these patterns."""
    target_coverage: float
    """The overall coverage that should be met, in percent."""
    framework: str
    """The test framework that suggestions are written for."""
    diff: str
    """A unified diff, for the coverage of what it changes."""
    git_range: str
    """A range of commits such as `main...HEAD`, instead of a diff; needs a `root` that is a git checkout."""
    max_gaps: int
    """The most gaps to tell, the worst of them."""
    max_critical_paths: int
    each_file: bool
    """Whether each file is told with its counts as it is read."""
    formula: Literal["lines", "combined", "codecov", "sonar"]
    """How `overall_coverage` is computed; the way of the reports' own tool when absent."""
    suggest: Literal["none", "outline", "verified"]
    """What gaps are suggested: nothing, tests in words, or besides tests that were run."""
    provider: str | Sequence[str]
    """Who writes the tests; several are asked in order."""
    suggest_budget: float
    """How long to work on tests, for all gaps together, in seconds."""
    seed: int
    weights: Mapping[str, float]
    """How much each term of a gap's score weighs: `crap`, `callers`, `critical`, `changed`, `churn`, `risk`."""
    idempotency_key: str
    """Two requests with the same key share one run; a random one when absent, so that a retry starts no second run."""
    on_disconnect: Literal["cancel", "detach"]
    """What becomes of the run when this client leaves."""
    detach_grace: float
    """How long a detached run goes on with nobody watching, in seconds."""
    deadline: float
    """The longest that the run may take, queueing included, in seconds."""


def analyze_coverage_request(
    reports: Report | Sequence[Report] | None, base: pb.AnalyzeCoverageRequest | None, fields: AnalyzeCoverageFields
) -> pb.AnalyzeCoverageRequest:
    """Makes the request: a copy of `base`, if given, with the fields set on top.

    Raises TypeError for a name that is no field, and HeadwaterError INVALID_ARGUMENT `ARGUMENT_INVALID` for a value
    that its field cannot hold.
    """
    return _FORM.request(base, {"reports": reports, **fields})


def _set_reports(request: pb.AnalyzeCoverageRequest, reports: Any) -> None:
    del request.reports[:]
    alone = isinstance(reports, bytes | str | os.PathLike | pb.CoverageReport)
    every: Sequence[Any] = [reports] if alone else reports
    for each in every:
        if isinstance(each, pb.CoverageReport):
            request.reports.add().CopyFrom(each)
        elif isinstance(each, bytes):
            request.reports.add(content=each)
        else:
            request.reports.add(path=os.fspath(each))


def _set_include(request: pb.AnalyzeCoverageRequest, patterns: Any) -> None:
    request.include[:] = [patterns] if isinstance(patterns, str) else patterns


def _set_exclude(request: pb.AnalyzeCoverageRequest, patterns: Any) -> None:
    request.exclude[:] = [patterns] if isinstance(patterns, str) else patterns


def _set_each_file(request: pb.AnalyzeCoverageRequest, each_file: Any) -> None:
    request.files = each_file


def _set_formula(request: pb.AnalyzeCoverageRequest, formula: Any) -> None:
    request.formula = enum_value(pb.CoverageFormula, "formula", formula)


def _set_suggest(request: pb.AnalyzeCoverageRequest, suggest: Any) -> None:
    request.suggest = enum_value(pb.SuggestMode, "suggest", suggest)


def _set_weights(request: pb.AnalyzeCoverageRequest, weights: Any) -> None:
    known = request.weights.DESCRIPTOR.fields_by_name
    for term, weight in dict(weights).items():
        if term not in known:
            raise ValueError(f"there is no term {term!r}")
        set_field(request.weights, term, weight)


_PATTERNS = 'Give a pattern such as "src/**/*.py", or a sequence of patterns.'

_FORM = Form(
    method="analyze_coverage",
    kind=pb.AnalyzeCoverageRequest,
    known=frozenset({"reports", *AnalyzeCoverageFields.__annotations__}),
    places=MappingProxyType(
        {
            **dict.fromkeys(("target_coverage", "framework", "diff", "git_range"), ""),
            **dict.fromkeys(("max_gaps", "max_critical_paths", "suggest_budget", "seed"), ""),
            "python": "source",
        }
    ),
    fillings=MappingProxyType(
        {
            "reports": (
                _set_reports,
                "Give the bytes of a report, the path of one on the server, a CoverageReport, or a sequence of these.",
            ),
            "include": (_set_include, _PATTERNS),
            "exclude": (_set_exclude, _PATTERNS),
            "each_file": (_set_each_file, "Give True or False."),
            "formula": (_set_formula, "Give the name of a formula, such as 'lines'."),
            "suggest": (_set_suggest, "Give 'none', 'outline' or 'verified'."),
            "weights": (_set_weights, "Give a mapping of the terms of a score to numbers, such as {'risk': 2}."),
        }
    ),
)

"""Checks an AnalyzeCoverage request and puts what it brings on disk, where the analysis reads it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from headwater.coverage.changes import read_diff
from headwater.coverage.changes.history import diff_of
from headwater.coverage.findings import TERMS, Question, ReportFile
from headwater.coverage.formats import detect, formats
from headwater.coverage.reports import Report
from headwater.coverage.suggestions.spelling import FRAMEWORKS
from headwater.errors import Problem, Violation, invalid
from headwater.providers.names import check_provider
from headwater.rpc import CoverageLimits, Tools
from headwater.rpc.fields import between, percentage
from headwater.rpc.suggesting import Order
from headwater.sources import SourceLimits, SourceRequest
from headwater.sources.host import find_file
from headwater.sources.trees import Tree, open_tree
from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1.generate_tests_pb2 import Source

MOST_REPORTS = 1_000
MOST_PATTERNS = 200
LONGEST_FRAMEWORK = 100
"""Characters of an unknown one that are shown."""
MOST_PATHS = 1_000
LONGEST_NAME = 1_000
"""Characters of a report's name, and of a pattern."""
PATHS = 20
DETAILS = 20
"""For so many files tests are suggested, at most."""
MOST_WEIGHT = 1_000.0
SKIPPABLE = frozenset({"REPORT_UNKNOWN", "REPORT_EMPTY", "REPORT_MALFORMED"})
"""What may be wrong with the beginning of one of several reports without refusing the request."""
FORMULAS = {
    pb.COVERAGE_FORMULA_UNSPECIFIED: "",
    pb.COVERAGE_FORMULA_LINES: "lines",
    pb.COVERAGE_FORMULA_COMBINED: "combined",
    pb.COVERAGE_FORMULA_CODECOV: "codecov",
    pb.COVERAGE_FORMULA_SONAR: "sonar",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request that was checked: the question, and what was wrong with reports that are left out."""

    question: Question
    order: Order | None
    """What tests are written with; None where none are asked for, or there is no source."""
    skipped: tuple[Problem, ...]
    size: int
    """Of the reports, in bytes."""


def check(request: pb.AnalyzeCoverageRequest, tools: Tools) -> None:
    """Raises Problem INVALID_ARGUMENT for the first field that is unusable; looks at no file."""
    limits = tools.coverage
    if not request.reports:
        remedy = "Send a report's bytes in reports[0].content, or its path on the server in reports[0].path."
        raise invalid("REPORT_NEEDED", "reports", "The request holds no report.", remedy)
    between("reports", len(request.reports), 1, MOST_REPORTS)
    for number, report in enumerate(request.reports):
        _check_report(report, f"reports[{number}]")
    percentage("target_coverage", request.target_coverage)
    between("max_gaps", request.max_gaps, 0, limits.most_gaps)
    between("max_critical_paths", request.max_critical_paths, 0, MOST_PATHS)
    _check_patterns("include", request.include)
    _check_patterns("exclude", request.exclude)
    if request.formula not in FORMULAS:
        raise invalid("FORMULA_UNKNOWN", "formula", f"There is no formula {request.formula}.", "See CoverageFormula.")
    if request.suggest not in pb.SuggestMode.values():
        raise invalid("SUGGEST_UNKNOWN", "suggest", f"There is no mode {request.suggest}.", "See SuggestMode.")
    if request.framework and request.framework.lower() not in FRAMEWORKS:
        message = f"Tests for {request.framework[:LONGEST_FRAMEWORK]!r} cannot be suggested."
        remedy = f"Use one of: {', '.join(sorted(FRAMEWORKS))}; or leave it out for the language's own."
        raise invalid("FRAMEWORK_UNKNOWN", "framework", message, remedy)
    _check_change(request)
    _budget(request, tools)
    for name in request.provider:
        check_provider(name)
    if request.suggest == pb.SUGGEST_MODE_VERIFIED and not _has_source(request.source):
        message = "Tests can only be run beside the source."
        raise invalid("SOURCE_NEEDED", "source", message, "Send the source, or leave suggest out.")
    _check_weights(request.weights)


def _check_change(request: pb.AnalyzeCoverageRequest) -> None:
    if request.diff and request.git_range:
        message = "The change is told twice: as a diff and as a range of commits."
        raise invalid("DIFF_AMBIGUOUS", "git_range", message, "Send one of them.")
    if request.git_range and not request.source.root:
        message = "A range of commits needs a checkout."
        raise invalid("SOURCE_NEEDED", "source.root", message, "Name the checkout in source.root, or send a diff.")


def _check_weights(weights: pb.SeverityWeights) -> None:
    for term in TERMS:
        weight = getattr(weights, term)
        if math.isnan(weight) or not 0 <= weight <= MOST_WEIGHT:
            remedy = f"Use a number from 0 to {MOST_WEIGHT:g}."
            raise invalid("OUT_OF_BOUNDS", f"weights.{term}", f"{weight:g} is no weight.", remedy)


def _check_patterns(field: str, patterns: Sequence[str]) -> None:
    between(field, len(patterns), 0, MOST_PATTERNS)
    for number, pattern in enumerate(patterns):
        between(f"{field}[{number}]", len(pattern), 1, LONGEST_NAME)


def _has_source(source: Source) -> bool:
    return bool(source.root or source.archive or source.files or source.HasField("content"))


def _check_report(report: pb.CoverageReport, field: str) -> None:
    between(f"{field}.name", len(report.name), 0, LONGEST_NAME)
    if report.content and report.path:
        message = "The report is told twice: as bytes and as a path."
        raise invalid("REPORT_AMBIGUOUS", f"{field}.path", message, "Send one of them.")
    if not report.content and not report.path:
        message = f"{report.name or 'The report'} is empty."
        raise invalid("REPORT_EMPTY", f"{field}.content", message, "Send its bytes in content, or name its path.")
    if report.format and report.format.lower() not in formats():
        message = f"{report.format[:100]!r} is no format that is read here."
        raise invalid("FORMAT_UNKNOWN", f"{field}.format", message, f"Use one of: {', '.join(sorted(formats()))}.")


def prepare(request: pb.AnalyzeCoverageRequest, tools: Tools, scratch: Path) -> Prepared:
    """Puts reports and source into `scratch` and tells the reports' formats; blocking.

    Raises Problem for a path that may not be read, a source that cannot be taken, and a lone report of no known format.
    """
    limits = tools.coverage
    found: list[ReportFile] = []
    skipped: list[Problem] = []
    for number, report in enumerate(request.reports):
        try:
            found.append(_report(report, number, tools.allowed_roots, scratch, limits))
        except Problem as problem:
            if len(request.reports) == 1 or problem.reason not in SKIPPABLE:
                raise
            skipped.append(problem)
    if not found:
        raise skipped[0]
    tree = open_tree(
        _source(request),
        limits=SourceLimits(
            file_bytes=tools.limits.file_bytes, total_bytes=tools.limits.unpacked_bytes, files=tools.limits.files
        ),
        allowed_roots=tools.allowed_roots,
        scratch=_folder(scratch, "source"),
    )
    question = Question(
        reports=tuple(found),
        source=tree.top if tree else None,
        allowed=tree.allowed if tree else None,
        include=tuple(request.include),
        exclude=tuple(request.exclude),
        diff=_diff(request, tree),
        max_gaps=request.max_gaps or limits.gaps,
        max_paths=request.max_critical_paths or PATHS,
        max_unmatched=limits.gaps,
        files=request.files,
        details=DETAILS if request.suggest == pb.SUGGEST_MODE_VERIFIED else 0,
        formula=FORMULAS[request.formula],
        suggest=request.suggest != pb.SUGGEST_MODE_NONE,
        weights=_weights(request.weights, limits),
        report_bytes=limits.report_bytes,
        file_bytes=tools.limits.file_bytes,
        source_files=limits.source_files,
        scratch=_folder(scratch, "spool"),
    )
    size = sum(each.path.stat().st_size for each in found)
    return Prepared(question=question, order=_order(request, tree, tools), skipped=tuple(skipped), size=size)


def _diff(request: pb.AnalyzeCoverageRequest, tree: Tree | None) -> str:
    """Returns the diff of the request or of its range of commits; one that cannot be read is refused here."""
    diff = diff_of(tree.top, request.git_range) if request.git_range and tree is not None else request.diff
    read_diff(diff)
    return diff


def _order(request: pb.AnalyzeCoverageRequest, tree: Tree | None, tools: Tools) -> Order | None:
    if request.suggest != pb.SUGGEST_MODE_VERIFIED or tree is None:
        return None
    return Order(
        tree=tree,
        providers=tuple(request.provider) or ("embedded",),
        budget_seconds=_budget(request, tools),
        seed=request.seed,
        python=request.source.python,
    )


def _budget(request: pb.AnalyzeCoverageRequest, tools: Tools) -> float:
    if not request.HasField("suggest_budget"):
        return tools.limits.budget_seconds
    seconds = request.suggest_budget.seconds + request.suggest_budget.nanos / 1e9
    most = tools.limits.max_budget_seconds
    if not 0 < seconds <= most:
        message = f"{seconds:g} s is outside what is allowed, which is more than none and up to {most:g} s."
        raise invalid("OUT_OF_BOUNDS", "suggest_budget", message, "Use a duration such as 30s.")
    return seconds


def _report(
    report: pb.CoverageReport, number: int, allowed_roots: Sequence[Path], scratch: Path, limits: CoverageLimits
) -> ReportFile:
    if report.path:
        path = find_file(report.path, f"reports[{number}].path", allowed_roots)
    else:
        path = _folder(scratch, "reports") / str(number)
        path.write_bytes(report.content)
    name = report.name or Path(report.path).name or f"report {number + 1}"
    opened = Report(path=path, name=name, most_bytes=limits.report_bytes)
    try:
        return ReportFile(path=path, name=name, format=report.format.lower() or detect(opened).name)
    except Problem as problem:
        field = f"reports[{number}].{'path' if report.path else 'content'}"
        raise replace(problem, violations=(Violation(field=field, description=str(problem)),)) from None


def _source(request: pb.AnalyzeCoverageRequest) -> SourceRequest:
    source = request.source
    return SourceRequest(
        path=source.path,
        content=source.content if source.HasField("content") else None,
        files={each.path: each.content for each in source.files},
        archive=source.archive,
        root=source.root,
    )


def _weights(given: pb.SeverityWeights, limits: CoverageLimits) -> dict[str, float]:
    return {term: getattr(given, term) if given.HasField(term) else limits.weights[term] for term in TERMS}


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir(exist_ok=True)
    return folder


def remove(scratch: Path) -> None:
    """Removes what was put on disk; blocking."""
    shutil.rmtree(scratch, ignore_errors=True)

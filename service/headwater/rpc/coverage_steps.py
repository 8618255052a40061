"""Translates what an analysis finds into events, and remembers what an earlier attempt has told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from headwater.coverage import Count
from headwater.coverage.findings import (
    FileFound,
    Finding,
    Finished,
    Gap,
    Noted,
    Patch,
    PathFound,
    Suggestion,
    Went,
    Withdrawn,
)
from headwater.coverage.totals import percent
from headwater.errors import Problem
from headwater.rpc import Emit
from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1 import runs_pb2

MOST = 2**31 - 1
"""What a count may be on the wire: sums of strangers' figures may be anything."""


class Findings:
    """Emits an event for each finding. Percent never falls; what was told before a crash is not told again."""

    def __init__(self, emit: Emit, *, share: float) -> None:
        """Emits through `emit`; the analysis is `share` (0 to 1) of the whole run."""
        self._emit = emit
        self._share = share
        past = [each for each in emit.past if isinstance(each, pb.AnalyzeCoverageEvent)]
        self._told = Counter(_key(each) for each in past)
        self._percent = max((each.progress.percent for each in past), default=0.0)

    async def tell(self, finding: Finding) -> None:
        """Emits the finding's event, unless an earlier attempt has."""
        event = self._event(finding)
        if event is not None:
            await self._once(event)

    async def _once(self, event: pb.AnalyzeCoverageEvent) -> None:
        key = _key(event)
        if key and self._told[key]:
            self._told[key] -= 1
        else:
            await self._emit(event)

    async def noted(self, failure: Problem, consequence: str) -> None:
        """Warns of something that went wrong and does not end the run."""
        message = f"{failure.message.rstrip('.')}. {consequence}"
        await self.tell(Noted(reason=failure.reason, message=message, remedy=failure.remedy))

    async def went(self, done: float, message: str, stage: str) -> None:
        """Tells progress after the analysis; `done` of what is left, from 0 to 1."""
        self._percent = max(self._percent, 100 * (self._share + (1 - self._share) * done))
        progress = pb.CoverageProgress(percent=self._percent, message=message, stage=stage)
        await self._emit(pb.AnalyzeCoverageEvent(progress=progress))

    async def tested(self, test: pb.SuggestedTestVerified) -> None:
        """Tells a test that was run, unless an earlier attempt has."""
        await self._once(pb.AnalyzeCoverageEvent(test=test))

    def _event(self, finding: Finding) -> pb.AnalyzeCoverageEvent | None:  # noqa: PLR0911 — one arm for each kind
        match finding:
            case Went():
                return pb.AnalyzeCoverageEvent(progress=self._progress(finding))
            case FileFound():
                return pb.AnalyzeCoverageEvent(file=pb.CoverageFileFound(file=_file(finding)))
            case Gap():
                return pb.AnalyzeCoverageEvent(gap=pb.GapFound(gap=gap_message(finding)))
            case PathFound():
                return pb.AnalyzeCoverageEvent(critical_path=path_message(finding))
            case Withdrawn():
                message = "The report speaks of it again; what it says is united."
                reset = runs_pb2.Reset(scope=f"file:{finding.path}", attempt=2, message=message)
                return pb.AnalyzeCoverageEvent(reset=reset)
            case Noted():
                warning = runs_pb2.Warning(reason=finding.reason, message=finding.message, remedy=finding.remedy)
                return pb.AnalyzeCoverageEvent(warning=warning)
            case _:
                return None

    def _progress(self, went: Went) -> pb.CoverageProgress:
        self._percent = max(self._percent, went.percent * self._share)
        return pb.CoverageProgress(
            percent=self._percent,
            message=went.message,
            files_analyzed=went.files,
            total_files=went.total,
            stage=went.stage,
        )


def _key(event: pb.AnalyzeCoverageEvent) -> str:  # noqa: PLR0911 — one arm for each kind of event
    """Names what an event tells, so that it is known again; empty for what may be told twice."""
    match event.WhichOneof("event"):
        case "file":
            return f"file:{event.file.file.file_path}"
        case "gap":
            return f"gap:{event.gap.gap.id}"
        case "critical_path":
            return f"path:{event.critical_path.path}"
        case "reset":
            return event.reset.scope
        case "test":
            return f"test:{event.test.file_path}:{event.test.test_case.test_name}"
        case "warning":
            return f"warning:{event.warning.reason}:{event.warning.message}"
        case _:
            return ""


def counts_message(counts: Mapping[str, Count]) -> dict[str, pb.CoverageCount]:
    """Puts counts on the wire."""
    return {unit: _count(each) for unit, each in counts.items()}


def gap_message(gap: Gap) -> pb.CoverageGap:
    """Puts a gap on the wire."""
    return pb.CoverageGap(
        file_path=gap.path,
        line_start=gap.first,
        line_end=gap.last,
        gap_type=gap.type,
        severity=gap.severity,
        score=round(gap.score, 2),
        terms=[
            pb.SeverityTerm(name=each.name, value=round(each.value, 4), weight=each.weight, detail=each.detail)
            for each in gap.terms
        ],
        symbol=gap.symbol,
        condition=gap.condition,
        never=gap.never,
        missing_lines=gap.missing_lines,
        missing_branches=gap.missing_branches,
        suggested_tests=[_suggestion(each) for each in gap.suggestions],
        changed=gap.changed,
        id=gap.id,
    )


def path_message(path: PathFound) -> pb.CriticalPath:
    """Puts a critical path on the wire."""
    return pb.CriticalPath(
        path=path.path,
        impact=path.impact,
        why=path.why,
        chain=path.chain,
        entry=path.entry,
        risk=path.risk,
        score=round(path.score, 2),
        line_coverage=round(path.line_percent, 2),
        gaps=path.gaps,
    )


def complete_message(finished: Finished, *, target: float, seconds: float) -> pb.AnalyzeCoverageComplete:
    """Makes the terminal event of an analysis."""
    counts, functions = finished.counts, finished.counts.get("functions")
    return pb.AnalyzeCoverageComplete(
        overall_coverage=finished.overall,
        formula=finished.formula,
        line_coverage=percent(counts.get("lines", Count())),
        branch_coverage=percent(counts.get("branches", Count())),
        function_coverage=percent(functions) if functions else None,
        counts=counts_message(counts),
        gaps=[gap_message(each) for each in finished.gaps],
        total_gaps=finished.total_gaps,
        critical_paths=[path_message(each) for each in finished.paths],
        patch=_patch(finished.patch) if finished.patch else None,
        target_coverage=target,
        target_met=finished.overall >= target,
        analysis_time_ms=round(seconds * 1000, 1),
        formats=finished.formats,
        total_files=finished.files,
        unmatched=[
            pb.UnmatchedFile(reported_path=each.reported, reason=each.reason, candidates=each.candidates)
            for each in finished.unmatched
        ],
        total_unmatched=finished.total_unmatched,
    )


def _file(file: FileFound) -> pb.CoverageFile:
    lines, branches = file.counts.get("lines", Count()), file.counts.get("branches", Count())
    return pb.CoverageFile(
        file_path=file.path,
        reported_path=file.reported,
        line_coverage=percent(lines),
        branch_coverage=percent(branches),
        combined_coverage=percent(lines.plus(branches)),
        counts=counts_message(file.counts),
        missing_lines=file.missing,
        covered_lines=file.covered,
    )


def _suggestion(suggestion: Suggestion) -> pb.SuggestedTest:
    return pb.SuggestedTest(
        name=suggestion.name, call=suggestion.call, inputs=suggestion.inputs, reaches=suggestion.reaches
    )


def _patch(patch: Patch) -> pb.PatchCoverage:
    lines = _sum([each.lines for each in patch.files])
    return pb.PatchCoverage(
        line_coverage=percent(lines),
        lines=_count(lines),
        branches=_count(_sum([each.branches for each in patch.files])),
        files=[
            pb.PatchFile(file_path=each.path, lines=_count(each.lines), missing_lines=each.missing)
            for each in patch.files
        ],
        files_without_data=patch.without_data,
    )


def _sum(counts: Sequence[Count]) -> Count:
    whole = Count()
    for each in counts:
        whole = whole.plus(each)
    return whole


def _count(count: Count) -> pb.CoverageCount:
    return pb.CoverageCount(covered=min(count.covered, MOST), total=min(count.total, MOST))

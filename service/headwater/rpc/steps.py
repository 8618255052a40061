"""Translates the pipeline's steps into events, and journaled events back into what a resumed pipeline needs."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, assert_never

from google.protobuf.message import Message

from headwater import pipeline
from headwater.pipeline import Arc, Case, Coverage, Job, Past, Step
from headwater.rpc import Emit
from headwater.v1 import generate_tests_pb2 as pb
from headwater.v1 import runs_pb2

VERDICTS = {
    "good": pb.VERDICT_GOOD,
    "failed": pb.VERDICT_FAILED,
    "flaky": pb.VERDICT_FLAKY,
    "useless": pb.VERDICT_USELESS,
    "unsafe": pb.VERDICT_UNSAFE,
    "timeout": pb.VERDICT_TIMEOUT,
    "unverified": pb.VERDICT_UNVERIFIED,
    "suspected_bug": pb.VERDICT_SUSPECTED_BUG,
}
BASES = {"characterization": pb.BASIS_CHARACTERIZATION, "contract": pb.BASIS_CONTRACT}
MOST_REJECTED = 200
"""Rejected candidates that `complete` names; a search may reject thousands."""


class Translator:
    """Emits an event for each step. Percent never falls, whatever order the steps come in."""

    def __init__(self, emit: Emit, stage_seconds: Callable[[str, str, float], None]) -> None:
        """Emits through `emit`; tells `stage_seconds` how long each stage took when the next one begins."""
        self.first_test_seconds = 0.0
        self._emit = emit
        self._stage_seconds = stage_seconds
        self._stage: tuple[str, float] | None = None
        # An event that is neither has a stage and a progress of 0 percent.
        told = [max(event.stage.percent, event.progress.percent) for event in _events(emit.past)]
        self._percent = max(told, default=0.0)

    async def tell(self, step: Step) -> None:
        """Emits the step's event."""
        if isinstance(step, pipeline.StageBegan):
            self._began(step.stage)
        if isinstance(step, pipeline.Accepted) and not self.first_test_seconds:
            self.first_test_seconds = time.time() - self._emit.accepted_at
        await self._emit(self._event(step))

    def _began(self, stage: str) -> None:
        now = time.monotonic()
        if self._stage is not None:
            self._stage_seconds("GenerateTests", self._stage[0], now - self._stage[1])
        self._stage = (stage, now)

    def _event(self, step: Step) -> pb.GenerateTestsEvent:  # noqa: PLR0911 — one arm for each kind of step
        match step:
            case pipeline.Written():
                return pb.GenerateTestsEvent(chunk=pb.Chunk(content=step.text, offset=step.offset))
            case pipeline.Progressed():
                return pb.GenerateTestsEvent(progress=self._progress(step))
            case pipeline.StageBegan():
                self._percent = max(self._percent, step.percent)
                stage = pb.Stage(stage=step.stage, percent=self._percent, message=step.message, attempt=step.attempt)
                return pb.GenerateTestsEvent(stage=stage)
            case pipeline.Drafted():
                return pb.GenerateTestsEvent(draft=pb.Draft(content=step.text, attempt=step.attempt))
            case pipeline.Accepted():
                return pb.GenerateTestsEvent(test=pb.Test(test_case=case_message(step.case), count=step.count))
            case pipeline.Withdrawn():
                reset = runs_pb2.Reset(scope=step.scope, attempt=step.attempt, message=step.message)
                return pb.GenerateTestsEvent(reset=reset)
            case pipeline.Warned():
                warning = runs_pb2.Warning(reason=step.reason, message=step.message, remedy=step.remedy)
                return pb.GenerateTestsEvent(warning=warning)
            case _:
                assert_never(step)

    def _progress(self, step: pipeline.Progressed) -> runs_pb2.Progress:
        self._percent = max(self._percent, step.percent)
        return runs_pb2.Progress(
            count=step.count,
            total=step.total,
            percent=self._percent,
            message=step.message,
            stage=step.stage,
            branches_covered=step.branches_covered,
            branches_total=step.branches_total,
        )


def case_message(case: Case) -> pb.TestCase:
    """Puts an accepted test on the wire."""
    return pb.TestCase(
        test_name=case.name,
        test_code=case.code,
        framework=case.framework,
        assertions=case.assertions,
        edge_cases=case.edge_cases,
        gain=pb.Gain(lines=case.lines, branches=_branches(case.branches)),
        verdict=VERDICTS[case.verdict],
        basis=BASES[case.basis],
        basis_detail=case.basis_detail,
        symbol=case.symbol,
        duration_ms=round(case.seconds * 1000, 3),
    )


def complete_event(job: Job, sha256: str, first_test_seconds: float, cost: float | None) -> pb.GenerateTestsEvent:
    """Makes the terminal event of a job that came to its end; `cost` is in USD."""
    tests = [case_message(case) for case in job.accepted]
    complete = pb.GenerateTestsComplete(
        success=bool(tests),
        tests=tests,
        total=len(tests),
        coverage_estimate=coverage_message(job.coverage, job.language.counted_by),
        language=job.language.name,
        lines=job.output.count("\n"),
        test_file_name=posixpath.basename(job.test_file),
        output=job.output,
        dropped=_most_telling(job.rejected),
        metadata=_metadata(job, sha256, first_test_seconds, cost),
    )
    return pb.GenerateTestsEvent(complete=complete)


def coverage_message(found: Coverage, formula: str) -> pb.CoverageEstimate:
    """Puts the coverage of the file under test on the wire."""
    return pb.CoverageEstimate(
        line=found.line,
        branch=found.branch,
        combined=found.combined,
        formula=formula,
        lines_covered=len(found.lines),
        lines_total=len(found.statements),
        branches_covered=len(found.taken),
        branches_total=len(found.branches),
        missing_lines=sorted(found.statements - found.lines),
        missing_branches=_branches(sorted(found.branches - found.taken)),
    )


def _most_telling(rejected: Sequence[pipeline.Rejected]) -> list[pb.Dropped]:
    """Puts what looks like a bug first, so that it is told whatever else there is."""
    first = sorted(rejected, key=lambda each: each.verdict != "suspected_bug")
    return [_dropped(each) for each in first[:MOST_REJECTED]]


def _dropped(each: pipeline.Rejected) -> pb.Dropped:
    return pb.Dropped(test_name=each.name, verdict=VERDICTS[each.verdict], reason=each.reason, test_code=each.code)


def _metadata(job: Job, sha256: str, first_test_seconds: float, cost: float | None) -> pb.GenerateTestsMetadata:
    return pb.GenerateTestsMetadata(
        provider=job.provider_name,
        model=job.model,
        attempts=job.attempt,
        seed=job.aim.seed,
        executions=job.executions,
        candidates=job.candidates,
        stopped_by=job.stopped_by,
        stage_seconds=job.stage_seconds,
        sandbox_seconds=round(job.sandbox_seconds, 3),
        first_test_seconds=round(first_test_seconds, 3),
        source_sha256=sha256,
        answered_by=job.answered_by,
        prompt_sha256=job.prompt_sha256,
        usage=_usage(job) if job.answered_by else None,
        cost_usd=cost,
    )


def _usage(job: Job) -> pb.TokenUsage:
    usage = job.usage
    return pb.TokenUsage(
        input=usage.input,
        cached=usage.cached,
        output=usage.output,
        reasoning=usage.reasoning,
        estimated=usage.estimated,
    )


def _branches(arcs: Iterable[Arc]) -> list[pb.Branch]:
    return [pb.Branch(from_line=start, to_line=end) for start, end in arcs]


def past_of(events: Sequence[Message]) -> Past:
    """Reads what an adopted run had announced: the text of its drafts, its tests, and in which attempt it was."""
    drafts: list[str] = [""]
    attempt = 1
    cases: dict[str, Case] = {}
    for event in _events(events):
        match event.WhichOneof("event"):
            case "chunk":
                drafts[-1] = drafts[-1][: event.chunk.offset] + event.chunk.content
            case "draft" | "reset":
                drafts.append("")
            case "test":
                case = _case(event.test.test_case)
                cases[case.name] = case
            case "stage":
                attempt = max(attempt, event.stage.attempt)
            case _:
                continue
    return Past(attempt=attempt, drafts=[text for text in drafts if text], cases=cases)


def _case(message: pb.TestCase) -> Case:
    bases = {value: name for name, value in BASES.items()}
    return Case(
        name=message.test_name,
        code=message.test_code,
        symbol=message.symbol,
        basis=bases.get(message.basis, "characterization"),
        basis_detail=message.basis_detail,
        edge_cases=tuple(message.edge_cases),
        verdict="good" if message.verdict == pb.VERDICT_GOOD else "unverified",
        framework=message.framework,
    )


def _events(events: Any) -> Iterable[pb.GenerateTestsEvent]:
    return events

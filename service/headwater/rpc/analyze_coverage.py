"""AnalyzeCoverage: from reports to gaps, critical paths and what to do about them."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from math import ceil
from pathlib import Path

from headwater.coverage.findings import Finding, Finished, Question
from headwater.coverage.running import run
from headwater.errors import Code, problem
from headwater.rpc import Emit, Tools
from headwater.rpc.coverage_requests import Prepared, check, prepare, remove
from headwater.rpc.coverage_steps import Findings, complete_message
from headwater.rpc.coverage_tests import Writing, add_suggested
from headwater.rpc.suggesting import measured
from headwater.v1 import analyze_coverage_pb2 as pb

ANALYSIS_SHARE = 0.5
"""Of the run's percent, where tests are written after the analysis."""


async def analyze_coverage(request: pb.AnalyzeCoverageRequest, emit: Emit, tools: Tools) -> None:
    """Reads the reports and streams gaps as they are found, critical paths, and the sum.

    Whoever hears the sum may rely on it that nothing of what was sent is left on the disk.
    """
    check(request, tools)
    scratch = Path(tempfile.mkdtemp(dir=tools.scratch))
    try:
        complete = await _work(request, emit, tools, scratch)
    finally:
        await asyncio.shield(asyncio.to_thread(remove, scratch))
    await emit(pb.AnalyzeCoverageEvent(complete=complete))


async def _work(
    request: pb.AnalyzeCoverageRequest, emit: Emit, tools: Tools, scratch: Path
) -> pb.AnalyzeCoverageComplete:
    """Streams what is found, and returns the sum."""
    began = time.monotonic()
    prepared = await asyncio.to_thread(prepare, request, tools, scratch)
    if not emit.past:
        await emit(_start(prepared))
    verified = request.suggest == pb.SUGGEST_MODE_VERIFIED
    findings = Findings(emit, share=ANALYSIS_SHARE if verified else 1.0)
    for each in prepared.skipped:
        await findings.noted(each, "It is left out.")
    async with emit.turn():
        finished = await _analyse(prepared.question, findings.tell, request.framework, tools)
        analyzed = time.monotonic()
        suggested, after = (), None
        if verified and prepared.order is not None:
            writer = Writing(findings, prepared, tools, owner=emit.owner)
            suggested = await writer.write(finished)
            if suggested:
                again = measured(prepared.question, suggested)
                after = await _analyse(again, _untold, request.framework, tools)
    complete = complete_message(finished, target=request.target_coverage, seconds=analyzed - began)
    add_suggested(complete, suggested, after)
    return complete


async def _analyse(
    question: Question, tell: Callable[[Finding], Awaitable[None]], framework: str, tools: Tools
) -> Finished:
    memory = tools.coverage.memory_bytes
    async with aclosing(run(question, framework=framework, memory_bytes=memory)) as found:
        async for each in found:
            if isinstance(each, Finished):
                return each
            await tell(each)
    raise problem(Code.UNKNOWN, "ANALYSIS_DIED", "The analysis ended without a sum.", "Try again.")


def _start(prepared: Prepared) -> pb.AnalyzeCoverageEvent:
    reports = prepared.question.reports
    start = pb.AnalyzeCoverageStart(
        reports=[each.name for each in reports],
        formats=[each.format for each in reports],
        size_kib=ceil(prepared.size / 1024),
        source=prepared.question.source is not None,
    )
    return pb.AnalyzeCoverageEvent(start=start)


async def _untold(finding: Finding) -> None:
    """Tells nothing: what the second look finds was told by the first."""
    del finding

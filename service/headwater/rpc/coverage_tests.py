"""Puts the tests that close gaps on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from headwater.coverage.findings import Finished
from headwater.errors import Problem
from headwater.pipeline import Case
from headwater.rpc import Tools
from headwater.rpc.coverage_requests import Prepared
from headwater.rpc.coverage_steps import Findings
from headwater.rpc.steps import case_message, coverage_message
from headwater.rpc.suggesting import Suggested, Suggesting
from headwater.v1 import analyze_coverage_pb2 as pb


class Writing:
    """Writes tests for the worst gaps and tells them as they come."""

    def __init__(self, findings: Findings, prepared: Prepared, tools: Tools, *, owner: str) -> None:
        """Tells through `findings`; works on the account of `owner`."""
        self._findings = findings
        self._prepared = prepared
        self._tools = tools
        self._owner = owner
        self._numbers = count(1)

    async def write(self, finished: Finished) -> Sequence[Suggested]:
        """Writes tests for the gaps of the analysis; the files that got some."""
        assert self._prepared.order is not None
        suggesting = Suggesting(
            self._prepared.order,
            self._tools,
            owner=self._owner,
            announce=self._announce,
            doing=self._doing,
            failed=self._failed,
        )
        return await suggesting.write(finished)

    async def _announce(self, path: str, case: Case, gaps: tuple[str, ...]) -> None:
        test = pb.SuggestedTestVerified(
            file_path=path, gaps=gaps, test_case=case_message(case), count=next(self._numbers)
        )
        await self._findings.tested(test)

    async def _doing(self, number: int, files: int, path: str) -> None:
        await self._findings.went(number / files, f"Writing tests of {path}", "suggest")

    async def _failed(self, path: str, failure: Problem) -> None:
        await self._findings.noted(failure, f"No test of {path} is suggested.")


def add_suggested(complete: pb.AnalyzeCoverageComplete, suggested: Sequence[Suggested], after: Finished | None) -> None:
    """Adds the tests to the sum: to the gaps that they make smaller, and as files."""
    gaps = {gap.id: gap for gap in complete.gaps}
    for each in suggested:
        for case in each.job.accepted:
            for gap in each.closes.get(case.name, ()):
                gaps[gap].suggested_tests.append(_verified(case))
        job = each.job
        complete.suggested_files.add(
            file_path=each.path,
            test_file_name=job.test_file,
            content=job.output,
            before=coverage_message(each.before, job.language.counted_by),
            after=coverage_message(job.coverage, job.language.counted_by),
        )
    if after is not None:
        complete.coverage_after = after.overall


def _verified(case: Case) -> pb.SuggestedTest:
    reached = [f"line {line}" for line in case.lines] + [f"{first} to {last}" for first, last in case.branches]
    return pb.SuggestedTest(name=case.name, call=case.symbol, reaches=", ".join(reached), code=case.code, verified=True)

"""Writes tests for the worst gaps of an analysis, runs them, and measures what they gain."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from headwater.coverage.findings import Detail, Finished, Gap, Question, ReportFile
from headwater.errors import Problem
from headwater.pipeline import Accepted, Aim, Case, Coverage, Job, Step
from headwater.pipeline.flow import generate
from headwater.rpc import Tools
from headwater.rpc.rooms import room_of
from headwater.sandbox import Workspace
from headwater.sources import SourceLimits, SourceRequest, SourceTree, load_source
from headwater.sources.beside import reader_of
from headwater.sources.trees import Tree

SECONDS_FOR_A_FILE = 1.0
"""Less than this is too little to write tests of a file."""
REPORT = "suggested.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to write tests with: the tree, who writes, for how long in all, and the interpreter."""

    tree: Tree
    providers: tuple[str, ...]
    budget_seconds: float
    seed: int
    python: str


@dataclass(slots=True, kw_only=True)
class Suggested:
    """The tests of one file: the job that wrote them, and what was covered before."""

    path: str
    job: Job
    before: Coverage
    sha256: str = ""
    closes: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The gaps that each test makes smaller, by the test's name."""


Announce = Callable[[str, Case, tuple[str, ...]], Awaitable[None]]
"""Tells a test: the file, the test, and the ids of the gaps that it makes smaller."""
Doing = Callable[[int, int, str], Awaitable[None]]
"""Tells which file of how many is worked on."""
Failed = Callable[[str, Problem], Awaitable[None]]
"""Tells that no test of a file could be written, and why."""


class Suggesting:
    """Goes through the files with the worst gaps, one after the other."""

    def __init__(
        self, order: Order, tools: Tools, *, owner: str, announce: Announce, doing: Doing, failed: Failed
    ) -> None:
        """Works with what `order` says, on the account of `owner`; tells each test the moment it was run."""
        self._owner = owner
        self._order = order
        self._tools = tools
        self._announce = announce
        self._doing = doing
        self._failed = failed

    async def write(self, finished: Finished) -> Sequence[Suggested]:
        """Writes tests for the gaps of the analysis; the files that got some."""
        details = [each for each in finished.details if each.path.endswith(".py")]
        most = max(1, int(self._order.budget_seconds / SECONDS_FOR_A_FILE))
        details = details[:most]
        found: list[Suggested] = []
        for number, detail in enumerate(details):
            await self._doing(number, len(details), detail.path)
            gaps = [gap for gap in finished.gaps if gap.path == detail.path]
            try:
                written = await self._file(detail, gaps, self._order.budget_seconds / len(details))
            except Problem as problem:
                await self._failed(detail.path, problem)
                continue
            if written.job.accepted:
                found.append(written)
        return found

    async def _file(self, detail: Detail, gaps: Sequence[Gap], seconds: float) -> Suggested:
        tree = await asyncio.to_thread(self._load, detail.path)
        tools, order = self._tools, self._order
        provider = await asyncio.to_thread(tools.provider, order.providers, self._owner)
        workspace = Workspace(python=tree.python, roots=tree.roots, files=tree.files)
        async with room_of(tools.sandbox.room(workspace)) as room:
            name, _, model = order.providers[0].partition(":")
            job = Job(
                aim=self._aim(tree, detail, seconds),
                provider_name=name,
                model=model,
                provider=provider,
                room=room,
                limits=tools.limits.sandbox,
                read=reader_of(tree, tools.limits.file_bytes),
            )
            written = Suggested(path=detail.path, job=job, before=Coverage(), sha256=tree.sha256)
            await generate(job, partial(self._tell, written, gaps))
        written.before = job.baseline
        return written

    def _load(self, path: str) -> SourceTree:
        tools, order = self._tools, self._order
        bounds = SourceLimits(file_bytes=tools.limits.file_bytes, files=tools.limits.files)
        request = SourceRequest(root=str(order.tree.top), path=path, python=order.python)
        roots = (order.tree.allowed, *tools.allowed_roots)
        return load_source(request, limits=bounds, allowed_roots=roots)

    def _aim(self, tree: SourceTree, detail: Detail, seconds: float) -> Aim:
        limits = self._tools.limits
        return Aim(
            source=tree.text,
            path=tree.path,
            file=str(tree.roots[0] / tree.path),
            module=tree.module,
            seed=self._order.seed,
            budget_seconds=seconds,
            test_seconds=limits.test_seconds,
            import_seconds=limits.import_seconds,
            max_attempts=limits.max_attempts,
            known=partial(known, detail),
        )

    async def _tell(self, written: Suggested, gaps: Sequence[Gap], step: Step) -> None:
        if isinstance(step, Accepted):
            closes = tuple(gap.id for gap in gaps if _closes(step.case, gap))
            written.closes[step.case.name] = closes
            await self._announce(written.path, step.case, closes)


def known(detail: Detail, imported: Coverage) -> Coverage:
    """Adds what the reports say was executed to what the import alone executes.

    The arms of a decision are told by the lines that they lead to. A report that names only the arms that were missed
    says as much of the others; where it names none, and not all were taken, none is counted. A report without arms says
    of a jump only that both of its ends ran.
    """
    lines = frozenset(detail.lines)
    return imported.plus(lines, frozenset(arc for arc in imported.branches if _taken(arc, detail, lines)))


def _taken(arc: tuple[int, int], detail: Detail, lines: frozenset[int]) -> bool:
    first, last = arc
    arms = detail.branches.get(first)
    if arms is None:
        return not detail.branches and first in lines and (last < 0 or last in lines)
    if all(arms.values()):
        return True
    missed = {arm for arm, hits in arms.items() if not hits}
    if any(arm.startswith("#") for arm in missed):
        return False
    return str(last) not in missed if last > 0 else missed.isdisjoint({"exit", "return", str(last)})


def _closes(case: Case, gap: Gap) -> bool:
    """Whether a test reaches something of a gap that nothing reached before."""
    inside = range(gap.first, gap.last + 1)
    return any(line in inside for line in case.lines) or any(first in inside for first, _ in case.branches)


def measured(question: Question, suggested: Sequence[Suggested]) -> Question:
    """Returns the question over again, with a report of what the suggested tests execute."""
    scratch = question.scratch / "again"
    scratch.mkdir()
    path = scratch / REPORT
    files = {each.path: _entry(each.job.coverage) for each in suggested}
    path.write_text(json.dumps({"meta": {"format": 3, "version": "7", "branch_coverage": True}, "files": files}))
    report = ReportFile(path=path, name=REPORT, format="coverage_json")
    return replace(question, reports=(*question.reports, report), files=False, details=0, scratch=scratch)


def _entry(coverage: Coverage) -> Mapping[str, object]:
    """Puts a file's coverage in the form of coverage.py's JSON report, format 3."""
    return {
        "executed_lines": sorted(coverage.lines),
        "missing_lines": sorted(coverage.statements - coverage.lines),
        "excluded_lines": [],
        "executed_branches": sorted(coverage.taken),
        "missing_branches": sorted(coverage.branches - coverage.taken),
    }

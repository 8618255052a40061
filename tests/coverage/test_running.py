"""The process of an analysis: what it finds and refuses comes through, and it ends when nobody listens."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from headwater.coverage import Count, running
from headwater.coverage.analysis import analyse
from headwater.coverage.findings import TERMS, Finding, Finished, Question, ReportFile
from headwater.coverage.running import run
from headwater.errors import Code, Problem
from tests.processes import processes_of

MEMORY = 1 << 30
REPORT = b"SF:a.c\nBRDA:1,0,0,1\nBRDA:1,0,1,0\nDA:1,1\nDA:2,0\nend_of_record\nSF:\xc3\xa9.c\nDA:7,0\nend_of_record\n"

LONG = b"".join(b"SF:%d.c\nDA:1,1\nDA:2,0\nend_of_record\n" % number for number in range(100_000))
"""Takes seconds to analyse."""


def workers() -> list[psutil.Process]:
    """Returns the processes in which analyses run, of this one."""
    return processes_of("headwater.coverage.worker")


def question(folder: Path, report: bytes, **more: object) -> Question:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    (folder / "report").write_bytes(report)
    given = {
        "max_gaps": 200,
        "max_paths": 20,
        "max_unmatched": 200,
        "weights": dict.fromkeys(TERMS, 1.0),
        "report_bytes": 1 << 30,
        "file_bytes": 1 << 20,
        "source_files": 1000,
    }
    reports = (ReportFile(path=folder / "report", name="report", format="lcov"),)
    return Question(reports=reports, scratch=scratch, **{**given, **more})  # type: ignore[arg-type]


async def found(asked: Question, memory: int = MEMORY) -> list[Finding]:
    async with aclosing(run(asked, framework="", memory_bytes=memory)) as findings:
        return [each async for each in findings if each.kind != "went"]


async def test_what_is_found_is_what_the_analysis_finds_here(tmp_path: Path) -> None:
    """Crossing between the processes changes no finding: not the numbers, not the order, no name."""
    asked = question(tmp_path, REPORT, files=True, details=2)
    here: list[Finding] = []
    analyse(asked, here.append)
    there = await found(asked)
    assert there == [each for each in here if each.kind != "went"]
    last = there[-1]
    assert isinstance(last, Finished)
    assert last.counts["lines"] == Count(covered=1, total=3)
    assert {each.path for each in last.gaps} == {"a.c", "é.c"}
    assert workers() == []


async def test_a_refusal_comes_through_whole(tmp_path: Path) -> None:
    """Code, reason, message, remedy and metadata are those that were raised in the worker."""
    asked = question(tmp_path, REPORT[:-9])
    with pytest.raises(Problem) as here:
        analyse(asked, lambda _: None)
    with pytest.raises(Problem) as there:
        await found(asked)
    assert there.value.__dict__ == here.value.__dict__


async def test_a_refused_field_is_named(tmp_path: Path) -> None:
    """What is wrong with the request itself names its field, as if it had been refused here."""
    with pytest.raises(Problem) as refused:
        await found(question(tmp_path, REPORT, diff="garbage"))
    assert [each.field for each in refused.value.violations] == ["diff"]
    assert refused.value.metadata["field"] == "diff"


async def test_too_little_memory_is_said(tmp_path: Path) -> None:
    """A report that needs more than there may be is RESOURCE_EXHAUSTED, and says how much there was."""
    rows = "".join(f"DA:{line},{line % 9}\n" for line in range(1, 3_000_000))
    asked = question(tmp_path, f"SF:a.c\n{rows}end_of_record\n".encode())
    with pytest.raises(Problem) as refused:
        await found(asked, memory=256 << 20)
    assert (refused.value.code, refused.value.reason) == (Code.RESOURCE_EXHAUSTED, "ANALYSIS_DIED")
    assert "256 MiB" in refused.value.message
    assert refused.value.remedy
    assert workers() == []


async def test_a_finding_too_long_for_the_pipe_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker says in one line is bounded; more is refused, and the worker ended."""
    monkeypatch.setattr(running, "LINE_BYTES", 1000)
    with pytest.raises(Problem) as refused:
        await found(question(tmp_path, LONG[: LONG.index(b"SF:100.c")]))
    assert (refused.value.code, refused.value.reason) == (Code.RESOURCE_EXHAUSTED, "FINDING_TOO_LARGE")
    assert workers() == []


async def test_a_worker_that_is_killed_is_said(tmp_path: Path) -> None:
    """Where the process is ended from outside, the run is told so and does not wait."""
    asked = question(tmp_path, LONG, files=True)
    async with aclosing(run(asked, framework="", memory_bytes=MEMORY)) as findings:
        await anext(findings)
        (worker,) = workers()
        worker.kill()
        with pytest.raises(Problem) as refused:
            _ = [each async for each in findings]
    assert refused.value.reason == "ANALYSIS_DIED"


async def test_closing_early_ends_the_worker(tmp_path: Path) -> None:
    """Whoever stops listening has the process ended and waited for, though its pipe is full; nothing of it stays."""
    asked = question(tmp_path, LONG, files=True)
    async with aclosing(run(asked, framework="", memory_bytes=MEMORY)) as findings:
        await anext(findings)
        (worker,) = workers()
    assert workers() == []
    assert not worker.is_running()

"""Analyses made by hand: what a run would have told, with everything in it that a form can show."""

from typing import Any

from headwater.render import Analysis
from headwater.render.gates import Gate
from headwater.v1 import analyze_coverage_pb2 as pb

HOSTILE = 'a|b`c``[x](y)<script>alert(1)</script>\n::error::x\x1b[2J@team #12 ${HOME} %25 & "q"\u202e.py'
"""A name that tries what names can try: tables, code, links, HTML, commands, escape codes, mentions, turned writing."""


def count(covered: int, total: int) -> pb.CoverageCount:
    return pb.CoverageCount(covered=covered, total=total)


def file(path: str, covered: int, total: int, missing: list[int], arms: tuple[int, int] = (0, 0)) -> pb.CoverageFile:
    return pb.CoverageFile(
        file_path=path,
        line_coverage=100 * covered / total,
        counts={"lines": count(covered, total), "branches": count(*arms)},
        missing_lines=missing,
    )


def gap(kind: str, severity: str, **fields: Any) -> pb.CoverageGap:
    given = {
        "file_path": "shop/pay.py",
        "line_start": 9,
        "line_end": 9,
        "id": f"{kind}-1",
        "missing_lines": 1,
        **fields,
    }
    return pb.CoverageGap(gap_type=kind, severity=severity, **given)


GAPS = (
    gap(
        "partial_branch",
        "critical",
        score=81.25,
        symbol="charge_card",
        condition="amount <= 0",
        never="true",
        missing_lines=0,
        missing_branches=1,
        changed=True,
        terms=[
            pb.SeverityTerm(name="crap", value=0.8, weight=3, detail="complexity 7, 0 % covered: CRAP 56"),
            pb.SeverityTerm(name="churn", value=0.0, weight=1, detail="never changed"),
        ],
        suggested_tests=[
            pb.SuggestedTest(
                name="test_charge_card_rejects_amount_of_zero",
                call="charge_card(card, amount=0)",
                inputs=["amount = 0"],
                reaches="`amount <= 0` at line 9 is true",
            )
        ],
    ),
    gap("exception_handler", "high", line_start=16, line_end=17, symbol="charge_card", condition="except OSError"),
    gap("uncovered_block", "medium", line_start=20, line_end=22, missing_lines=3),
    gap("uncovered_function", "low", line_start=30, line_end=33, symbol="refund", missing_lines=4),
    gap("never_imported", "low", file_path="shop/never.py", line_start=1, line_end=8, missing_lines=8),
)

COMPLETE = pb.AnalyzeCoverageComplete(
    overall_coverage=84.99,
    formula="covered (lines + branches) / (lines + branches), as coverage.py",
    line_coverage=88.0,
    branch_coverage=75.0,
    counts={"lines": count(88, 100), "branches": count(30, 40)},
    gaps=GAPS,
    total_gaps=7,
    critical_paths=[
        pb.CriticalPath(
            path="shop/pay.py::charge_card",
            impact="critical",
            why="POST /charge (route `checkout`) reaches `charge_card`, which moves money",
            chain=["shop/app.py::checkout", "shop/pay.py::charge_card"],
            line_coverage=42.857,
            gaps=["partial_branch-1"],
        )
    ],
    patch=pb.PatchCoverage(
        line_coverage=50.0,
        lines=count(1, 2),
        files=[pb.PatchFile(file_path="shop/pay.py", lines=count(1, 2), missing_lines=[9])],
        files_without_data=["shop/new.py"],
    ),
    analysis_time_ms=1234.0,
    formats=["cobertura"],
    total_files=3,
    unmatched=[pb.UnmatchedFile(reported_path="/build/gone.py", reason="no file of the source ends like it")],
    total_unmatched=2,
    suggested_files=[
        pb.SuggestedFile(
            file_path="shop/pay.py",
            test_file_name="test_pay.py",
            content="def test_refund():\n    assert 1 < 2\n",
            before={"lines_covered": 20, "lines_total": 30},
            after={"lines_covered": 24, "lines_total": 30},
        )
    ],
    coverage_after=91.239,
)

FILES = (
    file("shop/app.py", 10, 10, []),
    file("shop/pay.py", 20, 30, [16, 17, 20, 21, 22, 30, 31, 32, 33], (3, 4)),
    file("shop/never.py", 0, 8, list(range(1, 9))),
)

GATES = (
    Gate(
        option="--fail-under",
        met=False,
        message="total coverage of 84.99% misses the 85% of --fail-under by 0.01 points",
    ),
    Gate(option="--patch-fail-under", met=True, message="patch coverage of 50.00% meets the 50% of --patch-fail-under"),
)

SOURCE = "".join(f"line_{number} = {number} < 4\n" for number in range(1, 34))

FULL = Analysis(
    complete=COMPLETE, files=FILES, gates=GATES, prefix="src/", sources={"shop/pay.py": SOURCE}, most_files=20
)
EMPTY = Analysis(complete=pb.AnalyzeCoverageComplete(overall_coverage=100, formula="covered lines / lines"))


def hostile() -> Analysis:
    """Everything that strangers may name is hostile."""
    test = pb.SuggestedTest(name=HOSTILE, call=HOSTILE, inputs=[HOSTILE], reaches=HOSTILE, code=HOSTILE)
    term = pb.SeverityTerm(name="crap", value=1, weight=1, detail=HOSTILE)
    kinds = ("partial_branch", "exception_handler", "uncovered_block", "uncovered_function", "never_imported", HOSTILE)
    fields: dict[str, Any] = {"file_path": HOSTILE, "symbol": HOSTILE, "condition": HOSTILE, "never": HOSTILE}
    gaps = [gap(kind, "high", suggested_tests=[test], terms=[term], **fields) for kind in kinds]
    path = pb.CriticalPath(
        path=HOSTILE, impact=HOSTILE, why=HOSTILE, chain=[HOSTILE, HOSTILE], gaps=[each.id for each in gaps]
    )
    complete = pb.AnalyzeCoverageComplete(
        formula=HOSTILE,
        counts={"lines": count(1, 2), HOSTILE: count(1, 2)},
        gaps=[*gaps, gap("uncovered_block", HOSTILE)],
        total_gaps=len(gaps) + 1,
        critical_paths=[path],
        patch=pb.PatchCoverage(
            lines=count(1, 2),
            files=[pb.PatchFile(file_path=HOSTILE, lines=count(1, 2), missing_lines=[1])],
            files_without_data=[HOSTILE],
        ),
        unmatched=[pb.UnmatchedFile(reported_path=HOSTILE, reason=HOSTILE, candidates=[HOSTILE])],
        total_unmatched=1,
        suggested_files=[pb.SuggestedFile(file_path=HOSTILE, test_file_name=HOSTILE, content=HOSTILE)],
    )
    gate = Gate(option="--fail-under", met=False, message=HOSTILE)
    sources = {HOSTILE: HOSTILE}
    return Analysis(complete=complete, files=(file(HOSTILE, 1, 2, [1]),), gates=(gate,), prefix="", sources=sources)


def many(number: int) -> Analysis:
    """As many gaps as asked for, of long names."""
    gaps = [
        gap("uncovered_block", "low", id=str(each), file_path=f"{'deep/' * 20}file_{each}.py", symbol="x" * 100)
        for each in range(number)
    ]
    return Analysis(complete=pb.AnalyzeCoverageComplete(gaps=gaps, total_gaps=number, counts={"lines": count(0, 9)}))

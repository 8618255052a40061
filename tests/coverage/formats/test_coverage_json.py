"""coverage.py's JSON, and SlipCover's, which is a part of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.coverage import Function
from headwater.coverage.totals import count
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_text

META = {"format": 3, "version": "7.10.0", "branch_coverage": True, "show_contexts": False}


def text(meta: dict[str, Any] | None = None, **entry: Any) -> str:
    file = {"executed_lines": [1, 2], "missing_lines": [3], "excluded_lines": [9], **entry}
    return json.dumps({"meta": META if meta is None else meta, "files": {"shop\\a.py": file}, "totals": {}})


def test_lines_branches_functions_and_exclusions_are_read(tmp_path: Path) -> None:
    regions = {
        "f": {"executed_lines": [2], "missing_lines": [3], "start_line": 1},
        "f@7": {"executed_lines": [], "missing_lines": [8], "start_line": 7},
        "hidden": {"executed_lines": [], "missing_lines": [], "start_line": 9},
        "": {"executed_lines": [1], "missing_lines": [], "start_line": 1},
    }
    branches = {"executed_branches": [[2, 3], [2, -1]], "missing_branches": [[1, -1], [1, 2]]}
    files, notes = read_text("coverage_json", tmp_path, text(functions=regions, **branches))
    file = files["shop/a.py"]
    assert file.lines == {1: 1, 2: 1, 3: 0}
    assert file.branches == {1: {"2": 0, "exit": 0}, 2: {"3": 1, "exit": 1}}
    assert file.functions == {
        "f": Function(name="f", first=1, last=3, hits=1),
        "f@7": Function(name="f", first=7, last=8, hits=0),
    }
    assert file.excluded == {9}
    assert not notes


def test_two_exits_of_a_line_are_two_arms(tmp_path: Path) -> None:
    files, _ = read_text("coverage_json", tmp_path, text(executed_branches=[[2, -1]], missing_branches=[[2, -2]]))
    assert files["shop/a.py"].branches == {2: {"exit": 1, "exit 2": 0}}


def test_excused_branches_count_as_the_tool_counts_them(tmp_path: Path) -> None:
    summary = {"num_branches": 4, "covered_branches": 3}
    files, _ = read_text(
        "coverage_json", tmp_path, text(summary=summary, executed_branches=[[2, 3]], missing_branches=[])
    )
    counted = count(files["shop/a.py"])["branches"]
    assert (counted.covered, counted.total) == (3, 4)


def test_a_report_of_format_1_has_no_number_and_no_branches(tmp_path: Path) -> None:
    files, _ = read_text("coverage_json", tmp_path, text(meta={"version": "5.0", "branch_coverage": False}))
    assert files["shop/a.py"].lines == {1: 1, 2: 1, 3: 0}


def test_keys_in_another_order_change_nothing(tmp_path: Path) -> None:
    report = (DATA / "coverage_json" / "branch" / "report.json").read_text()
    files, _ = read_text("coverage_json", tmp_path, report)
    turned, _ = read_text("coverage_json", tmp_path, json.dumps(json.loads(report), sort_keys=True, indent=4))
    assert turned == files


def test_lines_that_are_none_are_told_once(tmp_path: Path) -> None:
    files, notes = read_text("coverage_json", tmp_path, text(executed_lines=[0, -1, 5, 10**30], missing_lines=[]))
    assert files["shop/a.py"].lines == {5: 1}
    assert [note.reason for note in notes] == ["REPORT_LINE_OUT_OF_BOUNDS"]


@pytest.mark.parametrize(
    "entry",
    [
        {"executed_lines": None},
        {"executed_lines": [1.5]},
        {"executed_lines": [True]},
        {"missing_lines": {"1": 2}},
        {"executed_branches": [[1]]},
        {"executed_branches": [[1, "2"]]},
        {"functions": {"f": []}},
        {"summary": {"num_branches": "many", "covered_branches": 1}},
    ],
    ids=str,
)
def test_wrong_types_are_refused(entry: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        read_text("coverage_json", tmp_path, text(**entry))
    assert refusal.value.reason == "REPORT_MALFORMED"
    assert refusal.value.metadata["place"].startswith("byte ")


def test_files_in_a_list_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="an object was due"):
        read_text("coverage_json", tmp_path, json.dumps({"meta": META, "files": [{"executed_lines": []}]}))


@pytest.mark.parametrize("report", [{"meta": META}, {"meta": META, "files": 3}], ids=str)
def test_a_report_without_files_is_refused(report: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Problem, match="it has no `files`"):
        read_text("coverage_json", tmp_path, json.dumps(report))


def test_a_report_of_no_file_is_empty(tmp_path: Path) -> None:
    assert read_text("coverage_json", tmp_path, json.dumps({"meta": META, "files": {}})) == ({}, [])


def test_a_slipcover_report_has_exits_to_line_0(tmp_path: Path) -> None:
    meta = {"software": "slipcover", "version": "1.1.0", "branch_coverage": True, "show_contexts": False}
    branches = {"executed_branches": [[2, 0]], "missing_branches": [[2, 3]]}
    files, _ = read_text("slipcover", tmp_path, text(meta=meta, **branches))
    assert files["shop/a.py"].branches == {2: {"3": 0, "exit": 1}}

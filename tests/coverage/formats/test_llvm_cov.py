"""llvm-cov's JSON: lines from segments, functions from their instances."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.coverage.totals import count
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file, read_text


def text(file: dict[str, Any], *functions: dict[str, Any]) -> str:
    data = [{"files": [{"filename": "/src/a.cpp", **file}], "functions": list(functions), "totals": {}}]
    return json.dumps({"data": data, "type": "llvm.coverage.json.export", "version": "3.0.1"})


def test_lines_follow_from_the_regions_that_reach_into_them(tmp_path: Path) -> None:
    segments = [
        [1, 12, 5, True, True, False],
        [2, 14, 5, True, False, True],  # a gap begins no region
        [3, 5, 0, True, True, False],
        [4, 4, 5, True, False, False],
        [6, 2, 0, False, False, False],
        [8, 1, 0, False, True, False],  # skipped by the preprocessor
        [9, 1, 0, False, False, False],
    ]
    files, _ = read_text("llvm_cov", tmp_path, text({"segments": segments, "branches": []}))
    assert files["/src/a.cpp"].lines == {1: 5, 2: 5, 3: 5, 4: 0, 5: 5, 6: 5}


def test_branches_have_two_arms_and_instances_are_united(tmp_path: Path) -> None:
    rows = [[3, 7, 3, 12, 2, 0, 0, 0, 4], [3, 7, 3, 12, 0, 1, 0, 0, 4, "newer"]]
    files, _ = read_text("llvm_cov", tmp_path, text({"segments": [], "branches": rows}))
    assert files["/src/a.cpp"].branches == {3: {"7-3:12 true": 2, "7-3:12 false": 1}}


def test_instances_of_a_template_are_one_function(tmp_path: Path) -> None:
    def instance(name: str, hits: int) -> dict[str, Any]:
        return {"name": name, "count": hits, "filenames": ["/src/a.cpp"], "regions": [[2, 1, 6, 2, hits, 0, 0, 0]]}

    files, _ = read_text("llvm_cov", tmp_path, text({"segments": []}, instance("f<int>", 0), instance("f<char>", 3)))
    (function,) = files["/src/a.cpp"].functions.values()
    assert (function.first, function.last, function.hits) == (2, 6, 3)


def test_lines_of_a_real_report_are_those_of_its_lcov_form() -> None:
    files, _ = read_file("llvm_cov", DATA / "llvm_cov" / "export" / "report.json")
    same, _ = read_file("lcov", DATA / "lcov" / "llvm-cov" / "report.info")
    assert {path: file.lines for path, file in files.items()} == {path: file.lines for path, file in same.items()}


def test_a_summary_alone_is_counted() -> None:
    files, _ = read_file("llvm_cov", DATA / "llvm_cov" / "summary-only" / "report.json")
    assert count(files["/src/native/cart.cpp"])["lines"].total == 21
    assert not files["/src/native/cart.cpp"].lines


@pytest.mark.parametrize(
    "file",
    [
        {"segments": [[1]]},
        {"segments": [["1", 2, 3, True, True]]},
        {"branches": [[1, 2, 3, 4, 5, "6"]]},
        {"filename": 1},
    ],
)
def test_wrong_rows_are_refused(file: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        read_text("llvm_cov", tmp_path, text(file))
    assert refusal.value.reason == "REPORT_MALFORMED"

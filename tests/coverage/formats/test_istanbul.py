"""Istanbul's JSON: lines by statements, and shapes that tools and strangers give it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.coverage import Function
from headwater.errors import Problem
from tests.coverage.formats.written import read_text


def place(line: Any, end: Any = None) -> dict[str, Any]:
    return {"start": {"line": line, "column": 0}, "end": {"line": end or line, "column": None}}


def entry(**parts: Any) -> dict[str, Any]:
    return {
        "path": "/src/a.js",
        "statementMap": {"0": place(1), "1": place(1), "2": place(4)},
        "fnMap": {"0": {"name": "(anonymous_0)", "decl": place(1), "loc": place(1, 5), "line": 1}},
        "branchMap": {"0": {"type": "if", "loc": place(2), "locations": [place(2), {"start": {}, "end": {}}]}},
        "s": {"0": 0, "1": 7, "2": 0},
        "f": {"0": 3},
        "b": {"0": [7, 0]},
        "inputSourceMap": {"version": 3, "sources": ["a.ts"], "mappings": "AAAA"},
        **parts,
    }


def test_a_line_counts_as_its_most_run_statement(tmp_path: Path) -> None:
    files, _ = read_text("istanbul", tmp_path, json.dumps({"/src/a.js": entry()}))
    file = files["/src/a.js"]
    assert file.lines == {1: 7, 4: 0}
    assert file.units["statements"] == {"0": (0, 1), "1": (1, 1), "2": (0, 1)}
    assert file.branches == {2: {"0,0": 7, "0,1": 0}}
    assert file.functions == {"0": Function(name="(anonymous_0)", first=1, last=5, hits=3)}


def test_an_entry_wrapped_in_data_is_read(tmp_path: Path) -> None:
    wrapped, _ = read_text("istanbul", tmp_path, json.dumps({"/src/a.js": {"data": entry()}}))
    plain, _ = read_text("istanbul", tmp_path, json.dumps({"/src/a.js": entry()}))
    assert wrapped == plain


def test_windows_paths_have_slashes(tmp_path: Path) -> None:
    files, _ = read_text("istanbul", tmp_path, json.dumps({"x": entry(path="C:\\src\\a.js")}))
    assert list(files) == ["C:/src/a.js"]


def test_lines_that_are_none_are_told_once_and_their_statements_still_count(tmp_path: Path) -> None:
    places = {"0": place(0), "1": place(-4), "2": place(4)}
    files, notes = read_text("istanbul", tmp_path, json.dumps({"a": entry(statementMap=places)}))
    assert files["/src/a.js"].lines == {4: 0}
    assert len(files["/src/a.js"].units["statements"]) == 3
    assert [note.reason for note in notes] == ["REPORT_LINE_OUT_OF_BOUNDS"]


@pytest.mark.parametrize(
    "parts",
    [
        {"s": None},
        {"s": {"0": "1"}},
        {"s": {"0": [1]}},
        {"b": {"0": 1}},
        {"statementMap": {"0": {}}},
        {"statementMap": {"0": place("1")}},
        {"fnMap": {"0": {"name": "f"}}},
        {"branchMap": {"0": {"loc": [], "locations": []}}},
    ],
    ids=str,
)
def test_wrong_shapes_are_refused(parts: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        read_text("istanbul", tmp_path, json.dumps({"/src/a.js": entry(**parts)}))
    assert refusal.value.reason == "REPORT_MALFORMED"

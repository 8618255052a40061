"""V8's raw coverage: what is known without the source, and what with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.coverage.completing.statements import complete
from headwater.coverage.merging import unite
from headwater.coverage.totals import count
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file, read_text

SOURCE = "function f(a) {\n  if (a) {\n    return '🎉';\n  }\n\n  return 2;\n}\nf();\n"
BLOCK = (SOURCE.index("{\n    return"), SOURCE.index("\n\n"))
EXTRA = 1
"""The emoji is two of V8's characters, before the end of the block."""
CASE = DATA / "v8" / "node"


def script(block_hits: int, **parts: Any) -> dict[str, Any]:
    last = len(SOURCE) + EXTRA
    block = [] if block_hits else [{"startOffset": BLOCK[0], "endOffset": BLOCK[1] + EXTRA, "count": 0}]
    outer = {"startOffset": 0, "endOffset": SOURCE.index("\nf()") + EXTRA, "count": 1}
    functions = [
        {"functionName": "", "isBlockCoverage": True, "ranges": [{"startOffset": 0, "endOffset": last, "count": 1}]},
        {"functionName": "f", "isBlockCoverage": True, "ranges": [outer, *block]},
    ]
    return {"scriptId": "1", "url": "file:///src/a.js", "functions": functions, **parts}


def test_without_source_functions_branches_and_characters_are_known(tmp_path: Path) -> None:
    files, _ = read_text("v8", tmp_path, json.dumps({"result": [script(0)]}))
    counts = count(files["/src/a.js"])
    assert files["/src/a.js"].needs_source
    assert (counts["functions"].covered, counts["functions"].total) == (1, 1)
    assert (counts["branches"].covered, counts["branches"].total) == (2, 3)
    assert counts["characters"].total == len(SOURCE) + EXTRA


def test_with_source_the_lines_are_known(tmp_path: Path) -> None:
    files, _ = read_text("v8", tmp_path, json.dumps({"result": [script(0)]}))
    file = complete(files["/src/a.js"], SOURCE)
    assert [line for line, hits in file.lines.items() if not hits] == [3, 4]
    assert len(file.lines) == 8
    assert [(each.name, each.first, each.last) for each in file.functions.values()] == [("f", 1, 7)]
    assert not file.needs_source


def test_what_ran_in_one_of_two_reports_ran(tmp_path: Path) -> None:
    missed, _ = read_text("v8", tmp_path, json.dumps({"result": [script(0)]}))
    ran, _ = read_text("v8", tmp_path, json.dumps({"result": [script(1)]}))
    both = complete(unite(missed["/src/a.js"], ran["/src/a.js"]), SOURCE)
    assert all(both.lines.values())


def test_a_report_with_sources_is_complete_at_once(tmp_path: Path) -> None:
    files, _ = read_text("v8", tmp_path, json.dumps([script(0, url="http://localhost:80/js/a.js?x=1", source=SOURCE)]))
    assert files["js/a.js"].lines[3] == 0


def test_scripts_of_the_runtime_are_left_out(tmp_path: Path) -> None:
    urls = ("node:fs", "", "evalmachine.<anonymous>", "file:///C:/src/b.js", "http://[")
    files, _ = read_text("v8", tmp_path, json.dumps({"result": [script(0, url=url) for url in urls]}))
    assert list(files) == ["C:/src/b.js"]


def test_the_counts_of_a_real_report_are_those_of_c8() -> None:
    files, _ = read_file("v8", CASE / "report.json")
    expected = json.loads((CASE / "expected.json").read_text())
    for name, units in expected["files"].items():
        counts = count(complete(files[name], (CASE / "source" / f"{name.lstrip('/')}.txt").read_text()))
        assert {unit: [counts[unit].covered, counts[unit].total] for unit in units} == units


@pytest.mark.parametrize(
    "ranges",
    [None, [1], [{"startOffset": 5, "endOffset": 1, "count": 1}], [{"startOffset": -5, "endOffset": 1}]],
    ids=str,
)
def test_wrong_ranges_are_refused(ranges: Any, tmp_path: Path) -> None:
    spoilt = script(0, functions=[{"functionName": "f", "ranges": ranges}])
    with pytest.raises(Problem) as refusal:
        read_text("v8", tmp_path, json.dumps({"result": [spoilt]}))
    assert refusal.value.reason == "REPORT_MALFORMED"

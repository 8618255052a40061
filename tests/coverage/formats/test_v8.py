"""V8's raw coverage: what is known without the source, and what with it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.coverage import Count, FileCoverage
from headwater.coverage.completing.statements import complete
from headwater.coverage.merging import unite
from headwater.coverage.scripts.lines import SPANS, line_lengths
from headwater.coverage.scripts.maps import read_map
from headwater.coverage.scripts.originals import from_source, originals
from headwater.coverage.totals import count
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file, read_text

SOURCE = "function f(a) {\n  if (a) {\n    return '🎉';\n  }\n\n  return 2;\n}\nf();\n"
BLOCK = (SOURCE.index("{\n    return"), SOURCE.index("\n\n"))
MAPPINGS = "AAAA;EACE,OAAO;IACL;EACF;;EAEA;AACF;AACA"
"""Of the source onto itself: where each statement begins, and the block of the second line."""
EXTRA = 1
"""The emoji is two of V8's characters, before the end of the block."""


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


@pytest.mark.parametrize("case", ["node", "tsc", "tsx", "esbuild_bundle"])
def test_the_counts_of_a_real_report_are_those_of_c8(case: str) -> None:
    """Of scripts as they are, and of TypeScript by its source maps; those of two cases carry their originals."""
    files, notes = read_file("v8", DATA / "v8" / case / "report.json")
    expected = json.loads((DATA / "v8" / case / "expected.json").read_text())
    assert files.keys() == expected["files"].keys()
    assert not notes
    for name, units in expected["files"].items():
        file = files[name]
        if file.needs_source:
            file = complete(file, (DATA / "v8" / case / "source" / f"{name.lstrip('/')}.txt").read_text())
        counts = count(file)
        found = {unit: counts.get(unit, Count()) for unit in units}
        assert {unit: [each.covered, each.total] for unit, each in found.items()} == units


MAP = {"version": 3, "sources": ["../ts/a.ts"], "sourcesContent": [SOURCE], "mappings": MAPPINGS}


def test_a_script_that_carries_its_map_is_told_by_its_original(tmp_path: Path) -> None:
    """As Playwright and browsers hand scripts over: with their text, at whose end the map stands."""
    data = base64.b64encode(json.dumps(MAP).encode()).decode()
    source = f"{SOURCE}//# sourceMappingURL=data:application/json;base64,{data}\n"
    files, _ = read_text("v8", tmp_path, json.dumps([script(0, url="http://localhost/js/a.js", source=source)]))
    assert list(files) == ["ts/a.ts"]
    assert [line for line, hits in files["ts/a.ts"].lines.items() if not hits] == [3, 4]


def test_a_map_beside_a_script_in_the_source_is_found(tmp_path: Path) -> None:
    """The reader knows no source; the analysis looks there for what the script names as its map."""
    tree = {"js/a.js": f"{SOURCE}//# sourceMappingURL=a.js.map\n", "js/a.js.map": json.dumps(MAP)}
    files, _ = read_text("v8", tmp_path, json.dumps({"result": [script(0)]}))
    (file,) = from_source(files["/src/a.js"], {"/src/a.js": "js/a.js"}.get, tree.get)
    assert file.path == "/ts/a.ts"
    assert [line for line, hits in file.lines.items() if not hits] == [3, 4]


def test_a_script_whose_map_is_not_at_hand_is_told_as_it_ran(tmp_path: Path) -> None:
    files, _ = read_text("v8", tmp_path, json.dumps({"result": [script(0)]}))
    text = f"{SOURCE}//# sourceMappingURL=a.js.map\n"
    (file,) = from_source(files["/src/a.js"], {"/src/a.js": "js/a.js"}.get, {"js/a.js": text}.get)
    assert file is files["/src/a.js"]


def test_what_ran_in_one_of_two_runs_of_a_script_ran_in_its_original(tmp_path: Path) -> None:
    kept = {
        "file:///src/a.js": {
            "lineLengths": line_lengths(SOURCE),
            "data": {**MAP, "sourcesContent": None},
        }
    }
    runs = [
        read_text("v8", tmp_path, json.dumps({"result": [script(hits)], "source-map-cache": kept}))[0]["/ts/a.ts"]
        for hits in (0, 1)
    ]
    assert 0 in complete(runs[0], SOURCE).lines.values()
    assert all(complete(unite(*runs), SOURCE).lines.values())


@pytest.mark.parametrize(
    "spoilt",
    [
        {"mappings": "?"},
        {"mappings": "A" * 2},
        {"mappings": "gggggggggggggggA"},
        {"mappings": 3},
        {"mappings": "é"},
        {"sources": [None]},
        {"sources": "a.ts"},
        {"sourceRoot": 7},
        {"version": 3, "sections": [], "sources": None},
    ],
    ids=str,
)
def test_a_broken_map_is_told_and_the_script_read_as_it_ran(spoilt: dict[str, Any], tmp_path: Path) -> None:
    kept = {"file:///src/a.js": {"lineLengths": [9, 9], "data": {**MAP, **spoilt}}}
    files, notes = read_text("v8", tmp_path, json.dumps({"result": [script(0)], "source-map-cache": kept}))
    assert list(files) == ["/src/a.js"]
    assert [note.reason for note in notes] == ["REPORT_MAP_BROKEN"]


@given(mappings=st.text(alphabet="ACDEIKgwB/+;,;,", max_size=200), lengths=st.lists(st.integers(0, 90), max_size=9))
def test_no_map_upsets_the_reader(mappings: str, lengths: list[int]) -> None:
    """Whatever numbers a map holds: its original is told, or it is no map."""
    known = read_map({**MAP, "mappings": mappings}, "/src/a.js")
    units = {SPANS: {"0-40": (40, 40), "40-60": (0, 20)}, "branches": {"0-60": (1, 1), "40-60": (0, 1)}}
    if known is not None:
        (file,) = originals(FileCoverage(path="/src/a.js", units=units), known, lengths)
        assert set(file.lines) == set(range(1, 9))


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

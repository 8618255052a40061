"""A `.coverage` file and its source together say what `coverage report` says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headwater.coverage import FileCoverage
from headwater.coverage.completing.statements import Exclusions, complete
from headwater.coverage.totals import count
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file

CASES = sorted((DATA / "coverage_sqlite").glob("*/expected.json"))
SOURCE = "def f(a):\n    if a:\n        return 1  # skipped\n    return 2\n"


def measured(*arcs: tuple[int, int]) -> FileCoverage:
    lines = {line: 1 for arc in arcs for line in arc if line > 0}
    return FileCoverage(path="a.py", lines=lines, arcs=frozenset(arcs), needs_source=True)


@pytest.mark.parametrize("expected", CASES, ids=lambda path: path.parent.name)
def test_counts_are_those_of_the_tool(expected: Path) -> None:
    files, _ = read_file("coverage_sqlite", expected.parent / "report.coverage")
    wanted = json.loads(expected.read_text())
    assert set(files) == set(wanted["files"])
    for name, units in wanted["files"].items():
        counts = count(complete(files[name], (expected.parent / "source" / f"{name}.txt").read_text()))
        assert {unit: [counts[unit].covered, counts[unit].total] for unit in units} == units, name


@pytest.mark.parametrize("case", ["lines", "branch"])
def test_the_data_file_says_what_the_json_of_the_same_run_says(case: str) -> None:
    files, _ = read_file("coverage_sqlite", DATA / "coverage_sqlite" / case / "report.coverage")
    same, _ = read_file("coverage_json", DATA / "coverage_json" / case / "report.json")
    for name, file in files.items():
        whole = complete(file, (DATA / "coverage_sqlite" / case / "source" / f"{name}.txt").read_text())
        assert (whole.lines, whole.functions, whole.excluded) == (
            same[name].lines,
            same[name].functions,
            same[name].excluded,
        )


def test_what_never_ran_is_known_from_the_source() -> None:
    file = complete(measured((-1, 1), (1, -1), (-1, 2), (2, 3), (3, -1)), SOURCE)
    assert file.lines == {1: 1, 2: 1, 3: 1, 4: 0}
    assert file.branches == {2: {"3": 1, "4": 0}}
    assert not file.needs_source
    assert file.arcs is None


def test_exclusions_are_parameters() -> None:
    file = complete(measured((-1, 1), (1, -1)), SOURCE, Exclusions(exclude_also=("# skipped",)))
    assert file.excluded == {3}
    assert file.lines == {1: 1, 2: 0, 4: 0}
    assert not file.branches


def test_an_exclusion_that_is_no_regex_is_refused() -> None:
    with pytest.raises(Problem) as refusal:
        Exclusions(exclude_also=("(",)).check()
    assert refusal.value.reason == "EXCLUSION_INVALID"
    Exclusions().check()


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_change_nothing(line_end: str) -> None:
    arcs = ((-1, 1), (1, -1), (-1, 2), (2, 4), (4, -1))
    assert complete(measured(*arcs), "\ufeff" + SOURCE.replace("\n", line_end)) == complete(measured(*arcs), SOURCE)


@pytest.mark.parametrize("source", ["def f(:\n", "x = '\0'\n", "(" * 5000, "if a:\nb\n"])
def test_a_source_that_does_not_parse_is_refused(source: str) -> None:
    with pytest.raises(Problem) as refusal:
        complete(measured((-1, 1)), source)
    assert refusal.value.reason == "SOURCE_NOT_PYTHON"


def test_an_empty_source_has_nothing_to_cover() -> None:
    assert not complete(measured(), "").lines

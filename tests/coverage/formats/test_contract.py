"""Every format, on every sample that real tools have written: told apart, counted as the tool counts, never upset."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from headwater.coverage import FileCoverage, Note
from headwater.coverage.formats import detect, formats
from headwater.coverage.merging import unite
from headwater.coverage.reports import Report
from headwater.coverage.totals import count
from headwater.errors import Code, Problem

DATA = Path(__file__).parents[2] / "data" / "coverage"
MOST_BYTES = 1 << 30
CUTS = 60
EXAMPLES = 100
REFUSALS = {Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED}
WHOLE = {".xml", ".json"}
"""Kinds of files that tell by themselves whether they are whole."""
ROWS = {"cobertura": ("line",), "jacoco": ("line",), "clover": ("line",), "opencover": ("SequencePoint", "BranchPoint")}
PATHS = {"cobertura": ("class", "filename"), "clover": ("file", "path"), "opencover": ("File", "fullPath")}


def _samples() -> Iterator[Any]:
    for expected in sorted(DATA.glob("*/*/expected.json")):
        name = expected.parent.parent.name
        if name in formats():
            report = next(each for each in sorted(expected.parent.iterdir()) if each.stem in {"report", ".coverage"})
            yield pytest.param(name, report, id=f"{name}-{expected.parent.name}")


SAMPLES = list(_samples())
XML_SAMPLES = [each for each in SAMPLES if each.values[0] in ROWS]


def _report(path: Path) -> Report:
    return Report(path=path, name=path.name, most_bytes=MOST_BYTES)


def _read(name: str, path: Path) -> dict[str, FileCoverage]:
    notes: list[Note] = []
    files: dict[str, FileCoverage] = {}
    for file in formats()[name].read(_report(path), notes.append):
        files[file.path] = unite(files[file.path], file) if file.path in files else file
    assert all(note.reason.isupper() and note.message for note in notes)
    return files


def _read_or_refuse(name: str, path: Path) -> dict[str, FileCoverage] | None:
    """Reads a report; None where it was refused as one that the sender can mend. Anything else is a fault."""
    try:
        return _read(name, path)
    except Problem as refusal:
        if refusal.code in REFUSALS and refusal.metadata["report"] == path.name:
            return None
        raise


def _counts(file: FileCoverage) -> dict[str, list[int]]:
    return {unit: [each.covered, each.total] for unit, each in count(file).items()}


def _totals(files: dict[str, FileCoverage]) -> dict[str, list[int]]:
    totals: dict[str, list[int]] = {}
    for file in files.values():
        for unit, (covered, total) in _counts(file).items():
            known = totals.get(unit, [0, 0])
            totals[unit] = [known[0] + covered, known[1] + total]
    return totals


def _same_but_path(left: FileCoverage, right: FileCoverage) -> None:
    assert (left.lines, left.branches, left.functions) == (right.lines, right.branches, right.functions)
    assert left.units == right.units


@pytest.mark.parametrize(("name", "path"), SAMPLES)
def test_exactly_one_format_knows_a_report_by_its_beginning(name: str, path: Path) -> None:
    head = _report(path).head()
    assert [each.name for each in formats().values() if each.sniff(head)] == [name]
    assert detect(_report(path)).name == name


@pytest.mark.parametrize(
    "head", [b"", b"\0", b"<", b"<a/>", b"{}", b"[]", b"\xff\xfe<", b"mode", b"<coverage/>", b"{" * 99]
)
def test_what_is_no_report_is_known_by_no_format(head: bytes) -> None:
    assert [each.name for each in formats().values() if each.sniff(head)] == []


@pytest.mark.parametrize(("name", "path"), SAMPLES)
def test_totals_equal_those_of_the_tool(name: str, path: Path) -> None:
    expected = json.loads((path.parent / "expected.json").read_text())
    files = _read(name, path)
    if any(each.needs_source or each.arcs is not None for each in files.values()):
        assert set(expected["files"]) <= {*files, *(each.path for each in files.values())}
        return
    totals = _totals(files)
    assert {unit: totals.get(unit, [0, 0]) for unit in expected["units"]} == expected["units"]
    for file, units in expected["files"].items():
        counts = _counts(files[file]) if file in files else {}
        assert {unit: counts.get(unit, [0, 0]) for unit in units} == units, file


@pytest.mark.parametrize(("name", "path"), SAMPLES)
def test_a_compressed_report_says_the_same(name: str, path: Path, tmp_path: Path) -> None:
    packed = tmp_path / "report.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert detect(_report(packed)).name == name
    assert _read(name, packed) == _read(name, path)


@pytest.mark.parametrize(("name", "path"), SAMPLES)
def test_paths_have_slashes_and_numbers_are_sound(name: str, path: Path) -> None:
    for file in _read(name, path).values():
        assert file.path
        assert "\\" not in file.path
        assert all(line > 0 and hits >= 0 for line, hits in file.lines.items())
        assert all(hits >= 0 for arms in file.branches.values() for hits in arms.values())
        assert all(0 <= covered <= total for unit in file.units.values() for covered, total in unit.values())


@pytest.mark.parametrize(("name", "path"), XML_SAMPLES)
def test_the_order_of_lines_and_repeated_ones_change_nothing(name: str, path: Path, tmp_path: Path) -> None:
    tree = etree.parse(path)
    shuffle = random.Random(4).shuffle
    for parent in list(tree.iter("*")):
        rows = [each for each in parent if each.tag in ROWS[name]]
        if name != "clover":  # there, two equal lines are two statements
            rows += [etree.fromstring(etree.tostring(each)) for each in rows[:2]]
        shuffle(rows)
        at = min((parent.index(each) for each in rows if each.getparent() is parent), default=0)
        for each in rows:
            if each.getparent() is parent:
                parent.remove(each)
        for each in rows:
            parent.insert(at, each)
    twisted = tmp_path / "report.xml"
    tree.write(twisted)
    before, after = _read(name, path), _read(name, twisted)
    assert {key: _counts(file) for key, file in before.items()} == {key: _counts(file) for key, file in after.items()}
    assert {key: file.lines for key, file in before.items()} == {key: file.lines for key, file in after.items()}


@pytest.mark.parametrize(("name", "path"), [each for each in SAMPLES if each.values[0] in PATHS])
def test_windows_paths_change_nothing_but_their_slashes(name: str, path: Path, tmp_path: Path) -> None:
    tree = etree.parse(path)
    element, attribute = PATHS[name]
    for each in tree.iter(element):
        if each.get(attribute):
            each.set(attribute, str(each.attrib[attribute]).replace("/", "\\"))
    twisted = tmp_path / "report.xml"
    tree.write(twisted)
    before, after = _read(name, path), _read(name, twisted)
    assert sorted(before) == sorted(after)
    for key, file in before.items():
        _same_but_path(file, after[key])


@pytest.mark.parametrize(("name", "path"), SAMPLES)
def test_a_report_that_is_cut_off_is_refused_or_says_the_same(name: str, path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    whole = _read(name, path)
    cut = tmp_path / path.name
    for end in sorted({len(data) * part // CUTS for part in range(CUTS)} | set(range(len(data) - 20, len(data)))):
        cut.write_bytes(data[: max(end, 0)])
        files = _read_or_refuse(name, cut)
        assert files is None or set(files) <= set(whole)
        assert files is None or path.suffix not in WHOLE or files == whole


@pytest.mark.parametrize(("name", "path"), SAMPLES)
def test_a_spoilt_report_never_upsets_its_reader(name: str, path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    spoilt = tmp_path / path.name
    pieces = [
        b"",
        b"-",
        b"9" * 30,
        b"1e999",
        b"NaN",
        b"\xff",
        b"\0",
        b"\\",
        b'"',
        b"<",
        b">",
        b"&x;",
        b"\n",
        b"0",
        b"null",
    ]
    spot = st.tuples(st.integers(0, len(data)), st.integers(0, 12), st.sampled_from(pieces) | st.binary(max_size=4))

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(spot, min_size=1, max_size=4))
    def spoil(spots: list[tuple[int, int, bytes]]) -> None:
        changed = data
        for at, gone, piece in spots:
            changed = changed[:at] + piece + changed[at + gone :]
        spoilt.write_bytes(changed)
        for file in (_read_or_refuse(name, spoilt) or {}).values():
            assert all(each.covered <= each.total for each in count(file).values())

    spoil()

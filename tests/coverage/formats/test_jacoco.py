"""JaCoCo: groups, code without line numbers, and counters that know more than the lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.coverage import Function
from headwater.coverage.totals import count
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file, read_text

CLASS = '<class name="p/A" sourcefilename="A.java">{}</class>'
SOURCE = '<sourcefile name="A.java">{}</sourcefile>'


def package(*parts: str) -> str:
    return f'<report name="x"><package name="p">{"".join(parts)}</package></report>'


def test_methods_are_functions_with_their_first_line() -> None:
    files, notes = read_file("jacoco", DATA / "jacoco" / "plain" / "report.xml")
    functions = files["org/shop/Cart.java"].functions
    assert functions["org/shop/Cart.add(II)I"] == Function(name="Cart.add", first=6, hits=1)
    assert functions["org/shop/Cart$Item.doubled()I"] == Function(name="Cart.Item.doubled", first=15, hits=0)
    assert not notes


def test_code_without_lines_counts_and_is_named_after_its_class() -> None:
    files, _ = read_file("jacoco", DATA / "jacoco" / "no_debug" / "report.xml")
    stock = files["org/stock/Stock.class"]
    assert not stock.lines
    counts = count(stock)
    assert (counts["instructions"].covered, counts["branches"].total, counts["functions"].total) == (8, 4, 3)


def test_groups_are_where_a_path_may_lie() -> None:
    files, _ = read_file("jacoco", DATA / "jacoco" / "groups" / "report.xml")
    assert files["org/shop/Cart.java"].roots == ("web",)


def test_counters_hold_where_lines_know_less(tmp_path: Path) -> None:
    source = SOURCE.format('<line nr="3" ci="1" mb="1" cb="1"/><counter type="BRANCH" missed="5" covered="3"/>')
    files, _ = read_text("jacoco", tmp_path, package(source))
    assert files["p/A.java"].branches == {3: {"#0": 1, "#1": 0}}
    counts = count(files["p/A.java"])
    assert (counts["branches"].covered, counts["branches"].total) == (3, 8)


def test_a_class_without_its_source_file_still_counts(tmp_path: Path) -> None:
    method = '<method name="f" desc="()V" line="4"><counter type="INSTRUCTION" missed="1" covered="2"/></method>'
    files, _ = read_text("jacoco", tmp_path, package(CLASS.format(method)))
    assert files["p/A.java"].units == {"instructions": {"p/A.f()V": (2, 3)}}
    assert files["p/A.java"].functions["p/A.f()V"].hits == 1


@pytest.mark.parametrize("missed", ["-4", "9" * 40])
def test_a_counter_that_cannot_be_is_left_out_with_a_note(tmp_path: Path, missed: str) -> None:
    source = SOURCE.format(f'<line nr="3" ci="1"/><counter type="LINE" missed="{missed}" covered="1"/>')
    files, notes = read_text("jacoco", tmp_path, package(source))
    assert files["p/A.java"].lines == {3: 1}
    assert not files["p/A.java"].units
    assert [note.reason for note in notes] == ["COUNTER_IMPOSSIBLE"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (SOURCE.format('<line ci="1"/>'), "lacks its attribute nr"),
        (SOURCE.format('<line nr="1" ci="x"/>'), "wrong value"),
        ('<line nr="1" ci="1"/>', "outside of any <sourcefile>"),
        ('<package name="q"/>', "within another"),
        (CLASS.format(SOURCE.format("")), "within a class"),
        ('<method name="f"/>', "outside of a class"),
        (CLASS.format('<counter type="LINE" missed="" covered="1"/>'), "wrong value"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, parts: str, expected: str) -> None:
    with pytest.raises(Problem, match=expected):
        read_text("jacoco", tmp_path, package(parts))

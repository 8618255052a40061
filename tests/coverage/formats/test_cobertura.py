"""Cobertura: its writers' variants, and what strangers may send."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.coverage import LINE_BOUND, Function
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file, read_text

HEAD = (
    '<?xml version="1.0"?>\n<coverage line-rate="1"><sources><source>/src/a</source><source>C:\\b</source></sources>\n'
)
TAIL = "</classes></package></packages></coverage>"


def one(lines: str, methods: str = "", name: str = "a.py") -> str:
    body = f"<methods>{methods}</methods><lines>{lines}</lines>"
    return f'{HEAD}<packages><package><classes>\n<class name="A" filename="{name}">{body}</class>{TAIL}'


def test_missed_targets_have_their_names_and_taken_arms_a_number() -> None:
    files, notes = read_file("cobertura", DATA / "cobertura" / "coveragepy_branch" / "report.xml")
    assert files["shop/cart.py"].branches == {
        9: {"#0": 1, "10": 0},
        11: {"#0": 1, "#1": 1},
        17: {"#0": 1, "19": 0},
        19: {"20": 0, "21": 0},
    }
    assert files["shop/never.py"].branches == {2: {"exit": 0, "3": 0}}
    assert files["shop/cart.py"].roots == ("/src/shop/py",)
    assert not notes


def test_every_source_is_a_root(tmp_path: Path) -> None:
    files, _ = read_text("cobertura", tmp_path, one('<line number="1" hits="1"/>', name="x\\a.py"))
    assert files["x/a.py"].roots == ("/src/a", "C:/b")


def test_lines_of_methods_count_once_and_only_stand_in_for_a_class_without_lines(tmp_path: Path) -> None:
    lines = '<line number="3" hits="2"/><line number="4" hits="0"/>'
    method = f'<method name="f" signature="(I)"><lines>{lines}</lines></method>'
    files, _ = read_text("cobertura", tmp_path, one('<line number="4" hits="0"/><line number="5" hits="1"/>', method))
    assert files["a.py"].lines == {4: 0, 5: 1}
    assert files["a.py"].functions == {"A.f(I)": Function(name="f", first=3, last=4, hits=2)}
    files, _ = read_text("cobertura", tmp_path, one("", method))
    assert files["a.py"].lines == {3: 2, 4: 0}


def test_conditions_count_where_the_line_gives_no_numbers(tmp_path: Path) -> None:
    conditions = (
        '<conditions><condition number="0" type="jump" coverage="50%"/><condition coverage="100%"/></conditions>'
    )
    lines = f'<line number="1" hits="1" branch="true">{conditions}</line><line number="2" hits="1" branch="true"/>'
    files, _ = read_text("cobertura", tmp_path, one(lines))
    assert files["a.py"].branches == {1: {"#0": 1, "#1": 1, "#2": 1, "#3": 0}}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('<line number="-3" hits="1"/>', "LINE_OUT_OF_RANGE"),
        ('<line number="0" hits="1"/>', "LINE_OUT_OF_RANGE"),
        (f'<line number="{LINE_BOUND + 1}" hits="1"/>', "LINE_OUT_OF_RANGE"),
        ('<line number="2" hits="1" branch="true" condition-coverage="200% (4/2)"/>', "BRANCHES_IMPOSSIBLE"),
        ('<line number="2" hits="1" branch="true" condition-coverage="0% (0/99999999)"/>', "BRANCHES_IMPOSSIBLE"),
    ],
)
def test_what_cannot_be_is_left_out_with_one_note(tmp_path: Path, line: str, reason: str) -> None:
    files, notes = read_text("cobertura", tmp_path, one(f'<line number="1" hits="7"/>{line}{line}'))
    assert files["a.py"].lines[1] == 7
    assert not files["a.py"].branches
    assert [note.reason for note in notes] == [reason]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('<line hits="1"/>', "lacks its attribute number"),
        ('<line number="1"/>', "lacks its attribute hits"),
        ('<line number="one" hits="1"/>', "wrong value"),
        ('<line number="2" hits="NaN"/>', "wrong value"),
        (f'<line number="{"9" * 5000}" hits="1"/>', "wrong value"),
        ('<class filename="b.py"/>', "within another"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, line: str, expected: str) -> None:
    with pytest.raises(Problem, match=expected) as refusal:
        read_text("cobertura", tmp_path, one(f'<line number="9" hits="1"/>\n\n{line}'))
    assert refusal.value.reason == "REPORT_MALFORMED"
    if "<line" in line:
        assert refusal.value.metadata["place"] == "line 6"


def test_a_line_outside_of_any_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="outside of any <class>"):
        read_text("cobertura", tmp_path, f'{HEAD}<packages><line number="1" hits="1"/></packages></coverage>')


def test_a_total_that_the_lines_do_not_bear_out_is_told() -> None:
    _, notes = read_file("cobertura", DATA / "cobertura" / "istanbul" / "report.xml")
    assert [note.reason for note in notes] == ["TOTALS_DIFFER"]
    assert "claims 10 branches, and lists 9" in notes[0].message

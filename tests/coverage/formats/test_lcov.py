"""LCOV: what geninfo 1 and 2 and other tools write, and what strangers may."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.coverage import LINE_BOUND, Function
from headwater.errors import Problem
from tests.coverage.formats.written import read_text


def record(*lines: str) -> str:
    return "\n".join(["TN:", "SF:src/a.c", *lines, "end_of_record", ""])


def test_several_records_of_a_file_and_repeated_lines_add_up_to_one(tmp_path: Path) -> None:
    text = record("DA:1,1", "DA:2,0", "DA:1,4") + record("DA:2,3", "DA:3,0").replace("TN:", "TN:two")
    files, notes = read_text("lcov", tmp_path, text)
    assert files["src/a.c"].lines == {1: 5, 2: 3, 3: 0}
    assert not notes


def test_checksums_floats_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    text = record("DA:1,2,Kx3hAh/q8gOXWQ", "DA:2,1e+06", "DA:3,4.0", "DA:4,0").replace("\n", "\r\n")
    files, _ = read_text("lcov", tmp_path, text)
    assert files["src/a.c"].lines == {1: 2, 2: 1_000_000, 3: 4, 4: 0}


def test_the_order_of_lines_changes_nothing(tmp_path: Path) -> None:
    lines = ["FN:1,5,f", "FNDA:2,f", "BRDA:2,0,0,1", "BRDA:2,0,1,-", "DA:1,2", "DA:2,2", "DA:3,0"]
    files, _ = read_text("lcov", tmp_path, record(*lines))
    twisted, _ = read_text("lcov", tmp_path, record(*lines[::-1]))
    mixed, _ = read_text("lcov", tmp_path, record(*lines[::2], *lines[1::2]))
    assert files == twisted == mixed


def test_branches_with_words_flags_and_dashes_are_arms(tmp_path: Path) -> None:
    rows = ("BRDA:7,0,jump to line 9,1", "BRDA:7,0,f(a, b),-", "BRDA:8,e0,0,0", "BRDA:8,f0,1,2", "BRDA:8,U0,2,0")
    files, _ = read_text("lcov", tmp_path, record(*rows, "DA:7,1", "DA:8,1"))
    assert files["src/a.c"].branches == {7: {"0,jump to line 9": 1, "0,f(a, b)": 0}, 8: {"0,0": 0, "0,1": 2}}


@pytest.mark.parametrize(
    "rows",
    [("FN:3,9,f", "FN:12,g", "FNDA:2,f", "FNDA:0,g"), ("FNL:0,3,9", "FNA:0,2,f", "FNL:1,12", "FNA:1,0,g")],
    ids=("before-2.2", "since-2.2"),
)
def test_functions_are_read_in_the_old_and_the_new_form(rows: tuple[str, ...], tmp_path: Path) -> None:
    files, _ = read_text("lcov", tmp_path, record(*rows, "DA:3,2"))
    assert files["src/a.c"].functions == {
        "f": Function(name="f", first=3, last=9, hits=2),
        "g": Function(name="g", first=12, last=0, hits=0),
    }


def test_summaries_are_passed_over_for_the_records(tmp_path: Path) -> None:
    files, _ = read_text("lcov", tmp_path, record("DA:1,1", "LF:99", "LH:98", "FNF:7", "FNH:7", "BRF:3", "BRH:3"))
    assert files["src/a.c"].lines == {1: 1}
    assert not files["src/a.c"].functions


def test_numbers_out_of_bounds_are_told_once_and_left_out(tmp_path: Path) -> None:
    rows = (
        "DA:0,1",
        "DA:-3,1",
        f"DA:{LINE_BOUND + 1},1",
        f"DA:{'9' * 40},1",
        "DA:1,-5",
        f"DA:2,{'9' * 40}",
        "BRDA:0,0,0,1",
    )
    files, notes = read_text("lcov", tmp_path, record(*rows))
    assert files["src/a.c"].lines == {1: 0, 2: 2**63 - 1}
    assert not files["src/a.c"].branches
    assert sorted(note.reason for note in notes) == ["REPORT_HITS_NEGATIVE", "REPORT_LINE_OUT_OF_BOUNDS"]


def test_names_are_cleaned(tmp_path: Path) -> None:
    text = b"SF:C:\\src\\r\xe9d\x07.c\nDA:1,1\nend_of_record\n"
    files, _ = read_text("lcov", tmp_path, text)
    assert list(files) == ["C:/src/r\N{REPLACEMENT CHARACTER}d\N{REPLACEMENT CHARACTER}.c"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("TN:\nSF:a.c\nDA:1,1\n", "line 3"),
        ("TN:\nDA:1,1\nend_of_record\n", "line 2"),
        ("TN:\nSF:a.c\nDA:1,1\nDA:1\nDA:2,3,4\nend_of_record\n", "line 4"),
        ("TN:\nSF:a.c\nSF:b.c\nend_of_record\n", "line 3"),
        ("TN:\nSF:a.c\nend_of_record\nSF:b.c\nBRDA:1,0,0\nend_of_record\n", "line 5"),
        ("TN:\nSF:a.c\nFNDA:x,f\nend_of_record\n", "line 3"),
        ("TN:\nSF:a.c\nDA:1,nan\nend_of_record\n", "line 3"),
    ],
)
def test_what_is_no_record_is_refused_with_its_line(text: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        read_text("lcov", tmp_path, text)
    assert refusal.value.reason == "REPORT_MALFORMED"
    assert refusal.value.metadata["place"] == place

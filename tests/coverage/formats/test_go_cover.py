"""Go's profiles: blocks are statements, lines follow from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.errors import Problem
from tests.coverage.formats.written import read_text


def test_a_line_takes_the_highest_count_of_its_blocks(tmp_path: Path) -> None:
    text = "mode: count\nshop/a.go:3.20,5.12 2 7\nshop/a.go:5.12,7.1 1 0\nshop/a.go:9.1,9.30 0 4\n"
    files, _ = read_text("go_cover", tmp_path, text)
    assert files["shop/a.go"].lines == {3: 7, 4: 7, 5: 7, 6: 0}
    assert files["shop/a.go"].units["statements"] == {"3.20,5.12": (2, 2), "5.12,7.1": (0, 1), "9.1,9.30": (0, 0)}


def test_merged_profiles_count_a_block_once(tmp_path: Path) -> None:
    text = "mode: set\na.go:1.1,2.2 2 0\nb.go:1.1,2.2 1 1\nmode: set\na.go:1.1,2.2 2 1\na.go:1.1,2.2 2 0\n"
    files, _ = read_text("go_cover", tmp_path, text)
    assert files["a.go"].units["statements"] == {"1.1,2.2": (2, 2)}
    assert files["a.go"].lines == {1: 1, 2: 1}
    assert files["b.go"].lines == {1: 1, 2: 1}


def test_windows_line_ends_and_paths_with_colons_are_read(tmp_path: Path) -> None:
    files, _ = read_text("go_cover", tmp_path, "mode: atomic\r\nC:\\shop\\a.go:1.1,1.9 1 1\r\n")
    assert files["C:/shop/a.go"].lines == {1: 1}


def test_blocks_out_of_bounds_are_left_out(tmp_path: Path) -> None:
    text = "mode: set\na.go:0.1,2.2 1 1\na.go:9.1,2.2 1 1\na.go:1.1,9000000.2 1 1\na.go:4.1,4.2 1 1\n"
    files, notes = read_text("go_cover", tmp_path, text)
    assert files["a.go"].lines == {4: 1}
    assert sorted(note.reason for note in notes) == ["REPORT_BLOCK_OUT_OF_BOUNDS", "REPORT_LINE_OUT_OF_BOUNDS"]


def test_blocks_upon_each_other_are_refused(tmp_path: Path) -> None:
    blocks = "".join(f"a.go:{line}.1,{line + 900_000}.2 1 1\n" for line in range(1, 13))
    with pytest.raises(Problem) as refusal:
        read_text("go_cover", tmp_path, f"mode: set\n{blocks}")
    assert refusal.value.reason == "REPORT_MALFORMED"


def test_a_line_that_is_no_block_is_refused_with_its_number(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        read_text("go_cover", tmp_path, "mode: set\na.go:1.1,2.2 1 1\n\na.go:1.1,2.2 1\n")
    assert refusal.value.metadata["place"] == "line 4"

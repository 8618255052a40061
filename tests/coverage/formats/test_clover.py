"""Clover: OpenClover, PHPUnit and istanbul mean different things by the same attributes."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.coverage import Function
from headwater.errors import Problem
from tests.coverage.formats.written import DATA, read_file, read_text


def test_a_condition_of_clover_is_true_or_false() -> None:
    files, _ = read_file("clover", DATA / "clover" / "openclover" / "report.xml")
    assert files["/src/shop/org/shop/Cart.java"].branches == {6: {"true": 0, "false": 2}, 8: {"true": 2, "false": 0}}


def test_tests_that_clover_lists_apart_are_left_out() -> None:
    files, _ = read_file("clover", DATA / "clover" / "openclover" / "report.xml")
    assert list(files) == ["/src/shop/org/shop/Cart.java"]


def test_a_condition_of_istanbul_counts_arms_taken_and_not_taken() -> None:
    files, _ = read_file("clover", DATA / "clover" / "istanbul" / "report.xml")
    assert files["/src/shop/js/lib/cart.js"].branches[10] == {"#0": 1, "#1": 1, "#2": 1, "#3": 0}


def test_a_method_of_one_line_counts_as_phpunit_counts_it() -> None:
    files, _ = read_file("clover", DATA / "clover" / "phpunit" / "report.xml")
    cart = files["/src/shop/php/src/Cart.php"]
    assert cart.lines == {6: 1, 7: 0, 9: 1, 10: 1, 12: 1, 14: 1, 17: 0}
    assert cart.functions["15:never"] == Function(name="never", first=15, hits=0)


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<line num="1" type="stmt" count="1"/>', "outside of any <file>"),
        ('<file name="a"><line num="1" type="cond" truecount="1"/></file>', "lacks its attribute falsecount"),
        ('<file name="a"><line num="1" count="one"/></file>', "wrong value"),
        ('<file name="a"><file name="b"/></file>', "within another"),
        ("<file/>", "lacks its attribute name"),
        ('<file name="a"><metrics statements="x" coveredstatements="1"/></file>', "wrong value"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, inside: str, expected: str) -> None:
    with pytest.raises(Problem, match=expected):
        read_text("clover", tmp_path, f"<coverage><project>{inside}</project></coverage>")

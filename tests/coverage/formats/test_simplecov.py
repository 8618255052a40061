"""SimpleCov's two JSON forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import Problem
from tests.coverage.formats.written import read_text


def result(entry: Any) -> str:
    return json.dumps({"RSpec": {"coverage": {"/src/a.rb": entry}, "timestamp": 1}})


def test_a_resultset_of_before_0_18_has_bare_lines(tmp_path: Path) -> None:
    files, _ = read_text("simplecov", tmp_path, result([None, 2, 0]))
    assert files["/src/a.rb"].lines == {2: 2, 3: 0}


def test_branches_stand_at_their_decision(tmp_path: Path) -> None:
    branches = {"[:if, 0, 2, 4, 6, 7]": {"[:then, 1, 3, 6, 3, 9]": 4, "[:else, 2, 5, 6, 5, 9]": 0}}
    files, _ = read_text("simplecov", tmp_path, result({"lines": [None, 2], "branches": branches}))
    assert files["/src/a.rb"].branches == {2: {"then 1": 4, "else 2": 0}}


def test_a_resultset_without_branches_has_null_for_them(tmp_path: Path) -> None:
    files, _ = read_text("simplecov", tmp_path, result({"lines": [1], "branches": None}))
    assert files["/src/a.rb"].lines == {1: 1}


def test_ignored_lines_and_branches_do_not_count(tmp_path: Path) -> None:
    arm = {"type": "then", "start_line": 3, "end_line": 3, "inline": False, "report_line": 2}
    branches = [{**arm, "coverage": 1}, {**arm, "type": "else", "coverage": "ignored"}]
    coverage = {"a.rb": {"lines": [1, "ignored", 0], "branches": branches}}
    text = json.dumps({"meta": {"simplecov_version": "0.22.0"}, "coverage": coverage, "groups": {"g": {"lines": {}}}})
    files, _ = read_text("simplecov", tmp_path, text)
    assert files["a.rb"].lines == {1: 1, 3: 0}
    assert files["a.rb"].excluded == {2}
    assert files["a.rb"].branches == {2: {"then 0": 1}}


@pytest.mark.parametrize(
    "entry", [7, {"lines": {}}, {"lines": ["1"]}, {"lines": [True]}, {"lines": [], "branches": {"if": {}}}], ids=str
)
def test_wrong_shapes_are_refused(entry: Any, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refusal:
        read_text("simplecov", tmp_path, result(entry))
    assert refusal.value.reason == "REPORT_MALFORMED"

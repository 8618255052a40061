"""Code stays as its formatters would write it, however long the names are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from headwater.errors import Code, Problem
from headwater.projects.formatting import formatted
from headwater.projects.phases import render
from headwater.proof.machine import found
from headwater.synthesis.project.files import File, Plan
from tests.project import frontend_tools
from tests.project.applications import planned

LONG = """
Municipal participatory budgeting proposal: responsible administrative department name, estimated implementation cost,
external project documentation link (unique), internal evaluation committee remarks

Neighbourhood association representative: full legal representative name, preferred contact address of everybody

Evaluation committee voting session: scheduled committee meeting date, number of participating committee members,
session status (planned for next quarter, currently being evaluated, finished with recommendation)

A municipal participatory budgeting proposal belongs to a neighbourhood association representative.
An evaluation committee voting session belongs to a municipal participatory budgeting proposal.
Neighbourhood association representatives manage their own municipal participatory budgeting proposals.
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return planned(LONG)


def test_long_names_leave_no_line_too_long(plan: Plan, tmp_path: Path) -> None:
    for _, file in render(plan):
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")
    ruff = found().ruff
    assert ruff is not None
    for words in (("check",), ("format", "--check")):
        done = subprocess.run(
            [ruff, *words, "--no-cache", "."], cwd=tmp_path / "backend", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_long_names_are_broken_as_prettier_does(plan: Plan, tmp_path: Path) -> None:
    root = frontend_tools.written(plan, tmp_path)
    frontend_tools.run(root, "prettier/bin/prettier.cjs", "--check", ".")


def test_what_fits_is_left_as_it_is() -> None:
    """No formatter is asked about it: not even what it would write otherwise is changed."""
    files = [File(path="a.py", text="x = {  'a':1 }\n"), File(path="b.md", text="long " * 40)]
    assert list(formatted(files)) == files


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        list(formatted([File(path="a.py", text=f"def ({'x' * 200}\n")]))
    assert (refused.value.code, refused.value.reason) == (Code.FAILED_PRECONDITION, "FORMATTER_FAILED")
    assert "a.py" in refused.value.message

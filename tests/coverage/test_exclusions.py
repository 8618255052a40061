"""What a project's own configuration leaves out of its coverage is left out here, as `coverage report` does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.coverage import Note
from headwater.coverage.analysis import analyse
from headwater.coverage.completing.exclusions import Exclusions, exclusions_of
from headwater.coverage.findings import Finding, Finished, Noted, ReportFile
from tests.coverage.test_running import question

SOURCE = """def f(a):
    if a > 1:  # seldom
        return 1
    if a > 2:
        log("far")
    while a:  # whole
        a -= 1
    return 2


def g():  # pragma: no cover
    return 3


f(1)
"""
INI = "[{}report]\nexclude_also =\n    # seldom\n    ^\\s*log\\(\npartial_also = # whole\n"
TOML = '[{}report]\nexclude_also = ["# seldom", "^\\\\s*log\\\\("]\npartial_also = ["# whole"]\n'
CONFIGURATIONS = {
    ".coveragerc": INI.format(""),
    "setup.cfg": INI.format("coverage:"),
    "tox.ini": INI.format("coverage:"),
    "pyproject.toml": TOML.format("tool.coverage."),
}


def read(files: dict[str, str]) -> tuple[Exclusions | None, list[Note]]:
    told: list[Note] = []
    return exclusions_of(files.get, told.append), told


def analysed(folder: Path, below: str = "") -> tuple[Finished, list[Noted]]:
    (folder / "work").mkdir()
    found: list[Finding] = []
    asked = question(folder / "work", (folder / ".coverage").read_bytes(), source=folder / below, allowed=folder)
    report = ReportFile(path=asked.reports[0].path, name="r", format="coverage_sqlite")
    analyse(
        type(asked)(**{**{name: getattr(asked, name) for name in asked.__slots__}, "reports": (report,)}), found.append
    )
    assert isinstance(found[-1], Finished)
    return found[-1], [each for each in found if isinstance(each, Noted)]


def measure(folder: Path, below: str = "") -> dict[str, int]:
    """Has coverage.py measure the source, and returns the totals of its own report."""
    (folder / below).mkdir(exist_ok=True)
    (folder / below / "a.py").write_text(SOURCE)
    command = [sys.executable, "-m", "coverage"]
    for arguments in (["run", "--branch", str(Path(below) / "a.py")], ["json", "-q", "-o", "out.json"]):
        subprocess.run([*command, *arguments], cwd=folder, check=True)
    return json.loads((folder / "out.json").read_text())["totals"]


@pytest.mark.parametrize("below", ["", "src"], ids=["beside the source", "above the source"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_totals_are_those_of_the_tool_with_the_same_configuration(tmp_path: Path, name: str, below: str) -> None:
    (tmp_path / name).write_text(CONFIGURATIONS[name])
    totals = measure(tmp_path, below)
    counts = analysed(tmp_path, below)[0].counts
    assert (counts["lines"].covered, counts["lines"].total) == (totals["covered_lines"], totals["num_statements"])
    assert (counts["branches"].covered, counts["branches"].total) == (
        totals["covered_branches"],
        totals["num_branches"],
    )
    assert totals["excluded_lines"] > 2


def test_the_first_file_that_speaks_of_it_holds() -> None:
    """Files of other tools are passed over where they say nothing of coverage.py; its own holds though it is empty."""
    toml = CONFIGURATIONS["pyproject.toml"]
    other = {"setup.cfg": "[metadata]\nname = a\n[report]\nexclude_also = b\n", "tox.ini": "[tox\n"}
    assert read({**other, "pyproject.toml": toml})[0] == read({"pyproject.toml": toml})[0] != None  # noqa: E711
    assert read({".coveragerc": "", "pyproject.toml": toml})[0] == Exclusions()
    assert read(other) == (None, [])
    assert read({"pyproject.toml": "tool = 3"}) == (None, [])
    assert read({"pyproject.toml": "[tool.coverage]\nreport = 3"})[0] == Exclusions()


def test_lines_of_its_own_take_the_place_of_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".coveragerc").write_text("[report]\nexclude_lines = nothing like this\n")
    totals = measure(tmp_path)
    lines = analysed(tmp_path)[0].counts["lines"]
    assert (lines.covered, lines.total) == (totals["covered_lines"], totals["num_statements"])
    assert totals["excluded_lines"] == 0


def test_a_regex_that_is_none_is_told_and_excludes_nothing() -> None:
    found, told = read({".coveragerc": "[report]\nexclude_also =\n    (\n    ok\n"})
    assert found == Exclusions(exclude_also=("ok",))
    assert [note.reason for note in told] == ["EXCLUSION_INVALID"]
    assert ".coveragerc, exclude_also: '('" in told[0].message


def test_the_environment_is_not_put_into_it() -> None:
    """A stranger's configuration names variables of the service in vain."""
    found, _ = read({".coveragerc": "[report]\nexclude_also = ${PATH}$HOME\n"})
    assert found == Exclusions(exclude_also=("${PATH}$HOME",))

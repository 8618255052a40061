"""What the pytest runner counts is what `coverage json` counts, on real modules and on every kind of branch."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from .test_pytest_runner import Ran, run

BRANCHES = '''
"""Every kind of branch."""
import sys

if sys.platform == "no such platform":
    SEPARATOR = ";"
else:
    SEPARATOR = ":"

for number in range(2):
    if number:
        FIRST = number


def kind(value):
    match value:
        case 0:
            return "zero"
        case [first, *_] if first:
            return "list"
        case {"key": found}:
            return found
        case str() | bytes():
            return "text"
        case _:
            return None


def guarded(action):
    try:
        result = action()
    except ValueError:
        return "value"
    except (KeyError, OSError) as error:
        result = str(error)
    else:
        result += 1
    finally:
        if action is None:
            print("never")
    return result


def search(items, wanted):
    while items:
        if items.pop() == wanted:
            break
    else:
        return False
    return True


def comprehended(rows):
    return [
        cell
        for row in rows
        if row
        for cell in row
        if cell is not None
    ], {key: 1 for key in rows if key}, (lambda row: row or 1)


def generated(limit):
    total = 0
    while True:
        total += 1
        if total > limit:
            return
        yield total if total % 2 else -total


async def awaited(source):
    async for item in source:
        async with item as opened:
            if opened:
                return opened


def excused(value):
    if value:  # pragma: no branch
        value += 1
    if value > 5:  # pragma: no cover
        return None
    for step in range(value):
        if step: continue
        with open(__file__) as file:
            if not file.read(): return 1
    return value


class Shape:
    if SEPARATOR == ":":
        sides = 4

    @property
    def area(self): return self.sides if self.sides > 3 else 0


if __name__ == "__main__":
    sys.exit(1)
'''

TESTS = """
from subject import *
from subject import Shape
import pytest

def test_kinds(): assert [kind(value) for value in (0, [1], {"key": 2})] == ["zero", "list", 2]
def test_other_kinds(): assert kind("a") == "text" and kind(None) is None
def test_guarded(): assert guarded(lambda: 1) == 2
def test_guarded_against_keys(): assert guarded(lambda: {}["a"]) == "'a'"
def test_found(): assert search([1, 2, 3], 2)
def test_not_found(): assert not search([1], 2)
def test_comprehended(): assert comprehended([(1, None), ()])[0] == [1]
def test_generated(): assert list(generated(3)) == [1, -2, 3]
def test_excused(): assert excused(1) == 2
def test_shape(): assert Shape().area == 4
"""

WRAPPING = """
import subject

def test_wrap(): assert subject.wrap("one two three", 8) == ["one two", "three"]
def test_dedent(): assert subject.dedent("  a\\n   b\\n") == "a\\n b\\n"
def test_indent(): assert subject.indent("a\\n\\nb", "> ") == "> a\\n\\n> b"
def test_shorten(): assert subject.shorten("hello  world", 11) == "hello world"
def test_shortens(): assert subject.shorten("hello big world", 12) == "hello [...]"
"""

SPLITTING = """
import io, subject, pytest

def test_split(): assert subject.split("a 'b c' d\\\\ e") == ["a", "b c", "d e"]
def test_comments(): assert subject.split("a # b", comments=True) == ["a"]
def test_quote(): assert subject.quote("a b") == "'a b'"
def test_join(): assert subject.join(["a", "b c"]) == "a 'b c'"
def test_open_quote():
    with pytest.raises(ValueError): subject.split("a 'b")
def test_punctuation(): assert list(subject.shlex("a && b", punctuation_chars=True)) == ["a", "&&", "b"]
"""


@pytest.mark.parametrize(
    ("module", "tests"),
    [
        pytest.param(BRANCHES, TESTS, id="branches"),
        pytest.param(Path(textwrap.__file__).read_text(), WRAPPING, id="textwrap"),
        pytest.param(Path(shlex.__file__).read_text(), SPLITTING, id="shlex"),
        pytest.param("", "import subject\ndef test_nothing(): pass\n", id="empty"),
    ],
)
def test_counts_equal_those_of_coverage_json(tmp_path: Path, module: str, tests: str) -> None:
    """Denominators, executed lines, taken branches and totals are those of its report on the same tests."""
    ran = judged(tmp_path, module, tests)
    report = coverage_json(tmp_path)
    baseline, covered = ran.one("baseline"), ran.one("coverage")
    assert ran.one("round")["outcome"] == "passed"
    assert baseline["statements"] == sorted(report["executed_lines"] + report["missing_lines"])
    assert covered["lines"] == report["executed_lines"]
    missing = [branch for branch in baseline["branches"] if branch not in covered["branches"]]
    assert missing == sorted(report["missing_branches"])
    # Reports count the untaken side of a `no branch` line as taken, but list it nowhere.
    listed = sorted(report["executed_branches"] + report["missing_branches"])
    assert [branch for branch in baseline["branches"] if branch not in excused(module, baseline)] == [
        branch for branch in listed if branch not in excused(module, baseline)
    ]
    assert len(baseline["statements"]) == report["summary"]["num_statements"]
    assert len(covered["lines"]) == report["summary"]["covered_lines"]
    assert len(baseline["branches"]) == report["summary"]["num_branches"]
    assert len(covered["branches"]) == report["summary"]["covered_branches"]


@pytest.mark.parametrize(("module", "tests"), [(BRANCHES, TESTS), (Path(shlex.__file__).read_text(), SPLITTING)])
def test_tests_alone_add_up_to_the_tests_together(tmp_path: Path, module: str, tests: str) -> None:
    """The union of what each test covers alone is what all cover together, and each includes the import."""
    ran = judged(tmp_path, module, tests)
    alone, together, baseline = ran.all("alone"), ran.one("coverage"), ran.one("baseline")
    assert {line for message in alone for line in message["lines"]} == set(together["lines"])
    assert {tuple(arc) for message in alone for arc in message["branches"]} == {tuple(a) for a in together["branches"]}
    for message in alone:
        assert set(baseline["lines"]) <= set(message["lines"])
        assert all(arc in message["branches"] for arc in baseline["taken"])
    assert len({json.dumps(message["branches"]) for message in alone}) > 3


def test_the_baseline_is_what_the_import_alone_covers(tmp_path: Path) -> None:
    """It has module-level branches, but not what the file of tests calls while it is collected."""
    module = "import sys\nif sys.version_info > (3,):\n    A = 1\nelse:\n    A = 2\ndef f():\n    return A\n"
    tests = "import subject\nVALUE = subject.f()\ndef test_a(): assert VALUE == 1\n"
    ran = judged(tmp_path, module, tests)
    assert ran.one("baseline") == {
        "event": "baseline",
        "statements": [1, 2, 3, 5, 6, 7],
        "branches": [[2, 3], [2, 5]],
        "lines": [1, 2, 3, 6],
        "taken": [[2, 3]],
    }
    assert ran.one("alone")["lines"] == [1, 2, 3, 6, 7]


def test_a_source_behind_a_link_in_a_package_is_measured(tmp_path: Path) -> None:
    """Real paths are compared; a folder's name may look like a pattern."""
    work = tmp_path / "odd [work] folder"
    (tmp_path / "real").mkdir()
    (tmp_path / "real/shop").mkdir()
    (tmp_path / "real/shop/__init__.py").write_text("from .cart import total\n")
    (tmp_path / "real/shop/cart.py").write_text("def total(prices):\n    return sum(prices)\n")
    work.mkdir()
    (work / "shop").symlink_to(tmp_path / "real/shop")
    tests = "from shop import cart\ndef test_a(): assert cart.total([1]) == 1\n"
    ran = run(work, {"test_cart.py": tests}, module="shop.cart", source="shop/cart.py", judge=["test_a"], rounds=1)
    assert ran.one("baseline")["lines"] == [1]
    assert ran.one("alone")["lines"] == [1, 2]


def judged(work: Path, module: str, tests: str) -> Ran:
    """Judges every test of the file, and all together once."""
    names = [line[4:].split("(")[0] for line in tests.splitlines() if line.startswith("def test_")]
    files = {"subject.py": module, "test_subject.py": tests}
    return run(work, files, tests="test_subject.py", module="subject", source="subject.py", judge=names, rounds=1)


def coverage_json(work: Path) -> dict[str, Any]:
    """Runs the same tests under coverage's own command and returns its report on the module."""
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    measured = ["coverage", "run", "--branch", "--source=.", "-m", "pytest", "-c", os.devnull, "test_subject.py"]
    for command in (measured, ["coverage", "json"]):
        subprocess.run(
            [sys.executable, "-m", *command], cwd=work, env=environment, check=True, stdout=subprocess.DEVNULL
        )
    return json.loads((work / "coverage.json").read_text())["files"]["subject.py"]


def excused(module: str, baseline: dict[str, Any]) -> list[list[int]]:
    """Returns the branches of lines that are marked `no branch`."""
    marked = {number for number, line in enumerate(module.splitlines(), 1) if "no branch" in line}
    return [branch for branch in baseline["branches"] if branch[0] in marked]

"""What is covered of a change: executable changed lines and their arms; what no report speaks of is told apart."""

from __future__ import annotations

from headwater.coverage import Count, FileCoverage
from headwater.coverage.changes.patch import PatchCount
from headwater.coverage.findings import Patch, PatchFile

FILE = FileCoverage(path="src/shop.py", lines={1: 1, 2: 0, 3: 4, 5: 0}, branches={3: {"4": 1, "5": 0}, 5: {"6": 0}})


def test_changed_executable_lines_are_counted() -> None:
    """Comments and blank lines that change are none, and what did not change is none."""
    patch = PatchCount({"src/shop.py": frozenset({2, 3, 4})})
    patch.add("src/shop.py", FILE)
    (found,) = patch.result().files
    assert found == PatchFile(
        path="src/shop.py",
        lines=Count(covered=1, total=2),
        branches=Count(covered=1, total=2),
        missing=(2,),
    )


def test_a_file_that_is_counted_again_replaces_what_was_said() -> None:
    """A report may speak of a file in two parts."""
    patch = PatchCount({"src/shop.py": frozenset({2})})
    patch.add("src/shop.py", FILE)
    patch.add("src/shop.py", FileCoverage(path="src/shop.py", lines={2: 1}))
    assert [each.lines for each in patch.result().files] == [Count(covered=1, total=1)]


def test_paths_may_begin_higher_or_lower_than_in_the_diff() -> None:
    """The report's file and the diff's are one where their ends are."""
    patch = PatchCount({"service/src/shop.py": frozenset({2})})
    assert patch.lines("src/shop.py") == patch.lines("/build/service/src/shop.py") == {2}
    assert patch.lines("src/cart.py") == frozenset()
    patch.add("src/shop.py", FILE)
    result = patch.result()
    assert [each.path for each in result.files] == ["src/shop.py"]
    assert result.without_data == ()


def test_changed_code_without_data_is_told() -> None:
    """Not tests, not what is no code, and not a file of which lines only went."""
    changes = {
        "src/new.py": frozenset({1}),
        "tests/test_new.py": frozenset({1}),
        "README.md": frozenset({1}),
        "src/less.py": frozenset[int](),
        "src/shop.py": frozenset({4}),
    }
    patch = PatchCount(changes)
    patch.add("src/shop.py", FILE)
    result = patch.result()
    assert result.without_data == ("src/new.py",)
    assert [(each.path, each.lines) for each in result.files] == [("src/shop.py", Count())]
    assert PatchCount({}).result() == Patch()

"""Tests that exist are run once, in the sandbox, and say what they cover."""

from __future__ import annotations

from pathlib import Path

from headwater.packages.existing import Existing, find_tests, run_tests
from headwater.sandbox import Limits
from headwater.sandbox.opening import OpenSandbox

from .project import CART_TESTS, SHOP, write


async def ran(sandbox: OpenSandbox, project: Path, seconds: float = 30.0) -> Existing:
    """Runs the tests of a project."""
    tests = find_tests(project, project, project / "tests", ())
    sources = [project / "src/shop/cart.py", project / "src/shop/api/cart.py"]
    return await run_tests(
        sandbox,
        tests,
        sources,
        folder=project,
        roots=[project / "src"],
        python=None,
        seconds=seconds,
        limits=Limits(),
    )


async def test_what_tests_execute_is_counted(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """Lines and branches by file, in a project whose own options of pytest would get in the way."""
    ini = "[pytest]\naddopts = --no-such-option -x\n"
    files = {**SHOP, "pytest.ini": ini, "tests/test_cart.py": CART_TESTS, "tests/test_bad.py": "import nothing_here\n"}
    project = write(tmp_path / "project", files)
    found = await ran(sandbox, project)
    cart, routes = (found.covered[project / f"src/shop/{name}.py"].coverage for name in ("cart", "api/cart"))
    assert (found.files, found.passed, found.failed, found.why) == (2, 2, 1, "")
    assert cart.whole
    assert (cart.lines.total, cart.branches.total) == (9, 2)
    assert (routes.lines.covered, routes.lines.total, routes.branches.total) == (0, 6, 4)


async def test_tests_that_never_end_count_as_far_as_they_came(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """What earlier files executed is kept when the process dies; why it ended early is said."""
    dies = "import os\n\n\ndef test_first() -> None: ...\n\n\ndef test_dies() -> None:\n    os._exit(3)\n"
    project = write(tmp_path / "project", {**SHOP, "tests/test_cart.py": CART_TESTS, "tests/test_dies.py": dies})
    found = await ran(sandbox, project)
    assert "exit status 3" in found.why
    assert found.covered[project / "src/shop/cart.py"].coverage.whole


async def test_no_test_begins_after_the_time_is_up(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """The first takes all the time that there is; the second is not begun."""
    two = "def test_first() -> None: ...\n\n\ndef test_next() -> None: ...\n"
    found = await ran(sandbox, write(tmp_path / "project", {**SHOP, "tests/test_two.py": two}), seconds=1e-9)
    assert (found.passed, found.why) == (1, "their time was up")


async def test_pytest_that_cannot_begin_stops_nothing(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """A conftest.py that breaks is told in a line."""
    files = {**SHOP, "tests/conftest.py": "raise RuntimeError('broken')\n", "tests/test_cart.py": CART_TESTS}
    found = await ran(sandbox, write(tmp_path / "project", files))
    assert found.why.startswith("pytest could not run them")
    assert found.passed == 0


def test_tests_are_looked_for_in_the_project(tmp_path: Path) -> None:
    """In all of a project; of a folder that is none, in itself and in the folders of tests beside it."""
    project = write(tmp_path / "a", {**SHOP, "tests/test_a.py": "", "src/shop/test_b.py": ""})
    assert [each.name for each in find_tests(project / "src", project, project / "out", ())] == [
        "test_b.py",
        "test_a.py",
    ]
    loose = write(tmp_path / "b", {"shop/__init__.py": "", "tests/test_c.py": "", "other/test_d.py": ""})
    assert [each.name for each in find_tests(loose / "shop", loose, loose / "out", ())] == ["test_c.py"]
    named = find_tests(project, project, project / "out", [project / "tests" / "test_a.py"])
    assert [each.name for each in named] == ["test_a.py"]

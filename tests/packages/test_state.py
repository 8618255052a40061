"""What is done is remembered, until the source or the options are others."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.errors import Problem
from headwater.packages.modules import Module
from headwater.packages.planning import Item, Plan, Wish, make_plan, shares
from headwater.packages.state import STATE, Coverage, Done, Row, Share, State

from .project import CART, SHOP, commit, write

ROW = Row(
    module="shop.cart",
    verdict="tested",
    tests=3,
    file="test_cart.py",
    after=Coverage(lines=Share(covered=1, total=2), branches=Share()),
)
OURS = "# Tests of shop.cart, written by Headwater (embedded, seed 0).\n"


def wish(folder: Path, **given: object) -> Wish:
    """What is asked for in a project."""
    (folder / "tests").mkdir(exist_ok=True)
    asked = {
        "top": folder,
        "out": folder / "tests",
        "root": None,
        "include": (),
        "exclude": (),
        "existing": (),
        "no_existing": False,
        "changed_since": None,
        "fresh": False,
        "force": False,
        "options": {"seed": 0},
    }
    return Wish(**{**asked, **given})  # type: ignore[arg-type]


def plan(folder: Path, **given: object) -> Plan:
    """The plan for a project, by what its folder of tests remembers."""
    return make_plan(wish(folder, **given), State(folder / "tests"))


def item(made: Plan, name: str = "shop.cart") -> Item:
    """The item of a module."""
    return next(each for each in made.items if each.module.name == name)


def finish(folder: Path) -> None:
    """Puts down that the tests of shop.cart are written."""
    found = item(plan(folder))
    write(folder, {"tests/test_cart.py": OURS})
    State(folder / "tests").keep(found.id, Done(key=found.key, row=ROW))


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    """Unless the source, the options or the file of tests changed, or all is asked for afresh."""
    finish(write(tmp_path, SHOP))
    row = item(plan(tmp_path)).row
    assert row is not None
    assert (row.resumed, row.tests, row.after) == (True, 3, ROW.after)
    assert item(plan(tmp_path, fresh=True)).row is None
    assert item(plan(tmp_path, options={"seed": 1})).row is None
    (tmp_path / "tests/test_cart.py").unlink()
    assert item(plan(tmp_path)).row is None
    finish(tmp_path)
    write(tmp_path, {"src/shop/cart.py": CART + "\n"})
    assert item(plan(tmp_path)).row is None


def test_what_failed_is_tried_again(tmp_path: Path) -> None:
    """A missing package may have been installed since."""
    finish(write(tmp_path, SHOP))
    found = item(plan(tmp_path))
    State(tmp_path / "tests").keep(found.id, Done(key=found.key, row=Row(module="shop.cart", verdict="failed")))
    assert item(plan(tmp_path)).row is None


def test_no_file_of_somebody_else_is_written_over(tmp_path: Path) -> None:
    """Ours is written anew, theirs is kept and counts as a test that exists; --force takes its name."""
    write(tmp_path, {**SHOP, "tests/test_cart.py": "def test_mine(): ...\n"})
    assert item(plan(tmp_path)).test_file.name == "test_cart_generated.py"
    assert [test.name for test in plan(tmp_path).tests] == ["test_cart.py"]
    assert item(plan(tmp_path, force=True)).test_file.name == "test_cart.py"
    assert plan(tmp_path, no_existing=True).tests == []
    write(tmp_path, {"tests/test_cart.py": OURS})
    assert item(plan(tmp_path)).test_file.name == "test_cart.py"
    assert plan(tmp_path).tests == []


def test_a_change_is_tested_in_a_file_of_its_own(tmp_path: Path) -> None:
    """Tests that were written for the whole module are not replaced by those of a few lines: they count as existing."""
    write(tmp_path, {**SHOP, "tests/test_cart.py": OURS})
    commit(tmp_path)
    assert plan(tmp_path, changed_since="HEAD").items == []
    write(tmp_path, {"src/shop/cart.py": CART.replace("sum(", "0 + sum(")})
    made = plan(tmp_path, changed_since="HEAD")
    assert [(each.module.name, each.symbols) for each in made.items] == [("shop.cart", ("Cart.total",))]
    assert item(made).test_file.name == "test_cart_generated.py"
    assert [test.name for test in made.tests] == ["test_cart.py"]


def test_modules_without_functions_need_no_run(tmp_path: Path) -> None:
    """There is nothing in them to call."""
    rows = {each.module.name: each.row for each in plan(write(tmp_path, SHOP)).items}
    assert [name for name, row in rows.items() if row and row.verdict == "nothing to test"] == ["shop", "shop.api"]


def test_a_state_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """It is given up only where all is asked for afresh."""
    (tmp_path / STATE).write_text("{}")
    with pytest.raises(Problem) as refused:
        State(tmp_path)
    assert refused.value.reason == "STATE_UNREADABLE"
    assert State(tmp_path, fresh=True).file_of("a.py") == ""


def test_a_total_budget_is_shared_by_size(tmp_path: Path) -> None:
    """Two at a time have twice the seconds; nobody gets less than the least or more than the most."""
    sources = (b"def a(): ...\n", b"def a(): ...\n" * 3, b"def a(): ...\n" * 400)
    modules = [Module(root=tmp_path, path=f"m{number}.py", source=text) for number, text in enumerate(sources)]
    items = [Item(module=each, test_file=tmp_path / "t.py", id=each.path, key="") for each in modules]
    small, middle, large = shares(items, 404, jobs=2, least=0.5, most=700)
    assert (small, middle, large) == (2, 6, 700)
    assert shares(items[:2], 4, jobs=1, least=2, most=700) == [2, 3]

"""A change aims at the functions that it touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.errors import Problem
from headwater.packages.changes import changes_since
from headwater.packages.modules import find_modules

from .project import CART, SHOP, commit, write


def changed(folder: Path, revision: str = "HEAD") -> dict[str, tuple[str, ...] | None]:
    """The names that changed, by module; those that did not change are left out."""
    changes = changes_since(revision, folder)
    found = {module.name: changes.symbols(module) for module in find_modules(folder, root=None)}
    return {name: symbols for name, symbols in found.items() if symbols != ()}


def test_changed_and_deleted_lines_belong_to_their_function(tmp_path: Path) -> None:
    """A line that is changed, added or taken away names the function around it; one at the top names none."""
    commit(write(tmp_path, SHOP))
    assert changed(tmp_path) == {}
    less = CART.replace('        if price < 0:\n            raise ValueError("a price is not negative")\n', "")
    write(tmp_path, {"src/shop/cart.py": f"LIMIT = 3\n{less}", "src/shop/api/__init__.py": "LIMIT = 4\n"})
    assert changed(tmp_path) == {"shop.cart": ("Cart.add",)}
    write(tmp_path, {"src/shop/cart.py": CART.replace("sum(", "0 + sum(")})
    assert changed(tmp_path) == {"shop.cart": ("Cart.total",)}


def test_new_files_are_aimed_at_as_a_whole(tmp_path: Path) -> None:
    """Whether git was told of them or not, also where their names are no ASCII."""
    commit(write(tmp_path, SHOP))
    write(
        tmp_path, {"src/shop/fresh.py": "def one():\n    return 1\n", "src/shop/größe.py": "def two():\n    return 2\n"}
    )
    assert changed(tmp_path) == {"shop.fresh": None, "shop.größe": None}
    commit(tmp_path)
    assert changed(tmp_path) == {}
    assert changed(tmp_path, "HEAD~1") == {"shop.fresh": ("one",), "shop.größe": ("two",)}


@pytest.mark.parametrize(
    ("revision", "reason"),
    [("nothing", "GIT_RANGE_UNKNOWN"), ("--output=x", "GIT_RANGE_INVALID"), ("HEAD~1..HEAD", "GIT_RANGE_INVALID")],
)
def test_a_revision_that_is_none_is_refused(revision: str, reason: str, tmp_path: Path) -> None:
    """The refusal says what to name instead."""
    commit(write(tmp_path, SHOP))
    with pytest.raises(Problem) as refused:
        changes_since(revision, tmp_path)
    assert refused.value.reason == reason
    assert "Name " in refused.value.remedy


def test_a_folder_without_history_is_refused(tmp_path: Path) -> None:
    """Nothing can have changed where nothing is remembered."""
    with pytest.raises(Problem) as refused:
        changes_since("HEAD", write(tmp_path, SHOP))
    assert refused.value.reason == "NOT_A_CHECKOUT"

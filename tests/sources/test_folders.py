"""A folder of the server is read only under the roots that it allows."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import Code, Problem
from tests.sources.asking import CART, load, refused


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder that is allowed, beside a file that is not."""
    (tmp_path / "secret.py").write_bytes(b"x = 1\n")
    folder = tmp_path / "allowed" / "shop"
    (folder / "src" / "shop").mkdir(parents=True)
    (folder / "src" / "shop" / "__init__.py").write_bytes(b"")
    (folder / "src" / "shop" / "cart.py").write_bytes(CART)
    return folder


def test_a_folder_of_the_server_goes_on_the_import_path(shop: Path) -> None:
    tree = load(shop.parent, root=str(shop), path="src/shop/cart.py")
    assert (tree.path, tree.prefix, tree.module) == ("shop/cart.py", "src/", "shop.cart")
    assert (tree.roots, tree.files) == ((shop / "src", shop), {})
    assert tree.text == CART.decode()


def test_without_allowed_roots_none_is_read(shop: Path) -> None:
    found = refused(root=str(shop), path="src/shop/cart.py")
    assert (found.code, found.reason) == (Code.PERMISSION_DENIED, "ROOTS_NOT_ALLOWED")
    assert "--allow-root" in found.remedy


def test_outside_of_the_roots_the_answer_is_the_same_whatever_is_there(shop: Path) -> None:
    top = shop.parent.parent
    (shop / "link.py").symlink_to(top / "secret.py")
    (shop / "dangling.py").symlink_to(top / "nothing.py")
    (shop / "up").symlink_to(top)
    (shop.parent / "out").symlink_to(top)
    answers = [
        *(refused(shop.parent, root=str(shop), path=p) for p in ("link.py", "dangling.py", "up/secret.py", "up/no.py")),
        *(
            refused(shop.parent, root=str(root), path="secret.py")
            for root in (top, top / "nothing", shop.parent / "out", shop.parent / "..", "/\ud800")
        ),
    ]
    assert {(each.code, each.reason, each.message) for each in answers} == {
        (Code.PERMISSION_DENIED, "SOURCE_OUTSIDE_ROOTS", answers[0].message)
    }


def test_a_link_that_stays_inside_is_followed(shop: Path) -> None:
    (shop / "cart.py").symlink_to("src/shop/cart.py")
    assert load(shop.parent, root=str(shop), path="cart.py").text == CART.decode()


def test_what_is_no_regular_file_is_not_found_and_does_not_hang(shop: Path) -> None:
    os.mkfifo(shop / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(shop)  # a socket's path must be short
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(here)
        for path in ("pipe.py", "socket.py", "src", "src/shop/cart.py/x.py", "missing.py"):
            found = refused(shop.parent, root=str(shop), path=path)
            assert (found.code, found.reason) == (Code.NOT_FOUND, "SOURCE_NOT_FOUND")


def test_a_missing_file_of_a_folder_is_told_its_neighbours(shop: Path) -> None:
    found = refused(shop.parent, root=str(shop), path="shop/cart.py")
    assert found.metadata["candidates"].startswith("src/shop/cart.py")
    assert "secret" not in str(found)


def test_a_folder_with_several_files_needs_a_path(shop: Path) -> None:
    found = refused(shop.parent, root=str(shop))
    assert found.reason == "SOURCE_PATH_NEEDED"
    (shop / "src" / "shop" / "__init__.py").unlink()
    assert load(shop.parent, root=str(shop)).module == "shop.cart"


def test_a_large_file_of_a_folder_is_not_read_to_its_end(shop: Path) -> None:
    with (shop / "large.py").open("wb") as file:
        file.truncate(1 << 40)
    found = refused(shop.parent, root=str(shop), path="large.py")
    assert (found.reason, found.metadata["size"]) == ("SOURCE_TOO_LARGE", str(1 << 40))


@pytest.mark.parametrize("root", ["shop", "../shop", "/srv\0"])
def test_a_root_that_is_no_absolute_path_is_refused(shop: Path, root: str) -> None:
    found = refused(shop.parent, root=root, path="cart.py")
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_INVALID", "source.root")


def test_a_root_that_is_no_folder_is_not_found(shop: Path) -> None:
    for root in (shop / "nothing", shop / "src" / "shop" / "cart.py", shop / ("x" * 300)):
        found = refused(shop.parent, root=str(root), path="cart.py")
        assert (found.code, found.metadata["field"]) == (Code.NOT_FOUND, "source.root")


@given(path=st.text(st.characters() | st.sampled_from("./\\:\0"), min_size=1, max_size=40))
def test_no_path_in_a_folder_whatever_is_met_by_another_error(path: str) -> None:
    here = Path(__file__).parent
    with contextlib.suppress(Problem):
        load(here.parent, root=str(here), path=path)


def test_an_interpreter_lies_in_an_allowed_folder_though_it_may_be_a_link(shop: Path) -> None:
    (shop / "bin").mkdir()
    (shop / "bin" / "python").symlink_to(sys.executable)
    asked = {"root": str(shop), "path": "src/shop/cart.py"}
    assert load(shop.parent, python=str(shop / "bin" / "python"), **asked).python == shop / "bin" / "python"
    for python, reason in (
        (sys.executable, "SOURCE_OUTSIDE_ROOTS"),
        ("/nowhere/python", "SOURCE_OUTSIDE_ROOTS"),
        (str(shop / "bin" / "missing"), "SOURCE_NOT_FOUND"),
        (str(shop / "bin"), "SOURCE_NOT_FOUND"),
        (str(shop / "src" / "shop" / "cart.py"), "INTERPRETER_UNUSABLE"),
        ("python", "SOURCE_PATH_INVALID"),
    ):
        found = refused(shop.parent, python=python, **asked)
        assert (found.reason, found.metadata["field"]) == (reason, "source.python")

"""The modules of a project are found under the names by which they are imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.errors import Problem
from headwater.packages.lookup import find_named
from headwater.packages.modules import Module, files_of_tests, find_modules, project_of
from headwater.packages.names import file_names, is_ours

from .project import CART, SHOP, write


def named(top: Path, **choice: tuple[str, ...]) -> dict[str, str]:
    """The modules of a folder by name, each with its root."""
    return {each.name: each.root.name for each in find_modules(top, root=None, **choice)}


@pytest.mark.parametrize("below", ["", "src", "src/shop"])
def test_a_src_layout_is_imported_from_src(below: str, tmp_path: Path) -> None:
    """Whichever of its folders is named, the package is imported from `src`."""
    write(tmp_path, SHOP)
    found = named(tmp_path / below)
    assert found == dict.fromkeys(("shop", "shop.api", "shop.api.cart", "shop.cart"), "src")


def test_files_of_tools_and_tests_are_no_modules(tmp_path: Path) -> None:
    """Tests, what only tools run, hidden folders, environments, and what no name can import are left out."""
    left_out = (
        "tests/test_it.py",
        "tests/data.py",
        "conftest.py",
        "setup.py",
        "it_test.py",
        ".tox/a.py",
        "docs/conf.py",
    )
    write(tmp_path, {**dict.fromkeys(left_out, "def f(): ...\n"), "own/lib.py": "", "own/pyvenv.cfg": "", "it.py": ""})
    assert list(named(tmp_path)) == ["it"]


def test_a_folder_without_init_is_a_namespace_where_it_is_imported_as_one(tmp_path: Path) -> None:
    """`company/` is part of the name if a module imports `company.shop`; else it is a folder like any other."""
    files = {"pyproject.toml": "", "company/shop/__init__.py": "", "company/shop/cart.py": CART}
    write(tmp_path, files)
    assert list(named(tmp_path)) == ["shop", "shop.cart"]
    write(tmp_path, {"company/shop/page.py": "from company.shop.cart import Cart\n"})
    assert list(named(tmp_path)) == ["company.shop", "company.shop.cart", "company.shop.page"]


def test_single_files_and_special_modules_have_names(tmp_path: Path) -> None:
    """A file beside the project's settings is a module of its own; `__main__` is one as well."""
    write(tmp_path, {"setup.cfg": "", "single.py": CART, "shop/__init__.py": "", "shop/__main__.py": CART})
    assert list(named(tmp_path)) == ["shop", "shop.__main__", "single"]
    assert list(named(tmp_path / "single.py")) == ["single"]


def test_patterns_choose_modules(tmp_path: Path) -> None:
    """Patterns speak of paths below the folder that is named; where nothing is left, that is said."""
    write(tmp_path, SHOP)
    assert list(named(tmp_path / "src", include=("shop/api/**",))) == ["shop.api", "shop.api.cart"]
    assert list(named(tmp_path / "src", exclude=("shop/api/", "__init__.py"))) == ["shop.cart"]


def test_nothing_left_is_a_problem(tmp_path: Path) -> None:
    """A folder without modules is refused, and one outside of its root as well."""
    write(tmp_path, SHOP)
    with pytest.raises(Problem, match="no module") as none:
        find_modules(tmp_path, root=None, exclude=("*.py",))
    with pytest.raises(Problem, match="does not lie in") as outside:
        find_modules(tmp_path / "src", root=tmp_path / "src" / "shop")
    assert (none.value.reason, outside.value.reason) == ("MODULES_MISSING", "SOURCE_OUTSIDE_ROOTS")


def test_an_installed_package_is_a_project_of_its_own(tmp_path: Path) -> None:
    """What else is installed beside it is none of its business."""
    top = write(tmp_path, {"pyproject.toml": "", "lib/site-packages/shop/__init__.py": ""}) / "lib/site-packages/shop"
    assert project_of(top) == top
    assert project_of(tmp_path / "lib") == tmp_path


def test_a_dotted_name_is_found_here_or_in_src(tmp_path: Path) -> None:
    """Also what is installed is found by its name; what is no name is not looked for."""
    write(tmp_path, SHOP)
    assert find_named("shop.api", tmp_path, None) == tmp_path / "src/shop/api"
    assert find_named("shop.cart", tmp_path, None) == tmp_path / "src/shop/cart.py"
    assert find_named("pytest", tmp_path, None) == Path(pytest.__file__).parent
    assert find_named("shop.nothing", tmp_path, None) is None
    assert find_named("../shop", tmp_path, None) is None


def test_test_files_follow_the_conventions_of_pytest(tmp_path: Path) -> None:
    """`test_*.py` and `*_test.py`, wherever they lie."""
    write(tmp_path, dict.fromkeys(("tests/test_a.py", "pkg/a_test.py", "tests/data.py", "testing.py"), ""))
    assert [file.name for file in files_of_tests(tmp_path)] == ["a_test.py", "test_a.py"]


def test_names_of_files_do_not_collide(tmp_path: Path) -> None:
    """Not with each other, whatever the modules are called, and not with files that exist."""
    names = ("shop/__init__.py", "shop/a/b.py", "shop/a_b.py", "shop/cart.py", "shop/shop.py", "shop/__main__.py")
    modules = [Module(root=tmp_path, path=name, source=b"") for name in names]
    found = [*file_names(modules, modules, {"test_cart.py", "test_cart_generated.py"}).values()]
    assert found == [
        *("test_shop.py", "test_a_b.py", "test_a_b_generated.py"),
        *("test_cart_generated_2.py", "test_shop_generated.py", "test_main.py"),
    ]


def test_a_file_is_ours_by_its_digest_or_its_header(tmp_path: Path) -> None:
    """The digest decides where it is known: a file that somebody changed is theirs."""
    file = tmp_path / "test_a.py"
    file.write_text("# Tests of a, written by Headwater (embedded, seed 0).\n")
    assert is_ours(file, "")
    assert not is_ours(file, "0" * 64)
    file.write_text("# Tests of a, written by me.\n")
    assert not is_ours(file, "")

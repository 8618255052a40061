"""A source is told in one way, is readable text, and has a path and a name that can be used."""

from __future__ import annotations

import contextlib
import hashlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.errors import Code, Problem
from tests.sources.asking import CART, SMALL, load, refused, zipped

# What is told, and how.


def test_a_snippet_needs_no_path() -> None:
    tree = load(content="x = 1\n")
    assert (tree.path, tree.module, tree.language, tree.text) == ("snippet.py", "snippet", "python", "x = 1\n")
    assert tree.files == {"snippet.py": b"x = 1\n"}
    assert tree.sha256 == hashlib.sha256(b"x = 1\n").hexdigest()
    assert (tree.roots, tree.python, tree.prefix) == ((), None, "")


def test_content_lies_over_files_and_files_over_the_archive() -> None:
    archive = zipped({"a.py": b"a = 0", "b.py": b"b = 0", "c.py": b"c = 0"})
    tree = load(path="a.py", content="a = 2", files={"a.py": b"a = 1", "b.py": b"b = 1"}, archive=archive)
    assert tree.files == {"a.py": b"a = 2", "b.py": b"b = 1", "c.py": b"c = 0"}


def test_the_only_file_is_taken_and_of_several_the_only_python_file() -> None:
    assert load(files={"cart.py": CART}).path == "cart.py"
    assert load(files={"cart.py": CART, "README.md": b"Hello"}).path == "cart.py"


def test_several_files_need_a_path_and_are_listed() -> None:
    found = refused(files={"b.py": CART, "a.py": CART})
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_NEEDED", "source.path")
    assert "a.py, b.py" in found.remedy


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        ({}, "SOURCE_EMPTY", "source"),
        ({"path": "cart.py"}, "SOURCE_EMPTY", "source"),
        ({"content": ""}, "SOURCE_EMPTY", "source.content"),
        ({"content": " \n\t"}, "SOURCE_EMPTY", "source.content"),
        ({"files": {"cart.py": b"\n"}}, "SOURCE_EMPTY", "source.path"),
        ({"archive": zipped({})}, "SOURCE_EMPTY", "source"),
        ({"content": "x = 1", "root": "/srv"}, "SOURCE_AMBIGUOUS", "source.root"),
        ({"content": "def f(:"}, "SOURCE_SYNTAX", "source.content"),
        ({"files": {"cart.py": b"return 1"}}, "SOURCE_SYNTAX", "source.path"),
        ({"content": "x = " + "9" * 5000}, "SOURCE_SYNTAX", "source.content"),
        ({"content": "x = 1\0"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"files": {"cart.py": b"x = '\xff'"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"files": {"cart.py": b"# coding: zlib\nx = 1"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"files": {"cart.py": b"# coding: nonsense\nx = 1"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"files": {"cart.py": b"# coding: punycode\nx = 1"}}, "SOURCE_NOT_TEXT", "source.path"),
        ({"content": "# coding: latin-1\nx = '\u20ac'"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"content": "# coding: hex\nx = 1"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"content": "x = '\ud800'"}, "SOURCE_NOT_TEXT", "source.content"),
        ({"files": {"a": CART, "a/b.py": CART}}, "SOURCE_PATH_INVALID", "source.files"),
    ],
)
def test_an_unusable_source_is_refused_by_name(request_: dict[str, object], reason: str, field: str) -> None:
    found = refused(**request_)
    assert (found.code, found.reason, found.violations[0].field) == (Code.INVALID_ARGUMENT, reason, field)


# What Python says.


def test_a_syntax_error_says_where_and_quotes_the_line() -> None:
    found = refused(content="x = 1\ny = (2 +\n", path="shop/cart.py")
    assert {key: found.metadata[key] for key in ("path", "line", "column", "text")} == {
        "path": "shop/cart.py",
        "line": "2",
        "column": "5",
        "text": "y = (2 +",
    }
    assert "line 2, column 5" in found.message


@pytest.mark.parametrize("text", ["1+" * 100_000 + "1", "-" * 100_000 + "1", "a" + ".b" * 100_000, "f" + "()" * 50_000])
def test_deep_nesting_is_refused_without_a_crash(text: str) -> None:
    assert refused(content=text).reason == "SOURCE_SYNTAX"


def test_code_that_only_deserves_a_warning_is_taken() -> None:
    assert load(content="x = '\\d'\ny = x is 'a'\n").module == "snippet"


def test_a_byte_order_mark_and_a_declared_encoding_are_honoured() -> None:
    assert load(files={"cart.py": b"\xef\xbb\xbfx = '\xc3\xa9'"}).text == "x = 'é'"
    assert load(files={"cart.py": b"# coding: latin-1\nx = '\xe9'"}).text.endswith("'é'")
    assert load(content="# coding: latin-1\nx = 'é'").files["snippet.py"].endswith(b"'\xe9'")


@pytest.mark.parametrize(
    ("path", "language"),
    [("a.js", "javascript"), ("a.tsx", "typescript"), ("a.go", "go"), ("a.PY2", ""), ("Makefile", "")],
)
def test_another_language_is_told_and_not_parsed(path: str, language: str) -> None:
    tree = load(content="func (", path=path)
    assert (tree.language, tree.module, tree.path) == (language, "", path)


def test_a_language_that_is_passed_in_overrules_the_name() -> None:
    assert load(content="func (", language="go").path == "snippet.go"
    assert load(content="func (", path="a.py", language="go").language == "go"


# What is too large.


@pytest.mark.parametrize(
    ("request_", "size", "limit"),
    [
        ({"content": "x" * 1001}, "1001", "1000"),
        ({"files": {"a.py": CART, "b.bin": b"x" * 20_000}, "path": "a.py"}, str(20_000 + len(CART)), "20000"),
        ({"files": {f"{n}.py": CART for n in range(11)}}, "11", "10"),
    ],
)
def test_a_source_too_large_is_told_its_size_and_the_limit(request_: dict[str, object], size: str, limit: str) -> None:
    found = refused(limits=SMALL, **request_)
    assert (found.reason, found.metadata["size"], found.metadata["limit"]) == ("SOURCE_TOO_LARGE", size, limit)
    assert size in found.message
    assert limit in found.message


# Paths.

BAD_PATHS = [
    "/etc/passwd.py", "../a.py", "a/../b.py", "./a.py", "a//b.py", "a/", "a\\b.py", "C:/a.py", "c:a.py", "a\0.py",
    "a\n.py", "x/" * 40 + "a.py", "a" * 300 + ".py", "ab/" * 30 + "a" * 1000, "con.py", "a/NUL", "lpt1.tar.gz",
    "a./b.py", "a /b.py", "\u202ea.py", "\ud800.py",
]  # fmt: skip


@pytest.mark.parametrize("path", BAD_PATHS)
def test_an_unsafe_path_is_refused_wherever_it_stands(path: str) -> None:
    found = refused(content="x = 1", path=path)
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_INVALID", "source.path")
    found = refused(files={"a.py": CART, path: CART})
    assert (found.reason, found.violations[0].field) == ("SOURCE_PATH_INVALID", "source.files[1].path")
    found.message.encode()


@given(path=st.text(st.characters() | st.sampled_from("./\\:\0"), max_size=40))
def test_no_path_whatever_escapes_or_is_met_by_another_error(path: str) -> None:
    with contextlib.suppress(Problem):
        tree = load(files={path: CART, "other.py": CART}, path=path)
        for name in tree.files:
            assert os.path.normpath(name) == name
            assert not name.startswith(("/", "../"))


def test_a_missing_file_is_not_found_and_the_nearest_are_named() -> None:
    found = refused(files={"shop/cart.py": CART, "shop/till.py": CART}, path="cart.py")
    assert (found.code, found.reason) == (Code.NOT_FOUND, "SOURCE_NOT_FOUND")
    assert found.metadata["candidates"] == "shop/cart.py"


# Names.


@pytest.mark.parametrize(
    ("files", "path", "module", "prefix"),
    [
        (["a.py"], "a.py", "a", ""),
        (["a/b.py"], "a/b.py", "a.b", ""),
        (["a/__init__.py", "a/b.py"], "a/b.py", "a.b", ""),
        (["a/__init__.py"], "a/__init__.py", "a", ""),
        (["a/__init__.py", "a/__main__.py"], "a/__main__.py", "a.__main__", ""),
        (["src/a/b.py"], "src/a/b.py", "a.b", "src/"),
        (["src/a/__init__.py", "src/a/b.py"], "src/a/b.py", "a.b", "src/"),
        (["src/__init__.py", "src/b.py"], "src/b.py", "src.b", ""),
        (["src/ns/a/__init__.py", "src/ns/a/b.py"], "src/ns/a/b.py", "ns.a.b", "src/"),
        (["lib/a/__init__.py", "lib/a/b.py"], "lib/a/b.py", "a.b", "lib/"),
        (["my-app/a/b.py"], "my-app/a/b.py", "a.b", "my-app/"),
        (["a/json.py"], "a/json.py", "a.json", ""),
    ],
)
def test_the_import_root_is_found_by_the_layout(files: list[str], path: str, module: str, prefix: str) -> None:
    tree = load(files=dict.fromkeys(files, CART), path=path)
    assert (tree.module, tree.prefix, tree.prefix + tree.path) == (module, prefix, path)
    assert tree.path in tree.files


@pytest.mark.parametrize(
    ("imported", "module"),
    [
        ("models", "h"),
        ("api.models", "api.h"),
        ("services.api.models", "services.api.h"),
        ("unknown", "services.api.h"),
    ],
)
def test_the_files_own_imports_decide_where_the_layout_does_not(imported: str, module: str) -> None:
    files = {"services/api/h.py": f"import {imported}".encode(), "services/api/models.py": CART}
    assert load(files=files, path="services/api/h.py").module == module


NESTED = {
    "acme/shop/__init__.py": b"",
    "acme/shop/cart.py": b"from . import prices\nx = 1\n",
    "acme/shop/prices.py": b"",
}
"""A package that imports nothing absolutely, in a folder that may be a namespace or only a place."""


@pytest.mark.parametrize(
    ("name", "text", "module"),
    [
        ("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["."]', "acme.shop.cart"),
        ("pyproject.toml", '[tool.setuptools.packages.find]\nwhere = ["acme"]', "shop.cart"),
        ("pyproject.toml", '[tool.setuptools]\npackage-dir = {"" = "."}', "acme.shop.cart"),
        ("pyproject.toml", '[tool.hatch.build.targets.wheel]\npackages = ["acme"]', "acme.shop.cart"),
        ("pyproject.toml", '[tool.hatch.build.targets.wheel]\npackages = ["acme/shop"]', "shop.cart"),
        ("pyproject.toml", '[tool.poetry]\npackages = [{include = "acme"}]', "acme.shop.cart"),
        ("pyproject.toml", '[tool.poetry]\npackages = [{include = "shop", from = "acme"}]', "shop.cart"),
        ("pyproject.toml", '[tool.pytest.ini_options]\npythonpath = "."', "acme.shop.cart"),
        ("setup.cfg", "[options.packages.find]\nwhere = .", "acme.shop.cart"),
        ("setup.cfg", "[options]\npackage_dir =\n    = acme", "shop.cart"),
        ("pytest.ini", "[pytest]\npythonpath = .", "acme.shop.cart"),
        ("setup.py", "from setuptools import *\nsetup(packages=find_namespace_packages(where='.'))", "acme.shop.cart"),
        ("setup.py", "import setuptools\nsetuptools.setup(package_dir={'': 'acme'})", "shop.cart"),
        ("pyproject.toml", "tool = 3", "shop.cart"),
        ("pyproject.toml", "[tool", "shop.cart"),
        ("setup.cfg", "no section", "shop.cart"),
        ("setup.py", "def (", "shop.cart"),
    ],
)
def test_a_project_declares_its_import_root(name: str, text: str, module: str) -> None:
    """Where it cannot be read or says nothing, the layout decides."""
    assert load(files={**NESTED, name: text.encode()}, path="acme/shop/cart.py").module == module


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("from acme.shop.cart import x", "acme.shop.cart"),
        ("from acme import shop", "acme.shop.cart"),
        ("    import os, acme.shop as s", "acme.shop.cart"),
        ("from shop.cart import x", "shop.cart"),
        ("import acme", "shop.cart"),
        ("# from acme import shop", "shop.cart"),
    ],
)
def test_how_others_import_a_package_tells_its_namespace(text: str, module: str) -> None:
    """A test of the package is the best witness of the name that it has."""
    assert load(files={**NESTED, "tests/test_cart.py": text.encode()}, path="acme/shop/cart.py").module == module


def test_a_module_that_bears_a_librarys_name_is_not_taken_for_it() -> None:
    """Others that import the library by that name say nothing about the module."""
    files = {"app/requests.py": CART, "app/other.py": b"import requests"}
    assert load(files=files, path="app/requests.py").module == "app.requests"


def test_files_beside_the_import_root_stay_and_give_way() -> None:
    files = {"src/a.py": b"a = 1", "a.py": b"a = 2", "data/x.csv": b"1", "src/data": b"2"}
    assert load(files=files, path="src/a.py").files == {"a.py": b"a = 1", "data": b"2"}


@pytest.mark.parametrize("path", ["my-script.py", "1.py", "class.py", "a.b.py", "a/b-c/__init__.py", "__init__.py"])
def test_a_name_that_cannot_be_imported_is_refused(path: str) -> None:
    files = {path: CART, "a/__init__.py": CART}
    assert refused(files=files, path=path).reason == "SOURCE_NAME_NOT_IMPORTABLE"


def test_python_without_its_extension_cannot_be_imported() -> None:
    assert refused(content="x = 1", path="script", language="python").reason == "SOURCE_NAME_NOT_IMPORTABLE"


@pytest.mark.parametrize("path", ["random.py", "json/x.py", "pytest.py", "conftest.py", "test_x.py", "x_test.py"])
def test_a_name_that_would_take_anothers_place_is_refused(path: str) -> None:
    found = refused(content="x = 1", path=path)
    assert (found.reason, found.violations[0].field) == ("SOURCE_NAME_SHADOWS", "source.path")


def test_inside_a_package_every_name_is_free() -> None:
    assert load(content="x = 1", path="shop/test_x.py").module == "shop.test_x"

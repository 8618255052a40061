"""Files of a report are found in the source by the longest end that their paths share, or it is said why not."""

from __future__ import annotations

import pytest

from headwater.coverage.findings import Unmatched
from headwater.coverage.globs import chooser
from headwater.coverage.source.mapping import SourceMap

TREE = (
    "cart.go",
    "store/cart.go",
    "src/shop/cart.py",
    "src/shop/__init__.py",
    "src/api/__init__.py",
    "app/src/main/java/com/acme/Cart.java",
)


@pytest.mark.parametrize(
    ("reported", "roots", "found"),
    [
        ("src/shop/cart.py", (), "src/shop/cart.py"),
        ("/build/agent-7/work/src/shop/cart.py", (), "src/shop/cart.py"),
        ("cart.py", ("/build/src/shop",), "src/shop/cart.py"),
        ("cart.py", (), "src/shop/cart.py"),
        ("shop/__init__.py", (), "src/shop/__init__.py"),
        ("__init__.py", ("/build/src/api",), "src/api/__init__.py"),
        ("com/acme/Cart.java", (), "app/src/main/java/com/acme/Cart.java"),
        ("github.com/acme/shop/cart.go", (), "cart.go"),
        ("github.com/acme/shop/store/cart.go", (), "store/cart.go"),
    ],
)
def test_the_longest_shared_end_finds_the_file(reported: str, roots: tuple[str, ...], found: str) -> None:
    """Roots of builds, packages and modules are looked through."""
    assert SourceMap(TREE).find(reported, roots) == found


@pytest.mark.parametrize(
    ("reported", "reason", "candidates"),
    [
        ("__init__.py", "2 files of the source end like it.", ("src/api/__init__.py", "src/shop/__init__.py")),
        ("old/cart.py", "One file of the source has its name, and lies in another folder.", ("src/shop/cart.py",)),
        ("src/shop/card.py", "No file of the source has its name.", ("src/shop/cart.py", "src/shop/__init__.py")),
        ("zzz.rb", "No file of the source has its name.", ()),
    ],
)
def test_what_matches_nothing_is_told_with_the_nearest(reported: str, reason: str, candidates: tuple[str, ...]) -> None:
    """A file is never guessed: the reason and the nearest candidates are told."""
    assert SourceMap(TREE).find(reported) == Unmatched(reported=reported, reason=reason, candidates=candidates)


@pytest.mark.parametrize(
    ("include", "exclude", "path", "wanted"),
    [
        ((), (), "src/a.py", True),
        (("src/**/*.py",), (), "src/a.py", True),
        (("src/**/*.py",), (), "src/deep/er/a.py", True),
        (("src/*.py",), (), "src/deep/a.py", False),
        (("*.py",), (), "src/deep/a.py", True),
        (("src/",), (), "src/deep/a.py", True),
        (("./src/**",), (), "src/a.py", True),
        ((), ("**/migrations/*",), "app/migrations/0001.py", False),
        ((), ("tests/**",), "tests/test_a.py", False),
        (("*.py",), ("test_?.py",), "test_a.py", False),
        (("[ab].py",), (), "a.py", True),
        (("[!ab].py",), (), "a.py", False),
        (("a+(b).py",), (), "a+(b).py", True),
    ],
)
def test_patterns_choose_files(include: tuple[str, ...], exclude: tuple[str, ...], path: str, *, wanted: bool) -> None:
    """`*` stays within a part of the path, `**` does not, and a pattern without a folder looks at the name."""
    assert chooser(include, exclude)(path) is wanted

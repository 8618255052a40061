"""Files are chosen by patterns, of which none is refused and each means what it means to a shell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.coverage.globs import chooser


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("src/**", "src/a.py", True),
        ("src/**", "src/deep/a.py", True),
        ("src/**", "other/src/a.py", False),
        ("src/", "src/deep/a.py", True),
        ("**/api/**", "src/api/a.py", True),
        ("**/api/**", "api/a.py", True),
        ("**/api/**", "src/apis/a.py", False),
        ("*.py", "src/deep/a.py", True),
        ("*.py", "src/a.pyc", False),
        ("src/*.py", "src/deep/a.py", False),
        ("src/?.py", "src/a.py", True),
        ("src/?.py", "src/ab.py", False),
        ("src/[ab].py", "src/b.py", True),
        ("src/[!ab].py", "src/b.py", False),
        ("src/[a.py", "src/[a.py", True),
        ("./src/a.py", "src/a.py", True),
        ("a.b", "axb", False),
        ("src/a+(b).py", "src/a+(b).py", True),
        ("*", "a\nb", True),
    ],
)
def test_a_pattern_chooses(pattern: str, path: str, matches: bool) -> None:
    """As include and, the other way round, as exclude."""
    assert chooser((pattern,), ())(path) is matches
    assert chooser((), (pattern,))(path) is not matches


def test_exclude_wins() -> None:
    """What both name is left out; without patterns all is wanted."""
    choose = chooser(("src/**", "lib/**"), ("*_pb2.py",))
    assert [path for path in ("src/a.py", "lib/b.py", "x.py", "src/a_pb2.py") if choose(path)] == [
        "src/a.py",
        "lib/b.py",
    ]
    assert chooser((), ())("anything")


@given(st.text(alphabet="ab*?[]!-/\\.^", max_size=12), st.text(alphabet="ab/.", max_size=12))
def test_any_text_is_a_pattern(pattern: str, path: str) -> None:
    """A pattern that is odd matches what is written like it, or nothing."""
    assert chooser((pattern,), ())(path) is not chooser((), (pattern,))(path)

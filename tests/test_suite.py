"""Pieces of a test module: cutting text up while it comes, and putting a module together again."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import textwrap
import tokenize
import typing
from itertools import pairwise
from types import ModuleType
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.pipeline.pieces import read_piece
from headwater.pipeline.suite import (
    Piece,
    Splitter,
    compose,
    needs,
    pieces_of,
)

MODULE = '''"""Tests of the cart."""
from __future__ import annotations
import os, sys

# Opens a shop.
@pytest.fixture
def shop(tmp_path):
    """
```
def test_not_this(): pass
```
    """
    return tmp_path
A, B = 1, (2,
3)
def test_add(shop):
    x = 1
# in between
    assert x

@pytest.mark.parametrize("a",
   [1, 2])

async def test_many(a): pass
class TestCart:
\tdef test_m(self): ...
\tdef helper(self): ...
if sys:
    z = 1
else:
    z = 2
if __name__ == "__main__":
    pytest.main()
'''
REPLY = f"""Here's the suite (mind the fixtures:

```bash
pip install shop
```
```python
{MODULE}
```
I'd add more tests:

~~~py
def test_more(): pass
~~~
def test_prose(): pass
"""


def split(text: str, size: int = 0) -> list[Piece]:
    """Feeds the text in chunks of a size, all at once for 0."""
    splitter = Splitter()
    step = size or max(1, len(text))
    pieces = [piece for start in range(0, len(text), step) for piece in splitter.feed(text[start : start + step])]
    return [*pieces, *splitter.close()]


def shown(pieces: list[Piece]) -> list[tuple[str, str]]:
    return [(piece.kind, piece.name) for piece in pieces]


def piece(code: str) -> Piece:
    found = read_piece(code)
    assert found is not None
    return found


def test_every_top_level_statement_becomes_a_piece_of_its_kind() -> None:
    pieces = split(MODULE)
    assert shown(pieces) == [
        ("import", "annotations"),
        ("import", "os"),
        ("helper", "shop"),
        ("helper", "A"),
        ("test", "test_add"),
        ("test", "test_many"),
        ("test", "TestCart"),
        ("helper", "z"),
    ]
    assert pieces[1].names == ("os", "sys")
    assert pieces[3].names == ("A", "B")
    assert pieces[6].names == ("test_m",)


def test_comments_and_decorators_belong_to_the_function_below_them() -> None:
    pieces = {each.name: each for each in split(MODULE)}
    assert pieces["os"].code == "import os, sys"
    assert pieces["shop"].code.startswith("# Opens a shop.\n@pytest.fixture\ndef shop")
    assert pieces["shop"].line == MODULE.splitlines().index("# Opens a shop.") + 1
    assert pieces["test_add"].code.endswith("# in between\n    assert x")
    assert pieces["test_many"].code.startswith("@pytest.mark.parametrize")


@pytest.mark.parametrize("module", [argparse, dataclasses, mock, textwrap, tokenize, typing])
def test_real_modules_are_cut_into_all_their_statements(module: ModuleType) -> None:
    text = inspect.getsource(module)
    pieces = split(text, 1000)
    spoken = [each for each in ast.parse(text).body if read_piece(ast.unparse(each)) is not None]
    assert [ast.dump(each) for part in pieces for each in ast.parse(part.code).body] == [*map(ast.dump, spoken)]


def test_a_piece_comes_as_soon_as_the_next_statement_begins() -> None:
    splitter = Splitter()
    assert splitter.feed("def test_a():\n    assert 1\n\n") == []
    assert shown(splitter.feed("def test_b():\n")) == [("test", "test_a")]
    assert splitter.feed("    assert 2") == []
    assert shown(splitter.close()) == [("test", "test_b")]


@given(cuts=st.lists(st.integers(0, len(REPLY)), max_size=30))
def test_any_way_of_cutting_the_text_gives_the_same_pieces(cuts: list[int]) -> None:
    splitter = Splitter()
    places = [0, *sorted(cuts), len(REPLY)]
    pieces = [each for a, b in pairwise(places) for each in splitter.feed(REPLY[a:b])]
    assert [*pieces, *splitter.close()] == split(REPLY)


@given(
    text=st.lists(
        st.sampled_from(
            ["def test_a():\n", "    x = 1\n", '"""', "'''", "(", ")", "```\n", "```python\n", "import os\n", "don't",
             "\n", "\\\n", "# c\n", "@d\n", "\r\n", "\r", "class A:\n", "x = [\n", "]", "else:\n", "\0", "\f", "~~~"]
        )
        | st.text(max_size=5),
        max_size=30,
    ).map("".join),
    size=st.integers(1, 9),
)  # fmt: skip
def test_no_text_whatever_makes_the_splitter_fail_or_differ(text: str, size: int) -> None:
    pieces = split(text, size)
    assert pieces == split(text)
    for each in pieces:
        if each.kind != "broken":
            assert ast.parse(each.code).body


def test_markdown_around_the_code_is_passed_over() -> None:
    assert shown(split(REPLY)) == [*shown(split(MODULE)), ("test", "test_more")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os\ndef test_a(): pass\n```\nThat is all.", [("import", "os"), ("test", "test_a")]),
        ("Sure! Here:\n\n```\ndef test_a(): pass\n```", [("test", "test_a")]),
        ("1. So:\n   ```python\n   def test_a():\n       pass\n   ```", [("test", "test_a")]),
        ("````py\ndef test_a(): pass\n```\nx = 1\n````", [("test", "test_a"), ("broken", ""), ("helper", "x")]),
        ("```json\n{}\n```\n```python\nx = 1\n```\n```\ny = 1", [("helper", "x"), ("helper", "y")]),
    ],
)
def test_fences_open_and_close_as_markdown_has_it(text: str, expected: list[tuple[str, str]]) -> None:
    assert shown(split(text)) == expected


def test_windows_line_ends_and_tabs_are_taken() -> None:
    pieces = split("def test_a():\r\n\tpass\r\ndef test_b():\r\n\tpass\r\n", 3)
    assert [each.code for each in pieces] == ["def test_a():\n\tpass", "def test_b():\n\tpass"]


@pytest.mark.parametrize(
    "broken",
    [
        "def test_x(:\n    pass",
        "x = foo(1,",
        "x = foo(1,\n\n  [2",
        "def test_x():\n    '''\n    open",
        "if x:\nelse:\n    y",
        "This is not code.\nNeither is this!",
    ],
)
def test_what_does_not_parse_is_broken_and_the_next_statement_is_not_lost(broken: str) -> None:
    pieces = split(f"import os\n{broken}\ndef test_next():\n    assert os\n")
    named = "test_x" if "def test_x" in broken else ""
    assert shown(pieces) == [("import", "os"), ("broken", named), ("test", "test_next")]
    assert pieces[1].code.strip() == broken.strip()
    assert pieces[1].detail
    assert pieces[1].line == 2


def test_only_so_much_text_is_read_again() -> None:
    text = "x = (\n" * 20 + "y = 1\n"
    assert shown(split(text)) == [("broken", ""), ("helper", "y")]
    splitter = Splitter(reread_lines=30)
    assert shown([*splitter.feed(text), *splitter.close()]) == [("broken", "")]


def test_deep_nesting_is_broken_not_a_crash() -> None:
    [found] = split("x = " + "-" * 100_000 + "1")
    assert found.kind == "broken"
    assert found.detail


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("@pytest.fixture\ndef test_client(): ...", "helper"),
        ("class TestData:\n    x = 1", "helper"),
        ("class CartTests(unittest.TestCase):\n    def test_a(self): ...", "test"),
        ("import os; import sys", "import"),
        ("import os; x = 1", "helper"),
        ("sys.path.insert(0, '')", "helper"),
    ],
)
def test_the_kind_of_a_statement_is_what_pytest_makes_of_it(code: str, kind: str) -> None:
    assert piece(code).kind == kind


HELPERS = [
    "B = A",
    "@pytest.fixture\ndef client(db):\n    return B",
    "@pytest.fixture(name='db')\ndef _db():\n    return 1",
    "A = 1",
    "def unused():\n    return A",
    "@pytest.fixture(autouse=True)\ndef clean():\n    return os.environ",
]


def test_a_test_needs_its_fixtures_and_helpers_and_theirs() -> None:
    helpers = [piece(code) for code in HELPERS]
    assert needs(piece("def test_a(client): ..."), helpers) == {"client", "_db", "B", "A", "clean"}
    assert needs(piece("@pytest.mark.usefixtures('db')\ndef test_a(): ..."), helpers) == {"_db", "clean"}
    assert needs(piece("def test_a():\n    'Speaks of A.'"), helpers) == {"clean"}


def test_helpers_that_need_each_other_are_both_needed() -> None:
    helpers = [piece("def even(n):\n    return odd"), piece("def odd(n):\n    return even")]
    assert needs(piece("def test_a():\n    assert odd(1)"), helpers) == {"even", "odd"}


def test_a_composed_module_has_what_is_used_and_everything_before_its_use() -> None:
    code = compose(
        "Tests of the cart.\n\nMore.",
        [
            "import pytest, sys, os.path",
            "from m import (b,\n a)",
            "from __future__ import annotations",
            "from m import b",
        ],
        HELPERS,
        ["def test_a(client):\n    assert a and b", "def test_b(): pass"],
    )
    assert code.startswith(
        "# Tests of the cart.\n#\n# More.\n\n\nfrom __future__ import annotations\n\nimport os.path\n"
    )
    assert "import sys" not in code
    assert "unused" not in code
    assert code.count("from m import a, b\n") == 1
    order = [code.index(part) for part in ("A = 1", "B = A", "def _db", "def client", "def clean", "def test_a")]
    assert order == sorted(order)
    compile(code, "composed", "exec")


def test_a_composed_module_splits_into_its_tests_again() -> None:
    tests = ["def test_a():\n    assert 1", "class TestB:\n    def test_m(self):\n        pass"]
    assert pieces_of(compose("", [], [], tests)) == {"test_a": tests[0], "TestB": tests[1]}

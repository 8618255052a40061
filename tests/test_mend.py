"""Small mechanical faults of tests are repaired without asking whoever wrote them; all else is left alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.pipeline.classes import flattened
from headwater.pipeline.mend import REPAIRS, Surroundings, mend, mended_pieces
from headwater.pipeline.pieces import read_piece
from headwater.pipeline.suite import compose
from headwater.pipeline.symbols import read_symbols

SOURCE = """\
import os
from datetime import datetime
from shop.money import rounded as cash

try:
    from fast import speedy
except ImportError:
    pass

RATE = 7


def price(item):
    return cash(item)


class Cart:
    def __init__(self):
        self._lines = []

    def add_line(self):
        self.__check()

    def __check(self):
        pass
"""
AROUND = Surroundings(
    module="shop.cart",
    symbols=read_symbols(SOURCE, "shop/cart.py", "shop.cart"),
    known=frozenset({"pytest", "price", "Cart"}),
)
FILE_LEFT = "It leaves state behind: file: out.txt in the work folder."
NO_MATCH = "AssertionError: Regex pattern did not match.\n  Expected regex: 'a (b)'\n  Actual message: 'a (b)'"

REPAIRED = {
    "a method of unittest that is gone": (
        "def test_a(self):\n    self.assertEquals(price(1), 1)\n",
        "",
        "self.assertEqual(price(1), 1)",
    ),
    "self where there is no class": ("def test_a(self, tmp_path):\n    price(1)\n", "", "def test_a(tmp_path):"),
    "a placeholder for the module": ("from your_module import price\n", "", "from shop.cart import price\n"),
    "a module without its package": ("from cart import price\n", "", "from shop.cart import price\n"),
    "a module below its folder": ("from src.shop.cart import price\n", "", "from shop.cart import price\n"),
    "a module of another name": (
        "from prices import price\n",
        "ModuleNotFoundError: No module named 'prices'",
        "from shop.cart import price\n",
    ),
    "a patch of the module without its package": (
        "def test_a(monkeypatch):\n    monkeypatch.setattr('cart.price', 1)\n",
        "",
        "'shop.cart.price'",
    ),
    "a patch where the name comes from": (
        "def test_a(monkeypatch):\n    monkeypatch.setattr('shop.money.rounded', 1)\n",
        "",
        "'shop.cart.cash'",
    ),
    "a target in two texts": (
        "def test_a(m):\n    m.setattr('shop.cart', 'RATE', 1)\n    m.setattr('shop.cart', 'cash', 2)\n",
        "",
        "m.setattr('shop.cart.RATE', 1)\n    m.setattr('shop.cart.cash', 2)",
    ),
    "a stale name of the module": (
        "def test_a():\n    shop.cart.prices(1)\n",
        "AttributeError: module 'shop.cart' has no attribute 'prices'",
        "shop.cart.price(1)",
    ),
    "a stale name of a class": (
        "def test_a():\n    Cart().addLine()\n",
        "AttributeError: 'Cart' object has no attribute 'addLine'",
        "Cart().add_line()",
    ),
    "a private name": (
        "def test_a():\n    Cart().__check()\n",
        "AttributeError: 'Cart' object has no attribute '__check'",
        "Cart()._Cart__check()",
    ),
    "a message that is meant literally": (
        "def test_a():\n    with pytest.raises(ValueError, match='a (b)'):\n        price(1)\n",
        NO_MATCH,
        "match=re.escape('a (b)')",
    ),
    "an assertion that does not hold, beside others": (
        "def test_a():\n    assert price(1) == 1\n    assert price(\n        2\n    ) == 3\n    assert RATE == '4'\n",
        "AssertionError: assert 3 == '4'\ntest_cart.py:9 in test_a: assert RATE == \"4\"",
        "def test_a():\n    assert price(1) == 1\n    assert price(\n        2\n    ) == 3\n",
    ),
    "an assertion of a mock that does not hold": (
        "def test_a(mock):\n    assert price(mock) == 1\n    mock.assert_called_once_with(2)\n",
        "AssertionError: Called 0 times.\ntest_cart.py:9 in test_a: mock.assert_called_once_with(2)",
        "def test_a(mock):\n    assert price(mock) == 1\n",
    ),
    "a file in the working folder": (
        "def test_a(capsys):\n    price(1)\n",
        FILE_LEFT,
        "def test_a(monkeypatch, tmp_path, capsys):\n    monkeypatch.chdir(tmp_path)\n    price(1)",
    ),
    "a missing import of the module": ("def test_a():\n    assert price(RATE)\n", "", "from shop.cart import RATE\n"),
    "a missing import of the standard library": ("def test_a():\n    price(json.loads('1'))\n", "", "import json\n"),
    "a missing import of mocks": (
        "def test_a():\n    price(MagicMock())\n",
        "",
        "from unittest.mock import MagicMock\n",
    ),
    "a missing class of a module": (
        "def test_a():\n    price(datetime.now())\n",
        "",
        "from datetime import datetime\n",
    ),
}


@pytest.mark.parametrize(("code", "error", "holds"), REPAIRED.values(), ids=REPAIRED.keys())
def test_a_mechanical_fault_is_repaired(code: str, error: str, holds: str) -> None:
    """Each fault has its repair, and what comes out parses."""
    mended = mend(code, error, AROUND)
    assert mended is not None
    assert holds in mended
    ast.parse(mended)


LEFT_ALONE = {
    "a right test": ("def test_a(tmp_path, capsys):\n    assert price(1) == 1\n", ""),
    "a wrong expectation": ("def test_a():\n    assert price(1) == 2\n", "AssertionError: assert 1 == 2"),
    "the only assertion": (
        "def test_a():\n    assert price(1) == 2\n",
        "AssertionError: assert 1 == 2\ntest_cart.py:9 in test_a: assert price(1) == 2",
    ),
    "the only statement of a block": (
        "def test_a():\n    assert price(1)\n    with price(2):\n        assert price(1) == 2\n",
        "AssertionError: assert 1 == 2\ntest_cart.py:9 in test_a: assert price(1) == 2",
    ),
    "an assertion of a helper": (
        "def test_a():\n    assert price(1)\n    check(1)\n",
        "AssertionError: assert 1 == 2\ntest_cart.py:9 in check: assert price(1)",
    ),
    "self that is used": ("def test_a(self):\n    self.helper()\n", "fixture 'self' not found"),
    "a name that nobody knows": (
        "def test_a():\n    price(frobnicate)\n",
        "NameError: name 'frobnicate' is not defined",
    ),
    "a name that is bound only if all goes well": ("def test_a():\n    price(speedy)\n", ""),
    "a module of somebody else": ("from numpy import price\n", ""),
    "a module of the standard library": ("from os import path\n", "ModuleNotFoundError: No module named 'os.pat'"),
    "an attribute like no other": (
        "def test_a():\n    Cart().zzz()\n",
        "AttributeError: 'Cart' object has no attribute 'zzz'",
    ),
    "another message": (
        "def test_a():\n    with pytest.raises(ValueError, match='x'):\n        price(1)\n",
        NO_MATCH.replace("regex: 'a (b)'", "regex: 'x'"),
    ),
    "no Python": ("def test_a(:\n", "SyntaxError"),
    "a patch by object": ("def test_a(monkeypatch):\n    monkeypatch.setattr(price, 'x', 1)\n", ""),
    "capsys": ("def test_a(capsys):\n    price(1)\n    assert capsys.readouterr().out == 'x'\n", "AssertionError"),
}


@pytest.mark.parametrize(("code", "error"), LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_what_is_no_mechanical_fault_is_left_alone(code: str, error: str) -> None:
    """A repair that is not certain is none."""
    assert mend(code, error, AROUND) is None


@pytest.mark.parametrize("repair", REPAIRS, ids=lambda repair: repair.__name__)
@pytest.mark.parametrize("code", [each[0] for each in [*REPAIRED.values(), *LEFT_ALONE.values()]][:-2])
def test_a_repair_makes_no_text_that_does_not_parse(repair: object, code: str) -> None:
    """Whatever repair meets whatever test: what parsed before parses after."""
    if "(:" not in code:
        mended = repair(code, FILE_LEFT + NO_MATCH + " async def", AROUND)  # type: ignore[operator]
        ast.parse(mended or "")


def test_a_helper_of_another_test_is_brought_along() -> None:
    """A fixture that stands elsewhere comes with the test that needs it."""
    around = Surroundings(
        module="shop.cart",
        symbols=AROUND.symbols,
        known=AROUND.known,
        helpers={"basket": "@pytest.fixture\ndef basket():\n    return 1"},
    )
    pieces = mended_pieces("def test_a(basket):\n    assert price(basket)\n", "fixture 'basket' not found", around)
    assert [(each.kind, each.name) for each in pieces] == [("helper", "basket"), ("test", "test_a")]


def run(folder: Path, code: str) -> str:
    """Runs tests as the user would, and returns pytest's last line."""
    (folder / "test_it.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "test_it.py"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return result.stdout.strip().splitlines()[-1]


USES_MOCKER = """\
def test_patches(mocker):
    import os
    stat = mocker.patch("os.getcwd", return_value="here")
    mocker.patch.object(os, "sep", "!")
    mocker.patch.dict(os.environ, {"A": "b"})
    assert (os.getcwd(), os.sep, os.environ["A"]) == ("here", "!", "b")
    stat.assert_called_once_with()
    assert mocker.MagicMock(return_value=3)() == mocker.Mock(return_value=3)()
    assert mocker.spy(os.path, "join")("a", "b") == "a!b" or True


def test_has_undone_it():
    import os
    assert os.sep != "!" and "A" not in os.environ
"""


def test_the_fixture_of_a_plugin_is_supplied(tmp_path: Path) -> None:
    """A test that patches through `mocker` passes where the plugin is not installed, and leaves nothing patched."""
    mended = mend(USES_MOCKER, "", AROUND)
    assert mended is not None
    assert run(tmp_path, mended).startswith("2 passed")


def test_a_coroutine_test_runs_without_a_plugin(tmp_path: Path) -> None:
    """It runs in a loop of its own; the lines of its texts are not moved."""
    code = '@pytest.mark.asyncio\nasync def test_a():\n    text = """a\nb"""\n    assert await later(text) == "a\\nb"\n'
    helper = "import pytest\n\n\nasync def later(value):\n    return value\n\n\n"
    mended = mend(code, "the test is an async def function, and pytest-asyncio is not installed", AROUND)
    assert mended is not None
    assert run(tmp_path, helper + mended).startswith("1 passed")


CLASSES = {
    "methods that use nothing of it": '''\
@pytest.mark.parametrize("x", [1, 2])
class TestIt:
    """All about it."""

    @pytest.fixture
    def one(self):
        return 1

    def test_a(self, x, one):
        text = """
        kept"""
        assert x >= one and text == "\\n        kept"

    def test_b(self, x):
        class Other:
            def __init__(self):
                self.x = x

        assert Other().x == x
''',
    "a class with a set-up": """\
class TestIt:
    scale = 2

    def setup_method(self, method):
        self.x = 1

    def teardown_method(self):
        del self.x

    def double(self):
        return self.x * self.scale

    def test_a(self, tmp_path):
        assert self.double() == 2

    def test_b(self):
        self.x += 1
        assert self.double() == 4
""",
    "a case of unittest": """\
class TestIt(unittest.TestCase):
    def setUp(self):
        self.x = 1

    def test_a(self):
        self.assertEqual(self.x, 1)

    def test_b(self):
        with self.assertRaises(ZeroDivisionError):
            self.x / 0
""",
}


@pytest.mark.parametrize("code", CLASSES.values(), ids=CLASSES.keys())
def test_a_class_of_tests_becomes_functions(tmp_path: Path, code: str) -> None:
    """Each of its tests stands by itself afterwards, and fares as before."""
    piece = read_piece(code)
    assert piece is not None
    pieces = flattened(piece)
    tests = [each for each in pieces if each.kind == "test"]
    assert [each.name for each in tests] == ["test_a", "test_b"]
    helpers = [each.code for each in pieces if each.kind == "helper"]
    before = run(tmp_path, f"import pytest, unittest\n{code}")
    for test in tests:
        alone = compose("", ["import pytest", "import unittest"], helpers, [test.code])
        assert " failed" not in run(tmp_path, alone)
    after = compose("", ["import pytest", "import unittest"], helpers, [each.code for each in tests])
    assert run(tmp_path, after).split(" in ")[0] == before.split(" in ")[0]


def test_a_class_that_cannot_be_taken_apart_is_not_used() -> None:
    """A fixture that reads its class has no function that could stand for it; the piece says so."""
    piece = read_piece(
        "class TestIt:\n    @pytest.fixture\n    def one(self):\n        return self\n\n    def test_a(self): pass\n"
    )
    assert piece is not None
    (broken,) = flattened(piece)
    assert broken.kind == "broken"
    assert "class" in broken.detail

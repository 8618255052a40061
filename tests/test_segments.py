"""What a model is asked about: segments of what is not covered, and the text that it is shown of them."""

from __future__ import annotations

import ast

import pytest

from headwater.pipeline.definitions import Definitions
from headwater.pipeline.excerpts import ExcerptLimits, arrows, excerpt, ranges
from headwater.pipeline.lookup import LookUp, LookUpLimits, Read
from headwater.pipeline.segments import MODULE, SegmentLimits, Wanted, segments, unreachable
from headwater.providers.models import ToolCall

SHOP = """\
from __future__ import annotations

import os, re
from typing import TYPE_CHECKING
from . import taxes
from .money import Money as Cash, rounded

try:
    import fast
except ImportError:
    fast = None

if TYPE_CHECKING:
    from shop.stock import Stock

RATE = 7
LIMITS = {
    "few": RATE,
    "many": 100,
}


def price(item):
    if item is None:
        return 0
    return rounded(item.price * RATE)


class Cart:
    '''Holds items.'''

    currency = "EUR"

    def __init__(self, owner):
        self.owner = owner

    @property
    def total(self):
        if not self.owner:
            raise ValueError(self.currency)
        return sum(LIMITS.values())

    class Line:
        def text(self):
            return os.sep


if os.environ.get("SHOP"):
    MODE = "live"

if __name__ == "__main__":
    print(price(None))
"""
TOTAL = """\
    RATE = 7
    LIMITS = {
        "few": RATE,
        "many": 100,
    }

    class Cart:
        currency = "EUR"
        def __init__(self, owner):
            self.owner = owner
        ...
        @property
        def total(self):
39:         if not self.owner:
40:             raise ValueError(self.currency)
            return sum(LIMITS.values())"""
SMALL = SegmentLimits(whole_lines=5, class_lines=5)


def lines_of(text: str, source: str = SHOP) -> int:
    return source.splitlines().index(text) + 1


def test_the_innermost_definition_around_what_is_missing_is_a_segment() -> None:
    """A function is one segment, a long class gives one for each method, and the largest gain comes first."""
    found = segments(SHOP, Wanted(lines=(24, 25, 26, 35, 41), branches=((24, 25), (24, 26))), SMALL)
    assert [(each.name, each.lines, each.branches) for each in found] == [
        ("price", (24, 25, 26), ((24, 25), (24, 26))),
        ("Cart.__init__", (35,), ()),
        ("Cart.total", (41,), ()),
    ]


def test_a_segment_begins_with_its_decorators_and_knows_the_classes_around_it() -> None:
    """Decorators belong to the segment; heads are named from the outside in."""
    (total,) = segments(SHOP, Wanted(lines=(41,)), SMALL)
    assert (total.first, total.last, total.heads) == (lines_of("    @property"), 41, ("Cart",))


def test_a_short_class_and_a_short_file_are_one_segment() -> None:
    """A class within the limit is not taken apart, and a file within it is asked about as a whole."""
    (cart,) = segments(SHOP, Wanted(lines=(35, 41)), SegmentLimits(whole_lines=5, class_lines=50))
    assert cart.name == "Cart"
    (whole,) = segments(SHOP, Wanted(lines=(23, 35, 49)), SegmentLimits(whole_lines=200))
    assert (whole.name, whole.first, whole.last) == (MODULE, 1, len(SHOP.splitlines()))


def test_code_of_the_module_itself_is_a_segment_too() -> None:
    """What stands in no function and no class is asked about as the module's own level."""
    (level,) = segments(SHOP, Wanted(lines=(lines_of('    MODE = "live"'),), branches=((48, 49),)), SMALL)
    assert (level.name, level.lines, level.branches) == (MODULE, (49,), ((48, 49),))


def test_symbols_and_a_range_of_lines_are_honoured() -> None:
    """What was not asked for is in no segment."""
    missing = tuple(range(1, 60))
    assert {each.name for each in segments(SHOP, Wanted(lines=missing, symbols=("Cart.total",)), SMALL)} == {
        "Cart.total"
    }
    assert {each.name for each in segments(SHOP, Wanted(lines=missing, line_range=(23, 25)), SMALL)} == {"price"}


def test_without_a_measurement_the_bodies_of_functions_are_what_is_missing() -> None:
    """An import runs the module's level and the definitions; all else has to be reached."""
    found = {each.name: each.lines for each in segments(SHOP, Wanted(), SMALL)}
    assert found == {
        "price": (24, 25, 26),
        "Cart.__init__": (35,),
        "Cart.total": (39, 40, 41),
        "Cart.Line": (45,),
    }


def test_what_no_test_can_run_is_told_apart() -> None:
    """Code for type checkers and code for scripts belong to no segment, and the reason is told."""
    reasons = {(each.first, each.last): each.reason for each in unreachable(ast.parse(SHOP))}
    assert {*reasons} == {(14, 14), (52, 52)}
    assert segments(SHOP, Wanted(lines=(14, 52), branches=((13, 14), (51, 52))), SMALL) == []


def test_an_excerpt_shows_what_the_segment_needs_and_numbers_only_what_matters() -> None:
    """Imports absolute and only if used, constants with what they use, the head of the class, numbers on open lines."""
    (total,) = segments(SHOP, Wanted(lines=(40,), branches=((39, 40),)), SMALL)
    text = excerpt(SHOP, total, path="shop/cart.py", module="shop.cart")
    assert text == TOTAL


def test_relative_and_conditional_imports_are_shown() -> None:
    """A test cannot import relatively, and a name bound under `try` is shown with the `try`."""
    source = SHOP.replace("    return rounded(item.price * RATE)", "    return rounded(fast, taxes, Cash)")
    (price,) = segments(source, Wanted(lines=(25,)), SMALL)
    text = excerpt(source, price, path="shop/cart.py", module="shop.cart")
    assert "    from shop import taxes\n    from shop.money import Money as Cash, rounded\n    try:\n" in text
    assert "RATE" not in text


def test_a_very_long_function_is_shown_around_what_matters() -> None:
    """Of a function beyond the limit, only the surroundings of the open lines are shown."""
    source = "def long(x):\n" + "".join(f"    x += {number}\n" for number in range(500)) + "    return x\n"
    (long,) = segments(source, Wanted(lines=(250,)), SMALL)
    text = excerpt(source, long, path="a.py", module="a", limits=ExcerptLimits(around_lines=2))
    assert [line.strip() for line in text.splitlines()] == [
        "def long(x):",
        "x += 0",
        "...",
        "x += 246",
        "x += 247",
        "250:     x += 248",
        "x += 249",
        "x += 250",
    ]


@pytest.mark.parametrize(("numbers", "text"), [((), ""), ((3,), "3"), ((9, 7, 8, 3), "3, 7-9"), ((1, 2, 4), "1-2, 4")])
def test_line_numbers_are_written_in_short(numbers: tuple[int, ...], text: str) -> None:
    """Neighbours become a range."""
    assert ranges(numbers) == text


def test_a_branch_out_of_the_function_is_called_exit() -> None:
    """coverage.py numbers it negatively; a model is told a word."""
    assert arrows([(9, -4), (4, 6)]) == "4->6, 9->exit"


MONEY = """\
from shop.parts import Base
LIMIT = (
    3
)


class Money(Base):
    def __init__(self, a):
        self.a = a

    @property
    def half(self) -> int:
        return self.a // 2
"""
FILES = {
    "shop/__init__.py": "from shop.money import Money\n",
    "shop/money.py": MONEY,
    "shop/parts.py": "class Base:\n    def shared(self):\n        return 1\n",
    "shop/broken.py": "def (:\n",
    "shop/cart.py": "from . import broken, money\nfrom .money import Money as Cash\n\n\ndef price(x):\n    return x\n",
}


def looking(read: Read, *, path: str, module: str, limits: LookUpLimits) -> LookUp:
    return LookUp(Definitions(read, path=path, module=module, hops=limits.hops).find, limits)


@pytest.fixture
def look_up() -> LookUp:
    return looking(FILES.get, path="shop/cart.py", module="shop.cart", limits=LookUpLimits(characters=300))


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("price", "# shop/cart.py, lines 5-6\ndef price(x):"),
        ("price()", "# shop/cart.py, lines 5-6\ndef price(x):"),
        ("Cash.half", "# shop/money.py, lines 11-13\n    @property\n    def half"),
        ("Cash.shared", "# shop/parts.py, lines 2-3\n    def shared"),
        ("money.LIMIT", "# shop/money.py, line 2\nLIMIT = (\n    3\n)"),
        ("shop.Money", "# shop/money.py, lines 7-13\nclass Money(Base):"),
        ("shop.parts", "# shop/parts.py defines\nclass Base: ..."),
        ("broken.anything", "broken.anything is not defined"),
        ("x" * 999, "xxx"),
        ("..", ".. is not defined"),
    ],
)
def test_names_are_looked_up_through_imports_and_bases(look_up: LookUp, name: str, start: str) -> None:
    """Definitions are found where they are, whatever name leads there; what is not found is said, never raised."""
    assert look_up.look_up(name).startswith(start)


def test_a_class_is_shown_by_its_signatures(look_up: LookUp) -> None:
    """Only the constructor keeps its body."""
    assert look_up.look_up("Cash") == (
        "# shop/money.py, lines 7-13\nclass Money(Base):\n    def __init__(self, a):\n        self.a = a\n"
        "    @property\n    def half(self) -> int: ..."
    )


@pytest.mark.parametrize("arguments", ["{", "[]", "3", '{"name": 3}', "", '{"other": "x"}'])
def test_a_malformed_call_is_answered_with_how_to_call(look_up: LookUp, arguments: str) -> None:
    """Whatever the model made of the arguments, it is told what they should be."""
    assert '{"name": "Order.total"}' in look_up.call(ToolCall(id="1", name="look_up", arguments=arguments))


def test_an_answer_is_bounded() -> None:
    """A definition of a megabyte is cut."""
    files = {"a.py": "A = [\n" + "    1,\n" * 100_000 + "]\n"}
    found = looking(files.get, path="a.py", module="a", limits=LookUpLimits(characters=100)).look_up("A")
    assert len(found) < 120

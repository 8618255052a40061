"""Where the search comes to no more, a solver finds inputs: played, observed and written like any other."""

from __future__ import annotations

import ast
import datetime  # noqa: ICN001 — as tests spell it
import enum
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NewType

import pytest

from headwater.synthesis.guest.calls import Call
from headwater.synthesis.guest.inventory import Parameter, Target
from headwater.synthesis.guest.solver_templates import is_friendly, kind_of, readable, templates

if TYPE_CHECKING:
    from tests.synthesis.conftest import Answer, Project

GUARDS = """
import datetime  # noqa: ICN001 — as tests spell it
from dataclasses import dataclass


def root(x: int) -> str:
    if x * x - 5000 * x + 5986831 == 0 and x > 2000:
        return "the larger root"
    return "no root"


def check(code: str) -> str:
    if len(code) != 4 or not code.isdigit():
        raise ValueError("four digits")
    total = sum(int(digit) * (place + 1) for place, digit in enumerate(code))
    if total % 97 == 13 and code[0] == "7":
        return "valid"
    return "invalid"


def weigh(values: list[int]) -> str:
    if len(values) == 3 and sum(values) == 91234 and values[0] * 2 == values[2]:
        return "balanced"
    return "off"


def expires(day: datetime.date, days: int) -> bool:
    later = day + datetime.timedelta(days=days)
    if later.year == 2311 and later.month == 7 and days > 12345:
        return True
    return False


@dataclass
class Box:
    width: int
    height: int


def fits(box: Box, limit: int) -> bool:
    if box.width * 3 + box.height * 7 == limit and box.width - box.height == 1913:
        return True
    return False


def untyped(a, b):
    if a * 31 + b * 17 == 91733 and a > b:
        return "hit"
    return "miss"


class Account:
    def __init__(self, start: int) -> None:
        self.total = start

    def withdraw(self, amount: int) -> str:
        if self.total * 3 - amount * 7 == 100101:
            return "special"
        self.total -= amount
        return "ok"
"""
"""Guards that constants and the operands of comparisons rarely open."""
GUARDED = 5
"""How many of them the search leaves, at least."""
BARE = "import sys\nsys.path[:] = [each for each in sys.path if 'site-packages' not in each]\n"
"""Makes an interpreter one that has the standard library only."""
LIMITS: dict[str, Any] = {"noticing": 0.0, "solver_seconds": 60.0, "solver_share": 2.0, "solver_pace": 30}
"""The clock stays far in reserve, on a busy machine as well."""


@pytest.fixture(autouse=True)
def solver() -> None:
    if importlib.util.find_spec("crosshair") is None:
        pytest.skip("the extra headwater[solver] is not installed")


def reached(answer: Answer) -> tuple[int, int]:
    last = max(answer.reached, key=lambda each: each.branches_covered)
    return last.branches_covered, last.branches_total


async def test_the_solver_opens_guards_that_the_search_does_not(project: Project) -> None:
    """Each is reached by a written test, and all of them pass."""
    project.write("guards.py", GUARDS)
    without = await project.ask("guards", {**LIMITS, "solver_seconds": 0}, executions=1200)
    answer = await project.ask("guards", LIMITS)
    covered, total = reached(answer)
    assert covered == total
    assert reached(without)[0] <= total - GUARDED
    status, output = await project.run(answer.text)
    assert status == 0, output


async def test_the_same_seed_gives_the_same_answers(project: Project) -> None:
    """The solver is bounded by paths and by its own count of work, not by the clock."""
    project.write("guards.py", GUARDS)
    first, second = [await project.ask("guards", LIMITS) for _ in range(2)]
    assert first.text == second.text


async def test_code_that_hangs_costs_the_solver_only_that_target(project: Project) -> None:
    """Each question has a process and a clock of its own."""
    project.write(
        "wild.py",
        """
def spin(x: int) -> int:
    while x > 3:
        pass
    if x * x + 5000 * x + 5986831 == 0:
        return 1
    return 0


def root(x: int) -> str:
    if x * x - 5000 * x + 5986831 == 0 and x > 2000:
        return "the larger root"
    return "no root"
""",
    )
    answer = await project.ask("wild", {**LIMITS, "solver_seconds": 3.0})
    assert "the larger root" in answer.text
    assert "spin" in answer.text


async def test_what_is_left_is_told_once_where_the_solver_is_missing(project: Project) -> None:
    """Nothing is said where the search reaches everything, or where no solver is wanted."""
    project.write("guards.py", GUARDS)
    project.write("plain.py", "def double(x: int) -> int:\n    return x * 2\n")
    project.write("sitecustomize.py", BARE)
    answers = [
        await project.ask(module, {**LIMITS, "solver_seconds": seconds}, executions=720)
        for module, seconds in (("guards", 60.0), ("guards", 0.0), ("plain", 60.0))
    ]
    told = [sum("headwater[solver]" in each.message for each in answer.reached) for answer in answers]
    assert told == [1, 0, 0]
    assert [answer.warnings for answer in answers] == [[], [], []]


class Colour(enum.Enum):
    RED = 1


@dataclass
class Point:
    x: int
    names: list[str]


@dataclass
class Handle:
    file: object


UserId = NewType("UserId", int)


@pytest.mark.parametrize(
    "kind",
    [
        int,
        str,
        bytes,
        datetime.date,
        Colour,
        Point,
        UserId,
        list[int],
        dict[str, list[int]],
        int | None,
        tuple[int, ...],
    ],
)
def test_types_that_a_solver_reasons_about_are_friendly(kind: Any) -> None:
    """Numbers, texts, dates, enumerations, and what is made of them."""
    assert is_friendly(kind)


@pytest.mark.parametrize("kind", [object, Handle, list[Handle], Any, list, "int", dict[str, object]])
def test_other_types_are_not(kind: Any) -> None:
    """What has no values to reason about stays as the search made it."""
    assert not is_friendly(kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1, int), ("a", str), ([1, 2], list[int]), ({"a": 1}, dict[str, int]), ((1, "a"), tuple[int, str])],
)
def test_a_value_tells_its_type(value: Any, kind: Any) -> None:
    """An argument without an annotation is what the calls that led somewhere gave."""
    assert kind_of(value) == kind


@pytest.mark.parametrize("value", [None, [], [1, "a"], {"a": None}, object()])
def test_a_value_of_no_single_type_tells_none(value: Any) -> None:
    """It stays as it is."""
    assert kind_of(value) is None


def target(*parameters: Parameter, callee: str = "f", owner: str = "") -> Target:
    return Target("f", "call", callee, owner, parameters, None, "", (1, 9), private=False)


def test_constants_of_objects_and_earlier_calls_become_unknown() -> None:
    """A negative number is one constant, and what has no type of its own stays."""
    call = Call(
        target(
            Parameter("amount", "positional"), Parameter("note", "positional"), callee="{self}.pay", owner="Account"
        ),
        ("-5", "None"),
        receiver="Account(10, owner='Ann')",
        before=("{self}.open(3)",),
    )
    (template,) = templates([call])
    assert list(template.kinds.values()) == [int, int, str, int]
    texts = {name: repr(kind(7)) for name, kind in template.kinds.items()}
    filled = template.filled(texts)
    assert (filled.receiver, filled.before, filled.args) == (
        "Account(7, owner='7')",
        ("{self}.open(7)",),
        ("7", "None"),
    )
    ast.parse(template.function)


def test_calls_that_differ_in_values_only_are_one_template() -> None:
    """The solver is asked once for them."""
    number = target(Parameter("n", "positional"))
    assert len(templates([Call(number, ("1",)), Call(number, ("22",)), Call(number, ("'a'",))])) == 2


@pytest.mark.parametrize("text", ["tmp_path / 'a'", "lambda x: x", "dataclasses.make_dataclass('A', ['x'])"])
def test_calls_that_no_solver_can_follow_have_no_template(text: str) -> None:
    """Files, functions and classes that were made up are none of its values."""
    assert templates([Call(target(Parameter("a", "positional"), Parameter("b", "positional")), (text, "1"))]) == []


def test_characters_that_nobody_types_are_replaced() -> None:
    """Where the letter does as well, the test shows the letter."""
    assert readable("['ab\\x00\\u0967', 3]") == "['abaa', 3]"

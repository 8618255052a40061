"""What holds for every input becomes a test of its own; what a call does best becomes the first test."""

from __future__ import annotations

import ast
import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from headwater.synthesis.guest.calls import Played
from headwater.synthesis.guest.inventory import gives_back
from headwater.synthesis.guest.loops import JUMP, run
from headwater.synthesis.guest.shapes import is_idle, shape_of
from headwater.synthesis.guest.tracing import TooLong

if TYPE_CHECKING:
    from tests.synthesis.conftest import Project

CODEC = """
def encode(text: str) -> str:
    return text.encode().hex()


def decode(text: str) -> str:
    return bytes.fromhex(text).decode()


def normalize(text: str) -> str:
    return " ".join(text.split())


def escape(text: str) -> str:
    return text.replace("a", "b")


def unescape(text: str) -> str:
    return text.replace("b", "a")


def clean(text: str) -> str:
    return text[1:]
"""
WAITING = """
import asyncio


async def poll(ready: bool) -> str:
    while not ready:
        await asyncio.sleep(3600)
    await asyncio.sleep(0.01)
    return "ready"


async def take(queue: asyncio.Queue) -> object:
    return await queue.get()
"""
ORDER = """
class Register:
    def __init__(self) -> None:
        self.values = {}

    def put(self, name: str, value: float) -> None:
        self.values[name] = value

    def get(self, name: str) -> float:
        return self.values[name]

    def first(self, name: str):
        if name in self.values:
            return self.values[name]
        return None


def area(width: int, height: int) -> int:
    return width * height
"""


async def test_functions_that_undo_each_other_are_tested_so(project: Project) -> None:
    """A law that holds for all inputs tried becomes a test; one that a single input refutes does not."""
    project.write("codec.py", CODEC)
    answer = await project.ask("codec")
    names = set(re.findall(r"def (test_\w+)", answer.text))
    assert {"test_decode_undoes_encode", "test_normalize_is_idempotent"} <= names
    assert not names & {"test_unescape_undoes_escape", "test_escape_undoes_unescape", "test_clean_is_idempotent"}
    assert "assert decode(encode(text)) == text" in answer.text
    assert {note.test_name for note in answer.notes if note.lasting} >= {"test_decode_undoes_encode"}
    status, output = await project.run(answer.text)
    assert status == 0, output


async def test_a_function_is_given_what_its_counterpart_makes(project: Project) -> None:
    """What one function writes is what the other reads, before anything else is tried."""
    project.write("codec.py", CODEC)
    answer = await project.ask("codec", symbols=("decode", "encode"))
    assert '("68656c6c6f20776f726c64", "hello world")' in answer.text.replace("'", '"')


async def test_a_value_is_shown_before_a_refusal(project: Project) -> None:
    """The first test of a function shows what it gives, on an object that holds something; its errors come after."""
    project.write("order.py", ORDER)
    answer = await project.ask("order", symbols=("Register",))
    tests = [each for each in re.split(r"\n\n\n", answer.text) if "register.get" in each or "Register().get" in each]
    assert "assert register.get(" in tests[0]
    assert any("pytest.raises(KeyError" in each for each in tests[1:])


async def test_none_is_asserted_where_it_is_an_answer(project: Project) -> None:
    """A function that gives something back in some case gives back None in another, and a test says so."""
    project.write("order.py", ORDER)
    answer = await project.ask("order", symbols=("Register",))
    assert re.search(r"\.first\(.*\) is None", answer.text)
    assert "== None" not in answer.text


async def test_values_side_by_side_differ(project: Project) -> None:
    """Two arguments of one kind are different in some case, so that it shows which is which."""
    project.write("order.py", ORDER)
    answer = await project.ask("order", symbols=("area",))
    rows = {tuple(map(int, each)) for each in re.findall(r"\((-?\d+), (-?\d+), -?\d+\)", answer.text)}
    assert any(width != height and 0 not in (width, height) for width, height in rows)


async def test_waiting_costs_no_time(project: Project) -> None:
    """Timers that are near are due at once; what waits for long, or for what never comes, is no test."""
    project.write("waiting.py", WAITING)
    answer = await project.ask("waiting", {"call_seconds": 30.0})
    assert "ready" in answer.text
    assert "False" not in answer.text
    status, output = await project.run(answer.text)
    assert status == 0, output


def test_a_loop_jumps_to_the_next_timer_and_no_further() -> None:
    """The clock of the loop is ahead by what was slept; more than a little is too long, and so is for ever."""

    async def slept(seconds: float) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(seconds)
        return loop.time() - began

    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    assert run(slept(JUMP / 2)) >= JUMP / 2
    with pytest.raises(TooLong):
        run(slept(JUMP * 10))
    with pytest.raises(TooLong):
        run(forever())


def test_a_loop_waits_for_threads() -> None:
    """What another thread is busy with is waited for."""
    assert run(asyncio.wait_for(_in_thread(), 60)) == "done"


async def _in_thread() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, lambda: "done")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("abc",), ("xyz",), True),
        (("abc",), ("two words",), False),
        ((1,), (2,), False),
        ((2,), (3,), True),
        ((2,), (-3,), False),
        (([1],), ([1, 2],), False),
        (([3, 2],), ([4, 5, 6],), True),
        ((True,), (False,), False),
    ],
)
def test_values_look_alike_or_not(first: tuple[object, ...], second: tuple[object, ...], same: bool) -> None:
    """Numbers of one sign, words of one form and lists of one size look alike to a reader."""
    one, other = (Played(frozenset(), built=True, arguments=each) for each in (first, second))
    assert (shape_of(one) == shape_of(other)) is same


@pytest.mark.parametrize(("value", "expected"), [("a", True), ("b", False), (True, False), (None, False)])
def test_what_comes_back_as_it_was_is_idle(value: object, expected: bool) -> None:
    """Only data can come back as it was; a flag or None is an answer."""
    played = Played(frozenset(), built=True, value=value, arguments=("a", True, None))
    assert is_idle(played) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [("return 1", True), ("return", False), ("return None", False), ("pass", False), ("def g():\n  return 1", False)],
)
def test_a_function_gives_back_or_does(body: str, expected: bool) -> None:
    """A function gives something back if one of its own returns does."""
    node = ast.parse("def f():\n" + "\n".join(f" {line}" for line in body.splitlines())).body[0]
    assert isinstance(node, ast.FunctionDef)
    assert gives_back(node) is expected

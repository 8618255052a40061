"""What calls hand out to be called in turn: decorators, functions made by functions, contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.synthesis.conftest import Project

DECORATOR = """
import functools

def limited(most):
    def decorator(function):
        calls = 0

        @functools.wraps(function)
        def wrapper(*args):
            nonlocal calls
            if calls >= most:
                raise RuntimeError("called too often")
            calls += 1
            return function(*args)

        def left():
            return most - calls

        wrapper.left = left
        return wrapper

    return decorator
"""
ADDER = """
def adder(first):
    return lambda second: first + second if second else "nothing"
"""
CONTEXT = """
import contextlib

STACK = []

@contextlib.contextmanager
def pushed(name):
    STACK.append(name)
    try:
        yield len(STACK)
    except ValueError:
        STACK.append("failed")
    finally:
        STACK.clear()
"""
ASYNCHRONOUS = """
import inspect

def patient(function):
    if not inspect.iscoroutinefunction(function):
        raise TypeError("a coroutine function is required")

    async def wrapper(*args):
        found = await function(*args)
        return "nothing" if found is None else found

    return wrapper
"""
KEEPER = """
class Rule:
    def __init__(self, test):
        self._test = test

    def __call__(self, value):
        return self._test(value)

def longer(than):
    def check(value):
        if not isinstance(value, str):
            return None
        return len(value) > than

    return Rule(check)
"""
CHAINED = """
class Part:
    def __init__(self, path=()):
        self.path = path

    def __getattr__(self, name):
        return Part((*self.path, name))

    def __getitem__(self, name):
        return Part((*self.path, name))

    def __invert__(self):
        return Part(self.path[:-1])

    def __eq__(self, other):
        return Part((*self.path, "=", other))
"""
TANGLED = """
import datetime

class Node:
    def __init__(self, left, right):
        self.left, self.right = left, right

class Tree:
    def __init__(self, node):
        self.node = node

def grown(tree):
    if tree == Tree:
        return Node(Tree(None), datetime.date(2024, 1, 1))
    return Tree(tree)
"""


@pytest.mark.parametrize(
    ("source", "called"),
    [
        (DECORATOR, "called too often"),
        (DECORATOR, ".left()"),
        (ADDER, "'nothing'"),
        (CONTEXT, ".__exit__("),
        (ASYNCHRONOUS, "asyncio.run(patient("),
        (KEEPER, "is None"),
    ],
)  # fmt: skip
async def test_what_a_call_hands_out_is_called(project: Project, source: str, called: str) -> None:
    """A function within a function is tested through what makes it, and so is what hangs on it."""
    project.write("made.py", source)
    answer = await project.ask("made")
    assert called in answer.text, answer.text
    assert (await project.run(answer.text))[0] == 0


@pytest.mark.parametrize("source", [CHAINED, TANGLED])
async def test_objects_that_answer_to_everything_do_not_stop_the_search(project: Project, source: str) -> None:
    """The search ends by itself, whatever an object's operators return and however classes ask for each other."""
    project.write("odd.py", source)
    answer = await project.ask("odd")
    assert answer.stopped_by == "plateau"
    assert not [each for each in answer.left_out if "took the process down" in each.reason]
    assert (await project.run(answer.text))[0] == 0

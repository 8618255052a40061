"""What tests assert is worth it: values beside a comparison, state that changes, and no bug as if it were right."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from headwater.synthesis.guest.expressions import Expressions
from headwater.synthesis.guest.names import Names
from headwater.synthesis.guest.probes import AT, EFFECT, FALSE, TRUE, probes_of
from headwater.synthesis.guest.suspicion import fits
from tests.synthesis.samples import shop as sample

if TYPE_CHECKING:
    from tests.synthesis.conftest import Project

LIMITS = """
ZONES = 5


def fare(age: int) -> int:
    price = 7 if age > ZONES * 3 + 11 else 2
    return price


def tidy(word: str) -> str:
    return word.replace("--", "+").strip()


def join(words: list[str]) -> str:
    return "-".join(words) if len(words) > 3 else ""
"""
STATE = """
class Part:
    def __init__(self, size: int) -> None:
        self.size = size


class Shelf(dict):
    def put(self, name: str, size: int) -> None:
        self[name] = Part(size)


class Box:
    def __init__(self) -> None:
        self.items: list[int] = []

    def add(self, item: int) -> None:
        self.items.append(item)

    def clear(self) -> None:
        self.items.clear()
"""
BUGS = """
from dataclasses import dataclass


@dataclass
class Order:
    lines: list[int]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def ship(order: Order) -> int:
    return order.lines[0]


def loose(values):
    return values[0] + 1


def vague(values: list) -> int:
    return values[0] + 1


def add(a: int, b: int) -> int:
    '''
    >>> add(1, 2)
    3
    '''
    return a * b
"""
RECORDS = """
from dataclasses import fields, is_dataclass
from decimal import Decimal


def decode(cls, data):
    found = {}
    for field in fields(cls):
        value = data[field.name]
        if is_dataclass(field.type):
            value = decode(field.type, value)
        elif field.type is Decimal:
            value = Decimal(value)
        found[field.name] = value
    return cls(**found)
"""
NOTATION = """
from json.decoder import scanstring


def names(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    if text[:1] != "{":
        raise ValueError("no table")
    while at < len(text):
        if text[at] == '"':
            word, at = scanstring(text, at + 1, True)
            if text[at : at + 1] == ":":
                found.append(word)
        else:
            at += 1
    return found
"""
JUDGE = """
def judge(n, word, thing):
    if n + 1 > len(word):
        return word.replace("a", "b") == "b" or word.startswith("c")
    return thing.loud() and thing.quiet
"""


def cases_of(text: str) -> list[tuple[object, ...]]:
    """Returns the constant arguments of every call and every row of a table in a text."""
    found: list[tuple[object, ...]] = []
    for node in ast.walk(ast.parse(text)):
        parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        if parts and all(isinstance(each, ast.Constant) for each in parts):
            found.append(tuple(each.value for each in parts if isinstance(each, ast.Constant)))
    return found


async def test_values_on_both_sides_of_a_comparison_are_tested(project: Project) -> None:
    """Where two computed numbers are compared, a test has them equal, and one has them a step apart."""
    project.write("limits.py", LIMITS)
    answer = await project.ask("limits", symbols=("fare",))
    ages = {each for row in cases_of(answer.text) for each in row if type(each) is int}
    assert {25, 26, 27} <= ages


async def test_what_a_method_does_to_a_text_is_seen(project: Project) -> None:
    """A text in which `replace` finds nothing does not test it: one is tried in which it does."""
    project.write("limits.py", LIMITS)
    answer = await project.ask("limits", symbols=("tidy",))
    assert any("--" in str(each) for row in cases_of(answer.text) for each in row)
    assert "+" in answer.text


async def test_lists_grow_to_the_length_that_is_asked_for(project: Project) -> None:
    """A length that is compared is met, and exceeded by one."""
    project.write("limits.py", LIMITS)
    answer = await project.ask("limits", symbols=("join",))
    lengths = {len(node.elts) for node in ast.walk(ast.parse(answer.text)) if isinstance(node, ast.List)}
    assert {3, 4} <= lengths


async def test_a_change_is_shown_where_there_is_something_to_change(project: Project) -> None:
    """`clear` is tested on an object that holds something, not only on an empty one."""
    project.write("state.py", STATE)
    answer = await project.ask("state", symbols=("Box",))
    functions = [node for node in ast.walk(ast.parse(answer.text)) if isinstance(node, ast.FunctionDef)]
    acts = [ast.unparse(node) for node in functions]
    assert any("box.add(" in act and "box.clear()" in act and "box.items == []" in act for act in acts)


async def test_what_a_container_holds_is_looked_into(project: Project) -> None:
    """Items that no expression rebuilds are asserted by what they keep, the container by its keys and its size."""
    project.write("state.py", STATE)
    answer = await project.ask("state", symbols=("Shelf.put",))
    assert "len(shelf) == " in answer.text
    status, output = await project.run(answer.text)
    assert status == 0, output


async def test_a_suspected_bug_is_reported_with_a_test_that_fails(project: Project) -> None:
    """A call that keeps every annotation and ends in a mishap is told apart; its code runs and shows the mishap."""
    project.write("bugs.py", BUGS)
    answer = await project.ask("bugs")
    bugs = [each for each in answer.left_out if each.verdict == "suspected_bug"]
    assert {each.about for each in bugs} == {"mean", "ship", "add"}
    for bug in bugs:
        status, output = await project.run(bug.code)
        assert (status, "1 failed" in output) == (1, True), output


@pytest.mark.parametrize("name", ["loose", "vague"])
async def test_a_careless_call_is_no_suspicion(project: Project, name: str) -> None:
    """Where nothing says what an argument must be, a mishap says nothing about the code."""
    project.write("bugs.py", BUGS)
    answer = await project.ask("bugs", symbols=(name,))
    assert answer.left_out
    assert not [each for each in answer.left_out if each.verdict == "suspected_bug"]


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (list[int], [1, 2], True),
        (list[int], [1, "a"], False),
        (dict[str, list[int]], {"a": [1]}, True),
        (dict[str, int], {1: 1}, False),
        (tuple[int, str], (1, "a"), True),
        (tuple[int, str], (1,), False),
        (tuple[int, ...], (1, 2, 3), True),
        (int | None, None, True),
        (int, True, False),
        (float, 1, True),
        (list, [], False),
        (object, 1, False),
    ],
)
def test_an_annotation_is_kept_down_to_the_items(annotation: object, value: object, expected: object) -> None:
    """Only what an annotation surely allows can speak against the code."""
    assert fits(annotation, value) is expected


@pytest.mark.parametrize("source", [RECORDS, NOTATION], ids=["records", "notation"])
async def test_classes_and_formats_that_a_module_deals_in_are_tried_first(project: Project, source: str) -> None:
    """Dataclasses with data that fits them, and texts of the format that is read, need no luck."""
    project.write("dealing.py", source)
    answer = await project.ask("dealing", {"executions": 400, "rounds": 1})
    assert answer.reached[-1].branches_covered == answer.reached[-1].branches_total
    status, output = await project.run(answer.text)
    assert status == 0, output


def test_a_class_that_is_made_up_is_made_once_for_each_place() -> None:
    """Trying does not make classes anew; two arguments still have classes of their own, and observing begins afresh."""
    names = Names(sample, set())
    text = 'dataclasses.make_dataclass("Sample", [("name", int)])'
    first = names.recall(text, {}, 0)
    assert names.recall(text, {}, 0) is first
    assert names.recall(f"{text}(1)", {}, 0).name == 1
    assert names.recall(text, {}, 1) is not first
    assert names.evaluate(text) is not first
    assert Expressions(names, depth=2, length=80).text(first) is None


def test_probes_ask_nothing_that_runs_the_code() -> None:
    """A probe works out comparisons, lengths and questions to texts; no property and no call of the module is run."""
    tree = ast.parse(JUDGE)
    run: list[str] = []

    class Thing:
        @property
        def quiet(self) -> bool:
            run.append("quiet")
            return True

        def loud(self) -> bool:
            run.append("loud")
            return True

    probes = [probe for line in probes_of(tree).values() for probe in line]
    outcomes = {probe.outcome({"n": 2, "word": "cab", "thing": Thing()}, {})[0] for probe in probes}
    assert {AT, TRUE, FALSE, EFFECT} <= outcomes
    assert run == []

"""What the search finds by itself: objects, states, surroundings, classes, event loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.synthesis.conftest import Project

DUCK = """
def total(order, rates):
    amount = 0
    for line in order.lines():
        if line.kind == "gift":
            continue
        amount += line.price * rates["vat"]
    if order.owner.is_member(order.id):
        amount *= 2
    return amount
"""
JAR = """
class Jar(dict):
    def __init__(self, headers):
        super().__init__()
        self.headers = headers
        self.names = []

    def __setitem__(self, key, value):
        if key not in self.names:
            self.headers.add("Set-Cookie", key)
            self.names.append(key)
        super().__setitem__(key, value)

    def __delitem__(self, key):
        for each in self.headers.popall("Set-Cookie"):
            if each.key != key:
                self.headers.add("Set-Cookie", each)
        super().__delitem__(key)
"""
WRAPPER = """
class Wrapper:
    def __init__(self, width: int = 70, limit: int = 0, mark: str = "..."):
        self.width = width
        self.limit = limit
        self.mark = mark

    def cut(self, text: str) -> str:
        if self.width <= 0:
            raise ValueError("width must be positive")
        if self.limit and len(text) > self.limit:
            if len(self.mark) > self.limit:
                return ""
            return text[: self.limit - len(self.mark)] + self.mark
        return text
"""
SETTER = """
class Light:
    def __init__(self):
        self._level = 0

    @property
    def level(self):
        return self._level

    @level.setter
    def level(self, value):
        if value > 10:
            raise ValueError("too bright")
        self._level = value
"""
LOADER = """
import json
import os

def load(folder, name):
    with open(os.path.join(folder, name + ".json")) as file:
        found = json.load(file)
    if "title" not in found:
        raise ValueError("no title")
    return found
"""
SETTINGS = """
import shutil
from types import SimpleNamespace

settings = SimpleNamespace(loud=False)

def greet(name: str) -> str:
    if settings.loud:
        return name.upper()
    return name

def tool(name: str) -> str:
    if shutil.which(name) is None:
        return "missing"
    return "found"
"""
CLASSES = """
from datetime import date
from decimal import Decimal
from enum import Enum

def encode(value):
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    return value

def name_of(cls):
    if issubclass(cls, date):
        return "date"
    if issubclass(cls, Decimal):
        return "decimal"
    return "other"
"""
QUEUE = """
import asyncio

class Queue:
    def __init__(self, limit=1):
        self.limit = limit
        self.items = []
        self._waiting = []

    def put(self, item):
        future = asyncio.get_running_loop().create_future()
        if len(self.items) >= self.limit:
            self._waiting.append(future)
            return future
        self.items.append(item)
        future.set_result(None)
        return future
"""
MACHINE = {
    "network": """
import socket

def probe(host: str) -> bool:
    try:
        socket.create_connection((host, 9)).close()
    except OSError:
        return False
    return True
""",
    "program": """
import subprocess

def probe(name: str) -> int:
    try:
        return subprocess.call([name])
    except OSError:
        return -1
""",
    "recursion": """
def probe(n: int) -> bool:
    try:
        return probe(n + 1)
    except RecursionError:
        return False
""",
    "file": """
def probe(n: int) -> bool:
    try:
        open("/etc/of-this-machine")
    except OSError:
        return False
    return True
""",
    "stdin": """
def probe(n: int) -> str:
    try:
        return input()
    except OSError:
        return ""
""",
}
PATTERN = """
import re

class Parser:
    def __init__(self):
        self.titles = {"Arguments": 1, "Returns": 2}
        self.pattern = re.compile("^(" + "|".join(self.titles) + "):$", re.M)

    def parse(self, text: str) -> int:
        found = self.pattern.search(text)
        if found is None:
            return 0
        if found.group(1) == "Returns":
            return 2
        return 1
"""


@pytest.mark.parametrize(
    "source", [DUCK, JAR, WRAPPER, SETTER, LOADER, SETTINGS, CLASSES, QUEUE, PATTERN],
    ids=["duck", "jar", "wrapper", "setter", "loader", "settings", "classes", "queue", "pattern"],
)  # fmt: skip
async def test_every_branch_of_each_kind_is_reached_by_green_tests(project: Project, source: str) -> None:
    """Objects that are made up, states, setters, files, settings, classes and event loops: all are found, all pass."""
    project.write("kinds.py", source)
    answer = await project.ask("kinds")
    assert answer.reached[-1].branches_covered == answer.reached[-1].branches_total
    for order in ("", "1"):
        status, output = await project.run(answer.text, order)
        assert status == 0, output


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (DUCK, "SimpleNamespace("),
        (JAR, "jar["),
        (JAR, "@pytest.fixture\ndef jar("),
        (SETTER, ".level = "),
        (LOADER, ".json').write_text("),
        (SETTINGS, "monkeypatch.setattr('kinds.settings.loud', True)"),
        (QUEUE, "asyncio.run(scenario())"),
        (QUEUE, ".done() is False"),
    ],
)
async def test_each_kind_is_written_as_people_write_it(project: Project, source: str, expected: str) -> None:
    """Assignments instead of dunder calls, fixtures for shared objects, patches by name, one coroutine per scenario."""
    project.write("kinds.py", source)
    assert expected in (await project.ask("kinds")).text.replace('"', "'")


HANDLERS = """
import json
import shutil
from os import listdir


def size(folder: str) -> int:
    try:
        found = listdir(folder)
    except PermissionError:
        return -1
    if found:
        return len(found)
    return 0


def encoded(value: str) -> str:
    try:
        return json.dumps(value)
    except (RecursionError, UnicodeError) as error:
        return type(error).__name__


def known() -> bool:
    try:
        shutil.disk_usage(".")
    except OSError:
        return False
    return True
"""


async def test_what_is_handled_is_raised_by_what_is_called(project: Project) -> None:
    """Each exception that a function handles is raised once by a function of another module that it calls."""
    project.write("handlers.py", HANDLERS)
    answer = await project.ask("handlers")
    text = answer.text.replace('"', "'")
    assert "monkeypatch.setattr('handlers.listdir', mock.Mock(side_effect=PermissionError))" in text
    assert "monkeypatch.setattr('handlers.json.dumps', mock.Mock(side_effect=" in text
    assert "monkeypatch.setattr('handlers.shutil.disk_usage', mock.Mock(side_effect=OSError))" in text
    status, output = await project.run(answer.text)
    assert status == 0, output


async def test_a_class_of_another_module_is_made_though_only_checkers_import_it(project: Project) -> None:
    """An annotation under `if TYPE_CHECKING` is resolved, and its class made by its own constructor."""
    project.write(
        "states.py", "class State:\n    def __init__(self, src: str):\n        self.src = src\n        self.at = 0\n"
    )
    head = "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
    head += "if TYPE_CHECKING:\n    from states import State\n"
    body = 'def mark(state: State) -> bool:\n    if state.src == "#":\n        return True\n    return False\n'
    project.write("rules.py", f"{head}\n\n{body}")
    answer = await project.ask("rules")
    assert "from states import State" in answer.text
    assert {"assert mark(State('#')) is True", "assert mark(State('abc')) is False"} <= {
        line.strip().replace('"', "'") for line in answer.text.splitlines()
    }


async def test_functions_on_one_line_and_lambdas_are_tested(project: Project) -> None:
    """A body on the line of its `def`, which importing runs, is a body all the same."""
    source = "def first(x): return x\ndef _second(x: int) -> int: return x + 1\ndouble = lambda x: x * 2\n"
    project.write("short.py", f"{source}def third(c):\n    if c: return 1\n    return 2\n")
    answer = await project.ask("short")
    assert {note.symbol for note in answer.notes} == {"first", "_second", "double", "third"}


async def test_a_refusal_on_one_line_is_a_contract(project: Project) -> None:
    """`if …: raise X(…)` refuses on purpose, wherever on its line it stands; a mishap on the same line does not."""
    source = 'def check(n):\n    if n + 0 > 100: raise TypeError("too big")\n    return n\n'
    project.write("checks.py", source)
    answer = await project.ask("checks")
    assert "pytest.raises(TypeError, match='too big')" in answer.text.replace('"', "'")
    assert any(note.basis == "contract" and "too big" in note.basis_detail for note in answer.notes)
    assert "unsupported operand" not in answer.text


async def test_examples_give_many_arguments_and_objects_their_story(project: Project) -> None:
    """Doctests of `*args`, `**kwargs` and methods are inputs and contracts, with what their lines did before."""
    star = '"""Joins.\n\n    >>> joined("a", "b", sep="-")\n    \'a-b\'\n    """'
    method = '"""Sums.\n\n    >>> box = Box(3)\n    >>> box.add(4)\n    >>> box.total()\n    7\n    """'
    source = f'def joined(*parts, **options):\n    {star}\n    return options.get("sep", "").join(parts)\n\n\n'
    source += f"class Box:\n    {method}\n\n    def __init__(self, n): self.n = n\n\n"
    source += "    def add(self, n): self.n += n\n\n    def total(self): return self.n\n"
    project.write("shown.py", source)
    answer = await project.ask("shown")
    contracts = {note.symbol for note in answer.notes if note.basis == "contract"}
    assert {"joined", "Box.total"} <= contracts
    assert 'joined("a", "b", sep="-")' in answer.text.replace("'", '"')


@pytest.mark.parametrize("body", MACHINE.values(), ids=list(MACHINE))
async def test_what_the_machine_decides_is_neither_tested_nor_called_a_bug(project: Project, body: str) -> None:
    """An outcome that comes of the sandbox or of the machine says nothing about the code, even if that caught it."""
    project.write("probes.py", body)
    answer = await project.ask("probes", executions=720)
    tests = [each for each in answer.text.split("\n\n\n") if "def test_" in each]
    assert [each for each in tests if "monkeypatch" not in each] == []
    assert not [each for each in answer.left_out if "looks like a bug" in each.reason and "Error: [" in each.reason]


async def test_what_waits_comes_last_and_costs_little(project: Project) -> None:
    """A function that waits for somebody else leaves the time to the others, and is told apart."""
    source = "import threading\n\n\ndef waits(x: int):\n    threading.Event().wait()\n    return x\n\n\n"
    source += "def fine(x: int) -> int:\n    return x + 1\n"
    project.write("waiting.py", source)
    answer = await project.ask("waiting")
    assert answer.reached[1].message == "fine"
    assert any("waits for something" in each.reason for each in answer.left_out if each.about == "waits")


async def test_odd_annotations_do_not_stop_the_search(project: Project) -> None:
    """`Any`, protocols, typed dictionaries, new types, literals and names that lead nowhere are all put up with."""
    source = """
from __future__ import annotations
import typing
from typing import Any, ForwardRef, Generic, Literal, NewType, Optional, Protocol, TypedDict, TypeVar

T = TypeVar("T", bound="Nowhere")
Id = NewType("Id", int)

class Shape(Protocol):
    sides: int

class Row(TypedDict):
    name: str

class Holder(Generic[T]):
    def __init__(self, held: T): self.held = held

def one(a: Any, b: Shape, c: Row, d: Id, e: Literal["x", 3]) -> int:
    return 1 if a else 2

def two(a: "Nowhere", b: Optional["Nowhere"], c: Holder[int], d: ForwardRef("Row"), e: type[Row]) -> int:
    return 1 if a else 2

def three(a: typing.Callable[..., T], b: typing.Union[Shape, None] = None, flag: bool = True, *c: T) -> int:
    return 1 if flag else 2
"""
    project.write("odd.py", source)
    answer = await project.ask("odd")
    assert {"one", "two", "three"} <= {note.symbol for note in answer.notes}
    assert not [each for each in answer.left_out if "process down" in each.reason]


async def test_a_file_named_by_number_is_not_opened(project: Project) -> None:
    """Opening (and so closing) the descriptor that leads to the host would end the search; it costs a call."""
    project.write("files.py", "def size(name):\n    with open(name) as file:\n        return len(file.read())\n")
    answer = await project.ask("files")
    assert answer.stopped_by != "crashed"
    assert not [each for each in answer.left_out if "process down" in each.reason]
    assert "size" in {note.symbol for note in answer.notes}


async def test_the_same_seed_gives_the_same_tests_of_every_kind(project: Project) -> None:
    """States, files, patches, event loops and made-up objects repeat to the letter."""
    project.write("kinds.py", DUCK + JAR + SETTER + LOADER + QUEUE)
    first, again = [await project.ask("kinds", seed=3, executions=1600) for _ in range(2)]
    assert again.text == first.text


async def test_tests_that_reach_something_come_before_those_that_only_vary(project: Project) -> None:
    """What adds coverage is sent for all targets first; further behaviour follows when every target had its turn."""
    source = "class Box:\n    def __init__(self, n=0): self.n = n\n\n    def get(self): return self.n\n\n\n"
    project.write("boxes.py", f"{source}def last(n: int) -> int:\n    if n > 3:\n        return 1\n    return 0\n")
    answer = await project.ask("boxes")
    symbols = [note.symbol for note in answer.notes]
    assert symbols.count("Box.get") > 1
    assert symbols.index("last") < len(symbols) - 1 - symbols[::-1].index("Box.get")


async def test_no_name_is_numbered_where_something_tells_cases_apart(project: Project) -> None:
    """Names end in what differs: an argument, the object, what came before; never in a bare number."""
    project.write("kinds.py", WRAPPER + JAR + CLASSES)
    answer = await project.ask("kinds")
    names = {note.test_name for note in answer.notes}
    assert [name for name in names if name.rpartition("_")[2].isdigit() and name.rpartition("_")[0] in names] == []

"""What only the source tells is added to what ran: alike in this process and in others, in the report's order."""

from __future__ import annotations

import ast
import asyncio
import email
import json
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from coverage.parser import PythonParser

from headwater.coverage import FileCoverage, Note
from headwater.coverage.completing import FEW, Completing
from headwater.coverage.completing.logical import shape
from headwater.coverage.completing.processes import ahead

LIBRARY = sorted(path for module in (asyncio, email, json) for path in Path(module.__file__ or "").parent.glob("*.py"))
CASES = {
    "continued head": "if (a and\n    b\n): # why\n    # note\n\n    c = 1\n",
    "body on the last line of a head": "if (a and\n    b): c = (\n1)\n",
    "statements on one line": "a = (\n1); b = (\n2)\nc = 3; d = [\n4]\n",
    "decorators": "@f(\n1)\n@g\nclass A(\nB):\n    '''Doc\n    string'''\n    x = 1\n",
    "handlers": "try:\n    a = 1\nexcept (\n    B,\n    C,\n):\n    b = (\n1)\nelse: c = [\n1]\nfinally:\n    pass\n",
    "continued line": "a = 1 + \\\n    2\nassert a, \\\n    b\n",
    "string with what looks like a comment": "a = '''\n# no comment\n'''\ndef f(b='''\n# none\n'''):\n    return b\n",
    "nothing": "",
    "comments only": "# a\n# b\n",
}
UNSURE = {
    "decorator in parentheses": "@(\n    f\n)\ndef g(): pass\n",
    "continued without a statement": "a = 1; \\\nb = 2\n",
    "match": "match a:\n    case (\n        1\n    ):\n        b = 2\n",
    "string that ends in what looks like a comment": "def f(b='''\n#'''):\n    return b\n",
}


def assert_as_read_by_tokens(text: str) -> None:
    """The shape is what coverage.py finds by going through the tokens."""
    found = shape(ast.parse(text), text)
    parser = PythonParser(text=text, filename="a.py")
    parser.parse_source()
    if found is not None:
        assert (found.starts, set(found.docstrings)) == (parser.multiline_map, parser.raw_docstrings)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_shape_of_a_real_file_is_that_of_its_tokens(path: Path) -> None:
    assert_as_read_by_tokens(path.read_text())


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_the_tree_tells_the_shape(text: str) -> None:
    """What statements may look like is told by the tree alone, as the tokens tell it."""
    assert shape(ast.parse(text), text) is not None
    assert_as_read_by_tokens(text)


@pytest.mark.parametrize("text", UNSURE.values(), ids=UNSURE)
def test_where_the_tree_does_not_tell_nothing_is_guessed(text: str) -> None:
    assert shape(ast.parse(text), text) is None


SOURCES = {
    f"m{number}.py": f"def f(a):\n    if a > {number}:\n        return (\n            1\n        )\n    return 2\n"
    for number in range(FEW + 60)
}
FAULTY, LACKING = "m7.py", f"m{FEW + 9}.py"
TEXTS = {**SOURCES, FAULTY: "def f(:\n"}
TEXTS.pop(LACKING)


def measured() -> Iterator[FileCoverage]:
    for number, path in enumerate(SOURCES):
        arcs = {(-1, 1), (1, -1), (-1, 2), (2, 3 if number % 2 else 6)}
        lines = {line: 1 for arc in arcs for line in arc if line > 0}
        yield FileCoverage(path=path, reported=f"/src/{path}", lines=lines, arcs=frozenset(arcs), needs_source=True)


def test_many_files_are_completed_as_one_is() -> None:
    """Other processes say what this one does, in the report's order; what is wrong with a source is told once."""
    told: list[Note] = []
    others = set(psutil.Process().children())
    many = Completing(TEXTS.get, told.append)
    single = Completing(TEXTS.get, lambda _: None)
    pairs = list(many.each(measured()))
    assert [file for file, _ in pairs] == list(measured())
    assert [whole for _, whole in pairs] == [single.whole(file) for file in measured()]
    assert pairs[1][1].branches == {2: {"3": 1, "6": 0}}
    assert [note.reason for note in told] == ["SOURCE_NOT_PYTHON"]
    assert many.without_source == {LACKING}
    many.whole(pairs[7][0])
    assert len(told) == 1
    assert not set(psutil.Process().children()) - others


def test_whoever_stops_listening_has_the_processes_ended() -> None:
    others = set(psutil.Process().children())
    with closing(ahead(range(9), lambda number: b"%d" % number, lambda asked: asked * 2, count=2)) as answers:
        assert next(answers) == (0, b"00")
        assert len(set(psutil.Process().children()) - others) == 2
    assert not set(psutil.Process().children()) - others


def test_answers_come_in_order_with_more_processes_than_work() -> None:
    answers = ahead(range(3), lambda number: b"%d" % number, lambda asked: asked * 2, count=5)
    assert list(answers) == [(0, b"00"), (1, b"11"), (2, b"22")]


def test_a_process_that_is_killed_is_a_want_of_memory() -> None:
    """The kernel ends what takes too much; whoever waits for the answer is not left waiting."""
    others = set(psutil.Process().children())
    answers = ahead(range(9), lambda number: b"%d" % number, lambda asked: asked, count=1)
    assert next(answers) == (0, b"0")
    (process,) = set(psutil.Process().children()) - others
    process.send_signal(signal.SIGKILL)
    with pytest.raises(MemoryError, match="killed"):
        _ = list(answers)

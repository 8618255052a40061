"""Inputs that neither an annotation nor the function alone tells: namespaces, streams, what other modules look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.synthesis.conftest import Project

NAMESPACE = """
import argparse

def chosen(args: argparse.Namespace) -> str:
    if args.part == "major":
        return "the first"
    return "another"
"""
STREAM = """
def last_line(handle):
    handle.seek(0)
    lines = (b"" + handle.read()).splitlines()
    if not lines:
        return None
    return lines[-1].decode()
"""
SIBLING = """
def kind_of(line):
    if line.startswith("%%"):
        return "comment"
    return "text"
"""
CALLER = """
from kinds.telling import kind_of

def is_shown(line: str) -> bool:
    if kind_of(line) == "comment":
        return False
    return True
"""


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (NAMESPACE, "Namespace(part='major')"),
        (STREAM, "io.BytesIO(b"),
    ],
)
async def test_values_have_what_is_looked_at(project: Project, source: str, shown: str) -> None:
    """A namespace has the attributes that are looked at; what is read as bytes is given bytes."""
    project.write("borrowed.py", source)
    answer = await project.ask("borrowed")
    assert shown in answer.text, answer.text
    assert (await project.run(answer.text))[0] == 0


async def test_texts_are_made_of_what_other_modules_look_for(project: Project) -> None:
    """What a function of the same package looks for is tried on whoever calls it."""
    (project.root / "kinds").mkdir()
    project.write("kinds/__init__.py", "")
    project.write("kinds/telling.py", SIBLING)
    project.write("kinds/showing.py", CALLER)
    answer = await project.ask("kinds.showing")
    assert "'%%" in answer.text, answer.text
    assert answer.reached[-1].branches_covered == answer.reached[-1].branches_total

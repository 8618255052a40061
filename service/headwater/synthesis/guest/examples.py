"""Takes the calls that docstrings show, and what they promise about errors."""

from __future__ import annotations

import ast
import doctest
import re
from dataclasses import dataclass
from typing import Iterator, List, Optional, Sequence, Tuple

from .calls import OMITTED, Call
from .inventory import Target


@dataclass(frozen=True)
class Example:
    """A call shown in a docstring, and the output that it promises; empty for none."""

    call: Call
    want: str
    source: str


def examples(target: Target, docstrings: Sequence[str]) -> List[Example]:
    """Returns the examples in docstrings that call a target that needs no object."""
    if target.owner or target.style not in ("call", "construct"):
        return []
    return [found for text in docstrings for found in _in_docstring(target, text)]


def promised_errors(docstring: str) -> List[Tuple[str, str]]:
    """Returns (exception, the line that promises it) from a docstring: `Raises:`, `:raises X:`."""
    found: List[Tuple[str, str]] = []
    section = False
    for line in docstring.splitlines():
        stripped = line.strip()
        field = re.match(r":raises?\s+([\w.]+)", stripped)
        if re.match(r"Raises\b:?\s*$", stripped):
            section = True
        elif section and stripped and not re.match(r"-+$", stripped):
            entry = re.match(r"([A-Z][\w.]*)\s*(?::|$|\()", stripped)
            section = entry is not None or line.startswith("  ")
            field = entry or field
        if field is not None:
            found.append((field.group(1).rpartition(".")[2], stripped))
    return found


def _in_docstring(target: Target, text: str) -> Iterator[Example]:
    try:
        shown = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return
    for each in shown:
        call = _call(target, each.source)
        if call is not None:
            yield Example(call, each.want.strip() if _stands_alone(target, each.source) else "", each.source.strip())


def _call(target: Target, source: str) -> Optional[Call]:
    """Reads a call of the target out of one line of an example."""
    try:
        tree = ast.parse(source.strip())
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last(ast.unparse(node.func)) == _last(target.callee):
            return _bound(target, node)
    return None


def _stands_alone(target: Target, source: str) -> bool:
    """Whether a line of an example is the call itself, so that the output is what the call returns."""
    body = ast.parse(source.strip()).body
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    return isinstance(call, ast.Call) and _last(ast.unparse(call.func)) == _last(target.callee)


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _bound(target: Target, node: ast.Call) -> Optional[Call]:
    positional = [each.name for each in target.parameters if each.how == "positional"]
    if any(isinstance(each, ast.Starred) for each in node.args) or len(node.args) > len(positional):
        return None
    given = {name: ast.unparse(each) for name, each in zip(positional, node.args)}
    given.update((word.arg, ast.unparse(word.value)) for word in node.keywords if word.arg)
    names = {each.name for each in target.parameters}
    required = {each.name for each in target.parameters if each.required}
    if not required <= set(given) <= names:
        return None
    return Call(target, tuple(given.get(each.name, OMITTED) for each in target.parameters))

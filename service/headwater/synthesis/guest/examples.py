"""Takes the calls that docstrings show, and what they promise about errors."""

from __future__ import annotations

import ast
import doctest
import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .calls import OMITTED, Call
from .inventory import Target

STATES = 4
"""How many calls on an object an example may make before the one that is taken."""


@dataclass(frozen=True)
class Example:
    """A call shown in a docstring, and the output that it promises; empty for none."""

    call: Call
    want: str
    source: str


def examples(target: Target, docstrings: Sequence[str]) -> List[Example]:
    """Returns the examples in docstrings that call a target."""
    if target.style == "operator":
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


@dataclass
class _Story:
    """What the lines of one docstring have bound so far: names, and what was done with their objects."""

    values: Dict[str, ast.expr] = field(default_factory=dict[str, ast.expr])
    done: Dict[str, List[ast.Call]] = field(default_factory=dict[str, List[ast.Call]])

    def tell(self, statement: ast.stmt) -> None:
        """Takes in one statement of the docstring."""
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            self.values[name] = self.resolved(statement.value)
            self.done[name] = []
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            owner = getattr(statement.value.func, "value", None)
            if isinstance(owner, ast.Name) and owner.id in self.done:
                self.done[owner.id].append(statement.value)

    def resolved(self, node: Any) -> Any:
        """Returns an expression with every name replaced by the expression that it stands for."""
        return _Resolver(self.values).visit(ast.parse(ast.unparse(node), mode="eval").body)


class _Resolver(ast.NodeTransformer):
    def __init__(self, values: Dict[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node)


def _in_docstring(target: Target, text: str) -> Iterator[Example]:
    try:
        shown = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return
    story = _Story()
    for each in shown:
        try:
            body = ast.parse(each.source.strip()).body
        except SyntaxError:
            continue
        found = next((call for node in body for call in _calls(target, node, story)), None)
        if found is not None:
            alone = len(body) == 1 and isinstance(body[0], ast.Expr) and _matches(target, body[0].value)
            yield Example(found, each.want.strip() if alone else "", each.source.strip())
        for statement in body:
            story.tell(statement)


def _calls(target: Target, statement: ast.stmt, story: _Story) -> Iterator[Call]:
    """Yields the calls of the target in one statement of an example."""
    for node in ast.walk(statement):
        if not isinstance(node, ast.expr) or not _matches(target, node):
            continue
        receiver, before = "", []
        if target.owner:
            within: Any = node.func if isinstance(node, ast.Call) else node
            owner: ast.expr = within.value
            resolved = story.resolved(owner)
            if not isinstance(resolved, ast.Call):
                continue  # its class is unknown, or it is no object that a constructor made
            receiver = ast.unparse(resolved)
            before = [_on_self(call, story) for call in story.done.get(ast.unparse(owner), [])]
        given = _bound(target, story.resolved(node)) if isinstance(node, ast.Call) else ()
        if given is not None and len(before) <= STATES:
            yield Call(target, given, receiver, tuple(before))


def _on_self(call: ast.Call, story: _Story) -> str:
    """Writes an earlier call on an object, the object left open."""
    arguments = [ast.unparse(story.resolved(each)) for each in call.args]
    arguments += [f"{each.arg}={ast.unparse(story.resolved(each.value))}" for each in call.keywords if each.arg]
    return f"{{self}}.{_last(ast.unparse(call.func))}({', '.join(arguments)})"


def _matches(target: Target, node: ast.AST) -> bool:
    """Whether an expression is a call of the target, or for a property its reading."""
    called = node.func if isinstance(node, ast.Call) else None
    if target.style == "property":
        return isinstance(node, ast.Attribute) and node.attr == _last(target.callee)
    if called is None or (target.owner and not isinstance(called, ast.Attribute)):
        return False
    return _last(ast.unparse(called)) == _last(target.callee)


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _bound(target: Target, node: ast.Call) -> Optional[Tuple[str, ...]]:
    """Assigns the arguments of a call to the target's parameters; None where they do not fit."""
    positional = [each.name for each in target.parameters if each.how == "positional"]
    star = next((each.name for each in target.parameters if each.how == "star"), "")
    double = next((each.name for each in target.parameters if each.how == "double"), "")
    plain = node.args[: len(positional)]
    if any(isinstance(each, ast.Starred) for each in plain) or any(word.arg is None for word in node.keywords):
        return None
    given = {name: ast.unparse(each) for name, each in zip(positional, plain)}
    rest = [ast.unparse(each) for each in node.args[len(positional) :]]
    if rest:
        given[star] = f"({', '.join(rest)}{',' if len(rest) == 1 else ''})"
    names = {each.name for each in target.parameters if each.how in ("positional", "keyword")}
    more: List[str] = []
    for word in node.keywords:
        if word.arg in names:
            given[str(word.arg)] = ast.unparse(word.value)
        else:
            more.append(f"{word.arg!r}: {ast.unparse(word.value)}")
    if more:
        given[double] = f"{{{', '.join(more)}}}"
    required = {each.name for each in target.parameters if each.required}
    if "" in given or not required <= set(given):
        return None
    return tuple(given.get(each.name, OMITTED) for each in target.parameters)

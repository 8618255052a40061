"""Finds the tests in JavaScript and TypeScript: `test` and `it`, also inside of `describe`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from headwater.pipeline.languages.script_imports import bindings, declared
from headwater.pipeline.languages.trees import lines, parse, text, walk
from headwater.pipeline.pieces import Piece

TESTS = frozenset({"test", "it"})
GROUPS = frozenset({"describe", "suite"})
HOOKS = tuple(when + what for when in ("before", "after") for what in ("", "Each", "All"))
MOCKING = frozenset({"vi", "jest", "mock"})
IDLE = frozenset({"skip", "todo", "fails", "failing", "skipIf", "runIf", *(f"x{each}" for each in TESTS | GROUPS)})
"""What keeps a test from being one."""
ASSERTING = frozenset({"expect", "assert", "should"})
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
DEPTH = 20
"""How deep groups may stand in one another."""
BETWEEN = " > "
"""Stands between the title of a group and that of a test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A call such as `test.each(rows)("adds %i", fn)`: what is called, how, and with what."""

    name: str
    modifiers: tuple[str, ...]
    title: Node
    body: Node | None


def classify(node: Node, above: str) -> Iterable[Piece]:
    """Makes pieces of a top-level statement: a group gives one for each of its tests, with what they share."""
    code, line = _with(above, text(node)), lines(node)[0]
    if bindings(node):
        found = bindings(node)
        yield Piece(kind="import", name=found[0].local, names=tuple(each.local for each in found), code=code, line=line)
        return
    tests = _tests(node)
    if tests is not None:
        for path, inner in tests:
            name = BETWEEN.join(path)
            yield Piece(kind="test", name=name, names=(name,), code=_with(above, inner), line=line)
        return
    reason = _idle(node)
    if reason:
        yield Piece(kind="broken", code=code, line=line, detail=reason)
    elif node.type == "expression_statement" and not _is_implicit(node):
        if node.named_children and node.named_children[0].type != "string":  # "use strict"
            yield Piece(
                kind="broken", code=code, line=line, detail="it acts when the file is loaded, outside of any test"
            )
    elif node.type not in {"empty_statement", "export_statement"}:
        names = tuple(declared(node))
        yield Piece(kind="helper", name=names[0] if names else "", names=names, code=code, line=line)


def is_implicit(root: Node) -> bool:
    """Whether a helper acts on tests that do not name it: a hook, or a mock of a module."""
    return any(_is_implicit(node) for node in root.named_children)


def assertions(root: Node) -> tuple[str, ...]:
    """Returns the text of each statement that asserts something."""
    stated = (node for node in walk(root) if node.type in {"expression_statement", "return_statement"})
    return tuple(text(node).removeprefix("return ").removesuffix(";") for node in stated if _asserts(node))


def renamed(code: str, dialect: str, old: str, new: str) -> str:
    """Returns the code of a test under another title; groups keep theirs."""
    last = old.rpartition(BETWEEN)[2]
    for node in walk(parse(code, dialect)):
        call = _call(node)
        if call is not None and call.name in TESTS and _title(call.title) == last:
            start, end = call.title.start_byte + 1, call.title.end_byte - 1
            raw = code.encode()
            # Both end with the title, and the new one goes on behind it.
            return (raw[:end] + new.removeprefix(old).encode() + raw[end:]).decode() if start <= end else code
    return code


def merged(tests: Sequence[str], dialect: str) -> list[str]:
    """Joins tests of groups that are the same but for the test in them."""
    groups: dict[str, list[str]] = {}
    order: list[tuple[str, str]] = []
    for code in tests:
        head, inner, tail = _opened(code, dialect)
        key = f"{head}\0{tail}" if head else ""
        if not key:
            order.append(("", code))
        elif key in groups:
            groups[key].append(inner)
        else:
            groups[key] = [inner]
            order.append((key, ""))
    found: list[str] = []
    for key, code in order:
        head, _, tail = key.partition("\0")
        found.append(code or head + "\n\n  ".join(groups[key]) + tail)
    return found


def _opened(code: str, dialect: str) -> tuple[str, str, str]:
    """Returns the code of a group before, of, and behind its last statement; no head where it is no group."""
    for node in parse(code, dialect).named_children:
        body = _group_body(node)
        if body is not None and body.named_children:
            last = body.named_children[-1]
            raw = code.encode()
            parts = raw[: last.start_byte], raw[last.start_byte : last.end_byte], raw[last.end_byte :]
            return parts[0].decode(), parts[1].decode(), parts[2].decode()
    return "", code, ""


def _tests(node: Node, depth: int = 0) -> list[tuple[tuple[str, ...], str]] | None:
    """Returns the tests of a statement, each with what it stands in; None where it is neither a test nor a group."""
    call = _called(node)
    if call is None or depth > DEPTH or IDLE & {call.name, *call.modifiers}:
        return None
    title = _title(call.title)
    if call.name in TESTS:
        return [((title,), _without_only(node))] if title else None
    body = _group_body(node)
    if body is None:
        return None
    inner: list[tuple[tuple[str, ...], str]] = []
    shared: list[str] = []
    for child in body.named_children:
        tests = _tests(child, depth + 1)
        if tests is not None:
            inner += tests
        elif child.type != "comment" and not _idle(child):
            shared.append(text(child))
    raw = text(node).encode()
    head = raw[: body.start_byte - node.start_byte + 1].decode()
    tail = raw[body.end_byte - node.start_byte - 1 :].decode()
    return [
        ((title, *path), "\n".join([head, *(f"  {each}" for each in shared), f"  {code}", tail]))
        for path, code in inner
    ]


def _called(node: Node) -> _Call | None:
    return _call(node.named_children[0]) if node.type == "expression_statement" and node.named_children else None


def _call(node: Node) -> _Call | None:
    """Reads a call of a test, a group or the like."""
    arguments = node.child_by_field_name("arguments")
    if node.type != "call_expression" or arguments is None or not arguments.named_children:
        return None
    callee = node.child_by_field_name("function")
    if callee is not None and callee.type == "call_expression":  # test.each(rows)(title, body)
        callee = callee.child_by_field_name("function")
    name, *modifiers = text(callee).split(".")
    functions = [each for each in arguments.named_children if each.type in {"arrow_function", "function_expression"}]
    body = functions[-1].child_by_field_name("body") if functions else None
    return _Call(name=name, modifiers=tuple(modifiers), title=arguments.named_children[0], body=body)


def _group_body(node: Node) -> Node | None:
    call = _called(node)
    is_group = call is not None and call.name in GROUPS and "each" not in call.modifiers
    return call.body if call is not None and is_group and call.body and call.body.type == "statement_block" else None


def _title(node: Node) -> str:
    plain = node.type in {"string", "template_string"}
    if not plain or any(each.type == "template_substitution" for each in node.children):
        return ""
    return ESCAPE.sub(r"\1", text(node)[1:-1])


def _without_only(node: Node) -> str:
    """Returns the text of a test; one that would keep all others from running no longer does."""
    code = text(node)
    for name in TESTS:
        if code.startswith(f"{name}.only("):
            return code.replace(f"{name}.only(", f"{name}(", 1)
    return code


def _idle(node: Node) -> str:
    call = _called(node)
    if call is None:
        return ""
    if IDLE & {call.name, *call.modifiers}:
        return "it is a test that is not to be run"
    if call.name in TESTS | GROUPS:
        return "its title is no plain text, or it holds no test"
    return ""


def _is_implicit(node: Node) -> bool:
    if node.type != "expression_statement" or not node.named_children:
        return False
    callee = text(node.named_children[0].child_by_field_name("function"))
    return callee.split(".")[0] in MOCKING.union(HOOKS)


def _asserts(node: Node) -> bool:
    named = {"identifier", "property_identifier"}
    return any(each.type in named and text(each) in ASSERTING for each in _outer(node))


def _outer(node: Node) -> Iterator[Node]:
    """Yields what a statement says by itself, without the functions in it."""
    pending = list(node.children)
    while pending:
        current = pending.pop()
        yield current
        if current.type not in {"arrow_function", "function_expression", "statement_block"}:
            pending += current.children


def _with(above: str, code: str) -> str:
    return f"{above}\n{code}" if above else code

"""Tells from a Python file's tree which of its lines are one: what takes a tokenizer several times as long."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
ALSO = ("orelse", "finalbody")
"""Where the statements of a statement are, besides its body."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the text of a file lies on its lines."""

    starts: dict[int, int]
    """The first line of each statement or head of one that lies on several, by each of these lines."""
    docstrings: frozenset[int]
    """The lines of docstrings."""


def shape(tree: ast.Module, text: str) -> Shape | None:
    """Finds the shape; None where the tree alone does not tell, as of `match` and of some continued lines."""
    lines = text.split("\n")
    spans: list[Span] = []
    docstrings: set[int] = set()
    if not _walk(tree, lines, spans, docstrings):
        return None
    starts = {line: first for first, last in _joined(spans) for line in range(first, last + 1)}
    if "\\\n" in text and not all(_inside(number, starts) for number, line in enumerate(lines, 1) if line[-1:] == "\\"):
        return None
    return Shape(starts=starts, docstrings=frozenset(docstrings))


def _walk(tree: ast.Module, lines: Sequence[str], spans: list[Span], docstrings: set[int]) -> bool:
    """Gathers the spans of more than one line, and the lines of docstrings; whether all could be told."""
    blocks: list[Sequence[ast.stmt]] = [tree.body]
    _document(tree.body, docstrings)
    while blocks:
        for node in blocks.pop():
            inner: list[ast.stmt] = getattr(node, "body", [])
            if not inner and node.end_lineno != node.lineno:
                spans.append((node.lineno, node.end_lineno or node.lineno))
            if isinstance(node, DEFINITIONS):
                _document(inner, docstrings)
            heads: list[Any] = [node, *getattr(node, "handlers", ())] if inner else []
            told = not isinstance(node, ast.Match) and _decorators(node, lines, spans)
            if not told or not all(_head(each.lineno, each.body[0], lines, spans) for each in heads):
                return False
            blocks += [each.body for each in heads]
            blocks += [each for name in ALSO if (each := getattr(node, name, None))]
    return True


def _document(body: Sequence[ast.stmt], docstrings: set[int]) -> None:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())) as first, *_]:
            docstrings.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
        case _:
            pass


def _decorators(node: ast.stmt, lines: Sequence[str], spans: list[Span]) -> bool:
    """Adds decorators; the tree does not say where one in parentheses begins."""
    for each in node.decorator_list if isinstance(node, DEFINITIONS) else ():
        if not lines[each.lineno - 1].lstrip().startswith("@"):
            return False
        if each.end_lineno != each.lineno:
            spans.append((each.lineno, each.end_lineno or each.lineno))
    return True


def _head(first: int, inner: ast.stmt, lines: Sequence[str], spans: list[Span]) -> bool:
    """Adds a statement's head, whose last line is the last with code before the first statement inside.

    What looks like a comment may be the end of a string; then the tree does not tell.
    """
    if inner.lineno == first:
        return True
    start = inner.lineno
    if isinstance(inner, DEFINITIONS):
        start = min((each.lineno for each in inner.decorator_list), default=start)
    before = lines[start - 1]
    last = start
    if len(before) - len(before.lstrip()) == inner.col_offset:
        last -= 1
        while last > first and (not (shown := lines[last - 1].strip()) or shown[0] == "#"):
            if '"""' in shown or "'''" in shown:
                return False
            last -= 1
    if last > first:
        spans.append((first, last))
    return True


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Yields the spans; those that share a line are one."""
    spans.sort()
    first = last = 0
    for start, end in spans:
        if start <= last:
            last = max(last, end)
            continue
        if last:
            yield first, last
        first, last = start, end
    if last:
        yield first, last


def _inside(line: int, starts: dict[int, int]) -> bool:
    """Whether a line and the one after it are parts of one."""
    return line in starts and starts.get(line + 1) == starts[line]

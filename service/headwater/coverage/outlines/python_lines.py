"""Says where statements of Python begin and end, and what some of them are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from headwater.coverage.outlines.draft import Draft

DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def qualified(name: str, holder: Draft) -> str:
    """Returns the name of a symbol in its file."""
    return name if holder.kind == "module" else f"{holder.name}.{name}"


def _line(node: ast.stmt) -> int:
    """The line where a statement begins to run: with decorators, that of the first."""
    if isinstance(node, DEFINITIONS) and node.decorator_list:
        return node.decorator_list[0].lineno
    return node.lineno


def _runs(node: ast.stmt, holder: Draft) -> bool:
    """Whether anything runs at a statement: not at a docstring, nor where a function declares names."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return not isinstance(node.value.value, str)
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return not holder.local
    return not isinstance(node, ast.Global | ast.Nonlocal)


def next_line(statements: Sequence[ast.stmt], holder: Draft, start: int = 0) -> int:
    """Returns the line of the first statement from there on that runs; 0 if none does."""
    for number in range(start, len(statements)):
        if _runs(statements[number], holder):
            return _line(statements[number])
    return 0


def first_line(statements: Sequence[ast.stmt], holder: Draft) -> int:
    """Returns the line of the first statement that runs; if none does, that of the first."""
    return next_line(statements, holder) or (statements[0].lineno if statements else holder.body)


def last_line(statements: Sequence[ast.stmt]) -> int:
    """Returns the last line of a block."""
    return statements[-1].end_lineno or statements[-1].lineno


def ruled_until(node: ast.stmt) -> int:
    """The last line of what a statement's head rules: of an `if`, not its `else`."""
    return (
        last_line(node.body)
        if isinstance(node, ast.If | ast.For | ast.While | ast.Try)
        else node.end_lineno or node.lineno
    )


def is_main_guard(test: ast.expr) -> bool:
    """Whether a condition is that of a file which is run, not imported."""
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )


def is_empty(body: Sequence[ast.stmt]) -> bool:
    """Whether a body is nothing but a docstring and `...`, or only raises NotImplementedError."""
    rest = [each for each in body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    return not rest


def strings(node: ast.expr) -> Iterator[str]:
    """Yields the texts of a list."""
    for each in getattr(node, "elts", ()):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value

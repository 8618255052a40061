"""Tells the texts that code says to people from those that it looks for: what is only ever said is no input."""

from __future__ import annotations

import ast
from typing import FrozenSet, Iterable, Iterator, Set

from .uses import dotted

SAYING = frozenset({"print", "warn", "debug", "info", "warning", "error", "exception", "critical", "log"})
"""Functions whose texts are for people."""


def messages_in(trees: Iterable[ast.AST]) -> FrozenSet[str]:
    """Returns the texts that stand in what is raised, asserted or printed, and nowhere else."""
    said: Set[str] = set()
    other: Set[str] = set()
    for tree in trees:
        spoken = {id(part) for each in ast.walk(tree) if _speaks(each) for part in _spoken(each)}
        for each in ast.walk(tree):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                (said if id(each) in spoken else other).add(each.value)
    return frozenset(said - other)


def _speaks(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        inherited = isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"  # an exception's message
        return inherited or dotted(node.func).rpartition(".")[2] in SAYING
    return isinstance(node, (ast.Raise, ast.Assert, ast.FormattedValue))


def _spoken(node: ast.AST) -> Iterator[ast.AST]:
    """Yields all parts of what is said: of an assertion its message, of what is formatted the form."""
    part = node.msg if isinstance(node, ast.Assert) else node
    part = part.format_spec if isinstance(part, ast.FormattedValue) else part
    return ast.walk(part) if part is not None else iter(())

"""Finds calls in the code of a test, and replaces what stands in their place."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from headwater.pipeline.pieces import parse


def calls(code: str, *names: str) -> Iterator[ast.Call]:
    """Yields the calls of functions or methods of these names. Raises SyntaxError."""
    for node in ast.walk(parse(code)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in names:
                yield node
            case _:
                pass


def spliced(code: str, first: ast.expr, last: ast.expr, text: str) -> str:
    """Returns the code with what stands from one expression to the end of another replaced."""
    lines = [line.encode() for line in code.split("\n")]
    assert last.end_lineno is not None
    assert last.end_col_offset is not None
    before = b"\n".join([*lines[: first.lineno - 1], lines[first.lineno - 1][: first.col_offset]])
    after = b"\n".join([lines[last.end_lineno - 1][last.end_col_offset :], *lines[last.end_lineno :]])
    return (before + text.encode() + after).decode()

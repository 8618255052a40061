"""Says in words which edges of its input a call looks at."""

from __future__ import annotations

import ast

from headwater.synthesis.observations import Argument, Case

LONG = 30
"""From how many characters or items an argument is called long."""
LARGE = 1_000_000
"""From which number on it is called large."""
NONE = " None"
"""How an edge ends that is the lack of a value."""
KINDS = {ast.List: "list", ast.Tuple: "tuple", ast.Dict: "dict", ast.Set: "set"}


def edges(case: Case) -> tuple[str, ...]:
    """Returns the edges of a case, the most telling first: `empty text`, `negative count`, `None`."""
    several = ("star", "double")  # how many of these are given is no edge
    found = [edge for argument in case.given if argument.how not in several and (edge := edge_of(argument))]
    if case.before:
        found.append("after earlier calls")
    return tuple(dict.fromkeys(found))


def edge_of(argument: Argument) -> str:
    """Names the edge that an argument is; empty for an ordinary value."""
    node = ast.parse(argument.text, mode="eval").body
    words = argument.name.replace("_", " ").strip()
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return f"negative {words}"
    if isinstance(node, ast.Constant):
        return _of_constant(node.value, words)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _of_size(len(node.elts), words, KINDS[type(node)])
    if isinstance(node, ast.Dict):
        return _of_size(len(node.keys), words, "dict")
    if argument.text in ("set()", "frozenset()"):
        return f"empty {words}"
    return ""


def _of_constant(value: object, words: str) -> str:  # noqa: PLR0911 — one line per edge
    if value is None:
        return f"{words}{NONE}"
    if isinstance(value, bool):
        return ""
    if isinstance(value, (str, bytes)):
        if not value:
            return f"empty {words}"
        if not value.strip():
            return f"blank {words}"
        if isinstance(value, str) and not value.isascii():
            return f"non-ASCII {words}"
        return f"long {words}" if len(value) >= LONG else ""
    if isinstance(value, (int, float)):
        return f"zero {words}" if value == 0 else f"large {words}" if value >= LARGE else ""
    return ""


def _of_size(size: int, words: str, kind: str) -> str:
    if size == 0:
        return f"empty {words}" if words else f"empty {kind}"
    return f"single {words} item" if size == 1 else f"long {words}" if size >= LONG else ""

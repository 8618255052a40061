"""Feeds back what a call's values were compared with: the value itself in the place of the argument, and beside it."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache
from typing import Any, Iterator, List, Sequence

from .calls import Call
from .probes import Operands
from .repair import with_argument

LONGEST = 60
"""A longer text is not put in the place of another, and no list is made longer."""
MEMBERS = 6
"""How many members of a container that something was looked for in are tried."""


def fed(call: Call, operands: Operands) -> Iterator[Call]:
    """Yields the call with one operand in the place of the other wherever an argument, or a part of one, is it."""
    for old, others in (operands, operands[::-1]):
        for new in _beside(others):
            if _is_simple(old) and _is_simple(new) and type(old) is type(new) and old != new:
                yield from _replaced(call, old, new)
        if isinstance(old, int) and not isinstance(old, bool):
            yield from _resized(call, old, others)


def nudged(call: Call) -> Iterator[Call]:
    """Yields the call with each of its numbers a little smaller and greater, and each of its texts repeated."""
    for index, text in enumerate(call.args):
        yield from (with_argument(call, index, changed) for changed in _nudged(text))
    yield from (replace(call, receiver=changed) for changed in _nudged(call.receiver))


def _nudged(text: str) -> Iterator[str]:
    for number, value in enumerate(_constants(text) if text and "tmp_path" not in text else ()):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from (_with_constant(text, number, each) for each in (value + 1, value - 1))
        elif isinstance(value, (str, bytes)) and value and len(value) <= LONGEST:
            blank = " " if isinstance(value, str) else b" "
            yield _with_constant(text, number, blank.join([value, value]))  # type: ignore[list-item]


def _beside(value: Any) -> List[Any]:
    """Lists a value with its neighbours; the members of a container."""
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return sorted(value, key=repr)[:MEMBERS]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value, value - 1, value + 1]
    return [value]


def _is_simple(value: Any) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, (str, bytes)) and len(value) <= LONGEST)


def _replaced(call: Call, old: Any, new: Any) -> Iterator[Call]:
    for index, text in enumerate(call.args):
        yield from (with_argument(call, index, changed) for changed in _texts(text, old, new))
    yield from (replace(call, receiver=changed) for changed in _texts(call.receiver, old, new))


def _texts(text: str, old: Any, new: Any) -> Iterator[str]:
    """Yields an expression with one of its constants changed."""
    if not text or "tmp_path" in text:
        return
    for number, value in enumerate(_constants(text)):
        if type(value) is not type(old):
            continue
        if value == old:
            yield _with_constant(text, number, new)
        elif isinstance(old, (str, bytes)) and old and old in value:
            yield _with_constant(text, number, value.replace(old, new))


@lru_cache(maxsize=4096)
def _constants(text: str) -> Sequence[Any]:
    """Returns the constants of an expression in the order in which `ast.walk` comes to them."""
    return [each.value for each in ast.walk(ast.parse(text, mode="eval")) if isinstance(each, ast.Constant)]


def _with_constant(text: str, number: int, value: Any) -> str:
    tree = ast.parse(text, mode="eval")
    node = [each for each in ast.walk(tree) if isinstance(each, ast.Constant)][number]
    node.value = value
    return ast.unparse(tree)


def _resized(call: Call, size: int, wanted: Any) -> Iterator[Call]:
    """Yields the call with texts and lists of one size made as long as what their size was compared with."""
    if not isinstance(wanted, int) or not -1 <= wanted < LONGEST:
        return
    for index, text in enumerate(call.args):
        try:
            value: Any = ast.literal_eval(text) if text else None
        except (ValueError, SyntaxError, TypeError):
            continue
        if isinstance(value, (str, list, tuple)) and len(value) == size:
            filled: Any = value or ("a" if isinstance(value, str) else type(value)([1]))
            for length in (wanted, wanted - 1, wanted + 1):
                if length >= 0:
                    yield with_argument(call, index, repr((filled * (length // len(filled) + 1))[:length]))

"""Tells which values look alike to a reader: cases that differ in nothing else show nothing new."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from typing import Any, Tuple

from .calls import Played

LARGE = 1000
"""A number beyond this is large."""
PLAIN = (str, bytes, int, float, list, tuple, dict, set)
TRAITS = (r"\S\s+\S", r"^\s|\s$|\s\s", r"\d", r"[A-Z]", r"[^\w\s]", r"[^\x00-\x7f]", r"_", r"\n")
"""What tells texts apart: several words, loose blanks, digits, capitals, marks, other scripts, underscores, lines."""
Shape = Tuple[object, ...]


def shape_of(played: Played) -> Shape:
    """Returns what is told apart of a call: the look of each argument."""
    return tuple(_look(each, 0) for each in played.arguments)


def is_idle(played: Played) -> bool:
    """Whether a call gave back what it was given: one such case says it."""
    kind = type(played.value)
    return kind in PLAIN and any(type(each) is kind and each == played.value for each in played.arguments)


def _look(value: Any, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if type(value) in (int, float):
        return type(value), value > 0, value < 0, abs(value) >= LARGE, value == 1
    if isinstance(value, (str, bytes)):
        text = value if isinstance(value, str) else value.decode("latin-1")
        return len(text[:2]), tuple(bool(re.search(each, text)) for each in TRAITS)
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        first = next(iter(value), None)
        return type(value), min(len(value), 2), _look(first, depth + 1) if depth == 0 else type(first)
    return type(value)

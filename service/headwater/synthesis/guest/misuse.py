"""Tells a call that breaks the annotations of what it calls: what comes of it says nothing about the code."""

from __future__ import annotations

import ast
import typing
from typing import Any, Iterable, Sequence

from .calls import OMITTED, Call
from .inventory import EMPTY, Inventory, Parameter


def is_misuse(call: Call, inventory: Inventory) -> bool:
    """Whether an argument, of the call or of the constructor before it, is not of the plain type that is asked for."""
    if _breaks(call.target.parameters, call.args):
        return True
    constructor = next((each for each in inventory.targets if each.symbol == call.target.owner), None)
    made = _call_of(call.receiver)
    if constructor is None or made is None:
        return False
    positional = [ast.unparse(each) for each in made.args]
    named = {each.arg: ast.unparse(each.value) for each in made.keywords if each.arg}
    rest = [named.get(each.name, OMITTED) for each in constructor.parameters[len(positional) :]]
    return _breaks(constructor.parameters, [*positional, *rest])


def _breaks(parameters: Iterable[Parameter], arguments: Sequence[str]) -> bool:
    return any(_unfit(each.annotation, text) for each, text in zip(parameters, arguments) if text != OMITTED)


def _unfit(annotation: Any, text: str) -> bool:
    kind = typing.get_origin(annotation) or annotation
    if not isinstance(kind, type) or kind is EMPTY:
        return False
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError):
        return False  # No literal: an object, whose type its own constructor answers for.
    if isinstance(value, bool) and kind in (int, float, complex):
        return True  # Python takes it for a number; nobody writes it as one.
    try:
        return not isinstance(value, kind) and not (kind in (float, complex) and isinstance(value, (int, float)))
    except TypeError:
        return False  # Any, TypedDict, a protocol: nothing that a value could be asked for.


def _call_of(text: str) -> Any:
    try:
        node = ast.parse(text, mode="eval").body if text else None
    except SyntaxError:
        return None
    return node if isinstance(node, ast.Call) else None

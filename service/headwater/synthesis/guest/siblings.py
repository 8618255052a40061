"""Reads what functions of the same package look for that a module calls and does not define itself."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import types
from typing import Any, Iterator, List

DEEPEST = 2
"""How many calls deep the constants of a function are followed."""


def strings_of(function: Any, module: str, depth: int = DEEPEST) -> List[str]:
    """Returns the strings in a function of another module of the same package, and in what that calls."""
    home = str(getattr(function, "__module__", ""))
    if not isinstance(function, types.FunctionType) or home == module or _package(home) != _package(module):
        return []
    found = [each for each in _constants(function.__code__) if each != function.__doc__]
    for name in function.__code__.co_names if depth else ():
        found += strings_of(function.__globals__.get(name), module, depth - 1)
    return found


def _package(module: str) -> str:
    return module.partition(".")[0]


def _constants(code: types.CodeType) -> Iterator[str]:
    waiting: List[Any] = list(code.co_consts)
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, str):
            yield value
        elif isinstance(value, (tuple, frozenset)):
            waiting += sorted(value, key=repr)
        elif isinstance(value, types.CodeType):
            waiting += value.co_consts

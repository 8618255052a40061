"""Makes a call smaller while it still does what it is kept for."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any, Callable, Iterator, List

from .calls import OMITTED, Call
from .repair import with_argument


def shrink(call: Call, still: Callable[[Call], bool], executions: int) -> Call:
    """Returns the smallest call found within a number of executions for which `still` holds."""
    progress = True
    while progress and executions > 0:
        progress = False
        for smaller in _smaller(call):
            if executions <= 0:
                break
            executions -= 1
            if smaller.size < call.size and still(smaller):
                call, progress = smaller, True
                break
    return call


def _smaller(call: Call) -> Iterator[Call]:
    for index in range(len(call.before)):
        yield replace(call, before=(*call.before[:index], *call.before[index + 1 :]))
    for index, parameter in enumerate(call.target.parameters):
        if call.args[index] != OMITTED and not parameter.required:
            yield with_argument(call, index, OMITTED)
    for index, text in enumerate(call.args):
        try:
            value = ast.literal_eval(text) if text else None
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        yield from (with_argument(call, index, repr(each)) for each in _smaller_values(value))


def _smaller_values(value: Any) -> Iterator[Any]:
    """Yields simpler neighbours, the boldest first."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, (int, float)):
        yield from (each for each in (0, 1, -1, int(value / 2), int(value / 10)) if abs(each) < abs(value))
    elif isinstance(value, (str, bytes, list, tuple)):
        sliced: Any = value
        size = len(sliced)
        step = size
        while step >= 1:
            yield from (sliced[:at] + sliced[at + step :] for at in range(0, size, step))
            step //= 2
        if isinstance(value, list) and size:
            yield from (
                _replaced(value, index, part) for index in range(size) for part in _smaller_values(value[index])
            )
    elif isinstance(value, dict):
        for key in value:
            yield {name: part for name, part in value.items() if name != key}


def _replaced(values: List[Any], index: int, part: Any) -> List[Any]:
    return [*values[:index], part, *values[index + 1 :]]

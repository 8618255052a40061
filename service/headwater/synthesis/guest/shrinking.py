"""Makes a call easier to read while it still does what it is kept for: fewer steps, plain values, short ones."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import Any, Callable, Iterator, List, Sequence, Tuple

from .calls import OMITTED, Call
from .repair import with_argument

STEP = 20
"""What a call made first costs a reader, beside its text."""
ROUND = (0, 1, -1, 2, 5, 10, 50, 100)
"""Numbers that a reader does not wonder about."""


@dataclass(frozen=True)
class Plain:
    """What somebody would write without a reason to write something else."""

    arguments: Sequence[Sequence[str]]
    """For each parameter."""
    receivers: Sequence[str]

    def weight(self, call: Call) -> int:
        """Returns how much of a call a reader wonders about: what is plain costs nothing."""
        given = sum(_oddness(text, plain) for text, plain in zip(call.args, self.arguments) if text != OMITTED)
        return given + _oddness(call.receiver, self.receivers) + sum(STEP + len(each) for each in call.before)


def shrink(call: Call, still: Callable[[Call], bool], executions: int, plain: Plain) -> Call:
    """Returns the easiest call found within a number of executions for which `still` holds."""
    progress = True
    tried = {call}
    while progress and executions > 0:
        progress = False
        effort = plain.weight(call), call.size
        for easier in _easier(call, plain):
            if executions <= 0:
                break
            if easier in tried or (plain.weight(easier), easier.size) >= effort:
                continue
            tried.add(easier)
            executions -= 1
            if still(easier):
                call, progress = easier, True
                break
    return call


def _oddness(text: str, plain: Sequence[str]) -> int:
    """Returns how many characters of an expression are its own, at the best when it is read as one of the plain."""
    return min([len(text) + 1, *(_difference(text, each) for each in plain)]) if text else 0


def _difference(text: str, other: str) -> int:
    """Returns the length of the middle in which two expressions differ, however their texts are quoted."""
    text, other = text.replace('"', "'"), other.replace('"', "'")
    first = _alike(text, other)
    last = _alike(text[first:][::-1], other[first:][::-1])
    return max(len(text), len(other)) - first - last


def _alike(text: str, other: str) -> int:
    """Returns with how many characters in common two texts begin."""
    shorter = min(len(text), len(other))
    return next((index for index in range(shorter) if text[index] != other[index]), shorter)


def _easier(call: Call, plain: Plain) -> Iterator[Call]:
    """Yields simpler neighbours of a call, the boldest first."""
    for index in range(len(call.before)):
        rest = (*call.before[:index], *call.before[index + 1 :])
        yield replace(call, before=rest)
        made = _made_with(call.receiver, call.before[index])
        if made:
            yield replace(call, receiver=made, before=rest)
    if call.receiver not in plain.receivers:
        yield from (replace(call, receiver=each) for each in _easier_texts(call.receiver, plain.receivers))
    for index, parameter in enumerate(call.target.parameters):
        if call.args[index] != OMITTED and not parameter.required:
            yield with_argument(call, index, OMITTED)
    for index, text in enumerate(call.args):
        if text != OMITTED and text not in plain.arguments[index]:
            yield from (with_argument(call, index, each) for each in _easier_texts(text, plain.arguments[index]))


def _made_with(receiver: str, step: str) -> str:
    """Returns an object that is made with the attribute which a step sets; empty where the step does something else."""
    made, node = (ast.parse(each, mode="eval").body for each in (receiver or "None", step.replace("{self}", "self")))
    if not isinstance(made, ast.Call) or not isinstance(node, ast.Call) or ast.unparse(node.func) != "setattr":
        return ""
    name = _literal(ast.unparse(node.args[1]))
    rest = [ast.unparse(each) for each in (*made.args, *(each for each in made.keywords if each.arg != name))]
    return f"{ast.unparse(made.func)}({', '.join([*rest, f'{name}={ast.unparse(node.args[2])}'])})"


def _easier_texts(text: str, plain: Sequence[str]) -> Iterator[str]:
    """Yields expressions that may stand for another: plain ones, ones near those, smaller ones."""
    yield from plain
    for each in plain:
        yield from _between(text, each)
    yield from map(repr, _smaller_values(_literal(text)))


def _between(text: str, plain: str) -> Iterator[str]:
    """Yields what stands between two expressions: the plain text cut short, the call with a plain argument."""
    known, value = _literal(plain), _literal(text)
    if isinstance(known, str) and isinstance(value, str):
        yield from map(repr, _cut_short(known))
    made, other = (ast.parse(each, mode="eval").body if each else None for each in (text, plain))
    if not isinstance(made, ast.Call) or not isinstance(other, ast.Call) or ast.dump(made.func) != ast.dump(other.func):
        return
    mine, theirs = _given(made), dict(_given(other))
    for key, given in mine:
        rest = [(name, theirs.get(key, "") if name == key else its) for name, its in mine]
        if theirs.get(key) != given and (key in theirs or isinstance(key, str) or key == len(made.args) - 1):
            yield f"{ast.unparse(made.func)}({', '.join(_written(name, its) for name, its in rest if its)})"


def _given(call: ast.Call) -> List[Tuple[Any, str]]:
    """Lists the arguments of a call by position or name."""
    named = [(each.arg, ast.unparse(each.value)) for each in call.keywords if each.arg]
    return [*((index, ast.unparse(each)) for index, each in enumerate(call.args)), *named]


def _written(key: Any, text: str) -> str:
    return f"{key}={text}" if isinstance(key, str) else text


def _cut_short(text: str) -> Iterator[str]:
    """Yields a text without one of its words or marks, and with one of its words cut to its first letters."""
    parts = re.findall(r"\w+|\W", text)
    for index, part in enumerate(parts):
        for short in dict.fromkeys(("", part[:1], part[:2])):
            if short != part:
                yield "".join([*parts[:index], short, *parts[index + 1 :]])


def _literal(text: str) -> Any:
    """Returns the value of an expression that is a literal, else None."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _smaller_values(value: Any) -> Iterator[Any]:
    """Yields simpler neighbours, the boldest first."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, (int, float)):
        yield from (each for each in (*ROUND, int(value / 2), int(value / 10)) if abs(each) < abs(value))
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

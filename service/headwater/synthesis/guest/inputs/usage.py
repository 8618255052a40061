"""Guesses arguments for untyped parameters from what the function does with them."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import datetime  # noqa: ICN001 — as tests spell it
import io
import re
from typing import Any, Iterator, List, Mapping, Sequence, Tuple

from .annotations import CALLABLES, PLAIN, from_annotation

KINDS: Sequence[Tuple[str, type]] = (
    ("str", str), ("list", list), ("dict", dict), ("int", int), ("float", float), ("bytes", bytes), ("set", set),
    ("StringIO", io.StringIO), ("datetime", datetime.datetime), ("date", datetime.date), ("Pattern", re.Pattern),
)  # fmt: skip
BY_OPERATION: Mapping[str, Sequence[str]] = {
    "number": ("int", "float"),
    "text": ("str", "int"),
    "iterate": ("list", "str", "dict", "tuple"),
    "contain": ("str", "list"),
    "index": ("list", "dict", "str"),
    "class": ("type",),
}


def from_use(use: Any, larder: Any, depth: int, telling: Mapping[str, Sequence[str]]) -> List[str]:
    """Returns expressions that fit what is done with a parameter; empty where nothing is."""
    held = use.compared if "contain" in use.operations else []
    found = [
        *_by_keys([*use.keys, *held]),
        *_constants(use),
        *_by_class(use, larder, depth, telling),
        *_by_attributes(use, larder, depth, telling),
    ]
    if "call" in use.operations:
        found += CALLABLES
    for operation, kinds in BY_OPERATION.items():
        if operation in use.operations and not use.attributes:
            found += [text for kind in kinds for text in _plain(kind, telling)]
    return list(dict.fromkeys(found))


def _plain(kind: str, telling: Mapping[str, Sequence[str]]) -> List[str]:
    plain = PLAIN[kind]
    return [*plain[:2], *list(telling.get(kind, ()))[:16], *plain[2:5]]


def _constants(use: Any) -> Iterator[str]:
    for value in use.compared:
        yield repr(value)
        if isinstance(value, int) and not isinstance(value, bool):
            yield from (repr(value + 1), repr(value - 1))


def _by_class(use: Any, larder: Any, depth: int, telling: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name in use.classes:
        cls = larder.mining.lookup(name)
        if isinstance(cls, type):
            yield from ((larder.names.refer(cls) or "int",) if "class" in use.operations else ())
            yield from from_annotation(cls, larder, depth, telling)[:6]


def _by_attributes(use: Any, larder: Any, depth: int, telling: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Offers built-in values and objects of the module that have what is touched, else an object that has just that."""
    touched = set(use.attributes)
    if not touched:
        return
    known = False
    for kind, cls in KINDS:
        if touched <= set(dir(cls)):
            known = True
            yield from _plain(kind, telling)
    for name, cls in larder.inventory.classes.items():
        if touched <= {*dir(cls), *larder.mining.attributes_of(name)} and depth < 2:  # noqa: PLR2004 — as deep as objects are built
            known = True
            yield from larder.objects(cls, depth + 1)[:6]
    if not known and not any(each.startswith("__") for each in touched):
        yield from (_duck(use.attributes, value) for value in ("1", '"abc"', "None", "[]"))


def _duck(attributes: Mapping[str, bool], value: str) -> str:
    parts = [f"{name}={'lambda *args: ' if called else ''}{value}" for name, called in attributes.items()]
    return f"types.SimpleNamespace({', '.join(parts)})"


def _by_keys(keys: Sequence[Any]) -> Iterator[str]:
    names = list(dict.fromkeys(each for each in keys if isinstance(each, str)))
    if names:
        for value in ("1", '"abc"', "None", "[]"):
            yield "{" + ", ".join(f"{name!r}: {value}" for name in names) + "}"
    numbers = [each for each in keys if isinstance(each, int)]
    if numbers:
        size = min(max(map(abs, numbers)) + 1, 8)
        yield repr(list(range(1, size + 1)))
        yield repr(tuple("abcdefgh"[:size]))
        yield repr("abcdefgh"[:size])

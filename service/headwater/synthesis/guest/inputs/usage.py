"""Guesses arguments for untyped parameters from what the function does with them."""

# Values of strangers have any type.
# ruff: noqa: TID252 — the package has another name in the sandbox
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import datetime  # noqa: ICN001 — as tests spell it
import io
import re
from typing import Any, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..uses import Use
from .annotations import CALLABLES, PLAIN, from_annotation
from .boundaries import kind_by_name
from .familiar import Telling, Told, familiar, values_of

UNIVERSAL = frozenset({"__class__", "__dict__", "__module__", "__doc__", "__name__", "__len__", "__iter__"})
"""Attributes that say little about a value."""
KINDS: Sequence[Tuple[str, type]] = (
    ("str", str), ("list", list), ("dict", dict), ("int", int), ("float", float), ("bytes", bytes), ("set", set),
    ("StringIO", io.StringIO), ("BytesIO", io.BytesIO),
    ("datetime", datetime.datetime), ("date", datetime.date), ("Pattern", re.Pattern),
)  # fmt: skip
BY_OPERATION: Mapping[str, Sequence[str]] = {
    "number": ("int", "float"),
    "text": ("str", "int"),
    "iterate": ("list", "str", "dict", "tuple"),
    "contain": ("str", "list"),
    "index": ("list", "dict", "str"),
    "class": ("type",),
}


BY_KIND = ("1", '"abc"', "None", "[]", "True")
"""What a part is of which nothing is known, in turn."""
VARIANTS = 5
"""In how many ways an object is made up."""
MOST = 16
"""How many constants a value of one kind is tried with."""
KEYS = 8
"""How many keys of a mapping are tried one by one."""
DEEPEST = 4
"""How deep an object that is made up may nest."""


def from_use(use: Use, larder: Any, depth: int, telling: Told) -> List[str]:
    """Returns expressions that fit what is done with a parameter; empty where nothing is."""
    if depth > DEEPEST:
        return []
    found = [
        *_keyed(use, larder, depth),
        *_constants(use),
        *_named(use, larder),
        *_by_class(use, larder, depth, telling),
        *_by_attributes(use, larder, depth, telling),
        *_collections(use, larder, depth),
    ]
    if "call" in use.operations or "callable" in use.operations:
        found += [*_functions(use, larder, depth), *CALLABLES]
    for operation, kinds in BY_OPERATION.items():
        if operation in use.operations and not use.attributes:
            found += [text for kind in kinds for text in _plain(kind, telling)]
    if "await" in use.operations:
        found += ["asyncio.sleep(0, 1)"]
    if "with" in use.operations:
        found += ["mock.MagicMock()"]
    return list(dict.fromkeys(found))


def _plain(kind: str, telling: Told) -> List[str]:
    return values_of(kind, PLAIN[kind][:6], telling, MOST)


def _part(use: Optional[Use], larder: Any, depth: int, variant: int, name: str = "") -> str:
    """Returns one of the expressions that fit a part of a value, which may have a name."""
    known = from_use(use, larder, depth + 1, Telling({}, name)) if use is not None and not use.is_plain else []
    choices = known if len(known) >= VARIANTS else [*known, *familiar(name, kind_by_name(name))[:1], *BY_KIND]
    return choices[variant % len(choices)]


def _constants(use: Use) -> Iterator[str]:
    for value in use.compared:
        yield repr(value)
        if isinstance(value, str) and "contain" in use.operations:
            yield repr(f"a{value}b")
        if isinstance(value, int) and not isinstance(value, bool):
            yield from (repr(value + 1), repr(value - 1))


def _named(use: Use, larder: Any) -> Iterator[str]:
    """Offers what the module's own names stand for that a value is compared with."""
    for name in use.named:
        value = larder.mining.lookup(name)
        text = larder.expressions.text(value) if value is not None else None
        if text:
            yield text
        if isinstance(value, str) and "contain" in use.operations:
            yield repr(f"a{value}b")


def _by_class(use: Use, larder: Any, depth: int, telling: Told) -> Iterator[str]:
    for name in use.classes:
        cls = larder.mining.lookup(name)
        for each in cls if isinstance(cls, tuple) else (cls,):
            if isinstance(each, type):
                yield from ((larder.names.refer(each) or "int",) if "class" in use.operations else ())
                yield from from_annotation(each, larder, depth, telling)[:6]


def _by_attributes(use: Use, larder: Any, depth: int, telling: Told) -> Iterator[str]:
    """Offers built-in values and objects of the module that have what is touched, else one that has just that."""
    touched = {each for each in use.attributes if each not in UNIVERSAL}
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
        yield from dict.fromkeys(_duck(use, larder, depth, variant) for variant in range(VARIANTS))


def _duck(use: Use, larder: Any, depth: int, variant: int) -> str:
    parts: List[str] = []
    for name, called in use.attributes.items():
        if name in UNIVERSAL:
            continue
        if called:
            result = _part(use.parts.get(f"{name}()"), larder, depth, variant, name)
            parts.append(f"{name}=lambda *args, **kwargs: {result}")
        else:
            parts.append(f"{name}={_part(use.parts.get(name), larder, depth, variant, name)}")
    return f"types.SimpleNamespace({', '.join(parts)})"


def _functions(use: Use, larder: Any, depth: int) -> Iterator[str]:
    """Offers functions whose result is what is expected of it."""
    result = use.parts.get("()")
    if result is not None and not result.is_plain:
        yield from (f"lambda *args, **kwargs: {_part(result, larder, depth, variant)}" for variant in range(VARIANTS))


def _keyed(use: Use, larder: Any, depth: int) -> Iterator[str]:
    """Offers dictionaries with the keys that are looked for, all of them and all but one, and long enough lists."""
    names = list(dict.fromkeys(each for each in use.keys if isinstance(each, str)))[:12]
    if names:
        for variant in range(VARIANTS):
            items = [(name, _part(use.parts.get(f"[{name!r}]"), larder, depth, variant, name)) for name in names]
            yield _dict_of(items)
            if variant == 0 and len(items) > 1:
                yield from (_dict_of([each for each in items if each[0] != name]) for name in names)
                yield from (_dict_of([each]) for each in items)
    numbers = [each for each in use.keys if isinstance(each, int) and not isinstance(each, bool)]
    if numbers:
        size = min(max(map(abs, numbers)) + 1, 8)
        for variant in range(2):
            items = [_part(use.parts.get(f"[{index}]"), larder, depth, variant) for index in range(size)]
            if any(f"[{index}]" in use.parts for index in range(size)):
                yield f"[{', '.join(items)}]"
                yield f"({', '.join(items)},)"
        yield repr(list(range(1, size + 1)))
        yield repr(tuple("abcdefgh"[:size]))
        yield repr("abcdefgh"[:size])


def _dict_of(items: Sequence[Tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in items) + "}"


def _collections(use: Use, larder: Any, depth: int) -> Iterator[str]:
    """Offers lists and mappings whose items are what is done with them."""
    item, key, value = (use.parts.get(step) for step in ("[]", "<key>", "{}"))
    if item is not None and not item.is_plain:
        one = [_part(item, larder, depth, variant) for variant in range(VARIANTS)]
        yield from (f"[{each}]" for each in dict.fromkeys(one))
        yield f"[{one[0]}, {one[1]}]"
    if (value is not None and not value.is_plain) or (key is not None and not key.is_plain):
        keys = [each for each in (key.compared if key is not None else []) if isinstance(each, str)] + ["a"]
        for variant in range(VARIANTS):
            yield from (f"{{{each!r}: {_part(value, larder, depth, variant)}}}" for each in keys[:KEYS])
        yield _dict_of([(each, _part(value, larder, depth, 0)) for each in keys])

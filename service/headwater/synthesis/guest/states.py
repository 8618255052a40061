"""Proposes the states in which an object is worth calling: attributes set, items put in, as the method asks."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import inspect
from typing import Any, Iterator, List

from .hints import hints_of
from .inputs import Larder
from .inputs.annotations import from_annotation
from .inputs.familiar import Telling
from .inputs.usage import from_use
from .inventory import Target
from .uses import Use

VALUES = 4
"""How many values of one attribute or item are tried."""
ITEMS = 6
"""How many items are put into a container that is empty at first."""


def states_of(target: Target, larder: Larder) -> List[str]:
    """Returns expressions that put `{self}` into another state, those that the target looks at."""
    cls = larder.inventory.classes.get(target.owner)
    if cls is None:
        return []
    use = larder.mining.of(target).uses.get("self", Use())
    found = [*_attributes(cls, use, larder), *_items(cls, use, larder)]
    return list(dict.fromkeys(found))


def _attributes(cls: type, use: Use, larder: Larder) -> Iterator[str]:
    kept, hints = larder.mining.attributes_of(cls.__name__), hints_of(cls)
    for name, called in use.attributes.items():
        if called or name.startswith("_") or name not in kept or callable(inspect.getattr_static(cls, name, None)):
            continue
        part = use.parts.get(name, Use())
        if name in hints:
            values = from_annotation(hints[name], larder, 1, Telling({}, name))
        else:
            values = [] if part.is_plain else from_use(part, larder, 1, Telling({}, name))
        for value in [*values[:VALUES], *([] if values else ["True", "None", "1"])]:
            yield f"setattr({{self}}, {name!r}, {value})"


def _items(cls: type, use: Use, larder: Larder) -> Iterator[str]:
    """Puts items into what is a container, the keys those that are asked for."""
    if issubclass(cls, dict) or hasattr(cls, "__setitem__"):
        keys: List[Any] = [each for each in use.keys if isinstance(each, (str, int))]
        for key in [*keys, *[each for each in larder.mining.strings if each.isidentifier()][:ITEMS], "a"]:
            part = use.parts.get(f"[{key!r}]", use.parts.get("{}", Use()))
            for value in (from_use(part, larder, 1, {}) or ['"abc"', "1", "None"])[:VALUES]:
                yield f"{{self}}.__setitem__({key!r}, {value})"
    for name in ("append", "add"):
        if issubclass(cls, (list, set)) and hasattr(cls, name):
            yield from (f"{{self}}.{name}({value})" for value in ("1", '"a"'))

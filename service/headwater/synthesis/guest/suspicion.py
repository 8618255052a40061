"""Tells a mishap that is the code's own from one that a careless call brings about.

Only a call that keeps every annotation, down to the items of its lists, speaks against the code.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import collections.abc
import types
import typing
from typing import Any, Iterator, Optional, Sequence, Tuple

from .calls import OMITTED, Call, Played
from .inventory import EMPTY, Inventory, Parameter, Target

BLUNDERS = (TypeError, AttributeError, NameError, ZeroDivisionError, IndexError)
"""What code runs into that forgot a case."""
ARRANGED = ("monkeypatch.", "setattr(", "delattr(")
"""What is done before a call that its author need not reckon with."""
VAGUE = (object, type)
"""Classes that say nothing about a value."""
CONTAINERS = (dict, list, tuple, set, frozenset)
"""Classes that say too little about a value, as do their own subclasses: nobody knows what the list is to hold."""
Place = Tuple[str, str, int]


def is_suspected(call: Call, played: Played, inventory: Inventory) -> bool:
    """Whether a mishap speaks against the code and not against the call."""
    if not isinstance(played.error, BLUNDERS) or call.target.private:
        return False
    if any(text.startswith(ARRANGED) for text in call.before):
        return False
    given = zip(call.target.parameters, call.args, played.arguments)
    return all(text == OMITTED or _keeps(each, value) for each, text, value in given) and all(
        _made_well(text, inventory) for text in call.texts()
    )


def place_of(error: BaseException) -> Place:
    """Returns where a mishap happened, to report it once: its kind, the file and the line."""
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    file = trace.tb_frame.f_code.co_filename if trace is not None else ""
    return type(error).__name__, file, trace.tb_lineno if trace is not None else 0


def fits(annotation: Any, value: Any) -> bool:  # noqa: PLR0911 — one line per kind of annotation
    """Whether a value is surely what an annotation asks for; not where the annotation says too little."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return value is None
    if origin is typing.Union or origin is getattr(types, "UnionType", typing.Union):
        return any(fits(each, value) for each in arguments)
    if origin is typing.Literal:
        return value in arguments
    if isinstance(origin, type) and arguments:
        return isinstance(value, origin) and all(fits(kind, part) for kind, part in _parts(origin, arguments, value))
    if not isinstance(annotation, type) or annotation in VAGUE or not _tells(annotation):
        return False
    if isinstance(value, bool):
        return annotation is bool
    return isinstance(value, annotation) or (annotation is float and isinstance(value, int))


def _tells(kind: type) -> bool:
    """Whether a class says what its instances are: not `Any`, a protocol or a typed dictionary."""
    try:
        isinstance(None, kind)
    except TypeError:
        return False
    return not getattr(kind, "_is_protocol", False) and not issubclass(kind, CONTAINERS)


def _parts(origin: type, arguments: Sequence[Any], value: Any) -> Iterator[Tuple[Any, Any]]:
    """Yields what a container holds, each with its annotation; nothing fits one that cannot be looked into."""
    if issubclass(origin, collections.abc.Mapping):
        yield from (pair for key, part in value.items() for pair in zip(arguments, (key, part)))
    elif origin is tuple and arguments[-1] is not Ellipsis:
        yield from ((kind, part) for kind, part in zip(arguments, value))
        yield from [] if len(arguments) == len(value) else [(None, value)]
    elif isinstance(value, collections.abc.Collection):
        yield from ((arguments[0], part) for part in value)
    else:
        yield (None, value)


def _keeps(parameter: Parameter, value: Any) -> bool:
    if parameter.how in ("star", "double"):
        return not value
    return parameter.annotation is not EMPTY and fits(parameter.annotation, value)


def _made_well(text: str, inventory: Inventory) -> bool:
    """Whether every object in an expression was made as its constructor asks."""
    parts = ast.walk(ast.parse(text.replace("{self}", "self"), mode="eval"))
    return all(_is_well(each, inventory) for each in parts if isinstance(each, ast.Call))


def _is_well(node: ast.Call, inventory: Inventory) -> bool:
    name = ast.unparse(node.func)
    if name.startswith(("types.SimpleNamespace", "mock.")):
        return False
    known = (each for each in inventory.targets if each.callee.replace("{self}", "self") == name)
    target = next(known, None)
    if target is None and name.startswith("self."):
        return False  # an item put into a container: nobody says what it may hold
    return target is None or all(_is_given(each, text) for each, text in _given(target, node))


def _given(target: Target, node: ast.Call) -> Iterator[Tuple[Optional[Parameter], ast.expr]]:
    yield from zip(target.parameters, node.args)
    by_name = {each.name: each for each in target.parameters}
    yield from ((by_name.get(each.arg or ""), each.value) for each in node.keywords)


def _is_given(parameter: Optional[Parameter], node: ast.expr) -> bool:
    """Whether an argument is what its parameter asks for; an object answers for itself."""
    if parameter is None or parameter.annotation is EMPTY:
        return False
    try:
        return fits(parameter.annotation, ast.literal_eval(node))
    except (ValueError, SyntaxError, TypeError):
        return isinstance(node, (ast.Call, ast.Attribute))

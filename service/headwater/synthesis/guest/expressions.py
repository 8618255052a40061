"""Turns values into the expressions that rebuild them.

One function per kind of value, in one table; what no function knows has no text. The text of a value always evaluates
to an equal one: `Expressions.text` checks it before it answers.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import collections
import datetime  # noqa: ICN001 — as tests spell it
import decimal
import enum
import fractions
import inspect
import math
import pathlib
import re
import types
import uuid
from typing import Any, Callable, List, Mapping, Optional, Tuple

from .names import Names

Text = Optional[str]
Nested = Callable[[Any], Text]


class Expressions:
    """Writes values as expressions, bounded in depth and length."""

    def __init__(self, names: Names, *, depth: int, length: int) -> None:
        """Takes the scope, how deep values may nest and how long the text may be."""
        self._names = names
        self._depth = depth
        self._length = length

    def text(self, value: Any) -> Text:
        """Returns an expression that evaluates to an equal value; None if there is none of reasonable size."""
        text = self._write(value, 0)
        if text is None or len(text) > self._length:
            return None
        return text if self._same(text, value) else None

    def is_nan(self, value: Any) -> bool:
        """Whether the value equals nothing, not even itself."""
        return isinstance(value, float) and math.isnan(value)

    def _write(self, value: Any, depth: int) -> Text:  # noqa: PLR0911 — one line per kind
        if depth > self._depth:
            return None

        def nested(part: Any) -> Text:
            return self._write(part, depth + 1)

        writer = WRITERS.get(type(value))
        if writer is not None:
            return writer(value, nested)
        if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
            return self._names.refer(value)
        name = self._names.refer(type(value))
        if name is None:
            return None
        if isinstance(value, enum.Enum):
            return f"{name}.{value.name}" if value.name else None
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return _call(name, [("", nested(part)) for part in value])
        return _rebuilt(name, value, nested)

    def _same(self, text: str, value: Any) -> bool:
        try:
            again = self._names.evaluate(text)
            return type(again) is type(value) and bool(again == value)
        except Exception:  # noqa: BLE001 — a stranger's __init__ and __eq__ may raise anything: then there is no text
            return False


def _rebuilt(name: str, value: Any, nested: Nested) -> Text:
    """Writes an object by its constructor, from the attributes that carry the parameters' names."""
    kind: Any = type(value)
    if kind.__eq__ is object.__eq__:
        return None
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return None
    parts: List[Tuple[str, Text]] = []
    skipped = False
    for each in parameters:
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            return None
        found, part = _attribute(value, each.name)
        if not found and each.default is each.empty:
            return None
        if not found or part is each.default or _is_fresh(part, kind, each.name):
            skipped = True
            continue
        parts.append((each.name if skipped or each.kind is each.KEYWORD_ONLY else "", nested(part)))
    return _call(name, parts)


def _is_fresh(part: Any, kind: Any, name: str) -> bool:
    """Whether a field of a dataclass holds the empty container that it holds by default."""
    factory = getattr(getattr(kind, "__dataclass_fields__", {}).get(name), "default_factory", None)
    return factory in (list, dict, set) and type(part) is factory and not part


def _attribute(value: Any, name: str) -> Tuple[bool, Any]:
    for attribute in (name, f"_{name}", f"_{type(value).__name__}__{name}"):
        try:
            return True, getattr(value, attribute)
        except Exception:  # noqa: BLE001, S112 — a stranger's property may raise anything; the next spelling is tried
            continue
    return False, None


def _call(name: str, parts: List[Tuple[str, Text]]) -> Text:
    if any(text is None for _, text in parts):
        return None
    return f"{name}({', '.join(f'{key}={text}' if key else str(text) for key, text in parts)})"


def _literal(value: Any, _nested: Nested) -> Text:
    return repr(value)


def _float(value: float, _nested: Nested) -> Text:
    return repr(value) if math.isfinite(value) else f'float("{value}")'


def _sequence(opening: str, closing: str) -> Callable[[Any, Nested], Text]:
    def write(value: Any, nested: Nested) -> Text:
        parts = [nested(part) for part in value]
        if any(part is None for part in parts):
            return None
        comma = "," if opening == "(" and len(parts) == 1 else ""
        return f"{opening}{', '.join(map(str, parts))}{comma}{closing}"

    return write


def _set(value: Any, nested: Nested) -> Text:
    parts = [nested(part) for part in value]
    if any(part is None for part in parts):
        return None
    inner = f"{{{', '.join(sorted(map(str, parts)))}}}" if parts else ""
    if type(value) is frozenset:
        return f"frozenset({inner})"
    return inner or "set()"


def _dict(value: Any, nested: Nested) -> Text:
    parts = [(nested(key), nested(part)) for key, part in value.items()]
    if any(key is None or part is None for key, part in parts):
        return None
    return "{" + ", ".join(f"{key}: {part}" for key, part in parts) + "}"


def _wrapped(name: str, inner: Callable[[Any, Nested], Text]) -> Callable[[Any, Nested], Text]:
    def write(value: Any, nested: Nested) -> Text:
        text = inner(value, nested)
        return None if text is None else f"{name}({text})"

    return write


def _pattern(value: Any, _nested: Nested) -> Text:
    flags = value.flags & ~re.UNICODE
    return f"re.compile({value.pattern!r}, {flags})" if flags else f"re.compile({value.pattern!r})"


def _default_dict(value: Any, nested: Nested) -> Text:
    factory = nested(value.default_factory)
    inner = _dict(value, nested)
    return None if factory is None or inner is None else f"collections.defaultdict({factory}, {inner})"


def _path(value: Any, _nested: Nested) -> Text:
    return f"pathlib.{'Path' if isinstance(value, pathlib.Path) else type(value).__name__}({str(value)!r})"


def _namespace(value: Any, nested: Nested) -> Text:
    return _call("types.SimpleNamespace", [(key, nested(part)) for key, part in vars(value).items()])


_list = _sequence("[", "]")
WRITERS: Mapping[type, Callable[[Any, Nested], Text]] = {
    **dict.fromkeys((type(None), bool, int, str, bytes, complex, type(...), range, slice), _literal),
    **dict.fromkeys((datetime.date, datetime.datetime, datetime.time, datetime.timedelta), _literal),
    **dict.fromkeys((set, frozenset), _set),
    **dict.fromkeys((pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath, pathlib.PureWindowsPath), _path),
    float: _float,
    list: _list,
    tuple: _sequence("(", ")"),
    dict: _dict,
    bytearray: _literal,
    datetime.timezone: _literal,
    decimal.Decimal: _wrapped("decimal.Decimal", lambda value, _: repr(str(value))),
    fractions.Fraction: lambda value, _: f"fractions.{value!r}",
    uuid.UUID: _wrapped("uuid.UUID", lambda value, _: repr(str(value))),
    re.Pattern: _pattern,
    collections.OrderedDict: _wrapped("collections.OrderedDict", _dict),
    collections.Counter: _wrapped("collections.Counter", _dict),
    collections.deque: _wrapped("collections.deque", _list),
    collections.defaultdict: _default_dict,
    types.SimpleNamespace: _namespace,
}
MUTABLE = (list, dict, set, bytearray, collections.deque)
"""Built-in containers that a call may change under its caller's hands."""

"""Writes a spec as JSON and reads it back, naming the place and the remedy of everything that is wrong.

The form is that of the dataclasses, field by field, with `version` in front; enums are their values. Fields that have
a default may be left out. Equal specs give equal text.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import re
import types
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from headwater.errors import Code, Problem, Violation, invalid
from headwater.synthesis.project.checking import Limits, check
from headwater.synthesis.project.spec import Spec

VERSION = 1
LARGEST = 2**53 - 1
"""The largest whole number that JSON carries everywhere."""
ODD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, those that turn the direction of what is shown, and halves of characters."""


def to_json(spec: Spec) -> str:
    """Returns the JSON text of a spec, two blanks deep, ending in a newline."""
    return json.dumps({"version": VERSION, **to_value(spec)}, indent=2, ensure_ascii=False) + "\n"


def to_value(value: Any) -> Any:
    """Returns a value of a spec, or a spec, as dicts, lists and scalars."""
    if dataclasses.is_dataclass(value):
        return {each.name: to_value(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [to_value(each) for each in cast("tuple[Any, ...]", value)]
    return value.value if isinstance(value, enum.Enum) else value


def from_json(text: str, limits: Limits | None = None) -> Spec:
    """Reads a spec and checks it.

    Raises:
        Problem: `SPEC_UNREADABLE` for what is no JSON, `SPEC_INVALID` with a violation for each fault of form or sense.
    """
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise invalid(
            "SPEC_UNREADABLE",
            "spec",
            f"The spec is no JSON: {error}.",
            "Send one JSON object, without fences or prose.",
        ) from error
    return from_value(value, limits)


def from_value(value: Any, limits: Limits | None = None) -> Spec:
    """Reads a spec from dicts, lists and scalars, and checks it; raises as `from_json`."""
    reader = Reader()
    if isinstance(value, dict):
        value = dict(cast("dict[str, Any]", value))
        version = value.pop("version", VERSION)
        if version != VERSION:
            reader.refuse("version", f"the version is {_shown(version)}", f"write {VERSION}")
    spec = reader.read(Spec, value, "")
    if reader.faults or not isinstance(spec, Spec):
        raise refusal(reader.faults)
    faults = check(spec, limits)
    if faults:
        raise refusal(faults)
    return spec


def refusal(faults: Sequence[Violation]) -> Problem:
    """Returns the Problem that tells of all faults."""
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return Problem(
        Code.INVALID_ARGUMENT,
        "SPEC_INVALID",
        f"The spec cannot be used: {first.field or 'spec'}: {first.description}{more}",
        "Mend the named places and send the spec again.",
        violations=tuple(faults),
    )


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


class Reader:
    """Reads values by their declared types and remembers what did not fit, and where."""

    def __init__(self) -> None:
        self.faults: list[Violation] = []

    def refuse(self, path: str, what: str, remedy: str) -> None:
        self.faults.append(Violation(field=path, description=f"{what}; {remedy}."))

    def read(self, kind: Any, value: Any, path: str) -> Any:
        origin, options = typing.get_origin(kind), typing.get_args(kind)
        if origin in {types.UnionType, typing.Union}:
            return self._one_of(options, value, path)
        if origin is tuple:
            return self._many(options[0], value, path)
        if dataclasses.is_dataclass(kind):
            return self._record(cast("type", kind), value, path)
        if issubclass(kind, enum.Enum):
            return self._choice(kind, value, path)
        return self._scalar(kind, value, path)

    def _one_of(self, options: tuple[Any, ...], value: Any, path: str) -> Any:
        if value is None and types.NoneType in options:
            return None
        wanted = [each for each in options if each is not types.NoneType]
        fitting = [each for each in wanted if type(value) is each]
        return self.read((fitting or wanted)[0], value, path)

    def _many(self, kind: Any, value: Any, path: str) -> Any:
        if not isinstance(value, list):
            self.refuse(path, f"{_shown(value)} is no list", "write a list")
            return ()
        return tuple(self.read(kind, each, f"{path}[{at}]") for at, each in enumerate(cast("list[Any]", value)))

    def _record(self, kind: type, value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            self.refuse(path, f"{_shown(value)} is no object", f"write an object with the fields of {kind.__name__}")
            return None
        given = cast("dict[str, Any]", value)
        known = {each.name: each for each in dataclasses.fields(kind)}
        prefix = f"{path}." if path else ""
        before, read = len(self.faults), dict[str, Any]()
        for name in sorted(given.keys() - known.keys()):
            self.refuse(prefix + name, f"{kind.__name__} has no {name!r}", f"use only {', '.join(known)}")
        for name, each in known.items():
            if name in given:
                read[name] = self.read(_hints(kind)[name], given[name], prefix + name)
            elif each.default is dataclasses.MISSING:
                self.refuse(prefix + name, "it is missing", f"give {name}")
        return kind(**read) if len(self.faults) == before else None

    def _choice(self, kind: type[enum.Enum], value: Any, path: str) -> Any:
        known = [each.value for each in kind]
        if value in known:
            return kind(value)
        self.refuse(path, f"{_shown(value)} is unknown", f"use one of {', '.join(known)}")
        return None

    def _scalar(self, kind: type, value: Any, path: str) -> Any:
        whole = kind is float and type(value) is int
        if type(value) is not kind and not whole:
            self.refuse(path, f"{_shown(value)} is no {kind.__name__}", f"write a {kind.__name__}")
        elif isinstance(value, float) and not math.isfinite(value):
            self.refuse(path, f"{value} is no number", "write a finite number")
        elif isinstance(value, int) and abs(value) > LARGEST:
            self.refuse(path, f"{_shown(value)} is too large", f"keep to {LARGEST}")
        elif isinstance(value, str) and not value.isprintable() and ODD.search(value):
            self.refuse(path, f"{_shown(value)} holds a character that no text has", "leave it out")
        return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 — a line of a message

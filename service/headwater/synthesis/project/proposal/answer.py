"""Takes the operations out of what a model answered: JSON alone, between fences, amid prose, or cut in the middle."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from headwater.errors import Violation
from headwater.synthesis.project.json_in_text import decoded, values
from headwater.synthesis.project.parsing.values import TYPES
from headwater.synthesis.project.proposal.operations import OPERATIONS, Operation
from headwater.synthesis.project.spec_json import Reader

LIST = re.compile(r"\"operations\"\s*:\s*\[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of an answer is read: characters, tries to find where JSON begins, and operations."""

    characters: int = 400_000
    tries: int = 50
    operations: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The operations that could be read, each with its place in the answer, and what could not."""

    operations: tuple[tuple[str, Operation], ...] = ()
    faults: tuple[Violation, ...] = ()


def read(answer: str, bounds: Bounds | None = None) -> Proposal:
    """Returns what an answer proposes; it never raises: what is no operation is a fault."""
    limits = bounds or Bounds()
    reader = Reader()
    found: list[tuple[str, Operation]] = []
    for at, each in enumerate(_values(answer[: limits.characters], reader, limits)):
        place = f"operations[{at}]"
        if at == limits.operations:
            reader.refuse(place, f"there are more than {limits.operations}", "propose the most useful ones first")
            break
        operation = _operation(each, place, reader)
        if operation is not None:
            found.append((place, operation))
    return Proposal(operations=tuple(found), faults=tuple(reader.faults))


def _values(answer: str, reader: Reader, limits: Bounds) -> Iterator[Any]:
    """Yields the raw operations."""
    value = _whole(answer, limits)
    if value is None:
        yield from _cut(answer, reader)
        return
    if isinstance(value, dict):
        given = cast("dict[str, Any]", value)
        if "operations" not in given:
            what = "this is a spec" if "entities" in given else "there is no key operations"
            reader.refuse("operations", what, 'send {"operations": [...]} with the changes only')
            return
        value = given["operations"]
    if not isinstance(value, list):
        reader.refuse("operations", "it is no list", 'send {"operations": [...]}')
        return
    yield from cast("list[Any]", value)


def _whole(answer: str, limits: Bounds) -> Any:
    """Returns the first JSON object or list of operations in an answer, or None."""
    seen: Any = None
    for value in values(answer, limits.tries):
        if isinstance(value, dict) and "operations" in value:
            return cast("Any", value)
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in cast("list[Any]", value)):
            return cast("Any", value)
        if seen is None and isinstance(value, dict) and "entities" in value:
            seen = cast("Any", value)
    return seen


def _cut(answer: str, reader: Reader) -> Iterator[Any]:
    """Yields the operations that are whole in a list that is not."""
    begin = LIST.search(answer)
    if begin is None:
        reader.refuse("operations", "the answer holds no JSON object", 'send {"operations": [...]}, without prose')
        return
    at, number = begin.end(), 0
    while opening := re.compile(r"\s*,?\s*(?=\{)").match(answer, at):
        value, end = decoded(answer, opening.end())
        if value is None:
            break
        yield value
        at, number = end, number + 1
    reader.refuse(f"operations[{number}]", "the JSON is broken here or ends", "send this operation and the rest again")


def _operation(value: Any, place: str, reader: Reader) -> Operation | None:
    if not isinstance(value, dict):
        reader.refuse(place, "it is no object", 'write an object with "do" and what it needs')
        return None
    given = dict(cast("dict[str, Any]", value))
    word = given.pop("do", None)
    kind = OPERATIONS.get(word) if isinstance(word, str) else None
    if kind is None:
        reader.refuse(f"{place}.do", f"{str(word)[:40]!r} is unknown", f"use one of {', '.join(OPERATIONS)}")
        return None
    return cast("Operation | None", reader.read(kind, _typed(given), place))


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an operation with the words that people use for types, such as `int`, in those of a spec."""
    known = dict(given)
    word = known.get("type")
    if isinstance(word, str) and word.lower() in TYPES:
        known["type"] = TYPES[word.lower()].value
    if isinstance(known.get("fields"), list):
        members = cast("list[Any]", known["fields"])
        known["fields"] = [_typed(cast("dict[str, Any]", each)) if isinstance(each, dict) else each for each in members]
    return known

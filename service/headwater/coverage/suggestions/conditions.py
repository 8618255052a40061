"""Conditions as trees, and the values of their names that make them true or false."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any

TRIED = 600
"""How many combinations of values are tried for one condition."""
CHOICES = 16
"""How many values are tried for one name."""
LARGEST = 64
"""The longest text or list that is made to reach a length, and the largest number of things in one."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of a class that a test must make."""

    kind: str = ""


Value = None | bool | int | float | str | list[str] | Thing


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, or a collection of literals to look in."""

    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """What a condition asks for: a name, a path such as `order.total`, or any expression that is not looked into."""

    text: str


@dataclass(frozen=True, slots=True)
class Size:
    """The length of something."""

    of: Name


@dataclass(frozen=True, slots=True)
class IsA:
    """Whether something is of one of these classes."""

    of: Name
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator of `OPERATORS` between two expressions."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Chain:
    """Expressions joined by `and` or, where it is not `every`, by `or`."""

    every: bool
    parts: tuple[Expression, ...]


Expression = Constant | Name | Size | IsA | Operation | Not | Chain


def _numbers(compute: Callable[[Any, Any], object]) -> Callable[[Any, Any], object]:
    """Keeps arithmetic to numbers: a text of a stranger's, times a large one, would fill the memory."""

    def checked(left: Any, right: Any) -> object:
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise TypeError
        return compute(left, right)

    return checked


OPERATORS: Mapping[str, Callable[[Any, Any], object]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": _numbers(operator.add),
    "-": _numbers(operator.sub),
    "*": _numbers(operator.mul),
    "%": _numbers(operator.mod),
    "in": lambda left, right: operator.contains(right, left),
    "starts": str.startswith,
    "ends": str.endswith,
}
"""What is computed; all else is a `Name`."""
_YES_OR_NO = re.compile(r"(?:\A|\.)_?(?:is|has|can|should)(?:_|[A-Z])\w*(?:\(\))?\Z")
_COMPARED = frozenset({"==", "!=", "<", "<=", ">", ">="})
KINDS: Mapping[str, tuple[Value, ...]] = {
    "int": (1, 0, 2, -1),
    "float": (1.5, 0.0, -1.5),
    "str": ("a", "", "1"),
    "bool": (True, False),
    "list": (["a"], []),
}
"""Values to try of each kind, the plainest first."""


@dataclass(slots=True)
class Names:
    """The names of a condition, in its order, with the values to try of each."""

    values: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])

    def add(self, expression: Expression, *values: Value) -> None:
        """Adds values of what is a name."""
        if isinstance(expression, Name):
            known = self.values.setdefault(expression.text, [])
            known += [each for each in values if not _among(each, known)]


def solve(
    condition: Expression, *, wanted: bool, kinds: Mapping[str, str], empty_is_false: bool
) -> dict[str, Value] | None:
    """Returns values of the names with which a condition is as wanted; None where none was found.

    `kinds` are those of `KINDS` by name, where they are known. Only names that the condition looks at are returned.
    """
    names = Names()
    _collect(condition, names)
    choices = [
        [Thing(), None] if _has_members(name, names.values) else _choices(each, kinds.get(name) or _guessed(name))
        for name, each in names.values.items()
    ]
    for values in islice(product(*choices), TRIED):
        trial = _Trial(dict(zip(names.values, values, strict=True)), empty_is_false)
        try:
            if trial.truth(trial.value(condition)) is wanted:
                return {name: value for name, value in trial.values.items() if name in trial.asked}
        except (TypeError, ValueError, AttributeError, ArithmeticError):
            continue  # These values do not go with this condition.
    return None


def _guessed(name: str) -> str:
    """Returns the kind that a name tells of: `order.is_paid()`."""
    return "bool" if _YES_OR_NO.search(name) else ""


def _has_members(name: str, names: Iterable[str]) -> bool:
    return any(each.startswith((f"{name}.", f"{name}?.", f"{name}[")) for each in names)


class _Trial:
    """One combination of values, and which of them were looked at."""

    def __init__(self, values: dict[str, Value], empty_is_false: bool) -> None:
        self.values = values
        self.asked: set[str] = set()
        self._empty_is_false = empty_is_false

    def truth(self, value: Any) -> bool:
        return bool(value) or (not self._empty_is_false and value == [])

    def value(self, expression: Expression) -> Any:  # noqa: PLR0911 — one for each kind of expression
        match expression:
            case Constant():
                return expression.value
            case Name():
                self.asked.add(expression.text)
                return self.values[expression.text]
            case Size():
                return len(self.value(expression.of))
            case IsA():
                return _is_a(self.value(expression.of), expression.kinds)
            case Operation():
                return OPERATORS[expression.sign](self.value(expression.left), self.value(expression.right))
            case Not():
                return not self.truth(self.value(expression.of))
            case Chain():
                decided = not expression.every
                return (
                    decided
                    if any(self.truth(self.value(each)) is decided for each in expression.parts)
                    else not decided
                )


def _is_a(value: object, kinds: Iterable[str]) -> bool:
    if isinstance(value, Thing):
        return value.kind in kinds
    return _kind(value) in {kind_of(each) for each in kinds}


def _kind(value: object) -> str:
    return type(value).__name__


def kind_of(written: str) -> str:
    """Returns the kind of a type as languages write it; empty for one that is none of `KINDS`."""
    bare = written.strip("\"' ?*").removeprefix("Optional[").removeprefix("Final[")
    bare = bare.partition("|")[0].strip().lower()
    if bare.startswith(("list", "[]", "tuple", "sequence", "iterable", "array", "ilist", "set")) or bare.rstrip(
        "]"
    ).endswith("["):
        return "list"
    return _WRITTEN.get(bare.rstrip("]"), "")


_WRITTEN: Mapping[str, str] = (
    dict.fromkeys(("int", "integer", "long", "short", "byte", "int32", "int64", "uint", "uint32", "uint64"), "int")
    | dict.fromkeys(("float", "double", "decimal", "float32", "float64"), "float")
    | dict.fromkeys(("str", "string", "charsequence"), "str")
    | dict.fromkeys(("bool", "boolean"), "bool")
    | {"number": "int"}
)


def _choices(found: Sequence[Value], kind: str) -> list[Value]:
    """Returns the values to try: those of its kind first that the condition speaks of, then plain ones."""
    plain = KINDS.get(kind, ())
    last: tuple[Value, ...] = ()
    if kind:
        last = (None,) if None in found else ()
        found = [each for each in found if _kind(each) in {kind, "int" if kind == "float" else kind}]
    chosen: list[Value] = []
    for each in (*found, *plain, *(last if plain else ("a", True, None, 1, 0, ["a"]))):
        if not _among(each, chosen):
            chosen.append(each)
    return chosen[:CHOICES]


def _among(value: Value, known: Sequence[Value]) -> bool:
    return any(type(value) is type(each) and value == each for each in known)


def _collect(expression: Expression, names: Names) -> None:
    """Gathers what a condition compares its names with."""
    match expression:
        case Name():
            names.add(expression, True, None, False)
        case Size():
            names.add(expression.of, ["a"], [], "a", "")
        case IsA():
            names.add(expression.of, *(_made(each) for each in expression.kinds), Thing("object"))
        case Not():
            _collect(expression.of, names)
        case Chain():
            for each in expression.parts:
                _collect(each, names)
        case Operation():
            _collect_operation(expression, names)
        case Constant():
            pass


def _made(kind: str) -> Value:
    known = KINDS.get(kind_of(kind))
    return known[0] if known else Thing(kind)


def _collect_operation(expression: Operation, names: Names) -> None:
    for mine, other in ((expression.left, expression.right), (expression.right, expression.left)):
        values = list(_near(other.value)) if isinstance(other, Constant) else []
        match mine:
            case Name() if expression.sign == "in" and mine is expression.right:
                names.add(mine, ["a"], [])
            case Name():
                names.add(mine, *values, *(() if values else ("a",) if expression.sign == "in" else (1, 2, "a")))
            case Size():
                lengths = [each for each in values if type(each) is int and 0 <= each <= LARGEST]
                names.add(mine.of, *(["a"] * each for each in lengths), *("a" * each for each in lengths))
            case Operation():
                _collect(mine, names)
                for name in list(names.values) if expression.sign in _COMPARED else ():
                    names.add(Name(name), *values, 0, 1, 2, 3)
            case _:
                if not isinstance(mine, Constant):
                    _collect(mine, names)


def _near(value: Value | tuple[Value, ...]) -> Iterator[Value]:
    """Yields a value, those beside it, and one that is another."""
    match value:
        case tuple():
            yield from value[:LARGEST]
            yield from ("other" for each in value[:1] if isinstance(each, str))
            yield from (max(numbers) + 1 for numbers in [[each for each in value if type(each) is int]] if numbers)
        case bool():
            yield from (value, not value)
        case int():
            yield from (value, value + 1, value - 1)
        case float() if math.isfinite(value):
            yield from (value, value + 1, value - 1)
        case float():
            return
        case str():
            yield from (value, "other", f"{value}x", "")
        case None:
            yield from (None, Thing())
        case _:
            yield value

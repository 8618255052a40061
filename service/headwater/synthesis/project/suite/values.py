"""Chooses values for the fields of an entity: valid ones, those at their bounds, and those that must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import NUMERIC, TEXTUAL, Field, FieldType
from headwater.synthesis.project.suite.code import literal

DIGITS = 4
"""Places of the number that tells one text from the next."""
ODD = {
    FieldType.BOOLEAN: "perhaps", FieldType.DATE: "2026-02-30", FieldType.TIME: "25:00:00",
    FieldType.DATETIME: "yesterday", FieldType.EMAIL: "no address", FieldType.URL: "no address",
    FieldType.PHONE: "no number", FieldType.ENUM: "no such choice", FieldType.INTEGER: "seven",
    FieldType.DECIMAL: "seven", FieldType.FILE: "../secret",
}  # fmt: skip
"""What is no value of a type."""
LONG = 1_000
"""Texts beyond this length are not written for a test of a bound."""


def valid(field: Field) -> str:
    """Returns an expression over `number` for a valid value, as it stands in JSON; another number, another value.

    Where a type or its bounds leave few values, they come back after a while.
    """
    kind = field.type
    if kind is FieldType.ENUM:
        return quoted(field.choices[0])
    if kind is FieldType.BOOLEAN:
        return "True"
    if kind in NUMERIC:
        return _number(field)
    fixed = {
        FieldType.DATE: "day(number)", FieldType.TIME: "clock(number)", FieldType.DATETIME: "moment(number)",
        FieldType.EMAIL: 'f"{}{{number}}@example.com"', FieldType.URL: 'f"https://example.com/{}/{{number}}"',
        FieldType.PHONE: 'f"+49 30 {{number:07d}}"', FieldType.FILE: 'f"{}-{{number}}.png"',
    }.get(kind)  # fmt: skip
    return fixed.replace("{}", field.name, 1).replace("{{", "{").replace("}}", "}") if fixed else _text(field)


def _text(field: Field) -> str:
    words = field.name.replace("_", " ").capitalize()
    low, high = int(field.minimum or 0), int(field.maximum) if field.maximum is not None else LONG
    places = max(DIGITS, low - len(words) - 1)
    if len(words) + 1 + places <= high:
        return (
            f'f"{words} {{number:0{places}d}}"'
            if places != DIGITS or low > len(words) + 2
            else f'f"{words} {{number}}"'
        )
    return f'f"{{number % {10**high}:0{high}d}}"' if high <= LONG and high < DIGITS else f'f"{{number:0{high}d}}"'


def _number(field: Field) -> str:
    low = ceil(field.minimum) if field.minimum is not None else None
    high = floor(field.maximum) if field.maximum is not None else None
    if low is None:
        low = 0 if high is None or high >= 0 else high - LONG
    if high is not None and high < low:  # nothing whole lies between them
        return quoted(str(field.minimum)) if field.type is FieldType.DECIMAL else str(low)
    counted = "number" if high is None else f"number % {high - low + 1}"
    whole = counted if low == 0 else f"{low} + {counted}"
    return whole if field.type is FieldType.INTEGER else f'f"{{{whole}}}.00"' if high is None else f"str({whole})"


def at_bounds(field: Field) -> Iterator[str]:
    """Yields expressions for the outermost values that are allowed."""
    for bound in dict.fromkeys((field.minimum, field.maximum)):
        if bound is None or field.type in {FieldType.EMAIL, FieldType.URL, FieldType.PHONE}:
            continue
        if field.type in NUMERIC:
            yield _exact(field, bound)
        elif bound >= 1:
            yield _of_length(field, int(bound))
    if field.type is FieldType.ENUM:
        yield from (quoted(each) for each in field.choices)


def refused(field: Field) -> Iterator[str]:
    """Yields expressions for what the field cannot hold: beyond its bounds, of another type, or null where required."""
    step = 1
    if field.type in TEXTUAL and field.minimum is not None and field.minimum >= 1:
        yield '""' if field.minimum == 1 else _of_length(field, int(field.minimum) - 1)
    if field.type in TEXTUAL and field.maximum is not None:
        yield _of_length(field, int(field.maximum) + 1)
    if field.type in NUMERIC:
        yield from (_exact(field, each) for each in _beyond(field, step))
    if field.type in ODD:
        yield quoted(ODD[field.type])
    if field.type in TEXTUAL:
        yield "[]"
    if field.required:
        yield "None"


def _of_length(field: Field, length: int) -> str:
    """Returns the expression for a text with which nothing is wrong but, maybe, its length."""
    if field.type is not FieldType.SECRET:
        return '"x"' if length == 1 else f'"x" * {length}'
    return f'("a secret of 4 words " * {length // 20 + 1})[:{length}]'


def _beyond(field: Field, step: int) -> Iterator[float]:
    if field.minimum is not None:
        yield field.minimum - step
    if field.maximum is not None:
        yield field.maximum + step


def _exact(field: Field, value: float) -> str:
    whole = int(value) if value == int(value) else value
    return literal(str(whole)) if field.type is FieldType.DECIMAL else literal(whole)

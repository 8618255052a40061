"""Tells whether a default is a value of its field."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from headwater.synthesis.project.spec import NUMERIC, TEXTUAL, Field, FieldType, Scalar

NOW = "now"
"""The default of a moment that stands for the moment of creation."""
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

REACH = {
    **dict.fromkeys(TEXTUAL, (0.0, 1e6)),
    FieldType.INTEGER: (-(2.0**31), 2.0**31 - 1),
    FieldType.DECIMAL: (-1e12 + 1, 1e12 - 1),
}
"""The least and the greatest length or number of a type: what a column of 32 bits and NUMERIC(18, 6) can hold."""


def fits(field: Field, value: Scalar) -> bool:
    """Whether a value is of the field's type and within its bounds."""
    if field.type in TEXTUAL:
        return isinstance(value, str) and _within(field, len(value)) and _formed(field.type, value)
    if field.type in NUMERIC:
        whole = isinstance(value, int) or field.type is FieldType.DECIMAL
        return isinstance(value, int | float) and not isinstance(value, bool) and whole and _within(field, value)
    if field.type is FieldType.BOOLEAN:
        return isinstance(value, bool)
    if field.type is FieldType.ENUM:
        return value in field.choices
    return isinstance(value, str) and _moment(field.type, value)


def _within(field: Field, size: float) -> bool:
    low, high = REACH[field.type]
    low = low if field.minimum is None else max(low, field.minimum)
    high = high if field.maximum is None else min(high, field.maximum)
    return low <= size <= high


def _formed(kind: FieldType, value: str) -> bool:
    if kind is FieldType.EMAIL:
        return EMAIL.fullmatch(value) is not None
    if kind is FieldType.URL:
        return value.startswith(("http://", "https://"))
    return kind is not FieldType.SECRET


def _moment(kind: FieldType, value: str) -> bool:
    readers = {FieldType.DATE: date.fromisoformat, FieldType.DATETIME: datetime.fromisoformat}
    reader = readers.get(kind) or (time.fromisoformat if kind is FieldType.TIME else None)
    if reader is None:
        return False
    if value == NOW and kind is not FieldType.TIME:
        return True
    try:
        reader(value)
    except ValueError:
        return False
    return True

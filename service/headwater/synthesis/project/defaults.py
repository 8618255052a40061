"""Tells whether a default is a value of its field."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from headwater.synthesis.project.spec import NUMERIC, TEXTUAL, Field, FieldType, Scalar

NOW = "now"
"""The default of a moment that stands for the moment of creation."""
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


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
    return (field.minimum is None or size >= field.minimum) and (field.maximum is None or size <= field.maximum)


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

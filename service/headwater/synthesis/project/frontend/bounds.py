"""Finds the bounds of a value: those of its field, and those of the column that keeps it."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.schema import Table, column_name
from headwater.synthesis.project.spec import TEXTUAL, Field, FieldType

LONGEST_TEXT = 100_000
LONGEST_SECRET = 128
"""What the API takes where neither a field nor a column says so."""


def bounds(table: Table, field: Field) -> Iterator[tuple[str, float | None]]:
    """Yields `minimum` and `maximum`: of a number, or of the length of a text; none stands for no bound."""
    if field.type not in TEXTUAL:
        yield "minimum", field.minimum
        yield "maximum", field.maximum
        return
    length = LONGEST_SECRET if field.type is FieldType.SECRET else table.column(column_name(field)).length
    yield "minimum", field.minimum or None
    yield "maximum", field.maximum if field.maximum is not None else (length or LONGEST_TEXT)

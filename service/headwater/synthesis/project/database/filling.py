"""Writes how rows get a value for a column that they did not have to have before: one within its bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headwater.synthesis.project.database import operations
from headwater.synthesis.project.database.differences import Change
from headwater.synthesis.project.ddl import Dialect, literal
from headwater.synthesis.project.python import INDENT, call, quoted
from headwater.synthesis.project.schema import Column, ColumnType, Table

FIXED = {
    ColumnType.DATE: "'2026-01-05'", ColumnType.TIME: "'09:00:00'", ColumnType.DATETIME: "'2026-01-05 09:00:00+00:00'",
}  # fmt: skip
"""Values of types that have no bounds."""
DIGITS = 10
"""Places that a row's number may need."""


def filled(change: Change) -> Iterator[str]:
    """Yields an update for each column that is required now, and was not there or could be empty."""
    required = [each for each in change.added if not each.nullable]
    required += [new for old, new in change.altered if old.nullable and not new.nullable]
    for column in required:
        table = change.after
        keys = [each for each in table.foreign_keys if each.column == column.name]
        rows = call("sa.table(", [quoted(table.name), 'sa.column("id")', f"sa.column({quoted(column.name)})"])
        yield f"{INDENT}rows = {rows}"
        yield f"{INDENT}empty = rows.c.{column.name}.is_(None)"
        yield f"{INDENT}value = {_first(keys[0].table) if keys else _value(table, column)}"
        yield f"{INDENT}op.execute(sa.update(rows).where(empty).values({column.name}=value))"


def _first(table: str) -> str:
    """Returns the first row of another table."""
    return f'sa.select(sa.func.min(sa.table({quoted(table)}, sa.column("id")).c.id)).scalar_subquery()'


def _value(table: Table, column: Column) -> str:
    if column.default is not None:
        return operations.server_default(column) if column.default == "now" else _literal(column)
    single = any(each.columns == (column.name,) for each in table.uniques)
    if column.type is ColumnType.BOOLEAN:
        return "sa.false()"
    if column.type in FIXED:
        return f"sa.literal_column({quoted(FIXED[column.type])})"
    if column.type in {ColumnType.INTEGER, ColumnType.DECIMAL}:
        least = _bound(table, column, column.name) or "0"
        return f"rows.c.id + {least}" if single else f"sa.literal_column({quoted(least)})"
    return _text(table, column, single=single)


def _literal(column: Column) -> str:
    if isinstance(column.default, bool):
        return f"sa.{str(column.default).lower()}()"
    return f"sa.literal_column({quoted(literal(column.default, Dialect.POSTGRES))})"


def _text(table: Table, column: Column, *, single: bool) -> str:
    """Returns a text: the first choice, the name of the column, or the number of the row if no two may be the same."""
    choice = next((each.sql for each in table.checks if each.sql.startswith(f"{column.name} IN (")), "")
    if choice:
        return f"sa.literal_column({quoted(choice.split('(')[1].split(',')[0].rstrip(')'))})"
    least = int(_bound(table, column, f"length({column.name})") or 0)
    text = column.name.replace("_", " ").ljust(least, ".")
    most = column.length or len(text) + DIGITS
    if not single:
        return f"sa.literal_column({quoted(literal(text[:most], Dialect.POSTGRES))})"
    number = "sa.cast(rows.c.id, sa.String)"
    return f"{quoted(f'{text[: most - DIGITS - 1]} ')} + {number}" if most > DIGITS + 1 else number


def _bound(table: Table, column: Column, what: str) -> str:
    """Returns the least that a check allows, as it is written there."""
    told = (each.sql for each in table.checks if each.column == column.name)
    found = (re.match(rf"{re.escape(what)} >= (-?[0-9.]+)", each) for each in told)
    return next((each[1] for each in found if each), "")

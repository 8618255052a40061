"""Writes the parts of tables as Alembic takes them: columns, constraints, whole tables."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.backend.constraints import check, index, unique
from headwater.synthesis.project.python import INDENT, call, quoted
from headwater.synthesis.project.schema import Column, ColumnType, ForeignKey, Table

TYPES = {
    ColumnType.KEY: "sa.Integer()", ColumnType.REFERENCE: "sa.Integer()", ColumnType.STRING: "sa.String({length})",
    ColumnType.TEXT: "sa.Text()", ColumnType.INTEGER: "sa.Integer()", ColumnType.DECIMAL: "sa.Numeric(18, 6)",
    ColumnType.BOOLEAN: "sa.Boolean()", ColumnType.DATE: "sa.Date()", ColumnType.TIME: "sa.Time()",
    ColumnType.DATETIME: "sa.DateTime(timezone=True)",
}  # fmt: skip


def created(table: Table, indent: str) -> str:
    """Returns the call that creates a table."""
    return "\n".join([f"{indent}op.create_table(", *_arguments(table, indent + INDENT), f"{indent})"])


def described(table: Table, indent: str) -> str:
    """Returns a table as it is, for a database that has to rebuild it to change it."""
    inner = indent + INDENT
    indexes = [f"{index(each, inner)}," for each in table.indexes]
    return "\n".join([f"{indent}sa.Table(", *_arguments(table, inner, "sa.MetaData()"), *indexes, f"{indent})"])


def _arguments(table: Table, indent: str, metadata: str = "") -> Iterator[str]:
    yield f"{indent}{quoted(table.name)},"
    if metadata:
        yield f"{indent}{metadata},"
    for each in table.columns:
        yield column(each, indent) + ","
    for key in table.foreign_keys:
        yield foreign_key(key, indent) + ","
    names = ", ".join(map(quoted, table.primary_key))
    yield f"{indent}sa.PrimaryKeyConstraint({names}, name={quoted(f'pk_{table.name}')}),"
    for each in table.uniques:
        yield unique(each, indent) + ","
    for each in table.checks:
        yield check(each, indent) + ","
    if table.columns[0].type is ColumnType.KEY and not metadata:
        yield f"{indent}sqlite_autoincrement=True,"


def column(each: Column, indent: str = "") -> str:
    """Returns a column."""
    arguments = [quoted(each.name), kind(each)]
    arguments += ["sa.Identity()"] if each.type is ColumnType.KEY else []
    default = server_default(each)
    arguments += [f"server_default={default}"] if default else []
    return call("sa.Column(", [*arguments, f"nullable={each.nullable}"], indent=indent)


def kind(each: Column) -> str:
    """Returns the type of a column."""
    return TYPES[each.type].format(length=each.length)


def server_default(each: Column) -> str:
    """Returns what a row has that is made without the column, or nothing."""
    value = each.default
    if value is None:
        return ""
    if value == "now" and each.type in {ColumnType.DATE, ColumnType.DATETIME}:
        return "sa.func.current_date()" if each.type is ColumnType.DATE else "sa.func.now()"
    return f"sa.{str(value).lower()}()" if isinstance(value, bool) else quoted(str(value))


def foreign_key(key: ForeignKey, indent: str = "") -> str:
    """Returns a reference to another table; a late one is added when that is there."""
    arguments = [f"[{quoted(key.column)}]", f"[{quoted(f'{key.table}.id')}]", f"name={quoted(key.name)}"]
    arguments.append(f"ondelete={quoted(on_delete(key))}")
    return call("sa.ForeignKeyConstraint(", [*arguments, *(["use_alter=True"] if key.late else [])], indent=indent)


def on_delete(key: ForeignKey) -> str:
    """Returns what becomes of a row when the one that it refers to goes, in SQL."""
    return key.on_delete.replace("_", " ").upper()

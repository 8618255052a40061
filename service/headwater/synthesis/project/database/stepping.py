"""Writes the migration from the schema that an application had to the one that it has.

A column that is required and new is empty at first, is filled in the rows that are there, and is required then. Each
table is changed in a batch, since SQLite has to rebuild it; what it looks like is told, so that nothing is lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from headwater.synthesis.project.database import operations
from headwater.synthesis.project.database.differences import Change, changed, gone
from headwater.synthesis.project.database.filling import filled
from headwater.synthesis.project.database.migrations import (
    Migration,
    added_late,
    created_index,
    dropped_late,
    late_keys,
    module,
)
from headwater.synthesis.project.ddl import TYPES, Dialect
from headwater.synthesis.project.python import INDENT, call, quoted, text_argument
from headwater.synthesis.project.schema import Check, Column, ColumnType, ForeignKey, Schema, Table, Unique

KINDS: tuple[tuple[type[ForeignKey | Unique | Check], str], ...] = (
    (ForeignKey, "foreignkey"), (Unique, "unique"), (Check, "check"),
)  # fmt: skip
"""What Alembic calls constraints."""
DEEP = INDENT * 2


def step(before: Schema, after: Schema, last: Migration) -> Migration | None:
    """Returns the migration from one schema to another, behind the last one; none where nothing differs."""
    up, down = list(_steps(before, after)), list(_steps(after, before))
    if not up:
        return None
    digest = hashlib.sha256("\n".join([*up, *down]).encode()).hexdigest()[:8]
    found = Migration(number=last.number + 1, mark=digest, text="")
    doc = f"Goes on from {last.revision}."
    return replace(found, text=module(doc, found.revision, last.revision, up, down))


def _steps(before: Schema, after: Schema) -> Iterator[str]:
    new, old = gone(after, before), gone(before, after)
    yield from (operations.created(each, INDENT) for each in new)
    yield from added_late(late_keys(new))
    yield from (created_index(table.name, each.name, each.columns) for table in new for each in table.indexes)
    for change in changed(before, after):
        yield from _changed(change)
    yield from dropped_late(late_keys(old))
    yield from (f"{INDENT}op.drop_table({quoted(each.name)})" for each in reversed(old))


def _changed(change: Change) -> Iterator[str]:
    for index in change.old_indexes:
        yield f"{INDENT}op.drop_index({quoted(index.name)}, table_name={quoted(change.after.name)})"
    first = [*_taken_away(change), *_added(change)]
    if first:
        yield _batch(change.begun, first)
    yield from filled(change)
    second = [*_altered(change), *_put_on(change)]
    if second:
        yield _batch(change.between, second)
    for index in change.new_indexes:
        yield created_index(change.after.name, index.name, index.columns)


def _batch(table: Table, lines: Sequence[str]) -> str:
    return "\n".join([
        f"{INDENT}with op.batch_alter_table(",
        f"{DEEP}{quoted(table.name)},",
        f"{DEEP}copy_from={operations.described(table, DEEP).strip()},",
        *([f'{DEEP}table_kwargs={{"sqlite_autoincrement": True}},'] if table.columns[0].type is ColumnType.KEY else []),
        f"{INDENT}) as batch:",
        *lines,
    ])  # fmt: skip


def _taken_away(change: Change) -> Iterator[str]:
    for each in change.old_constraints:
        kind = next(name for known, name in KINDS if isinstance(each, known))
        yield call("batch.drop_constraint(", [quoted(each.name), f"type_={quoted(kind)}"], indent=DEEP)
    for each in change.dropped:
        yield f"{DEEP}batch.drop_column({quoted(each.name)})"


def _added(change: Change) -> Iterator[str]:
    for each in change.added:
        yield call("batch.add_column(", [operations.column(replace(each, nullable=True))], indent=DEEP)


def _altered(change: Change) -> Iterator[str]:
    """Yields the changes of columns; a default goes before the type changes, which it might not follow."""
    for each in change.added:
        if not each.nullable:
            arguments = [quoted(each.name), f"existing_type={operations.kind(each)}", "nullable=False"]
            yield call("batch.alter_column(", arguments, indent=DEEP)
    for old, new in change.altered:
        retyped = operations.kind(old) != operations.kind(new)
        if retyped and old.default is not None:
            arguments = [quoted(old.name), f"existing_type={operations.kind(old)}", "server_default=None"]
            yield call("batch.alter_column(", arguments, indent=DEEP)
        yield call("batch.alter_column(", list(_differences(old, new, retyped=retyped)), indent=DEEP)


def _differences(old: Column, new: Column, *, retyped: bool) -> Iterator[str]:
    yield quoted(new.name)
    yield f"existing_type={operations.kind(old)}"
    if retyped:
        yield f"type_={operations.kind(new)}"
        wanted = TYPES[Dialect.POSTGRES][new.type].format(length=new.length)
        yield f"postgresql_using={quoted(f'{new.name}::{wanted}')}"
    yield f"existing_nullable={old.nullable}" if old.nullable == new.nullable else f"nullable={new.nullable}"
    if old.default != new.default or (retyped and new.default is not None):
        yield f"server_default={operations.server_default(new) or None}"


def _put_on(change: Change) -> Iterator[str]:
    for each in change.new_constraints:
        name = quoted(each.name)
        if isinstance(each, ForeignKey):
            arguments = [name, quoted(each.table), f"[{quoted(each.column)}]", '["id"]']
            arguments.append(f"ondelete={quoted(operations.on_delete(each))}")
            yield call("batch.create_foreign_key(", arguments, indent=DEEP)
        elif isinstance(each, Unique):
            columns = f"[{', '.join(map(quoted, each.columns))}]"
            yield call("batch.create_unique_constraint(", [name, columns], indent=DEEP)
        else:
            arguments = [name, text_argument(each.sql, DEEP + INDENT)]
            yield call("batch.create_check_constraint(", arguments, indent=DEEP)

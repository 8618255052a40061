"""Writes the migrations: the first one, which creates everything, and the one from an earlier schema to this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.synthesis.project.database import operations
from headwater.synthesis.project.python import INDENT, NOTICE, call, quoted
from headwater.synthesis.project.schema import ForeignKey, Schema, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A migration: its place in the order, what sets it apart from others there, and its module."""

    number: int
    mark: str = ""
    text: str

    @property
    def revision(self) -> str:
        """What the database keeps of it."""
        return "_".join([f"{self.number:04}", *([self.mark] if self.mark else [])])

    @property
    def file(self) -> str:
        """The name of its file."""
        return self.revision if self.mark else f"{self.revision}_initial"


def initial(schema: Schema) -> Migration:
    """Returns the migration that creates all tables, and removes them again."""
    late = late_keys(schema.tables)
    up = [operations.created(table, INDENT) for table in schema.tables]
    up += list(added_late(late))
    up += [created_index(table.name, each.name, each.columns) for table in schema.tables for each in table.indexes]
    down = list(dropped_late(late)) + [
        f"{INDENT}op.drop_table({quoted(table.name)})" for table in reversed(schema.tables)
    ]
    return Migration(number=1, text=module("Creates all tables.", "0001", "", up, down))


def created_index(table: str, name: str, columns: Sequence[str], indent: str = INDENT) -> str:
    """Returns the call that creates an index."""
    listed = f"[{', '.join(map(quoted, columns))}]"
    return call("op.create_index(", [quoted(name), quoted(table), listed], indent=indent)


def module(doc: str, revision: str, before: str, up: Sequence[str], down: Sequence[str]) -> str:
    """Returns the module of a migration."""
    return "\n".join([
        f'"""{doc}', "", NOTICE, '"""', "",
        "import sqlalchemy as sa", "from alembic import op", "",
        f"revision = {quoted(revision)}",
        f"down_revision = {quoted(before) if before else None}",
        "branch_labels = None", "depends_on = None", "", "",
        "def upgrade() -> None:", f'{INDENT}"""Brings the database here."""', *up, "", "",
        "def downgrade() -> None:", f'{INDENT}"""Takes it back."""', *down, "",
    ])  # fmt: skip


def late_keys(tables: Sequence[Table]) -> list[tuple[Table, ForeignKey]]:
    """Returns the references that stand against the order of the tables."""
    return [(table, key) for table in tables for key in table.foreign_keys if key.late]


def added_late(late: Sequence[tuple[Table, ForeignKey]]) -> Iterator[str]:
    """Yields how references are added that stand against the order; SQLite takes them with the table."""
    if late:
        yield f'{INDENT}if op.get_bind().dialect.name != "sqlite":'
    for table, key in late:
        names = [quoted(key.name), quoted(table.name), quoted(key.table), f"[{quoted(key.column)}]", '["id"]']
        yield call(
            "op.create_foreign_key(", [*names, f"ondelete={quoted(operations.on_delete(key))}"], indent=INDENT * 2
        )


def dropped_late(late: Sequence[tuple[Table, ForeignKey]]) -> Iterator[str]:
    """Yields how they are taken away, so that their tables can go."""
    if late:
        yield f'{INDENT}if op.get_bind().dialect.name != "sqlite":'
    for table, key in late:
        arguments = [quoted(key.name), quoted(table.name), 'type_="foreignkey"']
        yield call("op.drop_constraint(", arguments, indent=INDENT * 2)

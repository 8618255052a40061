"""Finds what differs between two schemas: tables that came and went, and what changed in those that stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from headwater.synthesis.project.schema import Check, Column, ForeignKey, Index, Schema, Table, Unique

Part = TypeVar("Part", Column, ForeignKey, Unique, Check, Index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed in a table; `altered` pairs a column as it was with the same as it is to be."""

    before: Table
    after: Table
    dropped: tuple[Column, ...]
    added: tuple[Column, ...]
    altered: tuple[tuple[Column, Column], ...]
    old_constraints: tuple[ForeignKey | Unique | Check, ...]
    new_constraints: tuple[ForeignKey | Unique | Check, ...]
    old_indexes: tuple[Index, ...]
    new_indexes: tuple[Index, ...]

    @property
    def begun(self) -> Table:
        """The table as it was, without the indexes that go."""
        return replace(self.before, indexes=_without(self.before.indexes, self.old_indexes))

    @property
    def between(self) -> Table:
        """The table when the old parts are gone and new columns are there, which may be empty as yet."""
        gone = {each.name for each in self.dropped}
        kept = [each for each in self.before.columns if each.name not in gone]
        return replace(
            self.before,
            columns=(*kept, *(replace(each, nullable=True) for each in self.added)),
            foreign_keys=_without(self.before.foreign_keys, self.old_constraints),
            uniques=_without(self.before.uniques, self.old_constraints),
            checks=_without(self.before.checks, self.old_constraints),
            indexes=_without(self.before.indexes, self.old_indexes),
        )

    @property
    def stays(self) -> bool:
        """Whether nothing changed."""
        return not (
            self.dropped or self.added or self.altered or self.old_constraints or self.new_constraints
            or self.old_indexes or self.new_indexes
        )  # fmt: skip


def gone(before: Schema, after: Schema) -> tuple[Table, ...]:
    """Returns the tables of the one that the other does not have."""
    kept = {each.name for each in after.tables}
    return tuple(each for each in before.tables if each.name not in kept)


def changed(before: Schema, after: Schema) -> tuple[Change, ...]:
    """Returns what changed in the tables that both have."""
    known = {each.name: each for each in before.tables}
    found = (_change(known[each.name], each) for each in after.tables if each.name in known)
    return tuple(each for each in found if not each.stays)


def _change(before: Table, after: Table) -> Change:
    columns = {each.name: _told(each) for each in before.columns}
    wanted = {each.name: _told(each) for each in after.columns}
    old = (*before.foreign_keys, *before.uniques, *before.checks)
    new = (*after.foreign_keys, *after.uniques, *after.checks)
    plain = [replace(each, late=False) if isinstance(each, ForeignKey) else each for each in old]
    asked = [replace(each, late=False) if isinstance(each, ForeignKey) else each for each in new]
    return Change(
        before=before,
        after=after,
        dropped=tuple(each for each in before.columns if each.name not in wanted),
        added=tuple(each for each in after.columns if each.name not in columns),
        altered=tuple(
            (columns[name], each) for name, each in wanted.items() if name in columns and columns[name] != each
        ),
        old_constraints=tuple(each for each, same in zip(old, plain, strict=True) if same not in asked),
        new_constraints=tuple(each for each, same in zip(new, asked, strict=True) if same not in plain),
        old_indexes=_without(before.indexes, after.indexes),
        new_indexes=_without(after.indexes, before.indexes),
    )


def _told(column: Column) -> Column:
    """Returns a column without the field that it stands for, which a database does not know."""
    return replace(column, source="")


def _without(parts: Sequence[Part], others: Sequence[object]) -> tuple[Part, ...]:
    return tuple(each for each in parts if each not in others)

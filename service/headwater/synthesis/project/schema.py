"""Derives the relational schema of a spec: tables, columns, keys, constraints and indexes, in third normal form.

The contract with whoever renders migrations or models. Each entity is a table of its plural with `id`, its fields, a
column `<name>_id` for each relation to one other, `created_at`, `updated_at` and `row_version`; the account has `role`
besides. Each MANY_TO_MANY is a table of two columns. A SECRET `password` is the column `password_hash`. What the
feature HISTORY keeps is a table of its own, the last one. Tables stand in an order in which they can be created; a
foreign key that is `late` points at a table further on and is added after it. `ddl` writes the schema as SQL.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.synthesis.project import naming
from headwater.synthesis.project.plurals import singular
from headwater.synthesis.project.spec import (
    NUMERIC,
    TEXTUAL,
    Action,
    Entity,
    FeatureKind,
    Field,
    FieldType,
    OnDelete,
    Relation,
    RelationKind,
    Role,
    Scalar,
    Spec,
    Standing,
    creation_order,
)


class ColumnType(enum.StrEnum):
    """What a column holds. KEY numbers rows by itself; STRING has a `length`; DECIMAL 18 digits, 6 behind the point."""

    KEY = "key"
    REFERENCE = "reference"
    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `source` is the field or relation it stands for, empty for what every table has."""

    name: str
    type: ColumnType
    nullable: bool = False
    length: int | None = None
    default: Scalar | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A reference to the `id` of another table."""

    name: str
    column: str
    table: str
    on_delete: OnDelete
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    """Columns whose values are unique in combination."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A condition on a column; `sql` means the same in SQLite and Postgres."""

    name: str
    column: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Columns that rows are found by; foreign keys and filters have one each, unless a key begins with them."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: that of an `entity`, or the join table of a `relation`, or with both empty that of all changes."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    uniques: tuple[Unique, ...]
    checks: tuple[Check, ...]
    indexes: tuple[Index, ...]
    entity: str = ""
    relation: str = ""

    def column(self, name: str) -> Column:
        """Returns a column by its name."""
        return next(each for each in self.columns if each.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The lengths of columns whose fields state none, and the longest name of a constraint."""

    string: int = 200
    email: int = 254
    url: int = 2048
    phone: int = 32
    file: int = 255
    secret: int = 255
    constraint_name: int = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The tables of an application, in an order in which they can be created."""

    tables: tuple[Table, ...]

    def table(self, entity: str) -> Table:
        """Returns the table of an entity."""
        return next(each for each in self.tables if each.entity == entity)

    def join(self, source: str, relation: str) -> Table:
        """Returns the join table of a MANY_TO_MANY relation."""
        mine = self.table(source).name
        return next(each for each in self.tables if each.relation == relation and each.foreign_keys[0].table == mine)


LAYOUT = 2
"""The rules by which tables are derived now: each row has a version since the second."""
FIRST_LAYOUT = 1
MOMENTS = ("created_at", "updated_at")
VERSION = "row_version"
STAMPS = (*MOMENTS, VERSION)
"""The columns of each entity that nobody writes: when a row was made and changed, and which version it is."""
PLAIN = {
    FieldType.TEXT: ColumnType.TEXT, FieldType.INTEGER: ColumnType.INTEGER, FieldType.DECIMAL: ColumnType.DECIMAL,
    FieldType.BOOLEAN: ColumnType.BOOLEAN, FieldType.DATE: ColumnType.DATE, FieldType.TIME: ColumnType.TIME,
    FieldType.DATETIME: ColumnType.DATETIME,
}  # fmt: skip
"""Field types whose columns have no length; all others are a STRING."""


def derive(spec: Spec, sizes: Sizes | None = None, *, layout: int = LAYOUT) -> Schema:
    """Returns the schema of a valid spec, by the rules of a layout; equal specs give equal schemas."""
    known = sizes or Sizes()
    order = creation_order(spec)
    made = set[str]()
    tables: list[Table] = []
    for entity in order:
        made.add(entity.name)
        tables.append(_table(spec, entity, made, known, layout))
    taken = {each.name for each in tables}
    for relation in spec.relations:
        if relation.kind is RelationKind.MANY_TO_MANY:
            tables.append(_join(spec, relation, taken, known))
            taken.add(tables[-1].name)
    if spec.feature(FeatureKind.HISTORY) is not None:
        tables.append(_changes(spec, taken, known))
    return Schema(tables=tuple(tables))


def column_name(field: Field) -> str:
    """Returns the column of a field: its name, or for a secret `<name>_hash`."""
    return f"{field.name}_hash" if field.type is FieldType.SECRET else field.name


def _table(spec: Spec, entity: Entity, made: set[str], sizes: Sizes, layout: int) -> Table:
    name = entity.plural
    relations = [each for each in spec.outgoing(entity.name) if each.kind is not RelationKind.MANY_TO_MANY]
    columns = [Column(name="id", type=ColumnType.KEY)]
    columns += [_column(each, sizes) for each in entity.fields]
    roles = [each for each in spec.roles if each.standing is not Standing.ANONYMOUS] if entity.account else []
    if roles:
        first = next(each.name for each in roles if each.default)
        longest = max(len(each.name) for each in roles)
        columns.append(Column(name="role", type=ColumnType.STRING, length=longest, default=first))
    columns += [
        Column(name=f"{each.name}_id", type=ColumnType.REFERENCE, nullable=each.optional, source=each.name)
        for each in relations
    ]
    columns += [Column(name=each, type=ColumnType.DATETIME, default="now") for each in MOMENTS]
    columns += [Column(name=VERSION, type=ColumnType.INTEGER, default=1)] if layout > FIRST_LAYOUT else []
    plurals = {each.name: each.plural for each in spec.entities}
    keys = tuple(
        ForeignKey(
            name=constraint("fk", name, f"{each.name}_id", sizes=sizes),
            column=f"{each.name}_id",
            table=plurals[each.target],
            on_delete=each.on_delete,
            late=each.target not in made,
        )
        for each in relations
    )
    uniques = tuple(_uniques(entity, relations, sizes))
    return Table(
        name=name,
        columns=tuple(columns),
        primary_key=("id",),
        foreign_keys=keys,
        uniques=uniques,
        checks=(*(check for each in entity.fields for check in _checks(name, each, sizes)), *_role(name, roles, sizes)),
        indexes=tuple(_indexes(entity, keys, uniques, sizes)),
        entity=entity.name,
    )


def _column(field: Field, sizes: Sizes) -> Column:
    return Column(
        name=column_name(field),
        type=PLAIN.get(field.type, ColumnType.STRING),
        nullable=not field.required,
        length=None if field.type in PLAIN else _length(field, sizes),
        default=field.default,
        source=field.name,
    )


def _length(field: Field, sizes: Sizes) -> int:
    if field.type is FieldType.ENUM:
        return max(map(len, field.choices))
    usual = {
        FieldType.EMAIL: sizes.email, FieldType.URL: sizes.url, FieldType.PHONE: sizes.phone,
        FieldType.FILE: sizes.file, FieldType.SECRET: sizes.secret,
    }.get(field.type, sizes.string)  # fmt: skip
    bounded = field.type in TEXTUAL and field.type is not FieldType.SECRET and field.maximum is not None
    return int(field.maximum or 0) if bounded else usual


def _checks(table: str, field: Field, sizes: Sizes) -> Iterator[Check]:
    column = column_name(field)
    condition = ""
    if field.type is FieldType.ENUM:
        condition = _among(column, field.choices)
    elif field.type in NUMERIC:
        condition = _between(column, field.minimum, field.maximum)
    elif field.type in TEXTUAL and field.type is not FieldType.SECRET:
        condition = _between(f"length({column})", field.minimum, field.maximum)
    if condition:
        yield Check(name=constraint("ck", table, column, sizes=sizes), column=column, sql=condition)


def _role(table: str, roles: Sequence[Role], sizes: Sizes) -> Iterator[Check]:
    if roles:
        name = constraint("ck", table, "role", sizes=sizes)
        yield Check(name=name, column="role", sql=_among("role", [each.name for each in roles]))


def _among(column: str, choices: Sequence[str]) -> str:
    quoted = ", ".join(f"'{each}'" for each in choices)
    return f"{column} IN ({quoted})"


def _between(what: str, low: float | None, high: float | None) -> str:
    ends = [f"{what} >= {_number(low)}"] if low is not None else []
    ends += [f"{what} <= {_number(high)}"] if high is not None else []
    return " AND ".join(ends)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _uniques(entity: Entity, relations: Sequence[Relation], sizes: Sizes) -> Iterator[Unique]:
    columns = {each.name: column_name(each) for each in entity.fields} | {
        each.name: f"{each.name}_id" for each in relations
    }
    groups = [(each.name,) for each in entity.fields if each.unique]
    groups += [(each.name,) for each in relations if each.kind is RelationKind.ONE_TO_ONE]
    for group in dict.fromkeys([*groups, *entity.together]):
        named = tuple(columns[each] for each in group)
        yield Unique(name=constraint("uq", entity.plural, *named, sizes=sizes), columns=named)


def _indexes(entity: Entity, keys: Sequence[ForeignKey], uniques: Sequence[Unique], sizes: Sizes) -> Iterator[Index]:
    covered = {each.columns[0] for each in uniques}
    wanted = [each.column for each in keys] + [column_name(each) for each in entity.fields if each.filtered]
    for column in wanted:
        if column not in covered:
            yield Index(name=constraint("ix", entity.plural, column, sizes=sizes), columns=(column,))


def _join(spec: Spec, relation: Relation, taken: set[str], sizes: Sizes) -> Table:
    plurals = {each.name: each.plural for each in spec.entities}
    name = f"{plurals[relation.source]}_{relation.name}"
    while name in taken:
        name += "_links"
    left = f"{naming.snake(relation.source)}_id"
    right = f"{naming.snake(relation.target)}_id"
    if left == right:
        right = f"{singular(relation.name)}_id" if f"{singular(relation.name)}_id" != left else f"other_{left}"
    sides = ((left, relation.source), (right, relation.target))
    return Table(
        name=name,
        columns=tuple(Column(name=each, type=ColumnType.REFERENCE, source=relation.name) for each, _ in sides),
        primary_key=(left, right),
        foreign_keys=tuple(
            ForeignKey(
                name=constraint("fk", name, column, sizes=sizes),
                column=column,
                table=plurals[target],
                on_delete=OnDelete.CASCADE,
            )
            for column, target in sides
        ),
        uniques=(),
        checks=(),
        indexes=(Index(name=constraint("ix", name, right, sizes=sizes), columns=(right,)),),
        relation=relation.name,
    )


def _changes(spec: Spec, taken: set[str], sizes: Sizes) -> Table:
    """Returns the table of who changed what, and when."""
    name = "changes"
    while name in taken:
        name += "_kept"
    people = spec.account
    columns = [
        Column(name="id", type=ColumnType.KEY),
        Column(name="entity", type=ColumnType.STRING, length=sizes.constraint_name),
        Column(name="row_id", type=ColumnType.INTEGER),
        Column(name="action", type=ColumnType.STRING, length=max(len(each) for each in Action)),
        Column(name="changes", type=ColumnType.TEXT),
        *([Column(name="actor_id", type=ColumnType.REFERENCE, nullable=True)] if people else []),
        Column(name="at", type=ColumnType.DATETIME, default="now"),
    ]
    key = constraint("fk", name, "actor_id", sizes=sizes)
    found = [("entity", "row_id"), *([("actor_id",)] if people else [])]
    return Table(
        name=name,
        columns=tuple(columns),
        primary_key=("id",),
        foreign_keys=(ForeignKey(name=key, column="actor_id", table=people.plural, on_delete=OnDelete.SET_NULL),)
        if people
        else (),
        uniques=(),
        checks=(),
        indexes=tuple(Index(name=constraint("ix", name, *each, sizes=sizes), columns=each) for each in found),
    )


def constraint(kind: str, table: str, *columns: str, sizes: Sizes) -> str:
    """Returns the name of a constraint, the same for both databases; a long one ends in a digest of all of it."""
    name = "_".join((kind, table, *columns))
    if len(name) <= sizes.constraint_name:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: sizes.constraint_name - len(digest) - 1]}_{digest}"

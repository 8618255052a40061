"""Writes the models: a module for each table of an entity, as its schema has it."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project import naming
from headwater.synthesis.project.backend.constraints import check, index, unique
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.plurals import with_article
from headwater.synthesis.project.python import (
    INDENT,
    WIDTH,
    call,
    exported,
    imported,
    module,
    natural,
    parameters,
    quoted,
    text_argument,
)
from headwater.synthesis.project.schema import STAMPS, Column, ColumnType, ForeignKey, Table, column_name
from headwater.synthesis.project.spec import Entity, Relation, RelationKind

TYPES = {
    ColumnType.REFERENCE: "int", ColumnType.STRING: "str", ColumnType.TEXT: "str", ColumnType.INTEGER: "int",
    ColumnType.DECIMAL: "Decimal", ColumnType.BOOLEAN: "bool", ColumnType.DATE: "datetime.date",
    ColumnType.TIME: "datetime.time", ColumnType.DATETIME: "datetime.datetime",
}  # fmt: skip
KEPT = {ColumnType.TEXT: "sa.Text()", ColumnType.DECIMAL: "database.Exact()", ColumnType.DATETIME: "database.Moment()"}
"""Column types that cannot be told from the type of the attribute."""
COMMON = {"id", *STAMPS}
"""Columns that each entity's table has from `Row`."""


def models(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of each module of models, and of the package."""
    for entity in plan.spec.entities:
        yield naming.snake(entity.name), _Model(plan, entity).text()
    names = {naming.snake(each.name): each.name for each in plan.spec.entities}
    lines = [imported(f"app.generated.models.{each}", [names[each]]) for each in sorted(names, key=natural)]
    yield "__init__", module("The models: what the application keeps.", [lines], [exported(names.values())])


class _Model:
    """The module of one entity."""

    def __init__(self, plan: Plan, entity: Entity) -> None:
        self.plan, self.entity = plan, entity
        self.table = plan.schema.table(entity.name)
        self.keys = {each.column: each for each in self.table.foreign_keys}
        self.outgoing = plan.spec.outgoing(entity.name)
        self.many = [each for each in self.outgoing if each.kind is RelationKind.MANY_TO_MANY]
        self.plain = [each for each in self.table.columns if each.name not in COMMON]

    def text(self) -> str:
        joins = [self._join(each) for each in self.many]
        body = [*joins, self._class()]
        told = "\n".join(body)
        targets = sorted({each.target for each in self.outgoing} - {self.entity.name})
        typed = [f"    from app.generated.models.{naming.snake(each)} import {each}" for each in targets]
        standard = [name for name in ("import datetime",) if "datetime." in told]
        standard += [imported("decimal", ["Decimal"])] if "Decimal" in told else []
        standard += [imported("typing", ["TYPE_CHECKING"])] if typed else []
        third = ["import sqlalchemy as sa", *(["from sqlalchemy import orm"] if "orm." in told else [])]
        third += ["from sqlalchemy.orm import Mapped"] if "Mapped[" in told else []
        groups = [["from __future__ import annotations"], standard, third, ["from app.generated import database"]]
        if typed:
            groups.append(["if TYPE_CHECKING:", *typed])
        return module(f"The model of {self.entity.plural.replace('_', ' ')}.", groups, body)

    def _class(self) -> str:
        noun = with_article(naming.snake(self.entity.name).replace("_", " "))
        lines = [
            f"class {self.entity.name}(database.Row):",
            f'    """{noun.capitalize()}."""',
            "",
            f"    __tablename__ = {quoted(self.table.name)}",
            self._arguments(),
        ]
        if self.plain:
            lines += ["", *(self._attribute(each) for each in self.plain)]
        if self.outgoing:
            lines += ["", *(self._relation(each) for each in self.outgoing)]
        return "\n".join([*lines, *self._ref()])

    def _arguments(self) -> str:
        inner = INDENT * 2
        name = self.table.name
        uniques = [each for each in self.table.uniques if each.name != f"uq_{name}_{each.columns[0]}"]
        indexes = [each for each in self.table.indexes if each.name != f"ix_{name}_{each.columns[0]}"]
        found = [check(each, inner) for each in self.table.checks]
        found += [unique(each, inner) for each in uniques]
        found += [index(each, inner) for each in indexes]
        kept = '{"sqlite_autoincrement": True}'
        if not found:
            return f"    __table_args__ = ({kept},)"
        return "\n".join(["    __table_args__ = (", *(f"{each}," for each in found), f"{inner}{kept},", "    )"])

    def _attribute(self, column: Column) -> str:
        kind = TYPES[column.type] + (" | None" if column.nullable else "")
        key = self.keys.get(column.name)
        single = {each.columns[0] for each in self.table.uniques if each.name == f"uq_{self.table.name}_{column.name}"}
        indexed = {each.columns[0] for each in self.table.indexes if each.name == f"ix_{self.table.name}_{column.name}"}
        arguments = parameters([
            f"sa.String({column.length})" if column.type is ColumnType.STRING else KEPT.get(column.type, ""),
            _foreign(self.table, key) if key else "",
            "unique=True" if column.name in single else "",
            "index=True" if column.name in indexed else "",
            *_defaults(column),
        ])  # fmt: skip
        head = f"    {column.name}: Mapped[{kind}]"
        return call(f"{head} = orm.mapped_column(".strip(), arguments, indent="    ") if arguments else head

    def _relation(self, relation: Relation) -> str:
        many = relation.kind is RelationKind.MANY_TO_MANY
        target = self.plan.schema.table(relation.target)
        between = [each for each in self.table.foreign_keys if each.table == target.name]
        between += [each for each in target.foreign_keys if each.table == self.table.name]
        arguments: list[str] = []
        if many:
            arguments = [f"secondary={self._join_name(relation)}"]
            if relation.source == relation.target:
                join = self.plan.schema.join(relation.source, relation.name)
                left, right = join.primary_key
                arguments += [
                    f"primaryjoin=lambda: {relation.source}.id == {self._join_name(relation)}.c.{left}",
                    f"secondaryjoin=lambda: {relation.source}.id == {self._join_name(relation)}.c.{right}",
                ]
            arguments.append(f"order_by={quoted(f'{relation.target}.id')}")
        elif relation.source == relation.target:
            # A row may refer to itself, which could be written in no order otherwise.
            column = f"foreign_keys=[{relation.name}_id]"
            arguments = [column, f"remote_side={quoted(f'{relation.target}.id')}", "post_update=True"]
        elif len(between) > 1:
            arguments = [f"foreign_keys=[{relation.name}_id]"]
        kind = f"list[{relation.target}]" if many else relation.target + (" | None" if relation.optional else "")
        return call(f"{relation.name}: Mapped[{kind}] = orm.relationship(", arguments, indent="    ")

    def _ref(self) -> list[str]:
        field = self.entity.field(self.entity.display) if self.entity.display else None
        if field is None:
            return []
        column = self.table.column(column_name(field))
        value = f"self.{column.name}"
        shown = value if TYPES[column.type] == "str" else f"str({value})"
        result = f"super().ref if {value} is None else {shown}" if column.nullable else shown
        return [
            "",
            "    @property",
            "    def ref(self) -> str:",
            '        """How the row is called."""',
            f"        return {result}",
        ]

    def _join_name(self, relation: Relation) -> str:
        return self.plan.schema.join(relation.source, relation.name).name.upper()

    def _join(self, relation: Relation) -> str:
        join = self.plan.schema.join(relation.source, relation.name)
        arguments = [quoted(join.name), "database.Base.metadata"]
        indexed = {each.columns[0]: each.name for each in join.indexes}
        for key in join.foreign_keys:
            parts = [quoted(key.column), "sa.Integer", _foreign(join, key), "primary_key=True"]
            regular = indexed.get(key.column) == f"ix_{join.name}_{key.column}"
            arguments.append(call("sa.Column(", [*parts, *(["index=True"] if regular else [])], indent="    ").strip())
            if key.column in indexed and not regular:
                arguments.append(f"sa.Index({quoted(indexed[key.column])}, {quoted(key.column)})")
        name = self._join_name(relation)
        return "\n".join([f"{name} = sa.Table(", *(f"    {each}," for each in arguments), ")"])


def _foreign(table: Table, key: ForeignKey) -> str:
    arguments = [quoted(f"{key.table}.id")]
    if key.name != f"fk_{table.name}_{key.column}":
        arguments.append(f"name={quoted(key.name)}")
    arguments.append(f"ondelete={quoted(key.on_delete.replace('_', ' ').upper())}")
    arguments += ["use_alter=True"] if key.late else []
    line = f"sa.ForeignKey({', '.join(arguments)})"
    return line if len(line) < WIDTH - 8 else call("sa.ForeignKey(", arguments, indent="        ").strip()


def _defaults(column: Column) -> Iterator[str]:
    """Yields what a row has that is made without the attribute, in Python and in the database."""
    value = column.default
    if value is None:
        return
    if column.type in {ColumnType.DATE, ColumnType.DATETIME, ColumnType.TIME}:
        moment = "sa.func.now()" if column.type is ColumnType.DATETIME else "sa.func.current_date()"
        yield f"server_default={moment if value == 'now' else quoted(str(value))}"
    elif isinstance(value, bool):
        yield f"default={value}"
        yield f"server_default=sa.{str(value).lower()}()"
    elif column.type is ColumnType.DECIMAL:
        yield f"default=Decimal({quoted(str(value))})"
        yield f"server_default={quoted(str(value))}"
    elif isinstance(value, str):
        yield text_argument(value, "        ", "default")
        yield text_argument(value, "        ", "server_default")
    else:
        yield f"default={value}"
        yield f"server_default={quoted(str(value))}"

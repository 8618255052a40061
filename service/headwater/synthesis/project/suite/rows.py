"""Writes the factory of rows: for each entity what creates a valid one, and one that is kept already."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project import naming
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.payloads import claim_relation, owner_relation
from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import (
    Entity,
    FieldType,
    Relation,
    RelationKind,
    Spec,
    creation_order,
)
from headwater.synthesis.project.suite.code import module
from headwater.synthesis.project.suite.values import valid

MAKERS = {
    "day": (
        "def day(number: int) -> str:",
        '    """Returns a day, another for each number."""',
        "    return str(date(2026, 1, 5) + timedelta(days=number))",
    ),
    "clock": (
        "def clock(number: int) -> str:",
        '    """Returns a time of the day, another for each number."""',
        '    return f"{number // 60 % 24:02d}:{number % 60:02d}:00"',
    ),
    "moment": (
        "def moment(number: int) -> str:",
        '    """Returns a moment, another for each number."""',
        '    return f"{datetime(2026, 1, 5, 9) + timedelta(hours=number):%Y-%m-%dT%H:%M:%S}Z"',
    ),
}
"""Functions of the factory that exist where a field needs them."""
IMPORTS = (
    "from datetime import date, datetime, time, timedelta",
    "from decimal import Decimal",
    "from itertools import count",
    "from typing import Any",
    "",
    "from sqlalchemy import Column, Engine, TypeDecorator, insert",
    "",
    "from app.generated.database import Base",
)
CONSTANTS = (
    'UNUSABLE = "!"',
    '"""What no hash of a secret is: nobody signs in with it."""',
    "READERS = {",
    "    date: date.fromisoformat,",
    "    datetime: datetime.fromisoformat,",
    "    time: time.fromisoformat,",
    "    Decimal: Decimal,",
    "}",
    '"""How text becomes what a column holds."""',
)
HEAD = (
    "class Rows:",
    '    """Keeps rows that are valid, each with values of its own; what they refer to is kept too."""',
    "",
    "    def __init__(self, engine: Engine) -> None:",
    "        self._engine = engine",
    "        self._numbers = count(1)",
)
KEEPING = (
    "",
    "    def _keep(self, name: str, values: dict[str, Any]) -> int:",
    "        table = Base.metadata.tables[name]",
    "        columns = [each for each in table.columns if each.name in values]",
    "        stored = {each.name: _stored(each, values[each.name]) for each in columns}",
    "        with self._engine.begin() as connection:",
    "            made = connection.execute(insert(table).values(stored))",
    "        return int(made.inserted_primary_key[0])",
)
FINDING = (
    "",
    "    def _found(self, table: str, column: str, value: int | None) -> int | None:",
    '        """Returns the row that has a value which only one can have."""',
    "        columns = Base.metadata.tables[table].columns",
    "        with self._engine.connect() as connection:",
    "            return connection.scalar(select(columns.id).where(columns[column] == value))",
)
STORED = (
    "def _stored(column: Column[Any], value: Any) -> Any:",
    "    kept = column.type.impl if isinstance(column.type, TypeDecorator) else column.type",
    "    reader = READERS.get(kept.python_type)",
    "    return reader(value) if reader and isinstance(value, str) else value",
)


def render(plan: Plan) -> str:
    """Returns `tests/generated/rows.py`."""
    spec = plan.spec
    lines = [*HEAD]
    for entity in creation_order(spec):
        lines += ["", *_body(spec, entity), "", *_row(spec, entity)]
    lines += KEEPING
    imports = IMPORTS
    if any(is_alone(spec, each) for each in spec.entities):
        lines += FINDING
        imports = tuple(f"{each}, select" if each.startswith("from sqlalchemy") else each for each in IMPORTS)
    joined = "\n".join(lines)
    used = [maker for name, maker in MAKERS.items() if f"{name}(number)" in joined]
    if not any("timedelta" in line for maker in used for line in maker):
        imports = tuple(each.replace(", timedelta", "") for each in imports)
    return module(
        "Keeps valid rows, so that a test says only what it is about.", imports, [lines, STORED, *used], CONSTANTS
    )


def one(entity: Entity) -> str:
    """Returns the name of one row of an entity, which is that of its method in the factory."""
    return naming.snake(entity.name)


def makes_body(entity: Entity, owner: str) -> str:
    """Returns the call for what creates a row; `owner` is an expression for who is to own what it refers to."""
    return f"rows.{one(entity)}_body({owner if len(entity.owner) > 1 and not entity.account else ''})"


def makes_row(entity: Entity, owner: str = "") -> str:
    """Returns the call that keeps a row, somebody's own if `owner` is given."""
    return f"rows.{one(entity)}({owner if entity.owner and not entity.account else ''})"


def _body(spec: Spec, entity: Entity) -> Iterator[str]:
    first, owned = "".join(entity.owner[:1]), len(entity.owner) > 1 and not entity.account
    yield f"    def {one(entity)}_body(self{', owner: int | None = None' if owned else ''}) -> dict[str, Any]:"
    yield f'        """Returns what creates one of the {entity.plural.replace("_", " ")}."""'
    values = {each.name: valid(each) for each in entity.fields if each.type is not FieldType.FILE or each.required}
    mine = owner_relation(spec, entity)
    for relation in spec.outgoing(entity.name):
        along = owned and relation.name == first
        if relation != mine and relation.kind is not RelationKind.MANY_TO_MANY and (along or not relation.optional):
            values[f"{relation.name}_id"] = (
                _belonging(spec, entity, entity.owner) if along else _somebody(spec, relation)
            )
    if any("number" in each for each in values.values()):
        yield "        number = next(self._numbers)"
    if not values:
        yield "        return {}"
        return
    yield "        return {"
    yield from (f"            {quoted(name)}: {value}," for name, value in values.items())
    yield "        }"


def _row(spec: Spec, entity: Entity) -> Iterator[str]:
    owned = bool(entity.owner) and not entity.account
    given = [f"role: str = {quoted(_usual(spec))}"] if entity.account else ["owner: int | None = None"] if owned else []
    yield f"    def {one(entity)}({', '.join(['self', *given, '**given: Any'])}) -> int:"
    yield f'        """Keeps one of the {entity.plural.replace("_", " ")} and returns its number."""'
    values = {f"{each.name}_hash": "UNUSABLE" for each in entity.fields if each.type is FieldType.SECRET}
    if entity.account:
        values["role"] = "role"
    mine = owner_relation(spec, entity) or claim_relation(spec, entity)
    if mine is not None:
        values[f"{mine.name}_id"] = _belonging(spec, entity, entity.owner)
    passed = "owner" if len(entity.owner) > 1 and owned else ""
    body = f"self.{one(entity)}_body({passed})"
    if is_alone(spec, entity) and mine is not None:
        yield f'        kept = self._found("{entity.plural}", "{mine.name}_id", owner) if owner else None'
        yield "        if kept is not None:"
        yield "            return kept"
    yield "        values = {"
    yield f"            **{body},"
    yield from (f"            {quoted(name)}: {value}," for name, value in values.items())
    yield "            **given,"
    yield "        }"
    yield f'        return self._keep("{entity.plural}", values)'


def _usual(spec: Spec) -> str:
    return next(each.name for each in spec.roles if each.default)


def is_alone(spec: Spec, entity: Entity) -> bool:
    """Whether somebody can own one row of an entity, and not two."""
    mine = owner_relation(spec, entity) or claim_relation(spec, entity)
    return mine is not None and ((mine.kind is RelationKind.ONE_TO_ONE) or (mine.name,) in entity.together)


def _somebody(spec: Spec, relation: Relation) -> str:
    target = spec.entity(relation.target)
    assert target is not None
    return f"self.{one(target)}()"


def _belonging(spec: Spec, entity: Entity, path: tuple[str, ...]) -> str:
    """Returns an expression for the row that the first step of a path leads to, such that its end is the owner."""
    relation = next(each for each in spec.outgoing(entity.name) if each.name == path[0])
    target = spec.entity(relation.target)
    assert target is not None
    rest = path[1:]
    if not rest:
        return f"owner or self.{one(target)}()"
    if target.owner == rest:
        return f"self.{one(target)}(owner)"
    return f"self.{one(target)}({rest[0]}_id={_belonging(spec, target, rest)})"

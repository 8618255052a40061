"""Makes rows to begin with: the same for the same schema and seed, within every constraint, in an order that inserts.

No row of an account can sign in: its password hash is no hash. Whoever renders an application sets passwords when it
is set up, never in the data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from headwater.synthesis.project import naming
from headwater.synthesis.project.ddl import Dialect, literal
from headwater.synthesis.project.schema import STAMPS, Column, ColumnType, Schema, Table
from headwater.synthesis.project.spec import Entity, Field, FieldType, Scalar, Spec, Standing

UNUSABLE = "!"
"""What no hash of a password is."""
BORN = re.compile(r"birth|born")
YOUNGEST = 18 * 365
"""Days that people have lived for at least who stand in first data."""
BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""The moment from which the dates of rows are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: its columns and their values."""

    table: str
    values: tuple[tuple[str, Scalar | None], ...]


def rows(spec: Spec, schema: Schema, *, seed: int = 0, count: int = 5) -> tuple[Row, ...]:
    """Returns `count` rows for each table of an entity or relation, in an order in which they can be inserted."""
    filled = [each for each in schema.tables if each.entity or each.relation]
    return tuple(row for table in filled for row in _rows(spec, table, seed, count))


def statements(found: tuple[Row, ...], dialect: Dialect) -> tuple[str, ...]:
    """Returns the rows as SQL; for Postgres the numbering goes on behind them."""
    inserts = [
        f"INSERT INTO {row.table} ({', '.join(name for name, _ in row.values)})"  # noqa: S608 — names of a checked schema
        f" VALUES ({', '.join(literal(value, dialect) for _, value in row.values)})"
        for row in found
    ]
    if dialect is Dialect.SQLITE:
        return tuple(inserts)
    last: dict[str, Scalar | None] = {row.table: row.values[0][1] for row in found if row.values[0][0] == "id"}
    return (
        *inserts,
        *(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {number})" for table, number in last.items()),
    )


def _rows(spec: Spec, table: Table, seed: int, count: int) -> Iterator[Row]:
    entity = spec.entity(table.entity) if table.entity else None
    keys = {each.column: each for each in table.foreign_keys}
    for number in range(count):
        values: list[tuple[str, Scalar | None]] = []
        for column in table.columns:
            if column.name in STAMPS:
                continue
            if column.type is ColumnType.KEY:
                values.append((column.name, number + 1))
            elif column.name in keys:
                key = keys[column.name]
                empty = key.late or key.table == table.name
                shifted = (number + _pick(seed, table.name, column.name, count)) % count + 1
                values.append((column.name, None if empty and column.nullable else shifted))
            else:
                values.append((column.name, _value(spec, entity, column, number, seed)))
        yield Row(table=table.name, values=tuple(values))


def _value(spec: Spec, entity: Entity | None, column: Column, number: int, seed: int) -> Scalar | None:
    field = entity.field(column.source) if entity else None
    if field is None:
        members = [each for each in spec.roles if each.standing is not Standing.ANONYMOUS]
        return members[-1 - number % len(members)].name if members else column.default
    if field.type is FieldType.FILE and not field.required:
        return None  # nothing was uploaded
    if field.choices:
        return field.choices[(number + _pick(seed, column.name, "choice", len(field.choices))) % len(field.choices)]
    if entity is not None and field.type in {FieldType.STRING, FieldType.TEXT}:
        return _fitted(field, _words(entity, field, number), str(number + 1))
    picked = _pick(seed, f"{entity.name if entity else ''}.{field.name}", str(number), 997)
    return MAKERS[field.type](field, number, picked)


def _pick(seed: int, *parts_and_size: str | int) -> int:
    """Returns a number below the last argument that the others decide."""
    *parts, size = parts_and_size
    digest = hashlib.sha256("\x00".join([str(seed), *map(str, parts)]).encode()).digest()
    return int.from_bytes(digest[:8], "big") % int(size)


def _words(entity: Entity, field: Field, number: int) -> str:
    """Returns a text that looks like what people would write there."""
    noun = naming.snake(entity.name).replace("_", " ")
    words = field.name.replace("_", " ")
    person = entity.account or PEOPLE & set(noun.split())
    first, last = (names[number % len(names)] for names in (FIRST_NAMES, LAST_NAMES))
    known = {
        "first_name": first, "last_name": last, "surname": last, "full_name": f"{first} {last}",
        "city": CITIES[number % len(CITIES)], "slug": f"{noun.replace(' ', '-')}-{number + 1}",
    }  # fmt: skip
    if person:
        known["name"] = known["full_name"]
    if field.name in known:
        again = number // len(FIRST_NAMES)
        return f"{known[field.name]} {again + 1}" if again and field.name != "slug" else known[field.name]
    if field.type is FieldType.TEXT:
        return f"{words.capitalize()} of {noun} {number + 1}."
    return f"{noun if field.name in CALLED else words} {number + 1}".capitalize()


def _fitted(field: Field, text: str, ending: str) -> Scalar:
    """Returns a text within the bounds of a field, which ends with a number of its own where it is cut."""
    if field.minimum is not None and len(text) < field.minimum:
        text = text.ljust(int(field.minimum), ".")
    longest = int(field.maximum) if field.maximum is not None else len(text)
    if len(text) > longest:
        text = text[: max(0, longest - len(ending))] + ending[-longest:] if longest else ""
    return text


def _number(field: Field, number: int, picked: int) -> Scalar:
    low = field.minimum if field.minimum is not None else 0.0
    high = field.maximum if field.maximum is not None else low + 100.0
    width = high - low
    step = number if field.unique else picked
    if field.type is FieldType.INTEGER:
        return int(-(-low // 1)) + step % max(1, int(width // 1) + 1)
    return round(low + (step % 100) / 100 * width, 2) if width >= 1 else low


def _moment(field: Field, number: int, picked: int) -> Scalar:
    at = BEGINNING + timedelta(days=number * 7 + picked % 7, hours=picked % 8)
    if BORN.search(field.name):
        at -= timedelta(days=YOUNGEST + picked * 20)
    if field.type is FieldType.DATE:
        return at.date().isoformat()
    return at.time().isoformat() if field.type is FieldType.TIME else at.strftime("%Y-%m-%d %H:%M:%S")


def _flag(_field: Field, number: int, _picked: int) -> Scalar:
    return number % 2 == 0


def _written(field: Field, number: int, _picked: int) -> Scalar:
    if field.type is FieldType.EMAIL:
        return f"{field.name.replace('_', '.')}{number + 1}@example.com"
    if field.type is FieldType.URL:
        return f"https://example.com/{field.name}/{number + 1}"
    return f"+1 555 01{number:02d}" if field.type is FieldType.PHONE else f"{field.name}-{number + 1}.png"


def _secret(_field: Field, _number: int, _picked: int) -> Scalar:
    return UNUSABLE


MAKERS: dict[FieldType, Callable[[Field, int, int], Scalar]] = {
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _number,
    FieldType.DATE: _moment,
    FieldType.TIME: _moment,
    FieldType.DATETIME: _moment,
    FieldType.BOOLEAN: _flag,
    FieldType.EMAIL: _written,
    FieldType.URL: _written,
    FieldType.PHONE: _written,
    FieldType.FILE: _written,
    FieldType.SECRET: _secret,
}
"""What a value of each type is made by; texts are the rest."""
FIRST_NAMES = ("Ada", "Bruno", "Chiara", "Dinesh", "Elif", "Farid", "Grace", "Hiro")
LAST_NAMES = ("Lindgren", "Okafor", "Rossi", "Mehta", "Yilmaz", "Haddad", "Novak", "Tanaka")
CITIES = ("Lisbon", "Graz", "Nairobi", "Osaka", "Bogota", "Tallinn", "Perth", "Quebec")
PEOPLE = frozenset({
    "author", "client", "contact", "customer", "doctor", "employee", "guest", "instructor", "member", "patient",
    "person", "student", "teacher", "tenant", "user",
})  # fmt: skip
"""Entities whose rows are called as people are."""
CALLED = frozenset({"name", "title", "label"})
"""Fields by which a row is called, and which say nothing by their own name."""

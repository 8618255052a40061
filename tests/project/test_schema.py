"""The schema of a spec is created, filled and removed by real databases, and keeps its rules there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import asyncpg
import pytest

from headwater.synthesis.project.ddl import Dialect, down, script, up
from headwater.synthesis.project.diagram import mermaid, svg
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.schema import Schema, derive
from headwater.synthesis.project.seeds import UNUSABLE, rows, statements
from headwater.synthesis.project.spec import RelationKind, Spec

CIRCLE = """
entities:
  Team:
    name: string required unique
    captain: -> Player optional
  Player:
    name: string required
    team: -> Team
    friends: [Player]
    coach: -> Player optional
"""


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    """An empty SQLite that keeps foreign keys."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def made(text: str) -> tuple[Spec, Schema]:
    spec = parse(text)
    return spec, derive(spec)


@pytest.mark.parametrize("extra", ["", CIRCLE], ids=("text", "circle"))
def test_sqlite_goes_up_down_and_up(requirements: str, extra: str, database: sqlite3.Connection) -> None:
    """Everything is created, seeded, removed without a rest, and created again."""
    spec, schema = made(extra or requirements)
    for _ in range(2):
        database.executescript(script(up(schema, Dialect.SQLITE)))
        database.executescript(script(statements(rows(spec, schema), Dialect.SQLITE)))
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
        counts = {
            each.name: database.execute(f"SELECT count(*) FROM {each.name}").fetchone()[0] for each in schema.tables
        }
        assert all(counts[each.name] == (5 if each.entity or each.relation else 0) for each in schema.tables)
        database.executescript(script(down(schema, Dialect.SQLITE)))
        left = database.execute("SELECT name FROM sqlite_master").fetchall()
        assert left == [("sqlite_sequence",)]


async def test_postgres_goes_up_down_and_up(postgres_url: str) -> None:
    """All texts do the same on Postgres, where rows can be added behind the seeds."""
    from tests.project.conftest import TEXTS  # noqa: PLC0415

    connection: Any = await asyncpg.connect(postgres_url)
    try:
        for text in (*(each.read_text(encoding="utf-8") for each in TEXTS), CIRCLE):
            spec, schema = made(text)
            for _ in range(2):
                await connection.execute(script(up(schema, Dialect.POSTGRES)))
                await connection.execute(script(statements(rows(spec, schema), Dialect.POSTGRES)))
                for table in schema.tables:
                    if not table.entity and not table.relation:
                        continue
                    assert await connection.fetchval(f"SELECT count(*) FROM {table.name}") == 5
                    if table.entity:
                        assert (
                            await connection.fetchval(f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id'))")
                            == 6
                        )
                await connection.execute(script(down(schema, Dialect.POSTGRES)))
                left = await connection.fetch("SELECT 1 FROM information_schema.tables WHERE table_schema = 'public'")
                assert not left
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("INSERT INTO posts (title, slug, body, author_id) VALUES ('', 's', 'b', 1)", "CHECK"),
        ("INSERT INTO posts (title, slug, body, status, author_id) VALUES ('t', 's', 'b', 'lost', 1)", "CHECK"),
        ("INSERT INTO posts (title, slug, body, author_id) VALUES ('t', 'post-1', 'b', 1)", "UNIQUE"),
        ("INSERT INTO posts (title, slug, body, author_id) VALUES ('t', 's', 'b', 99)", "FOREIGN KEY"),
        ("INSERT INTO posts (title, slug, body) VALUES ('t', 's', 'b')", "NOT NULL"),
        ("INSERT INTO users (email, password_hash, name, role) VALUES ('e@x.y', '!', 'n', 'god')", "CHECK"),
    ],
)
def test_the_database_keeps_the_rules(statement: str, what: str, database: sqlite3.Connection) -> None:
    """A row against a bound, a choice, a key or a requirement is refused by the database itself."""
    spec, schema = made("Build a blog with authentication and comments")
    database.executescript(script(up(schema, Dialect.SQLITE)))
    database.executescript(script(statements(rows(spec, schema), Dialect.SQLITE)))
    with pytest.raises(sqlite3.IntegrityError, match=what):
        database.execute(statement)


def test_deleting_follows_the_relation(database: sqlite3.Connection) -> None:
    """Comments go with their post; the author of a post goes with nothing left behind."""
    spec, schema = made("Build a blog with authentication and comments")
    database.executescript(script(up(schema, Dialect.SQLITE)))
    database.executescript(script(statements(rows(spec, schema), Dialect.SQLITE)))
    database.execute("DELETE FROM posts WHERE id = 1")
    assert database.execute("SELECT count(*) FROM comments WHERE post_id = 1").fetchone() == (0,)


def test_each_foreign_key_is_found_by_an_index(requirements: str) -> None:
    """An index, a unique constraint or the primary key begins with each foreign key and each filter."""
    spec, schema = made(requirements)
    for table in schema.tables:
        begun = {each.columns[0] for each in (*table.indexes, *table.uniques)} | {table.primary_key[0]}
        assert {each.column for each in table.foreign_keys} <= begun
        entity = spec.entity(table.entity)
        assert {each.name for each in (entity.fields if entity else ()) if each.filtered} <= begun


def test_changes_are_kept_where_history_is_asked_for() -> None:
    """A table of its own keeps who changed what; it is the last, and its name is no other table's."""
    spec, schema = made("entities:\n  Change:\n    name: string\nfeatures: [auth, history]\n")
    kept = schema.tables[-1]
    assert (kept.name, kept.entity, kept.relation) == ("changes_kept", "", "")
    assert [each.table for each in kept.foreign_keys] == [spec.account.plural if spec.account else ""]
    assert not any(each.table == kept.name for each in rows(spec, schema))
    _, without = made("entities:\n  Change:\n    name: string\nfeatures: [auth]\n")
    assert [each.name for each in without.tables] == [each.name for each in schema.tables[:-1]]


def test_many_to_many_is_a_table_of_two_keys() -> None:
    """A join table has both keys, which are its primary key, and goes with either side."""
    spec, schema = made(CIRCLE)
    relation = next(each for each in spec.relations if each.kind is RelationKind.MANY_TO_MANY)
    table = schema.join(relation.source, relation.name)
    assert table.primary_key == ("player_id", "friend_id")
    assert {each.on_delete for each in table.foreign_keys} == {"cascade"}


def test_constraints_have_names_that_both_databases_keep(requirements: str) -> None:
    """No name is longer than 63 or used twice."""
    _, schema = made(requirements)
    found = [
        each.name
        for table in schema.tables
        for group in (table.foreign_keys, table.uniques, table.checks, table.indexes)
        for each in group
    ]
    assert len(found) == len(set(found))
    assert all(len(each) <= 63 for each in found)


def test_no_seed_can_sign_in() -> None:
    """The password hash of each seeded account is no hash."""
    spec, schema = made("Build a blog with authentication and comments")
    found = [dict(each.values)["password_hash"] for each in rows(spec, schema) if each.table == "users"]
    assert found == [UNUSABLE] * 5


def test_another_seed_gives_other_rows() -> None:
    """The seed decides the rows."""
    spec, schema = made("Build a shop")
    assert rows(spec, schema, seed=1) == rows(spec, schema, seed=1)
    assert rows(spec, schema, seed=1) != rows(spec, schema, seed=2)


def test_drawings_show_every_table_and_key(requirements: str) -> None:
    """Mermaid names each table and relation; the SVG is XML with a box for each table and a line for each key."""
    _, schema = made(requirements)
    text, drawn = mermaid(schema), ET.fromstring(svg(schema, "A <title> & more"))
    keys = [each for table in schema.tables for each in table.foreign_keys]
    assert text.startswith("erDiagram\n")
    assert text.count(" : ") == len(keys)
    assert all(f"    {each.name} {{" in text for each in schema.tables)
    space = "{http://www.w3.org/2000/svg}"
    assert len([each for each in drawn.iter(f"{space}rect") if each.get("class") == "b"]) == len(schema.tables)
    assert len(list(drawn.iter(f"{space}path"))) == len(keys)
    assert drawn.findtext(f"{space}title") == "A <title> & more"


def test_the_same_text_and_seed_give_the_same_bytes(requirements: str) -> None:
    """Tables, rows and drawings of another process are the same."""
    program = """
import sys
from headwater.synthesis.project.ddl import *
from headwater.synthesis.project.diagram import *
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.schema import derive
from headwater.synthesis.project.seeds import *
spec = parse(sys.stdin.read()); schema = derive(spec)
for dialect in Dialect:
    sys.stdout.write(script(up(schema, dialect)) + script(down(schema, dialect)))
    sys.stdout.write(script(statements(rows(spec, schema, seed=7), dialect)))
sys.stdout.write(mermaid(schema) + svg(schema, spec.title))
"""
    run = [sys.executable, "-c", program]
    first, second = (
        subprocess.run(run, input=requirements, capture_output=True, text=True, check=True, encoding="utf-8",
                       env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("3", "4")
    )  # fmt: skip
    assert first == second
    assert "CREATE TABLE" in first

"""Migrations of rendered applications run on real databases, up and down, and keep the rows that are there."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from headwater.synthesis.project import database
from headwater.synthesis.project.ddl import Dialect, script, up
from headwater.synthesis.project.files import File, Plan
from tests.project.applications import CHEAP, planned, succeeds, written

BEFORE = """
entities:
  Team:
    name: string required unique
    motto: string
    size: integer
  Player:
    name: string required 1..40
    kind: keeper | striker
    born: date
    team: -> Team
    fit: boolean required
  Gone:
    name: string
    team: -> Team
features: [auth]
"""
AFTER = """
entities:
  Team:
    name: string required
    motto: string required unique
    size: decimal min 0 required
    captain: -> Player optional
  Player:
    name: string required 2..60
    kind: keeper | striker | coach
    born: date required
    nick: string required unique
    since: datetime required
    paid: boolean required
    team: -> Team
    friends: [Player]
    fan: -> User
  Extra:
    name: string filtered
    player: -> Player
features: [auth, history]
"""
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
LADDER = """
import sys
from alembic import command
from app.generated.migrating import configuration
config = configuration(sys.argv[1])
for step in sys.argv[2:]:
    getattr(command, step.split(":")[0])(config, *step.split(":")[1:])
"""
WHOLE = ("upgrade:head", "check", "downgrade:base", "upgrade:head", "check")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind, as applications name it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    return request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+pg8000://")


def climbs(folder: Path, url: str, *steps: str) -> None:
    """Runs Alembic's commands in one process of the application."""
    (folder / "ladder.py").write_text(LADDER)
    succeeds(folder, "ladder", url, *steps, environment=CHEAP)


def files(plan: Plan) -> dict[str, File]:
    return {each.path: each for each in database.render(plan)}


@pytest.mark.parametrize("text", ["blog", "shop", "clinic", CIRCLE], ids=("blog", "shop", "clinic", "circle"))
def test_migrations_go_up_down_and_up(text: str, url: str, tmp_path: Path) -> None:
    """The first migration makes what the models describe, takes it all away, and makes it again."""
    climbs(written(planned(text), tmp_path), url, *WHOLE)


def test_a_further_migration_goes_up_down_and_up(url: str, tmp_path: Path) -> None:
    """From the earlier schema to the present and back, without a difference to the models at its end."""
    plan = replace(planned(AFTER), earlier=(planned(BEFORE).schema,))
    climbs(written(plan, tmp_path), url, *WHOLE, "downgrade:0001", "upgrade:head", "check")


async def test_a_further_migration_keeps_the_rows(url: str, tmp_path: Path) -> None:
    """Rows stay, with values for what is required now, on the way there and on the way back."""
    before, after = planned(BEFORE), planned(AFTER)
    folder = written(before, tmp_path / "before")
    environment = {**CHEAP, "APP_DATABASE_URL": url}
    succeeds(folder, "app", "migrate", environment=environment)
    assert succeeds(folder, "app", "seed", environment=environment) == "20 rows were put in.\n"
    folder = written(replace(after, earlier=(before.schema,)), tmp_path / "after")
    climbs(folder, url, "upgrade:head", "check")
    found = await rows(url, "SELECT name, nick, kind, born, team_id, fan_id, paid FROM players ORDER BY id")
    assert len(found) == len({each[1] for each in found}) == 5
    assert {each[5] for each in found} == {1}
    assert all(each[4] in range(1, 6) and each[3] is not None and not each[6] for each in found)
    assert len(await rows(url, "SELECT DISTINCT motto FROM teams WHERE size >= 0")) == 5
    climbs(folder, url, "downgrade:0001")
    assert len(await rows(url, "SELECT fit FROM players WHERE name LIKE 'Name %'")) == 5
    assert await rows(url, "SELECT name FROM gones") == []


def test_what_was_rendered_stays_as_it_is() -> None:
    """Each schema adds one migration behind those that are there, whose bytes do not change; an equal one adds none."""
    first, second, third = planned(BEFORE), planned(AFTER), planned(CIRCLE)
    seen = dict[str, str]()
    for plan in (
        first,
        replace(second, earlier=(first.schema,)),
        replace(second, earlier=(first.schema, second.schema)),
        replace(third, earlier=(first.schema, second.schema)),
    ):
        found = {path: each.text for path, each in files(plan).items() if "/versions/" in path}
        assert seen.items() <= found.items()
        seen = found
    names = sorted(Path(each).stem for each in seen)
    assert [each[:4] for each in names] == ["0001", "0002", "0003"]
    assert f'down_revision = "{names[1]}"' in seen[f"backend/migrations/versions/{names[2]}.py"]


def test_documents_show_the_schema(requirements: str) -> None:
    """The SQL is that of the schema, and makes a database; the drawings name every table."""
    plan = planned(requirements)
    found = files(plan)
    for dialect in Dialect:
        assert found[f"docs/schema.{dialect}.sql"].text == script(up(plan.schema, dialect))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(found["docs/schema.sqlite.sql"].text)
        made = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert made - {"sqlite_sequence"} == {each.name for each in plan.schema.tables}
    assert all(
        name in found["docs/er.svg"].text and name in found["docs/er.mmd"].text for name in made - {"sqlite_sequence"}
    )


def test_first_data_is_json(requirements: str) -> None:
    """Each row names a table and its columns; nobody can sign in with what is there."""
    plan = planned(requirements)
    tables = {each.name: {column.name for column in each.columns} for each in plan.schema.tables}
    rows = json.loads(files(plan)["backend/migrations/seed.json"].text)
    assert {each["table"] for each in rows} == {
        each.name for each in plan.schema.tables if each.entity or each.relation
    }
    for each in rows:
        assert each["values"].keys() <= tables[each["table"]]
        assert each["values"].get("password_hash", "!") == "!"


async def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Asks the database, by another way than the application does."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()
    connection = await asyncpg.connect(url.replace("+pg8000", ""))
    try:
        return [tuple(each.values()) for each in await connection.fetch(query)]
    finally:
        await connection.close()

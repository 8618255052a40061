"""Migrations of rendered applications run on real databases, up and down, and keep the rows that are there."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import asyncpg
import pytest
import yaml

from headwater import proof
from headwater.synthesis.project import database, schema
from headwater.synthesis.project.ddl import Dialect, script, up
from headwater.synthesis.project.deployment.kubernetes import manifests
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
GUEST = Path(proof.__file__).parent / "guest" / "migrations.py"
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
    """The first migration makes what the models describe, takes it all away with its rows, and makes it again."""
    folder = written(planned(text), tmp_path)
    climbs(folder, url, *WHOLE)
    assert "rows were put in" in succeeds(folder, "app", "seed", environment={**CHEAP, "APP_DATABASE_URL": url})
    climbs(folder, url, "check", "downgrade:base", "upgrade:heads", "check")


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
    assert len(await rows(url, "SELECT fit FROM players WHERE name LIKE 'Player %'")) == 5
    assert await rows(url, "SELECT name FROM gones") == []


async def test_rows_of_the_first_layout_get_a_version(url: str, tmp_path: Path) -> None:
    """A project from before rows had versions goes on with all of them, there and back again."""
    plan = planned("entities:\n  Tag:\n    name: string required unique\n")
    folder = written(replace(plan, earlier=(schema.derive(plan.spec, layout=schema.FIRST_LAYOUT),)), tmp_path)
    climbs(folder, url, "upgrade:0001")
    await rows(url, "INSERT INTO tags (name) VALUES ('one'), ('two')")
    climbs(folder, url, "upgrade:head", "check")
    assert await rows(url, "SELECT name, row_version FROM tags ORDER BY id") == [("one", 1), ("two", 1)]
    climbs(folder, url, "downgrade:0001", "upgrade:head", "check")
    assert await rows(url, "SELECT name, row_version FROM tags ORDER BY id") == [("one", 1), ("two", 1)]


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


def test_a_migration_of_ones_own_goes_along_with_a_later_generated_one(url: str, tmp_path: Path) -> None:
    """The user's stays, both are heads, and his runs first on any database: it needs what the other drops.

    Both generations are those of the command line; the last step is what the proof runs.
    """
    environment = {**CHEAP, "APP_DATABASE_URL": url}
    folder = generated("Team:\n    name: string required\n    motto: string", tmp_path)
    succeeds(folder, "alembic", "revision", "--head", "heads", "--message", "shouts", environment=environment)
    (own,) = (folder / "migrations/versions").glob("own_*_shouts.py")
    before = own.read_text().replace("    pass", '    op.execute("UPDATE teams SET motto = upper(motto)")')
    own.write_text(before)
    succeeds(folder, "app", "migrate", environment=environment)
    generated("Team:\n    name: string required\n    size: integer", tmp_path)
    assert own.read_text() == before
    heads = succeeds(folder, "alembic", "heads", environment=environment).splitlines()
    assert len(heads) == 2
    succeeds(folder, "app", "migrate", environment=environment)
    assert len(succeeds(folder, "alembic", "current", "--check-heads", environment=environment).splitlines()) == 2
    guest = folder / "guest.py"
    guest.write_text(GUEST.read_text(encoding="utf-8"), encoding="utf-8")
    told = succeeds(folder, "guest", url, environment=environment)
    assert [line.split(":")[0] for line in told.splitlines() if ": " in line] == ["up", "down", "up again"]
    succeeds(folder, "alembic", "revision", "--head", "heads", "--message", "more", environment=environment)
    assert len(succeeds(folder, "alembic", "heads", environment=environment).splitlines()) == 1
    climbs(folder, url, "upgrade:heads", "check", "downgrade:base")
    succeeds(folder, "app", "migrate", environment=environment)


def test_a_pod_waits_for_the_migration_and_not_for_a_later_one(tmp_path: Path) -> None:
    """The command of the manifest ends when the database is where the code is, or ahead, and not before."""
    folder = written(planned("blog"), tmp_path)
    manifest = dict(manifests(planned("blog")))["deployment"]
    command = yaml.safe_load(manifest)["spec"]["template"]["spec"]["initContainers"][0]["command"]
    once = [*command[:-1], command[-1].replace("sleep 2", "exit 7")]
    url = f"sqlite:///{tmp_path / 'test.db'}"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    waits = partial(subprocess.call, once, cwd=folder, env={"PATH": path, "APP_DATABASE_URL": url})
    assert waits() == 7
    succeeds(folder, "app", "migrate", environment={**CHEAP, "APP_DATABASE_URL": url})
    assert waits() == 0
    with closing(sqlite3.connect(tmp_path / "test.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'later'")
    assert waits() == 0


def generated(entities: str, folder: Path) -> Path:
    """Generates a project, or its next version, as a user does; returns the folder of the backend."""
    text = folder / "requirements.yaml"
    text.write_text(f"entities:\n  {entities}\n", encoding="utf-8")
    told = ["--proof", "none", "--requirements", str(text), "--name", "own", "--out", str(folder / "own")]
    succeeds(folder, "headwater", "project", *told, environment=CHEAP)
    return folder / "own" / "backend"


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
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            return connection.execute(query).fetchall()
    connection = await asyncpg.connect(url.replace("+pg8000", ""))
    try:
        return [tuple(each.values()) for each in await connection.fetch(query)]
    finally:
        await connection.close()

"""How a store is opened, and what is said when it cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.errors import Code, Problem
from headwater.store import Create, RunQuery, RunRow, open_store
from tests.fixtures.postgres import SECRET, Server

ROW = RunRow(run="r1", method="m", owner="o", request=b"q", request_hash="h")


async def refusal(url: str) -> Problem:
    with pytest.raises(Problem) as refused:
        await open_store(url, holder="second")
    assert refused.value.message
    assert refused.value.remedy
    return refused.value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/tmp/x.db",
        "mysql://root:ebb-and-flow@host/x",
        "sqlite://x.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///folder/",
        "sqlite:///x.db?mode=ro",
        "sqlite:///x%00.db",
        "postgresql://ada:ebb-and-flow@host:port/x",
        "postgresql://ada:ebb-and-flow@[::1/x",
        "postgresql://ada:ebb/and-flow@host/x",
        "postgresql://ada:x@host/x?sslmode=ebb-and-flow",
        "postgresql://ada:x@host:99999999/x?password=ebb-and-flow",
    ],
)
async def test_a_url_that_names_no_store_is_refused(url: str) -> None:
    """The refusal shows how a URL looks, and nothing that may be a password."""
    problem = await refusal(url)
    assert (problem.code, problem.reason) == (Code.INVALID_ARGUMENT, "STORE_URL_INVALID")
    assert "sqlite:///" in problem.remedy or "postgresql://" in problem.remedy
    assert "flow" not in f"{problem}{problem.metadata}"
    assert problem.__cause__ is None


async def test_a_file_and_its_folders_are_made_for_the_user_alone(tmp_path: Path) -> None:
    """Folders 700, files 600; a folder that was there keeps its mode, and %20 is a space."""
    _share(tmp_path)
    store = await open_store(f"sqlite://{tmp_path}/a%20b/c/store.db", holder="test")
    await store.commit([Create(row=ROW)])
    modes = _modes(tmp_path)
    await store.close()
    files = dict.fromkeys(["store.db", "store.db.lock", "store.db-wal", "store.db-shm"], "0o600")
    assert modes == {".": "0o755", "a b": "0o700", "c": "0o700", **files}


def _share(folder: Path) -> None:
    folder.chmod(0o755)


def _modes(folder: Path) -> dict[str, str]:
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in folder.rglob("*")}
    return {".": oct(folder.stat().st_mode & 0o777), **modes}


async def test_what_was_committed_is_there_when_it_is_opened_again(database: str) -> None:
    """And the schema is not made a second time."""
    for expected in (True, False):
        store = await open_store(database, holder="test")
        assert await store.commit([Create(row=ROW)]) == [expected]
        assert await store.runs(RunQuery()) == [ROW]
        await store.close()


async def test_a_file_belongs_to_one_server(tmp_path: Path) -> None:
    """The second one is refused, also by way of a link, until the first has closed it."""
    file, link = tmp_path / "store.db", tmp_path / "link.db"
    first = await open_store(f"sqlite://{file}", holder="first-server")
    link.symlink_to(file)
    for name in (file, link):
        problem = await refusal(f"sqlite://{name}")
        assert (problem.code, problem.reason) == (Code.FAILED_PRECONDITION, "STORE_LOCKED")
        assert str(name) in problem.message
        assert "first-server" in problem.message
    await first.close()
    second = await open_store(f"sqlite://{file}", holder="second")
    await second.close()


async def test_a_refused_opening_leaves_no_lock(tmp_path: Path) -> None:
    """After the reason is gone, the same file opens."""
    file = tmp_path / "store.db"
    file.write_text("no database")
    await refusal(f"sqlite://{file}")
    file.unlink()
    store = await open_store(f"sqlite://{file}", holder="test")
    await store.close()


@pytest.mark.parametrize("content", [b"text", b"text that is longer than a header. " * 500])
async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """It is refused and keeps its content."""
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    problem = await refusal(f"sqlite://{file}")
    assert (problem.code, problem.reason) == (Code.FAILED_PRECONDITION, "STORE_NOT_A_DATABASE")
    assert str(file) in problem.message
    assert file.read_bytes() == content


async def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """It is refused, and no table is added."""
    file = tmp_path / "bookmarks.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    assert (await refusal(f"sqlite://{file}")).reason == "STORE_FOREIGN"
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    connection.close()


async def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file for a folder, a folder for a file, and a file system that takes no files."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "x.db", tmp_path / "folder", Path("/proc/headwater/x.db")):
        problem = await refusal(f"sqlite://{path}")
        assert (problem.code, problem.reason) == (Code.FAILED_PRECONDITION, "STORE_UNWRITABLE")
        assert str(path) in problem.message


def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    """As somebody who is not root."""
    tmp_path.chmod(0o500)
    program = f"""
import asyncio, os
from headwater.store.files import prepare_file
from headwater.errors import Problem
from pathlib import Path
if os.geteuid() == 0:
    os.setuid(65534)
try:
    prepare_file(Path({str(tmp_path)!r}, "x.db"))
except Problem as problem:
    print(problem.reason)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "STORE_UNWRITABLE"


async def test_a_newer_schema_is_refused(database: str) -> None:
    """An older version must not write what it does not understand."""
    from headwater.store.migrations import RECORD  # noqa: PLC0415 — this test alone looks inside

    store = await open_store(database, holder="test")
    await store.write([RECORD], [(99, "the future")])  # type: ignore[attr-defined]
    await store.close()
    problem = await refusal(database)
    assert (problem.code, problem.reason) == (Code.FAILED_PRECONDITION, "STORE_SCHEMA_NEWER")
    assert problem.metadata["found"] == "99"


async def test_an_older_schema_is_brought_up_to_date(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows that it holds stay."""
    from headwater.store import migrations  # noqa: PLC0415 — this test alone looks inside

    steps = migrations.STEPS
    monkeypatch.setattr(migrations, "STEPS", steps[:1])
    store = await open_store(database, holder="test")
    await store.commit([Create(row=ROW)])
    await store.close()
    monkeypatch.undo()
    store = await open_store(database, holder="test")
    assert await store.runs(RunQuery()) == [ROW]
    assert await store.read("SELECT number FROM headwater_schema ORDER BY number", []) == [  # type: ignore[attr-defined]
        (step.number,) for step in steps
    ]
    await store.close()


def test_the_steps_are_numbered_from_one() -> None:
    """A gap or a repetition would leave a step out."""
    from headwater.store.migrations import STEPS  # noqa: PLC0415 — this test alone looks inside

    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))


async def test_a_postgres_that_is_not_there_is_unreachable() -> None:
    """Nobody listens at port 1; the password is not repeated."""
    problem = await refusal("postgresql://ada:ebb-and-flow@127.0.0.1:1/x")
    assert (problem.code, problem.reason) == (Code.UNAVAILABLE, "STORE_UNREACHABLE")
    assert "127.0.0.1:1/x" in problem.message
    assert "flow" not in f"{problem}{problem.metadata}"


async def test_a_postgres_that_says_no_is_told_apart(postgres: Server) -> None:
    """A wrong password and a missing database are not an outage."""
    wrong = await refusal(postgres.url("postgres").replace(SECRET, "wrong-secret"))
    assert (wrong.code, wrong.reason) == (Code.FAILED_PRECONDITION, "STORE_ACCESS_DENIED")
    assert "wrong-secret" not in f"{wrong}{wrong.metadata}"
    missing = await refusal(postgres.url("nowhere"))
    assert (missing.code, missing.reason) == (Code.FAILED_PRECONDITION, "STORE_DATABASE_MISSING")


def test_without_asyncpg_the_extra_is_named() -> None:
    """A base install meets a postgresql:// URL."""
    program = """
import asyncio, sys
sys.modules["asyncpg"] = None
from headwater.errors import Problem
from headwater.store import open_store
try:
    asyncio.run(open_store("postgresql://host/x", holder="test"))
except Problem as problem:
    print(problem.reason, problem.remedy)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert "STORE_DRIVER_MISSING" in done.stdout
    assert "pip install headwater[postgres]" in done.stdout

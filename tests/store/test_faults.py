"""What a store keeps, and says, when something breaks."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import Code, Problem
from headwater.store import Append, Change, Claim, Create, EventRow, Prune, Renew, RunQuery, RunRow, State, open_store
from headwater.store.limits import Limits
from headwater.store.opening import open_store as open_with

ROW = RunRow(run="r1", method="m", owner="o", request=b"q", request_hash="h")


def batch(first: int, last: int, size: int = 10) -> list[EventRow]:
    return [EventRow(sequence, "chunk", b"x" * size) for sequence in range(first, last + 1)]


@pytest.mark.parametrize("lines", [1, 50, 200])
async def test_a_killed_writer_leaves_a_gapless_beginning_of_each_run(database: str, lines: int) -> None:
    """What it was told to be committed is there, nothing is torn, and the file opens at once for the next server."""
    writer = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("writer.py"), database, stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout
    told: dict[str, int] = {}
    for _ in range(lines):
        run, last = (await writer.stdout.readline()).split()
        told[run.decode()] = int(last)
    writer.kill()
    await writer.communicate()
    store = await open_store(database, holder="next")
    rows = await store.runs(RunQuery())
    assert len(rows) == 4
    for row in rows:
        events = await store.events(row.run, 0, 1_000_000)
        assert [event.sequence for event in events] == list(range(1, row.last_sequence + 1))
        assert all(event.payload == b"%d" % event.sequence * 50 for event in events)
        assert row.last_sequence >= told.get(row.run, 0)
        assert row.last_sequence % 10 == 0
        claim = Claim(run=row.run, epoch=1, holder="next", lease_until=1.0)
        go_on = Append(run=row.run, epoch=2, events=batch(row.last_sequence + 1, row.last_sequence + 1))
        assert await store.commit([claim, go_on]) == [True, True]
    await store.close()


async def test_of_two_servers_that_append_to_a_run_one_is_fenced(postgres_url: str) -> None:
    """However their transactions meet: each sequence is written once, and no append is half made."""
    stores = [await open_store(postgres_url, holder=f"s{n}") for n in range(2)]
    runs = [f"r{n}" for n in range(5)]
    await stores[0].commit([Create(row=replace(ROW, run=run)) for run in runs])
    for turn in range(20):
        first = turn * 3 + 1
        # In opposite orders, so that their locks would meet crosswise.
        orders = (runs, runs[::-1])
        answers = await asyncio.gather(
            *(
                store.commit([Append(run=run, epoch=1, events=batch(first, first + 2)) for run in order])
                for store, order in zip(stores, orders, strict=True)
            )
        )
        won = [sum(pair) for pair in zip(answers[0], answers[1][::-1], strict=True)]
        assert won == [1] * 5
    for run in runs:
        assert [event.sequence for event in await stores[1].events(run, 0, 100)] == list(range(1, 61))
    for store in stores:
        await store.close()


async def test_servers_that_start_together_make_one_schema(postgres_url: str) -> None:
    """Whoever comes second finds it made."""
    stores = await asyncio.gather(*(open_store(postgres_url, holder=f"s{n}") for n in range(4)))
    assert [await store.commit([Create(row=ROW)]) for store in stores] == [[True], [False], [False], [False]]
    for store in stores:
        await store.close()


async def test_a_lost_connection_is_replaced(postgres_url: str) -> None:
    """The commit that meets it says unreachable or is made; the next one works."""
    import asyncpg  # noqa: PLC0415 — only who tests with Postgres needs it

    store = await open_store(postgres_url, holder="test")
    admin: Any = await asyncpg.connect(postgres_url)
    terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'headwater test'"
    await store.commit([Create(row=ROW)])
    await admin.execute("BEGIN; LOCK TABLE headwater_runs")
    stuck = asyncio.ensure_future(store.commit([Append(run="r1", epoch=1, events=batch(1, 2))]))
    await _until_blocked(admin)
    assert await admin.fetch(terminate)
    with pytest.raises(Problem) as lost:
        await stuck
    assert (lost.value.code, lost.value.reason) == (Code.UNAVAILABLE, "STORE_UNREACHABLE")
    await admin.execute("ROLLBACK")
    assert await store.commit([Append(run="r1", epoch=1, events=batch(1, 2))]) == [True]
    assert await store.events("r1", 0, 10) == batch(1, 2)
    await admin.close()
    await store.close()


async def test_a_transaction_that_gave_way_is_made_again(postgres_url: str) -> None:
    """Two transactions wait for each other's run; the database ends ours, and the caller does not notice."""
    import asyncpg  # noqa: PLC0415 — only who tests with Postgres needs it

    store = await open_store(postgres_url, holder="test")
    await store.commit([Create(row=ROW), Create(row=replace(ROW, run="r2"))])
    admin: Any = await asyncpg.connect(postgres_url)
    await admin.execute("SET deadlock_timeout = '60s'")  # it is ours that looks for a deadlock first
    await admin.execute("BEGIN; UPDATE headwater_runs SET owner = 'x' WHERE run = 'r2'")
    claim = Claim(run="r2", epoch=1, holder="test", lease_until=1.0)
    commit = asyncio.ensure_future(store.commit([Append(run="r1", epoch=1, events=batch(1, 2)), claim]))
    await _until_blocked(admin)
    await admin.execute("UPDATE headwater_runs SET owner = 'x' WHERE run = 'r1'")
    await admin.execute("COMMIT")
    assert await commit == [True, True]
    assert {row.run: (row.owner, row.epoch) for row in await store.runs(RunQuery())} == {"r1": ("x", 1), "r2": ("x", 2)}
    assert await store.events("r1", 0, 10) == batch(1, 2)
    await admin.close()
    await store.close()


async def _until_blocked(admin: Any) -> None:
    """Waits until the store waits for a lock."""
    blocked = """
    SELECT count(*) FROM pg_stat_activity WHERE application_name = 'headwater test' AND wait_event_type = 'Lock'
    """
    while not await admin.fetchval(blocked):
        await admin.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction the view would stay as it was


async def test_a_full_database_refuses_and_recovers(tmp_path: Path) -> None:
    """The batch that does not fit is undone whole; when there is room again, the next one is made."""
    store: Any = await open_store(f"sqlite://{tmp_path}/store.db", holder="test")
    await store.commit([Create(row=ROW)])
    await store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 40").fetchall())
    with pytest.raises(Problem) as full:
        await store.commit([Create(row=replace(ROW, run="r2")), Append(run="r1", epoch=1, events=batch(1, 100, 5000))])
    assert (full.value.code, full.value.reason) == (Code.UNAVAILABLE, "STORE_UNWRITABLE")
    assert await store.runs(RunQuery()) == [ROW]
    await store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchall())
    assert await store.commit([Append(run="r1", epoch=1, events=batch(1, 100, 5000))]) == [True]
    await store.close()


def test_a_disk_that_takes_no_more_is_a_refusal(tmp_path: Path) -> None:
    """The real thing: the system refuses to let the file grow, in the middle of a commit."""
    program = f"""
import asyncio, resource
from headwater.errors import Problem
from headwater.store import Append, Create, EventRow, RunQuery, RunRow, open_store

async def main():
    store = await open_store("sqlite://{tmp_path}/store.db", holder="test")
    await store.commit([Create(row=RunRow(run="r1", method="m", owner="o", request=b"q", request_hash="h"))])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    append = Append(run="r1", epoch=1, events=[EventRow(n, "k", b"x" * 50_000) for n in range(1, 20)])
    try:
        await store.commit([append])
    except Problem as problem:
        print(problem.code.name, problem.reason)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    print(await store.commit([append]), len(await store.events("r1", 0, 100)))
    await store.close()

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["UNAVAILABLE STORE_UNWRITABLE", "[True] 19"], done.stderr


async def test_a_damaged_file_is_called_damaged(tmp_path: Path) -> None:
    """Not a traceback, and not an empty answer."""
    file = tmp_path / "store.db"
    store = await open_store(f"sqlite://{file}", holder="test")
    await store.commit([Create(row=ROW), Append(run="r1", epoch=1, events=batch(1, 500, 100))])
    await store.close()
    content = bytearray(file.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    file.write_bytes(content)
    with pytest.raises(Problem) as damaged:
        await _read_all(f"sqlite://{file}")
    assert (damaged.value.code, damaged.value.reason) == (Code.DATA_LOSS, "STORE_DAMAGED")


async def test_prune_gives_space_back_and_lets_appends_through(tmp_path: Path) -> None:
    """The file shrinks, and commits are made while the deleting goes on."""
    file = tmp_path / "store.db"
    store = await open_with(f"sqlite://{file}", holder="test", limits=Limits(prune_chunk=100, vacuum_pages=50))
    await store.commit([Create(row=ROW), Create(row=replace(ROW, run="r2"))])
    await store.commit([Append(run="r1", epoch=1, events=batch(1, 5000, 1000), state=State.FAILED, ended=1.0)])
    await store.close()
    full = file.stat().st_size
    store = await open_with(f"sqlite://{file}", holder="test", limits=Limits(prune_chunk=100, vacuum_pages=50))
    pruning = asyncio.ensure_future(store.commit([Prune(runs_before=0, events_before=2)]))
    done = 0
    while not pruning.done():
        done += 1
        assert await store.commit([Append(run="r2", epoch=1, events=batch(done, done))]) == [True]
    assert done > 10
    await store.close()
    assert full > 5_000_000
    assert file.stat().st_size < full / 10


async def test_the_log_is_kept_small(tmp_path: Path) -> None:
    """It is copied into the database as it grows, and cut to its limit."""
    limits = Limits(checkpoint_pages=50, log_bytes=400_000)
    store = await open_with(f"sqlite://{tmp_path}/store.db", holder="test", limits=limits)
    await store.commit([Create(row=ROW)])
    for first in range(1, 2000, 20):
        await store.commit([Append(run="r1", epoch=1, events=batch(first, first + 19, 1000))])
        await store.events("r1", first, 5)
    assert (tmp_path / "store.db-wal").stat().st_size <= limits.log_bytes
    await store.close()


async def test_both_databases_give_the_same_answers(tmp_path: Path, postgres_url: str) -> None:
    """Whatever is asked of them in whatever batches, answers and rows are equal."""
    dice = random.Random(20)
    stores = [await open_store(url, holder="test") for url in (f"sqlite://{tmp_path}/store.db", postgres_url)]
    refused = 0
    for _ in range(150):
        changes = [_any_change(dice) for _ in range(dice.randint(1, 12))]
        answers = [list(await store.commit(changes)) for store in stores]
        assert answers[0] == answers[1], changes
        refused += answers[0].count(False)
        rows = [await store.runs(RunQuery(limit=1000)) for store in stores]
        assert rows[0] == rows[1], changes
    assert refused > 100
    for row in rows[0]:
        events = [await store.events(row.run, 0, 1000) for store in stores]
        assert events[0] == events[1]
    for store in stores:
        await store.close()


async def _read_all(url: str) -> None:
    store = await open_store(url, holder="test")
    try:
        await store.events("r1", 0, 1000)
    finally:
        await store.close()


def _any_change(dice: random.Random) -> Change:
    run, epoch, now = f"r{dice.randint(0, 9)}", dice.choice((1, 1, 1, 2, 3)), float(dice.randint(0, 100))
    first = dice.choice((1, 1, 2, 3, 4, 5, 6))
    match dice.randint(0, 11):
        case 0 | 1 | 2:
            key = dice.choice(("", "", "k1", "k2"))
            return Create(row=replace(ROW, run=run, idempotency_key=key, holder=dice.choice("ab"), created=now))
        case 3:
            return Claim(run=run, epoch=epoch, holder=dice.choice("ab"), lease_until=now)
        case 4:
            return Renew(holder=dice.choice("ab"), lease_until=now)
        case 5:
            return Prune(runs_before=now / 2, events_before=now)
        case 6:
            return Append(run=run, epoch=epoch, events=(), state=State.COMPLETED, ended=now, error=b"e")
        case _:
            state = dice.choice((None, None, State.RUNNING, State.FAILED))
            return Append(run=run, epoch=epoch, events=batch(first, first + dice.randint(0, 2)), state=state, ended=now)

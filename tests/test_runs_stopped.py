"""When the journal or the care for leases meets a fault that time does not mend, nobody is left waiting."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from headwater.errors import Code, Problem, problem
from headwater.rpc.rooms import room_of
from headwater.store import Append, EventRow, Renew, RunQuery, State, Store
from headwater.store.opening import open_store
from tests.test_runs import POLICY, House, chunk, complete, ended_row, house, read_all, start

FAULTS = [
    sqlite3.OperationalError("disk I/O error"),
    ZeroDivisionError("a bug"),
    problem(Code.DATA_LOSS, "STORE_DAMAGED", "The database is damaged."),
]


class Broken:
    """A real store that can break: what it is then asked to commit fails in a way that no retry mends."""

    def __init__(self, store: Store, kind: type) -> None:
        self._store = store
        self._kind = kind
        self.fault: Exception | None = None
        self.runs, self.events, self.close = store.runs, store.events, store.close

    async def commit(self, changes: Any) -> Any:
        if self.fault is not None and any(isinstance(change, self._kind) for change in changes):
            raise self.fault
        return await self._store.commit(changes)


async def idles(request: Any, emit: Any, tools: Any) -> None:
    await emit(start())
    await asyncio.Event().wait()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_a_fault_of_the_journal_ends_every_run_towards_its_readers(fault: Exception) -> None:
    """Also a run that writes nothing at the time; the next process adopts them all and misses nothing."""
    store = Broken(await open_store("sqlite://:memory:", holder="test"), Append)
    go_on = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        if not emit.past:
            await emit(start())
        await go_on.wait()
        await emit(chunk("one"))
        await emit(complete())

    async with house(work, store=store) as built:
        tending = asyncio.create_task(built.runs.tend())
        busy = await built.start()
        built.method = replace(built.method, handler=idles)
        quiet = await built.start()
        for watch in (busy, quiet):
            assert len(await watch.read()) == 1
        reading = [asyncio.create_task(watch.read()) for watch in (busy, quiet)]
        store.fault = fault
        go_on.set()
        for each in reading:
            with pytest.raises(Problem) as told:
                await each
            assert (told.value.code, told.value.reason) == (Code.UNAVAILABLE, "RUNS_STOPPED")
        with pytest.raises(type(fault)):
            await tending
        with pytest.raises(Problem) as refused:
            await built.start()
        assert refused.value.reason == "NOT_SERVING"
    store.fault = None
    async with house(work, store=store) as after:
        await after.runs.adopt(everything=True)
        for watch in (busy, quiet):
            seen = await read_all(await after.runs.watch(watch.run, "me", 0))
            assert seen == [(1, "start"), (2, "chunk"), (3, "complete")]
    await store.close()


async def test_a_fault_of_the_leases_is_as_grave() -> None:
    """Whoever cannot hold his runs must not carry them: another process would carry them too."""
    store = Broken(await open_store("sqlite://:memory:", holder="test"), Renew)
    async with house(idles, replace(POLICY, lease_seconds=0.03), store=store) as built:
        tending = asyncio.create_task(built.runs.tend())
        watch = await built.start()
        assert len(await watch.read()) == 1
        store.fault = TypeError("a bug")
        with pytest.raises(Problem) as told:
            await watch.read()
        assert told.value.code is Code.UNAVAILABLE
        with pytest.raises(TypeError):
            await tending
    await store.close()


async def test_a_run_that_has_not_begun_is_refused_and_not_left_waiting() -> None:
    """A call whose first event is never committed is told so."""
    store = Broken(await open_store("sqlite://:memory:", holder="test"), Append)
    async with house(idles, store=store) as built:
        tending = asyncio.create_task(built.runs.tend())
        store.fault = ZeroDivisionError("a bug")
        with pytest.raises(Problem) as told:
            await built.start()
        assert told.value.code is Code.UNAVAILABLE
        with pytest.raises(ZeroDivisionError):
            await tending
    await store.close()


async def test_a_run_that_is_stopped_before_its_first_step_answers_its_caller() -> None:
    """A server that ends in the very moment of a call refuses it as one to be tried again."""
    async with house(idles) as built:
        calling = asyncio.create_task(built.start())
        while not built.runs._live:  # noqa: ASYNC110 — the moment is between two steps of the loop
            await asyncio.sleep(0)
        (live,) = built.runs._live.values()
        live._cancel("shutdown", "The server shut down.")
        with pytest.raises(Problem) as told:
            await calling
        assert (told.value.code, told.value.reason) == (Code.UNAVAILABLE, "NOT_SERVING")


async def test_a_cancel_after_the_deadline_cuts_no_clean_up_short() -> None:
    """Whoever cancels a run whose time is over waits for its end, and the clean-up is whole."""
    cleaning, release = asyncio.Event(), asyncio.Event()
    cleaned = False

    async def work(request: Any, emit: Any, tools: Any) -> None:
        nonlocal cleaned
        await emit(start())
        try:
            await asyncio.Event().wait()
        finally:
            cleaning.set()
            await release.wait()
            cleaned = True

    async with house(work, replace(POLICY, run_seconds=0.01)) as built:
        watch = await built.start()
        await cleaning.wait()
        cancelling = asyncio.create_task(built.runs.cancel(watch.run, "me", "enough"))
        asyncio.get_running_loop().call_later(0.01, release.set)
        row = await cancelling
        assert cleaned
        assert (row.state, b"RUN_TIMEOUT" in row.error) == (State.FAILED, True)


class SlowRoom:
    """A room whose clean-up takes a moment."""

    def __init__(self, closing: asyncio.Event, release: asyncio.Event) -> None:
        self.closing, self.release, self.closed = closing, release, False

    async def close(self) -> None:
        self.closing.set()
        await self.release.wait()
        self.closed = True


async def test_a_room_is_closed_whole_however_often_its_run_is_cancelled() -> None:
    """Processes and folders of strangers' code are gone before the cancellation goes on."""
    room = SlowRoom(asyncio.Event(), asyncio.Event())

    async def opened() -> Any:
        return room

    async def work() -> None:
        async with room_of(opened()):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await room.closing.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    room.release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert room.closed


@pytest.mark.parametrize("spoiled", ["request", "event"])
async def test_a_run_that_cannot_be_read_is_ended_and_holds_nobody_up(spoiled: str) -> None:
    """What another version or a broken disk left ends with DATA_LOSS; the server starts, and adopts the others."""
    store = await open_store("sqlite://:memory:", holder="test")
    first = House(store, idles, POLICY)
    watches = [await first.start() for _ in range(2)]
    bad, good = (watch.run for watch in watches)
    if spoiled == "event":
        append = Append(run=bad, epoch=1, events=[EventRow(2, "chunk", b"\xff\xff")])
        assert await store.commit([append]) == [True]
    else:
        held: Any = store
        await held.write(["UPDATE headwater_requests SET request = $1 WHERE run = $2"], [(b"\xff\xff", bad)])

    async def goes_on(request: Any, emit: Any, tools: Any) -> None:
        await emit(complete())

    async with house(goes_on, store=store) as second:
        await second.runs.adopt(everything=True)
        assert (await ended_row(second, good)).state is State.COMPLETED
        row = await ended_row(second, bad)
        assert (row.state, b"RUN_UNREADABLE" in row.error) == (State.FAILED, True)
    await first.runs.drain(0)
    await first.journal.close()
    await store.close()


async def test_a_reader_by_way_of_the_store_counts_once_its_run_is_adopted_here() -> None:
    """It reads on without a gap, and the run is not given up for want of readers."""
    store = await open_store("sqlite://:memory:", holder="test")
    adopted = asyncio.Event()

    async def goes_on(request: Any, emit: Any, tools: Any) -> None:
        adopted.set()
        await asyncio.Event().wait()

    policy = replace(POLICY, poll_seconds=0.005)
    first = House(store, idles, policy)
    watch = await first.start()
    async with house(goes_on, policy, store=store) as second:
        remote = await second.runs.watch(watch.run, "me", 1)
        reading = asyncio.create_task(remote.read())
        await second.runs.adopt(everything=True)
        await adopted.wait()
        (live,) = second.runs._live.values()
        while live._leaving is not None:  # noqa: ASYNC110 — the reader comes when it next looks at the store
            await asyncio.sleep(0.001)
        assert live._readers == {remote}
        await second.runs.cancel(watch.run, "me", "enough")
        assert [row.kind for row in await reading] == ["cancelled"]
    await first.runs.drain(0)
    await first.journal.close()
    await store.close()


async def test_a_reader_of_an_earlier_attempt_does_not_stop_the_next() -> None:
    """Only who reads a run can leave it."""
    async with house(idles, replace(POLICY, detach=False)) as built:
        watch = await built.start()
        stranger = built.runs._watch(watch.row, 0)
        (live,) = built.runs._live.values()
        live._readers.clear()
        await live.leave(stranger)
        assert (await built.runs.find(watch.run, "me")).state is State.RUNNING


async def test_a_run_in_the_queue_can_be_watched() -> None:
    """Its place is an event like any other, and its reader sees it go on when its turn comes."""
    go_on = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        async with emit.turn():
            await go_on.wait()
        await emit(complete())

    async with house(work, slots=1, queue=1) as built:
        first, waiting = await built.start(), await built.start()
        other = await built.runs.watch(waiting.run, "me", 0)
        seen = [row.kind for row in await other.read()]
        while "queued" not in seen:
            seen += [row.kind for row in await other.read()]
        assert (await built.runs.find(waiting.run, "me")).state is State.QUEUED
        reading = asyncio.create_task(read_all(other))
        go_on.set()
        assert [kind for _, kind in await reading] == ["complete"]
        assert (await read_all(waiting))[-1] == (3, "complete")
        assert (await read_all(first))[-1] == (2, "complete")


async def test_a_text_that_no_database_holds_spoils_nobody_elses_commit() -> None:
    """An owner with a NUL in its name is refused before anything of its run is written."""
    async with house(idles) as built:
        with pytest.raises(Problem) as told:
            await built.runs.start(built.method, built.method.request(), "me\0")
        assert told.value.reason == "STORE_TEXT_INVALID"
        assert await built.runs.list(RunQuery()) == []
        assert len(await (await built.start()).read()) == 1

"""A run survives what stores, readers and callers do at the wrong moment."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import Any

import pytest

from headwater.errors import Code, Problem
from headwater.store import State, Store
from headwater.store.opening import open_store
from headwater.v1 import generate_tests_pb2 as pb
from tests.test_runs import POLICY, chunk, complete, ended_row, house, read_all, start


class Flaky:
    """A real store that can be away: its commits then fail as those of a lost connection do."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = 0.0
        """So many of the next commits fail."""
        self.runs, self.events, self.close = store.runs, store.events, store.close

    async def commit(self, changes: Any) -> Any:
        if self.away:
            self.away -= 1
            raise Problem(Code.UNAVAILABLE, "STORE_UNREACHABLE", "The store is away.")
        return await self._store.commit(changes)


async def test_a_store_that_is_away_for_a_moment_costs_nothing() -> None:
    """The batch waits and is committed when the store is back; nothing is lost, doubled or reordered."""
    store = Flaky(await open_store("sqlite://:memory:", holder="test"))
    go_on = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await go_on.wait()
        await emit(chunk("one"))
        await emit(complete())

    async with house(work, store=store, retry_seconds=60) as built:
        watch = await built.start()
        store.away = 2
        go_on.set()
        assert await read_all(watch) == [(1, "start"), (2, "chunk"), (3, "complete")]
    await store.close()


async def test_a_store_that_is_away_too_long_leaves_no_zombie() -> None:
    """The reader is told, and the run is taken over and brought to its end once the store is back."""
    store = Flaky(await open_store("sqlite://:memory:", holder="test"))
    go_on = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        if not emit.past:
            await emit(start())
            await go_on.wait()
        await emit(chunk("one"))
        await emit(complete())

    async with house(work, replace(POLICY, lease_seconds=0.05), store=store) as built:
        watch = await built.start()
        await watch.read()
        store.away = math.inf
        go_on.set()
        with pytest.raises(Problem) as told:
            await watch.read()
        assert told.value.reason == "STORE_UNREACHABLE"
        store.away = 0
        tending = asyncio.create_task(built.runs.tend())
        row = await ended_row(built, watch.run)
        tending.cancel()
        assert row.state is State.COMPLETED
        assert [kind for _, kind in await read_all(await built.runs.watch(watch.run, "me", 0))][-1] == "complete"
    await store.close()


async def test_a_reader_elsewhere_waits_for_the_end() -> None:
    """A run that lives in another process is read to its terminal event, however quiet it is meanwhile."""
    store = await open_store("sqlite://:memory:", holder="test")
    go_on = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await go_on.wait()
        await emit(complete())

    policy = replace(POLICY, poll_seconds=0.01)
    async with house(work, policy, store=store) as here, house(work, policy, store=store) as there:
        watch = await here.start()
        remote = await there.runs.watch(watch.run, "me", 0)
        assert [row.kind for row in await remote.read()] == ["start"]
        assert await remote.read(0.05) == ()
        assert not remote.ended
        reading = asyncio.create_task(read_all(remote))
        go_on.set()
        assert await reading == [(2, "complete")]
    await store.close()


@pytest.mark.parametrize("name", ["deadline", "detach_grace"])
async def test_no_duration_takes_a_place_for_good(name: str) -> None:
    """Durations beyond what a clock can count are bounded, negative ones refused; neither leaks a place."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await emit(complete())

    async with house(work, slots=1, queue=0) as built:
        for seconds in (10**12, -5, 10**12):
            request = pb.GenerateTestsRequest()
            getattr(request.run_options, name).seconds = seconds
            if seconds < 0:
                with pytest.raises(Problem) as refusal:
                    await built.runs.start(built.method, request, "me")
                assert refusal.value.violations[0].field == f"run_options.{name}"
            else:
                assert len(await read_all(await built.runs.start(built.method, request, "me"))) == 2


async def test_a_second_cancel_does_not_cut_the_clean_up_short() -> None:
    """Whoever cancels after the first waits for the same end, and the first one's reason stands."""
    cleaned = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)
            cleaned.set()

    async with house(work) as built:
        watch = await built.start()
        rows = await asyncio.gather(*(built.runs.cancel(watch.run, "me", reason) for reason in ("first", "second")))
        assert cleaned.is_set()
        assert [row.state for row in rows] == [State.CANCELLED] * 2
        (_, row) = await watch.read()
        assert pb.GenerateTestsEvent.FromString(row.payload).cancelled.message == "first"


async def test_a_reused_key_whose_events_are_gone_is_told_so() -> None:
    """Attaching by key to a run whose events were pruned is OUT_OF_RANGE, not a wait without end."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await emit(complete())

    async with house(work, replace(POLICY, keep_events_seconds=-1)) as built:
        await read_all(await built.start(idempotency_key="k"))
        await built.runs._prune()
        with pytest.raises(Problem) as refusal:
            await built.start(idempotency_key="k")
        assert refusal.value.reason == "CURSOR_TOO_OLD"


class Late:
    """A real store that can keep the answer to a commit back, as a busy machine does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.answers = asyncio.Event()
        self.answers.set()
        self.runs, self.events, self.close = store.runs, store.events, store.close

    async def commit(self, changes: Any) -> Any:
        made = await self._store.commit(changes)
        await self.answers.wait()
        return made


async def test_a_cursor_from_the_store_is_not_ahead_of_the_process_that_writes() -> None:
    """An event may be read from the store in the moment before its writer hears of it: its reader can come back."""
    store = Late(await open_store("sqlite://:memory:", holder="test"))
    go_on = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await go_on.wait()
        await emit(complete())

    async with house(work, store=store) as built:
        watch = await built.start()
        store.answers.clear()
        go_on.set()
        while not await store.events(watch.run, 1, 1):
            pass
        assert (await built.runs.find(watch.run, "me")).last_sequence == 1
        again = await built.runs.watch(watch.run, "me", 2)
        assert (again.ended, again.behind) == (True, 0)
        with pytest.raises(Problem) as ahead:
            await built.runs.watch(watch.run, "me", 3)
        assert ahead.value.reason == "CURSOR_AHEAD"
        store.answers.set()
        assert await read_all(watch) == [(1, "start"), (2, "complete")]
    await store.close()

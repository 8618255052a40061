"""A run ends with exactly one terminal event, its journal has no gap, and its readers miss nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from headwater.errors import Code, Problem, problem
from headwater.journal import Journal
from headwater.methods import Method, load_methods
from headwater.metrics import Metrics, Rpc
from headwater.policy import RunPolicy
from headwater.runs import RunService
from headwater.store import RunQuery, State, Store
from headwater.store.opening import open_store
from headwater.turns import Turns
from headwater.v1 import generate_tests_pb2 as pb
from headwater.v1 import runs_pb2
from headwater.watch import Watch

POLICY = RunPolicy(
    run_seconds=30,
    detach=True,
    detach_seconds=5,
    window_events=8,
    lease_seconds=30,
    max_adoptions=2,
    keep_events_seconds=3600,
    keep_runs_seconds=7200,
)
Work = Callable[[pb.GenerateTestsRequest, Any, Any], Awaitable[None]]


def start() -> pb.GenerateTestsEvent:
    return pb.GenerateTestsEvent(start=pb.GenerateTestsStart(module="cart"))


def chunk(text: str) -> pb.GenerateTestsEvent:
    return pb.GenerateTestsEvent(chunk=pb.Chunk(content=text))


def complete() -> pb.GenerateTestsEvent:
    return pb.GenerateTestsEvent(complete=pb.GenerateTestsComplete(success=True))


class House:
    """A run service on a store, with one method whose orchestrator the test writes."""

    def __init__(
        self,
        store: Store,
        work: Work,
        policy: RunPolicy,
        *,
        slots: int = 4,
        queue: int = 4,
        retry_seconds: float = 0.3,
    ) -> None:
        methods = load_methods()
        self.method: Method = replace(methods["GenerateTests"], handler=work)
        rpcs = [Rpc(service=each.service, name=each.name, streams=True) for each in methods.values()]
        metrics = Metrics(rpcs=rpcs, version="test")
        self.journal = Journal(
            store, commit_seconds=0.002, max_pending=50, retry_seconds=retry_seconds, observe=metrics.committed
        )
        self.turns = Turns(slots=slots, queue=queue, metrics=metrics)
        self.runs = RunService(
            store=store,
            journal=self.journal,
            turns=self.turns,
            methods={**methods, "GenerateTests": self.method},
            policy=policy,
            holder="this",
            metrics=metrics,
        )
        self.runs.equip(object())  # type: ignore[arg-type] — these orchestrators use no tools
        self.journal.start()

    async def start(self, **options: Any) -> Watch:
        request = pb.GenerateTestsRequest(run_options=runs_pb2.RunOptions(**options))
        return await self.runs.start(self.method, request, "me")


@asynccontextmanager
async def house(
    work: Work, policy: RunPolicy = POLICY, *, store: Store | None = None, **options: Any
) -> AsyncIterator[House]:
    opened = store or await open_store("sqlite://:memory:", holder="test")
    built = House(opened, work, policy, **options)
    try:
        yield built
    finally:
        await built.runs.drain(0)
        await built.journal.close()
        if store is None:
            await opened.close()


async def read_all(watch: Watch) -> list[tuple[int, str]]:
    seen: list[tuple[int, str]] = []
    while rows := await watch.read():
        seen += [(row.sequence, row.kind) for row in rows]
    await watch.close()
    return seen


async def ended_row(built: House, run: str) -> Any:
    """Waits until a run has ended."""
    while not (row := await built.runs.find(run, "me")).state.ended:  # noqa: ASYNC110 — it may end in any process
        await asyncio.sleep(0.005)
    return row


async def test_a_run_is_numbered_without_a_gap_and_ends_once() -> None:
    """Events are numbered 1, 2, 3 … and the terminal one is the last; a late reader sees the same."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        for number in range(100):
            await emit(chunk(str(number)))
        await emit(complete())

    async with house(work) as built:
        watch = await built.start()
        seen = await read_all(watch)
        assert [sequence for sequence, _ in seen] == list(range(1, 103))
        assert [kind for _, kind in seen] == ["start", *["chunk"] * 100, "complete"]
        again = await read_all(await built.runs.watch(watch.run, "me", 0))
        assert again == seen
        assert await read_all(await built.runs.watch(watch.run, "me", 99)) == seen[99:]
        row = await built.runs.find(watch.run, "me")
        assert (row.state, row.last_sequence) == (State.COMPLETED, 102)


@pytest.mark.parametrize(
    ("failure", "reason", "code"),
    [
        (problem(Code.FAILED_PRECONDITION, "NO_TESTS", "None."), "NO_TESTS", 9),
        (ZeroDivisionError("oops"), "INTERNAL", 13),
        (TimeoutError(), "INTERNAL", 13),
    ],
)
async def test_a_failure_becomes_the_terminal_error(failure: Exception, reason: str, code: int) -> None:
    """Whatever the orchestrator raises after its first event ends the run with `error`, and nothing leaks out."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        raise failure

    async with house(work) as built:
        watch = await built.start()
        assert [kind for _, kind in await read_all(watch)] == ["start", "error"]
        rows = await built.runs.list(RunQuery(run=watch.run))
        assert rows[0].state is State.FAILED
        final = await built.runs.watch(watch.run, "me", 1)
        (row,) = await final.read()
        error = pb.GenerateTestsEvent.FromString(row.payload).error
        assert (error.reason, error.error.code) == (reason, code)
        assert "oops" not in str(error)


async def test_an_orchestrator_that_forgets_its_end_is_ended() -> None:
    """A run whose orchestrator returns without a terminal event ends with INTERNAL, not silence."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())

    async with house(work) as built:
        assert [kind for _, kind in await read_all(await built.start())] == ["start", "error"]


async def test_a_problem_before_the_first_event_refuses_the_call() -> None:
    """Nothing is journaled of a request that was refused, and its slot is free again."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        raise problem(Code.INVALID_ARGUMENT, "SOURCE_EMPTY", "Nothing.")

    async with house(work, slots=1, queue=0) as built:
        for _ in range(3):
            with pytest.raises(Problem) as refusal:
                await built.start()
            assert refusal.value.reason == "SOURCE_EMPTY"
        assert await built.runs.list(RunQuery(owner="me")) == []


async def test_cancel_ends_with_cancelled_and_is_idempotent() -> None:
    """CancelRun brings the terminal `cancelled` with its origin; a second one changes nothing."""
    closed = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        try:
            await asyncio.Event().wait()
        finally:
            closed.set()

    async with house(work) as built:
        watch = await built.start()
        row = await built.runs.cancel(watch.run, "me", "enough")
        assert row.state is State.CANCELLED
        assert closed.is_set()
        assert [kind for _, kind in await read_all(watch)] == ["start", "cancelled"]
        assert (await built.runs.cancel(watch.run, "me", "again")).last_sequence == 2


async def test_another_caller_sees_no_run() -> None:
    """A run of another owner does not exist: not to find, watch or cancel."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await emit(complete())

    async with house(work) as built:
        watch = await built.start()
        await read_all(watch)
        for call in (
            built.runs.find(watch.run, "you"),
            built.runs.watch(watch.run, "you", 0),
            built.runs.cancel(watch.run, "you", ""),
        ):
            with pytest.raises(Problem) as refusal:
                await call
            assert refusal.value.reason == "RUN_NOT_FOUND"


@pytest.mark.parametrize(("grace", "kind"), [(None, "cancelled"), (0.0, "cancelled")])
async def test_the_last_reader_to_leave_sets_off_the_policy(grace: float | None, kind: str) -> None:
    """With `cancel` the run ends at once, with `detach` after its grace."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await asyncio.Event().wait()

    policy = replace(POLICY, detach=grace is not None, detach_seconds=grace or 0)
    async with house(work, policy) as built:
        watch = await built.start()
        other = await built.runs.watch(watch.run, "me", 0)
        await watch.close()
        assert (await built.runs.find(watch.run, "me")).state is State.RUNNING
        last = await built.runs.watch(watch.run, "me", 0)
        await other.close()
        await last.close()
        await ended_row(built, watch.run)
        assert (await read_all(await built.runs.watch(watch.run, "me", 1)))[-1][1] == kind


async def test_a_reader_that_comes_back_in_time_keeps_the_run() -> None:
    """A detached run goes on for a reader that resumes within the grace."""
    go_on = asyncio.Event()

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await go_on.wait()
        await emit(complete())

    async with house(work) as built:
        watch = await built.start()
        assert len(await watch.read()) == 1
        await watch.close()
        again = await built.runs.watch(watch.run, "me", 1)
        go_on.set()
        assert await read_all(again) == [(2, "complete")]


async def test_the_same_idempotency_key_shares_one_run() -> None:
    """Concurrent and later requests with one key attach to one run; another body under it is refused."""
    started = 0

    async def work(request: Any, emit: Any, tools: Any) -> None:
        nonlocal started
        started += 1
        await emit(start())
        await emit(complete())

    async with house(work) as built:
        watches = await asyncio.gather(*(built.start(idempotency_key="k") for _ in range(5)))
        assert len({watch.run for watch in watches}) == 1
        assert [await read_all(watch) for watch in watches] == [[(1, "start"), (2, "complete")]] * 5
        assert (await built.start(idempotency_key="k")).run == watches[0].run
        assert started == 1
        other = pb.GenerateTestsRequest(seed=7, run_options=runs_pb2.RunOptions(idempotency_key="k"))
        with pytest.raises(Problem) as refusal:
            await built.runs.start(built.method, other, "me")
        assert refusal.value.reason == "IDEMPOTENCY_KEY_REUSED"


async def test_cursors_outside_the_journal_are_refused() -> None:
    """A cursor beyond the newest event, or before the oldest that is kept, is OUT_OF_RANGE with what there is."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await emit(complete())

    async with house(work, replace(POLICY, keep_events_seconds=-1)) as built:
        watch = await built.start()
        await read_all(watch)
        with pytest.raises(Problem) as ahead:
            await built.runs.watch(watch.run, "me", 3)
        assert ahead.value.reason == "CURSOR_AHEAD"
        await built.runs._prune()
        with pytest.raises(Problem) as old:
            await built.runs.watch(watch.run, "me", 0)
        assert (old.value.code, old.value.metadata["oldest"]) == (Code.OUT_OF_RANGE, "3")
        assert (await built.runs.watch(watch.run, "me", 2)).ended


async def test_more_runs_than_slots_wait_and_are_told_their_place() -> None:
    """The queue is fair, tells each run its place, and refuses with a time to come back when it is full."""
    go_on = asyncio.Event()
    order: list[int] = []

    async def work(request: pb.GenerateTestsRequest, emit: Any, tools: Any) -> None:
        await emit(start())
        async with emit.turn():
            order.append(request.seed)
            await go_on.wait()
        await emit(complete())

    async with house(work, slots=1, queue=2) as built:
        requests = [pb.GenerateTestsRequest(seed=number) for number in range(4)]
        watches = [await built.runs.start(built.method, request, "me") for request in requests[:3]]
        with pytest.raises(Problem) as full:
            await built.runs.start(built.method, requests[3], "me")
        assert (full.value.code, full.value.reason) == (Code.RESOURCE_EXHAUSTED, "QUEUE_FULL")
        assert (full.value.retry_after_seconds or 0) >= 1
        go_on.set()
        seen = [await read_all(watch) for watch in watches]
        assert [kind for _, kind in seen[0]] == ["start", "complete"]
        assert [kind for _, kind in seen[1]][:2] == ["start", "queued"]
        assert [kind for _, kind in seen[2]].count("queued") >= 1
        assert order == [0, 1, 2]


async def test_a_run_that_takes_too_long_is_ended() -> None:
    """The caller's deadline, if it is shorter than the server's limit, ends the run with DEADLINE_EXCEEDED."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await asyncio.Event().wait()

    async with house(work) as built:
        request = pb.GenerateTestsRequest()
        request.run_options.deadline.FromMilliseconds(30)
        watch = await built.runs.start(built.method, request, "me")
        assert (await read_all(watch))[-1][1] == "error"
        row = await built.runs.find(watch.run, "me")
        assert b"RUN_TIMEOUT" in row.error


async def test_a_dead_process_run_is_adopted_and_carried_on() -> None:
    """What a crash left behind goes on where the journal ends: no gap, no repeat, and the past is handed over."""
    store = await open_store("sqlite://:memory:", holder="test")
    reached = asyncio.Event()

    async def dies(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        await emit(chunk("one"))
        reached.set()
        await asyncio.Event().wait()

    async def goes_on(request: Any, emit: Any, tools: Any) -> None:
        assert [event.WhichOneof("event") for event in emit.past] == ["start", "chunk"]
        await emit(chunk("two"))
        await emit(complete())

    first = House(store, dies, POLICY)
    watch = await first.start()
    await reached.wait()
    await first.runs._live[watch.run].log.settled()
    async with house(goes_on, store=store) as second:
        await second.runs.adopt(everything=True)
        seen = await read_all(await second.runs.watch(watch.run, "me", 0))
        assert seen == [(1, "start"), (2, "chunk"), (3, "chunk"), (4, "complete")]
        zombie = first.runs._live[watch.run]
        await zombie._emit(chunk("too late"))
        await zombie.log.settled()
        with pytest.raises(Problem) as fenced:
            await zombie._emit(chunk("far too late"))
        assert fenced.value.reason == "RUN_TAKEN_OVER"
        assert (await second.runs.find(watch.run, "me")).last_sequence == 4
    await first.runs.drain(0)
    await first.journal.close()
    await store.close()


async def test_a_run_that_kills_its_process_again_and_again_is_given_up() -> None:
    """After its adoptions are used up, an orphan ends with ABORTED instead of taking the next process down."""
    store = await open_store("sqlite://:memory:", holder="test")

    async def hangs(request: Any, emit: Any, tools: Any) -> None:
        if not emit.past:
            await emit(start())
        await asyncio.Event().wait()

    houses = [House(store, hangs, replace(POLICY, max_adoptions=1)) for _ in range(3)]
    watch = await houses[0].start()
    await houses[1].runs.adopt(everything=True)
    await houses[2].runs.adopt(everything=True)
    seen = await read_all(await houses[2].runs.watch(watch.run, "me", 0))
    assert [kind for _, kind in seen] == ["start", "error"]
    row = await houses[2].runs.find(watch.run, "me")
    assert b"RUN_INTERRUPTED" in row.error
    for each in houses:
        await each.runs.drain(0)
        await each.journal.close()
    await store.close()


async def test_a_slow_reader_reads_from_the_store_and_slows_nobody() -> None:
    """A reader far behind the window in memory still gets every event in order."""

    async def work(request: Any, emit: Any, tools: Any) -> None:
        await emit(start())
        for number in range(2000):
            await emit(chunk(str(number)))
        await emit(complete())

    async with house(work) as built:
        slow = await built.start()
        fast = await built.runs.watch(slow.run, "me", 0)
        assert len(await read_all(fast)) == 2002
        assert [sequence for sequence, _ in await read_all(slow)] == list(range(1, 2003))

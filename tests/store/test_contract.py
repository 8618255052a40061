"""What every store promises."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import replace

import pytest

from headwater.errors import Code, Problem
from headwater.store import Append, Claim, Create, EventRow, Prune, Renew, RunQuery, RunRow, State, Store

ROW = RunRow(run="r1", method="GenerateTests", owner="ada", request=b"\x00request", request_hash="h")


def made(run: str = "r1", **fields: object) -> Create:
    return Create(row=replace(ROW, run=run, **fields))  # type: ignore[arg-type]


def batch(first: int, last: int) -> list[EventRow]:
    return [EventRow(sequence, "chunk", b"\x00payload %d" % sequence) for sequence in range(first, last + 1)]


def append(run: str, first: int, last: int, **fields: object) -> Append:
    return Append(run=run, events=batch(first, last), **{"epoch": 1, **fields})  # type: ignore[arg-type]


def finish(run: str, first: int, *, ended: float) -> Append:
    return append(run, first, first, state=State.COMPLETED, ended=ended)


async def only(store: Store, run: str = "r1") -> RunRow:
    (row,) = await store.runs(RunQuery(run=run))
    return row


async def names(store: Store, **fields: object) -> list[str]:
    return [row.run for row in await store.runs(RunQuery(**fields))]  # type: ignore[arg-type]


async def test_a_run_is_returned_as_it_was_created(store: Store) -> None:
    """Every column comes back, of any type, with any text and any bytes."""
    row = RunRow(
        run="r1",
        method="GenerateTests",
        owner="ädä 🌊",
        request=bytes(range(256)),
        request_hash="h'\"",
        idempotency_key="k",
        state=State.RUNNING,
        epoch=7,
        holder="host-1",
        created=1.25,
        ended=2.5,
        lease_until=1e10,
        first_sequence=3,
        last_sequence=2**40,
        error=b"\x00\xff",
    )
    assert await store.commit([Create(row=row)]) == [True]
    assert await only(store) == row


async def test_an_id_is_used_once(store: Store) -> None:
    """A second Create of an id is refused, in the same batch or later, and changes nothing."""
    assert await store.commit([made(), made(owner="eve")]) == [True, False]
    assert await store.commit([made(owner="eve")]) == [False]
    assert await only(store) == ROW


async def test_an_idempotency_key_is_used_once_by_an_owner(store: Store) -> None:
    """Another owner may use the same key; no key is no key."""
    changes = [
        made("r1", idempotency_key="k"),
        made("r2", idempotency_key="k"),
        made("r3", idempotency_key="k", owner="eve"),
        made("r4"),
        made("r5"),
    ]
    assert await store.commit(changes) == [True, False, True, True, True]
    assert await store.commit([made("r6", idempotency_key="k")]) == [False]
    assert await names(store, owner="ada", idempotency_key="k") == ["r1"]


async def test_a_refused_id_may_be_tried_again_with_another_key(store: Store) -> None:
    """Within one batch too, and in its order: the key goes to the first that asks for it."""
    await store.commit([made("r0", idempotency_key="taken")])
    changes = [
        made("r1", idempotency_key="taken"),
        made("r1", idempotency_key="free"),
        made("r2", idempotency_key="free"),
    ]
    assert await store.commit(changes) == [False, True, False]
    assert await names(store, owner="ada", idempotency_key="free") == ["r1"]


async def test_events_come_back_in_order_and_in_pages(store: Store) -> None:
    """A page holds what is above `after`, and no more than `limit`."""
    await store.commit([made(), append("r1", 1, 7)])
    assert await store.events("r1", 0, 3) == batch(1, 3)
    assert await store.events("r1", 3, 100) == batch(4, 7)
    assert await store.events("r1", 7, 100) == []
    assert await store.events("r1", 10**30, 10**30) == []
    assert await store.events("r1", -5, 0) == []
    assert await store.events("nobody", 0, 3) == []


async def test_the_row_knows_its_first_and_last_event(store: Store) -> None:
    """Both are 0 before the first event; the first stays what it was."""
    await store.commit([made()])
    assert (await only(store)).last_sequence == 0
    await store.commit([append("r1", 1, 2)])
    await store.commit([append("r1", 3, 9)])
    row = await only(store)
    assert (row.first_sequence, row.last_sequence) == (1, 9)


@pytest.mark.parametrize(
    "change",
    [
        append("r1", 4, 4),
        append("r1", 2, 3),
        append("r1", 3, 3, epoch=2),
        append("r1", 3, 3, epoch=0),
        append("r2", 1, 1),
        Append(run="r1", epoch=1, events=[*batch(3, 3), *batch(5, 5)]),
        Append(run="r1", epoch=1, events=[*batch(3, 3), *batch(3, 3)]),
        Append(run="r1", epoch=2, events=[], state=State.FAILED, ended=1.0, error=b"e"),
    ],
    ids=["gap", "again", "newer epoch", "older epoch", "no such run", "gap within", "twice within", "state, epoch"],
)
async def test_a_wrong_append_is_refused_whole_and_alone(store: Store, change: Append) -> None:
    """Nothing of it happens; its neighbours in the batch are made."""
    await store.commit([made(), append("r1", 1, 2)])
    before = await only(store)
    assert await store.commit([made("r0"), change, append("r0", 1, 1)]) == [True, False, True]
    assert await only(store) == before
    assert await store.events("r1", 0, 10) == batch(1, 2)
    assert await store.events("r0", 0, 10) == batch(1, 1)


async def test_a_run_that_ended_takes_nothing_more(store: Store) -> None:
    """Neither events nor a state nor another holder, in the same batch or later."""
    end = append("r1", 1, 1, state=State.FAILED, ended=5.0, error=b"why")
    claim = Claim(run="r1", epoch=1, holder="b", lease_until=9.0)
    assert await store.commit([made(), end, append("r1", 2, 2), claim]) == [True, True, False, False]
    again = Append(run="r1", epoch=1, events=[], state=State.COMPLETED)
    assert await store.commit([append("r1", 2, 2), again, claim]) == [False, False, False]
    row = await only(store)
    assert row == replace(ROW, state=State.FAILED, ended=5.0, error=b"why", first_sequence=1, last_sequence=1)


async def test_an_append_may_only_set_the_state(store: Store) -> None:
    """Without events, the sequences stay as they are."""
    await store.commit([made(), Append(run="r1", epoch=1, events=[], state=State.RUNNING)])
    assert await only(store) == replace(ROW, state=State.RUNNING)
    assert await store.commit([append("r1", 1, 1)]) == [True]


async def test_changes_of_one_run_are_made_in_order(store: Store) -> None:
    """A batch may create, append, take over, append again under the new epoch, and end."""
    changes = [
        made(),
        append("r1", 1, 2),
        append("r1", 3, 3),
        Claim(run="r1", epoch=1, holder="b", lease_until=9.0),
        append("r1", 4, 4),
        append("r1", 4, 4, epoch=2),
        Renew(holder="b", lease_until=20.0),
        append("r1", 5, 5, epoch=2, state=State.COMPLETED, ended=3.0),
        Renew(holder="b", lease_until=30.0),
    ]
    assert await store.commit(changes) == [True, True, True, True, False, True, True, True, True]
    row = await only(store)
    assert (row.epoch, row.holder, row.lease_until, row.state) == (2, "b", 20.0, State.COMPLETED)
    assert await store.events("r1", 0, 10) == batch(1, 5)


async def test_a_claim_fences_the_one_before(store: Store) -> None:
    """Under the old epoch neither an append nor a second claim is possible."""
    await store.commit([made(holder="a"), append("r1", 1, 2)])
    claim = Claim(run="r1", epoch=1, holder="b", lease_until=50.0)
    assert await store.commit([claim]) == [True]
    assert await store.commit([replace(claim, holder="c"), append("r1", 3, 3)]) == [False, False]
    assert await store.commit([append("r1", 3, 3, epoch=2)]) == [True]
    row = await only(store)
    assert (row.holder, row.epoch, row.lease_until, row.last_sequence) == ("b", 2, 50.0, 3)


async def test_of_many_claims_at_once_one_is_made(store: Store) -> None:
    """The epoch lets only one of them through."""
    await store.commit([made()])
    claims = [Claim(run="r1", epoch=1, holder=f"h{n}", lease_until=1.0) for n in range(20)]
    answers = await asyncio.gather(*(store.commit([claim]) for claim in claims))
    assert sum(won for (won,) in answers) == 1
    assert (await only(store)).holder == f"h{answers.index([True])}"


async def test_many_commits_at_once_lose_nothing(store: Store) -> None:
    """Runs that are written concurrently do not disturb one another."""

    async def write(run: str) -> None:
        assert await store.commit([made(run)]) == [True]
        for first in range(1, 30, 3):
            assert await store.commit([append(run, first, first + 2)]) == [True]
            assert len(await store.events(run, 0, 100)) == first + 2

    await asyncio.gather(*(write(f"r{n}") for n in range(10)))
    assert {row.last_sequence for row in await store.runs(RunQuery())} == {30}


async def test_renew_prolongs_what_the_holder_has_open(store: Store) -> None:
    """Not the runs of others, and not those that ended."""
    await store.commit(
        [made("r1", holder="a"), made("r2", holder="b"), made("r3", holder="a"), finish("r3", 1, ended=1)]
    )
    assert (
        await store.commit([Renew(holder="a", lease_until=77.0), Renew(holder="nobody", lease_until=1.0)]) == [True] * 2
    )
    assert {row.run: row.lease_until for row in await store.runs(RunQuery())} == {"r1": 77.0, "r2": 0.0, "r3": 0.0}


async def test_orphans_are_open_runs_whose_lease_is_over(store: Store) -> None:
    """An ended run is nobody's orphan."""
    await store.commit([made("r1", lease_until=10.0), made("r2", lease_until=20.0), made("r3", lease_until=5.0)])
    await store.commit([finish("r3", 1, ended=1)])
    assert await names(store, orphaned_at=10.0) == []
    assert await names(store, orphaned_at=15.0) == ["r1"]
    assert await names(store, orphaned_at=25.0) == ["r2", "r1"]


async def test_queries_narrow(store: Store) -> None:
    """Each field that is set narrows the answer; together they narrow further."""
    await store.commit([made("r1"), made("r2", owner=""), made("r3", method="X"), made("r4", owner="eve")])
    await store.commit([finish("r1", 1, ended=1)])
    assert await names(store) == ["r4", "r3", "r2", "r1"]
    assert await names(store, owner="ada") == ["r3", "r1"]
    assert await names(store, owner="") == ["r2"]
    assert await names(store, owner="ada", state=State.COMPLETED) == ["r1"]
    assert await names(store, state=State.QUEUED) == ["r4", "r3", "r2"]
    assert await names(store, method="X", run="r3") == ["r3"]
    assert await names(store, method="X", run="r1") == []


async def test_pages_are_newest_first_and_follow_bytes(store: Store) -> None:
    """`before` continues a page; ids are compared as bytes, in every store alike."""
    await store.commit([made(run) for run in ("a", "B", "b", "A", "_", "aa", "1")])
    assert await names(store, limit=3) == ["b", "aa", "a"]
    assert await names(store, limit=3, before="a") == ["_", "B", "A"]
    assert await names(store, limit=3, before="A") == ["1"]
    assert await names(store, limit=0) == []


async def test_prune_deletes_events_and_runs_by_their_end(store: Store) -> None:
    """A run without its events says so by its sequences; a run that goes on is never touched."""
    await store.commit([made(run, idempotency_key=run) for run in ("r1", "r2", "r3", "r4", "r5")])
    await store.commit([append(run, 1, 4) for run in ("r1", "r2", "r3", "r4")])
    ends = [finish("r1", 5, ended=10), finish("r2", 5, ended=20), finish("r3", 5, ended=30)]
    await store.commit([*ends, Append(run="r5", epoch=1, events=[], state=State.CANCELLED, ended=20.0)])
    assert await store.commit([Prune(runs_before=15, events_before=25)]) == [True]
    rows = {row.run: (row.first_sequence, row.last_sequence) for row in await store.runs(RunQuery())}
    assert rows == {"r5": (1, 0), "r4": (1, 4), "r3": (1, 5), "r2": (6, 5)}
    assert [len(await store.events(f"r{n}", 0, 10)) for n in range(1, 5)] == [0, 0, 5, 4]
    assert await store.commit([made("r1", idempotency_key="r1")]) == [True]


async def test_a_prune_is_made_at_its_place_in_a_batch(store: Store) -> None:
    """What stands before it is there to be pruned; what stands after finds it done. Twice is as good as once."""
    prune = Prune(runs_before=15, events_before=0)
    changes = [made(), finish("r1", 1, ended=10), made(), prune, made(), prune]
    assert await store.commit(changes) == [True, True, False, True, True, True]
    assert (await only(store)).last_sequence == 0
    assert await store.events("r1", 0, 10) == []


async def test_a_query_in_the_middle_of_a_prune_finds_rows_that_tell_the_truth(store: Store) -> None:
    """`first_sequence` never lies below the first event that is left, while chunk after chunk goes."""
    await store.commit([made(), append("r1", 1, 9_999), finish("r1", 10_000, ended=1)])
    pruning = asyncio.ensure_future(store.commit([Prune(runs_before=0, events_before=5)]))
    seen: list[int] = []
    while not pruning.done():
        row = await only(store)
        left = await store.events("r1", row.first_sequence - 1, 1)
        seen.append(row.first_sequence)
        assert not left or left[0].sequence >= row.first_sequence
    assert seen == sorted(seen)
    assert (await only(store)).first_sequence == 10_001


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_text_that_not_every_database_can_hold_is_refused(store: Store, text: str) -> None:
    """The refusal names the reason, and nothing of the batch is made."""
    for attempt in (
        store.commit([made("r0"), made(idempotency_key=text)]),
        store.runs(RunQuery(run=text)),
        store.events(text, 0, 1),
    ):
        with pytest.raises(Problem) as refused:
            await attempt
        assert (refused.value.code, refused.value.reason) == (Code.INVALID_ARGUMENT, "STORE_TEXT_INVALID")
    assert await names(store) == []


async def test_a_closed_store_says_so(store: Store) -> None:
    """Closing waits for what is under way; twice does no harm."""
    under_way = [asyncio.ensure_future(store.commit([made(f"r{n}")])) for n in range(5)]
    await asyncio.sleep(0)
    await store.close()
    await store.close()
    assert await asyncio.gather(*under_way) == [[True]] * 5
    with pytest.raises(Problem) as refused:
        await store.commit([made()])
    assert refused.value.reason == "STORE_CLOSED"


async def test_nothing_to_do_is_nothing_done(store: Store) -> None:
    """An empty batch is no error."""
    assert list(await store.commit([])) == []


def test_the_rows_of_both_databases_have_the_fields_of_a_run() -> None:
    """The hand-written column list of the queries follows RunRow."""
    from headwater.store.queries import WHOLE  # noqa: PLC0415 — this test alone looks inside

    columns = WHOLE.split("SELECT")[1].split("FROM")[0].replace(",", " ").split()
    assert columns == [field.name for field in dataclasses.fields(RunRow)]

"""Whoever leaves, leaves the vendor too, at once; and an answer that does not come is not waited for."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

import pytest

from headwater.errors import Code
from headwater.providers.genai import CANCELLED, Measured
from headwater.providers.make import Models
from headwater.providers.models import Model
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import PROMPT, QUICK, WIRES, Seen, collect, collect_failing, opened, text_of

wires = pytest.mark.parametrize("wire", WIRES)
LATEST_SECONDS = 20.0
"""At once, on a machine that is busy with other things; the vendors would go on for much longer."""
NEVER = 600.0


async def left_in_time(vendors: FakeVendors) -> None:
    """Waits, no longer than is allowed, until the vendor sees its client gone."""
    async with asyncio.timeout(LATEST_SECONDS):
        await vendors.asked[0].left.wait()


@wires
async def test_cancelled_before_the_first_token(wire: str, vendors: FakeVendors) -> None:
    """The connection is closed while the vendor still thinks."""
    vendors.play, seen = Play(first_after=NEVER), Seen()
    async with opened(vendors, observe=seen) as models:
        waiting = asyncio.create_task(collect(models.make([wire])))
        await vendors.request()
        waiting.cancel()
        await left_in_time(vendors)
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert seen.counts == {(CANCELLED, "waiting"): 1.0}


@wires
async def test_closed_in_the_middle(wire: str, vendors: FakeVendors) -> None:
    """Closing the generator closes the connection, though nobody waits for it."""
    vendors.play, seen = Play(tokens=100_000, per_second=50), Seen()
    async with opened(vendors, observe=seen) as models:
        async with aclosing(models.make([wire]).answer(PROMPT)) as answers:
            assert (await anext(answers)).text
        await left_in_time(vendors)
    assert seen.counts == {(CANCELLED, "streaming"): 1.0}


@wires
async def test_cancelled_in_the_middle(wire: str, vendors: FakeVendors) -> None:
    vendors.play, seen = Play(fault="stall", at=2), Seen()
    async with opened(vendors, observe=seen) as models:
        waiting = asyncio.create_task(collect(models.make([wire])))
        while not vendors.asked or vendors.asked[0].sent < 2:  # noqa: ASYNC110 — the vendor tells how far it is
            await asyncio.sleep(0.01)
        waiting.cancel()
        await left_in_time(vendors)
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert seen.counts == {(CANCELLED, "streaming"): 1.0}


@wires
async def test_cancelled_without_a_stream(wire: str, vendors: FakeVendors) -> None:
    """A model that answers in one piece is left just as fast."""
    vendors.play, seen = Play(first_after=NEVER), Seen()
    async with opened(vendors) as models:
        target = models.target(wire)
        whole = models.open(replace(target, ability=replace(target.ability, streams=False)))
        model: Model = Measured(whole, seen, models.prices)
        waiting = asyncio.create_task(collect(model))
        await vendors.request()
        waiting.cancel()
        await left_in_time(vendors)
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not vendors.asked[0].body.get("stream")
    assert seen.counts == {(CANCELLED, "waiting"): 1.0}


@wires
async def test_a_vendor_that_never_begins(wire: str, vendors: FakeVendors) -> None:
    """The clock of the first word ends the call, and the connection."""
    vendors.play = Play(first_after=NEVER)
    limits = replace(QUICK, first_token_seconds=0.1, reasoning_seconds=0.1)
    async with opened(vendors, limits=limits) as models:
        _, found = await collect_failing(models.make([wire]))
        await left_in_time(vendors)
    assert (found.code, found.reason) == (Code.DEADLINE_EXCEEDED, "VENDOR_SLOW")


@wires
async def test_keep_alives_are_no_content(wire: str, vendors: FakeVendors) -> None:
    """A vendor that stalls is given up, however often it says that it is alive."""
    vendors.play = Play(fault="stall", at=2, ping_every=0.02)
    async with opened(vendors, limits=replace(QUICK, idle_seconds=0.5)) as models:
        came, found = await collect_failing(models.make([wire]))
        await left_in_time(vendors)
    assert text_of(came) == "".join(Play().texts[:2])
    assert (found.code, found.reason) == (Code.DEADLINE_EXCEEDED, "VENDOR_STALLED")


@wires
async def test_the_callers_deadline_holds(wire: str, vendors: FakeVendors) -> None:
    """Neither retries nor content move it."""
    vendors.play = Play(tokens=100_000, per_second=50)
    async with opened(vendors, limits=replace(QUICK, attempts=3, restart=True)) as models:
        await models.load([wire])
        model = models.make([wire, wire], deadline=time.monotonic() + 2.0)
        _, found = await collect_failing(model)
        await left_in_time(vendors)
    assert (found.code, found.reason) == (Code.DEADLINE_EXCEEDED, "VENDOR_DEADLINE")
    assert found.metadata["request_id"] == "req_1"
    assert len(vendors.asked) == 1


async def test_a_slow_reader_is_not_the_vendors_fault(vendors: FakeVendors) -> None:
    """The clock between two pieces stands while the caller has the turn."""
    async with opened(vendors, limits=replace(QUICK, idle_seconds=0.5)) as models:
        came = ""
        async with aclosing(models.make(["openai"]).answer(PROMPT)) as answers:
            async for answer in answers:
                came += answer.text
                await asyncio.sleep(0.7)
    assert came == "".join(Play().texts)


async def test_a_long_tool_call_is_content(vendors: FakeVendors) -> None:
    """A call whose arguments take long to write keeps the answer alive, though nothing can be shown of it yet."""
    from tests.fakes.dialects import Call  # noqa: PLC0415 — used here alone

    calls = tuple(Call(id=f"c{number}", name="look_up", arguments='{"a":1}') for number in range(12))
    vendors.play = Play(texts=(), calls=calls, finish="tool_calls", per_second=20)
    async with opened(vendors, limits=replace(QUICK, idle_seconds=1.0)) as models:
        answers = await collect(models.make(["openai"]))
    assert sum(1 for answer in answers if answer.call) == 12


async def test_sdks_load_beside_the_streams(vendors: FakeVendors) -> None:
    """`load` opens the wires beforehand, so that the first question does not wait for an SDK."""
    async with opened(vendors) as models:
        await models.load(["openai", "anthropic", "ollama"])
        assert isinstance(models, Models)
        assert text_of(await collect(models.make(["anthropic"]))) == "".join(Play().texts)

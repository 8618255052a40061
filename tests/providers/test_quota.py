"""A vendor is shared out: so many answers at a time, so much a minute, and every ending gives its place back."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace

import pytest

from headwater.errors import Code, Problem
from headwater.providers.limits import Share
from headwater.providers.quota import Bucket, Meter
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import PROMPT, QUICK, collect, collect_failing, opened, text_of
from tests.providers.test_retry import Clock

ONE = Share(concurrent=1, waiting_seconds=30)
TEXT = "".join(Play().texts)


async def test_one_answer_at_a_time(vendors: FakeVendors) -> None:
    """The second waits for the first to end, whoever asks."""
    vendors.play = Play(tokens=20, per_second=200)
    async with opened(vendors, limits=replace(QUICK, vendor=ONE)) as models:
        first, second = (asyncio.create_task(collect(models.make(["openai"], tenant=name))) for name in "ab")
        await vendors.request(1)
        await first
        assert len(vendors.asked) == 1 or vendors.asked[0].done
        await second
    assert vendors.connections == 1


async def test_tenants_do_not_wait_for_each_other(vendors: FakeVendors) -> None:
    """A tenant at its limit waits; another does not."""
    vendors.plays = [Play(fault="stall", at=1)]
    async with opened(vendors, limits=replace(QUICK, tenant=ONE)) as models:
        async with aclosing(models.make(["openai"], tenant="a").answer(PROMPT)) as held:
            await anext(held)
            waiting = asyncio.create_task(collect(models.make(["openai"], tenant="a")))
            assert text_of(await collect(models.make(["openai"], tenant="b"))) == TEXT
            assert not waiting.done()
            assert len(vendors.asked) == 2
        assert text_of(await waiting) == TEXT


@pytest.mark.parametrize("play", [Play(status=500), Play(fault="close"), Play(fault="cut", at=0), Play()])
async def test_every_ending_gives_the_place_back(play: Play, vendors: FakeVendors) -> None:
    """A failure, a cut, a success: the next one has its turn."""
    vendors.play = play
    async with opened(vendors, limits=replace(QUICK, vendor=replace(ONE, waiting_seconds=0.5))) as models:
        for _ in range(3):
            reasons = ""
            try:
                await collect(models.make(["openai"]))
            except Problem as found:
                reasons = found.reason
            assert reasons != "QUOTA_EXCEEDED"


async def test_who_gives_up_gives_the_place_back(vendors: FakeVendors) -> None:
    """Cancelled while waiting for the vendor, and while waiting for a turn."""
    vendors.plays = [Play(first_after=600)]
    async with opened(vendors, limits=replace(QUICK, vendor=ONE)) as models:
        first = asyncio.create_task(collect(models.make(["openai"])))
        await vendors.request(1)
        second = asyncio.create_task(collect(models.make(["openai"])))
        await asyncio.sleep(0)
        for task in (second, first):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert text_of(await collect(models.make(["openai"]))) == TEXT


async def test_who_would_wait_too_long_is_refused(vendors: FakeVendors) -> None:
    """With the time when to come back, before the vendor is asked."""
    share = Share(requests_per_minute=1, waiting_seconds=1)
    async with opened(vendors, limits=replace(QUICK, tenant=share)) as models:
        await collect(models.make(["openai"], tenant="a"))
        _, found = await collect_failing(models.make(["openai"], tenant="a"))
    assert (found.code, found.reason) == (Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
    assert found.retry_after_seconds is not None
    assert 50 < found.retry_after_seconds <= 60
    assert found.message == f"This caller of the vendor 'openai' has used up its share of {found.metadata['what']}."
    assert len(vendors.asked) == 1


async def test_who_waits_in_vain_uses_up_nothing(vendors: FakeVendors) -> None:
    """Whoever never got a place has asked nothing of the vendor: his request and his tokens are not counted."""
    share = Share(concurrent=1, requests_per_minute=2, tokens_per_minute=10_000, waiting_seconds=0.05)
    vendors.plays = [Play(fault="stall", at=1)]
    async with opened(vendors, limits=replace(QUICK, vendor=share)) as models:
        async with aclosing(models.make(["openai:gpt-4o"]).answer(PROMPT)) as held:
            await anext(held)
            for _ in range(3):
                _, found = await collect_failing(models.make(["openai:gpt-4o"]))
                assert found.reason == "QUOTA_EXCEEDED"
                assert found.metadata["what"] == "answers at a time"
        assert text_of(await collect(models.make(["openai:gpt-4o"]))) == TEXT


async def test_a_turn_after_the_deadline_is_refused(vendors: FakeVendors) -> None:
    """A wait that the share allows, but the caller's time does not, is not begun; the refusal says when to return."""
    share = Share(requests_per_minute=1, waiting_seconds=100)
    async with opened(vendors, limits=replace(QUICK, vendor=share)) as models:
        await collect(models.make(["openai"]))
        began = time.monotonic()
        _, found = await collect_failing(models.make(["openai"], deadline=began + 20))
        assert time.monotonic() - began < 10
    assert (found.code, found.reason) == (Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
    assert found.retry_after_seconds is not None
    assert found.retry_after_seconds > 20
    assert len(vendors.asked) == 1


async def test_a_turn_after_the_answer_is_due_is_refused(vendors: FakeVendors) -> None:
    """The one who asks says with the question how long he waits."""
    share = Share(concurrent=1, waiting_seconds=100)
    vendors.plays = [Play(fault="stall", at=1)]
    async with (
        opened(vendors, limits=replace(QUICK, vendor=share)) as models,
        aclosing(models.make(["openai"]).answer(PROMPT)) as held,
    ):
        await anext(held)
        soon = replace(PROMPT, due=time.monotonic() + 0.1)
        _, found = await collect_failing(models.make(["openai"]), soon)
    assert (found.code, found.reason) == (Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
    assert found.retry_after_seconds == 1


async def test_a_chain_does_not_wait_for_a_turn(vendors: FakeVendors) -> None:
    """A vendor whose share is used up is passed over where another one could begin."""
    share = Share(requests_per_minute=1, waiting_seconds=100)
    async with opened(vendors, limits=replace(QUICK, vendor=share)) as models:
        for _ in range(2):
            assert text_of(await collect(models.make(["openai", "ollama"]))) == TEXT
    assert [asked.path for asked in vendors.asked] == ["/v1/chat/completions", "/api/chat"]


async def test_tokens_are_settled_by_the_usage(vendors: FakeVendors) -> None:
    """What was reserved and not used is free for the next call."""
    share = Share(tokens_per_minute=2000, waiting_seconds=1)
    prompt = replace(PROMPT, max_tokens=1500)
    async with opened(vendors, limits=replace(QUICK, vendor=share)) as models:
        for _ in range(5):  # 120 tokens each, where 1,500 and more are reserved
            assert text_of(await collect(models.make(["openai"]), prompt)) == TEXT


def test_a_bucket_fills_steadily() -> None:
    clock = Clock()
    bucket = Bucket(60, clock)
    assert bucket.take(60) == 0
    assert bucket.take(2) == 2
    clock.now += 2
    assert bucket.take(0) == 0
    bucket.give(1000)
    assert bucket.full


async def test_a_refused_turn_reserves_nothing() -> None:
    clock = Clock()
    meter = Meter(Share(tokens_per_minute=60, waiting_seconds=1), "It", clock)
    for _ in range(3):
        with pytest.raises(Problem) as found:
            async with meter.turn(100):
                pass
        assert found.value.retry_after_seconds == pytest.approx(40)
    async with meter.turn(60) as turn:
        turn.used = 10
    assert not meter.idle
    clock.now += 60
    assert meter.idle

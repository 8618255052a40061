"""What failed in passing is asked again, with measure; a model that keeps failing is left alone; chains take over."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from headwater.errors import Code, Problem
from headwater.providers.breaker import Breaker, State
from headwater.providers.genai import BREAKER, FALLBACKS, RETRIES, TRUNCATED, Unobserved
from headwater.providers.limits import Limits
from headwater.providers.models import Finish
from headwater.providers.retry import Budget
from headwater.providers.vendors import find_target
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import KEY, PROMPT, QUICK, Seen, collect, collect_failing, opened, secrets_for, text_of

AGAIN = replace(QUICK, attempts=3)
TEXT = "".join(Play().texts)
FAILED = Play(status=500)


async def test_a_passing_failure_is_asked_again(vendors: FakeVendors) -> None:
    """Before the first content, in silence."""
    vendors.plays, seen = [FAILED, Play(fault="cut", at=0)], Seen()
    async with opened(vendors, limits=AGAIN, observe=seen) as models:
        answers = await collect(models.make(["openai"]))
    assert text_of(answers) == TEXT
    assert not any(answer.restarted for answer in answers)
    assert len(vendors.asked) == 3
    assert seen.counts[RETRIES, "VENDOR_FAILED"] == 1
    assert seen.counts[TRUNCATED, "openai"] == 1


async def test_attempts_have_an_end(vendors: FakeVendors) -> None:
    vendors.play = FAILED
    async with opened(vendors, limits=AGAIN) as models:
        _, found = await collect_failing(models.make(["anthropic"]))
    assert found.reason == "VENDOR_FAILED"
    assert len(vendors.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_lasting_failure_is_not_asked_again(status: int, vendors: FakeVendors) -> None:
    vendors.play = Play(status=status)
    async with opened(vendors, limits=AGAIN) as models:
        await collect_failing(models.make(["openai"]))
    assert len(vendors.asked) == 1


async def test_nothing_is_asked_again_after_the_first_content(vendors: FakeVendors) -> None:
    """What was shown stays; only the pipeline may ask for more."""
    vendors.plays = [Play(fault="close", at=2)]
    async with opened(vendors, limits=AGAIN) as models:
        came, found = await collect_failing(models.make(["openai"]))
    assert text_of(came)
    assert found.reason == "VENDOR_DISCONNECTED"
    assert len(vendors.asked) == 1


async def test_an_answer_begins_anew_where_that_is_asked_for(vendors: FakeVendors) -> None:
    """The first content of the new attempt says that all before it is withdrawn, once."""
    vendors.plays = [Play(fault="close", at=2), FAILED]
    async with opened(vendors, limits=replace(AGAIN, restart=True)) as models:
        answers = await collect(models.make(["openai"]))
    (place,) = [place for place, answer in enumerate(answers) if answer.restarted]
    assert text_of(answers[place:]) == TEXT
    assert answers[place].model.startswith("openai:")
    assert text_of(answers[:place])


async def test_retry_after_is_obeyed(vendors: FakeVendors) -> None:
    """The vendor is asked again when it said, not before."""
    vendors.plays = [Play(status=429, headers={"retry-after-ms": "300"})]
    async with opened(vendors, limits=AGAIN) as models:
        began = time.monotonic()
        assert text_of(await collect(models.make(["openai"]))) == TEXT
        assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("limits", [replace(AGAIN, retry_after_cap_seconds=10), replace(AGAIN, total_seconds=10)])
async def test_a_wait_that_is_too_long_is_not_waited(limits: Limits, vendors: FakeVendors) -> None:
    """Beyond the cap, or beyond the deadline: the caller is told when to come back instead."""
    vendors.play = Play(status=429, headers={"retry-after": "30"})
    async with opened(vendors, limits=limits) as models:
        _, found = await collect_failing(models.make(["openai"]))
    assert found.retry_after_seconds == 30
    assert len(vendors.asked) == 1


async def test_no_retry_comes_after_the_answer_is_due(vendors: FakeVendors) -> None:
    vendors.play = Play(status=429, headers={"retry-after": "5"})
    async with opened(vendors, limits=AGAIN) as models:
        _, found = await collect_failing(models.make(["openai"]), replace(PROMPT, due=time.monotonic() + 2))
    assert found.retry_after_seconds == 5
    assert len(vendors.asked) == 1


def test_retries_have_a_budget() -> None:
    """Many failures stop the retries; successes earn them back, slowly."""
    budget = Budget(Limits(retry_budget=4, retry_refill=0.5))
    assert [budget.failed() for _ in range(3)] == [True, False, False]
    for _ in range(6):
        budget.succeeded()
    assert budget.failed()


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


TARGET = find_target("openai", {"OPENAI_API_KEY": KEY}, Limits(breaker_samples=4, breaker_window_seconds=30))


def reason_of(breaker: Breaker) -> str:
    try:
        breaker.admit()
    except Problem as found:
        return found.reason
    return ""


def test_a_breaker_opens_at_half_and_probes() -> None:
    """Half of enough calls failed: none passes for 5 s, then one alone; it fails: 10 s; it succeeds: all pass."""
    clock, seen = Clock(), Seen()
    breaker = Breaker(TARGET, seen, clock)
    for succeeded in (True, True, False):
        assert not breaker.admit()
        breaker.succeeded() if succeeded else breaker.failed(False, None)
    assert breaker.state is State.CLOSED
    breaker.failed(False, None)
    assert reason_of(breaker) == "VENDOR_RESTING"
    clock.now += 5
    assert breaker.admit()
    assert reason_of(breaker) == "VENDOR_RESTING"
    breaker.failed(True, None)
    clock.now += 9
    assert reason_of(breaker) == "VENDOR_RESTING"
    clock.now += 1
    assert breaker.admit()
    breaker.succeeded()
    assert not breaker.admit()
    assert [value for name, value in seen.gauges if name == BREAKER] == [1.0, 0.5, 1.0, 0.5, 0.0]


async def test_made_up_models_are_forgotten(vendors: FakeVendors) -> None:
    """A caller may name any model: the breakers of those that did not fail are not kept for ever, the others are."""
    async with opened(vendors, limits=replace(QUICK, breakers=5, breaker_samples=1)) as models:
        vendors.plays = [FAILED]
        await collect_failing(models.make(["openai:bad"]))
        for number in range(20):
            await collect(models.make([f"openai:made-up-{number}"]))
        _, found = await collect_failing(models.make(["openai:bad"]))
        assert found.reason == "VENDOR_RESTING"
        assert len(models._breakers) <= 7  # pyright: ignore[reportPrivateUsage] — what is kept is the rule


def test_a_breaker_forgets() -> None:
    """Failures older than the window count no more."""
    clock = Clock()
    breaker = Breaker(TARGET, Unobserved(), clock)
    for _ in range(3):
        breaker.failed(False, None)
    clock.now += 31
    breaker.failed(False, None)
    assert breaker.state is State.CLOSED


def test_retry_after_opens_a_breaker() -> None:
    """A vendor that says when to come back is left alone until then."""
    clock = Clock()
    breaker = Breaker(TARGET, Unobserved(), clock)
    breaker.failed(False, 7.0)
    clock.now += 6
    assert reason_of(breaker) == "VENDOR_RESTING"
    clock.now += 1
    assert breaker.admit()


def test_a_probe_that_was_given_up_is_no_verdict() -> None:
    """The next call is the probe then."""
    clock = Clock()
    breaker = Breaker(TARGET, Unobserved(), clock)
    breaker.failed(False, 1.0)
    clock.now += 1
    assert breaker.admit()
    breaker.left(True)
    assert breaker.admit()


async def test_a_failing_model_is_left_alone(vendors: FakeVendors) -> None:
    """Enough failures, and the vendor is not asked any more; its other models are."""
    vendors.play = FAILED
    async with opened(vendors, limits=replace(QUICK, breaker_samples=3)) as models:
        for _ in range(3):
            await collect_failing(models.make(["openai:a"]))
        _, found = await collect_failing(models.make(["openai:a"]))
        assert (found.code, found.reason) == (Code.UNAVAILABLE, "VENDOR_RESTING")
        assert found.retry_after_seconds is not None
        assert len(vendors.asked) == 3
        await collect_failing(models.make(["openai:b"]))
    assert len(vendors.asked) == 4


async def test_the_callers_fault_opens_no_breaker(vendors: FakeVendors) -> None:
    vendors.play = Play(status=400)
    async with opened(vendors, limits=replace(QUICK, breaker_samples=2)) as models:
        for _ in range(4):
            _, found = await collect_failing(models.make(["openai"]))
            assert found.reason == "VENDOR_REFUSED"


async def test_a_chain_takes_over_in_silence(vendors: FakeVendors) -> None:
    """Before the first content the reader sees one answer, and who gave it."""
    vendors.plays, seen = [Play(status=401)], Seen()
    async with opened(vendors, observe=seen) as models:
        answers = await collect(models.make(["openai", "anthropic"]))
    assert text_of(answers) == TEXT
    assert answers[0].model.startswith("anthropic:")
    assert not any(answer.restarted for answer in answers)
    assert seen.counts[FALLBACKS, "VENDOR_KEY_REJECTED"] == 1


async def test_a_chain_passes_over_a_model_that_is_silent(vendors: FakeVendors) -> None:
    """Where the answer is due, each model has its share of the time to begin; the last one has all that is left."""
    vendors.plays, seen = [Play(fault="stall", at=0)], Seen()
    async with opened(vendors, observe=seen) as models:
        prompt = replace(PROMPT, due=time.monotonic() + 1)
        answers = await collect(models.make(["openai", "anthropic"]), prompt)
    assert text_of(answers) == TEXT
    assert seen.counts[FALLBACKS, "VENDOR_SLOW"] == 1


async def test_a_chain_does_not_wait_for_a_long_pause(vendors: FakeVendors) -> None:
    """A vendor that asks for half a minute, or that is left alone, is passed over at once."""
    vendors.plays = [Play(status=429, headers={"retry-after": "30"})]
    async with opened(vendors, limits=AGAIN) as models:
        for _ in range(2):
            assert text_of(await collect(models.make(["openai", "anthropic"]))) == TEXT
        with pytest.raises(Problem, match="left alone"):
            await collect(models.make(["openai"], patient=False))
    assert [asked.path for asked in vendors.asked] == ["/v1/chat/completions", "/v1/messages", "/v1/messages"]


async def test_a_chain_announces_a_new_beginning(vendors: FakeVendors) -> None:
    """After it, what came is withdrawn by the next one's first step."""
    vendors.plays = [Play(texts=("one ", "two ", "three"), fault="close", at=2)]
    async with opened(vendors) as models:
        answers = await collect(models.make(["openai", "ollama"]))
    (place,) = [place for place, answer in enumerate(answers) if answer.restarted]
    assert text_of(answers[:place])
    assert text_of(answers[place:]) == TEXT
    assert answers[place].model.startswith("ollama:")
    assert answers[-1].finish is Finish.STOP


async def test_a_chain_of_failures_tells_the_first(vendors: FakeVendors) -> None:
    vendors.plays = [Play(status=401), Play(status=529), Play(status=404)]
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make(["openai", "anthropic", "ollama"]))
    assert found.reason == "VENDOR_KEY_REJECTED"
    assert "VENDOR_OVERLOADED" in found.metadata["also"]
    assert "VENDOR_MODEL_UNKNOWN" in found.metadata["also"]


async def test_a_link_without_a_key_is_passed_over(vendors: FakeVendors) -> None:
    """Where no link can be made, the first one says why."""
    async with opened(vendors, secrets=secrets_for(vendors, "ollama")) as models:
        assert text_of(await collect(models.make(["openai", "ollama"]), PROMPT)) == TEXT
        with pytest.raises(Problem, match="OPENAI_API_KEY") as found:
            models.make(["openai", "anthropic"])
    assert found.value.reason == "VENDOR_KEY_MISSING"

"""What failed in passing is asked again, with measure; a model that keeps failing is left alone; chains take over."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from headwater.errors import Code, Problem
from headwater.providers.breaker import Breaker, State
from headwater.providers.faults import Said, make_problem
from headwater.providers.genai import BREAKER, FALLBACKS, RETRIES, TRUNCATED, Unobserved
from headwater.providers.kinds import OVERLOADED, RATE
from headwater.providers.limits import Limits
from headwater.providers.models import Finish
from headwater.providers.retry import Budget
from headwater.providers.vendors import find_target
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import KEY, PROMPT, QUICK, Seen, collect, collect_failing, opened, secrets_for, text_of

AGAIN = replace(QUICK, attempts=3)
HASTY = replace(QUICK, takeover_seconds=0.1)
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


def broken(retry_after_seconds: float | None = None) -> Problem:
    return make_problem(OVERLOADED, TARGET, Said(status=503, retry_after_seconds=retry_after_seconds))


def limited(retry_after_seconds: float | None) -> Problem:
    said = Said(status=429, retry_after_seconds=retry_after_seconds, request_id="req_1")
    return make_problem(RATE, TARGET, said)


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
        breaker.succeeded() if succeeded else breaker.failed(False, broken())
    assert breaker.state is State.CLOSED
    breaker.failed(False, broken())
    assert reason_of(breaker) == "VENDOR_RESTING"
    clock.now += 5
    assert breaker.admit()
    assert reason_of(breaker) == "VENDOR_RESTING"
    breaker.failed(True, broken())
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
        breaker.failed(False, broken())
    clock.now += 31
    breaker.failed(False, broken())
    assert breaker.state is State.CLOSED


def test_retry_after_opens_a_breaker() -> None:
    """A vendor that says when to come back is left alone until then."""
    clock = Clock()
    breaker = Breaker(TARGET, Unobserved(), clock)
    breaker.failed(False, broken(7.0))
    clock.now += 6
    assert reason_of(breaker) == "VENDOR_OVERLOADED"
    clock.now += 1
    assert [breaker.admit() for _ in range(3)] == [False, False, False]


def test_a_rate_limit_is_no_fault_of_the_model() -> None:
    """However often: it opens no breaker, unless the vendor asks for a long pause, which is told as what it is."""
    breaker = Breaker(TARGET, Unobserved(), Clock())
    for _ in range(20):
        breaker.failed(False, limited(1.0))
        breaker.failed(False, limited(None))
    assert breaker.state is State.CLOSED
    breaker.failed(False, limited(30.0))
    with pytest.raises(Problem) as refusal:
        breaker.admit()
    assert (refusal.value.code, refusal.value.reason) == (Code.RESOURCE_EXHAUSTED, "VENDOR_RATE_LIMITED")
    assert refusal.value.retry_after_seconds == 30
    assert "request_id" not in refusal.value.metadata


async def test_a_short_rate_limit_is_waited_out_by_all(vendors: FakeVendors) -> None:
    """Many calls are told at once to come back in a moment: each waits and is answered, none is told of a breaker."""
    vendors.plays = [Play(status=429, headers={"retry-after-ms": "200"}) for _ in range(12)]
    async with opened(vendors, limits=replace(AGAIN, breaker_samples=2)) as models:
        answers = await asyncio.gather(*(collect(models.make(["openai:a"])) for _ in range(12)))
    assert {text_of(each) for each in answers} == {TEXT}
    assert len(vendors.asked) == 24


async def test_a_rate_limit_without_end_is_told_as_one(vendors: FakeVendors) -> None:
    """With the time when to come back, for every call, however many there are."""
    vendors.play = Play(status=429, headers={"retry-after-ms": "100"})
    async with opened(vendors, limits=replace(AGAIN, breaker_samples=2)) as models:
        found = [(await collect_failing(models.make(["openai:a"])))[1] for _ in range(4)]
    assert {(each.code, each.reason) for each in found} == {(Code.RESOURCE_EXHAUSTED, "VENDOR_RATE_LIMITED")}
    assert {each.retry_after_seconds for each in found} == {0.1}
    assert len(vendors.asked) == 12


def test_a_probe_that_was_given_up_is_no_verdict() -> None:
    """The next call is the probe then."""
    clock = Clock()
    breaker = Breaker(TARGET, Unobserved(), clock)
    for _ in range(4):
        breaker.failed(False, broken())
    clock.now += 5
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
    async with opened(vendors, limits=HASTY, observe=seen) as models:
        await models.load(["openai", "anthropic"])
        prompt = replace(PROMPT, due=time.monotonic() + 3)
        answers = await collect(models.make(["openai", "anthropic"]), prompt)
    assert text_of(answers) == TEXT
    assert seen.counts[FALLBACKS, "VENDOR_SLOW"] == 1


@pytest.mark.parametrize("ping_every", [0.0, 0.02])
async def test_a_chain_passes_over_a_model_that_stops_in_the_middle(ping_every: float, vendors: FakeVendors) -> None:
    """It may be silent for its share of the time that is left; the next one's answer withdraws what it wrote.

    As long as the chain lives, the silent one is not asked again.
    """
    vendors.plays, seen = [Play(fault="stall", at=2, ping_every=ping_every)], Seen()
    async with opened(vendors, limits=HASTY, observe=seen) as models:
        await models.load(["openai", "ollama", "anthropic"])
        chain = models.make(["openai", "ollama", "anthropic"])
        prompt = replace(PROMPT, due=time.monotonic() + 4.5)
        answers = await collect(chain, prompt)
        left = prompt.due - time.monotonic() if prompt.due is not None else 0
        again = await collect(chain, replace(PROMPT, due=time.monotonic() + 4.5))
    (place,) = [place for place, answer in enumerate(answers) if answer.restarted]
    assert text_of(answers[:place])
    assert text_of(answers[place:]) == text_of(again) == TEXT
    assert left > 1.5
    assert seen.counts[FALLBACKS, "VENDOR_STALLED"] == 2
    assert [asked.path for asked in vendors.asked] == ["/v1/chat/completions", "/api/chat", "/api/chat"]


async def test_who_comes_behind_a_chain_has_a_share_too(vendors: FakeVendors) -> None:
    """The last model may not use up the time of whoever the caller asks next."""
    vendors.play = Play(fault="stall", at=2)
    async with opened(vendors, limits=HASTY) as models:
        await models.load(["openai"])
        due = time.monotonic() + 3
        came, found = await collect_failing(models.make(["openai"], behind=1), replace(PROMPT, due=due))
    assert text_of(came)
    assert (found.code, found.reason) == (Code.DEADLINE_EXCEEDED, "VENDOR_STALLED")
    assert due - time.monotonic() > 0.3


async def test_a_link_waits_no_longer_than_its_share(vendors: FakeVendors) -> None:
    """What it fails with is then told as what it is, not as silence."""
    vendors.plays, seen = [Play(status=429, headers={"retry-after": "4"})], Seen()
    limits = replace(HASTY, attempts=3, fallback_wait_seconds=20)
    async with opened(vendors, limits=limits, observe=seen) as models:
        await models.load(["openai", "anthropic"])
        answers = await collect(models.make(["openai", "anthropic"]), replace(PROMPT, due=time.monotonic() + 3))
    assert text_of(answers) == TEXT
    assert seen.counts[FALLBACKS, "VENDOR_RATE_LIMITED"] == 1


async def test_a_chain_does_not_wait_for_a_long_pause(vendors: FakeVendors) -> None:
    """A vendor that asks for half a minute, or that is left alone, is passed over at once."""
    vendors.plays = [Play(status=429, headers={"retry-after": "30"})]
    async with opened(vendors, limits=AGAIN) as models:
        for _ in range(2):
            assert text_of(await collect(models.make(["openai", "anthropic"]))) == TEXT
        _, found = await collect_failing(models.make(["openai"], behind=1))
    assert found.reason == "VENDOR_RATE_LIMITED"
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

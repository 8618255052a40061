"""What the settings say of vendors holds: knobs, shares and clocks, and those that are absurd are refused."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from headwater.config import load_settings
from headwater.errors import Code, Problem
from headwater.providers import Task
from headwater.writers import make_writers, vendor_limits
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import PROMPT, Seen, collect, collect_failing, secrets_for, text_of

TEXT = "".join(Play().texts)
SOURCE = "def half(number):\n    if number < 0:\n        return None\n    return number / 2\n"


@pytest.fixture
async def made(vendors: FakeVendors) -> Any:
    """Makes writers of settings, and closes them."""
    opened: list[Any] = []

    def make(**given: Any) -> Any:
        opened.append(make_writers(load_settings(**given), secrets_for(vendors), Seen()))
        return opened[-1]

    yield make
    for writers in opened:
        await writers.models.close()


ABSURD = [
    ("temperature", "-0.1"),
    ("temperature", "2.1"),
    ("temperature", "1e9"),
    ("temperature", "nan"),
    ("temperature", "hot"),
    ("max_output_tokens", "0"),
    ("max_output_tokens", "-5"),
    ("max_output_tokens", "many"),
    ("effort", "extreme"),
    ("provider_calls", "-1"),
    ("tenant_tokens_per_minute", "-1"),
    ("quota_wait_seconds", "-1"),
    ("provider_idle_seconds", "0"),
]


@pytest.mark.parametrize(("name", "value"), ABSURD)
def test_an_absurd_setting_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its variable, before anything is asked."""
    monkeypatch.setenv(f"HEADWATER_{name.upper()}", value)
    with pytest.raises(Problem) as found:
        load_settings()
    assert (found.value.code, found.value.reason) == (Code.INVALID_ARGUMENT, "SETTING_INVALID")
    assert f"HEADWATER_{name.upper()}" in found.value.message


async def ask_through(writers: Any, name: str, budget_seconds: float = 10) -> None:
    """Has the writers ask for tests of a module; what they say is not looked at."""
    task = Task(
        source=SOURCE,
        path="halves.py",
        module="halves",
        seed=7,
        budget_seconds=budget_seconds,
        explore=None,  # type: ignore[arg-type] — only the embedded provider explores
    )
    async with aclosing(writers.make([name], "someone").stream(task)) as deltas:
        async for _ in deltas:
            pass


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("openai:gpt-4o", {"temperature": 0.3, "max_completion_tokens": 700}, {"reasoning_effort"}),
        ("openai:gpt-5", {"reasoning_effort": "low", "max_completion_tokens": 700}, {"temperature"}),
        ("responses:o4-mini", {"reasoning": {"effort": "low"}, "max_output_tokens": 700}, {"temperature"}),
        ("anthropic:claude-sonnet-5-5", {"max_tokens": 700}, {"temperature"}),
    ],
)
async def test_knobs_come_from_the_settings(
    name: str, sent: dict[str, Any], kept: set[str], made: Any, vendors: FakeVendors
) -> None:
    """Temperature, length and effort reach the models that take them, and no other."""
    await ask_through(made(temperature=0.3, max_output_tokens=700, effort="low"), name)
    body = vendors.asked[0].body
    assert {key: body.get(key) for key in sent} == sent
    assert not kept & body.keys()


async def test_no_knob_is_turned_unless_it_is_set(made: Any, vendors: FakeVendors) -> None:
    await ask_through(made(), "openai:gpt-4o")
    assert not {"temperature", "reasoning_effort"} & vendors.asked[0].body.keys()


async def test_calls_at_once_are_counted_for_the_vendor(made: Any, vendors: FakeVendors) -> None:
    """With one place, the second caller waits, whoever it is; the vendor never sees two at once."""
    vendors.plays = [Play(fault="stall", at=1)]
    models = made(provider_calls=1).models
    async with aclosing(models.make(["openai"], tenant="a").answer(PROMPT)) as held:
        await anext(held)
        waiting = asyncio.create_task(collect(models.make(["openai"], tenant="b")))
        assert text_of(await collect(models.make(["ollama"], tenant="b"))) == TEXT
        assert not waiting.done()
    assert text_of(await waiting) == TEXT


@pytest.mark.parametrize(
    "setting",
    [
        {"provider_requests_per_minute": 1},
        {"tenant_requests_per_minute": 1},
        {"provider_tokens_per_minute": 100},
        {"tenant_tokens_per_minute": 100},
    ],
)
async def test_rates_are_kept(setting: dict[str, int], made: Any, vendors: FakeVendors) -> None:
    """Who would wait longer than is set is refused with the time when to come back, and the vendor is not asked."""
    models = made(**setting, quota_wait_seconds=0.1).models
    if "requests" in next(iter(setting)):
        assert text_of(await collect(models.make(["openai:gpt-4o"], tenant="a"))) == TEXT
    before = len(vendors.asked)
    _, found = await collect_failing(models.make(["openai:gpt-4o"], tenant="a"))
    assert (found.code, found.reason) == (Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
    assert found.retry_after_seconds
    assert len(vendors.asked) == before


async def test_no_wait_is_longer_than_the_attempt(made: Any, vendors: FakeVendors) -> None:
    """A turn that would come after the attempt's time is refused at once, though the share allows the wait."""
    writers = made(tenant_requests_per_minute=1, quota_wait_seconds=600)
    assert text_of(await collect(writers.models.make(["openai:gpt-4o"], tenant="someone"))) == TEXT
    with pytest.raises(Problem) as found:
        await ask_through(writers, "openai:gpt-4o", budget_seconds=5)
    assert found.value.reason == "QUOTA_EXCEEDED"
    assert found.value.retry_after_seconds is not None
    assert 5 < found.value.retry_after_seconds <= 60
    assert len(vendors.asked) == 1


def test_clocks_come_from_the_settings() -> None:
    """Each clock, and the whole of an answer is bounded by the whole of a run."""
    clocks = ("connect_seconds", "first_token_seconds", "reasoning_seconds", "idle_seconds", "check_seconds")
    given = {f"provider_{name}": number for number, name in enumerate(clocks, start=1)}
    limits = vendor_limits(load_settings(**given, run_seconds=6))
    assert [getattr(limits, name) for name in clocks] == [1, 2, 3, 4, 5]
    assert limits.total_seconds == 6

"""A language model behind GenerateTests: its tests are run like any others, and it never stands in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import any_pb2
from google.rpc import error_details_pb2

from headwater.config import load_settings
from headwater.errors import Code, Problem
from headwater.local import Local, ask, opened
from headwater.v1 import generate_tests_pb2 as pb
from headwater.v1 import list_providers_pb2
from tests.end_to_end.streams import check_drafts
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors, fake_vendors

SOURCE = """\
def sign(number):
    if number < 0:
        return "minus"
    if number == 0:
        return "zero"
    return "plus"
"""
KEY = "sk-planted-0123456789"
ANSWER = (
    "Here are the tests:\n```python\nimport pytest\nfrom numbers_module import sign\n\n\n",
    "def test_sign_of_minus():\n    assert sign(-1) == 'minus'\n\n\n",
    "def test_sign_of_zero():\n    assert sign(0) == 'zero'\n\n\n",
    "def test_sign_is_wrong():\n    assert sign(1) == 'minus'\n```\nI hope this helps.\n",
)
VARIABLES = {"openai": "OPENAI", "anthropic": "ANTHROPIC", "responses": "OPENAI"}


@pytest.fixture
async def vendors() -> AsyncIterator[FakeVendors]:
    async with fake_vendors(Play(texts=ANSWER)) as served:
        yield served


@pytest.fixture
async def service(vendors: FakeVendors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Local]:
    for name in ("OPENAI", "ANTHROPIC"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{vendors.url}/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", vendors.url)
    monkeypatch.setenv("OLLAMA_HOST", vendors.url)
    monkeypatch.delenv("DEEPSEEK_API_KEY", raising=False)
    settings = load_settings(store=f"sqlite://{tmp_path}/journal.db", on_disconnect="cancel", max_attempts=1)
    async with opened(settings) as local:
        yield local


async def stream(service: Local, *provider: str, **fields: Any) -> AsyncGenerator[pb.GenerateTestsEvent]:
    source = pb.Source(path="numbers_module.py", content=SOURCE)
    request = pb.GenerateTestsRequest(source=source, provider=provider, **fields)
    async with aclosing(service.stream("GenerateTests", request)) as events:
        async for event in events:
            yield event


async def run(service: Local, *provider: str, **fields: Any) -> list[pb.GenerateTestsEvent]:
    return [event async for event in stream(service, *provider, **fields)]


def retry_info(detail: any_pb2.Any) -> float:
    info = error_details_pb2.RetryInfo()
    assert detail.Unpack(info)
    return info.retry_delay.ToTimedelta().total_seconds()


def kinds(events: list[pb.GenerateTestsEvent]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


@pytest.mark.parametrize(
    "provider", ["openai:gpt-4o", "responses:gpt-4o", "anthropic:claude-sonnet-5-5", "ollama:fake"]
)
async def test_what_a_model_writes_is_run_before_it_is_announced(service: Local, provider: str) -> None:
    """On every wire: good tests are announced, the wrong one is dropped with its error, the cost is told."""
    events = await run(service, provider)
    tests = [event.test.test_case.test_name for event in events if event.HasField("test")]
    assert tests == ["test_sign_of_minus", "test_sign_of_zero"]
    complete = events[-1].complete
    assert complete.success
    assert [each.test_name for each in complete.dropped if each.verdict == pb.VERDICT_FAILED] == ["test_sign_is_wrong"]
    assert (complete.coverage_estimate.branches_covered, complete.coverage_estimate.branches_total) == (3, 4)
    assert complete.metadata.answered_by == provider
    assert complete.metadata.usage.input >= 100
    assert len(complete.metadata.prompt_sha256) == 64
    assert "I hope this helps" not in complete.output


async def test_tests_come_before_the_answer_ends(service: Local, vendors: FakeVendors) -> None:
    """A test is announced while the model still writes the next one, the end of which waits for that."""
    announced = asyncio.Event()
    vendors.play = Play(texts=ANSWER, at=len(ANSWER) - 1, until=announced)
    names: list[str | None] = []
    async for event in stream(service, "openai:gpt-4o"):
        names += kinds([event])
        if event.HasField("test"):
            announced.set()
    assert names.index("test") < len(names) - 1 - names[::-1].index("chunk")


async def test_no_key_is_told_with_its_variable(service: Local) -> None:
    """A vendor without its key refuses the call before a run begins, and names the way that needs none."""
    with pytest.raises(Problem) as refusal:
        await run(service, "deepseek")
    assert (refusal.value.code, refusal.value.reason) == (Code.FAILED_PRECONDITION, "VENDOR_KEY_MISSING")
    assert "DEEPSEEK_API_KEY" in str(refusal.value)
    assert "embedded" in str(refusal.value)


async def test_with_every_vendor_down_the_chain_still_ends_in_tests(service: Local, vendors: FakeVendors) -> None:
    """The last link needs no vendor: a warning says what failed, and the run is complete."""
    vendors.play = Play(status=529)
    events = await run(service, "openai:gpt-4o", "anthropic", "embedded")
    assert kinds(events)[-1] == "complete"
    assert events[-1].complete.total >= 1
    assert [event.warning.reason for event in events if event.HasField("warning")] == ["PROVIDER"]
    assert events[-1].complete.coverage_estimate.combined == 100


@pytest.mark.parametrize("behind", ["anthropic:claude-sonnet-5-5", "embedded"])
async def test_a_vendor_that_stops_in_the_middle_leaves_time_for_the_next(
    service: Local, vendors: FakeVendors, behind: str
) -> None:
    """What was not complete is withdrawn by `reset`, what was complete stays, and the next link goes on to the end."""
    vendors.plays = [Play(texts=(*ANSWER[:2], "def test_never_ends():\n    assert ", "sign"), fault="stall", at=3)]
    limits = pb.GenerateTestsLimits(max_attempts=1)
    limits.budget.FromSeconds(6)
    events = await run(service, "openai:gpt-4o", behind, limits=limits)
    names = kinds(events)
    assert names[-1] == "complete"
    reset = next(event.reset for event in events if event.HasField("reset"))
    assert (reset.scope, reset.attempt) == ("draft", 1)
    check_drafts(events)
    assert "test_never_ends" not in next(event.draft.content for event in events if event.HasField("draft"))
    tests = [event.test.test_case.test_name for event in events if event.HasField("test")]
    assert tests[0] == "test_sign_of_minus"
    assert len(tests) > 1
    assert events[-1].complete.coverage_estimate.branches_covered >= 3


async def test_a_short_rate_limit_is_waited_out(service: Local, vendors: FakeVendors) -> None:
    """The run takes a moment longer, and says nothing of it."""
    vendors.plays = [Play(status=429, headers={"retry-after": "1"})]
    events = await run(service, "openai:gpt-4o")
    assert events[-1].complete.success
    assert not [event for event in events if event.HasField("warning")]


async def test_a_rate_limit_without_end_is_told_with_the_time(service: Local, vendors: FakeVendors) -> None:
    """As what it is, however often it was met: never as a model that is left alone."""
    vendors.play = Play(status=429, headers={"retry-after": "30"})
    for _ in range(2):
        error = (await run(service, "openai:gpt-4o"))[-1].error
        assert (error.error.code, error.reason) == (Code.RESOURCE_EXHAUSTED, "VENDOR_RATE_LIMITED")
        waits = [retry_info(each) for each in error.error.details if each.Is(error_details_pb2.RetryInfo.DESCRIPTOR)]
        assert [0 < seconds <= 30 for seconds in waits] == [True]


async def test_a_vendor_that_fails_alone_ends_the_run_with_its_reason(service: Local, vendors: FakeVendors) -> None:
    """Without a link behind it, the failure is the terminal error, typed, and without the key."""
    vendors.play = Play(status=401)
    events = await run(service, "openai:gpt-4o")
    error = events[-1].error
    assert error.reason == "VENDOR_KEY_REJECTED"
    assert error.remedy
    assert KEY not in str(events)


async def test_the_settings_reach_the_vendor(vendors: FakeVendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Knobs are sent with each question; who has used up his share is refused with the time when to come back."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{vendors.url}/v1")
    settings = load_settings(
        store="sqlite://:memory:",
        max_attempts=1,
        temperature=0.3,
        max_output_tokens=700,
        tenant_requests_per_minute=1,
        quota_wait_seconds=0.1,
    )
    async with opened(settings) as local:
        assert (await run(local, "openai:gpt-4o"))[-1].complete.success
        refused = (await run(local, "openai:gpt-4o"))[-1].error
    assert [asked.body["temperature"] for asked in vendors.asked] == [0.3]
    assert [asked.body["max_completion_tokens"] for asked in vendors.asked] == [700]
    assert (refused.error.code, refused.reason) == (Code.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
    assert refused.retryable
    waits = [retry_info(each) for each in refused.error.details if each.Is(error_details_pb2.RetryInfo.DESCRIPTOR)]
    assert [1 < seconds <= 60 for seconds in waits] == [True]


async def test_search_comes_first_where_both_are_asked(service: Local, vendors: FakeVendors) -> None:
    """With `embedded+openai`, a module that the search covers alone costs no token."""
    events = await run(service, "embedded+openai:gpt-4o", limits=pb.GenerateTestsLimits(max_attempts=3))
    assert events[-1].complete.coverage_estimate.combined == 100
    assert vendors.asked == []


@pytest.mark.parametrize("provider", ["nobody", "embedded+nobody", "scripted+openai"])
async def test_a_name_that_means_nobody_is_refused(service: Local, provider: str) -> None:
    """The refusal lists whom one may ask."""
    with pytest.raises(Problem) as refusal:
        await run(service, provider)
    assert refusal.value.reason == "PROVIDER_UNKNOWN"
    assert "openai" in refusal.value.remedy


async def test_providers_are_listed_with_what_they_need(vendors: FakeVendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is configured, which variable is missing, and on request whether the vendor answers now."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{vendors.url}/v1")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    settings = load_settings(store="sqlite://:memory:")
    answer: Any = await ask(settings, "ListProviders", list_providers_pb2.ListProvidersRequest())
    found = {each.name: each for each in answer.providers}
    assert found["embedded"].configured
    assert found["openai"].configured
    assert (found["anthropic"].configured, found["anthropic"].key_variable) == (False, "ANTHROPIC_API_KEY")
    request = list_providers_pb2.ListProvidersRequest(provider="openai", check=True)
    (openai,) = (await ask(settings, "ListProviders", request)).providers  # type: ignore[attr-defined]
    assert openai.check.ok
    assert "fake" in [model.name for model in openai.models]
    assert KEY not in str(answer)
    request = list_providers_pb2.ListProvidersRequest(provider="anthropic", check=True)
    (anthropic,) = (await ask(settings, "ListProviders", request)).providers  # type: ignore[attr-defined]
    assert not anthropic.check.ok
    assert "ANTHROPIC_API_KEY" in anthropic.check.message


TAILS = {
    "remarks": "# nothing more to say\n" * 5000,
    "inside": "    # nothing more\n" * 5000,
    "one line": "x" * 100_000,
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
async def test_megabytes_behind_good_tests_cost_none_of_them(service: Local, vendors: FakeVendors, tail: str) -> None:
    """The vendor is left when the answer is too long; a warning says so, and the tests above are accepted."""
    vendors.play = Play(texts=(ANSWER[0], ANSWER[1], ANSWER[2].rstrip() + "\n", *[tail] * 50))
    events = await run(service, "openai:gpt-4o")
    assert [event.test.test_case.test_name for event in events if event.HasField("test")] == [
        "test_sign_of_minus",
        "test_sign_of_zero",
    ]
    assert ["was cut at" in event.warning.message for event in events if event.HasField("warning")] == [True]
    assert sum(event.ByteSize() for event in events) < 200_000
    assert vendors.asked[0].sent < 50

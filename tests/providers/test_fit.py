"""A question that is longer than its model's context is not sent, where the context is known."""

from __future__ import annotations

import pytest

from headwater.errors import Code
from headwater.providers.models import Message, Prompt, Role
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import collect, collect_failing, opened, text_of

TEXT = "".join(Play().texts)


def long_prompt(tokens: int) -> Prompt:
    return Prompt(messages=(Message(role=Role.USER, text="abc " * tokens),))


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("openai:gpt-4o", 128_001),
        ("responses:gpt-4", 8_193),
        ("anthropic:claude-sonnet-4-5", 200_001),
        ("ollama:qwen3-coder", 32_769),
    ],
)
async def test_what_does_not_fit_is_refused_unsent(name: str, tokens: int, vendors: FakeVendors) -> None:
    """With both numbers, and with what to do; the vendor hears nothing of it."""
    async with opened(vendors) as models:
        _, found = await collect_failing(models.make([name]), long_prompt(tokens))
    assert (found.code, found.reason) == (Code.FAILED_PRECONDITION, "VENDOR_CONTEXT_TOO_LONG")
    assert f"{tokens:,}" in found.message
    assert f"{tokens - 1:,}" in found.message
    assert "less at a time" in found.remedy
    assert not vendors.asked


@pytest.mark.parametrize("name", ["openai:gpt-4.1", "vllm:unheard-of", "openai:unheard-of"])
async def test_what_may_fit_is_sent(name: str, vendors: FakeVendors) -> None:
    """A longer context holds it; of one that nobody knows only the vendor can say."""
    async with opened(vendors) as models:
        assert text_of(await collect(models.make([name]), long_prompt(200_000))) == TEXT


async def test_a_longer_context_takes_over(vendors: FakeVendors) -> None:
    """In a chain, the next model whose context holds the question answers it."""
    async with opened(vendors) as models:
        answers = await collect(models.make(["openai:gpt-4o", "openai:gpt-4.1"]), long_prompt(200_000))
    assert text_of(answers) == TEXT
    assert answers[0].model == "openai:gpt-4.1"
    assert len(vendors.asked) == 1

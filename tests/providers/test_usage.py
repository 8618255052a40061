"""What an answer cost: by the table that is shipped, by the user's own, or not known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from headwater.errors import Problem
from headwater.providers.genai import COST, DURATION, FIRST_CHUNK, METRICS, PER_CHUNK, TOKENS
from headwater.providers.models import Usage
from headwater.providers.spans import Traced
from headwater.providers.usage import load_prices
from headwater.vendor_metrics import VendorMetrics
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import PROMPT, Seen, collect, collect_failing, opened

USAGE = Usage(input=1_000_000, cached=400_000, cache_written=100_000, output=200_000)


@pytest.mark.parametrize(
    ("name", "usage", "cost"),
    [
        ("openai:gpt-4o", Usage(input=1000, output=100), 0.0025 + 0.001),
        ("openai:gpt-4o-2024-11-20", Usage(input=1000, cached=1000), 0.00125),
        ("azure:gpt-4o", Usage(input=1000), 0.0025),
        ("openai:gpt-4o-2024-05-13", Usage(input=1000, cached=1000, output=1000), 0.005 + 0.015),
        ("openai:gpt-4.1-mini-2025-04-14", Usage(input=1000, cached=500), 0.0002 + 0.00005),
        ("responses:o3", Usage(input=1000, cached=400, output=100), 0.0012 + 0.0002 + 0.0008),
        ("responses:o3-pro", Usage(input=1000), 0.02),
        ("openai:o3-mini", Usage(input=1000, cached=1000), 0.00055),
        ("openai:gpt-4-0613", Usage(input=1000), 0.03),
        ("anthropic:claude-opus-4-1-20250805", Usage(input=1000), 0.015),
        ("anthropic:claude-opus-4-20250514", Usage(input=1000), 0.015),
        ("anthropic:claude-sonnet-5-5", USAGE, 1.0 + 0.04 + 0.25 + 2.0),
        ("anthropic:claude-sonnet-4-5-20250929", Usage(output=1000), 0.015),
        ("openai:gpt-6.1-terra", Usage(input=272_000), 0.272),
        ("openai:gpt-6.1-terra", Usage(input=272_001), 0.544002),
        ("ollama:whatever", USAGE, 0.0),
        ("openai:gpt-6-sol-2026-09-22", Usage(input=300_000, cached=300_000, output=1000), 0.12 + 0.015),
        ("anthropic:claude-fable-5", Usage(output=1000), 0.05),
        ("openai:gpt-4o-unheard-of", USAGE, None),
        ("openai:gpt-4o-3", USAGE, None),
        ("anthropic:claude-opus-5-9", USAGE, None),
        ("anthropic:claude-opus-5-9-20270101", USAGE, None),
        ("qwen:qwen3-coder-plus", USAGE, None),
        ("openrouter:x/y", USAGE, None),
    ],
)
def test_cost_is_computed(name: str, usage: Usage, cost: float | None) -> None:
    """Per million tokens: plain, cached, written to the cache, output; a long question costs more."""
    assert load_prices().cost(name, usage) == pytest.approx(cost)


def test_the_shipped_table_is_plausible() -> None:
    """It tells its day; cached input costs less than input, output more, a long question more than a short."""
    prices = load_prices()
    assert prices.as_of is not None
    assert prices.as_of >= date(2026, 11, 21)
    for price in prices.models.values():
        assert 0 < (price.cached or price.input / 2) < price.input < price.output
        assert price.cache_written is None or price.input < price.cache_written <= 2 * price.input
        if price.long is not None:
            assert price.long_above > 0
            assert price.input < price.long.input
            assert price.output < price.long.output
            assert price.long.long is None


def test_a_table_of_ones_own_wins(tmp_path: Path) -> None:
    """It adds and replaces; both versions are told."""
    own = tmp_path / "prices.json"
    own.write_text(json.dumps({"version": "ours", "models": {"openai:gpt-4o": {"input": 1, "output": 2}}}))
    prices = load_prices(own)
    assert prices.version.endswith("+ours")
    assert prices.cost("openai:gpt-4o", Usage(input=1_000_000)) == pytest.approx(1.0)
    assert prices.cost("openai:gpt-4o-mini", Usage(input=1_000_000)) == pytest.approx(0.15)


BROKEN = [
    "",
    "[]",
    '{"version": 1}',
    '{"version": 1, "models": {"a:b": {"input": "1", "output": 1}}}',
    '{"version": 1, "models": {"a:b": {"input": -1, "output": 1}}}',
    '{"version": 1, "models": {"a:b": {"inptu": 1}}}',
    '{"version": 1, "models": {"a:b": 7}}',
    '{"version": 1, "models": []}',
    '{"version": 1, "as_of": "yesterday", "models": {}}',
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_table_is_refused(text: str, tmp_path: Path) -> None:
    own = tmp_path / "prices.json"
    own.write_text(text)
    with pytest.raises(Problem) as found:
        load_prices(own)
    assert found.value.reason == "PRICES_BROKEN"
    assert "prices.json" in found.value.message


async def test_what_is_measured(vendors: FakeVendors) -> None:
    """Durations, first and further chunks, tokens, cost: under names and labels that are registered."""
    vendors.play, seen = Play(tokens=5, per_second=100), Seen()
    async with opened(vendors, observe=seen) as models:
        await collect(models.make(["openai"]))
    assert {name: len(values) for name, values in seen.values.items()} == {
        FIRST_CHUNK: 1,
        PER_CHUNK: pytest.approx(4, abs=3),
        TOKENS: 2,
        DURATION: 1,
    }
    assert seen.values[TOKENS] == [100, 20]
    cost = (60 * 1.0 + 40 * 0.05 + 20 * 5.0) / 1e6
    assert seen.counts == {(COST, "gpt-6.1-terra"): pytest.approx(cost)}
    assert {*seen.values, COST} <= {metric.name for metric in METRICS}


def test_made_up_models_are_one_row() -> None:
    """A caller may name any model; the page of metrics does not grow with each."""
    registry = CollectorRegistry()
    metrics = VendorMetrics(registry, most_models=3)
    for number in range(10):
        metrics.count(COST, {"vendor": "openai", "model": f"m{number}"}, 1.0)
    rows = {
        each.labels["model"]: each.value
        for metric in registry.collect()
        for each in metric.samples
        if each.name == COST
    }
    assert rows == {"m0": 1, "m1": 1, "m2": 1, "other": 7}


class Span:
    """What a tracer of OpenTelemetry gives."""

    def __init__(self, name: str, attributes: dict[str, object]) -> None:
        self.name, self.attributes, self.ended, self.failed = name, dict(attributes), 0, False

    def set_attribute(self, name: str, value: object) -> None:
        self.attributes[name] = value

    def set_status(self, status: object) -> None:
        self.failed = True

    def end(self) -> None:
        self.ended += 1


class Tracer:
    """Remembers spans."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def start_span(self, name: str, *, kind: object, attributes: dict[str, object]) -> Span:
        self.spans.append(Span(name, attributes))
        return self.spans[-1]


async def test_spans_tell_no_content(vendors: FakeVendors) -> None:
    """One span for a call; its names are the conventional ones; neither question nor answer is in it."""
    tracer = Tracer()
    async with opened(vendors) as models:
        await collect(Traced(models.make(["anthropic"]), tracer))
        vendors.play = Play(status=429)
        await collect_failing(Traced(models.make(["openai"]), tracer))
    good, bad = tracer.spans
    assert good.name == "chat claude-sonnet-5-5"
    assert good.attributes["gen_ai.provider.name"] == "anthropic"
    assert good.attributes["gen_ai.usage.input_tokens"] == 100
    assert good.attributes["gen_ai.response.finish_reasons"] == ("stop",)
    assert bad.attributes["error.type"] == "VENDOR_RATE_LIMITED"
    assert [(span.ended, span.failed) for span in tracer.spans] == [(1, False), (1, True)]
    shown = str([span.attributes for span in tracer.spans])
    assert PROMPT.messages[1].text not in shown
    assert "test_a" not in shown


async def test_spans_go_to_whatever_is_installed(vendors: FakeVendors) -> None:
    """With nothing behind OpenTelemetry's API a span is nothing; the answer is the same."""
    from headwater.providers.make import Models  # noqa: PLC0415 — for its switch
    from tests.providers.asking import secrets_for  # noqa: PLC0415 — likewise

    pytest.importorskip("opentelemetry.trace", reason="the API of OpenTelemetry is not installed")
    async with Models(secrets_for(vendors), spans=True) as models:
        assert (await collect(models.make(["openai"])))[-1].finish

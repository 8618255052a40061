"""What the tests of vendors share: how to reach a fake vendor under each name, what to ask, what came."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from headwater.errors import Problem
from headwater.providers.limits import Limits
from headwater.providers.make import Models
from headwater.providers.models import Answer, Message, Model, Prompt, Role
from headwater.providers.vendors import VENDORS
from tests.fakes.vendors import FakeVendors

KEY = "sk-marker-0123456789abcdef"
WIRES = ("openai", "responses", "anthropic", "ollama")
PROMPT = Prompt(
    messages=(
        Message(role=Role.SYSTEM, text="You write tests."),
        Message(role=Role.USER, text="A secret sentence of the user's own source code."),
    )
)
QUICK = Limits(attempts=1, backoff_seconds=0.0, first_token_seconds=20, idle_seconds=20, drain_seconds=20)
"""One attempt, so that a test sees its first failure; its clocks are longer than any pause of a busy machine."""


@dataclass
class Seen:
    """An observer that remembers."""

    counts: dict[tuple[str, str], float] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=dict)
    gauges: list[tuple[str, float]] = field(default_factory=list)

    def count(self, name: str, labels: Mapping[str, str], by: float = 1.0) -> None:
        key = (name, next(reversed(labels.values())))
        self.counts[key] = self.counts.get(key, 0.0) + by

    def record(self, name: str, labels: Mapping[str, str], value: float) -> None:
        self.values.setdefault(name, []).append(value)

    def gauge(self, name: str, labels: Mapping[str, str], value: float) -> None:
        self.gauges.append((name, value))


def secrets_for(vendors: FakeVendors, *names: str) -> dict[str, str]:
    """The variables that lead these vendors, or all of them, to the fake ones."""
    found: dict[str, str] = {}
    for name in names or VENDORS:
        vendor = VENDORS[name]
        found |= dict.fromkeys(vendor.keys, KEY)
        path = "/v1" if vendor.wire in {"openai", "responses"} and not vendor.quirks.suffix else ""
        found[vendor.url_variable] = vendors.url + path
    return found


@asynccontextmanager
async def opened(
    vendors: FakeVendors, *, limits: Limits = QUICK, observe: Seen | None = None, secrets: Any = None
) -> AsyncIterator[Models]:
    async with Models(secrets_for(vendors) if secrets is None else secrets, limits=limits, observe=observe) as models:
        yield models


async def collect(model: Model, prompt: Prompt = PROMPT) -> list[Answer]:
    async with aclosing(model.answer(prompt)) as answers:
        return [answer async for answer in answers]


async def collect_failing(model: Model, prompt: Prompt = PROMPT) -> tuple[list[Answer], Problem]:
    """Returns what came and the Problem after it; a success is the test's failure."""
    came: list[Answer] = []
    try:
        async with aclosing(model.answer(prompt)) as answers:
            async for answer in answers:
                came.append(answer)  # noqa: PERF401 — what came before the Problem counts
    except Problem as found:
        return came, found
    raise AssertionError(f"it succeeded: {came}")


def text_of(answers: Sequence[Answer]) -> str:
    return "".join(answer.text for answer in answers)


def named(name: str) -> str:
    """Names a model where the vendor has none of its own choice."""
    return name if VENDORS[name].model else f"{name}:some-model"

"""Makes who writes the tests of a run, from the names that its request gives: part of the composition root."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from headwater.config import Settings
from headwater.errors import Problem
from headwater.pipeline.prompted import Prompted, PromptedOptions
from headwater.pipeline.together import Fallback, InTurn
from headwater.pipeline.wording import load_templates
from headwater.providers import PROVIDERS, Delta, Provider, Task, make_provider
from headwater.providers.genai import Observe
from headwater.providers.limits import Limits, Share
from headwater.providers.make import Models
from headwater.providers.models import Answer, Around, Model, Prompt
from headwater.providers.names import FIRST
from headwater.providers.usage import load_prices


def make_writers(settings: Settings, secrets: Mapping[str, str], observe: Observe) -> Writers:
    """Makes the writers of a service; `secrets` holds the vendors' variables. Raises the Problem of a setting."""
    models = Models(
        secrets,
        limits=vendor_limits(settings),
        observe=observe,
        prices=load_prices(settings.prices),
        spans=settings.tracing,
    )
    prompted = PromptedOptions(
        temperature=settings.temperature, max_tokens=settings.max_output_tokens, effort=settings.effort
    )
    return Writers(models, prompts=settings.prompts, options={"scripts": settings.scripts}, prompted=prompted)


def vendor_limits(settings: Settings) -> Limits:
    """Reads what vendors may be asked, and how long for."""
    return Limits(
        connect_seconds=settings.provider_connect_seconds,
        first_token_seconds=settings.provider_first_token_seconds,
        reasoning_seconds=settings.provider_reasoning_seconds,
        idle_seconds=settings.provider_idle_seconds,
        check_seconds=settings.provider_check_seconds,
        total_seconds=settings.run_seconds,
        vendor=Share(
            concurrent=settings.provider_calls,
            requests_per_minute=settings.provider_requests_per_minute,
            tokens_per_minute=settings.provider_tokens_per_minute,
            waiting_seconds=settings.quota_wait_seconds,
        ),
        tenant=Share(
            concurrent=settings.tenant_calls,
            requests_per_minute=settings.tenant_requests_per_minute,
            tokens_per_minute=settings.tenant_tokens_per_minute,
            waiting_seconds=settings.quota_wait_seconds,
        ),
    )


class Writers:
    """Makes providers; keeps what they share, such as connections and quotas."""

    def __init__(
        self,
        models: Models,
        *,
        prompts: Path | None,
        options: Mapping[str, Any],
        prompted: PromptedOptions | None = None,
    ) -> None:
        """Asks vendors through `models`, in the words of the templates that `prompts` may replace."""
        self.models = models
        self._templates = load_templates(prompts)
        self._options = options
        self._prompted = prompted

    def make(self, names: Sequence[str], owner: str) -> Provider:
        """Makes the provider of one run. Each name is asked where those before it cannot go on.

        Vendors that follow each other are a chain, in which the next takes over at once; one that cannot be made, for
        want of a key, is passed over if there is another. Raises the Problem of the first where none can be made.
        """
        rest: Provider | None = None
        problems: list[Problem] = []
        behind = 0
        for group in reversed(list(_groups(names))):
            try:
                made = self._make(group, owner, behind)
            except Problem as problem:
                problems.append(problem)
                continue
            rest = made if rest is None else Fallback(made, rest, share=len(group) / (len(group) + behind))
            behind += len(group)
        if rest is None:
            raise problems[-1]
        return Candid(rest)

    def ask(self, names: Sequence[str], owner: str) -> Model:
        """Makes the model that vendors' names mean, or the chain of them. Raises the Problem of what none can be."""
        return self.models.make(names, tenant=owner)

    def _make(self, names: Sequence[str], owner: str, behind: int) -> Provider:
        """Makes one link; so many others are `behind` it, and nobody waits for a vendor while they could begin."""
        first = names[0]
        if first.startswith(FIRST):
            embedded = make_provider("embedded", self._options)
            return InTurn(embedded, self._ask([first.removeprefix(FIRST)], owner, behind))
        own = first.partition(":")[0]
        return make_provider(own, self._options) if own in PROVIDERS else self._ask(names, owner, behind)

    def _ask(self, names: Sequence[str], owner: str, behind: int) -> Provider:
        model = Punctual(self.models.make(names, tenant=owner, behind=behind))
        return InTime(Prompted(model, self._templates, self._prompted), model)


class Punctual(Around):
    """A model that is told with each question when the answer is due."""

    due: float | None = None

    def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks and yields the answer as it comes."""
        return self._model.answer(replace(prompt, due=self.due))


class InTime:
    """Lets a model wait, for a turn or for another try, only while an attempt still has time for the answer."""

    def __init__(self, provider: Provider, model: Punctual) -> None:
        """Has `provider` write, which asks `model`."""
        self._provider = provider
        self._model = model

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Writes. A wait that is refused is told as what it is, where its end would pass for a model with no ideas."""
        self._model.due = time.monotonic() + WORTH_WAITING * task.budget_seconds
        async with aclosing(self._provider.stream(task)) as deltas:
            async for delta in deltas:
                yield delta


WORTH_WAITING = 0.9
"""The share of an attempt's time that may go by in waiting: after it, no answer could be written."""


class Candid:
    """Says, before it has another provider write, what of the task nobody heeds."""

    def __init__(self, provider: Provider) -> None:
        """Has `provider` write."""
        self._provider = provider

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Warns in the first attempt, and writes."""
        if task.test_type != HEEDED and task.attempt == 1:
            warning = f"Tests of the type {task.test_type!r} are written as {HEEDED} tests, one symbol at a time."
            yield Delta(warning=warning)
        async with aclosing(self._provider.stream(task)) as deltas:
            async for delta in deltas:
                yield delta


HEEDED = "unit"
"""The type of tests that every provider writes, whatever else is asked for."""


def _groups(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Splits the names: vendors in a row stay together, everyone else stands alone."""

    def alone(numbered: tuple[int, str]) -> int:
        number, name = numbered
        is_vendor = not name.startswith(FIRST) and name.partition(":")[0] not in PROVIDERS
        return -1 if is_vendor else number

    for _, group in groupby(enumerate(names), alone):
        yield [name for _, name in group]

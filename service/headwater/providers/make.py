"""Makes models: finds the vendor, opens the wire, and puts clocks, quotas, breaker, retries and measures around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from headwater.errors import Problem, invalid
from headwater.providers import anthropic, chat, ollama, openai, responses
from headwater.providers.asking import Wire
from headwater.providers.breaker import Breaker, Guarded
from headwater.providers.chain import Chain
from headwater.providers.clocks import Bounded, Clocked
from headwater.providers.fit import Fitted
from headwater.providers.genai import FALLBACKS, Measured, Observe, Unobserved
from headwater.providers.limits import Limits
from headwater.providers.models import Answer, Around, Model, Prompt
from headwater.providers.quota import Meter, Metered
from headwater.providers.retry import Budget, Retried
from headwater.providers.spans import Traced, find_tracer
from headwater.providers.usage import Counted, Prices, load_prices
from headwater.providers.vendors import VENDORS, Target, find_target


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a wire is opened: a client, which calls share, and a model that uses it."""

    client: Callable[[Target], Any]
    model: Callable[[Target, Any], Wire]


WIRES: Mapping[str, Opening] = {
    "openai": Opening(client=openai.make_client, model=chat.Chat),
    "responses": Opening(client=openai.make_client, model=responses.Responses),
    "anthropic": Opening(client=anthropic.make_client, model=anthropic.Anthropic),
    "ollama": Opening(client=ollama.make_client, model=ollama.Ollama),
}


class Models:
    """Makes models, and keeps what they share: connections, breakers, quotas, retry budgets. One for the service."""

    def __init__(
        self,
        secrets: Mapping[str, str],
        *,
        limits: Limits | None = None,
        observe: Observe | None = None,
        prices: Prices | None = None,
        spans: bool = False,
    ) -> None:
        """`secrets` holds the vendors' variables; only the settings know where they come from.

        Raises Problem FAILED_PRECONDITION `TRACING_MISSING`.
        """
        self._secrets = secrets
        self.limits = limits or Limits()
        self._observe = observe or Unobserved()
        self.prices = prices or load_prices()
        self._tracer = find_tracer() if spans else None
        self._clients: dict[str, Any] = {}
        self._breakers: dict[str, Breaker] = {}
        self._budgets: dict[str, Budget] = {}
        self._meters: dict[tuple[str, str | None], Meter] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def make(self, names: Sequence[str], *, tenant: str = "", deadline: float | None = None, behind: int = 0) -> Model:
        """Makes the model `vendor:model`, or a chain of several; `deadline` is by `time.monotonic()`.

        So many others are `behind` it, whom the caller asks next: they have a share of the time, and nobody waits for a
        vendor's long pause while they could begin.

        A link of a chain that cannot be made is passed over, as one that does not answer would be. Raises Problem
        INVALID_ARGUMENT `VENDOR_UNKNOWN` or `MODEL_MISSING`, and for the first link what keeps it from being made
        where there is no other.
        """
        if not names:
            raise invalid("VENDOR_UNKNOWN", "provider", "No vendor is named.", f"Use one of: {', '.join(VENDORS)}.")
        targets: list[Target] = []
        problems: list[Problem] = []
        for name in names:
            try:
                targets.append(find_target(name, self._secrets, self.limits))
            except Problem as found:
                if found.reason == "VENDOR_UNKNOWN":
                    raise
                self._observe.count(FALLBACKS, {"vendor": name.partition(":")[0], "reason": found.reason})
                problems.append(found)
        if not targets:
            raise problems[0]
        made = [
            self._link(target, tenant, deadline, patient=not behind and place == len(targets))
            for place, target in enumerate(targets, start=1)
        ]
        alone = len(made) == 1 and not behind
        return Bounded(
            made[0] if alone else Chain(made, self._observe, self.limits, behind=behind), self.limits, deadline
        )

    def open(self, target: Target) -> Wire:
        """Opens a wire, with nothing around it."""
        opening = WIRES[VENDORS[target.vendor].wire]
        client = self._clients.get(target.vendor)
        if client is None:
            client = self._clients[target.vendor] = opening.client(target)
        return opening.model(target, client)

    def target(self, name: str) -> Target:
        """Finds whom `vendor` or `vendor:model` means. Raises Problem, as `make` does."""
        return find_target(name, self._secrets, self.limits)

    async def load(self, names: Sequence[str]) -> None:
        """Loads the SDKs of these vendors in a thread: that takes up to a second, which no stream should wait for."""
        targets = [find_target(name, self._secrets, self.limits) for name in names]
        for target in targets:
            await asyncio.to_thread(self.open, target)

    async def close(self) -> None:
        """Closes all connections."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.close()

    def _link(self, target: Target, tenant: str, deadline: float | None, *, patient: bool) -> Model:
        breaker = self._breaker(target)
        budget = self._budgets.get(target.vendor)
        if budget is None:
            budget = self._budgets[target.vendor] = Budget(self.limits)
        model: Model = Counted(Clocked(self.open(target), target), target)
        shares = self._shares(target.vendor, tenant)
        model = Guarded(Metered(model, target, shares, deadline=deadline, patient=patient), breaker)
        model = Retried(model, target, budget, self._observe, deadline=deadline, patient=patient)
        model = Measured(Fitted(model, target), self._observe, self.prices)
        return model if self._tracer is None else Traced(model, self._tracer)

    def _breaker(self, target: Target) -> Breaker:
        """Finds the breaker of a model. A model may have any name that a caller makes up: not all are kept."""
        if len(self._breakers) > self.limits.breakers:
            self._breakers = {name: each for name, each in self._breakers.items() if not each.idle}
        if target.name not in self._breakers:
            self._breakers[target.name] = Breaker(target, self._observe)
        return self._breakers[target.name]

    def _shares(self, vendor: str, tenant: str) -> tuple[Meter, ...]:
        if len(self._meters) > self.limits.meters:
            self._meters = {key: meter for key, meter in self._meters.items() if not meter.idle}
        wanted = (
            ((vendor, tenant), self.limits.tenant, f"This caller of the vendor {vendor!r}"),
            ((vendor, None), self.limits.vendor, f"The vendor {vendor!r}"),
        )
        return tuple(self._meters.setdefault(key, Meter(share, whose)) for key, share, whose in wanted)


class OwnModel(Around):
    """A model that owns its connections: for a command that asks once. Close it when it is done."""

    def __init__(self, models: Models, model: Model) -> None:
        """Takes a model and whoever made it."""
        self._models = models
        super().__init__(model)

    def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks and yields the answer as it comes."""
        return self._model.answer(prompt)

    async def close(self) -> None:
        """Closes all connections."""
        await self._models.close()


def make_model(
    names: Sequence[str],
    *,
    secrets: Mapping[str, str],
    options: Limits | None = None,
    observe: Observe | None = None,
) -> OwnModel:
    """Makes a model, or a chain of them, that shares nothing with others. A service keeps one `Models` instead.

    Raises what `Models.make` raises.
    """
    models = Models(secrets, limits=options, observe=observe)
    return OwnModel(models, models.make(names))

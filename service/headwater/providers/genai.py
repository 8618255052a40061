"""The names of what is measured at vendors, in one place, and the model that measures itself.

The `gen_ai.*` names are those of OpenTelemetry's conventions for generative AI, in Prometheus' spelling; they are
still in development there, and renamed here alone when they are.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, Protocol

from headwater.errors import Problem
from headwater.providers.models import Answer, Around, Model, Prompt, Usage

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
ERROR_TYPE = "error.type"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 — a label's name
USAGE_INPUT = "gen_ai.usage.input_tokens"
USAGE_OUTPUT = "gen_ai.usage.output_tokens"
USAGE_CACHED = "gen_ai.usage.cache_read.input_tokens"
RESPONSE_FINISH = "gen_ai.response.finish_reasons"
CHAT = "chat"

DURATION = "gen_ai_client_operation_duration_seconds"
FIRST_CHUNK = "gen_ai_client_operation_time_to_first_chunk_seconds"
PER_CHUNK = "gen_ai_client_operation_time_per_output_chunk_seconds"
TOKENS = "gen_ai_client_token_usage"
BREAKER = "provider_breaker_state"
CANCELLED = "provider_upstream_cancelled_total"
TRUNCATED = "provider_truncated_total"
FAILED_ATTEMPTS = "provider_attempt_failures_total"
RETRIES = "provider_retries_total"
FALLBACKS = "provider_fallbacks_total"
COST = "run_cost_usd_total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric as it is registered: its kind, its name, its help text, its labels and its upper bounds."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


_CALL: tuple[str, ...] = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")
_SECONDS = (*(0.01 * 2**power for power in range(14)), 163.84, 327.68)
_TOKENS = tuple(float(4**power) for power in range(14))

METRICS: tuple[Metric, ...] = (
    Metric(
        kind="histogram",
        name=DURATION,
        help="Time of a call to a vendor, with all its retries.",
        labels=(*_CALL, "error_type"),
        buckets=_SECONDS,
    ),
    Metric(
        kind="histogram",
        name=FIRST_CHUNK,
        help="Time to the first content of a vendor's answer.",
        labels=_CALL,
        buckets=_SECONDS,
    ),
    Metric(
        kind="histogram",
        name=PER_CHUNK,
        help="Time between two pieces of a vendor's answer.",
        labels=_CALL,
        buckets=_SECONDS,
    ),
    Metric(
        kind="histogram",
        name=TOKENS,
        help="Tokens of a call, by type: input or output.",
        labels=(*_CALL, "gen_ai_token_type"),
        buckets=_TOKENS,
    ),
    Metric(
        kind="gauge",
        name=BREAKER,
        help="The circuit breaker of a model: 0 closed, 0.5 probing, 1 open.",
        labels=("vendor", "model"),
    ),
    Metric(
        kind="counter",
        name=CANCELLED,
        help="Calls that were cancelled, and so ended at the vendor, by phase: waiting or streaming.",
        labels=("vendor", "phase"),
    ),
    Metric(kind="counter", name=TRUNCATED, help="Streams that ended without their end marker.", labels=("vendor",)),
    Metric(
        kind="counter",
        name=FAILED_ATTEMPTS,
        help="Attempts at a vendor that failed, by reason.",
        labels=("vendor", "reason"),
    ),
    Metric(kind="counter", name=RETRIES, help="Attempts that were made again.", labels=("vendor", "reason")),
    Metric(kind="counter", name=FALLBACKS, help="Calls that the next model took over.", labels=("vendor", "reason")),
    Metric(kind="counter", name=COST, help="What vendors' answers cost, in USD.", labels=("vendor", "model")),
)


class Observe(Protocol):
    """Whoever counts: the service's metrics, or nobody. Labels are those of `METRICS`."""

    def count(self, name: str, labels: Mapping[str, str], by: float = 1.0) -> None:
        """Adds to a counter."""
        ...

    def record(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Adds a value to a histogram."""
        ...

    def gauge(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Sets a gauge."""
        ...


class Unobserved:
    """Counts nothing."""

    def count(self, name: str, labels: Mapping[str, str], by: float = 1.0) -> None:
        """Does nothing."""

    def record(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Does nothing."""

    def gauge(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Does nothing."""


class Priced(Protocol):
    """Whoever knows prices."""

    def cost(self, name: str, usage: Usage) -> float | None:
        """Says what an answer of `vendor:model` cost, in USD."""
        ...


class Measured(Around):
    """A model whose calls are measured, retries included."""

    def __init__(self, model: Model, observe: Observe, prices: Priced) -> None:
        """Takes who counts, and who knows prices."""
        super().__init__(model)
        self._observe = observe
        self._prices = prices
        vendor, _, called = model.name.partition(":")
        self._labels: Mapping[str, str] = dict(zip(_CALL, (CHAT, vendor, called), strict=True))
        self._vendor, self._called = vendor, called

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks, and measures."""
        observe, labels = self._observe, self._labels
        began = last = perf_counter()
        first, error = True, "cancelled"
        try:
            async with aclosing(self._model.answer(prompt)) as answers:
                async for answer in answers:
                    now = perf_counter()
                    if answer.text or answer.reasoning or answer.call:
                        observe.record(FIRST_CHUNK if first else PER_CHUNK, labels, now - last)
                        first, last = False, now
                    if answer.usage is not None:
                        self._use(answer.usage)
                    if answer.finish is not None:
                        # Who stops reading after the finish has cancelled nothing.
                        error = ""
                    yield answer
            error = ""
        except Problem as found:
            error = found.reason
            raise
        finally:
            if error == "cancelled":
                observe.count(CANCELLED, {"vendor": self._vendor, "phase": "waiting" if first else "streaming"})
            observe.record(DURATION, {**labels, "error_type": error}, perf_counter() - began)

    def _use(self, usage: Usage) -> None:
        for kind, tokens in (("input", usage.input), ("output", usage.output)):
            self._observe.record(TOKENS, {**self._labels, "gen_ai_token_type": kind}, tokens)
        cost = self._prices.cost(self.name, usage)
        if cost:
            self._observe.count(COST, {"vendor": self._vendor, "model": self._called}, cost)

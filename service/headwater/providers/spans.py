"""Traces calls to vendors with OpenTelemetry, where it is installed and asked for."""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from headwater.errors import Code, Problem, problem
from headwater.providers import genai
from headwater.providers.models import Answer, Around, Model, Prompt


class Traced(Around):
    """A model whose calls are spans, retries included. Nothing of question or answer is in them."""

    def __init__(self, model: Model, tracer: Any) -> None:
        """Takes a tracer of OpenTelemetry."""
        super().__init__(model)
        self._tracer = tracer

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks, within a span."""
        trace = importlib.import_module("opentelemetry.trace")
        vendor, _, model = self.name.partition(":")
        attributes = {genai.OPERATION: genai.CHAT, genai.PROVIDER: vendor, genai.REQUEST_MODEL: model}
        # The span is no context of its own: a context that outlives a `yield` would leak into the caller's.
        span = self._tracer.start_span(f"{genai.CHAT} {model}", kind=trace.SpanKind.CLIENT, attributes=attributes)
        try:
            async with aclosing(self._model.answer(prompt)) as answers:
                async for answer in answers:
                    _tell(span, answer)
                    yield answer
        except Problem as found:
            span.set_attribute(genai.ERROR_TYPE, found.reason)
            span.set_status(trace.Status(trace.StatusCode.ERROR, found.reason))
            raise
        finally:
            span.end()


def find_tracer() -> Any:
    """Finds OpenTelemetry's tracer. Raises Problem FAILED_PRECONDITION `TRACING_MISSING` where it is not installed."""
    try:
        trace = importlib.import_module("opentelemetry.trace")
    except ImportError as error:
        message = "Spans are switched on, but OpenTelemetry is not installed."
        remedy = "Install opentelemetry-sdk, or switch spans off."
        raise problem(Code.FAILED_PRECONDITION, "TRACING_MISSING", message, remedy) from error
    return trace.get_tracer("headwater.providers")


def _tell(span: Any, answer: Answer) -> None:
    if answer.usage is not None:
        span.set_attribute(genai.USAGE_INPUT, answer.usage.input)
        span.set_attribute(genai.USAGE_OUTPUT, answer.usage.output)
        span.set_attribute(genai.USAGE_CACHED, answer.usage.cached)
    if answer.finish is not None:
        span.set_attribute(genai.RESPONSE_FINISH, (answer.finish.value,))

"""Counts tokens where the vendor does not, and says what an answer cost."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import orjson

from headwater.errors import Code, Problem, problem
from headwater.providers.limits import Limits
from headwater.providers.models import Answer, Around, Model, Prompt, Usage
from headwater.providers.vendors import VENDORS, Target

DATED = re.compile(r"(?:[-@](?:\d{8}|\d{4}-\d\d-\d\d))?")
"""What may follow a model's name in that of a dated version of it."""


class Counted(Around):
    """A model whose answers always tell their usage: the vendor's own count, else an estimate.

    An answer that breaks off after its first content tells what it had cost by then, before its Problem is raised.
    """

    def __init__(self, model: Model, target: Target) -> None:
        """Takes the ratio of characters to tokens from the target's limits."""
        super().__init__(model)
        self._target = target

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks; the last step holds the usage."""
        written = thought = 0
        counted = False
        try:
            async with aclosing(self._model.answer(prompt)) as answers:
                async for answer in answers:
                    written += len(answer.text) + (len(answer.call.arguments) if answer.call else 0)
                    thought += len(answer.reasoning)
                    counted = counted or answer.usage is not None
                    if answer.finish is not None and not counted:
                        counted = True
                        yield replace(answer, usage=self._estimate(prompt, written, thought))
                    else:
                        yield answer
        except Problem:
            if (written or thought) and not counted:
                yield Answer(usage=self._estimate(prompt, written, thought))
            raise

    def _estimate(self, prompt: Prompt, written: int, thought: int) -> Usage:
        limits = self._target.limits
        reasoning = count_tokens(thought, limits)
        return Usage(
            input=estimate_input(prompt, limits),
            output=count_tokens(written, limits) + reasoning,
            reasoning=reasoning,
            estimated=True,
        )


def estimate_input(prompt: Prompt, limits: Limits) -> int:
    """Estimates the tokens of a question."""
    turns = sum(len(each.text) + sum(len(call.arguments) for call in each.calls) for each in prompt.messages)
    tools = sum(len(tool.description) + len(orjson.dumps(dict(tool.parameters))) for tool in prompt.tools)
    return count_tokens(turns + tools, limits)


def count_tokens(chars: int, limits: Limits) -> int:
    """Estimates the tokens of a text of so many characters."""
    return -int(-chars // limits.chars_per_token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a model's tokens cost, in USD per million. `long` holds for questions above `long_above` tokens."""

    input: float
    output: float
    cached: float | None = None
    cache_written: float | None = None
    long_above: int = 0
    long: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """A table of prices: its version, and the price of each `vendor:model`; a model's dated versions cost the same.

    `as_of` is the day on which the prices were looked up, None where the table does not tell. What is not in the table
    has no cost, rather than a guess.
    """

    version: str
    as_of: date | None = None
    models: Mapping[str, Price]

    def find(self, name: str) -> Price | None:
        """Finds the price of `vendor:model`; None where it is not known. What runs on one's own machine is free."""
        vendor, _, model = name.partition(":")
        known = VENDORS.get(vendor)
        if known is not None and known.local:
            return Price(input=0.0, output=0.0)
        for seller in (vendor, "openai") if vendor in {"responses", "azure"} else (vendor,):
            named = [each for each in self.models if _fits(f"{seller}:{model}", each)]
            if named:
                return self.models[max(named, key=len)]
        return None

    def cost(self, name: str, usage: Usage) -> float | None:
        """Says what an answer cost, in USD; None where the price is not known."""
        price = self.find(name)
        if price is None:
            return None
        if price.long is not None and usage.input > price.long_above:
            price = price.long
        cached = price.input if price.cached is None else price.cached
        written = price.input if price.cache_written is None else price.cache_written
        plain = max(0, usage.input - usage.cached - usage.cache_written)
        spent = plain * price.input + usage.cached * cached + usage.cache_written * written
        return (spent + usage.output * price.output) / 1e6


def load_prices(override: Path | None = None) -> Prices:
    """Reads the table that is shipped, and a file of the same form over it.

    Raises Problem FAILED_PRECONDITION `PRICES_BROKEN` for a file that cannot be read.
    """
    shipped = _read(files("headwater.providers").joinpath("prices.json").read_bytes())
    if override is None:
        return shipped
    try:
        given = _read(override.read_bytes())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"The table of prices {override.name!r} cannot be read: {error}."
        remedy = 'It is {"version": …, "models": {"vendor:model": {"input": …, "output": …}}}, in USD per million.'
        raise problem(Code.FAILED_PRECONDITION, "PRICES_BROKEN", message, remedy) from error
    return replace(shipped, version=f"{shipped.version}+{given.version}", models={**shipped.models, **given.models})


def _read(data: bytes) -> Prices:
    table = orjson.loads(data)
    return Prices(
        version=str(table["version"]),
        as_of=date.fromisoformat(table["as_of"]) if "as_of" in table else None,
        models={name: _price(value) for name, value in table["models"].items()},
    )


def _price(value: Any) -> Price:
    fields = dict(cast("dict[str, Any]", value))
    longer = fields.pop("long", None)
    numbers = [each for each in fields.values() if each is not None]
    if not all(isinstance(each, int | float) and not isinstance(each, bool) and each >= 0 for each in numbers):
        raise ValueError("a price is no number")
    return Price(**fields, long=None if longer is None else _price(longer))


def _fits(name: str, known: str) -> bool:
    """Whether a model is the known one, or a dated version of it."""
    # `-5` after a name is another model, with a price of its own; a date is not.
    return name.startswith(known) and DATED.fullmatch(name.removeprefix(known)) is not None

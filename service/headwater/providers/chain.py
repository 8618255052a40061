"""A chain of models: what one cannot answer, the next one does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from headwater.errors import Problem
from headwater.providers.clocks import DEADLINE
from headwater.providers.genai import FALLBACKS, Observe
from headwater.providers.models import Answer, Model, Prompt


class Chain:
    """Models in the order in which they are asked.

    Before the first content the next one takes over in silence; after it, its first step says `restarted`.
    """

    def __init__(self, models: Sequence[Model], observe: Observe) -> None:
        """Takes at least one model."""
        self._models = tuple(models)
        self._observe = observe

    @property
    def name(self) -> str:
        """`vendor:model` of the first one."""
        return self._models[0].name

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks one after the other. Raises the first one's Problem, which names in `also` what the others met."""
        problems: list[tuple[str, Problem]] = []
        withdraw = began = False
        for model in self._models:
            try:
                async with aclosing(model.answer(prompt)) as answers:
                    async for answer in answers:
                        content = bool(answer.text or answer.reasoning or answer.call)
                        if withdraw and content:
                            yield replace(answer, restarted=True, model=answer.model or model.name)
                            withdraw = False
                        else:
                            yield answer
                        began = began or content
            except Problem as found:
                if found.reason == DEADLINE:
                    raise
                problems.append((model.name, found))
                withdraw = began
                if model is not self._models[-1]:
                    self._observe.count(FALLBACKS, {"vendor": model.name.partition(":")[0], "reason": found.reason})
            else:
                return
        raise _first(problems)


def _first(problems: list[tuple[str, Problem]]) -> Problem:
    first = problems[0][1]
    if len(problems) > 1:
        also = "; ".join(f"{name} {found.reason}" for name, found in problems[1:])
        first.metadata = {**first.metadata, "also": also}
    return first

"""A chain of models: what one cannot answer, the next one does."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from headwater.errors import Code, Problem, problem
from headwater.providers.clocks import DEADLINE, timed
from headwater.providers.genai import FALLBACKS, Observe
from headwater.providers.kinds import NO_FIRST
from headwater.providers.models import Answer, Model, Prompt


class Chain:
    """Models in the order in which they are asked.

    Before the first content the next one takes over in silence; after it, its first step says `restarted`. Where the
    question says when the answer is due, one that is silent for its share of that time is passed over.
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
        for place, model in enumerate(self._models):
            turn = _Turn(model.name, prompt.due, len(self._models) - place)
            try:
                async with aclosing(timed(model.answer(prompt), turn.due, turn.silent)) as answers:
                    async for answer in answers:
                        content = bool(answer.text or answer.reasoning or answer.call)
                        turn.heard = turn.heard or content
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


class _Turn:
    """One model's turn: where others wait behind it, it must begin within its share of the time that is left."""

    def __init__(self, name: str, due: float | None, waiting: int) -> None:
        """Of so many models that are left, it has the first turn; the answer is `due` by `time.monotonic()`."""
        self.heard = False
        self._name = name
        now = time.monotonic()
        self._until = now + max(due - now, 0.0) / waiting if due is not None and waiting > 1 else None

    def due(self) -> float | None:
        """Returns when it must have begun; None where it has, or has nobody behind it."""
        return None if self.heard else self._until

    def silent(self) -> Problem:
        """Says that it has not."""
        message = f"The model {self._name!r} wrote nothing in its share of the time."
        return problem(Code.DEADLINE_EXCEEDED, NO_FIRST.reason, message, NO_FIRST.remedy, model=self._name)


def _first(problems: list[tuple[str, Problem]]) -> Problem:
    first = problems[0][1]
    if len(problems) > 1:
        also = "; ".join(f"{name} {found.reason}" for name, found in problems[1:])
        first.metadata = {**first.metadata, "also": also}
    return first

"""A chain of models: what one cannot answer, the next one does."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from headwater.errors import Code, Problem, problem
from headwater.providers.clocks import DEADLINE, timed
from headwater.providers.genai import FALLBACKS, Observe
from headwater.providers.kinds import NO_FIRST, STALLED
from headwater.providers.limits import Limits
from headwater.providers.models import Answer, Model, Prompt

SILENT = frozenset({NO_FIRST.reason, STALLED.reason})


class Chain:
    """Models in the order in which they are asked.

    Before the first content the next one takes over in silence; after it, its first step says `restarted`. Where the
    question says when the answer is due, one that is silent for its share of the time that is left is passed over, and
    not asked again as long as the chain lives: it would cost the others their time once more.
    """

    def __init__(self, models: Sequence[Model], observe: Observe, limits: Limits, *, behind: int = 0) -> None:
        """Takes at least one model; so many others are `behind` the chain, and have a share of the time as well."""
        self._models = tuple(models)
        self._observe = observe
        self._limits = limits
        self._behind = behind
        self._silent: dict[str, Problem] = {}

    @property
    def name(self) -> str:
        """`vendor:model` of the first one."""
        return self._models[0].name

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks one after the other. Raises the first one's Problem, which names in `also` what the others met."""
        problems: list[tuple[str, Problem]] = []
        withdraw = began = False
        for place, model in enumerate(self._models):
            turn = _Turn(model.name, prompt.due, len(self._models) - place + self._behind, self._limits)
            try:
                if model.name in self._silent and turn.others:
                    raise replace(self._silent[model.name])
                mine = replace(prompt, due=turn.due() or prompt.due)
                async with aclosing(timed(model.answer(mine), turn.due, turn.silent)) as answers:
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
                self._passed(model, found)
            else:
                return
        raise _first(problems)

    def _passed(self, model: Model, found: Problem) -> None:
        if found.reason in SILENT:
            self._silent[model.name] = found
        if model is not self._models[-1]:
            self._observe.count(FALLBACKS, {"vendor": model.name.partition(":")[0], "reason": found.reason})


class _Turn:
    """One model's turn: where others wait behind it, it may be silent for its share of the time that is left."""

    def __init__(self, name: str, due: float | None, waiting: int, limits: Limits) -> None:
        """Of so many models that are left, it has the first turn; the answer is `due` by `time.monotonic()`."""
        self.heard = False
        self.others = waiting - 1
        self._name = name
        self._due = due
        self._least = limits.takeover_seconds
        self._began = time.monotonic()

    def due(self) -> float | None:
        """Returns when the next content must be here; when all must be where nobody is behind it, or has the time.

        Until its first content its share counts from the beginning of its turn: nothing but content extends it.
        """
        if self._due is None:
            return None
        since = time.monotonic() if self.heard else self._began
        left = self._due - since
        share = left / (self.others + 1)
        return since + share if self.others and left - share >= self._least else None

    def silent(self) -> Problem:
        """Says that it was silent for too long."""
        kind, what = (STALLED, "stopped in the middle of its answer") if self.heard else (NO_FIRST, "wrote nothing")
        message = f"The model {self._name!r} {what}, for its share of the time."
        return problem(Code.DEADLINE_EXCEEDED, kind.reason, message, kind.remedy, model=self._name)


def _first(problems: list[tuple[str, Problem]]) -> Problem:
    first = problems[0][1]
    if len(problems) > 1:
        also = "; ".join(f"{name} {found.reason}" for name, found in problems[1:])
        first.metadata = {**first.metadata, "also": also}
    return first

"""Keeps the time of an answer: to its first content, between two pieces of it, and in all.

Content is what counts, not bytes: a vendor that only keeps the connection alive is as silent as one that does not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from headwater.errors import Code, Problem, problem
from headwater.providers.faults import make_problem
from headwater.providers.kinds import NO_FIRST, STALLED
from headwater.providers.limits import Limits
from headwater.providers.models import Answer, Model, Prompt
from headwater.providers.vendors import Target

DEADLINE = "VENDOR_DEADLINE"
"""The reason where the caller's own time is up: no retry and no fallback helps."""


class Clocked:
    """A model that must write its first word, and each further one, in time. Empty steps are dropped here."""

    def __init__(self, model: Model, target: Target) -> None:
        """Takes the limits from the target."""
        self._model = model
        self._target = target

    @property
    def name(self) -> str:
        """`vendor:model`."""
        return self._model.name

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks. Raises Problem DEADLINE_EXCEEDED `VENDOR_SLOW` or `VENDOR_STALLED`."""
        target, limits = self._target, self._target.limits
        seconds = limits.reasoning_seconds if target.ability.reasons else limits.first_token_seconds
        kind = NO_FIRST
        answers = _timed(
            self._model.answer(prompt), lambda: time.monotonic() + seconds, lambda: make_problem(kind, target)
        )
        async with aclosing(answers):
            async for answer in answers:
                seconds, kind = limits.idle_seconds, STALLED
                if answer.text or answer.reasoning or answer.call or answer.finish or answer.usage:
                    yield answer


class Bounded:
    """A model, or a chain of them, whose whole answer must be done by a deadline."""

    def __init__(self, model: Model, limits: Limits, deadline: float | None) -> None:
        """`deadline` is the caller's, by `time.monotonic()`; the limits' total holds as well."""
        self._model = model
        self._limits = limits
        self._deadline = deadline

    @property
    def name(self) -> str:
        """`vendor:model`."""
        return self._model.name

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks. Raises Problem DEADLINE_EXCEEDED `VENDOR_DEADLINE`."""
        due = find_deadline(self._limits, self._deadline)
        answers = _timed(self._model.answer(prompt), lambda: due, self._late)
        async with aclosing(answers):
            async for answer in answers:
                yield answer

    def _late(self) -> Problem:
        message = f"The answer of {self.name!r} was not done in time."
        remedy = "Give the run more time, or ask for less at a time."
        return problem(Code.DEADLINE_EXCEEDED, DEADLINE, message, remedy, model=self.name)


def find_deadline(limits: Limits, deadline: float | None) -> float:
    """Finds when an answer that begins now must be done, by `time.monotonic()`."""
    latest = time.monotonic() + limits.total_seconds
    return latest if deadline is None else min(latest, deadline)


async def _timed(
    answers: AsyncGenerator[Answer, None], due: Callable[[], float], late: Callable[[], Problem]
) -> AsyncGenerator[Answer, None]:
    """Yields what comes by the time that is due for each step, which is asked anew when the step is waited for."""
    loop = asyncio.get_running_loop()
    async with aclosing(answers):
        while True:
            clock = asyncio.timeout_at(loop.time() + due() - time.monotonic())
            try:
                async with clock:
                    answer = await anext(answers)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if clock.expired():
                    raise late() from None
                raise
            yield answer

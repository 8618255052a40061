"""Keeps the time of an answer: to its first content, between two pieces of it, and in all.

Content is what counts, not bytes: a vendor that only keeps the connection alive is as silent as one that does not.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import TypeVar

from headwater.errors import Code, Problem, problem
from headwater.providers.faults import make_problem
from headwater.providers.kinds import NO_FIRST, STALLED
from headwater.providers.limits import Limits
from headwater.providers.models import Answer, Around, Model, Prompt
from headwater.providers.vendors import Target

Step = TypeVar("Step")

DEADLINE = "VENDOR_DEADLINE"
"""The reason where the caller's own time is up: no retry and no fallback helps."""


class Clocked(Around):
    """A model that must write its first word, and each further one, in time. Empty steps are dropped here."""

    def __init__(self, model: Model, target: Target) -> None:
        """Takes the limits from the target."""
        super().__init__(model)
        self._target = target

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks. Raises Problem DEADLINE_EXCEEDED `VENDOR_SLOW` or `VENDOR_STALLED`."""
        target, limits = self._target, self._target.limits
        seconds = limits.reasoning_seconds if target.ability.reasons else limits.first_token_seconds
        first_due = time.monotonic() + seconds
        kind, request_id = NO_FIRST, ""
        answers = timed(
            self._model.answer(prompt),
            lambda: first_due if kind is NO_FIRST else time.monotonic() + limits.idle_seconds,
            lambda: make_problem(kind, target, request_id=request_id),
        )
        async with aclosing(answers):
            async for answer in answers:
                request_id = request_id or answer.request_id
                if answer.text or answer.reasoning or answer.call or answer.finish or answer.usage:
                    kind = STALLED
                    yield answer
                elif not answer.request_id:
                    kind = STALLED  # a part of a call that is being written


class Bounded(Around):
    """A model, or a chain of them, whose whole answer must be done by a deadline."""

    def __init__(self, model: Model, limits: Limits, deadline: float | None) -> None:
        """`deadline` is the caller's, by `time.monotonic()`; the limits' total holds as well."""
        super().__init__(model)
        self._limits = limits
        self._deadline = deadline

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks. Raises Problem DEADLINE_EXCEEDED `VENDOR_DEADLINE`."""
        due = find_deadline(self._limits, self._deadline)
        told: dict[str, str] = {}
        answers = timed(self._model.answer(prompt), lambda: due, lambda: self._late(told))
        async with aclosing(answers):
            async for answer in answers:
                if answer.request_id:
                    told["request_id"] = answer.request_id
                yield answer

    def _late(self, told: Mapping[str, str]) -> Problem:
        message = f"The answer of {self.name!r} was not done in time."
        remedy = "Give the run more time, or ask for less at a time."
        return problem(Code.DEADLINE_EXCEEDED, DEADLINE, message, remedy, model=self.name, **told)


def find_deadline(limits: Limits, *deadlines: float | None) -> float:
    """Finds when an answer that begins now must be done, by `time.monotonic()`; a deadline of None is none."""
    return min(time.monotonic() + limits.total_seconds, *(each for each in deadlines if each is not None), math.inf)


async def timed(
    steps: AsyncGenerator[Step, None], due: Callable[[], float | None], late: Callable[[], Exception]
) -> AsyncGenerator[Step, None]:
    """Yields what comes by the time that is due for each step, which is asked anew when the step is waited for.

    Times are by `time.monotonic()`; None is no bound. Raises what `late` makes.
    """
    loop = asyncio.get_running_loop()
    async with aclosing(steps):
        while True:
            until = due()
            clock = asyncio.timeout_at(None if until is None else loop.time() + until - time.monotonic())
            try:
                async with clock:
                    step = await anext(steps)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if clock.expired():
                    raise late() from None
                raise
            yield step

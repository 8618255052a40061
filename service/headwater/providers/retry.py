"""Asks again what failed in passing: full jitter, the vendor's Retry-After, a deadline and a budget.

The SDKs' own retries are off, so that there is one owner of the decision.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from headwater.errors import Problem
from headwater.providers.breaker import RESTING
from headwater.providers.clocks import find_deadline
from headwater.providers.genai import FAILED_ATTEMPTS, RETRIES, TRUNCATED, Observe
from headwater.providers.kinds import CROWDED, PASSING
from headwater.providers.limits import Limits
from headwater.providers.models import Answer, Around, Model, Prompt
from headwater.providers.vendors import Target

RETRIED = PASSING | {RESTING}
"""The reasons that another attempt may not meet."""


class Budget:
    """What a vendor's failures may cost in retries (gRPC's retryThrottling): no storm of them when it is down."""

    def __init__(self, limits: Limits) -> None:
        self._most = self._left = limits.retry_budget
        self._refill = limits.retry_refill

    def failed(self) -> bool:
        """Takes note of a failure; returns whether it may be retried."""
        self._left = max(0.0, self._left - 1)
        return self._left > self._most / 2

    def succeeded(self) -> None:
        """Takes note of a success."""
        self._left = min(self._most, self._left + self._refill)


class Retried(Around):
    """A model that is asked again where that may help.

    After the first content it is asked again only with `limits.restart`, and then the new attempt's first step says
    `restarted`.
    """

    def __init__(
        self,
        model: Model,
        target: Target,
        budget: Budget,
        observe: Observe,
        *,
        deadline: float | None = None,
        patient: bool = True,
        jitter: Callable[[float], float] | None = None,
    ) -> None:
        """`deadline` is by `time.monotonic()`; `jitter` picks a time between 0 and its argument.

        `patient` is False where somebody else takes over: then a long wait is not worth it.
        """
        super().__init__(model)
        self._target = target
        self._budget = budget
        self._observe = observe
        self._deadline = deadline
        limits = target.limits
        self._longest = limits.retry_after_cap_seconds if patient else limits.fallback_wait_seconds
        self._jitter = jitter or _any_time

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks, as often as it may help."""
        due = find_deadline(self._target.limits, self._deadline, prompt.due)
        withdraw = began = False
        attempt = 1
        while True:
            try:
                async with aclosing(self._model.answer(prompt)) as answers:
                    async for answer in answers:
                        content = bool(answer.text or answer.reasoning or answer.call)
                        yield replace(answer, restarted=True, model=self.name) if withdraw and content else answer
                        withdraw = withdraw and not content
                        began = began or content
            except Problem as found:
                wait = self._wait(found, attempt, began, due)
                if wait is None:
                    if found.reason in CROWDED and found.retry_after_seconds is None:
                        found.retry_after_seconds = self._target.limits.backoff_cap_seconds
                    raise
            else:
                self._budget.succeeded()
                return
            withdraw = began
            attempt += 1
            await asyncio.sleep(wait)

    def _wait(self, found: Problem, attempt: int, began: bool, due: float) -> float | None:
        """Returns how long to wait for the next attempt; None when there shall be none."""
        limits, vendor = self._target.limits, self._target.vendor
        self._observe.count(FAILED_ATTEMPTS, {"vendor": vendor, "reason": found.reason})
        if found.reason == "VENDOR_TRUNCATED":
            self._observe.count(TRUNCATED, {"vendor": vendor})
        if found.reason not in RETRIED:
            return None
        # A vendor that says when to come back paces the retries itself.
        affordable = found.retry_after_seconds is not None or self._budget.failed()
        if attempt >= limits.attempts or not affordable or (began and not limits.restart):
            return None
        wait = self._jitter(min(limits.backoff_cap_seconds, limits.backoff_seconds * 2 ** (attempt - 1)))
        if found.retry_after_seconds is not None:
            # Not all who were told the same come back at once.
            wait += found.retry_after_seconds
        if (found.retry_after_seconds or wait) > self._longest or time.monotonic() + wait >= due:
            return None
        self._observe.count(RETRIES, {"vendor": vendor, "reason": found.reason})
        return wait


def _any_time(most: float) -> float:
    return random.uniform(0, most)  # noqa: S311 — it spreads load and guards nothing

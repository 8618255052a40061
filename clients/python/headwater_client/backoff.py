"""Decides how long to wait before a cut stream is taken up again, and when to give up."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Bounds the pauses between attempts: exponential, each drawn evenly from zero to its bound ("full jitter").

    Full jitter spreads the clients of a restarted server the widest. All values are seconds, but for `factor`.
    """

    first: float = 0.2
    factor: float = 2.0
    longest: float = 5.0


class Patience:
    """Counts attempts since the last progress; gives up when `give_up_seconds` have passed without any."""

    def __init__(self, backoff: Backoff, give_up_seconds: float) -> None:
        self._backoff = backoff
        self._give_up_seconds = give_up_seconds
        self.progress()

    def progress(self) -> None:
        """Begins anew: something new arrived."""
        self._bound = self._backoff.first
        self._failing_since: float | None = None

    def pause(self, at_least: float = 0.0) -> float | None:
        """Returns how long to wait before the next attempt; None when that would exceed the budget."""
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        pause = max(at_least, random.uniform(0.0, self._bound))  # noqa: S311 — spreads load, guards nothing
        self._bound = min(self._backoff.longest, self._bound * self._backoff.factor)
        return pause if now + pause <= self._failing_since + self._give_up_seconds else None

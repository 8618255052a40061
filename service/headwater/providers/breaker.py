"""Spares a model that keeps failing, or whose vendor says when to come back: a circuit breaker for each of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from enum import Enum

from headwater.errors import Code, Problem
from headwater.providers.genai import BREAKER, Observe
from headwater.providers.kinds import BUSY, CONFLICT, PASSING, RATE
from headwater.providers.models import Answer, Around, Model, Prompt
from headwater.providers.vendors import Target

RESTING = "VENDOR_RESTING"
COUNTED = PASSING - {BUSY.reason, CONFLICT.reason, RATE.reason}
"""The reasons that say that the model is at fault: not the question, and not how much is asked."""


class State(Enum):
    """What a breaker lets through: all, one call that proves the model, or none. The value is the gauge's."""

    CLOSED = 0.0
    PROBING = 0.5
    OPEN = 1.0


class Breaker:
    """Opens when half of the calls of a while failed, or when the vendor says to come back after a long while.

    What the vendor said is then what it refuses with, so that a rate limit is told as one. A short while is nothing to
    open for: whoever was told waits it out.
    """

    def __init__(self, target: Target, observe: Observe, clock: Callable[[], float] = time.monotonic) -> None:
        """Takes the limits from the target."""
        self._target = target
        self._observe = observe
        self._clock = clock
        self._recent: deque[tuple[float, bool]] = deque()
        self._open_seconds = target.limits.breaker_open_seconds
        self._until = 0.0
        self._said: Problem | None = None
        self._probing = False
        self.state = State.CLOSED

    @property
    def idle(self) -> bool:
        """Whether forgetting it would change nothing: it is closed, and nothing failed of late."""
        self._forget()
        return self.state is State.CLOSED and all(succeeded for _, succeeded in self._recent)

    def admit(self) -> bool:
        """Lets a call through, and returns whether it is the probe.

        Raises Problem UNAVAILABLE `VENDOR_RESTING`, or what the vendor said when it told when to come back.
        """
        if self.state is State.CLOSED:
            return False
        now = self._clock()
        if now < self._until or self._probing:
            raise self._refusal(max(self._until - now, 0.0))
        if self._said is not None:
            self._set(State.CLOSED)  # the time is over that the vendor asked for: nothing has to be proven
            return False
        self._probing = True
        self._set(State.PROBING)
        return True

    def succeeded(self) -> None:
        """Takes note of a call that brought content."""
        if self.state is not State.CLOSED:
            self._recent.clear()
            self._open_seconds = self._target.limits.breaker_open_seconds
            self._probing = False
            self._set(State.CLOSED)
        self._note(succeeded=True)

    def failed(self, probe: bool, found: Problem) -> None:
        """Takes note of a call that failed: of what counts, how often, and of what the vendor said, for how long."""
        limits = self._target.limits
        asked_for = found.retry_after_seconds or 0.0
        if found.reason in COUNTED:
            self._note(succeeded=False)
        if asked_for >= limits.breaker_open_seconds:
            self._open(asked_for, found)
        elif found.reason not in COUNTED:
            self.left(probe)
        elif probe and self.state is State.PROBING:
            self._open_seconds = min(self._open_seconds * 2, limits.breaker_open_cap_seconds)
            self._open(self._open_seconds)
        elif self.state is State.CLOSED and self._fails_often():
            self._open(self._open_seconds)

    def left(self, probe: bool) -> None:
        """Takes note of a call that its caller gave up, or that failed by its own fault: it proves nothing."""
        if probe and self.state is State.PROBING:
            self._probing = False
            self._set(State.OPEN)

    def _fails_often(self) -> bool:
        limits, calls = self._target.limits, len(self._recent)
        failures = sum(1 for _, succeeded in self._recent if not succeeded)
        return calls >= limits.breaker_samples and failures >= limits.breaker_ratio * calls

    def _open(self, seconds: float, said: Problem | None = None) -> None:
        self._until = max(self._until, self._clock() + min(seconds, self._target.limits.retry_after_cap_seconds))
        self._said = said
        self._probing = False
        self._set(State.OPEN)

    def _note(self, *, succeeded: bool) -> None:
        self._recent.append((self._clock(), succeeded))
        self._forget()

    def _forget(self) -> None:
        oldest = self._clock() - self._target.limits.breaker_window_seconds
        while self._recent and self._recent[0][0] < oldest:
            self._recent.popleft()

    def _set(self, state: State) -> None:
        self.state = state
        self._observe.gauge(BREAKER, {"vendor": self._target.vendor, "model": self._target.model}, state.value)

    def _refusal(self, seconds: float) -> Problem:
        if self._said is not None:
            # Whose request it was that met it is nobody else's business.
            metadata = {name: value for name, value in self._said.metadata.items() if name != "request_id"}
            return replace(self._said, retry_after_seconds=seconds, metadata=metadata)
        message = f"The model {self._target.name!r} failed so often that it is left alone for a while."
        metadata = {"vendor": self._target.vendor, "model": self._target.model}
        remedy = "Try again later, or name another vendor."
        return Problem(Code.UNAVAILABLE, RESTING, message, remedy, retry_after_seconds=seconds, metadata=metadata)


class Guarded(Around):
    """A model behind its breaker."""

    def __init__(self, model: Model, breaker: Breaker) -> None:
        """Takes the breaker that all calls of this model share."""
        super().__init__(model)
        self._breaker = breaker

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks, if the breaker lets it."""
        breaker = self._breaker
        probe = breaker.admit()
        proven = settled = False
        try:
            async with aclosing(self._model.answer(prompt)) as answers:
                async for answer in answers:
                    if not proven and (answer.text or answer.reasoning or answer.call or answer.finish):
                        # The first content proves the model: others need not wait for the end of a long answer.
                        proven = True
                        if probe:
                            breaker.succeeded()
                    yield answer
            settled = True
            if not (probe and proven):
                breaker.succeeded()
        except Problem as found:
            settled = found.reason in PASSING
            if settled:
                breaker.failed(probe, found)
            raise
        finally:
            if not settled:
                breaker.left(probe)

"""Shares out a vendor: answers at a time, requests and tokens a minute, for all callers and for each tenant."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass

from headwater.errors import Problem, exhausted
from headwater.providers.clocks import find_deadline
from headwater.providers.limits import Share
from headwater.providers.models import Answer, Around, Model, Prompt
from headwater.providers.usage import count_tokens, estimate_input
from headwater.providers.vendors import Target

SOONEST_SECONDS = 1.0
"""What a refusal says at the least of when to come back: a caller must not come back at once."""


class Bucket:
    """So much a minute: a bucket of a minute's worth that fills steadily. Who takes too much early waits his turn."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = self._level = per_minute
        self._per_second = per_minute / 60
        self._clock = clock
        self._at = clock()

    def take(self, amount: float) -> float:
        """Takes an amount, and returns how many seconds to wait until it is there."""
        self._fill()
        self._level -= amount
        return max(0.0, -self._level / self._per_second)

    def give(self, amount: float) -> None:
        """Gives back what was not used; less than nothing takes more."""
        self._fill()
        self._level = min(self._most, self._level + amount)

    @property
    def full(self) -> bool:
        """Whether nothing of it is in use."""
        self._fill()
        return self._level >= self._most

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(self._most, self._level + (now - self._at) * self._per_second)
        self._at = now


@dataclass(slots=True)
class Turn:
    """A call's turn: what it reserved, and what it used in the end."""

    reserved: float
    used: float = 0.0


class Meter:
    """One share of one vendor."""

    def __init__(self, share: Share, whose: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`whose` names the share in a refusal."""
        self._share = share
        self._whose = whose
        self._free = asyncio.Semaphore(share.concurrent) if share.concurrent else None
        self._requests = Bucket(share.requests_per_minute, clock) if share.requests_per_minute else None
        self._tokens = Bucket(share.tokens_per_minute, clock) if share.tokens_per_minute else None
        self.active = 0

    @property
    def idle(self) -> bool:
        """Whether forgetting it would change nothing."""
        buckets = (self._requests, self._tokens)
        return self.active == 0 and all(bucket is None or bucket.full for bucket in buckets)

    @asynccontextmanager
    async def turn(self, tokens: float, due: float = math.inf) -> AsyncGenerator[Turn]:
        """Waits for a turn and holds it; whatever ends it, the place is free again and the unused tokens are back.

        Raises Problem RESOURCE_EXHAUSTED `QUOTA_EXCEEDED` where the wait would be longer than the share allows, or
        would not be over when the answer is `due`, by `time.monotonic()`.
        """
        turn = Turn(tokens)
        self.active += 1
        try:
            async with AsyncExitStack() as held:
                # The place comes first: who never gets one has used up nothing a minute.
                if self._free is not None:
                    await self._place(self._free, due)
                    held.callback(self._free.release)
                await self._wait(turn, due)
                try:
                    yield turn
                finally:
                    if self._tokens is not None:
                        self._tokens.give(turn.reserved - turn.used)
        finally:
            self.active -= 1

    def _patience(self, due: float) -> float:
        return max(0.0, min(self._share.waiting_seconds, due - time.monotonic()))

    async def _wait(self, turn: Turn, due: float) -> None:
        """Waits until the rates allow the call; what is not used for it is given back."""
        taken = [
            (bucket, amount, what)
            for bucket, amount, what in ((self._requests, 1.0, "requests"), (self._tokens, turn.reserved, "tokens"))
            if bucket is not None
        ]
        waits = [(bucket.take(amount), what) for bucket, amount, what in taken]
        seconds, what = max(waits, default=(0.0, ""))
        waited = False
        try:
            if seconds <= self._patience(due):
                await asyncio.sleep(seconds)
                waited = True
        finally:
            if not waited:
                for bucket, amount, _ in taken:
                    bucket.give(amount)
        if not waited:
            raise self._refuse(f"{what} a minute", seconds)

    async def _place(self, free: asyncio.Semaphore, due: float) -> None:
        patience = self._patience(due)
        try:
            async with asyncio.timeout(patience):
                await free.acquire()
        except TimeoutError:
            # When a place will be free nobody knows; a wait as long as this one was vain.
            raise self._refuse("answers at a time", max(patience, SOONEST_SECONDS)) from None

    def _refuse(self, what: str, seconds: float) -> Problem:
        message = f"{self._whose} has used up its share of {what}."
        return exhausted("QUOTA_EXCEEDED", message, "Try again later, or ask for a larger share.", seconds, what=what)


class Metered(Around):
    """A model that is asked in turn."""

    def __init__(
        self,
        model: Model,
        target: Target,
        meters: tuple[Meter, ...],
        *,
        deadline: float | None = None,
        patient: bool = True,
    ) -> None:
        """Takes the meters in the order in which turns are waited for: the tenant's first, then the vendor's.

        So who waits for his own share keeps no place from others. `deadline` is by `time.monotonic()`; `patient` is
        False where somebody else can be asked instead of a long wait.
        """
        super().__init__(model)
        self._target = target
        self._meters = meters
        self._deadline = deadline
        self._patient = patient

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks when it is this call's turn."""
        limits = self._target.limits
        most = self._target.most_tokens(prompt.max_tokens)
        due = find_deadline(limits, self._deadline, prompt.due)
        if not self._patient:
            due = min(due, time.monotonic() + limits.fallback_wait_seconds)
        asked = estimate_input(prompt, limits)
        used, written = 0, 0
        async with AsyncExitStack() as held:
            turns = [await held.enter_async_context(meter.turn(asked + most, due)) for meter in self._meters]
            try:
                async with aclosing(self._model.answer(prompt)) as answers:
                    async for answer in answers:
                        written += len(answer.text) + len(answer.reasoning)
                        if answer.usage is not None:
                            used = answer.usage.input + answer.usage.output
                        yield answer
            finally:
                if written and not used:
                    used = asked + count_tokens(written, limits)
                for turn in turns:
                    turn.used = used

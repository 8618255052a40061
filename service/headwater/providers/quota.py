"""Shares out a vendor: answers at a time, requests and tokens a minute, for all callers and for each tenant."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass

from headwater.errors import Problem, exhausted
from headwater.providers.limits import Share
from headwater.providers.models import Answer, Model, Prompt
from headwater.providers.usage import count_tokens, estimate_input
from headwater.providers.vendors import Target


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
    async def turn(self, tokens: float) -> AsyncGenerator[Turn]:
        """Waits for a turn and holds it; whatever ends it, the place is free again and the unused tokens are back.

        Raises Problem RESOURCE_EXHAUSTED `QUOTA_EXCEEDED` where the wait would be too long.
        """
        turn = Turn(tokens)
        self.active += 1
        try:
            await self._wait(turn)
            async with AsyncExitStack() as held:
                if self._free is not None:
                    await self._place(self._free)
                    held.callback(self._free.release)
                try:
                    yield turn
                finally:
                    if self._tokens is not None:
                        self._tokens.give(turn.reserved - turn.used)
        finally:
            self.active -= 1

    async def _wait(self, turn: Turn) -> None:
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
            if seconds <= self._share.waiting_seconds:
                await asyncio.sleep(seconds)
                waited = True
        finally:
            if not waited:
                for bucket, amount, _ in taken:
                    bucket.give(amount)
        if not waited:
            raise self._refuse(f"{what} a minute", seconds)

    async def _place(self, free: asyncio.Semaphore) -> None:
        try:
            async with asyncio.timeout(self._share.waiting_seconds):
                await free.acquire()
        except TimeoutError:
            raise self._refuse("answers at a time", self._share.waiting_seconds) from None

    def _refuse(self, what: str, seconds: float) -> Problem:
        message = f"{self._whose} has used up its share of {what}."
        return exhausted("QUOTA_EXCEEDED", message, "Try again later, or ask for a larger share.", seconds, what=what)


class Metered:
    """A model that is asked in turn."""

    def __init__(self, model: Model, target: Target, meters: tuple[Meter, ...]) -> None:
        """Takes the meters of the vendor and of the tenant, in this order everywhere."""
        self._model = model
        self._target = target
        self._meters = meters

    @property
    def name(self) -> str:
        """`vendor:model`."""
        return self._model.name

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks when it is this call's turn."""
        limits = self._target.limits
        most = prompt.max_tokens or min(limits.output_tokens, self._target.ability.output)
        asked = estimate_input(prompt, limits)
        used, written = 0, 0
        async with AsyncExitStack() as held:
            turns = [await held.enter_async_context(meter.turn(asked + most)) for meter in self._meters]
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

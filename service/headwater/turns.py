"""Lets as many runs work as the machine can take; the others wait in order and are told their place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from headwater.errors import exhausted
from headwater.metrics import Metrics


class Turns:
    """The slots of the machine and the queue before them."""

    def __init__(self, *, slots: int, queue: int, metrics: Metrics) -> None:
        """Has `slots` slots and room for `queue` who wait."""
        self._slots = slots
        self._queue = queue
        self._metrics = metrics
        self._admitted = 0
        self._working = 0
        self._waiting: list[asyncio.Event] = []
        self._turn_seconds = 1.0

    def admit(self, *, adopted: bool = False) -> None:
        """Lets a run in. Raises Problem RESOURCE_EXHAUSTED `QUEUE_FULL` when neither a slot nor a place is free.

        A run that was accepted before (`adopted`) is never turned away.
        """
        if not adopted and self._admitted >= self._slots + self._queue:
            wait = max(1.0, self._turn_seconds * self._queue / self._slots)
            message = f"All {self._slots} slots are busy and {self._queue} runs wait already."
            raise exhausted("QUEUE_FULL", message, f"Try again in {wait:.0f} s.", wait, waiting=str(self._queue))
        self._admitted += 1

    def leave(self) -> None:
        """Says that an admitted run has ended."""
        self._admitted -= 1

    @asynccontextmanager
    async def turn(self, tell: Callable[[int, int], Awaitable[None]]) -> AsyncGenerator[None]:
        """Waits for a slot and holds it; `tell` is told the place and how many wait, whenever it changes."""
        asked = time.monotonic()
        await self._enter(tell)
        began = time.monotonic()
        self._metrics.dequeued(began - asked)
        try:
            yield
        finally:
            # An average that forgets: what a queue's wait is likely to be is what turns took lately.
            self._turn_seconds += (time.monotonic() - began - self._turn_seconds) / 4
            self._working -= 1
            self._moved()

    async def _enter(self, tell: Callable[[int, int], Awaitable[None]]) -> None:
        moved = asyncio.Event()
        self._waiting.append(moved)
        told = 0
        try:
            while (place := self._waiting.index(moved) + 1) > 1 or self._working >= self._slots:
                if place != told:
                    told = place
                    await tell(place, len(self._waiting))
                    continue
                moved.clear()
                await moved.wait()
            self._working += 1
        finally:
            self._waiting.remove(moved)
            self._moved()

    def _moved(self) -> None:
        self._metrics.queue(waiting=len(self._waiting), active=self._working)
        for each in self._waiting:
            each.set()

"""Two providers as one: the second where the first fails, or for what the first left."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from headwater.errors import Problem
from headwater.providers import Delta, Provider, Task


class Fallback:
    """Asks the second provider where the first cannot go on."""

    def __init__(self, first: Provider, second: Provider) -> None:
        """The second should need no vendor: then there is always a result."""
        self._first = first
        self._second = second

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Writes with the first, and on its Problem with the second; what was written till then is judged as well."""
        failed = ""
        try:
            async with aclosing(self._first.stream(task)) as deltas:
                async for delta in deltas:
                    yield delta
        except Problem as failure:
            failed = str(failure)
        if failed:
            yield Delta(warning=f"{failed} The next provider goes on.")
            async with aclosing(self._second.stream(task)) as deltas:
                async for delta in deltas:
                    yield delta


class InTurn:
    """Has the first provider write the first attempt, and the second all further ones, told what is still missing."""

    def __init__(self, first: Provider, second: Provider) -> None:
        """The first searches; the second is asked for what search could not reach."""
        self._first = first
        self._second = second

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Writes with whose turn it is. The first never says that nothing is left: the second may find more."""
        if task.attempt > 1:
            async with aclosing(self._second.stream(task)) as deltas:
                async for delta in deltas:
                    yield delta
            return
        # Half of the budget is the second one's.
        async with aclosing(self._first.stream(replace(task, budget_seconds=task.budget_seconds / 2))) as deltas:
            async for delta in deltas:
                yield replace(delta, stopped_by="plateau") if delta.stopped_by else delta

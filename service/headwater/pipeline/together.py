"""Two providers as one: the second where the first fails, or for what the first left."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from headwater.errors import Problem
from headwater.providers import Delta, Provider, Task
from headwater.providers.clocks import timed

PATIENCE = 0.5
"""The share of an attempt's time in which a provider must say something if there is one other behind it."""
NONE_KEPT = "Nothing that was written so far was accepted."


class Fallback:
    """Asks the second provider where the first cannot go on, or has nothing to say."""

    def __init__(self, first: Provider, second: Provider, *, share: float = PATIENCE) -> None:
        """The second should need no vendor: then there is always a result.

        A first provider that has said nothing when this share of an attempt's time is over is passed over.
        """
        self._first = first
        self._second = second
        self._share = share

    async def stream(self, task: Task) -> AsyncGenerator[Delta, None]:
        """Writes with the first, and with the second where that fails; what was written till then is judged as well.

        Where nothing was accepted of the first attempt, the second has the next one.
        """
        began, written, failed = time.monotonic(), False, ""
        within = self._share * task.budget_seconds
        in_vain = task.attempt > 1 and not task.taken_names
        silent = partial(_SilentError, f"Nothing was heard of the first provider in {within:.3g} s.")
        first = _nothing() if in_vain else self._first.stream(task)
        try:
            async with aclosing(timed(first, lambda: None if written else began + within, silent)) as deltas:
                async for delta in deltas:
                    written = written or bool(delta.text)
                    yield delta
        except (Problem, _SilentError) as failure:
            failed = str(failure)
        if failed or not (written or task.taken_names):
            why = NONE_KEPT if in_vain else failed or "The first provider wrote no test."
            yield Delta(warning=f"{why} The next provider goes on.")
            if written:
                yield Delta(restarted="The next provider goes on; what was not complete by then is withdrawn.")
            left = max(0.0, task.budget_seconds - (time.monotonic() - began))
            async with aclosing(self._second.stream(replace(task, budget_seconds=left))) as deltas:
                async for delta in deltas:
                    yield delta


class _SilentError(Exception):
    """A provider has said nothing for too long."""


async def _nothing() -> AsyncGenerator[Delta, None]:
    """Says nothing."""
    for delta in ():
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

"""Runs coroutines without waiting: a clock that jumps to the next timer when nothing else is to be done."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import contextlib
import selectors
import threading
from typing import Any, Coroutine, List, Optional, Tuple

from .tracing import TooLong

JUMP = 0.2
"""Seconds by which a clock may jump in all; a test that takes longer is not worth its wait."""
Ready = List[Tuple[selectors.SelectorKey, int]]


class _Impatient(selectors.DefaultSelector):  # type: ignore[misc,valid-type] — which selector it is the platform decides
    """Does not wait where nothing but the clock can end the wait."""

    ahead = 0.0
    """Seconds by which the loop's clock is ahead."""

    def select(self, timeout: Optional[float] = None) -> Ready:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if len(self.get_map()) > 1 or threading.active_count() > 1:
            return super().select(timeout)
        if timeout is None or self.ahead + timeout > JUMP:
            raise TooLong
        self.ahead += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose timers are due at once, in their order."""

    def __init__(self) -> None:
        """Begins with the clock of the machine."""
        self._waits = _Impatient()
        super().__init__(self._waits)

    def time(self) -> float:
        """Returns the time, ahead by what was not waited for."""
        return super().time() + self._waits.ahead


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine as `asyncio.run` does. Raises TooLong where it waits for what does not come soon."""
    loop = Loop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        with contextlib.suppress(TooLong):
            _wind_up(loop)
        asyncio.set_event_loop(None)
        main.close()
        loop.close()


def _wind_up(loop: Loop) -> None:
    """Cancels what is left, and lets it come to its end."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())

"""A sandbox whose guests are counted and timed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from headwater.sandbox import Ended, Guest, Level, Room, Sandbox, Workspace

Observe = Callable[[str, str, float], None]
"""Is told the guest program's name, its outcome and its seconds."""


class WatchedSandbox:
    """Passes everything on to a sandbox, and tells how each guest ended."""

    def __init__(self, sandbox: Sandbox, observe: Observe) -> None:
        """Watches the guests of `sandbox`."""
        self._sandbox = sandbox
        self._observe = observe

    @property
    def level(self) -> Level:
        """How the sandbox locks up."""
        return self._sandbox.level

    async def room(self, workspace: Workspace) -> Room:
        """Prepares a workspace whose guests are watched."""
        return _WatchedRoom(await self._sandbox.room(workspace), self._observe)

    async def close(self) -> None:
        """Closes the sandbox."""
        await self._sandbox.close()


class _WatchedRoom:
    def __init__(self, room: Room, observe: Observe) -> None:
        self._room = room
        self._observe = observe

    async def run(self, guest: Guest) -> AsyncGenerator[dict[str, Any] | Ended, None]:
        async with aclosing(self._room.run(guest)) as messages:
            async for message in messages:
                if isinstance(message, Ended):
                    self._observe(guest.path.stem, message.outcome.value, message.seconds)
                yield message

    async def close(self) -> None:
        await self._room.close()

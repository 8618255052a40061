"""Holds a room of the sandbox for as long as an orchestrator works in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from headwater.sandbox import Room


@asynccontextmanager
async def room_of(opening: Awaitable[Room]) -> AsyncGenerator[Room]:
    """Opens a room, and closes it to the end: no cancellation leaves its processes or its folders behind."""
    room = await opening
    try:
        yield room
    finally:
        await _to_its_end(room.close())


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Does the work though its caller is cancelled meanwhile, however often; the cancellation then goes on."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled

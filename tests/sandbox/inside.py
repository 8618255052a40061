"""Runs texts as guests, and looks at the processes of this one: what the tests of rooms share."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path
from typing import Any

from headwater.sandbox import Ended, Guest, Limits, Room
from headwater.sandbox.guest import watch

GUESTS = Path(__file__).parent / "guests"
LIMITS = Limits(wall_seconds=20)
PATIENCE = 60.0
"""Seconds in which what is to be gone is gone, on a machine that is busy with other things."""


def script(code: str, **files: bytes) -> Guest:
    """A guest that runs this text; double underscores in names of files stand for a dot."""
    named = {name.replace("__", "."): content for name, content in files.items()}
    return Guest(path=GUESTS / "script.py", request={"code": code}, files=named, limits=LIMITS)


async def run(room: Room, guest: Guest) -> tuple[list[dict[str, Any]], Ended]:
    said = [each async for each in room.run(guest)]
    *messages, ended = said
    assert isinstance(ended, Ended)
    assert not any(isinstance(each, Ended) for each in messages)
    return messages, ended  # type: ignore[return-value]


BEFORE: set[int] = set()
"""Processes below this one that stood before the test began: servers of other tests."""


def below() -> set[int]:
    """Returns the processes that the test has below it."""
    return set(watch.descendants(os.getpid())) - BEFORE


async def gone(allowed: set[int]) -> list[int]:
    """Waits until only allowed processes of this one are left, and a deadline; returns those that stay."""
    deadline = time.monotonic() + PATIENCE
    while True:
        left = [each for each in below() if each not in allowed and runs(each)]
        if not left or time.monotonic() > deadline:
            return left
        await asyncio.sleep(0.01)


def runs(process: int) -> bool:
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{process}/cmdline").read_text())
    return False


def zygotes_now() -> set[int]:
    """Lists the direct children: the zygotes, or the shells around them."""
    return {each for each in below() if parent_of(each) == os.getpid()}


def parent_of(process: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


async def settled(count: int) -> set[int]:
    deadline = time.monotonic() + PATIENCE
    while True:
        found = {each for each in zygotes_now() if runs(each)}
        if len(found) == count or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.01)

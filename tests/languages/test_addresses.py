"""A toolchain that reserves more addresses than it uses memory gets them, and no more memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from headwater.sandbox import Ended, Guest, Limits, Sandbox, Workspace
from headwater.sandbox.opening import open_sandbox

RESERVES = """\
import mmap

def main(request, send):
    held = mmap.mmap(-1, request["reserves"], flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
    send({"event": "reserved", "bytes": len(held)})
"""
USES = """\
def main(request, send):
    held = bytearray(request["uses"])
    for place in range(0, len(held), 4096):
        held[place] = 1
    send({"event": "used", "bytes": len(held)})
"""
LIMITS = Limits(wall_seconds=20, memory_bytes=256 << 20)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    opened = await open_sandbox(folder=tmp_path / "sandbox")
    yield opened
    await opened.close()


async def told(sandbox: Sandbox, program: Path, limits: Limits, **request: int) -> tuple[list[Any], str]:
    room = await sandbox.room(Workspace())
    try:
        guest = Guest(path=program, request=request, limits=limits)
        async with aclosing(room.run(guest)) as messages:
            said = [message async for message in messages]
    finally:
        await room.close()
    ended = said.pop()
    assert isinstance(ended, Ended)
    return said, ended.outcome.value


@pytest.mark.parametrize(("addresses", "outcome"), [(0, "crashed"), (3 << 30, "done")])
async def test_addresses_are_bounded_by_themselves(
    sandbox: Sandbox, tmp_path: Path, addresses: int, outcome: str
) -> None:
    """Without a bound of their own it is the memory's."""
    program = tmp_path / "reserves.py"
    program.write_text(RESERVES)
    limits = Limits(wall_seconds=20, memory_bytes=LIMITS.memory_bytes, address_bytes=addresses)
    said, ended = await told(sandbox, program, limits, reserves=2 << 30)
    assert ended == outcome
    assert bool(said) == (outcome == "done")


async def test_more_addresses_are_no_more_memory(sandbox: Sandbox, tmp_path: Path) -> None:
    """What is used counts against the memory, whatever may be reserved."""
    program = tmp_path / "uses.py"
    program.write_text(USES)
    limits = Limits(wall_seconds=20, memory_bytes=LIMITS.memory_bytes, address_bytes=3 << 30)
    _, ended = await told(sandbox, program, limits, uses=1 << 30)
    assert ended == "memory"

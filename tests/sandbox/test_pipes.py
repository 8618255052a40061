"""The pipes of a guest are closed once, on every event loop: a number that is closed twice may be another's by then."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop

from headwater.sandbox.running import open_pipe

pytestmark = pytest.mark.alone

ROUNDS, THREADS = 300, 3


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_pipe_is_closed_once(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """What other threads open meanwhile stays open, and no descriptor is left."""
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(come_and_go())
        before = descriptors()
        with others_opening() as lost:
            runner.run(come_and_go())
        assert lost == []
        assert descriptors() == before


async def come_and_go() -> None:
    """Opens pipes, reads them to their end, and closes them."""
    for _ in range(ROUNDS):
        reader = asyncio.StreamReader()
        transport, write = await open_pipe(reader)
        os.write(write, b"word")
        os.close(write)
        assert await reader.read() == b"word"
        transport.close()
        await asyncio.sleep(0)


@contextmanager
def others_opening() -> Iterator[list[int]]:
    """Has threads open descriptors and look whether they stay so; yields those that did not."""
    lost: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            ends = os.pipe()
            lost.extend(each for each in ends * 10 if not is_open(each))
            for each in filter(is_open, ends):
                os.close(each)

    threads = [threading.Thread(target=look) for _ in range(THREADS)]
    for each in threads:
        each.start()
    try:
        yield lost
    finally:
        done.set()
        for each in threads:
            each.join()


def is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))

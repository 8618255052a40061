"""Measures what verifying tests costs: the sandbox, an empty guest, and batches of tests beside a cold pytest.

`python -m tests.bench.sandbox [--repeats N] [--sandbox LEVEL]` prints a table of milliseconds of wall time, the best
and the median of N. Every batch is what the service runs for one: each test alone, then all together three times, with
coverage. The cold run is `python -m pytest` of the same file, once, without plugins and coverage, in the same minute.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from headwater.pipeline.guest import RUNNER
from headwater.pipeline.judgement import ROUNDS
from headwater.sandbox import Ended, Guest, Limits, Outcome, Room, Workspace, open_sandbox

SIZES = (2, 20, 100)
FURTHER = (20, 100)
"""Between these two batches the cost of one more test is measured."""
EMPTY = "def main(request, send):\n    send({})\n"
MODULE = '''
"""Prices of a basket."""
import re
from dataclasses import dataclass


@dataclass
class Line:
    name: str
    price: float
    count: int = 1


def total(lines, discount=0.0):
    if not 0 <= discount < 1:
        raise ValueError("discount")
    result = 0.0
    for line in lines:
        if line.count < 0:
            raise ValueError(line.name)
        result += line.price * line.count
    return round(result * (1 - discount), 2)


def parse(text):
    lines = []
    for row in text.splitlines():
        found = re.fullmatch(r"\\s*(\\w+)\\s+([0-9.]+)(?:\\s+x(\\d+))?", row)
        if found is None:
            continue
        name, price, count = found.groups()
        lines.append(Line(name, float(price), int(count or 1)))
    return lines
'''
TESTS = (
    "def test_{n}():\n    assert total([Line('a', {n}.5, 2)]) == {n} * 2 + 1.0\n",
    "def test_{n}():\n    assert parse('pen {n}.25 x3\\n\\n') == [Line('pen', {n}.25, 3)]\n",
    "def test_{n}():\n    with pytest.raises(ValueError, match='discount'):\n        total([], 1 + {n})\n",
    "@pytest.mark.parametrize('n', [{n}, 2])\ndef test_{n}(n):\n    assert parse(f'pen 1 x{{n}}')[0].count == n\n",
)


def main() -> int:
    """Runs it and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="how often each is measured")
    parser.add_argument("--sandbox", default="auto", help="the level, as the setting of the service")
    given = parser.parse_args()
    asyncio.run(measure(given.repeats, given.sandbox))
    return 0


async def measure(repeats: int, level: str) -> None:
    """Opens one sandbox and measures everything in it; batches and cold runs take turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await asyncio.to_thread(prepare, folder)
        began = time.perf_counter()
        sandbox = await open_sandbox(folder=folder / "rooms", wanted=level, preload=[RUNNER, folder / "empty.py"])
        opened = time.perf_counter() - began
        try:
            began = time.perf_counter()
            room = await sandbox.room(Workspace(files={"basket.py": MODULE.encode()}))
            roomed = time.perf_counter() - began
            print(f"level {sandbox.level.value}, Python {sys.version.split()[0]}, best and median of {repeats}, ms")
            row("open the sandbox (once)", [opened])
            row("make a room (once)", [roomed])
            await rows(room, folder, repeats)
            await room.close()
        finally:
            await sandbox.close()


def prepare(folder: Path) -> None:
    """Writes the empty guest, and for each size the files of the cold run, which the users of rooms need not see."""
    folder.chmod(0o711)
    (folder / "empty.py").write_text(EMPTY)
    for size in SIZES:
        cold = folder / f"cold{size}"
        cold.mkdir()
        (cold / "basket.py").write_text(MODULE)
        (cold / "test_basket.py").write_text(tests(size))


async def rows(room: Room, folder: Path, repeats: int) -> None:
    """Measures and prints what repeats."""
    row("empty guest", await times(repeats, lambda: run(room, Guest(path=folder / "empty.py", request={}))))
    best: dict[int, float] = {}
    for size in SIZES:
        text = tests(size)
        cold_at = folder / f"cold{size}"
        warm: list[float] = []
        cold: list[float] = []
        for _ in range(repeats):
            warm += await times(1, lambda text=text, size=size: run(room, batch(text, size)))
            cold += await times(1, lambda at=cold_at: asyncio.to_thread(run_cold, at))
        best[size] = min(warm)
        row(f"batch of {size}", warm, f"{min(warm) / min(cold):.2f} x cold pytest ({1000 * min(cold):.0f} ms)")
    few, many = FURTHER
    each = (best[many] - best[few]) / (many - few)
    print(f"{'each further test':26} {1000 * each:8.2f}")


def tests(size: int) -> str:
    """Writes a file of so many tests, of the forms that the service generates."""
    head = "import pytest\nfrom basket import Line, parse, total\n\n\n"
    return head + "\n\n".join(TESTS[number % len(TESTS)].format(n=number) for number in range(size))


def batch(text: str, size: int) -> Guest:
    """The guest that the service runs for a batch."""
    request = {
        "tests": "test_basket.py",
        "module": "basket",
        "source": "basket.py",
        "judge": [f"test_{number}" for number in range(size)],
        "rounds": ROUNDS,
    }
    return Guest(path=RUNNER, request=request, files={"test_basket.py": text.encode()}, limits=Limits(wall_seconds=120))


async def run(room: Room, guest: Guest) -> None:
    """Runs a guest and insists that every test passed, everywhere."""
    async for said in room.run(guest):
        if isinstance(said, Ended):
            assert said.outcome is Outcome.DONE, said
        else:
            assert said.get("outcome", "passed") == "passed", said


def run_cold(folder: Path) -> None:
    """Runs the same file by a fresh interpreter."""
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_basket.py"],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )


async def times(repeats: int, action: Callable[[], Awaitable[None]]) -> list[float]:
    """Returns the seconds that each repetition took."""
    taken: list[float] = []
    for _ in range(repeats):
        began = time.perf_counter()
        await action()
        taken.append(time.perf_counter() - began)
    return taken


def row(name: str, taken: list[float], beside: str = "") -> None:
    """Prints one line of the table."""
    print(f"{name:26} {1000 * min(taken):8.1f} {1000 * statistics.median(taken):8.1f}  {beside}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Measures the search for inputs: calls a second, what one costs beside a plain call, memory, coverage over time.

`python -m tests.bench.synthesis [--seconds 1,3,10,30,60] [--modules textwrap,shlex,…]` prints a table. Each module of
the standard library is searched once, as long as the longest time; the branches are those reached when each time was
over.
The first verified test is that of a whole run as a user starts it, from the request to the event.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.config import load_settings
from headwater.local import opened
from headwater.logs import configure
from headwater.providers import Task
from headwater.providers.embedded import Embedded
from headwater.synthesis import guest
from headwater.v1 import generate_tests_pb2 as pb
from tests.synthesis.beside import Beside

OVERHEAD = """
import sys, time, types
sys.path.insert(0, sys.argv[1])
from guest.calls import Call
from guest.stage import Bounds, Stage
from guest.inventory import Target
from guest.names import Names
from guest.tracing import Tracer
module = types.ModuleType("plain")
exec(compile("def same(value):\\n    return value\\n", "plain.py", "exec"), module.__dict__)
count = int(sys.argv[2])
began = time.perf_counter()
for _ in range(count):
    module.same(1)
plain = time.perf_counter() - began
from guest.inventory import Parameter
target = Target("same", "call", "same", "", (Parameter("value", "positional"),), None, "", (1, 2), False)
stage = Stage(Names(module, {"same"}), Tracer("plain.py", {}, 20000), Bounds(0.4, 20, 300))
began = time.perf_counter()
for _ in range(count):
    stage.play(Call(target, ("1",)))
played = time.perf_counter() - began
stage.close()
print(1e6 * plain / count, 1e6 * played / count)
"""
SMALL = """
def grade(points, bonus=0):
    if points < 0:
        raise ValueError("points must not be negative")
    total = points + bonus
    if total >= 90:
        return "A"
    return "B" if total >= 70 else "C"
"""
MODULES = ("textwrap", "shlex", "colorsys", "fnmatch", "fractions", "configparser")
CALLS = 5000
"""Calls by which the overhead is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One search: (seconds, branches reached, calls) as they came, how many branches there are, and the memory."""

    steps: Sequence[tuple[float, int, int]]
    branches: int
    megabytes: float

    def reached(self, seconds: float) -> int:
        """Returns how many branches were reached by then."""
        return max((count for at, count, _ in self.steps if at <= seconds), default=0)

    @property
    def pace(self) -> float:
        """Returns calls in a second."""
        at, _, calls = self.steps[-1]
        return calls / at


def main() -> int:
    """Runs it and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", default="1,3,10,30,60", help="when the coverage is read")
    parser.add_argument("--modules", default=",".join(MODULES), help="modules of the standard library")
    given = parser.parse_args()
    configure("warning")
    times = [float(each) for each in given.seconds.split(",")]
    plain, played = overhead()
    print(f"a call: {plain:.2f} µs plainly, {played:.0f} µs played (traced, bounded, in fresh surroundings)")
    print(f"first verified test of a small module: {asyncio.run(first_test()):.2f} s")
    print(f"{'module':16}{'calls/s':>9}{'MB':>6}  branches after {', '.join(f'{each:g}' for each in times)} s")
    for module in given.modules.split(","):
        found = asyncio.run(search(module, max(times)))
        shares = "  ".join(f"{100 * found.reached(each) / max(1, found.branches):3.0f} %" for each in times)
        print(f"{module:16}{found.pace:9.0f}{found.megabytes:6.0f}  {shares}  of {found.branches}", flush=True)
    return 0


def overhead() -> tuple[float, float]:
    """Returns the microseconds of a plain call and of one that is played."""
    command = [sys.executable, "-c", OVERHEAD, str(Path(guest.__file__).parents[1]), str(CALLS)]
    plain, played = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(plain), float(played)


async def first_test() -> float:
    """Returns the seconds from the request to the first test that passed in the sandbox."""
    request = pb.GenerateTestsRequest()
    request.source.content = SMALL
    async with opened(load_settings(store="sqlite://:memory:", on_disconnect="cancel")) as service:
        began = time.perf_counter()
        async with aclosing(service.stream("GenerateTests", request)) as events:
            async for event in events:
                if isinstance(event, pb.GenerateTestsEvent) and event.HasField("test"):
                    return time.perf_counter() - began
    raise SystemExit("no test was written")


async def search(module: str, seconds: float) -> Searched:
    """Searches one module in a process of its own, for all of the time."""
    steps: list[tuple[float, int, int]] = []
    branches = kilobytes = 0
    with tempfile.TemporaryDirectory() as folder:
        beside = Beside(Path(folder), {**os.environ, "PYTHONHASHSEED": "0"})

        async def explore(
            program: Path, request: Mapping[str, Any], wall_seconds: float
        ) -> AsyncGenerator[dict[str, Any], None]:
            nonlocal kilobytes
            async with aclosing(beside.explore(program, request, wall_seconds)) as events:
                async for event in events:
                    kilobytes = max(kilobytes, event.get("kilobytes", 0))
                    yield event

        settings = {"share": 1.0, "reserve_seconds": 0.0}
        task = Task(source="", path=f"{module}.py", module=module, budget_seconds=seconds, explore=explore)
        began = time.perf_counter()
        async with aclosing(Embedded(settings).stream(task)) as deltas:
            async for delta in deltas:
                if delta.reached is not None and delta.reached.branches_total:
                    reached = delta.reached
                    branches = reached.branches_total
                    steps.append((time.perf_counter() - began, reached.branches_covered, reached.executions))
    return Searched(steps=steps or [(seconds, 0, 0)], branches=branches, megabytes=kilobytes / 1024)


if __name__ == "__main__":
    sys.exit(main())

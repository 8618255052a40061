"""Measures the search for inputs: calls a second, what one costs beside a plain call, memory, coverage over time.

`python -m tests.bench.synthesis [--seconds 1,3,10,30] [--modules textwrap,shlex,…]` prints a table. Each module of the
standard library is searched once, as long as the longest time; the branches are those reached when each time was over.
The first verified test is that of a whole run as a user starts it, from the request to the event.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.config import load_settings
from headwater.local import opened
from headwater.logs import configure
from headwater.providers.embedded import LIMITS
from headwater.synthesis import guest
from headwater.v1 import generate_tests_pb2 as pb

BOOT = """
import importlib.util, json, os, sys
program, request = sys.argv[1], json.loads(sys.argv[2])
out = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
spec = importlib.util.spec_from_file_location("program", program + "/__init__.py", submodule_search_locations=[program])
module = importlib.util.module_from_spec(spec)
sys.modules["program"] = module
spec.loader.exec_module(module)
module.main(request, lambda event: print(json.dumps(event), file=out))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"event": "peak", "kilobytes": int(peak.split()[1])}), file=out)
"""
OVERHEAD = """
import sys, time, types
sys.path.insert(0, sys.argv[1])
from guest.calls import Bounds, Call, Stage
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
    parser.add_argument("--seconds", default="1,3,10,30", help="when the coverage is read")
    parser.add_argument("--modules", default=",".join(MODULES), help="modules of the standard library")
    given = parser.parse_args()
    configure("warning")
    times = [float(each) for each in given.seconds.split(",")]
    plain, played = overhead()
    print(f"a call: {plain:.2f} µs plainly, {played:.0f} µs played (traced, bounded, in fresh surroundings)")
    print(f"first verified test of a small module: {asyncio.run(first_test()):.2f} s")
    print(f"{'module':16}{'calls/s':>9}{'MB':>6}  branches after {', '.join(f'{each:g}' for each in times)} s")
    for module in given.modules.split(","):
        found = search(module, max(times))
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


def search(module: str, seconds: float) -> Searched:
    """Searches one module in a process of its own."""
    request: dict[str, Any] = {
        **LIMITS,
        **{name: int(value) for name, value in LIMITS.items() if float(value).is_integer()},
        "module": module,
        "symbols": [],
        "lines": None,
        "skip": [],
        "missing": None,
        "seed": 0,
        "attempt": 1,
        "budget_seconds": seconds,
        "valuable_first": False,
    }
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(guest.__file__).parent)
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", BOOT, program, json.dumps(request)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        with process:
            events = [(time.perf_counter() - began, event) for event in told(process)]
    steps = [(at, event["branches_covered"], event["executions"]) for at, event in events if event["event"] == "cases"]
    return Searched(
        steps=steps or [(seconds, 0, 0)],
        branches=next((event["branches_total"] for _, event in events if event["event"] == "cases"), 0),
        megabytes=next((event["kilobytes"] / 1024 for _, event in events if event["event"] == "peak"), 0.0),
    )


def told(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """Yields the events of a search as they come."""
    yield from map(json.loads, process.stdout or ())


if __name__ == "__main__":
    sys.exit(main())

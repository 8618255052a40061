"""Measures the server's CPU for each streamed chunk, its memory for each stream, and that nothing is lost.

`make bench`. For both faces, 200 streams × 20 events/s (and 500 streams once): a server process on one core, the
readers in a process of their own on the other, the baseline — a bare grpc.aio and a bare ASGI server — in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import grpc.aio
import psutil
import uvloop

from headwater.v1 import generate_tests_pb2 as pb
from tests.bench.paced import KEY, METHOD

CHANNELS = 8
BUDGET_US = {"grpc": 150, "sse": 110}
BUDGET_KB = 60
ID = re.compile(rb"^id: (?:\w+\.)?(\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one run showed."""

    kind: str
    face: str
    streams: int
    events: int
    faults: int
    cpu_us: float
    kb_per_stream: float
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--many", type=int, default=500)
    parser.add_argument("--per-second", type=float, default=20)
    parser.add_argument("--events", type=int, default=200)
    given = parser.parse_args()
    rows: list[Figures] = []
    for face in ("grpc", "sse"):
        for kind in ("bare", "ours"):
            rows.append(measure(kind, face, given.streams, given.events, given.per_second))
            show(rows[-1], rows)
        rows.append(measure("ours", face, given.many, given.events, given.per_second / 2))
        show(rows[-1], rows)
    return 0 if all(row.faults == 0 for row in rows) else 1


def measure(kind: str, face: str, streams: int, events: int, per_second: float) -> Figures:
    command = [sys.executable, "-m", "tests.bench.paced", kind, str(events), str(per_second)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        ports = dict(zip(("grpc", "sse"), map(int, server.stdout.readline().split()), strict=True))
        process = psutil.Process(server.pid)
        read = {"grpc": read_grpc, "sse": read_sse}[face]
        uvloop.run(run_streams(read, ports[face], 4))  # warm: first imports, first pages
        resting, before, began = process.memory_info().rss, cpu_seconds(process), time.monotonic()
        peak, sequences = uvloop.run(run_streams(read, ports[face], streams, process))
        spent = cpu_seconds(process) - before
        return Figures(
            kind=kind,
            face=face,
            streams=streams,
            events=events,
            faults=sum(count_faults(each, events, kind) for each in sequences),
            cpu_us=spent * 1e6 / (streams * events),
            kb_per_stream=(peak - resting) / 1024 / streams,
            seconds=time.monotonic() - began,
        )
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def count_faults(sequences: list[int], events: int, kind: str) -> int:
    """Counts events that are lost, doubled or out of order."""
    first = sequences[0] if sequences else 0
    expected = events + 2 if kind == "ours" else events
    return sum(1 for place, each in enumerate(sequences) if each != first + place) + abs(expected - len(sequences))


Read = Callable[[int, asyncio.Event, int], Awaitable[list[int]]]


async def run_streams(
    read: Read, port: int, streams: int, process: psutil.Process | None = None
) -> tuple[int, list[list[int]]]:
    """Reads so many streams at once; returns the server's peak memory and the sequences of each stream."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    go = asyncio.Event()
    tasks = [asyncio.create_task(read(port, go, number)) for number in range(streams)]
    go.set()
    peak = 0
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0.5)
        peak = max(peak, process.memory_info().rss if process is not None else 0)
    return peak, [task.result() for task in tasks]


async def read_grpc(port: int, go: asyncio.Event, number: int) -> list[int]:
    # A channel of its own for every few streams: one connection is not what a fleet of clients has.
    options = (("grpc.use_local_subchannel_pool", 1), ("bench.channel", number % CHANNELS))
    await go.wait()
    await asyncio.sleep(number * 0.002)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        call = channel.unary_stream(METHOD)
        metadata = (("authorization", f"Bearer {KEY.partition(':')[2]}"),)
        return [pb.GenerateTestsEvent.FromString(item).sequence async for item in call(b"", metadata=metadata)]


async def read_sse(port: int, go: asyncio.Event, number: int) -> list[int]:
    await go.wait()
    await asyncio.sleep(number * 0.002)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = KEY.partition(":")[2].encode()
    head = b"POST /v1/tests:generate HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer %s\r\n" % key
    writer.write(head + b"content-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}")
    data = await reader.read(-1)
    writer.close()
    return [int(each) for each in ID.findall(data.replace(b"\r\n", b"\n"))]


def show(row: Figures, rows: list[Figures]) -> None:
    """Prints a row of the table, with the ratio to the baseline of the same face."""
    if len(rows) == 1:
        head = f"{'face':5} {'server':7} {'streams':>7} {'events':>7} {'faults':>6} {'µs/event':>9} {'× bare':>7}"
        print(f"{head} {'KB/stream':>10} {'s':>6}")
    baseline = next(each.cpu_us for each in rows if each.face == row.face and each.kind == "bare")
    budget = f"  (aim {BUDGET_US[row.face]} µs, {BUDGET_KB} KB)" if row.kind == "ours" else ""
    print(
        f"{row.face:5} {row.kind:7} {row.streams:7} {row.events:7} {row.faults:6} {row.cpu_us:9.1f} "
        f"{row.cpu_us / baseline:7.2f} {row.kb_per_stream:10.1f} {row.seconds:6.1f}{budget}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())

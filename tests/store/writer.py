"""Appends to a few runs of a store until it is killed: `python writer.py URL`. Prints what was committed."""

import asyncio
import sys
from itertools import count

from headwater.store import Append, Create, EventRow, RunRow, open_store

RUNS = ("r1", "r2", "r3", "r4")


async def main(url: str) -> None:
    store = await open_store(url, holder="writer")
    await store.commit([Create(row=RunRow(run=r, method="m", owner="o", request=b"q", request_hash="h")) for r in RUNS])

    async def write(runs: tuple[str, ...]) -> None:
        for turn in count():
            first = turn * 10 + 1
            events = [EventRow(sequence, "chunk", b"%d" % sequence * 50) for sequence in range(first, first + 10)]
            made = await store.commit([Append(run=run, epoch=1, events=events) for run in runs])
            assert all(made)
            for run in runs:
                print(run, first + 9, flush=True)

    await asyncio.gather(write(RUNS[:2]), write(RUNS[2:]))


asyncio.run(main(sys.argv[1]))

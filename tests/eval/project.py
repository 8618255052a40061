"""Measures generated projects: which rungs of the proof hold for each text, how long a request takes, and its memory.

    python -m tests.eval.project [--texts FOLDER] [--out FOLDER] [--proof full|fast|none]

`make eval-project`, or with `TEXTS=FOLDER` for other texts than those of the repository. Each file of the folder is one
text of requirements. The proof runs in this process, with what this machine has; the times are those of a
server of its own, that is asked over HTTP and proves nothing. Exit code 1: a rung failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from headwater.projects.phases import render
from headwater.projects.planning import plan, read
from headwater.proof import Extent, Rung, Status, Subject
from headwater.proof.ladder import prove
from headwater.proof.machine import found
from headwater.sandbox import open_sandbox
from headwater.synthesis.project.files import File, Options
from tests.end_to_end.server import Server

TEXTS = Path(__file__).parents[1] / "data" / "requirements"
MODULES = Path.home() / ".cache" / "headwater-projects" / "node_modules"
"""The packages that rendered frontends stand on."""
MARKS = {Status.PASSED: "ok", Status.FAILED: "FAILED", Status.NOT_RUN: "not run"}
MOST_SECONDS, MOST_FIRST_SECONDS, MOST_MIB = 1.0, 0.2, 50.0
"""What a request may take without proof, its first file, and the memory above idle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to a server: seconds to its first file and to its end, files, and the server's memory at the most."""

    first: float
    whole: float
    files: int
    peak: float


@dataclass(slots=True, kw_only=True)
class Result:
    """What one text came to."""

    name: str
    refused: str = ""
    rungs: list[Rung] = field(default_factory=list[Rung])
    asked: Asked | None = None


async def proven(text: str, name: str, extent: Extent, out: Path | None) -> list[Rung]:
    """Renders a text and climbs the ladder; returns the rungs. Says each as it ends."""

    def rendered() -> tuple[File, ...]:
        return tuple(file for _, file in render(plan(read(text, name, ""), Options())))

    made = plan(read(text, name, ""), Options())
    subject = Subject(files=rendered(), again=rendered)
    if out is not None:
        keep(out / name, [(each.path, each.text.encode()) for each in subject.files])
    rungs: list[Rung] = []
    with tempfile.TemporaryDirectory() as folder:
        sandbox = await open_sandbox(folder=Path(folder))
        try:
            async for rung in prove(subject, made, extent, sandbox=sandbox, tools=found(modules=MODULES, outside=True)):
                rungs.append(rung)
                print(f"  {name}: {rung.name}: {MARKS[rung.status]}, {rung.seconds:.1f} s {rung.reason}", flush=True)
                if out is not None:
                    keep(out / f"{name}.proof", [(f"{rung.name}.txt", rung.evidence.encode()), *rung.artefacts])
        finally:
            await sandbox.close()
    return rungs


def keep(folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
    """Writes files into a folder."""
    for path, content in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def asked(server: Server, text: str, name: str) -> Asked:
    """Asks a server for a project without proof."""
    body = {"project_name": name, "requirements": text, "proof": "PROOF_LEVEL_NONE"}
    began, first, files, peak = time.perf_counter(), 0.0, 0, 0.0
    with httpx.stream(
        "POST", f"{server.http}/v1/projects:generate", json=body, headers={"Accept": "application/x-ndjson"}, timeout=60
    ) as answer:
        for line in answer.iter_lines():
            if json.loads(line)["type"] == "file_start":
                first = first or time.perf_counter() - began
                files += 1
                peak = max(peak, resident(server)) if files % 20 == 0 else peak
    return Asked(first=first, whole=time.perf_counter() - began, files=files, peak=max(peak, resident(server)))


def resident(server: Server) -> float:
    """Returns the memory of the server's process, in MiB."""
    assert server._process is not None
    return psutil.Process(server._process.pid).memory_info().rss / (1 << 20)


def measured(texts: Sequence[Path], results: Sequence[Result]) -> float:
    """Asks one server for every text, after a first request that counts for nothing; returns its memory when idle."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            server.start()
            asked(server, "A list of notes", "warm")
            idle = resident(server)
            for path, result in zip(texts, results, strict=True):
                if not result.refused:
                    result.asked = asked(server, path.read_text(encoding="utf-8"), path.stem)
        finally:
            server.close()
    return idle


def told(results: Sequence[Result], idle: float) -> None:
    """Prints the tables."""
    names = list(dict.fromkeys(rung.name for result in results for rung in result.rungs))
    if names:
        print(f"\n| text | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for result in results if names else ():
        by_name = {rung.name: rung for rung in result.rungs}
        cells = [f"{MARKS[by_name[name].status]} {by_name[name].seconds:.1f}" for name in names if name in by_name]
        print(f"| {result.name} | {' | '.join(cells) or result.refused} |")
    print("\n| text | first file s | complete s | files | MiB above idle |\n|---|---|---|---|---|")
    for result in results:
        if result.asked is not None:
            one = result.asked
            print(f"| {result.name} | {one.first:.3f} | {one.whole:.3f} | {one.files} | {one.peak - idle:.1f} |")
    known = [each.asked for each in results if each.asked is not None]
    if known:
        slowest = max(each.whole for each in known)
        print(
            f"\nmedian: first file {statistics.median(each.first for each in known):.3f} s, complete "
            f"{statistics.median(each.whole for each in known):.3f} s; slowest {slowest:.3f} s "
            f"(at most {MOST_SECONDS} s and {MOST_FIRST_SECONDS} s are asked for); memory at most "
            f"{max(each.peak for each in known) - idle:.1f} MiB above idle (at most {MOST_MIB:.0f} MiB)."
        )


def main() -> int:
    """Measures every text; returns 1 if a rung failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, default=TEXTS)
    parser.add_argument("--out", type=Path, help="keep the projects and their evidence there")
    parser.add_argument("--proof", choices=["full", "fast", "none"], default="full")
    parser.add_argument("names", nargs="*", help="the texts to measure; all of the folder without any")
    options = parser.parse_args()
    texts = [each for each in sorted(options.texts.iterdir()) if each.is_file()]
    texts = [each for each in texts if not options.names or each.stem in options.names]
    results = [Result(name=each.stem) for each in texts]
    if options.proof != "none":
        for path, result in zip(texts, results, strict=True):
            text = path.read_text(encoding="utf-8")
            result.rungs = asyncio.run(proven(text, path.stem, Extent(options.proof), options.out))
    idle = measured(texts, results)
    told(results, idle)
    return int(any(rung.status is Status.FAILED for result in results for rung in result.rungs))


if __name__ == "__main__":
    sys.exit(main())

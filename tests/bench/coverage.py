"""Measures the analysis of coverage: how soon, how fast and in how much memory, and beside other tools.

`make bench-coverage`. Reports of made-up projects are read alone, in a process of its own, and analysed through the RPC
of a real server. The peers answer the same question on the same data in the same run, one after the other; they are
installed into an environment of their own. Sizes are smaller where the disk lacks room.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import grpc
import psutil

from headwater.coverage.formats import formats
from headwater.coverage.reports import Report
from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1 import headwater_pb2_grpc
from tests.bench import coverage_peers, reports
from tests.end_to_end.server import Server

MEGABYTE = 1_000_000
FILE_BYTES = {"cobertura": 40, "lcov": 14, "coverage_sqlite": 35}
"""About so many bytes a line has in a report."""
ROOM = 0.5
"""How much of the disk's free space is used at most."""
FIRST_MS, MB_PER_SECOND, MANY_SECONDS = 50, 40, 60
"""The aims; the last one is of the largest report."""
FOUND = frozenset({"gap", "file"})
LONGEST = 1800.0
"""Seconds after which a call has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A report to write: of which format, of how many files, and how long these are."""

    format: str
    files: int
    lines: int

    @property
    def bytes(self) -> int:
        """About how large it will be."""
        return self.files * self.lines * FILE_BYTES[self.format]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What reading alone took."""

    seconds: float
    cpu: float
    peak_mib: float
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysed:
    """What an analysis took, as its caller saw it. `found_ms` is when the first gap or file came."""

    first_ms: float
    found_ms: float
    seconds: float
    cpu: float
    """Of the worker, in seconds."""
    peak_mib: float
    complete: pb.AnalyzeCoverageComplete


def main() -> int:
    """Runs it and prints the tables; 1 if something was read wrongly."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 10_000, 100_000], help="files of Cobertura")
    parser.add_argument("--lcov", type=int, nargs="*", default=[10_000], help="files of LCOV")
    parser.add_argument("--arcs", type=int, default=5_000_000, help="arcs of the .coverage; 0 for none")
    parser.add_argument("--lines", type=int, default=250, help="lines of each file")
    parser.add_argument("--peer-files", type=int, default=10_000, help="files of the peers' project; 0 for no peers")
    parser.add_argument("--folder", type=Path, help="where to write; a temporary one when absent")
    parser.add_argument("--read", nargs=2, metavar=("FORMAT", "PATH"), help="only reads this report, here")
    given = parser.parse_args()
    if given.read:
        read_here(given.read[0], Path(given.read[1]))
        return 0
    cases = [Case(format="cobertura", files=files, lines=given.lines) for files in given.sizes]
    cases += [Case(format="lcov", files=files, lines=given.lines) for files in given.lcov]
    cases += [Case(format="coverage_sqlite", files=given.arcs // given.lines, lines=given.lines)] if given.arcs else []
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name).resolve()
        (folder / "data").mkdir()
        server = Server(folder, "--allow-root", str(folder), "--log-level", "warning")
        try:
            server.start()
            right = measure(server, folder / "data", cases)
            if given.peer_files:
                right &= compare(server, folder / "peers", given.peer_files)
        finally:
            server.close()
    return 0 if right else 1


def measure(server: Server, folder: Path, cases: Sequence[Case]) -> bool:
    """Prints what each report takes to read, and to analyse."""
    analyse(
        server,
        pb.AnalyzeCoverageRequest(reports=[pb.CoverageReport(name="warm", content=b"mode: set\na:1.1,2.2 1 1\n")]),
    )
    print(
        f"{'':32} | {'read alone':^29} | {'the RPC: first':^15} {'whole':>7} {'worker':>7} {'':>7} {'worker':>7}\n"
        f"{'format':15} {'files':>7} {'MB':>8} | {'s':>6} {'MB/s':>6} {'MB/CPU s':>8} {'MiB':>6} | "
        f"{'event':>7} {'gap ms':>7} {'s':>7} {'CPU s':>7} {'MB/s':>7} {'MiB':>7}"
    )
    right = [row(server, folder, fitted(folder, case)) for case in cases]
    return all(right)


def row(server: Server, folder: Path, case: Case) -> bool:
    """Writes a report, reads it, analyses it and prints a row; whether every file was met."""
    path = folder / f"{case.format}.{case.files}"
    size = reports.write(case.format, path, files=case.files, lines_per_file=case.lines) / MEGABYTE
    read = read_alone(case.format, path)
    whole = analyse(server, pb.AnalyzeCoverageRequest(reports=[pb.CoverageReport(path=str(path))]))
    path.unlink()
    print(
        f"{case.format:15} {case.files:7} {size:8.1f} | {read.seconds:6.2f} {size / read.seconds:6.1f} "
        f"{size / read.cpu:8.1f} {read.peak_mib:6.0f} | {whole.first_ms:7.1f} {whole.found_ms:7.1f} "
        f"{whole.seconds:7.2f} {whole.cpu:7.2f} {size / whole.seconds:7.1f} {whole.peak_mib:7.0f}",
        flush=True,
    )
    return read.files == whole.complete.total_files == case.files


def fitted(folder: Path, case: Case) -> Case:
    """Makes the report smaller where the disk has no room for it and what the analysis spools."""
    room = shutil.disk_usage(folder).free * ROOM / 2
    if case.bytes <= room:
        return case
    print(f"{case.format} of {case.files} files does not fit on the disk: it is made smaller")
    return Case(format=case.format, files=max(1, int(case.files * room / case.bytes)), lines=case.lines)


def read_alone(format_name: str, path: Path) -> Read:
    """Reads a report in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.coverage", "--read", format_name, str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, cpu, peak, files = map(float, said.split())
    return Read(seconds=seconds, cpu=cpu, peak_mib=peak, files=int(files))


def read_here(format_name: str, path: Path) -> None:
    """Reads a report and says what that took: seconds, those of them on a core, MiB, files."""
    report = Report(path=path, name=path.name, most_bytes=sys.maxsize)
    read = formats()[format_name].read
    began, worked = time.perf_counter(), time.process_time()
    files = sum(1 for _ in read(report, print))
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    print(seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, files)


def analyse(server: Server, request: pb.AnalyzeCoverageRequest) -> Analysed:
    """Analyses through the RPC."""
    with grpc.insecure_channel(server.grpc) as channel, Peak() as peak:
        service: Any = headwater_pb2_grpc.HeadwaterServiceStub(channel)
        grpc.channel_ready_future(channel).result()
        began = time.perf_counter()
        first = found = 0.0
        last = pb.AnalyzeCoverageEvent()
        for last in service.AnalyzeCoverage(request, timeout=LONGEST):
            first = first or time.perf_counter() - began
            found = found or (time.perf_counter() - began if last.WhichOneof("event") in FOUND else 0.0)
        seconds = time.perf_counter() - began
    assert last.HasField("complete"), last
    return Analysed(
        first_ms=1000 * first,
        found_ms=1000 * found,
        seconds=seconds,
        cpu=peak.cpu,
        peak_mib=peak.mib,
        complete=last.complete,
    )


class Peak:
    """Watches the worker and its processes: peaks of memory, which the kernel keeps, and seconds on a core."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[float, float]] = {}
        """The peak in MiB and the seconds on a core, by process."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def mib(self) -> float:
        return sum(mib for mib, _ in self._seen.values())

    @property
    def cpu(self) -> float:
        return sum(cpu for _, cpu in self._seen.values())

    def _watch(self) -> None:
        worker: psutil.Process | None = None
        while not self._over.wait(0.02):
            try:
                worker = worker or next(
                    (each for each in psutil.Process().children(recursive=True) if is_worker(each)), None
                )
                for each in [worker, *worker.children()] if worker is not None else ():
                    mib, cpu = self._seen.get(each.pid, (0.0, 0.0))
                    self._seen[each.pid] = max(mib, peak_of(each.pid)), max(cpu, sum(each.cpu_times()[:2]))
            except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                worker = None


def is_worker(process: psutil.Process) -> bool:
    return "headwater.coverage.worker" in process.cmdline()


def peak_of(pid: int) -> float:
    """Returns a process' peak of memory in MiB; that of one that has ended is 0."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def compare(server: Server, folder: Path, files: int) -> bool:
    """Prints what the peers take, and what the same question takes here."""
    peers = coverage_peers.prepare(folder, files)
    print(f"\n{files} files of Python; {', '.join(coverage_peers.PINNED)}")
    print(f"{'':16} {'the peer':^22} | {'the service':^22} | {'ratio of':^13}")
    print(
        f"{'question of':16} {'s':>7} {'CPU s':>7} {'MiB':>6} | {'s':>7} {'CPU s':>7} {'MiB':>6} | "
        f"{'s':>6} {'CPU s':>6}"
    )
    right = True
    for peer in peers:
        theirs = coverage_peers.run(peer, folder)
        ours = analyse(server, peer.request)
        agrees = peer.agrees(theirs.said, ours.complete)
        right &= agrees
        print(
            f"{peer.title:16} {theirs.seconds:7.2f} {theirs.cpu:7.2f} {theirs.peak_mib:6.0f} | "
            f"{ours.seconds:7.2f} {ours.cpu:7.2f} {ours.peak_mib:6.0f} | "
            f"{theirs.seconds / ours.seconds:6.1f} {theirs.cpu / ours.cpu:6.1f}"
            f"{'' if agrees else '  the figures differ!'}",
            flush=True,
        )
    return right


if __name__ == "__main__":
    sys.exit(main())

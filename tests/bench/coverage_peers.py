"""Other tools that answer questions about coverage, and a project to ask them about.

They are installed by pip, in versions that are written here, into an environment of their own beside the service's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1.generate_tests_pb2 import Source
from tests.bench.reports import name

PINNED = ("coverage==7.17.3", "diff-cover==11.0.1", "gcovr==8.8")
ENVIRONMENT = Path(".venv") / "peers"
MODULE = '''"""Prices of a room."""


def total(lines, discount=0):
    result = 0
    for price, count in lines:
        if count < 0:
            raise ValueError(count)
        result += price * count
    if discount:
        result -= result * discount // 100
    return result


class Room:
    def __init__(self, size):
        self.size = size

    def fits(self, guests):
        if guests > self.size:
            return False
        return guests > 0

    def name(self):
        try:
            return f"room {{self.size}}"
        except AttributeError:
            return "nothing"


def price_{number}(nights):
    if nights > 7 and nights % 7 == 0:
        return nights * {number} * 9 // 10
    while nights > 30:
        nights -= 1
    return nights * {number}


VALUE = total([(1, 2), (3, 4)]) + price_{number}(3)
ROOM = Room(2).fits(1)
'''
MAIN = """import runpy
from pathlib import Path

for each in sorted(Path("src").rglob("*.py")):
    runpy.run_path(str(each))
"""
CHANGED_EVERY, CHANGED_FROM, CHANGED_TO = 10, 4, 24
"""The diff changes these lines of one file in so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A tool's answer to a question: its command, the same question to the service, and whether the answers agree."""

    title: str
    command: tuple[str, ...]
    request: pb.AnalyzeCoverageRequest
    agrees: Callable[[str, pb.AnalyzeCoverageComplete], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a peer took, and what it said."""

    seconds: float
    cpu: float
    peak_mib: float
    said: str


def prepare(folder: Path, files: int) -> Sequence[Peer]:
    """Installs the peers, writes a project, has it measured by coverage.py, and returns what is asked of it."""
    programs = _install()
    diff = _write(folder, files)
    _quiet(folder, programs / "coverage", "run", "--branch", "--source=src", "main.py")
    _quiet(folder, programs / "coverage", "xml", "-q", "-o", "cobertura.xml")
    _quiet(folder, "git", "init", "-q")
    data = pb.AnalyzeCoverageRequest(
        reports=[pb.CoverageReport(path=str(folder / ".coverage"))], source=Source(root=str(folder))
    )
    xml = [pb.CoverageReport(path=str(folder / "cobertura.xml"))]
    given = {
        "coverage report": (("report", "--precision=2"), data, _says_total),
        "coverage json": (("json", "-q", "-o", "-"), data, _says_percent),
        "diff-cover": (
            ("cobertura.xml", "--diff-file", "change.diff"),
            pb.AnalyzeCoverageRequest(reports=xml, diff=diff),
            _says_missing,
        ),
        "gcovr": (
            ("--cobertura-add-tracefile", "cobertura.xml", "--txt-summary", "--txt", "all.txt"),
            pb.AnalyzeCoverageRequest(reports=xml),
            _says_lines,
        ),
    }
    return [
        Peer(title=title, command=(str(programs / title.split()[0]), *options), request=request, agrees=agrees)
        for title, (options, request, agrees) in given.items()
    ]


def run(peer: Peer, folder: Path) -> Ran:
    """Runs a peer to its end."""
    began = time.perf_counter()
    with (folder / "said.txt").open("w+") as said:
        process = subprocess.Popen(peer.command, cwd=folder, stdout=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        assert process.returncode == 0, peer.title
        said.seek(0)
        cpu = used.ru_utime + used.ru_stime
        return Ran(seconds=seconds, cpu=cpu, peak_mib=used.ru_maxrss / 1024, said=said.read())


def _install() -> Path:
    programs = ENVIRONMENT.resolve() / "bin"
    if not programs.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PINNED], check=True)
    return programs


def _write(folder: Path, files: int) -> str:
    """Writes the modules and a diff of some of them, and returns the diff."""
    changes: list[str] = []
    for number in range(files):
        path = folder / name(number, "py")
        path.parent.mkdir(parents=True, exist_ok=True)
        text = MODULE.format(number=number)
        path.write_text(text)
        if number % CHANGED_EVERY == 0:
            changes.append(_change(name(number, "py"), text.splitlines()[CHANGED_FROM - 1 : CHANGED_TO]))
    (folder / "main.py").write_text(MAIN)
    (folder / "change.diff").write_text("".join(changes))
    return "".join(changes)


def _change(path: str, added: Sequence[str]) -> str:
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
    rows = "".join(f"+{line}\n" for line in added)
    return f"{head}@@ -{CHANGED_FROM - 1},0 +{CHANGED_FROM},{len(added)} @@\n{rows}"


def _quiet(folder: Path, *command: str | Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _says_total(said: str, ours: pb.AnalyzeCoverageComplete) -> bool:
    _, statements, missed, branches, *_ = said.splitlines()[-1].split()
    lines = (int(statements) - int(missed), int(statements)) == _counted(ours.counts["lines"])
    return lines and int(branches) == ours.counts["branches"].total


def _says_percent(said: str, ours: pb.AnalyzeCoverageComplete) -> bool:
    totals = json.loads(said)["totals"]
    lines = (totals["covered_lines"], totals["num_statements"]) == _counted(ours.counts["lines"])
    return lines and (totals["covered_branches"], totals["num_branches"]) == _counted(ours.counts["branches"])


def _says_missing(said: str, ours: pb.AnalyzeCoverageComplete) -> bool:
    found = {key: int(value) for key, value in re.findall(r"^(Total|Missing):\s+(\d+) lines", said, re.MULTILINE)}
    return (found["Total"] - found["Missing"], found["Total"]) == _counted(ours.patch.lines)


def _says_lines(said: str, ours: pb.AnalyzeCoverageComplete) -> bool:
    found = re.search(r"^lines: .*\((\d+) out of (\d+)\)", said, re.MULTILINE)
    return found is not None and (int(found[1]), int(found[2])) == _counted(ours.counts["lines"])


def _counted(count: pb.CoverageCount) -> tuple[int, int]:
    return count.covered, count.total

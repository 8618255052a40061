"""Measures what the pipeline makes of recorded answers, beside what another loop made of the same model's.

    python -m tests.eval.replay --answers ANSWERS.jsonl --tool replay.py --peer peer.csv --work FOLDER

`make eval-replay`. The tool plays the recorded answers by the wire of OpenAI, and each module is generated as a user
would, by `openai:gpt-4o` at the tool's URL. FOLDER holds the packages (`pip install --target FOLDER …`). A line of
ANSWERS is `{"segment": "path:first-last", "answers": [{"content": …}]}`; the peer's file has the columns `project`,
`path` and, for `run1` and `run3`, `…_lines_covered`, `…_lines_missing`, `…_branches_covered`, `…_branches_missing`.

With `--by-lines` the answers are found by the line numbers of the question, without the tool: for packages whose source
differs in a few letters from what was recorded. Coverage is coverage.py's; where the peer's tool counts other branches,
compare the percentages.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headwater.errors import Problem
from headwater.pipeline import Aim, Coverage, Job, Step
from headwater.pipeline.flow import generate
from headwater.pipeline.prompted import Prompted, PromptedOptions
from headwater.pipeline.talks import TalkLimits
from headwater.pipeline.wording import load_templates
from headwater.providers.make import make_model
from headwater.providers.models import Answer, Finish, Model, Prompt, Role
from headwater.sandbox import Limits, Sandbox, Workspace
from headwater.sandbox.opening import open_sandbox

NAMED = re.compile(r"not yet covered of (\S+) .*lines (\d+)-(\d+)\.")
RUNS = ("run1", "run3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """Lines and branches that were covered, and how many there are."""

    lines: int = 0
    all_lines: int = 0
    branches: int = 0
    all_branches: int = 0

    def __add__(self, other: Covered) -> Covered:
        return Covered(
            lines=self.lines + other.lines,
            all_lines=self.all_lines + other.all_lines,
            branches=self.branches + other.branches,
            all_branches=self.all_branches + other.all_branches,
        )

    def __str__(self) -> str:
        lines, branches = (
            f"{part:>4}/{whole:<4} {100 * part / whole if whole else 100:5.1f} %"
            for part, whole in ((self.lines, self.all_lines), (self.branches, self.all_branches))
        )
        return f"{lines} {branches}"

    @property
    def share(self) -> float:
        """Of the branches; all of none is everything."""
        return self.branches / self.all_branches if self.all_branches else 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Module:
    """A module of a package, and what the peer covered of it in its first run and in all three."""

    project: str
    path: str
    peer: Mapping[str, Covered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of a module."""

    covered: Covered
    tests: int
    verdicts: Mapping[str, int]
    attempts: int
    seconds: float
    problem: str = ""


class ByLines:
    """A model that finds the recorded answers by the path and the lines that the first question names."""

    name = "recorded:gpt-4o"

    def __init__(self, answers: Path) -> None:
        rows = [json.loads(line) for line in answers.read_text().splitlines()]
        self._asked: Counter[str] = Counter()
        self._segments = [(*read_place(row["segment"]), [each["content"] for each in row["answers"]]) for row in rows]

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        questions = [each.text for each in prompt.messages if each.role is Role.USER]
        named = NAMED.search(questions[0])
        assert named is not None
        path, first, last = named[1], int(named[2]), int(named[3])
        within = [texts for at, start, end, texts in self._segments if at == path and first <= start and end <= last]
        turn = max(sum(each.role is Role.ASSISTANT for each in prompt.messages), self._asked[named[0]])
        self._asked[named[0]] += 1
        yield Answer(text="\n\n".join(texts[min(turn, len(texts) - 1)] for texts in within), model=self.name)
        yield Answer(finish=Finish.STOP)


def read_place(segment: str) -> tuple[str, int, int]:
    path, _, lines = segment.rpartition(":")
    first, last = map(int, lines.split("-"))
    return path, first, last


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--tool", type=Path)
    parser.add_argument("--peer", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--by-lines", action="store_true")
    parser.add_argument("--attempts", type=int, default=3)
    parser.add_argument("--only", default="", help="words, one of which a module's path must hold, with commas")
    parser.add_argument("--dropped", type=Path, help="where to write what was dropped, and why")
    given = parser.parse_args()
    if not (given.by_lines or given.tool):
        parser.error("say where the replay tool is (--tool), or take the answers --by-lines")
    return asyncio.run(measure(given))


async def measure(given: argparse.Namespace) -> int:
    modules = [each for each in read_peer(given.peer) if any(word in each.path for word in given.only.split(","))]
    with tempfile.TemporaryDirectory() as folder, played(given) as port:
        sandbox = await open_sandbox(folder=Path(folder))
        secrets = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1"}
        model = None if given.by_lines else make_model(["openai:gpt-4o"], secrets=secrets)
        try:
            found = {each: await run(each, model or ByLines(given.answers), sandbox, given) for each in modules}
        finally:
            await sandbox.close()
            if model is not None:
                await model.close()
    return show_totals(found)


async def run(module: Module, model: Model, sandbox: Sandbox, given: argparse.Namespace) -> Figures:
    """Generates the tests of one module, and prints its line."""
    root: Path = given.work.resolve()
    # The peer's runs are begun anew as well: each is up to as many attempts as it takes to lose patience.
    talk = TalkLimits(restarts=given.attempts // TalkLimits().patience)
    options = PromptedOptions(talk=talk)
    room = await sandbox.room(Workspace(roots=(root,)))
    job = Job(
        aim=Aim(
            source=(root / module.path).read_text(encoding="utf-8"),
            path=module.path,
            file=str(root / module.path),
            module=module.path.removesuffix(".py").removesuffix("/__init__").replace("/", "."),
            budget_seconds=600,
            max_attempts=given.attempts,
        ),
        provider_name="openai",
        model="gpt-4o",
        provider=Prompted(model, load_templates(), options),
        room=room,
        limits=Limits(),
        read=lambda path: read_file(root / path),
    )

    async def tell(step: Step) -> None:
        """Nobody listens."""

    began, said = time.monotonic(), ""
    try:
        await generate(job, tell)
    except Problem as problem:
        said = str(problem)
    finally:
        await room.close()
    if given.dropped is not None:
        write_dropped(given.dropped, module, job)
    figures = Figures(
        covered=covered(job.coverage),
        tests=len(job.accepted),
        verdicts=Counter(each.verdict for each in job.rejected),
        attempts=job.attempt,
        seconds=time.monotonic() - began,
        problem=said,
    )
    show(module, figures)
    return figures


def read_file(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def covered(found: Coverage) -> Covered:
    return Covered(
        lines=len(found.lines),
        all_lines=len(found.statements),
        branches=len(found.taken),
        all_branches=len(found.branches),
    )


def read_peer(path: Path) -> Iterator[Module]:
    with path.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            peer = {run: read_run(row, run) for run in RUNS}
            yield Module(project=row["project"], path=row["path"], peer=peer)


def read_run(row: Mapping[str, str], run: str) -> Covered:
    lines, branches = (int(row[f"{run}_{kind}_covered"]) for kind in ("lines", "branches"))
    open_lines, open_branches = (int(row[f"{run}_{kind}_missing"]) for kind in ("lines", "branches"))
    return Covered(lines=lines, all_lines=lines + open_lines, branches=branches, all_branches=branches + open_branches)


@contextmanager
def played(given: argparse.Namespace) -> Iterator[int]:
    """Runs the replay tool for as long as the context lasts."""
    if given.by_lines:
        yield 0
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(given.tool), str(given.answers), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        process.stderr.readline()  # it says where it listens, and then does
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def show(module: Module, found: Figures) -> None:
    first, third = (module.peer[run] for run in RUNS)
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(found.verdicts.items()))
    print(f"{module.path:<40} {found.covered} | {first} | {third} | {found.tests} tests; {verdicts}", flush=True)
    if found.problem:
        print(f"    {found.problem}", flush=True)


def show_totals(found: Mapping[Module, Figures]) -> int:
    """Prints a line for each package; returns 1 where one is not ahead of the peer's first run."""
    totals: dict[str, list[Covered]] = defaultdict(lambda: [Covered(), Covered(), Covered()])
    for module, figures in found.items():
        each: Sequence[Covered] = (figures.covered, *(module.peer[run] for run in RUNS))
        totals[module.project] = [one + other for one, other in zip(totals[module.project], each, strict=True)]
    print()
    behind = 0
    for project, (ours, first, third) in totals.items():
        ahead = ours.share > first.share or ours.share == 1
        behind += not ahead
        print(f"{project:<40} {ours} | {first} | {third} | {'ahead' if ahead else 'BEHIND'}")
    verdicts = sum((Counter(each.verdicts) for each in found.values()), Counter())
    print(f"{sum(each.tests for each in found.values())} tests; dropped: {dict(verdicts)}")
    print(f"{sum(bool(each.problem) for each in found.values())} modules without any test")
    return 1 if behind else 0


def write_dropped(path: Path, module: Module, job: Job) -> None:
    with path.open("a", encoding="utf-8") as file:
        for each in job.rejected:
            line = {"path": module.path, "name": each.name, "verdict": each.verdict, "reason": each.reason}
            file.write(json.dumps({**line, "code": each.code}) + "\n")


if __name__ == "__main__":
    sys.exit(main())

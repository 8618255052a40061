"""Runs tests in Go: the package is compiled once with all of them, and each one is run by itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from headwater.errors import Code, Problem, problem
from headwater.pipeline import Coverage, Job
from headwater.pipeline.judgement import ROUNDS, Alone, Judgement, Told
from headwater.pipeline.languages import Mends
from headwater.pipeline.languages.go import GoGrammar, tests_at
from headwater.pipeline.languages.go_cache import BUILD as OPTIONS
from headwater.pipeline.languages.go_cache import VET as LOOKS
from headwater.pipeline.languages.go_cache import copying
from headwater.pipeline.languages.places import Places
from headwater.pipeline.languages.sites import Ranges, Sites
from headwater.pipeline.languages.steps import Done, Place, Step, run
from headwater.pipeline.languages.suites import NoMends, round_seconds, split, tell
from headwater.pipeline.talks import trimmed
from headwater.pipeline.tidy import filtered

BINARY, PROFILE = ".suite.test", ".cover.out"
WARM, BUILD, VET = "warm", "build", "vet"
BUILDS = 4
"""How often a file is compiled again without the tests that do not compile."""
NEW_AT_LENGTH = 10
"""How many new tests of a round may take as long as a test may."""
DETAIL = 2000
"""Characters of what a program says that are kept."""
FAULT = re.compile(r"^(?P<file>[^\s:]+\.go):(?P<line>\d+):\d+: (?P<message>.*(?:\n\t.*)*)", re.MULTILINE)
BLOCK = re.compile(r"^(?P<file>.*):(\d+)\.(\d+),(\d+)\.(\d+) \d+ (\d+)$")
FAILED = re.compile(r"^\s*--- FAIL: (?P<name>\w+)(?:/\S*)? ", re.MULTILINE)
PASSED = re.compile(r"^--- PASS: (?P<name>\w+) ", re.MULTILINE)
PROBE = "func TestNothing(t *testing.T) {\n}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoTools:
    """Where the programs of Go are, and how long a build may take: without a `cache` it compiles much else as well."""

    go: str
    gofmt: Path | None
    cache: Sequence[Path] = ()
    """The folder of what is compiled already, if there is one."""
    build_seconds: float = 240.0
    format_seconds: float = 10.0


class GoRunner:
    """Runs tests of one package, which lies in `folder` below the work folder."""

    def __init__(
        self, tools: GoTools, grammar: GoGrammar, place: Place, sites: Sites, *, folder: str, made: Mapping[str, str]
    ) -> None:
        """Counts the `sites` of the file under test. `made` are files that the project lacks, such as its go.mod."""
        self._tools = tools
        self._grammar = grammar
        self._place = place
        self._sites = sites
        self._folder = folder
        self._made = made

    async def tidy(self, job: Job, text: str) -> str:
        """Formats with gofmt."""
        del job
        if self._tools.gofmt is None:
            return text
        return await filtered(text, self._tools.format_seconds, self._tools.gofmt) or text

    def mending(self, job: Job) -> Mends:
        """Mends nothing; what imports lack, the grammar adds."""
        del job
        return NoMends()

    async def judge(
        self, job: Job, text: str, names: Sequence[str] = (), *, rounds: int = ROUNDS, told: Told | None = None
    ) -> Judgement:
        """Compiles the file without the tests that do not compile, and runs the others.

        Raises Problem FAILED_PRECONDITION `MODULE_NOT_IMPORTABLE` where the package does not compile by itself.
        """
        found = Judgement(imported=True, baseline=self._sites.empty())
        if not text:
            found.baseline = await self._baseline(job)
            return found
        suite = split(self._grammar, text)
        for _ in range(BUILDS):
            placed = tests_at(text)
            chosen = [name for name, _, _ in placed if name in names]
            steps = [self._build(job, text), self._vet(), *(self._alone(job, name) for name in chosen)]
            said = await self._run_alone(job, steps, found, told)
            faults = said.get(BUILD)
            if faults is None:
                for name, detail in _guilty(said.get(VET, ""), placed, job.test_file).items():
                    found.alone[name] = Alone(outcome="failed", detail=f"go vet: {trimmed(detail, DETAIL)}")
                await self._rounds(job, [name for name, _, _ in placed], rounds, found, new=len(chosen))
                return found
            guilty = _guilty(faults, placed, job.test_file)
            if not guilty:
                found.collection_errors = (trimmed(faults, DETAIL),)
                return found
            found.collected = frozenset(name for name, _, _ in placed)
            for name, detail in guilty.items():
                found.alone[name] = Alone(outcome="failed", detail=trimmed(detail, DETAIL))
            text = suite.file(self._grammar, [name for name, _, _ in placed if name not in guilty])
        return found

    async def _baseline(self, job: Job) -> Coverage:
        text = self._grammar.compose("", [], [], [PROBE])
        warming = [Step(name=WARM, argv=copying(each), seconds=self._tools.build_seconds) for each in self._tools.cache]
        steps = [*warming, self._build(job, text), self._alone(job, "TestNothing")]
        last = Done(name=BUILD, outcome="crashed")
        async with aclosing(run(job, self._place, steps)) as heard:
            async for done in heard:
                last = done
        if last.name in {WARM, BUILD} or last.outcome != "passed":
            raise _not_importable(job, last)
        return self._sites.measured(self._counted(last, job))

    async def _run_alone(self, job: Job, steps: Sequence[Step], found: Judgement, told: Told | None) -> dict[str, str]:
        """Runs the tests alone; returns what build and vet say where they refuse the file."""
        said = {BUILD: "The sandbox ended the run."}
        tests = [step.name for step in steps if step.name not in {BUILD, VET}]
        async with aclosing(run(job, self._place, steps)) as heard:
            async for done in heard:
                if done.name in tests:
                    found.alone[done.name] = self._fared(job, done)
                    await tell(told, len(found.alone), len(tests))
                elif done.outcome == "passed":
                    said.pop(done.name, None)
                else:
                    said[done.name] = done.output or done.outcome
        for name in tests if BUILD not in said else ():
            found.alone.setdefault(name, Alone(outcome="crashed", detail="The sandbox ended the run."))
        return said

    async def _rounds(self, job: Job, names: Sequence[str], rounds: int, found: Judgement, *, new: int) -> None:
        found.collected |= frozenset(names)
        held = [name for name in names if name not in found.alone or found.alone[name].outcome == "passed"]
        if not held:
            found.rounds = rounds
            return
        seconds = round_seconds(job, new, NEW_AT_LENGTH)
        orders = ["off", *(str(job.aim.seed + number + 1) for number in range(1, rounds))][:rounds]
        chosen = f"-test.run=^({'|'.join(held)})$"
        steps = [self._step(job, order, seconds, [chosen, f"-test.shuffle={order}"]) for order in orders]
        async with aclosing(run(job, self._place, steps)) as heard:
            async for done in heard:
                found.rounds += 1
                failed = dict.fromkeys(FAILED.findall(done.output), trimmed(done.output, DETAIL))
                for name, detail in failed.items():
                    found.unsteady.setdefault(name, detail)
                if not failed and (done.outcome != "passed" or set(PASSED.findall(done.output)) != set(held)):
                    found.unsteady.setdefault("", trimmed(done.output, DETAIL) or done.outcome)
                measured = self._sites.measured(self._counted(done, job))
                found.lines, found.taken = found.lines | measured.lines, found.taken | measured.taken

    def _fared(self, job: Job, done: Done) -> Alone:
        measured = self._sites.measured(self._counted(done, job))
        detail = ""
        if done.outcome == "timeout" or "panic: test timed out after" in done.output:
            outcome, detail = "timeout", f"It ran longer than {job.aim.test_seconds:g} s."
        elif done.outcome == "passed" and PASSED.findall(done.output) == [done.name]:
            outcome = "passed"
        elif done.outcome == "crashed":
            outcome, detail = "crashed", f"It took the process down: signal {-done.code}."
        else:
            outcome, detail = "failed", done.output or "It ended before its result was told."
        return Alone(
            outcome=outcome,
            detail=trimmed(detail, DETAIL),
            seconds=done.seconds,
            lines=measured.lines,
            branches=measured.taken,
            leaks=tuple(f"the file {name}" for name in done.left),
        )

    def _counted(self, done: Done, job: Job) -> Callable[[int], int]:
        places = Places(job.aim.source)
        ranges = Ranges(_blocks(next(iter(done.files.values()), ""), posixpath.basename(job.aim.path)))
        return lambda at: ranges.count(places.byte_column(at))

    def _build(self, job: Job, text: str) -> Step:
        return Step(
            name=BUILD,
            argv=[self._tools.go, *OPTIONS, "-o", BINARY, "."],
            seconds=self._tools.build_seconds,
            cwd=self._folder,
            write={**self._made, job.test_file: text},
            needed=True,
        )

    def _vet(self) -> Step:
        return Step(name=VET, argv=[self._tools.go, *LOOKS], seconds=self._tools.build_seconds, cwd=self._folder)

    def _alone(self, job: Job, name: str) -> Step:
        return self._step(job, name, job.aim.test_seconds, [f"-test.run=^{name}$"])

    def _step(self, job: Job, name: str, seconds: float, options: Sequence[str]) -> Step:
        """Runs the compiled tests; their own clock is the better one, for it names the test."""
        argv = [f"./{BINARY}", "-test.v", "-test.count=1", f"-test.coverprofile={PROFILE}", *options]
        return Step(
            name=name,
            argv=[*argv, f"-test.timeout={seconds:g}s"],
            seconds=seconds + job.aim.test_seconds,
            cwd=self._folder,
            collect=[posixpath.join(self._folder, PROFILE)],
        )


def _blocks(profile: str, name: str) -> Iterator[tuple[tuple[int, int], tuple[int, int], int]]:
    for line in profile.splitlines():
        match = BLOCK.match(line)
        if match and posixpath.basename(match["file"]) == name:
            first, column, last, end, count = (int(each) for each in match.groups()[1:])
            yield (first, column), (last, end), count


def _guilty(faults: str, placed: Sequence[tuple[str, int, int]], file: str) -> dict[str, str]:
    """Names the tests in which the compiler found faults."""
    found: dict[str, str] = {}
    for match in FAULT.finditer(faults):
        line = int(match["line"])
        owner = next((name for name, first, last in placed if first <= line <= last), "")
        if owner and posixpath.basename(match["file"]) == posixpath.basename(file):
            found[owner] = "\n".join(filter(None, [found.get(owner), match["message"].strip()]))
    return found


def _not_importable(job: Job, done: Done) -> Problem:
    return problem(
        Code.FAILED_PRECONDITION,
        "MODULE_NOT_IMPORTABLE",
        f"The package of {job.aim.path} cannot be compiled by itself: {trimmed(done.output or done.outcome, DETAIL)}",
        "Send the whole package with its go.mod, and what it requires in its folder vendor (go mod vendor): "
        "there is no network here.",
        module=job.aim.module,
    )

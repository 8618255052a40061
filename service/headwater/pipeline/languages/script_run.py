"""Runs tests in JavaScript and TypeScript, whatever the framework."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

from headwater.errors import Code, Problem, problem
from headwater.pipeline import Coverage, Job
from headwater.pipeline.judgement import ROUNDS, Alone, Judgement, Told
from headwater.pipeline.languages import Grammar, Mends
from headwater.pipeline.languages.frameworks import Framework
from headwater.pipeline.languages.sites import Sites
from headwater.pipeline.languages.steps import Done, Place, Step, run
from headwater.pipeline.languages.suites import NoMends, Suite, round_seconds, split, tell
from headwater.pipeline.talks import trimmed

BASELINE = "baseline"
ROUND = "round "
NEW_AT_LENGTH = 10
"""How many new tests of a round may take as long as a test may."""
STARTS = 3.0
"""How many times as long as the first a later start of the framework may take."""
DETAIL = 2000
"""Characters of what a program says that are kept."""
QUIET = ("node_modules", ".v8", ".coverage", ".cache", "coverage")


class ScriptRunner:
    """Runs each test in a file of its own, in a process of its own, in the folder of the project."""

    def __init__(
        self,
        framework: Framework,
        grammar: Grammar,
        place: Place,
        sites: Sites,
        *,
        cwd: str,
        probe: str,
        formatter: Sequence[str] = (),
    ) -> None:
        """Counts the `sites` of the file under test, which the test file `probe` does nothing but load.

        `cwd` is the project's folder, relative to the work folder. `formatter` is the project's own: a command that
        takes the name of the file which it formats.
        """
        self._framework = framework
        self._grammar = grammar
        self._place = place
        self._sites = sites
        self._cwd = cwd
        self._probe = probe
        self._formatter = formatter
        self._start_seconds = 0.0

    async def tidy(self, job: Job, text: str) -> str:
        """Formats with the project's own formatter, which is as strange as its code, so in the sandbox too."""
        if not self._formatter:
            return text
        step = replace(
            self._step(job, "format", text, job.aim.import_seconds),
            argv=[*self._formatter, self._file(job)],
            collect=[job.test_file],
        )
        formatted = ""
        async with aclosing(run(job, self._place, [step])) as heard:
            async for done in heard:
                formatted = done.files.get(job.test_file, "") if done.outcome == "passed" else ""
        names = {piece.name for piece in split(self._grammar, text).tests}
        kept = {piece.name for piece in split(self._grammar, formatted).tests}
        return formatted if formatted and kept == names else text

    def mending(self, job: Job) -> Mends:
        """Mends nothing; what imports lack, the grammar adds."""
        del job
        return NoMends()

    async def judge(
        self, job: Job, text: str, names: Sequence[str] = (), *, rounds: int = ROUNDS, told: Told | None = None
    ) -> Judgement:
        """Runs the tests in `names` alone, and those that passed with all others in so many rounds.

        Raises Problem FAILED_PRECONDITION `MODULE_NOT_IMPORTABLE` where the file under test cannot be loaded.
        """
        found = Judgement(imported=True, baseline=self._sites.empty())
        if not text:
            found.baseline = await self._baseline(job)
            return found
        suite = split(self._grammar, text)
        found.collected = frozenset(piece.name for piece in suite.tests)
        await self._alone(job, suite, [name for name in names if name in found.collected], found, told)
        passed = [name for name in found.collected if name not in names or found.alone[name].outcome == "passed"]
        order = [piece.name for piece in suite.tests if piece.name in passed]
        if order:
            await self._rounds(job, suite, order, rounds, found, new=len(names))
        else:
            found.rounds = rounds
        return found

    async def _baseline(self, job: Job) -> Coverage:
        """Measures what loading the file runs."""
        steps = [self._step(job, BASELINE, self._probe, job.aim.import_seconds)]
        ended = Done(name=BASELINE, outcome="crashed")
        async with aclosing(run(job, self._place, steps)) as heard:
            async for done in heard:
                ended = done
        self._start_seconds = ended.seconds
        report = self._framework.report(ended)
        if ended.outcome != "passed" or not report.passed:
            raise _not_importable(job, ended, next(iter(report.failed.values()), ""))
        return self._sites.measured(self._framework.count(ended, job.aim.source))

    async def _alone(self, job: Job, suite: Suite, names: Sequence[str], found: Judgement, told: Told | None) -> None:
        seconds = job.aim.test_seconds + STARTS * self._start_seconds
        steps = [self._step(job, name, suite.file(self._grammar, [name]), seconds) for name in names]
        async with aclosing(run(job, self._place, steps)) as heard:
            async for done in heard:
                found.alone[done.name] = self._fared(job, done)
                await tell(told, len(found.alone), len(names))
        for name in names:
            # The sandbox ended what came before it, and with that all that was still to come.
            found.alone.setdefault(name, Alone(outcome="crashed", detail="The sandbox ended the run."))

    def _fared(self, job: Job, done: Done) -> Alone:
        report = self._framework.report(done)
        measured = self._sites.measured(self._framework.count(done, job.aim.source))
        detail = "\n".join(filter(None, report.failed.values())) or done.output
        if done.outcome == "timeout":
            outcome, detail = "timeout", f"It ran longer than {job.aim.test_seconds:g} s."
        elif done.outcome == "passed" and report.passed and not report.failed:
            outcome, detail = "passed", ""
        elif done.outcome == "crashed":
            outcome, detail = "crashed", f"It took the process down: signal {-done.code}."
        else:
            outcome = "failed"
            detail = detail or "It ended before its result was told."
        return Alone(
            outcome=outcome,
            detail=trimmed(detail, DETAIL),
            seconds=max(0.0, done.seconds - self._start_seconds),
            lines=measured.lines,
            branches=measured.taken,
            leaks=tuple(f"the file {name}" for name in done.left),
        )

    async def _rounds(
        self, job: Job, suite: Suite, names: Sequence[str], rounds: int, found: Judgement, *, new: int
    ) -> None:
        seconds = round_seconds(job, new, NEW_AT_LENGTH) + STARTS * self._start_seconds
        orders = suite.orders(names, job.aim.seed, rounds)
        steps = [
            self._step(job, f"{ROUND}{number}", suite.file(self._grammar, order), seconds)
            for number, order in enumerate(orders)
        ]
        async with aclosing(run(job, self._place, steps)) as heard:
            async for done in heard:
                found.rounds += 1
                report = self._framework.report(done)
                for name, detail in report.failed.items():
                    found.unsteady.setdefault(name if name in found.collected else "", trimmed(detail, DETAIL))
                if not report.failed and (done.outcome != "passed" or not report.passed):
                    found.unsteady.setdefault("", trimmed(done.output, DETAIL) or done.outcome)
                measured = self._sites.measured(self._framework.count(done, job.aim.source))
                found.lines, found.taken = found.lines | measured.lines, found.taken | measured.taken

    def _step(self, job: Job, name: str, text: str, seconds: float) -> Step:
        prefix = f"{self._cwd}/" if self._cwd else ""
        return Step(
            name=name,
            argv=self._framework.command(self._file(job)),
            seconds=seconds,
            cwd=self._cwd,
            write={job.test_file: text},
            collect=[prefix + each for each in self._framework.collected()],
            quiet=QUIET,
            counted=f"/{job.aim.path}",
        )

    def _file(self, job: Job) -> str:
        return job.test_file.removeprefix(f"{self._cwd}/" if self._cwd else "")


def _not_importable(job: Job, done: Done, detail: str) -> Problem:
    words = detail or done.output.strip() or done.outcome
    return problem(
        Code.FAILED_PRECONDITION,
        "MODULE_NOT_IMPORTABLE",
        f"{job.aim.path} cannot be loaded by itself: {trimmed(words, DETAIL)}",
        "Send the files and packages that it needs: name the project's folder, with its package.json and node_modules, "
        "in source.root.",
        module=job.aim.module,
    )

"""Python: pytest in the sandbox, ruff, and the syntax trees of the standard library."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from headwater.pipeline import Aim, Job
from headwater.pipeline.cases import assertions, rename
from headwater.pipeline.definitions import Definitions
from headwater.pipeline.excerpts import ExcerptLimits, excerpt
from headwater.pipeline.judge import judge
from headwater.pipeline.judgement import ROUNDS, Judgement, Told
from headwater.pipeline.languages import Cutter, Hearing, Language, Look, Mends, Words, reader_of
from headwater.pipeline.lookup import Find
from headwater.pipeline.mending import Mending
from headwater.pipeline.merit import is_hollow, shell_command
from headwater.pipeline.mutants import kill
from headwater.pipeline.pieces import Splitter, compiled, parse
from headwater.pipeline.scopes import DraftNames, Scope, find_home
from headwater.pipeline.segments import Beyond, Segment, SegmentLimits, Wanted, segments, unreachable
from headwater.pipeline.suite import compose
from headwater.pipeline.tidy import tidy
from headwater.providers import Task

DEFINITION = re.compile(r"^(?:async )?def (test\w*)\(", re.MULTILINE)


class PythonGrammar:
    """Tests are functions `test_…`, and classes of them."""

    def cutter(self) -> Cutter:
        """Cuts at top-level statements."""
        return Splitter()

    def compose(self, header: str, imports: Sequence[str], helpers: Sequence[str], tests: Sequence[str]) -> str:
        """Returns a whole module."""
        return compose(header, imports, helpers, tests)

    def rename(self, code: str, old: str, new: str) -> str:
        """Renames wherever the name is meant."""
        return rename(code, old, new)

    def look(self, code: str) -> Look:
        """Compiles the piece: what parses may still be no code, such as a `return` outside of a function."""
        fault = compiled(code)
        if fault:
            return Look(fault=fault)
        command = shell_command(code)
        unsafe = f"It hands a command to the shell: {command}" if command else ""
        return Look(assertions=assertions(code), hollow=is_hollow(code), unsafe=unsafe)


class PythonRunner:
    """Runs pytest in the sandbox."""

    async def tidy(self, job: Job, text: str) -> str:
        """Formats with ruff."""
        del job
        return await tidy(text)

    async def judge(
        self, job: Job, text: str, names: Sequence[str] = (), *, rounds: int = ROUNDS, told: Told | None = None
    ) -> Judgement:
        """Runs the tests as `judge` does."""
        return await judge(job, text, names, rounds=rounds, told=told)

    def mending(self, job: Job) -> Mends:
        """Mends imports, names and assertions."""
        return Mending(job)


class PythonHearing(Scope):
    """The names of one answer, and which test is being written."""

    def opens(self, text: str) -> str:
        """Returns the name of the test function that the text begins, if nothing else has it."""
        match = DEFINITION.search(text)
        return match[1] if match is not None and self.is_free(match[1]) else ""


class PythonSpeech:
    """Segments and excerpts by the syntax tree."""

    def words(self, task: Task) -> Words:
        """Returns the words of the templates that Headwater began with."""
        return Words(values=(("module", task.module),))

    def plan(self, source: str, wanted: Wanted, limits: SegmentLimits) -> tuple[Sequence[Segment], Sequence[Beyond]]:
        """Cuts the file into functions and classes."""
        return segments(source, wanted, limits), list(unreachable(parse(source)))

    def excerpt(self, task: Task, segment: Segment, limits: ExcerptLimits) -> str:
        """Returns the segment with the imports, constants and heads of classes that it needs."""
        return excerpt(task.source, segment, path=task.path, module=task.module, limits=limits)

    def hearing(self, task: Task, names: DraftNames) -> Callable[[], Hearing]:
        """Renames what collides, and repairs what is wrong whatever happens."""
        home = find_home(task.source, task.path, task.module, reader_of(task))
        return lambda: PythonHearing(names, home)


def _definitions(task: Task, hops: int) -> Find:
    return Definitions(reader_of(task), path=task.path, module=task.module, hops=hops).find


def test_file(aim: Aim) -> str:
    """Returns the name of the test file."""
    return f"test_{aim.module.rpartition('.')[2].strip('_') or 'module'}.py"


PYTHON = Language(
    name="python",
    title="Python",
    framework="pytest",
    grammar=PythonGrammar(),
    runner=PythonRunner(),
    speech=PythonSpeech(),
    test_file=test_file,
    find=_definitions,
    kill=kill,
)

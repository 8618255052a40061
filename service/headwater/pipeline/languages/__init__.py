"""The languages that tests are written in: one file each for their text, and one for the programs that run them.

A `Language` is made for one job. Its `Grammar` reads and writes text and knows no files; its `Runner` formats and runs
test files; its `Speech` says what a model is told, and what of its answers becomes text. `makers.py` finds the language
of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from headwater.pipeline import Aim, Job, Warned
from headwater.pipeline.excerpts import ExcerptLimits
from headwater.pipeline.judgement import ROUNDS, Judgement, Told
from headwater.pipeline.lookup import Find, Read
from headwater.pipeline.mutants import Kills
from headwater.pipeline.pieces import Piece
from headwater.pipeline.scopes import DraftNames
from headwater.pipeline.segments import Beyond, Segment, SegmentLimits, Wanted
from headwater.providers import Task


class Cutter(Protocol):
    """Cuts the text of a test file into pieces while it is still being written."""

    def feed(self, text: str) -> list[Piece]:
        """Takes the next chunk of text; returns the pieces that it completed."""
        ...

    def close(self) -> list[Piece]:
        """Takes the end of the text; returns the pieces that are left."""
        ...

    def pending(self, most: int) -> str:
        """Returns the lines so far of the piece that is being read, if they are at most so many."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the text of one piece shows. `fault` is empty where it is well formed.

    `hollow` says that nothing in it can fail but the calls it makes; `unsafe` is what it does that no test may.
    """

    fault: str = ""
    assertions: tuple[str, ...] = ()
    hollow: bool = False
    unsafe: str = ""


class Grammar(Protocol):
    """Reads and writes the text of tests."""

    def cutter(self) -> Cutter:
        """Returns a cutter for one text."""
        ...

    def compose(self, header: str, imports: Sequence[str], helpers: Sequence[str], tests: Sequence[str]) -> str:
        """Returns a whole file: the header as a comment, what the tests need of imports and helpers, and the tests."""
        ...

    def rename(self, code: str, old: str, new: str) -> str:
        """Returns the code of a test under another name."""
        ...

    def look(self, code: str) -> Look:
        """Reads one piece by itself."""
        ...


class Mends(Protocol):
    """Mends the mechanical faults of failed tests."""

    def mend(self, name: str, code: str, detail: str) -> str | None:
        """Returns the test's new code, and gives the job the imports and helpers that it needs; None if none helps."""
        ...


class Runner(Protocol):
    """Formats and runs test files."""

    async def tidy(self, job: Job, text: str) -> str:
        """Returns the text formatted; as it is where no formatter is at hand, or it refuses the text."""
        ...

    async def judge(
        self, job: Job, text: str, names: Sequence[str] = (), *, rounds: int = ROUNDS, told: Told | None = None
    ) -> Judgement:
        """Runs the tests in `names` alone, then all together in so many rounds; `told` hears of each one alone."""
        ...

    def mending(self, job: Job) -> Mends:
        """Returns what mends the tests of a job."""
        ...


class Hearing(Protocol):
    """Says what of one answer's pieces goes into the draft, and under which names."""

    tests: dict[str, str]
    """The tests so far, by the names that they got in the draft."""
    repeats: bool
    """Whether a test was left out because the draft has had it before."""

    def take(self, piece: Piece) -> list[Piece]:
        """Returns what of a complete piece goes into the draft."""
        ...

    def opens(self, text: str) -> str:
        """Returns the name of the test that an open piece is, and that stays so; empty where that is not certain."""
        ...

    def changes(self, text: str) -> bool:
        """Whether a line would come out otherwise."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a language is named to a model: by the template `system`, and by those that begin with `prefix`.

    Code stands in fences called `fence`. `values` are filled in wherever a template asks for them. `arcs` says whether
    a branch is told with the line that it leads to, or by the line that decides alone.
    """

    system: str = "system"
    prefix: str = ""
    fence: str = "python"
    arcs: bool = True
    values: tuple[tuple[str, str], ...] = ()


class Speech(Protocol):
    """What a model is told about code of a language, and how its answers are heard."""

    def words(self, task: Task) -> Words:
        """Returns the words for a task."""
        ...

    def plan(self, source: str, wanted: Wanted, limits: SegmentLimits) -> tuple[Sequence[Segment], Sequence[Beyond]]:
        """Cuts the file into segments, those that may give most first; and says what no test can run."""
        ...

    def excerpt(self, task: Task, segment: Segment, limits: ExcerptLimits) -> str:
        """Returns the text of a segment with its surroundings; only lines of interest are numbered."""
        ...

    def hearing(self, task: Task, names: DraftNames) -> Callable[[], Hearing]:
        """Returns what makes the hearing of each answer of a task."""
        ...


class Kill(Protocol):
    """Tries tests on mutants, as `headwater.pipeline.mutants.kill` does."""

    async def __call__(self, job: Job, text: str, names: Sequence[str], *, seconds: float, most: int) -> Kills:
        """Tries mutants of what the tests in `names` cover, each up to the first of these that notices it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language and framework, with all that a job needs of it.

    `unverified` says why nothing can run the tests; their syntax is checked then, and no more.
    """

    name: str
    title: str
    framework: str
    grammar: Grammar
    runner: Runner
    speech: Speech
    test_file: Callable[[Aim], str]
    counted_by: str = "coverage.py"
    """Who counts what ran."""
    folders: Callable[[], tuple[Path, ...]] = tuple
    """Returns what the programs need of the host beside the system's own folders; blocking, where it is made first."""
    builds: bool = False
    """Whether there is something to compile, for which the time of the search is not meant."""
    find: Callable[[Task, int], Find] | None = None
    """Makes what finds the definitions of names for a task, over so many hops; None where nothing does."""
    unverified: Warned | None = None
    kill: Kill | None = None
    """Tries tests on mutants of the file under test; None where nothing makes any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission(Task):
    """A task that says in which language its tests are to be written."""

    language: Language


def reader_of(task: Task) -> Read:
    """Returns what reads the files of a task: the file under test, and those beside it."""

    def read(path: str) -> str | None:
        if path == task.path:
            return task.source
        return task.read(path) if task.read is not None else None

    return read

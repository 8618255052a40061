"""Tries mutants of the module under test on its tests, each in a fork of the process that has everything loaded.

Where it can be done, the functions that live in the fork are given the mutated code; what the import itself has
executed, the module's own statements and those of its classes, is imported anew in the fork.
"""

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..forks import Body, listen, stream
from ..leaks import Folder
from .attempts import Attempt, Child
from .sites import Mutant, find, spread
from .units import Units

if TYPE_CHECKING:
    from ..collect import Tests
    from ..items import Recorder
    from ..job import Job, Mutation
    from ..measure import Meter
    from ..shelter import Shelter


def try_mutants(
    job: Job,
    mutation: Mutation,
    *,
    meter: Meter,
    shelter: Shelter,
    recorder: Recorder,
    tests: Tests,
    alone: Sequence[Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Yields a `mutant` for each that was tried, as soon as it is decided, and then `mutants`.

    `alone` are the messages of the tests that were run by themselves; those that passed take part.
    """
    ends = monotonic() + mutation.seconds
    meter.stop()
    filename = str(getattr(sys.modules[job.module], "__file__", job.source))
    units = Units(ast.parse(Path(job.source).read_bytes()), filename)
    child = Child(job=job, mutation=mutation, shelter=shelter, recorder=recorder, tests=tests, units=units)
    trial = _Trial(job=job, mutation=mutation, meter=meter, shelter=shelter, child=child, units=units, ends=ends)
    yield from trial.messages({str(each["name"]): each for each in alone if each["outcome"] == "passed"})


class _Trial:
    """Mutants under trial, and what was found out about the tests without one."""

    def __init__(
        self,
        *,
        job: Job,
        mutation: Mutation,
        meter: Meter,
        shelter: Shelter,
        child: Child,
        units: Units,
        ends: float,
    ) -> None:
        self._job, self._mutation, self._meter, self._shelter = job, mutation, meter, shelter
        self._child, self._units, self._ends = child, units, ends
        self._folder = Folder(shelter.work, aside=shelter.scratch, kept_bytes=job.kept_bytes)
        self._shared = frozenset(meter.lines())
        """Lines that the import or the collection has executed."""
        self._seconds: dict[str, float] = {}
        self._lines: dict[str, frozenset[int]] = {}
        """What each test executes beside them, of those that pass unmutated."""
        self._tests_of: dict[int, list[str]] = {}
        self._equivalent = self._tried = 0
        self._fit_anew: list[str] | None = None

    def messages(self, passed: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Tries the mutants of all covered lines, or those asked for."""
        self._seconds = {name: float(each["seconds"]) for name, each in passed.items()}
        unfit = self._unfit(Attempt(None, swap=[], names=self._ordered(passed)))
        self._folder.put_back()
        self._lines = {
            name: frozenset(each["lines"]) - self._shared for name, each in passed.items() if name not in unfit
        }
        asked = [each for each in find(self._units.tree) if self._is_asked(each)]
        covered = [each for each in asked if self._covering(each)]
        plan = deque(spread(covered))
        while plan and self._is_time():
            yield from self._wave(plan)
        yield {
            "event": "mutants",
            "tests": self._ordered(self._lines),
            "unfit": unfit,
            "uncovered": len(asked) - len(covered),
            "equivalent": self._equivalent,
            "left": len(plan),
        }

    def _wave(self, plan: deque[Mutant]) -> Iterator[dict[str, Any]]:
        """Tries so many mutants, and then puts the work folder back as it was."""
        again: deque[Attempt] = deque()
        begun: list[Attempt] = []

        def ask() -> tuple[Attempt, Body] | None:
            while not again:
                if not plan or not self._is_time() or len(begun) >= self._mutation.wave:
                    return None
                attempt = self._attempt(plan.popleft())
                if attempt is not None:
                    begun.append(attempt)
                    again.append(attempt)
            return self._body(again.popleft())

        # Each attempt is heard once for each fork of it.
        slots = self._job.slots
        with self._shelter.shared(slots):
            for attempt, heard in stream(ask, slots=slots, silence=self._silence, total=self._patience):
                attempt.hear(heard)
                self._child.tidy(attempt)
                if attempt.is_settled(matrix=self._mutation.matrix):
                    yield attempt.message(self._mutation)
                else:
                    again.append(attempt)
        self._folder.put_back()

    def _attempt(self, mutant: Mutant) -> Attempt | None:
        """Prepares a mutant; None for one that changes nothing, or nothing that another does not."""
        code = self._units.compiled(mutant)
        if code is None:
            self._equivalent += 1
            return None
        self._tried += 1
        names = self._covering(mutant)
        ran_at_import = mutant.default is None and self._meter.statement(mutant.line) in self._shared
        swap = None if ran_at_import else self._units.swap(mutant, code)
        if swap is not None:
            return Attempt(mutant, swap=swap, names=names)
        if self._fit_anew is None:
            known = self._ordered(self._lines)
            unfit = self._unfit(Attempt(None, swap=None, names=known))
            self._fit_anew = [name for name in known if name not in unfit]
        return Attempt(mutant, swap=None, names=[name for name in names if name in self._fit_anew])

    def _unfit(self, attempt: Attempt) -> list[str]:
        """Runs an attempt without a mutant to its end; returns the tests that fail, and learns the others' times."""
        while not attempt.is_settled(matrix=True):
            _, body = self._body(attempt)
            (heard,) = listen([body], slots=1, silence=self._job.test_seconds, total=self._patience)
            attempt.hear(heard)
            self._child.tidy(attempt)
        self._seconds.update(attempt.seconds_of)
        self._child.learn(attempt)
        return attempt.killed_by

    def _body(self, attempt: Attempt) -> tuple[Attempt, Body]:
        self._child.prepare(attempt)
        return attempt, partial(self._child.live, attempt)

    def _covering(self, mutant: Mutant) -> list[str]:
        """Returns the tests that run the mutant, in the order in which they were asked for."""
        if mutant.default is not None:
            body = mutant.default.function.body
            lines = range(body[0].lineno, (body[-1].end_lineno or body[-1].lineno) + 1)
            return self._ordered({name for line in lines for name in self._running(line)})
        return self._running(self._meter.statement(mutant.line))

    def _running(self, statement: int) -> list[str]:
        """Returns the tests that run a statement: all of them, where the import does."""
        if statement not in self._tests_of:
            is_shared = statement in self._shared
            names = [name for name, lines in self._lines.items() if is_shared or statement in lines]
            self._tests_of[statement] = self._ordered(names)
        return self._tests_of[statement]

    def _ordered(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=self._job.judge.index)

    def _is_asked(self, mutant: Mutant) -> bool:
        lines, numbers = self._mutation.lines, self._mutation.numbers
        return (lines is None or mutant.line in lines) and (numbers is None or mutant.number in numbers)

    def _is_time(self) -> bool:
        return self._tried < self._mutation.most and monotonic() < self._ends

    @property
    def _silence(self) -> float:
        """Seconds that a fork may wait for something, while it takes no CPU time."""
        longest = max([self._child.import_seconds, *self._seconds.values()])
        return min(self._job.test_seconds, max(self._mutation.wall_seconds, self._mutation.slower * longest))

    @property
    def _patience(self) -> float:
        """Seconds that one fork may take in all."""
        return max(self._ends - monotonic(), 0) + self._job.test_seconds

"""Keeps tests that hold and cover nothing new, until it is known which of them notices what no other test does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from headwater.errors import Problem
from headwater.pipeline import Job, Tell, Warned
from headwater.pipeline.judgement import Alone
from headwater.pipeline.mutants import Kills
from headwater.providers import Note

SPARE_PER_SYMBOL = 4
"""Tests of one symbol that are kept because a provider says that they differ, where mutants could not tell."""

RUNS = 3
"""How often all tests are run beside the mutants, before these and after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """A test that passed every other gate."""

    name: str
    code: str
    alone: Alone
    note: Note


@dataclass(slots=True, kw_only=True)
class Spares:
    """The spare tests of an attempt, in the order of the draft."""

    tests: dict[str, Spare] = field(default_factory=dict[str, Spare])

    async def sift(self, job: Job, tell: Tell, text: str) -> tuple[list[Spare], list[Spare]]:
        """Tries mutants on the job's tests and the spare ones, all in `text`; returns those to keep, and the others.

        A spare test is kept for a mutant that no test before it notices.
        Where mutants could not be tried, or not all in time, the word of the provider is taken for what is left: a few
        of each symbol that differ.
        """
        names = [*(case.name for case in job.accepted), *self.tests]
        found = await _kills(job, tell, text, names)
        killing = _killing(found, [case.name for case in job.accepted], self.tests) if found is not None else set[str]()
        kept, rest = list[Spare](), list[Spare]()
        few = dict[str, int]()
        for name, spare in self.tests.items():
            is_open = found is None or (found.left > 0 and name in found.tests)
            symbol = spare.note.symbol
            by_word = is_open and spare.note.distinct and few.get(symbol, 0) < SPARE_PER_SYMBOL
            few[symbol] = few.get(symbol, 0) + (name in killing or by_word)
            (kept if name in killing or by_word else rest).append(spare)
        return kept, rest


def _killing(found: Kills, before: Iterable[str], spare: Mapping[str, Spare]) -> set[str]:
    """Names the spare tests that notice a mutant which no test before them does."""
    noticed = frozenset[int]().union(*(found.of(name) for name in before))
    killing: set[str] = set()
    for name in spare:
        own = found.of(name) - noticed
        if own:
            noticed |= own
            killing.add(name)
    return killing


async def _kills(job: Job, tell: Tell, text: str, names: list[str]) -> Kills | None:
    kill = job.language.kill
    judging = sum(case.seconds for case in job.accepted)
    seconds = min(job.aim.mutant_seconds, job.seconds_left - RUNS * judging)
    if kill is None or seconds <= 0:
        return None
    try:
        return await kill(job, text, names, seconds=seconds, matrix=True)
    except Problem as problem:
        await tell(Warned(reason=problem.reason, message=f"No mutants were tried. {problem.message}"))
        return None

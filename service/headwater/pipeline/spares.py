"""Keeps tests that hold and cover nothing new, until it is known which of them notices what no other test does."""

from __future__ import annotations

from dataclasses import dataclass, field

from headwater.errors import Problem
from headwater.pipeline import Job, Tell, Warned
from headwater.pipeline.judgement import Alone
from headwater.pipeline.mutants import MOST, Kills
from headwater.providers import Note

SPARE_PER_SYMBOL = 4
"""Tests of one symbol that are kept because a provider says that they differ, where mutants could not tell."""

CALLS_FOR_A_MUTANT = 25
"""What a mutant costs beside a search whose calls are counted."""
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
        killing = {name for name in self.tests if found is not None and found.of(name)}
        kept, rest = list[Spare](), list[Spare]()
        few = dict[str, int]()
        for name, spare in self.tests.items():
            is_open = found is None or (found.left > 0 and name in found.tests)
            symbol = spare.note.symbol
            by_word = is_open and spare.note.distinct and few.get(symbol, 0) < SPARE_PER_SYMBOL
            few[symbol] = few.get(symbol, 0) + (name in killing or by_word)
            (kept if name in killing or by_word else rest).append(spare)
        return kept, rest


async def _kills(job: Job, tell: Tell, text: str, names: list[str]) -> Kills | None:
    kill = job.language.kill
    judging = sum(case.seconds for case in job.accepted)
    seconds, most = job.aim.mutant_seconds, MOST
    if job.aim.executions:  # Mutants are counted like calls, and the clock is in reserve.
        seconds, most = job.seconds_left, job.aim.executions // CALLS_FOR_A_MUTANT
    seconds = min(seconds, job.seconds_left - RUNS * judging)
    if kill is None or seconds <= 0:
        return None
    try:
        return await kill(job, text, names, seconds=seconds, most=most)
    except Problem as problem:
        await tell(Warned(reason=problem.reason, message=f"No mutants were tried. {problem.message}"))
        return None

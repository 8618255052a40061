"""Stands in where nothing can run the tests: their syntax was checked, and no more is said of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from headwater.errors import Problem
from headwater.pipeline import Job
from headwater.pipeline.judgement import ROUNDS, Alone, Judgement, Told
from headwater.pipeline.languages import Grammar, Mends
from headwater.pipeline.languages.sites import Sites
from headwater.pipeline.languages.suites import NoMends, split
from headwater.sandbox import Ended, Guest


class Nowhere:
    """The room where nothing locks strangers' code up: nothing runs in it."""

    def __init__(self, refusal: Problem) -> None:
        """Refuses with the sandbox's own words."""
        self._refusal = refusal

    async def run(self, guest: Guest) -> AsyncGenerator[dict[str, Any] | Ended, None]:
        """Raises the refusal."""
        del guest
        for message in ():
            yield message
        raise self._refusal

    async def close(self) -> None:
        """Does nothing: there is nothing to remove."""


class UnverifiedRunner:
    """Takes every test that is well formed and asserts something."""

    def __init__(self, grammar: Grammar, sites: Sites) -> None:
        """Nothing of the `sites` of the file under test is counted as run."""
        self._grammar = grammar
        self._sites = sites

    async def tidy(self, job: Job, text: str) -> str:
        """Returns the text as it is."""
        del job
        return text

    def mending(self, job: Job) -> Mends:
        """Mends nothing: no failure is known."""
        del job
        return NoMends()

    async def judge(
        self, job: Job, text: str, names: Sequence[str] = (), *, rounds: int = ROUNDS, told: Told | None = None
    ) -> Judgement:
        """Looks at the tests in `names`."""
        del job, told
        suite = split(self._grammar, text)
        looks = {piece.name: self._grammar.look(piece.code) for piece in suite.tests}
        alone = {
            name: Alone(outcome="passed")
            if looks[name].assertions
            else Alone(outcome="failed", detail="It asserts nothing.")
            for name in names
            if name in looks
        }
        return Judgement(
            imported=True,
            verified=False,
            baseline=self._sites.empty(),
            collected=frozenset(looks),
            alone=alone,
            rounds=rounds,
        )

"""Runs a suite of another language: each test in a file of its own, then all together in several orders."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from headwater.pipeline import Job
from headwater.pipeline.judgement import Told
from headwater.pipeline.languages import Grammar
from headwater.pipeline.pieces import Piece

SLOWER = 4.0
"""How many times its own time a test may take in a round."""


class NoMends:
    """Mends nothing: what has a mechanical fault goes back to the model."""

    def mend(self, name: str, code: str, detail: str) -> str | None:
        """Returns None."""
        del name, code, detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A test file in its parts."""

    imports: Sequence[str]
    helpers: Sequence[str]
    tests: Sequence[Piece]

    def file(self, grammar: Grammar, names: Sequence[str] | None = None) -> str:
        """Returns the file with all tests, or with some in that order."""
        code = {piece.name: piece.code for piece in self.tests}
        chosen = [code[name] for name in (code if names is None else names)]
        return grammar.compose("", self.imports, self.helpers, chosen)

    def orders(self, names: Sequence[str], seed: int, rounds: int) -> list[list[str]]:
        """Returns the names in the order of each round: first as they stand, then shuffled."""
        shuffled = (
            random.Random(seed + number).sample(list(names), len(names))  # noqa: S311 — no secret
            for number in range(1, rounds)
        )
        return [list(names), *shuffled][:rounds]


def split(grammar: Grammar, text: str) -> Suite:
    """Takes a test file apart."""
    cutter = grammar.cutter()
    pieces = [*cutter.feed(text), *cutter.close()]
    return Suite(
        imports=[piece.code for piece in pieces if piece.kind == "import"],
        helpers=[piece.code for piece in pieces if piece.kind == "helper"],
        tests=[piece for piece in pieces if piece.kind == "test"],
    )


def round_seconds(job: Job, new: int, most_new: int) -> float:
    """Returns how long a round may take: what is known, several times as slow as alone, and what is new."""
    known = sum(case.seconds for case in job.accepted)
    return job.aim.test_seconds * 2 + SLOWER * known + job.aim.test_seconds * min(new, most_new)


async def tell(told: Told | None, done: int, of: int) -> None:
    """Tells how far a judgement has come, if anybody listens."""
    if told is not None:
        await told(done, of)

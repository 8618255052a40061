"""The request."""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import Any

SCRATCH = ".scratch-"
"""How the name of the folder for temporary files begins, inside the work folder."""

_OUTSIDE = (
    (r"{work}/" + re.escape(SCRATCH) + r"[^/\s'\"]+(/cases|/tmp)?", "/tmp"),  # noqa: S108 — where a user would find such files
    (r"{work}/", ""),
    (r"{work}(?![\w.-])", "."),
    (r"{home}(?![\w.-])", "~"),
)
"""Patterns of paths on the inside, and what stands for them."""


@dataclass(frozen=True)
class Mutation:
    """Which mutants of the module to try on the judged tests, and within which bounds."""

    seconds: float = 10.0
    """After these no further mutant is begun."""
    lines: tuple[int, ...] | None = None
    """The lines that may be mutated; all that tests cover when None."""
    numbers: tuple[int, ...] | None = None
    """The mutants to try; all when None."""
    matrix: bool = False
    """Whether each mutant is tried on every test that covers it, not only up to the first of `judge` that kills it."""
    most: int = 5000
    what_chars: int = 160
    killers: int = 200
    """How many names of tests that kill it a mutant's message tells at most."""
    wave: int = 32
    """Mutants between which the work folder is put back as it was."""
    cpu_seconds: float = 0.3
    """Of CPU time that each test may take in any case."""
    wall_seconds: float = 1.5
    """That a test may take in any case, should it wait instead."""
    slower: float = 10.0
    """How many times its own time a test may take where that is more."""

    @classmethod
    def read(cls, request: dict[str, Any]) -> Mutation:
        """Builds it from its part of the request."""
        asked = cls(**request)
        return replace(
            asked,
            lines=None if asked.lines is None else tuple(asked.lines),
            numbers=None if asked.numbers is None else tuple(asked.numbers),
        )


@dataclass(frozen=True)
class Job:
    """What to run and within which bounds."""

    tests: str
    """The file of tests, relative to the work folder."""
    module: str
    """Dotted name of the module under test."""
    source: str
    """Its file; links are resolved."""
    judge: tuple[str, ...] = ()
    """Tests to run alone, `test_a` or `TestCart::test_a`; the others take part in the rounds only."""
    rounds: int = 3
    slots: int = 2
    """Forks at a time, but no more than this process has cores."""
    wave: int = 16
    """Tests whose traces in the work folder are looked at together; where there are any, each runs again by itself."""
    leaks_together: bool = False
    """Whether tests that leave something behind take part in the rounds, where it may fail others."""
    seed: int = 0
    test_seconds: float = 5.0
    """Of one item, its fixtures included."""
    round_seconds: float = 60.0
    """Of one round, which also ends after as many test_seconds as it has items."""
    confcutdir: str = "."
    """No conftest.py above this folder is read."""
    plugins: tuple[str, ...] = ()
    """Modules of further pytest plugins to load; none is found by itself."""
    detail_chars: int = 2000
    detail_frames: int = 5
    """Lines of a traceback that a detail keeps, the innermost ones."""
    thread_seconds: float = 0.05
    """How long threads that a test started may take to end before they count as left behind."""
    kept_bytes: int = 16 << 20
    """Of work-folder contents that are remembered, to put back what a test changes; larger files are left out."""

    mutation: Mutation | None = None
    """None where no mutants are wanted."""

    work: str = ""
    """The work folder; found out, not asked for. So is the home."""
    home: str = ""

    def known(self, text: str) -> str:
        """Replaces the paths of this room by ones that the reader knows: relative ones, ~ and /tmp."""
        for inside, outside in _OUTSIDE:
            text = re.sub(inside.format(work=re.escape(self.work), home=re.escape(self.home)), outside, text)
        return text

    @classmethod
    def read(cls, request: dict[str, Any]) -> Job:
        """Builds a job from the request, with the source's real path."""
        job = cls(**request)
        return replace(
            job,
            source=os.path.realpath(job.source),
            confcutdir=os.path.abspath(job.confcutdir),
            judge=tuple(job.judge),
            plugins=tuple(job.plugins),
            mutation=None if job.mutation is None else Mutation.read(request["mutation"]),
            work=os.getcwd(),
            home=os.path.expanduser("~").rstrip("/") or "~",
            slots=min(job.slots, len(os.sched_getaffinity(0))),
        )

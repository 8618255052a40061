"""The request."""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any


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

    @classmethod
    def read(cls, request: dict[str, Any]) -> Job:
        """Builds a job from the request, with the source's real path."""
        job = cls(**request)
        source, confcutdir = os.path.realpath(job.source), os.path.abspath(job.confcutdir)
        return replace(job, source=source, confcutdir=confcutdir, judge=tuple(job.judge), plugins=tuple(job.plugins))

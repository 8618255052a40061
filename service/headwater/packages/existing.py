"""Runs the tests that a project has in the sandbox, once, to learn what they cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headwater.packages.modules import files_of_tests, is_project, is_test
from headwater.packages.state import Coverage, Share
from headwater.sandbox import Ended, Guest, Limits, Outcome, Sandbox, Workspace

PROGRAM = Path(__file__).parent / "guest" / "existing.py"
MORE_SECONDS = 20.0
"""How much longer the program may take than its tests: for the last one, and for counting."""
COMMON_FOLDERS = ("tests", "test")
Number = Annotated[int, Field(ge=-(1 << 31), lt=1 << 31)]


class Covered(BaseModel):
    """What tests execute of a file, of how much there is."""

    model_config = ConfigDict(frozen=True)

    event: Literal["file"] = "file"
    path: str
    lines: tuple[Number, ...]
    taken: tuple[tuple[Number, Number], ...]
    statements: Number
    branches: Number

    @property
    def coverage(self) -> Coverage:
        """Counts it."""
        return Coverage(
            lines=Share(covered=len(self.lines), total=self.statements),
            branches=Share(covered=len(self.taken), total=self.branches),
        )


class _Counts(BaseModel):
    passed: int
    failed: int
    errors: int
    late: bool
    usage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What the tests of a project cover, and how they fared."""

    files: int = 0
    covered: Mapping[Path, Covered] = field(default_factory=dict[Path, Covered])
    passed: int = 0
    failed: int = 0
    why: str = ""
    """What kept them from being run to the end; empty where nothing did."""


def find_tests(top: Path, project: Path, out: Path, folders: Sequence[Path]) -> list[Path]:
    """Finds the files of tests: in the folders named, else wherever pytest's conventions put those of a project.

    What is no project has tests in itself, or in a folder of them beside it: what else lies there may be anything.
    """
    beside = [parent / name for parent in (top, project) for name in COMMON_FOLDERS]
    places = folders or ([project] if is_project(project) else [top, *beside])
    found = {file.resolve() for place in (*places, out) if place.is_dir() for file in files_of_tests(place)}
    return sorted(found | {file.resolve() for file in folders if file.is_file() and is_test(file)})


async def run_tests(
    sandbox: Sandbox,
    tests: Sequence[Path],
    sources: Sequence[Path],
    *,
    folder: Path,
    roots: Sequence[Path],
    python: Path | None,
    seconds: float,
    limits: Limits,
) -> Existing:
    """Runs the tests in `folder` with `roots` on the import path; no test begins after `seconds`.

    What tests of a stranger do or say is bounded, and stops nothing. Raises Problem FAILED_PRECONDITION where there is
    no sandbox, or no interpreter, to run them in.
    """
    request: dict[str, Any] = {
        "folder": str(folder),
        "tests": [str(each) for each in tests],
        "sources": [str(each) for each in sources],
        "seconds": seconds,
    }
    known = {str(each): each for each in sources}
    covered: dict[Path, Covered] = {}
    counts: _Counts | None = None
    outside = [test.parent for test in tests if not test.is_relative_to(folder)]
    room = await sandbox.room(Workspace(python=python, roots=tuple(dict.fromkeys([*roots, folder, *outside]))))
    try:
        async with aclosing(room.run(Guest(path=PROGRAM, request=request, limits=_bounds(limits, seconds)))) as said:
            async for message in said:
                if isinstance(message, Ended):
                    return _existing(len(tests), covered, counts, message)
                try:
                    if message.get("event") == "ended":
                        counts = _Counts.model_validate(message)
                    else:
                        found = Covered.model_validate(message)
                        covered[known[found.path]] = found
                except (ValidationError, KeyError):
                    continue  # the tests share the process with what is said, and may have said it themselves
    finally:
        await room.close()
    raise AssertionError("a guest's stream ends with how it ended")


def _bounds(limits: Limits, seconds: float) -> Limits:
    wall = seconds + MORE_SECONDS
    return Limits(
        wall_seconds=wall,
        cpu_seconds=ceil(wall),
        memory_bytes=limits.memory_bytes,
        processes=limits.processes,
        file_bytes=limits.file_bytes,
        open_files=1024,
        output_bytes=max(limits.output_bytes, 16 << 20),
    )


def _existing(files: int, covered: Mapping[Path, Covered], counts: _Counts | None, ended: Ended) -> Existing:
    why = ""
    if ended.outcome is not Outcome.DONE:
        why = f"they ended early ({ended.detail or ended.outcome.value})"
    elif counts is None or counts.usage:
        said = [line for line in ended.output.splitlines() if line.strip()]
        why = f"pytest could not run them: {said[-1].strip()[:200]}" if said else "pytest could not run them"
    elif counts.late:
        why = "their time was up"
    failed = counts.failed + counts.errors if counts else 0
    return Existing(files=files, covered=covered, passed=counts.passed if counts else 0, failed=failed, why=why)

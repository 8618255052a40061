"""Remembers which modules are done, so that the same command goes on where it was stopped."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from headwater.errors import invalid

STATE = ".headwater.json"
"""The file in the folder of the tests."""
FORMAT = 1

Verdict: TypeAlias = Literal[
    "tested", "nothing to test", "covered already", "nothing to add", "no tests", "failed", "cancelled"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How much of something was executed."""

    covered: int = 0
    total: int = 0

    @property
    def percent(self) -> float:
        """In percent; all of nothing is 100."""
        return 100 * self.covered / self.total if self.total else 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Lines and branches of a module."""

    lines: Share = field(default_factory=Share)
    branches: Share = field(default_factory=Share)

    @property
    def whole(self) -> bool:
        """Whether nothing is left."""
        return self.lines.covered == self.lines.total and self.branches.covered == self.branches.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of a module."""

    module: str
    verdict: Verdict
    why: str = ""
    reason: str = ""
    """The reason of a failure, for programs."""
    tests: int = 0
    file: str = ""
    """The name of the file of tests; empty where there is none."""
    before: Coverage | None = None
    """What tests that exist execute, where there are any."""
    after: Coverage | None = None
    seconds: float = 0.0
    suspected_bugs: tuple[str, ...] = ()
    """What looks like a bug, each in a sentence; the tests that show it are not in the file."""
    resumed: bool = False
    """Whether it was done before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A module that was dealt with: what it was (`key`), what came of it, and the digest of what was written."""

    key: str
    row: Row
    written: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saved:
    format: int
    modules: dict[str, Done]


_SAVED = TypeAdapter(_Saved)
GOOD = frozenset({"tested", "nothing to test", "covered already", "nothing to add"})
"""The verdicts that leave nothing to be desired."""
SETTLED = GOOD | {"no tests"}
"""The verdicts that hold until the source or the options change; what failed is tried again."""


class State:
    """What is done, on disk after each module."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Reads the state of a folder of tests; one that cannot be read is given up where all is done afresh.

        Raises Problem INVALID_ARGUMENT `STATE_UNREADABLE`.
        """
        self._file = folder / STATE
        self._done: dict[str, Done] = {}
        try:
            saved = _SAVED.validate_json(self._file.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValidationError):
            saved = None
        if saved is not None and saved.format == FORMAT:
            self._done = saved.modules
        elif not fresh:
            message = f"{self._file} holds no state that this version reads."
            raise invalid("STATE_UNREADABLE", "--out", message, "Remove it, or start over with --fresh.")

    def settled(self, path: str, key: str, folder: Path) -> Row | None:
        """Returns what became of a module, if it was dealt with as it is now and its file of tests is still there."""
        done = self._done.get(path)
        if done is None or done.key != key or done.row.verdict not in SETTLED:
            return None
        if done.row.file and not (folder / done.row.file).is_file():
            return None
        return dataclasses.replace(done.row, resumed=True)

    def written(self, name: str) -> str:
        """Returns the digest of a file as it was written; empty where that is not known."""
        return next((done.written for done in self._done.values() if done.row.file == name), "")

    def file_of(self, path: str) -> str:
        """Returns the name of the file of a module's tests; empty where there is none."""
        done = self._done.get(path)
        return done.row.file if done is not None else ""

    def keep(self, path: str, done: Done) -> None:
        """Remembers a module. The file changes in one step, so that a kill leaves the old one or the new one.

        What was written before is remembered as long as its file is the module's.
        """
        before = self._done.get(path)
        if before is not None and before.row.file and not done.row.file:
            row = dataclasses.replace(done.row, file=before.row.file)
            done = dataclasses.replace(done, row=row, written=before.written)
        self._done[path] = done
        saved = _SAVED.dump_json(_Saved(format=FORMAT, modules=self._done), indent=1)
        fresh = self._file.with_suffix(".new")
        try:
            fresh.write_bytes(saved)
            os.replace(fresh, self._file)  # noqa: PTH105 — the same, and atomic
        except OSError as error:
            message = f"{self._file} cannot be written: {error.strerror}."
            raise invalid("OUT_UNUSABLE", "--out", message, "Make room, or name another folder.") from None

"""What is known of the project that the file under test belongs to, and of the programs that the server has."""

from __future__ import annotations

import json
import posixpath
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from headwater.errors import Problem
from headwater.pipeline import Warned

VERSION_SECONDS = 10.0
SYSTEM = (Path("/usr"), Path("/bin"))
"""What the sandbox shows anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The file under test, and what lies around it.

    `read` reads a file by its path, `has` tells whether a package lies in a folder of packages, `files` lists the paths
    of the files in a folder (all relative to the import root); `top` is the project's folder on the host, None where
    its files were sent. `refusal` is why the sandbox runs nothing here, if so.
    """

    source: str
    path: str
    read: Callable[[str], str | None]
    has: Callable[[str], bool]
    files: Callable[[str], Sequence[str]]
    top: Path | None = None
    refusal: Problem | None = None

    @property
    def folder(self) -> str:
        """The folder of the file."""
        return posixpath.dirname(self.path)

    def above(self) -> Iterator[str]:
        """Yields the folders from the file's own to the top, which is empty."""
        folder = self.folder
        while folder:
            yield folder
            folder = posixpath.dirname(folder)
        yield ""

    def home(self, mark: str) -> str | None:
        """Returns the nearest folder that holds a file of this name; None where there is none."""
        return next((folder for folder in self.above() if self.read(posixpath.join(folder, mark)) is not None), None)

    def manifest(self) -> dict[str, Any]:
        """Returns what the nearest package.json says; nothing where there is none, or it cannot be read."""
        home = self.home("package.json")
        try:
            found: Any = json.loads(self.read(posixpath.join(home, "package.json")) or "{}") if home is not None else {}
        except ValueError:
            return {}
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    def packages(self, name: str) -> str:
        """Returns the folder of packages that holds one of this name; empty where none does."""
        folders = (posixpath.join(folder, "node_modules") for folder in self.above())
        return next((folder for folder in folders if self.has(posixpath.join(folder, name))), "")

    def free(self, *names: str) -> str:
        """Returns the path beside the file of the first name that is not taken."""
        paths = [posixpath.join(self.folder, name) for name in names]
        return next((path for path in paths if self.read(path) is None), paths[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program of the server: its path, and its version in numbers."""

    path: Path
    version: tuple[int, ...]


def find_program(name: str, *version: str) -> Program | None:
    """Returns a program with the version that it prints; None where it is missing, or does not run."""
    found = shutil.which(name)
    if found is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 — the server's own program
            [found, *version],
            capture_output=True,
            text=True,
            timeout=VERSION_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    word = next((each for each in done.stdout.split() if any(letter.isdigit() for letter in each)), "")
    digits = "".join(letter if letter.isdigit() else " " for letter in word).split()
    return Program(path=Path(found), version=tuple(int(each) for each in digits))


def outside(program: Program | None) -> tuple[Path, ...]:
    """Returns the folder of an installation that the sandbox does not show by itself."""
    real = program.path.resolve() if program is not None else None
    shown = real is None or any(real.is_relative_to(each) for each in SYSTEM)
    return () if real is None or shown else (real.parent.parent,)


def unverified(why: str, remedy: str) -> Warned:
    """Makes the warning about tests that nothing can run."""
    message = f"{why} The tests are checked for their syntax and were not run."
    return Warned(reason="TESTS_UNVERIFIED", message=message, remedy=remedy)

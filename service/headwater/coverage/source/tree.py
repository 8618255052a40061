"""The source that was measured: a folder, of which the files of code are listed and read, and nothing outside."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from headwater.coverage.outlines import is_test_file, language_of
from headwater.errors import Problem
from headwater.sources.host import SKIPPED, HostFolder
from headwater.sources.values import SourceLimits


class SourceFolder:
    """The files of code below a folder. Paths are relative to it, with `/`."""

    def __init__(self, top: Path, allowed: Path, *, file_bytes: int, files: int) -> None:
        """Lists the files of code, at most so many; nothing is read that lies outside of `allowed`."""
        real, outer = Path(os.path.realpath(top)), Path(os.path.realpath(allowed))
        limits = SourceLimits(file_bytes=file_bytes, files=files)
        self._folder = HostFolder(top=real, allowed=outer, limits=limits)
        self.names: Sequence[str] = ()
        self.cut = False
        """Whether there are more files than were listed."""
        self._list(real, files)

    def read(self, path: str) -> str | None:
        """Returns a file's text; None where it cannot be had: a link that leads out, too large, or no text."""
        return _text(self._folder, path)

    def above(self) -> Iterator[Callable[[str], str | None]]:
        """Yields what reads the files of the folder, then of those above it, as far as anything may be read."""
        folder = self._folder
        yield partial(_text, folder)
        while folder.top != folder.allowed:
            folder = replace(folder, top=folder.top.parent)
            yield partial(_text, folder)

    def untested(self, named: Sequence[str]) -> Sequence[str]:
        """Lists the files that no report names, beside and below those that they name, of their languages; no tests."""
        if not named:
            return []
        languages = {language_of(each) for each in named} - {""}
        known = frozenset(named)
        top = os.path.commonpath([f"{PurePosixPath(each).parent}/" for each in named]).removeprefix(".")
        below = f"{top}/" if top else ""
        candidates = (each for each in self.names if each.startswith(below) and each not in known)
        return [each for each in candidates if language_of(each) in languages and not is_test_file(each)]

    def _list(self, top: Path, most: int) -> None:
        found: list[str] = []
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
            place = Path(folder).relative_to(top)
            found += [(place / name).as_posix() for name in sorted(names) if language_of(name)]
            if len(found) > most:
                self.cut = True
                break
        self.names = found[:most]


def _text(folder: HostFolder, path: str) -> str | None:
    try:
        data = folder.read(path)
    except Problem:
        return None  # What it is read for does without: a file is told by what the reports say of it.
    return None if data is None or b"\0" in data else data.decode("utf-8", "replace").removeprefix("\ufeff")

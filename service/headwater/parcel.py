"""Gathers the files that a command sends to a server."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from headwater.errors import Problem, invalid

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "build", "dist"})
"""Folders that hold no code of the project's own."""

MOST_FILES = 5000
"""Files of source that a server takes."""


class Parcel:
    """Bytes that fit into a request. Raises Problem INVALID_ARGUMENT `SOURCE_TOO_LARGE` for more."""

    def __init__(self, most_bytes: int, *, option: str, remedy: str) -> None:
        """Blames `option` for what is too much, and says `remedy`."""
        self._most = self._left = most_bytes
        self._option = option
        self._remedy = remedy

    def add(self, path: Path) -> bytes:
        """Reads a file."""
        self._left -= path.stat().st_size
        if self._left < 0:
            raise self._too_much(f"{self._most >> 20} MiB")
        return path.read_bytes()

    def add_code(self, folder: Path, suffixes: Collection[str]) -> Mapping[str, bytes]:
        """Reads the files below a folder that end so: none in a hidden folder, and no links, which may lead out."""
        files: dict[str, bytes] = {}
        for top, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
            for name in sorted(names):
                path = Path(top, name)
                if path.suffix.lower() in suffixes and path.is_file() and not path.is_symlink():
                    files[path.relative_to(folder).as_posix()] = self.add(path)
            if len(files) > MOST_FILES:
                raise self._too_much(f"{MOST_FILES} files")
        return files

    def _too_much(self, bound: str) -> Problem:
        return invalid("SOURCE_TOO_LARGE", self._option, f"What would be sent is more than {bound}.", self._remedy)

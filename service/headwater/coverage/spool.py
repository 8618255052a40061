"""Keeps files that were read, on disk: reports may speak of a file twice, and memory must not grow with them."""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

from headwater.coverage import FileCoverage, Function
from headwater.coverage.merging import unite

BATCH = 500
"""Files that are written together."""


class Spool:
    """Files by their path; a file that comes again is united with what is there."""

    def __init__(self, folder: Path) -> None:
        """Makes an empty one in the folder; `close` removes it."""
        self._path = folder / "spool.db"
        self._db = sqlite3.connect(self._path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE file (path TEXT PRIMARY KEY, data BLOB) WITHOUT ROWID")
        self._waiting: dict[str, list[FileCoverage]] = {}
        """Parts that were not yet written, by path."""
        self._parts = 0
        self._written: set[str] = set()
        """The paths of files that are on disk: most are asked for that are not."""

    def __len__(self) -> int:
        return len(self._written | self._waiting.keys())

    def add(self, file: FileCoverage) -> bool:
        """Takes a file in, or a part of one. Returns whether it was known before."""
        known = file.path in self._waiting or file.path in self._written
        self._waiting.setdefault(file.path, []).append(file)
        self._parts += 1
        if self._parts >= BATCH:
            self._write()
        return known

    def get(self, path: str) -> FileCoverage | None:
        """Returns what is known of a file."""
        known = [unpack(path, self._read(path))] if path in self._written else []
        if path in self._waiting:
            # First among themselves: what was written may be large, and the parts many and small.
            known.append(reduce(unite, self._waiting[path]))
        return reduce(unite, known) if known else None

    def files(self) -> Iterator[FileCoverage]:
        """Yields every file, by path."""
        self._write()
        for path, data in self._db.execute("SELECT path, data FROM file ORDER BY path"):
            yield unpack(path, data)

    def close(self) -> None:
        """Removes what is on disk."""
        self._db.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    def _read(self, path: str) -> bytes:
        return self._db.execute("SELECT data FROM file WHERE path = ?", (path,)).fetchone()[0]

    def _write(self) -> None:
        rows = [(path, pack(file)) for path in self._waiting if (file := self.get(path)) is not None]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO file VALUES (?, ?)", rows)
        self._db.execute("COMMIT")
        self._written.update(self._waiting)
        self._waiting.clear()
        self._parts = 0


def pack(file: FileCoverage) -> bytes:
    """Writes what is known of a file as bytes, all but its path."""
    functions = [(key, each.name, each.first, each.last, each.hits) for key, each in file.functions.items()]
    arcs = None if file.arcs is None else list(file.arcs)
    rest = (functions, file.units, list(file.excluded), arcs, file.needs_source, file.roots, file.reported)
    return marshal.dumps((file.lines, file.branches, *rest))


def unpack(path: str, data: bytes) -> FileCoverage:
    """Reads what `pack` wrote."""
    values: Any = marshal.loads(data)  # noqa: S302 — written by these processes a moment ago
    lines, branches, functions, units, excluded, arcs, needs_source, roots, reported = values
    return FileCoverage(
        path=path,
        reported=reported,
        lines=lines,
        branches=branches,
        functions={key: Function(name=name, first=a, last=b, hits=hits) for key, name, a, b, hits in functions},
        units=units,
        excluded=frozenset(excluded),
        arcs=None if arcs is None else frozenset(arcs),
        needs_source=needs_source,
        roots=tuple(roots),
    )

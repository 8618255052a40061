"""Makes the file of a SQLite store, private to its user, and keeps other servers away from it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from headwater.errors import Code, Problem, problem


def prepare_file(path: Path) -> None:
    """Creates the file and the folders above it, if missing, for nobody else to read."""
    try:
        for folder in reversed(path.parents):
            # Path.mkdir(parents=True) would give the folders in between the ordinary mode.
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        # SQLite gives its log the mode of the database. Opening for writing shows now what else would fail later.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise _unwritable(path, error) from error


class Lock:
    """The right to use a database, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Lets others have the database. The file stays: to remove it would let two servers lock different ones."""
        os.close(self._descriptor)


def lock_file(path: Path, holder: str) -> Lock:
    """Takes the lock beside the database, `<file>.lock`, and writes the holder into it."""
    # Whatever links lead to it, a database has one lock.
    database = path.resolve()
    beside = database.with_name(f"{database.name}.lock")
    try:
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(beside, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{holder}\n".encode(errors="replace"))
    except BlockingIOError:
        other = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        raise problem(
            Code.FAILED_PRECONDITION,
            "STORE_LOCKED",
            f"The database {path} is in use by another server ({other}).",
            "Stop that server, name another file, or use Postgres to run several servers on one database.",
            database=str(path),
            holder=other,
        ) from None
    except OSError as error:
        os.close(descriptor)
        raise _unwritable(beside, error) from error
    return Lock(descriptor)


def _unwritable(path: Path, error: OSError) -> Problem:
    return problem(
        Code.FAILED_PRECONDITION,
        "STORE_UNWRITABLE",
        f"The database cannot be created or written at {path}: {error.strerror}.",
        "Name a file in a folder that the server may write.",
        database=str(path),
    )

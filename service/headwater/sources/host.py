"""Reads a source that lies in a folder of the server, and never leaves the roots that the server allows."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from headwater.errors import Code, Problem, invalid, problem
from headwater.sources.paths import path_fault, quoted
from headwater.sources.tree import Layout, too_large
from headwater.sources.values import SourceLimits

SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})
"""Folders in which nobody's source under test lies; those that begin with a dot are skipped as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFolder:
    """A folder of the server: `top` is its real path, which lies in `allowed`, a real path itself."""

    top: Path
    allowed: Path
    limits: SourceLimits

    def read(self, path: str) -> bytes | None:
        """Returns a regular file's bytes. Raises Problem `SOURCE_OUTSIDE_ROOTS` where a link leads out."""
        real = Path(os.path.realpath(self.top / path))
        if not real.is_relative_to(self.top):
            raise _outside("source.path")
        try:
            with _opened(self.allowed, real) as handle:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    return None
                return self._read_all(handle, path, status.st_size)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ENXIO:  # a socket
                return None
            raise _refused(error, path) from None

    def has(self, path: str) -> bool:
        """Whether there is a file or a folder at the path, in this folder."""
        real = Path(os.path.realpath(self.top / path))
        return real.is_relative_to(self.top) and os.path.exists(real)  # noqa: PTH110 — a name too long is no file, not an error

    def names(self) -> Sequence[str]:
        """Lists the Python files among the first names that are found, without following links."""
        found: list[str] = []
        looked_at = 0
        for folder, folders, names in os.walk(self.top):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
            looked_at += len(folders) + len(names)
            place = Path(folder).relative_to(self.top)
            found += [(place / name).as_posix() for name in names if name.endswith(".py")]
            if looked_at > self.limits.files:
                break
        return sorted(name for name in found if path_fault(name, self.limits) is None)

    def lay_out(self, root: str) -> Layout:
        """Puts `root` and the folder itself on the import path."""
        return Layout(prefix=root, roots=tuple(dict.fromkeys([self.top / root, self.top])))

    def _read_all(self, handle: int, path: str, size: int) -> bytes:
        limit = self.limits.file_bytes
        data = bytearray()
        while len(data) <= limit:
            chunk = os.read(handle, limit + 1 - len(data))
            if not chunk:
                return bytes(data)
            data += chunk
        raise too_large(path, max(size, len(data)), limit)


def open_folder(root: str, *, limits: SourceLimits, allowed_roots: Sequence[Path]) -> HostFolder:
    """Returns the folder `root`. Raises Problem `ROOTS_NOT_ALLOWED`, `SOURCE_OUTSIDE_ROOTS` or `SOURCE_NOT_FOUND`."""
    top, allowed = _allowed(root, "source.root", allowed_roots)
    if not os.path.isdir(top):  # noqa: PTH112 — a name too long is no folder, not an error
        raise problem(
            Code.NOT_FOUND,
            "SOURCE_NOT_FOUND",
            f"There is no folder {quoted(root)}.",
            "Name a folder in source.root, and the file in it in source.path.",
            field="source.root",
        )
    return HostFolder(top=top, allowed=allowed, limits=limits)


def find_file(path: str, field: str, allowed_roots: Sequence[Path]) -> Path:
    """Returns the real path of a regular file that lies under an allowed root, wherever links lead."""
    real, _ = _allowed(path, field, allowed_roots)
    if not os.path.isfile(real):  # noqa: PTH113 — a name too long is no file, not an error
        raise problem(
            Code.NOT_FOUND,
            "FILE_NOT_FOUND",
            f"There is no file {quoted(path)}.",
            "Name a file on the server, or send its bytes.",
            field=field,
        )
    return real


def find_python(python: str, allowed_roots: Sequence[Path]) -> Path:
    """Returns the path of an interpreter whose folder lies under an allowed root.

    The file itself may be a link that leads elsewhere: that is what a virtual environment's interpreter is.
    """
    field = "source.python"
    folder, name = os.path.split(python)
    place, _ = _allowed(folder, field, allowed_roots)
    path = place / name
    exists = os.path.isfile(path)  # noqa: PTH113 — a name too long is no file, not an error
    if name in {"", ".", ".."} or not exists:
        raise problem(
            Code.NOT_FOUND,
            "SOURCE_NOT_FOUND",
            f"There is no interpreter {quoted(python)}.",
            "Name the interpreter of the project's environment, such as /srv/shop/.venv/bin/python.",
            field=field,
        )
    if not os.access(path, os.X_OK):
        raise problem(
            Code.FAILED_PRECONDITION,
            "INTERPRETER_UNUSABLE",
            f"{quoted(python)} cannot be executed.",
            "Name the interpreter of the project's environment, such as /srv/shop/.venv/bin/python.",
            field=field,
        )
    return path


def _allowed(folder: str, field: str, allowed_roots: Sequence[Path]) -> tuple[Path, Path]:
    """Returns the real paths of a folder and of the allowed root that it lies in."""
    if not allowed_roots:
        raise problem(
            Code.PERMISSION_DENIED,
            "ROOTS_NOT_ALLOWED",
            "This server reads no folders of its own.",
            "Send the source inline, or start the server with --allow-root FOLDER.",
            field=field,
        )
    if "\0" in folder or not Path(folder).is_absolute():
        raise invalid(
            "SOURCE_PATH_INVALID",
            field,
            f"The path {quoted(folder)} is not absolute.",
            "Use the absolute path on the server, such as /srv/shop.",
        )
    try:
        real = Path(os.path.realpath(folder))
    except (OSError, UnicodeEncodeError):  # over-long, or no name that a file can have
        raise _outside(field) from None
    for root in allowed_roots:
        allowed = Path(os.path.realpath(root))
        if real.is_relative_to(allowed):
            return real, allowed
    raise _outside(field)


@contextmanager
def _opened(allowed: Path, real: Path) -> Generator[int, None, None]:
    """Opens a file part by part without following a link, so that none can be slipped in after the path was resolved.

    Does not wait for the other end of a pipe.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(allowed, flags | os.O_DIRECTORY)
    try:
        *folders, name = real.relative_to(allowed).parts or (".",)
        for folder in folders:
            inner = os.open(folder, flags | os.O_DIRECTORY, dir_fd=handle)
            os.close(handle)
            handle = inner
        inner = os.open(name, flags | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=handle)
        os.close(handle)
        handle = inner
        yield handle
    finally:
        os.close(handle)


def _refused(error: OSError, path: str) -> Problem:
    if error.errno == errno.ELOOP:
        return _outside("source.path")
    return problem(
        Code.PERMISSION_DENIED,
        "SOURCE_UNREADABLE",
        f"The server cannot read {quoted(path)}: {os.strerror(error.errno or 0)}.",
        "Give the server's user the right to read it.",
        field="source.path",
    )


def _outside(field: str) -> Problem:
    return problem(
        Code.PERMISSION_DENIED,
        "SOURCE_OUTSIDE_ROOTS",
        "The path does not lie in a folder that this server may read.",
        "Name a path under one of the server's allowed roots (--allow-root).",
        field=field,
    )

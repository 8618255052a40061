"""What every tree of files can tell, wherever it lies, and how the file under test is found in it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from headwater.errors import Code, Problem, invalid, problem
from headwater.sources.paths import quoted
from headwater.sources.text import language_of

SHOWN = 10
"""How many candidates an answer names."""
COMPARED, COMPARED_LENGTH = 500, 60
"""How many names are compared with a missing one, and how much of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A tree as the sandbox wants it: files of the work folder, or host folders; `prefix` was taken off the front."""

    prefix: str
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    roots: tuple[Path, ...] = ()


class Files(Protocol):
    """A tree of files. Paths are relative to its top, with `/`; folders have no `/` at the end."""

    def read(self, path: str) -> bytes | None:
        """Returns a file's bytes; None when there is no such file. Raises Problem `SOURCE_TOO_LARGE`."""
        ...

    def has(self, path: str) -> bool:
        """Whether there is a file or a folder at the path."""
        ...

    def names(self) -> Sequence[str]:
        """Lists the files, sorted; of a large folder not all."""
        ...

    def lay_out(self, root: str) -> Layout:
        """Returns the tree with `root` (empty, or a folder with `/` at the end) at the front of the import path."""
        ...


def choose(files: Files) -> str:
    """Returns the path of the only file. Raises Problem `SOURCE_PATH_NEEDED` when there are several."""
    names = files.names()
    candidates = [name for name in names if language_of(name) == "python"] or list(names)
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise invalid("SOURCE_EMPTY", "source", "The source holds no file.", "Send a file that holds code.")
    raise invalid(
        "SOURCE_PATH_NEEDED",
        "source.path",
        f"The source holds {len(candidates)} files, and source.path does not say which one to test.",
        f"Set source.path to one of: {_listed(candidates)}.",
        candidates=", ".join(candidates[:SHOWN]),
    )


def missing(path: str, files: Files) -> Problem:
    """Says that the tree holds no such file, and which ones come near; looks nowhere else."""
    nearest = _nearest(path, files.names())
    message = f"{quoted(path)} is no regular file." if files.has(path) else f"There is no {quoted(path)} in the source."
    remedy = f"Did you mean {_listed(nearest)}?" if nearest else "Set source.path to a file of the source."
    found = {"candidates": ", ".join(nearest)} if nearest else {}
    return problem(Code.NOT_FOUND, "SOURCE_NOT_FOUND", message, remedy, field="source.path", **found)


def too_large(path: str, size: int, limit: int, field: str = "source.path") -> Problem:
    """Says that something is larger than it may be."""
    return invalid(
        "SOURCE_TOO_LARGE",
        field,
        f"{path} has {size} bytes; the limit is {limit}.",
        "Send less, or raise the server's limit.",
        size=str(size),
        limit=str(limit),
    )


def _nearest(path: str, names: Sequence[str]) -> list[str]:
    name = path.rpartition("/")[2]
    same_name = [other for other in names if other.rpartition("/")[2] == name]
    # Comparing takes time that grows with the square of the length, so only the ends of so many names are compared.
    ends = {other[-COMPARED_LENGTH:]: other for other in names[:COMPARED]}
    alike = [ends[end] for end in difflib.get_close_matches(path[-COMPARED_LENGTH:], ends, n=3)]
    return list(dict.fromkeys([*same_name, *alike]))[:SHOWN]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")

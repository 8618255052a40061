"""Holds the files that came with the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from headwater.errors import invalid
from headwater.sources.paths import check_path, quoted
from headwater.sources.tree import Layout, too_large
from headwater.sources.values import SourceLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineFiles:
    """A tree in memory; `prefix` is the single top folder of an archive that was taken off."""

    files: Mapping[str, bytes]
    folders: frozenset[str]
    prefix: str
    limits: SourceLimits

    def read(self, path: str) -> bytes | None:
        """Returns a file's bytes."""
        data = self.files.get(path)
        if data is not None and len(data) > self.limits.file_bytes:
            raise too_large(path, len(data), self.limits.file_bytes)
        return data

    def has(self, path: str) -> bool:
        """Whether there is a file or a folder at the path."""
        return path in self.files or path in self.folders

    def names(self) -> Sequence[str]:
        """Lists the files."""
        return sorted(self.files)

    def lay_out(self, root: str) -> Layout:
        """Moves what lies under `root` to the top; the rest stays where it is, and gives way where both want it."""
        if not root:
            return Layout(prefix=self.prefix, files=self.files)
        moved = {path.removeprefix(root): data for path, data in self.files.items() if path.startswith(root)}
        taken = _folders(moved) | moved.keys()
        staying = {
            path: data
            for path, data in self.files.items()
            if not path.startswith(root) and path not in taken and not moved.keys() & set(_parents(path))
        }
        return Layout(prefix=self.prefix + root, files=staying | moved)


class Layers:
    """Collects files that lie over one another, and counts them while they come."""

    def __init__(self, limits: SourceLimits) -> None:
        self._limits = limits
        self._files: dict[str, bytes] = {}
        self._prefix = ""

    def add_archive(self, members: Mapping[str, bytes], path: str) -> None:
        """Adds the members, without their single top folder where `path` is only found that way."""
        tops = {name.partition("/")[0] for name in members}
        prefix = f"{min(tops)}/" if len(tops) == 1 else ""
        if prefix and path and path not in members and prefix + path in members:
            self._prefix = prefix
            members = {name.removeprefix(prefix): data for name, data in members.items()}
        self._files.update(members)

    def add(self, path: str, data: bytes, *, field: str) -> None:
        """Adds a file, over the one that is there."""
        self._files[check_path(path, field, self._limits)] = data

    def settled(self) -> InlineFiles:
        """Returns the tree. Raises Problem when it is too large, or a path is a file and a folder at once."""
        total = sum(map(len, self._files.values()))
        if total > self._limits.total_bytes:
            raise too_large("The source", total, self._limits.total_bytes, "source")
        if len(self._files) > self._limits.files:
            raise invalid(
                "SOURCE_TOO_LARGE",
                "source",
                f"The source has {len(self._files)} files; the limit is {self._limits.files}.",
                "Send only the files that the code under test needs.",
                size=str(len(self._files)),
                limit=str(self._limits.files),
            )
        folders = _folders(self._files)
        both = folders & self._files.keys()
        if both:
            raise invalid(
                "SOURCE_PATH_INVALID",
                "source.files",
                f"The path {quoted(min(both))} is a file and a folder at once.",
                "Send it as one of them.",
            )
        return InlineFiles(files=self._files, folders=folders, prefix=self._prefix, limits=self._limits)


def _folders(files: Mapping[str, bytes]) -> frozenset[str]:
    return frozenset(parent for path in files for parent in _parents(path))


def _parents(path: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(path).parents][:-1]

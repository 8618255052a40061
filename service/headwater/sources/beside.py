"""Reads the files that lie beside the file under test, and finds the packages that its project has installed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from headwater.sources.values import SourceTree

PACKAGES = "node_modules"


def reader_of(tree: SourceTree, file_bytes: int) -> Callable[[str], str | None]:
    """Makes a function that returns the text of a file by its path from the import root.

    It returns None for what is not there, is no text, is larger than `file_bytes`, or does not lie in the tree.
    """

    def read(path: str) -> str | None:
        data = tree.files.get(path) if tree.files else _read_host(tree, path, file_bytes)
        if data is None or len(data) > file_bytes:
            return None
        try:
            return data.decode()
        except UnicodeDecodeError:
            return None

    return read


def lister_of(tree: SourceTree) -> Callable[[str], Sequence[str]]:
    """Makes a function that lists the paths of the files in a folder, both from the import root."""

    def files(folder: str) -> Sequence[str]:
        if tree.files:
            return [path for path in tree.files if str(PurePosixPath(path).parent) == (folder or ".")]
        real = [(root, Path(os.path.realpath(root / folder))) for root in tree.roots]
        inside = [place for root, place in real if place.is_relative_to(root) and os.access(place, os.R_OK | os.X_OK)]
        found = (each for place in inside if place.is_dir() for each in place.iterdir())
        return [str(PurePosixPath(folder) / each.name) for each in found if each.is_file()]

    return files


def packages_beside(tree: SourceTree, allowed_roots: Sequence[Path]) -> tuple[Path, ...]:
    """Returns the real folders of packages (`node_modules`) in the folders from the file's own to the tree's top.

    One that is a link is found where it leads, if that lies in an allowed root.
    """
    allowed = [Path(os.path.realpath(root)) for root in allowed_roots]
    folders = [str(folder) for folder in PurePosixPath(tree.path).parents]
    found = [Path(os.path.realpath(root / folder / PACKAGES)) for root in tree.roots for folder in folders]
    usable = [each for each in found if each.is_dir() and any(each.is_relative_to(root) for root in allowed)]
    return tuple(dict.fromkeys(usable))


def has_package(tree: SourceTree, allowed_roots: Sequence[Path]) -> Callable[[str], bool]:
    """Makes a function that tells whether a package lies at a path below the tree, such as `node_modules/jest`."""
    allowed = [Path(os.path.realpath(root)) for root in allowed_roots]

    def has(path: str) -> bool:
        if any(name.startswith(f"{path}/") for name in tree.files):
            return True
        real = [Path(os.path.realpath(root / path)) for root in tree.roots]
        return any(each.is_dir() and any(each.is_relative_to(root) for root in allowed) for each in real)

    return has


def _read_host(tree: SourceTree, path: str, file_bytes: int) -> bytes | None:
    for root in tree.roots:
        real = Path(os.path.realpath(root / path))
        if real.is_relative_to(root) and real.is_file() and real.stat().st_size <= file_bytes:
            try:
                return real.read_bytes()
            except OSError:
                return None
    return None

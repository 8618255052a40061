"""Reads the files that lie beside the file under test, for whoever looks up what it uses."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from headwater.sources.values import SourceTree


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


def _read_host(tree: SourceTree, path: str, file_bytes: int) -> bytes | None:
    for root in tree.roots:
        real = Path(os.path.realpath(root / path))
        if real.is_relative_to(root) and real.is_file() and real.stat().st_size <= file_bytes:
            try:
                return real.read_bytes()
            except OSError:
                return None
    return None

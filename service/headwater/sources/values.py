"""Says what a source is: as it is asked for, within which bounds, and as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRequest:
    """What a request calls its source; the fields are those of the message `Source`."""

    path: str = ""
    content: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    archive: bytes = b""
    root: str = ""
    python: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLimits:
    """Bounds of one source."""

    file_bytes: int = 2 << 20
    """Of the file under test."""
    total_bytes: int = 64 << 20
    """Of all files together, unpacked; and of an archive, packed."""
    files: int = 5000
    """How many files a source may have, and how many names of a folder on the server are looked at."""
    archive_ratio: int = 200
    """How many times its packed size an archive may unpack to."""
    archive_free_bytes: int = 1 << 20
    """What an archive may unpack to whatever the ratio: a few small files pack very well."""
    archive_header_bytes: int = 2048
    """Of one extended header of a tar archive, which holds a long name; large ones are slow to read."""
    archive_headers_bytes: int = 2 << 20
    """Of all extended headers together."""
    path_bytes: int = 1024
    """Of a path, in UTF-8."""
    part_bytes: int = 255
    """Of one part of a path, in UTF-8."""
    path_parts: int = 32
    """How deep a path may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A source that was read.

    `path` and the keys of `files` are relative to the folder that goes on the import path, with `/`; `prefix` is what
    was taken off their front (`shop-1.0/src/`), so that `prefix + path` is the name the caller knows. `files` is empty
    and `roots` names host folders, the one `path` lies in first, when the source is a folder on the server. `text` is
    decoded, without a byte order mark; `sha256` is that of the bytes of the file under test.
    """

    path: str
    prefix: str
    module: str
    text: str
    language: str
    files: Mapping[str, bytes]
    roots: tuple[Path, ...]
    python: Path | None
    sha256: str

"""Asks for sources, and packs archives to ask with."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from headwater.errors import Problem
from headwater.sources import SourceLimits, SourceRequest, SourceTree, load_source

SMALL = SourceLimits(
    file_bytes=1000,
    total_bytes=20_000,
    files=10,
    archive_ratio=50,
    archive_free_bytes=5_000,
    archive_headers_bytes=5_000,
)
CART = b"def total(prices):\n    return sum(prices)\n"


def load(*allowed: Path, limits: SourceLimits | None = None, language: str = "", **request: object) -> SourceTree:
    asked = SourceRequest(**request)  # type: ignore[arg-type]
    return load_source(asked, limits=limits or SourceLimits(), allowed_roots=allowed, language=language)


def refused(*allowed: Path, limits: SourceLimits | None = None, language: str = "", **request: object) -> Problem:
    with pytest.raises(Problem) as caught:
        load(*allowed, limits=limits, language=language, **request)
    found = caught.value
    assert found.message
    assert found.remedy
    assert found.metadata["field"].startswith("source")
    return found


def tar(
    files: Mapping[str, bytes], *, edit: Callable[[tarfile.TarInfo], None] = lambda _: None, kind: str = ""
) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{kind}") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            edit(info)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes], *, edit: Callable[[zipfile.ZipInfo], None] = lambda _: None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            edit(info)
            archive.writestr(info, data)
    return buffer.getvalue()

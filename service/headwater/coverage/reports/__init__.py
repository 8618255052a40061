"""Opens reports: plain or compressed, from disk, counted as they are read, so that progress can be told."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from headwater.errors import Code, Problem, problem

HEAD_BYTES = 1 << 16
"""How much of a report is looked at to tell its format."""
_OPENERS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_CHUNK = 1 << 20


@dataclass(slots=True, kw_only=True)
class Report:
    """A report on disk. `name` is what its owner calls it, `most_bytes` what it may unpack to."""

    path: Path
    name: str
    most_bytes: int
    read_bytes: int = field(default=0, init=False)
    """How much of the file on disk was read so far; progress is this over `size`."""

    @property
    def size(self) -> int:
        """Of the file on disk, in bytes."""
        return self.path.stat().st_size

    def head(self) -> bytes:
        """Returns the beginning, unpacked; enough to tell the format."""
        with self.open() as stream:
            return stream.read(HEAD_BYTES)

    def packed(self) -> bool:
        """Whether the file on disk is compressed."""
        with self.path.open("rb") as stream:
            return stream.read(6).startswith(tuple(_OPENERS))

    def open(self) -> IO[bytes]:
        """Opens the unpacked bytes from their start; raises Problem for one that does not unpack or is too long."""
        raw = self.path.open("rb")
        start = raw.read(6)
        raw.seek(0)
        counted = io.BufferedReader(_Counted(raw, self), _CHUNK)
        opener = next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), None)
        return io.BufferedReader(_Bounded(opener(counted) if opener else counted, self), _CHUNK)  # pyright: ignore[reportReturnType, reportArgumentType] — IO[bytes] in all that is used

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Reads line by line, with the number of each, counted from 1; line ends are cut off."""
        with self.open() as stream:
            for number, line in enumerate(stream, 1):
                yield number, line.rstrip(b"\r\n")


class _Counted(io.RawIOBase):
    """Tells the report how far the file was read."""

    def __init__(self, raw: IO[bytes], report: Report) -> None:
        self._raw = raw
        self._report = report
        report.read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] — a Buffer is one
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._report.read_bytes += len(data)
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Bounded(io.RawIOBase):
    """Refuses to unpack more than the report may hold, and says what is wrong with a compressed file."""

    def __init__(self, stream: IO[bytes], report: Report) -> None:
        self._stream = stream
        self._report = report
        self._left = report.most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] — a Buffer is one
        try:
            data = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise malformed(self._report, f"byte {self._report.read_bytes}", f"it does not unpack: {error}") from None
        self._left -= len(data)
        if self._left < 0:
            raise problem(
                Code.RESOURCE_EXHAUSTED,
                "REPORT_TOO_LARGE",
                f"{self._report.name} unpacks to more than {self._report.most_bytes} bytes.",
                "Split it, or raise HEADWATER_MAX_REPORT_MB.",
                report=self._report.name,
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def malformed(report: Report, place: str, expected: str, **metadata: str) -> Problem:
    """Refuses a report: `place` is where (`line 12`, `byte 400`), `expected` what is wrong there and what was due."""
    return problem(
        Code.INVALID_ARGUMENT,
        "REPORT_MALFORMED",
        f"{report.name}, {place}: {expected.rstrip('.')}.",
        "Make the report again with its tool, and send it whole.",
        report=report.name,
        place=place,
        **metadata,
    )

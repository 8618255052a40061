"""Translates places in a file: bytes, as trees count, into what coverage tools count by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

DIGITS = {
    letter: number for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
"""Of the base 64 in source maps."""


class Places:
    """The places of one text."""

    def __init__(self, code: str) -> None:
        self._raw = code.encode()
        self._starts = [0, *accumulate(len(line) + 1 for line in self._raw.split(b"\n"))]

    def units(self, at: int) -> int:
        """Returns an offset in UTF-16 units, as JavaScript counts, of one in bytes."""
        return _units(self._raw[:at])

    def column(self, at: int) -> tuple[int, int]:
        """Returns line, from 1, and column in UTF-16 units, from 0."""
        line = bisect_right(self._starts, at) - 1
        return line + 1, _units(self._raw[self._starts[line] : at])

    def byte_column(self, at: int) -> tuple[int, int]:
        """Returns line and column in bytes, both from 1, as Go counts."""
        line = bisect_right(self._starts, at) - 1
        return line + 1, at - self._starts[line] + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMap:
    """Where the text that ran came from: (line, column) there and in the text that ran, sorted by the first."""

    segments: Sequence[tuple[tuple[int, int], tuple[int, int]]]
    line_lengths: Sequence[int]

    def offset(self, place: tuple[int, int]) -> int:
        """Returns the offset in the text that ran of a place in the file; -1 where nothing came of it."""
        index = bisect_right(self.segments, (place, (1 << 30, 0))) - 1
        if index < 0 or self.segments[index][0][0] != place[0]:
            index += 1  # what the line begins with was left out: what follows on it stands for it
        if index >= len(self.segments) or self.segments[index][0][0] != place[0]:
            return -1
        line, column = self.segments[index][1]
        return sum(length + 1 for length in self.line_lengths[:line]) + column


def read_map(data: Mapping[str, object], lengths: Sequence[int], path: str) -> SourceMap:
    """Reads a source map (version 3) for the source at `path`."""
    sources = data.get("sources")
    names = [str(each) for each in sources] if isinstance(sources, list) else []  # type: ignore[arg-type]
    wanted = {number for number, name in enumerate(names) if name.endswith(path.rpartition("/")[2])} or {0}
    found = sorted(
        ((line + 1, column), ran)
        for ran, source, line, column in _decoded(str(data.get("mappings", "")))
        if source in wanted
    )
    return SourceMap(segments=found, line_lengths=lengths)


def _decoded(mappings: str) -> Iterator[tuple[tuple[int, int], int, int, int]]:
    source = line = column = 0
    for number, group in enumerate(mappings.split(";")):
        ran = 0
        for segment in filter(None, group.split(",")):
            fields = _numbers(segment)
            ran += fields[0]
            if len(fields) >= 4:  # noqa: PLR2004 — shorter ones came from nowhere
                source, line, column = source + fields[1], line + fields[2], column + fields[3]
                yield (number, ran), source, line, column


def _numbers(segment: str) -> list[int]:
    """Decodes base 64 numbers of variable length; the lowest bit is the sign."""
    found: list[int] = []
    value = shift = 0
    for letter in segment:
        digit = DIGITS.get(letter, 0)
        value |= (digit & 31) << shift
        shift += 5
        if not digit & 32:
            found.append(-(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    return found


def _units(raw: bytes) -> int:
    return len(raw) if raw.isascii() else len(raw.decode(errors="replace").encode("utf-16-le")) // 2

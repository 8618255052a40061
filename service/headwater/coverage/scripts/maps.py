"""Source maps, version 3: from places in a transpiled script to places in its originals, and back.

The look-ups and their ties are those of c8's own library, so that the counts can be too.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, NamedTuple, TypeGuard, cast
from urllib.parse import unquote, unquote_to_bytes

import orjson

from headwater.coverage import LINE_BOUND

COLUMN_BOUND = (1 << 24) - 1
"""Columns are cut off here, and what has no end ends here."""
_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_DIGITS = {sign: value for value, sign in enumerate(_SIGNS)}
_LONGEST = 7
"""Digits of a number of 32 bits."""
_SEPARATORS = re.compile(rb"([;,])")
_NAMED = re.compile(r"(?://[#@]|/\*[#@])\s*sourceMappingURL=([^\s'\"*]+)\s*(?:\*/)?\s*\Z")
_GUARD = re.compile(rb"\A\)\]\}'[^\n]*\n")
_TAIL = 1 << 12
"""So near to the end of a script its map is named, unless the script carries it."""


class Place(NamedTuple):
    """A place in an original. Lines count from 1, columns from 0, in UTF-16 units."""

    source: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Segment:
    """A place in the script, and where it comes from; None for what the tool has made up."""

    line: int
    column: int
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptMap:
    """The map of one script."""

    sources: Sequence[str]
    """The originals, by their paths."""
    texts: Sequence[str | None]
    """Their texts, where the map carries them."""
    _lines: Mapping[int, Sequence[_Segment]]
    _originals: Mapping[tuple[int, int], Sequence[_Segment]] = field(repr=False)

    def before(self, line: int, column: int) -> Place | None:
        """Returns the original of the nearest segment at or before a place in the script, on its line."""
        segments = self._lines.get(line, ())
        at = bisect_right(segments, column, key=_column)
        # Of several at one column it is the first.
        return segments[bisect_left(segments, segments[at - 1].column, key=_column)].place if at else None

    def after(self, line: int, column: int) -> Place | None:
        """Returns the original of the nearest segment at or after a place in the script, on its line."""
        found = _at_or_after(self._lines.get(line, ()), column, _column)
        return found.place if found is not None else None

    def next(self, place: Place) -> Place | None:
        """Returns the original of the segment that follows on a line of an original, as the script has it there."""
        segments = self._originals.get((place.source, place.line), ())
        found = _at_or_after(segments, place.column + 1, _original_column)
        return self.before(found.line, found.column) if found is not None else None


def read_map(value: Any, script: str) -> ScriptMap | None:
    """Reads a map, whose sources are relative to the path of its script; None for what is no map of version 3."""
    if not isinstance(value, dict):
        return None
    entry = cast("dict[str, Any]", value)
    sources, mappings, texts = entry.get("sources"), entry.get("mappings"), entry.get("sourcesContent")
    root = entry.get("sourceRoot") or ""
    if not (_strings(sources) and isinstance(mappings, str) and isinstance(root, str)):
        return None
    try:
        segments = list(_segments(mappings.encode("ascii"), len(sources)))
    except (ValueError, IndexError):  # no ASCII, no such numbers, or too few of them
        return None
    contents = cast("list[Any]", texts) if isinstance(texts, list) else []
    lines: dict[int, list[_Segment]] = {}
    originals: dict[tuple[int, int], list[_Segment]] = {}
    for each in segments:
        lines.setdefault(each.line, []).append(each)
        if each.place is not None:
            originals.setdefault(each.place[:2], []).append(each)
    return ScriptMap(
        sources=[_resolved(each, root, script) for each in sources],
        texts=[each if isinstance(each, str) else None for each, _ in zip_longest(contents[: len(sources)], sources)],
        _lines={line: sorted(each, key=_column) for line, each in lines.items()},
        _originals={key: sorted(each, key=_original_column) for key, each in originals.items()},
    )


def named_map(text: str) -> str:
    """Returns what a script says of its map at its end: the address of a file, or a `data:` URL; empty without."""
    tail = text[-_TAIL:] if "sourceMappingURL=data:" not in text else text[text.rindex("sourceMappingURL=data:") - 4 :]
    found = _NAMED.search(tail)
    return found[1] if found else ""


def carried_map(url: str) -> Any:
    """Decodes the map in a `data:` URL; None where there is none."""
    head, comma, data = url.partition(",")
    if not (head.startswith("data:") and comma):
        return None
    try:
        text = base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data)
    except binascii.Error:
        return None
    return parsed_map(text)


def parsed_map(text: str | bytes) -> Any:
    """Parses a map's text; None for what is no JSON. Some begin with a line that keeps browsers from running them."""
    lines = text.encode("utf-8", "replace") if isinstance(text, str) else text
    try:
        return orjson.loads(_GUARD.sub(b"", lines))
    except ValueError:
        return None


def _at_or_after(segments: Sequence[_Segment], column: int, key: Callable[[_Segment], int]) -> _Segment | None:
    """Returns the first segment after a column, or the last of those that are at it."""
    at = bisect_right(segments, column, key=key)
    if at and key(segments[at - 1]) == column:
        return segments[at - 1]
    return segments[at] if at < len(segments) else None


def _column(segment: _Segment) -> int:
    return segment.column


def _original_column(segment: _Segment) -> int:
    return segment.place.column if segment.place is not None else 0


def _strings(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("list[Any]", value))


def _segments(mappings: bytes, sources: int) -> Iterator[_Segment]:
    """Decodes the segments; each number but the line's is relative to the one before it."""
    line, column, source, original, at = 1, 0, 0, 0, 0
    for part in _SEPARATORS.split(mappings):
        if part == b";":
            line, column = line + 1, 0
        elif part and part != b",":
            numbers = list(_numbers(part))
            column += numbers[0]
            place = None
            if len(numbers) > 1:
                moved = numbers[1:4]
                source, original, at = source + moved[0], original + moved[1], at + moved[2]
                if 0 <= source < sources and 0 <= original < LINE_BOUND and at >= 0:
                    place = Place(source, original + 1, min(at, COLUMN_BOUND))
            yield _Segment(line, column, place)


def _numbers(digits: Iterable[int]) -> Iterator[int]:
    """Decodes numbers of base 64: five bits a digit, the lowest first, the sign in the lowest of all."""
    value = shift = 0
    for sign in digits:
        if sign not in _DIGITS or shift >= 5 * _LONGEST:
            message = "no number of a source map"
            raise ValueError(message)
        digit = _DIGITS[sign]
        value |= (digit & 31) << shift
        shift += 5
        if not digit & 32:
            yield -(value >> 1) if value & 1 else value >> 1
            value = shift = 0


def _resolved(source: str, root: str, script: str) -> str:
    """Returns an original's path: absolute, or beside the script."""
    if source.startswith("file://"):
        return unquote(source.removeprefix("file://"))
    path = posixpath.join(root.removeprefix("file://"), source.removeprefix("webpack://").replace("\\", "/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(script), path))

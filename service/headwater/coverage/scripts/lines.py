"""Tells the lines, functions and branches of a script from V8's offsets, once its text is known.

The counts are those of c8: a range is a branch, and every line of the file counts. What was carried over from a
transpiled script (`places`) is told by line and column instead of by offset.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from headwater.coverage import FileCoverage, Function

SPANS, PLACES = "characters", "places"
"""Units: which parts of a script ran, by offsets; and which of an original, by line and column (`packed`)."""
END = 1 << 62
"""After the end of every file."""
_COLUMN_BITS = 24
_NEXT = re.compile(r"/\* (?:[cv]8|node:coverage) ignore next(?: (\d{1,9}))?")
_FROM_TO = re.compile(r"/\* (?:[cv]8 ignore (?=st)|node:coverage (?=[ed]))(start|stop|enable|disable)")
_NO_WORD = " \t\r{}()[];,"
Range = tuple[int, int, int]
"""From, to and how often it ran."""
Units = dict[str, tuple[int, int]]


def complete(file: FileCoverage, source: str) -> FileCoverage:
    """Returns the file with its lines, functions and branches, now that its source is known."""
    text = source.rstrip()
    starts, ends = _line_ends(text)
    ignored = set(_ignored(text.split("\n")))
    carried = PLACES in file.units

    def offset(place: int) -> int:
        return _offset(place, starts, ends) if carried else place

    parts = file.units.get(PLACES if carried else SPANS, {})
    ran = sorted((offset(start), offset(end), covered) for _, start, end, (covered, _) in spans(parts))
    lines = _lines(starts, ends, ran) | dict.fromkeys(sorted(ignored), 1)
    branches: dict[int, dict[str, int]] = {}
    functions: dict[str, Function] = {}
    for unit in ("branches", "functions"):
        for key, start, end, (covered, _) in spans(file.units.get(unit, {})):
            first, last = bisect_right(ends, offset(start)) + 1, _line_of(starts, offset(end))
            if first > last:
                continue  # It touches no line, such as what stands behind the last.
            hits = 1 if first in ignored else covered
            if unit == "branches":
                branches.setdefault(first, {})[key] = hits
            else:
                functions[key] = Function(name=key.rpartition(" ")[0], first=first, last=last, hits=hits)
    return replace(file, lines=lines, branches=branches, functions=functions, units={}, needs_source=False)


def spans(units: Units) -> Iterator[tuple[str, int, int, tuple[int, int]]]:
    """Yields each key, the start and end that it holds (`name 3-14@30-41`), and its counts."""
    for key, counts in units.items():
        start, _, end = key[key.rfind(" ") + 1 :].partition("@")[0].partition("-")
        yield key, int(start), int(end), counts


def packed(line: int, column: int) -> int:
    """Makes one number of a place, so that places are ordered as numbers are."""
    return line << _COLUMN_BITS | column


def line_start(place: int) -> int:
    """Returns the place where the first line begins that lies wholly behind it; itself where a line begins there."""
    return -(-place >> _COLUMN_BITS) << _COLUMN_BITS


def line_lengths(text: str) -> list[int]:
    """Returns how long each line is, in UTF-16 units, as V8 counts, without its end."""
    starts, ends = _line_ends(text)
    return [end - start for start, end in zip(starts, ends, strict=True)]


def _offset(place: int, starts: list[int], ends: list[int]) -> int:
    line, column = place >> _COLUMN_BITS, place & ((1 << _COLUMN_BITS) - 1)
    if line > len(starts):
        return ends[-1]
    at = max(line, 1) - 1
    return min(starts[at] + column, ends[at])


def _ignored(lines: list[str]) -> Iterator[int]:
    """Yields the lines that a comment such as `/* c8 ignore next 3 */` leaves out: c8 counts them as covered."""
    ahead, until_told = 0, False
    for number, line in enumerate(lines, 1):
        here = until_told or ahead > 0
        ahead = max(0, ahead - 1)
        if found := _NEXT.search(line):
            here = True
            # With code before it on its line, the comment speaks of that line only.
            ahead = int(found[1] or 1) if not line[: found.start()].strip(_NO_WORD) else 0
        elif found := _FROM_TO.search(line):
            here = True
            until_told, ahead = found[1] in {"start", "disable"}, 0
        if here:
            yield number


def _lines(starts: list[int], ends: list[int], spans: list[Range]) -> dict[int, int]:
    """Counts a line as missed only where it is missed as a whole, and no report says that a part of it ran."""
    missed = [(start, end) for start, end, hits in spans if not hits]
    reach = list(accumulate((end for _, end in missed), max))
    ran = [(start, end) for start, end, hits in spans if hits]
    ran_reach = list(accumulate((end for _, end in ran), max))
    lines: dict[int, int] = {}
    for line, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        before = bisect_right(missed, (start, 1 << 62))
        touching = bisect_left(ran, (end, 0))
        whole = before > 0 and reach[before - 1] >= end
        partly = touching > 0 and ran_reach[touching - 1] > start
        lines[line] = int(not whole or partly)
    return lines


def _line_ends(source: str) -> tuple[list[int], list[int]]:
    """Returns where each line starts and ends, in UTF-16 units, as V8 counts."""
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for line in source.split("\n"):
        size = len(line) if line.isascii() else len(line.encode("utf-16-le", "surrogatepass")) // 2
        starts.append(at)
        ends.append(at + size - line.endswith("\r"))
        at += size + 1
    return starts, ends


def _line_of(starts: list[int], offset: int) -> int:
    return max(1, bisect_right(starts, offset))

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

def complete(file: FileCoverage, source: str) -> FileCoverage:
    """Returns the file with its lines, functions and branches, now that its source is known."""
    text = source.rstrip()
    starts, ends = _line_ends(text)
    ignored = set(_ignored(text.split("\n")))
    spans = [(start, end, covered) for (start, end), (covered, _) in _spans(file.units.get("characters", {}))]
    lines = _lines(starts, ends, sorted(spans)) | dict.fromkeys(sorted(ignored), 1)
    branches: dict[int, dict[str, int]] = {}
    for (start, end), (covered, _) in _spans(file.units.get("branches", {})):
        line = _line_of(starts, start)
        branches.setdefault(line, {})[f"{start}-{end}"] = 1 if line in ignored else covered
    functions: dict[str, Function] = {}
    for key, (covered, _) in file.units.get("functions", {}).items():
        name, _, span = key.rpartition(" ")
        start, end = map(int, span.split("-"))
        first, last = _line_of(starts, start), _line_of(starts, end)
        functions[key] = Function(name=name, first=first, last=last, hits=1 if first in ignored else covered)
    return replace(file, lines=lines, branches=branches, functions=functions, units={}, needs_source=False)


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


def _spans(units: Units) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    for key, counts in units.items():
        start, _, end = key.partition("-")
        yield (int(start), int(end)), counts



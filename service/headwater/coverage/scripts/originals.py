"""Carries what V8 counted in a transpiled script over to its originals, as c8 does: by the ends of its ranges."""

from __future__ import annotations

import posixpath
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from urllib.parse import unquote

from headwater.coverage import FileCoverage
from headwater.coverage.reports.reading import clean_path
from headwater.coverage.scripts.lines import (
    END,
    PLACES,
    SPANS,
    Range,
    Units,
    complete,
    line_lengths,
    line_start,
    packed,
    spans,
)
from headwater.coverage.scripts.maps import COLUMN_BOUND, Place, ScriptMap, carried_map, named_map, parsed_map, read_map


def from_source(
    file: FileCoverage, place: Callable[[str], str | None], read: Callable[[str], str | None]
) -> Iterator[FileCoverage]:
    """Yields the originals of a file whose text, found and read in the source, names a map; else the file itself."""
    found = place(file.path) if SPANS in file.units else None
    text = read(found) if found is not None else None
    url = named_map(text) if text is not None else ""
    known = None
    if found is not None and url:
        value = carried_map(url) or parsed_map(read(posixpath.join(posixpath.dirname(found), unquote(url))) or "")
        known = read_map(value, file.path)
    if known is None or text is None:
        yield file
    else:
        yield from originals(file, known, line_lengths(text))


def originals(file: FileCoverage, known: ScriptMap, lengths: Sequence[int]) -> Iterator[FileCoverage]:
    """Yields the originals of a script whose lines have these lengths, without their ends.

    One whose text the map carries is complete; the others need their source.
    """
    carrying = _Carrying(known, lengths)
    found: dict[int, dict[str, Units]] = {
        source: {PLACES: {}, "branches": {}, "functions": {}} for source in range(len(known.sources))
    }
    ranges: dict[int, list[Range]] = {source: [] for source in found}
    for start, end, hits in _ranges(file.units):
        if carried := carrying.carry(start, end):
            source, first, last = carried
            ranges[source].append((first, last, hits))
    for unit in ("branches", "functions"):
        for key, start, end, count in spans(file.units.get(unit, {})):
            if carried := carrying.carry(start, end):
                source, first, last = carried
                # Where several ranges of the script come from one of the original, each counts.
                name = key[: key.rindex(" ") + 1] if unit == "functions" else ""
                found[source][unit][f"{name}{first}-{last}@{start}-{end}"] = count
    for source, units in found.items():
        units[PLACES] = _whole(_missed(ranges[source]))
        original = FileCoverage(path=clean_path(known.sources[source]), units=units, needs_source=True)
        text = known.texts[source]
        yield original if text is None else complete(original, text)


class _Carrying:
    """Carries ranges of one script over."""

    def __init__(self, known: ScriptMap, lengths: Sequence[int]) -> None:
        self._known = known
        self._starts = [0, *accumulate(length + 1 for length in lengths)][: len(lengths)]
        self._ends = [start + length for start, length in zip(self._starts, lengths, strict=True)]

    def carry(self, start: int, end: int) -> tuple[int, int, int] | None:
        """Returns the original, and from where to where; None for what comes from nowhere, or from two originals."""
        if not self._ends or start > self._ends[-1]:
            return None
        end = min(end, self._ends[-1])
        first, last = bisect_left(self._ends, start), bisect_right(self._starts, end) - 1
        begin = self._either(first + 1, max(0, start - self._starts[first]))
        line, column = last + 1, end - self._starts[last]
        finish = self._end(line, column)
        if begin is None or finish is None or begin.source != finish.source:
            return None
        if begin == finish:
            after = self._known.after(line, column)
            if after is None:
                return None
            finish = after._replace(source=begin.source, column=after.column - 1)
        return begin.source, packed(begin.line, begin.column), packed(finish.line, max(0, finish.column))

    def _end(self, line: int, column: int) -> Place | None:
        """Returns the end of what a range's last sign comes from: where the next begins on its line, if any does."""
        last = self._either(line, max(column - 1, 1))
        if last is None:
            return None
        following = self._known.next(last)
        if following is None or following.line != last.line:
            return last._replace(column=COLUMN_BOUND)
        return following

    def _either(self, line: int, column: int) -> Place | None:
        found = self._known.before(line, column) or self._known.after(line, column)
        # In the middle of a line there may be what comes from an earlier line than its beginning.
        begins = self._known.before(line, 0)
        return begins if begins is not None and (found is None or begins.line > found.line) else found


def _ranges(units: Mapping[str, Units]) -> list[Range]:
    """Lists every range of a script, the outer before the inner, and those that did not run and have no name."""
    counted = chain.from_iterable(spans(units.get(unit, {})) for unit in ("branches", "functions"))
    ranges = {(start, end): covered for _, start, end, (covered, _) in counted}
    for start, end in _joined(units.get(SPANS, {})):
        ranges.setdefault((start, end), 0)
    return sorted(((start, end, hits) for (start, end), hits in ranges.items()), key=lambda each: (each[0], -each[1]))


def _joined(units: Units) -> Iterator[tuple[int, int]]:
    """Joins the parts that did not run and lie beside each other."""
    begun = at = -1
    for start, end in sorted((start, end) for _, start, end, (covered, _) in spans(units) if not covered):
        if start != at:
            if begun >= 0:
                yield begun, at
            begun = start
        at = end
    if begun >= 0:
        yield begun, at


def _missed(ranges: Sequence[Range]) -> Iterator[tuple[int, int]]:
    """Yields what did not run of an original: what several ranges cover, the last of them decides.

    A range speaks of whole lines only, so it begins where its first whole line does.
    """
    decided: list[tuple[int, int]] = []
    for start, end, hits in reversed(ranges):
        begin = line_start(start)
        if begin >= end:
            continue
        low = bisect_left(decided, begin, key=lambda each: each[1])
        high = bisect_right(decided, end, key=lambda each: each[0])
        inside = decided[low:high]
        at = begin
        for first, last in [*inside, (end, end)]:
            if first > at and not hits:
                yield at, first
            at = max(at, last)
        decided[low:high] = [(min([begin, *(each[0] for each in inside)]), max(at, end))]


def _whole(missed: Iterable[tuple[int, int]]) -> Units:
    """Pairs what did not run with all the rest: what is not known to be missed ran."""
    units: Units = {}
    at = 0
    for start, end in sorted(missed):
        if start > at:
            units[f"{at}-{start}"] = (1, 1)
        units[f"{start}-{end}"] = (0, 1)
        at = max(at, end)
    units[f"{at}-{END}"] = (1, 1)
    return units

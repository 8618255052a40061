"""Carries what V8 counted in a transpiled script over to its originals, as c8 does: by the ends of its ranges."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from headwater.coverage import FileCoverage
from headwater.coverage.reports.reading import clean_path
from headwater.coverage.scripts.lines import END, PLACES, SPANS, Units, complete, packed, spans
from headwater.coverage.scripts.maps import COLUMN_BOUND, Place, ScriptMap


def originals(file: FileCoverage, known: ScriptMap, lengths: Sequence[int]) -> Iterator[FileCoverage]:
    """Yields the originals of a script whose lines have these lengths, without their ends.

    One whose text the map carries is complete; the others need their source.
    """
    carrying = _Carrying(known, lengths)
    found: dict[int, dict[str, Units]] = {
        source: {PLACES: {}, "branches": {}, "functions": {}} for source in range(len(known.sources))
    }
    missed: dict[int, list[tuple[int, int]]] = {source: [] for source in found}
    for start, end in _missed(file.units.get(SPANS, {})):
        if carried := carrying.carry(start, end):
            source, first, last = carried
            missed[source].append((first, last))
    for unit in ("branches", "functions"):
        for key, start, end, count in spans(file.units.get(unit, {})):
            if carried := carrying.carry(start, end):
                source, first, last = carried
                # Where several ranges of the script come from one of the original, each counts.
                name = key[: key.rindex(" ") + 1] if unit == "functions" else ""
                found[source][unit][f"{name}{first}-{last}@{start}-{end}"] = count
    for source, units in found.items():
        units[PLACES] = _whole(missed[source])
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
        """Returns the end of what the last sign of a range comes from: where the next begins on its line, if any does."""
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


def _missed(units: Units) -> Iterator[tuple[int, int]]:
    """Joins the parts that did not run and lie beside each other."""
    begun = at = -1
    for _, start, end, (covered, _) in sorted(spans(units), key=lambda each: each[1:3]):
        if covered:
            continue
        if start != at:
            if begun >= 0:
                yield begun, at
            begun = start
        at = end
    if begun >= 0:
        yield begun, at


def _whole(missed: list[tuple[int, int]]) -> Units:
    """Pairs what did not run with all the rest: what is not known to be missed ran."""
    units: Units = {}
    at = 0
    for start, end in sorted(missed):
        if start > at:
            units[f"{at}-{start}"] = (1, 1)
        if end > start:
            units[f"{start}-{end}"] = (0, 1)
        at = max(at, end)
    units[f"{at}-{END}"] = (1, 1)
    return units

"""Makes the gaps of a file: found in its coverage, weighed by what is known of the source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from headwater.coverage import Count, Counts, FileCoverage
from headwater.coverage.findings import Gap, Question, Suggestion
from headwater.coverage.gaps import Hole, each_gap
from headwater.coverage.gaps.severity import Context, points, score
from headwater.coverage.gaps.worst import Worst
from headwater.coverage.outline import Outline
from headwater.coverage.source.survey import Survey
from headwater.coverage.suggestions import suggest

Changed = Callable[[str], frozenset[int]]
"""Says which lines of a file the diff changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A file that is judged."""

    path: str
    outline: Outline | None
    counts: Counts
    """Of its symbols."""
    changed: frozenset[int]
    plain: Context
    """What is known of any place in it that the diff leaves alone."""


class Judging:
    """Judges files, one at a time."""

    def __init__(self, question: Question, known: Survey, framework: str, changed: Changed | None) -> None:
        """Weighs by the question's weights; suggestions are written for the framework. No diff: no `changed`."""
        self._weights = question.weights
        self._suggests = question.suggest
        self._known = known
        self._framework = framework
        self._changed = changed
        self._most_commits = max(known.commits.values(), default=0)

    def gaps(self, path: str, file: FileCoverage, symbols: Counts, worst: Worst) -> Iterator[Gap]:
        """Counts the gaps of a file in, in its order, and yields those that are among the worst so far.

        `symbols` counts the lines of each.
        """
        outline = self._known.outlines.get(path)
        place = self._place(path, symbols)
        for hole in each_gap(file, outline):
            yield from self._gap(place, self._worst_of(place, hole), worst)

    def never_imported(self, path: str, last: int, worst: Worst) -> Iterator[Gap]:
        """Counts in a file that no report names, of so many lines, and yields its gap if it is kept."""
        place = self._place(path, {})
        hole = Hole(first=1, last=last, type="never_imported", missing_lines=last)
        yield from self._gap(place, self._worst_of(place, hole), worst)

    def _place(self, path: str, counts: Counts) -> _Place:
        plain = Context(
            changed=False if self._changed is not None else None,
            commits=self._known.commits.get(path, 0) if self._most_commits > 1 else None,
            most_commits=self._most_commits,
        )
        changed = self._changed(path) if self._changed is not None else frozenset[int]()
        outline = self._known.outlines.get(path)
        return _Place(path=path, outline=outline, counts=counts, changed=changed, plain=plain)

    def _worst_of(self, place: _Place, hole: Hole) -> Hole:
        """Weighs a file of which nothing ran by its worst function."""
        if hole.type != "never_imported" or place.outline is None:
            return hole
        functions = (each for each in place.outline.symbols if each.kind in {"function", "method"})
        holes = [replace(hole, symbol=each) for each in functions]
        return max(holes, key=lambda each: self._points(place, each), default=hole)

    def _touched(self, place: _Place, hole: Hole) -> bool:
        return bool(place.changed) and not place.changed.isdisjoint(range(hole.first, hole.last + 1))

    def _points(self, place: _Place, hole: Hole) -> float:
        return points(hole, self._context(place, hole), self._weights)

    def _gap(self, place: _Place, hole: Hole, worst: Worst) -> Iterator[Gap]:
        """Writes a gap out only if it is kept: most of a large report's are not."""
        if not worst.takes(place.path, self._points(place, hole)):
            return
        severity, reached, terms = score(hole, self._context(place, hole), self._weights)
        key = f"{place.path}:{hole.first}:{hole.last}:{hole.type}:{hole.never}"
        gap = Gap(
            id=hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12],
            path=place.path,
            first=hole.first,
            last=hole.last,
            type=hole.type,
            severity=severity,
            score=reached,
            terms=terms,
            symbol=hole.symbol.name if hole.symbol else "",
            condition=hole.condition,
            never=hole.never,
            missing_lines=hole.missing_lines,
            missing_branches=hole.missing_branches,
            suggestions=self._suggestions(hole, place.outline, place.path),
            changed=self._touched(place, hole),
        )
        worst.keep(gap)
        yield gap

    def _context(self, place: _Place, hole: Hole) -> Context:
        known, symbol, path, plain = self._known, hole.symbol, place.path, place.plain
        touched = self._touched(place, hole)
        if symbol is None or place.outline is None:
            return replace(plain, changed=True) if touched else plain
        return Context(
            changed=touched or plain.changed,
            commits=plain.commits,
            most_commits=plain.most_commits,
            complexity=symbol.complexity,
            covered_percent=place.counts[symbol.name].percent if symbol.name in place.counts else None,
            callers=known.graph.callers(path, symbol.name),
            rank=known.graph.rank(path, symbol.name),
            critical=known.graph.is_critical(path, symbol.name),
            risks=symbol.risks,
        )

    def _suggestions(self, hole: Hole, outline: Outline | None, path: str) -> tuple[Suggestion, ...]:
        return suggest(hole, outline, path, self._framework) if self._suggests and outline is not None else ()


def covered(file: FileCoverage, outline: Outline) -> dict[str, Count]:
    """Counts the lines of each symbol, by its name; a nested symbol's lines are its own."""
    ends = sorted(((each.body, each.last, each.name) for each in outline.symbols), key=lambda span: (span[0], -span[1]))
    hit: dict[str, int] = {}
    every: dict[str, int] = {}
    around: list[tuple[int, str]] = []
    coming = iter(ends)
    following = next(coming, None)
    for line in sorted(file.lines):
        while following is not None and following[0] <= line:
            around.append(following[1:])
            following = next(coming, None)
        while around and around[-1][0] < line:
            around.pop()
        if around:
            name = around[-1][1]
            every[name] = every.get(name, 0) + 1
            hit[name] = hit.get(name, 0) + (file.lines[line] > 0)
    return {name: Count(covered=hit[name], total=total) for name, total in every.items()}

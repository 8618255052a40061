"""Finds the files of a report in the source tree, by the longest end that their paths have in common."""

from __future__ import annotations

import difflib
import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from headwater.coverage.findings import Unmatched

NEAREST = 3
COMPARED = 2_000
"""How many names are compared with one that matches nothing."""
COMPARISONS = 20_000
"""How many are compared in all: the nearest of the first files help, those of the hundredth cost only time."""


class SourceMap:
    """The files of a source tree, by their ends."""

    def __init__(self, names: Iterable[str]) -> None:
        """Takes the paths of the tree's files, relative to its top, with `/`."""
        self._names = frozenset(names)
        self._left = COMPARISONS
        self._by_end: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            for end in _ends(name):
                self._by_end[end].append(name)

    def place(self, reported: str, roots: Sequence[str] = ()) -> str | None:
        """Returns the file's path in the tree, if it is there.

        A path matches where it is one of the tree's; else where one of the tree's files has the longest end in common
        with it, counted in whole parts, and no other has as long a one. That end must be all of one of both, or hold
        a folder. What is relative to one of several roots is looked for under each.
        """
        if reported in self._names:
            return reported
        best, shared = self._best(reported, roots)
        return best[0] if len(best) == 1 and shared >= min(reported.count("/") + 1, best[0].count("/") + 1, 2) else None

    def find(self, reported: str, roots: Sequence[str] = ()) -> str | Unmatched:
        """Returns the file's path in the tree, or why there is none, which costs more than `place`."""
        found = self.place(reported, roots)
        if found is not None:
            return found
        best, _ = self._best(reported, roots)
        best = sorted(best)
        if not best:
            reason, best = "No file of the source has its name.", self._nearest(reported)
        elif len(best) == 1:
            reason = "One file of the source has its name, and lies in another folder."
        else:
            reason = f"{len(best)} files of the source end like it."
        return Unmatched(reported=reported, reason=reason, candidates=tuple(best[:NEAREST]))

    def _best(self, reported: str, roots: Sequence[str]) -> tuple[Sequence[str], int]:
        """Lists the files that have the longest end in common with it, and says how many parts that end has."""
        most, best = (0, False), list[str]()
        for written in [f"{root}/{reported}" for root in roots] or [reported]:
            end = next((each for each in _ends(written) if each in self._by_end), None)
            if end is None:
                continue
            # All of one of both: of the path itself, or of a file that is just this end.
            alone = end != written and end in self._names
            shared = (end.count("/") + 1, alone or end == written)
            if shared >= most:
                found = [end] if alone else self._by_end[end]
                best = list({*best, *found}) if shared == most else found
                most = shared
        return best, most[0]

    def _nearest(self, reported: str) -> tuple[str, ...]:
        if self._left <= 0:
            return ()
        names = heapq.nsmallest(COMPARED, self._names)
        self._left -= len(names)
        return tuple(difflib.get_close_matches(reported, names, n=NEAREST, cutoff=0.5))


def _ends(path: str) -> Iterator[str]:
    """Yields a path's ends in whole parts, the longest first."""
    yield path
    at = path.find("/")
    while at >= 0:
        yield path[at + 1 :]
        at = path.find("/", at + 1)

"""Finds the files of a report in the source tree, by the longest end that their paths have in common."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from headwater.coverage.findings import Unmatched

NEAREST = 3
COMPARED = 2_000
"""How many names are compared with one that matches nothing."""


class SourceMap:
    """The files of a source tree, by their ends."""

    def __init__(self, names: Iterable[str]) -> None:
        """Takes the paths of the tree's files, relative to its top, with `/`."""
        self._names = frozenset(names)
        self._by_end: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            self._by_end[name.rpartition("/")[2]].append(name)

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
        if not best:
            reason, best = "No file of the source has its name.", self._nearest(reported)
        elif len(best) == 1:
            reason = "One file of the source has its name, and lies in another folder."
        else:
            reason = f"{len(best)} files of the source end like it."
        return Unmatched(reported=reported, reason=reason, candidates=tuple(best[:NEAREST]))

    def _best(self, reported: str, roots: Sequence[str]) -> tuple[Sequence[str], int]:
        """Lists the files that have the longest end in common with it, and says how many parts that end has."""
        candidates = self._by_end.get(reported.rpartition("/")[2], [])
        if not candidates:
            return [], 0
        written = [tuple(f"{root}/{reported}".split("/")) for root in roots] or [tuple(reported.split("/"))]
        scored = [(max(_common(each, name) for each in written), name) for name in candidates]
        most = max(shared for shared, _ in scored)
        return sorted(name for shared, name in scored if shared == most), most[0]

    def _nearest(self, reported: str) -> tuple[str, ...]:
        names = sorted(self._names)[:COMPARED]
        return tuple(difflib.get_close_matches(reported, names, n=NEAREST, cutoff=0.5))


def _common(left: Sequence[str], right: str) -> tuple[int, bool]:
    """How many parts two paths have in common at their ends, and whether that is all of one of them."""
    count = 0
    other = right.split("/")
    for mine, theirs in zip(reversed(left), reversed(other), strict=False):
        if mine != theirs:
            break
        count += 1
    return count, count == min(len(left), len(other))

"""Keeps the worst gaps, as many as are asked for, however many there are."""

from __future__ import annotations

import heapq
from collections import Counter

from headwater.coverage.findings import Gap


class Worst:
    """The gaps with the highest scores."""

    def __init__(self, most: int) -> None:
        """Keeps so many."""
        self._most = most
        self._counts: Counter[str] = Counter()
        self._number = 0
        self._heap: list[tuple[float, int, Gap]] = []

    @property
    def total(self) -> int:
        """How many gaps there were."""
        return self._counts.total()

    def takes(self, path: str, points: float) -> bool:
        """Counts a gap of a file in; whether it is among the worst so far. Of equal ones the first stays."""
        self._counts[path] += 1
        return len(self._heap) < self._most or points > self._heap[0][0]

    def keep(self, gap: Gap) -> None:
        """Keeps a gap that was counted in, in the place of the least one where there is no room."""
        self._number += 1
        entry = (gap.score, -self._number, gap)
        if len(self._heap) < self._most:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heapreplace(self._heap, entry)

    def drop(self, path: str) -> None:
        """Forgets the gaps of a file."""
        del self._counts[path]
        self._heap = [entry for entry in self._heap if entry[2].path != path]
        heapq.heapify(self._heap)

    def gaps(self) -> tuple[Gap, ...]:
        """Returns the gaps, the worst first."""
        return tuple(gap for _, _, gap in sorted(self._heap, key=lambda entry: (-entry[0], -entry[1])))

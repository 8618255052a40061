"""Chooses among moves of the search by what each of them has brought so far."""

from __future__ import annotations

import random
from typing import Dict, Mapping, Sequence

GREED = 0.6
"""How often the most fruitful move is taken without looking at the others."""
DAMPING = 12.0
"""Tries after which what was seen counts as much as what was expected."""


class Odds:
    """Remembers for each move how often it was tried and how often it brought something new."""

    def __init__(self, expected: Mapping[str, float]) -> None:
        """Takes for each move which part of its tries are expected to bring something."""
        self._expected = expected
        self._tried: Dict[str, int] = dict.fromkeys(expected, 0)
        self._brought: Dict[str, int] = dict.fromkeys(expected, 0)
        self._last = ""

    def choose(self, open_moves: Sequence[str], rng: random.Random) -> str:
        """Returns one of the moves, the fruitful ones more often."""
        best = max(open_moves, key=self._rate)
        self._last = (
            best if rng.random() < GREED else rng.choices(open_moves, [self._rate(move) for move in open_moves])[0]
        )
        self._tried[self._last] += 1
        return self._last

    def praise(self) -> None:
        """Says that the last move brought something."""
        if self._last:
            self._brought[self._last] += 1
            self._last = ""

    def _rate(self, move: str) -> float:
        return (self._brought[move] + DAMPING * self._expected[move]) / (self._tried[move] + DAMPING)

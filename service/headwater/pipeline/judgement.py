"""What a run of tests showed, in whatever language they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from headwater.pipeline import Arc, Coverage
from headwater.sandbox import Ended, Outcome

Told: TypeAlias = Callable[[int, int], Awaitable[None]]
"""Is told how many tests were run alone by now, and of how many."""
ROUNDS = 3
"""How often all tests run together: once in the file's order, then shuffled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """How a test fared by itself. `items` are the outcomes of its parametrized cases, in order."""

    outcome: str
    detail: str = ""
    items: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    lines: frozenset[int] = frozenset()
    branches: frozenset[Arc] = frozenset()
    leaks: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What a run of the tests showed."""

    imported: bool = False
    verified: bool = True
    """Whether the tests were run; else their syntax was checked, and no more."""
    baseline: Coverage = field(default_factory=Coverage)
    alone: dict[str, Alone] = field(default_factory=dict[str, Alone])
    collected: frozenset[str] = frozenset()
    collection_errors: tuple[str, ...] = ()
    rounds: int = 0
    unsteady: dict[str, str] = field(default_factory=dict[str, str])
    """Tests that failed in a round, with the detail; the name `` stands for a round that did not end."""
    lines: frozenset[int] = frozenset()
    taken: frozenset[Arc] = frozenset()
    ended: Ended = field(default_factory=lambda: Ended(outcome=Outcome.CRASHED))

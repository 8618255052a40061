"""Knows which lines and branches of the file are reached, and which targets may still reach more."""

from __future__ import annotations

from typing import Dict, FrozenSet, Mapping, Optional, Sequence, Set, Tuple

from .inventory import Target
from .mining import Mining
from .solver_paths import Left
from .tracing import Arc, taken

Key = Tuple[str, str]
Lines = Tuple[int, int]
Missing = Optional[Tuple[FrozenSet[Arc], FrozenSet[int]]]
"""The arcs and lines that an earlier attempt did not reach; None asks for all."""


class Frontier:
    """What kept calls have reached so far."""

    def __init__(
        self,
        mining: Mining,
        *,
        ways: Mapping[int, int],
        lines: FrozenSet[int],
        at_import: FrozenSet[Arc],
        missing: Missing,
    ) -> None:
        """Takes the branches and lines of the file, and what importing it reaches."""
        self._mining = mining
        self._ways = ways
        self._lines = lines
        self._missing = missing
        self._reach: Dict[Key, Tuple[Mapping[int, int], FrozenSet[int]]] = {}
        self._open: Dict[Key, Tuple[int, bool]] = {}
        self._entered: Dict[Key, Set[Lines]] = {}
        self._held: Dict[str, Set[Lines]] = {}
        self.at_import = at_import
        self.reached: Set[Arc] = set(at_import)

    @property
    def covered(self) -> int:
        """How many branches of the file are reached by importing it and by kept calls."""
        return taken(frozenset(self.reached), self._ways)

    @property
    def total(self) -> int:
        """How many branches the file has."""
        return sum(self._ways.values())

    def wanted(self, arcs: FrozenSet[Arc]) -> FrozenSet[Arc]:
        """Returns those of the arcs that no kept call reaches and that are asked for."""
        return self.asked(arcs - self.reached)

    def asked(self, arcs: FrozenSet[Arc]) -> FrozenSet[Arc]:
        """Returns those of the arcs that are asked for."""
        missing = self._missing
        if missing is None:
            return arcs
        return frozenset(arc for arc in arcs if arc in missing[0] or arc[1] in missing[1])

    def is_open(self, target: Target) -> bool:
        """Whether a line or branch of the target, or of what it calls, is still to be reached."""
        size, found = self._open.get(target.key, (-1, True))
        if size != len(self.reached):
            found = self._is_open(target)
            self._open[target.key] = (len(self.reached), found)
        return found

    def left(self, target: Target) -> Left:
        """Returns what nobody reached of what a target can come to."""
        ways, lines = self._within_reach(target)
        starts = [start for start, _ in self.reached]
        missing = {line: number - starts.count(line) for line, number in ways.items()}
        dark = lines - {end for _, end in self.reached}
        return Left({line: number for line, number in missing.items() if number > 0}, dark, self.wanted)

    def enter(self, target: Target, arcs: FrozenSet[Arc]) -> None:
        """Notes the functions of the module that a call of a target came into, whoever called them."""
        entered = self._entered.setdefault(target.key, set())
        lines = {line for arc in arcs for line in arc}
        ranges = (each for each in self._mining.ranges if each not in entered)
        fresh = {each for each in ranges if any(_within(line, [each]) for line in lines)}
        if fresh:
            entered |= fresh
            self._reach.pop(target.key, None)
            self._open.pop(target.key, None)

    def hold(self, owner: str, lines: Lines) -> None:
        """Notes a function that an object of a class keeps: any of its methods may come to call it."""
        held = self._held.setdefault(owner, set())
        if lines not in held:
            held.add(lines)
            self._reach.clear()
            self._open.clear()

    def _is_open(self, target: Target) -> bool:
        ways, lines = self._within_reach(target)
        ends = {end for _, end in self.reached}
        if self._missing is not None:
            left = {arc for arc in self._missing[0] if arc[0] in ways} - self.reached
            return bool(left or (lines & self._missing[1]) - ends)
        return taken(frozenset(self.reached), ways) < sum(ways.values()) or not lines <= ends

    def _within_reach(self, target: Target) -> Tuple[Mapping[int, int], FrozenSet[int]]:
        """Returns the branches and lines of the target and of what it calls, as far as reading and playing tell."""
        known = self._reach.get(target.key)
        if known is None:
            ranges = [
                *self._mining.reach(target),
                *self._entered.get(target.key, ()),
                *self._held.get(target.owner, ()),
            ]
            ways = {line: number for line, number in self._ways.items() if _within(line, ranges)}
            known = (ways, frozenset(line for line in self._lines if _within(line, ranges)))
            self._reach[target.key] = known
        return known


def _within(line: int, ranges: Sequence[Lines]) -> bool:
    return any(start <= line <= end for start, end in ranges)

"""Finds which arms of decisions were never taken, what each leads to, and so which of them are a gap of their own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from headwater.coverage import FileCoverage
from headwater.coverage.outline import Decision, Outline

ORDERED = frozenset({"javascript", "typescript", "tsx"})
"""Languages whose tools number the arms of a decision, the true one first."""
INLINE = frozenset({"ternary", "boolean"})
"""Kinds of decisions inside of an expression: on a line with others, the others come first."""
PAIR = 2
"""A decision with so many arms is true or false."""
_DIGITS = 8
_LINE = re.compile(r".*\bline ([0-9]{1,8})\Z")
_OPPOSITE = {"true": "false", "false": "true", "": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Arms of a line that ran that were never taken and lead to no missing line."""

    line: int
    never: str
    """`true`, `false`, or the arms in words."""
    arms: int
    decision: Decision | None


class Arms:
    """The arms of a file that were never taken."""

    def __init__(
        self, file: FileCoverage, outline: Outline | None, order: Sequence[int], blocks: Sequence[Sequence[int]]
    ) -> None:
        """Takes a file's executable lines in their order, and the blocks of those that are missing."""
        self.absorbed = [0] * len(blocks)
        """How many arms belong to each block."""
        self._file = file
        self._order = order
        self._block_of = {line: number for number, block in enumerate(blocks) for line in block}
        self._skipped = outline.skipped if outline is not None else frozenset[int]()
        self._ordered = outline is not None and outline.language in ORDERED
        self._decisions: dict[int, list[Decision]] = {}
        for each in outline.decisions if outline is not None else ():
            if each.line in file.branches:
                self._decisions.setdefault(each.line, []).append(each)

    def left(self, line: int) -> Left | None:
        """Returns what of a line's arms is a gap of its own, and counts the others in with their blocks."""
        arms = self._file.branches[line]
        block = self._block_of.get(line)
        if block is not None:
            self.absorbed[block] += list(arms.values()).count(0)
            return None
        never = [arm for arm, hits in arms.items() if not hits]
        if line not in self._file.lines and len(never) == len(arms):
            before = self._before(line)
            if before in self._block_of:
                self.absorbed[self._block_of[before]] += len(never)
                return None
            if before in self._skipped:
                return None
        decision = self._decision(line, arms)
        sides = self._sides(decision, arms, never)
        guess = self._following(line) if decision is None or len(arms) != PAIR else 0
        rest: list[tuple[str, str]] = []
        for arm, side in zip(never, sides, strict=True):
            target = _target(arm) or (getattr(decision, side) if side else 0)
            if not target and guess and not _leaves(arm):
                target, guess = guess, 0
            if target in self._block_of:
                self.absorbed[self._block_of[target]] += 1
            elif target not in self._skipped:
                rest.append((arm, side))
        if not rest:
            return None
        return Left(line=line, never=_in_words(rest, len(arms)), arms=len(rest), decision=decision)

    def _before(self, line: int) -> int:
        """Returns the executable line before one that no statement begins on: the one is part of the other."""
        before = bisect_right(self._order, line) - 1
        return self._order[before] if before >= 0 else 0

    def _following(self, line: int) -> int:
        """Returns the next executable line, if it is missing: an arm without a name most likely leads there."""
        after = bisect_right(self._order, line)
        following = self._order[after] if after < len(self._order) else 0
        return following if following in self._block_of else 0

    def _decision(self, line: int, arms: dict[str, int]) -> Decision | None:
        """Chooses the decision of a line that the arms are those of: the one that leads where they do."""
        found = self._decisions.get(line)
        if not found:
            return None
        targets = {_target(arm) for arm in arms} - {0}
        return max(found, key=lambda each: (len(targets & {each.true, each.false}), each.kind not in INLINE))

    def _sides(self, decision: Decision | None, arms: dict[str, int], never: Sequence[str]) -> list[str]:
        """Says of each arm which side of the decision it is; empty where that is not known."""
        if decision is None or len(arms) != PAIR:
            return [""] * len(never)  # More than two, or nothing to be true or false.
        if len(never) == PAIR:
            first = self._side(decision, never[0]) or _OPPOSITE[self._side(decision, never[1])] or "true"
            return [first, _OPPOSITE[first]]
        other = next(arm for arm in arms if arm != never[0])
        side = self._side(decision, never[0]) or _OPPOSITE[self._side(decision, other)]
        return [side or next((each for each in ("true", "false") if getattr(decision, each) in self._block_of), "")]

    def _side(self, decision: Decision, arm: str) -> str:
        target = _target(arm)
        if target or _leaves(arm):
            return next((side for side in ("true", "false") if getattr(decision, side) == target), "")
        number = arm.rpartition(",")[2] if self._ordered and not arm.startswith("#") else ""
        return {"0": "true", "1": "false"}.get(number, "")


def _target(arm: str) -> int:
    """Returns the line that an arm leads to, where its id says so; else 0."""
    if arm.isdecimal():
        return int(arm) if len(arm) <= _DIGITS else 0
    found = _LINE.match(arm) if "line " in arm else None
    return int(found[1]) if found else 0


def _leaves(arm: str) -> bool:
    return arm.startswith(("exit", "return", "-"))


def _in_words(rest: Sequence[tuple[str, str]], total: int) -> str:
    if rest[0][1]:
        return " or ".join(sorted((side for _, side in rest), reverse=True))
    named = [
        f"to line {target}" if target else "to the exit" for arm, _ in rest if (target := _target(arm)) or _leaves(arm)
    ]
    return ", ".join(named) if len(named) == len(rest) else f"{len(rest)} of its {total} arms"

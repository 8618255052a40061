"""Finds what no test reaches in a file: functions, blocks, handlers of errors, and arms of decisions.

Every line that never ran is told in one gap, and so is every arm that was never taken: by itself, or with the block
that it leads to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from headwater.coverage import LINE_BOUND, FileCoverage
from headwater.coverage.gaps.arms import Arms, Left
from headwater.coverage.gaps.places import DEFINED, HANDLES, Place, Places, places
from headwater.coverage.outline import Decision, Outline, Symbol
from headwater.coverage.outlines import language_of

NEAR = 3
"""Where no function is known, missing lines so near to each other are one block: between them is blank or a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Code that no test reaches: its lines, what it is, and what it lies in.

    `never` says what the condition that decides on it never was (`true`, `false`), or which arm was never taken.
    """

    first: int
    last: int
    type: str
    symbol: Symbol | None = None
    condition: str = ""
    never: str = ""
    missing_lines: int = 0
    missing_branches: int = 0
    decision: Decision | None = None


def find_gaps(file: FileCoverage, outline: Outline | None) -> list[Hole]:
    """Returns the gaps of a file, in its order; what an arm that was never taken leads to is told once, as a block."""
    return list(each_gap(file, outline))


def each_gap(file: FileCoverage, outline: Outline | None) -> Iterable[Hole]:
    """Finds the same, of a file without decisions one by one: there may be millions."""
    lines = file.lines
    skipped = outline.skipped if outline is not None else frozenset[int]()
    untaken = [line for line, arms in file.branches.items() if 0 in arms.values() and line not in skipped]
    if not untaken and 0 not in lines.values():
        return []
    order = sorted(lines)
    ran = [line for line in order if lines[line]]
    missing = [line for line in order if not lines[line] and line not in skipped]
    where = places(file, outline, order, ran)
    if missing and not ran and _loads(file, outline, where, missing[0]):
        arms = sum(1 for line in untaken for hits in file.branches[line].values() if not hits)
        return [_hole(missing, "never_imported", Place(), None, arms)]
    found = _blocks(missing, ran, where, near=outline is None)
    leading = _leading(file, outline)
    if not untaken:
        return (_hole(block, _kind(place), place, leading.get(block[0]), 0) for block, place in found)
    blocks = list(found)
    arms = Arms(file, outline, order, [block for block, _ in blocks])
    partial = [_partial(each, where) for line in untaken if (each := arms.left(line)) is not None]
    holes = [
        _hole(block, _kind(place), place, leading.get(block[0]), absorbed)
        for (block, place), absorbed in zip(blocks, arms.absorbed, strict=True)
    ]
    return sorted([*holes, *partial], key=lambda hole: (hole.first, hole.last)) if partial else holes


def _loads(file: FileCoverage, outline: Outline | None, where: Places, line: int) -> bool:
    """Whether a line that never ran would have run when the file was imported."""
    if outline is None:
        return language_of(file.path) in DEFINED
    symbol = where.at(line)[0].symbol
    return symbol is None or symbol.kind == "module"


def _blocks(
    missing: Sequence[int], ran: Sequence[int], where: Places, *, near: bool
) -> Iterator[tuple[Sequence[int], Place]]:
    """Cuts missing lines into those of one place that follow each other with nothing that ran in between."""
    start = 0
    while start < len(missing):
        place, end = where.at(missing[start])
        after = bisect_right(ran, missing[start])
        stop = bisect_left(missing, min(end, ran[after] if after < len(ran) else LINE_BOUND + 1), start)
        if near and place.symbol is None:
            stop = next((at for at in range(start + 1, stop) if missing[at] - missing[at - 1] > NEAR), stop)
        yield missing[start:stop], place
        start = stop


def _kind(place: Place) -> str:
    if place.uncalled:
        return "uncovered_function"
    return "exception_handler" if place.handler else "uncovered_block"


def _hole(block: Sequence[int], kind: str, place: Place, decision: Decision | None, arms: int) -> Hole:
    never = "" if decision is None else "true" if decision.kind in HANDLES or block[0] == decision.true else "false"
    return Hole(
        first=block[0],
        last=block[-1],
        type=kind,
        symbol=place.symbol,
        condition=decision.condition if decision is not None else "",
        never=never,
        missing_lines=len(block),
        missing_branches=arms,
        decision=decision,
    )


def _partial(left: Left, where: Places) -> Hole:
    decision = left.decision
    return Hole(
        first=left.line,
        last=left.line,
        type="partial_branch",
        symbol=where.at(left.line)[0].symbol,
        condition=decision.condition if decision is not None else "",
        never=left.never,
        missing_branches=left.arms,
        decision=decision,
    )


def _leading(file: FileCoverage, outline: Outline | None) -> Mapping[int, Decision]:
    """Finds the decisions that lead to lines: those that ran, the nearest above; and by its line, what heads a handler.

    A missing head of a handler, such as `except ValueError:`, is the first line of its block.
    """
    found: dict[int, Decision] = {}
    for each in outline.decisions if outline is not None else ():
        if file.lines.get(each.line):
            for target in (each.false, each.true):
                if target and (target not in found or found[target].line < each.line < target):
                    found[target] = each
        elif each.kind in HANDLES:
            found[each.line] = each
    return found

"""Unites what several reports say of the same file: the union of hits."""

from __future__ import annotations

from headwater.coverage import FileCoverage, Function


def unite(left: FileCoverage, right: FileCoverage) -> FileCoverage:
    """Returns what both say together. What ran in one of them ran; a count is the larger one.

    The larger, not the sum: reports of one run in several formats would count every hit twice. A line is excluded only
    if both exclude it or know nothing of it.
    """
    lines = _larger(left.lines, right.lines)
    units = {
        unit: _units(left.units.get(unit, {}), right.units.get(unit, {}))
        for unit in dict.fromkeys((*left.units, *right.units))
    }
    return FileCoverage(
        path=left.path,
        reported=left.reported,
        lines=lines,
        branches=_branches(left.branches, right.branches),
        functions=_functions(left.functions, right.functions),
        units=units,
        excluded=(left.excluded | right.excluded) - lines.keys(),
        arcs=None
        if left.arcs is None and right.arcs is None
        else (left.arcs or frozenset()) | (right.arcs or frozenset()),
        needs_source=left.needs_source and right.needs_source,
        roots=tuple(dict.fromkeys((*left.roots, *right.roots))),
    )


def _larger(left: dict[int, int], right: dict[int, int]) -> dict[int, int]:
    both = dict(left)
    for line, hits in right.items():
        both[line] = max(hits, both.get(line, 0))
    return both


def _branches(left: dict[int, dict[str, int]], right: dict[int, dict[str, int]]) -> dict[int, dict[str, int]]:
    both = dict(left)
    for line, arms in right.items():
        both[line] = unite_arms(both[line], arms) if line in both else arms
    return both


def unite_arms(left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
    """Unites the arms of one decision.

    Arms with names are united by name. Where a report names only the arms that were missed, and both know of as many
    arms, an arm was missed only if both missed it. Where nothing has a name, the larger number of taken arms holds: the
    least that is certain.
    """
    if not _anonymous(left) and not _anonymous(right):
        return {arm: max(left.get(arm, 0), right.get(arm, 0)) for arm in dict.fromkeys((*left, *right))}
    if len(left) == len(right) and _names_missed(left) and _names_missed(right):
        missed = [arm for arm, hits in left.items() if not hits and right.get(arm, 1) == 0]
        taken = max(_taken(left), _taken(right))
        return {f"#{number}": taken for number in range(len(left) - len(missed))} | dict.fromkeys(missed, 0)
    return max(left, right, key=lambda arms: (len(arms), sum(1 for hits in arms.values() if hits)))


def _anonymous(arms: dict[str, int]) -> bool:
    return any(arm.startswith("#") for arm in arms)


def _names_missed(arms: dict[str, int]) -> bool:
    return all(hits or not arm.startswith("#") for arm, hits in arms.items())


def _taken(arms: dict[str, int]) -> int:
    return max(arms.values(), default=0)


def _functions(left: dict[str, Function], right: dict[str, Function]) -> dict[str, Function]:
    both = dict(left)
    for key, function in right.items():
        known = both.get(key)
        if known is None or function.hits > known.hits:
            both[key] = function
    return both


def _units(left: dict[str, tuple[int, int]], right: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    both = dict(left)
    for key, (covered, total) in right.items():
        known, known_total = both.get(key, (0, 0))
        both[key] = (max(known, covered), max(known_total, total))
    return both

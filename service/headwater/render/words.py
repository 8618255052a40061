"""Says what an analysis found in words; each form marks up the strangers' part of them in its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from types import MappingProxyType

from headwater.render.gates import PLACES
from headwater.v1 import analyze_coverage_pb2 as pb

SEVERITIES = ("critical", "high", "medium", "low")
"""The worst first."""

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "uncovered_function": "Function never called",
        "uncovered_block": "Code never run",
        "partial_branch": "Branch never taken",
        "exception_handler": "Handler of errors never reached",
        "never_imported": "File never imported",
    }
)
"""What each type of gap is called."""

Mark = Callable[[str], str]
"""Marks up what strangers wrote as code, and escapes it."""


def plain(text: str, keep: str = "") -> str:
    """Takes control characters out, so that a line stays one and nothing steers a terminal."""
    return "".join(each if each.isprintable() or each in keep else " " for each in text)


def quoted(text: str) -> str:
    """Marks up code where there is no markup."""
    return f"`{plain(text)}`"


def headline(gap: pb.CoverageGap, mark: Mark = quoted) -> str:
    """Says what was never reached: `refund` is never called; `amount <= 0` is never true."""
    symbol = mark(gap.symbol) if gap.symbol else ""
    match gap.gap_type:
        case "uncovered_function":
            told = f"{symbol or 'A function'} is never called"
        case "partial_branch":
            told = _never(gap, mark)
        case "exception_handler":
            handler = mark(gap.condition) if gap.condition else "A handler of errors"
            return f"{handler}{_in(symbol)} is never reached"
        case "never_imported":
            told = "No test imports this file"
        case _:
            told = f"{_lines(gap).capitalize()}{_in(symbol)} never {'runs' if _alone(gap) else 'run'}"
    if gap.condition and gap.gap_type == "uncovered_block":
        told += f", for {_never(gap, mark)}"
    return told


def place(gap: pb.CoverageGap, prefix: str = "") -> str:
    """Names the lines of a gap: `src/cart.py:3-7`."""
    lines = str(gap.line_start) if _alone(gap) else f"{gap.line_start}-{gap.line_end}"
    return f"{prefix}{gap.file_path}:{lines}"


def missed(gap: pb.CoverageGap) -> str:
    """Counts what is missing: 3 lines and 1 arm."""
    parts = [count(number, unit) for number, unit in ((gap.missing_lines, "line"), (gap.missing_branches, "arm"))]
    return " and ".join(part for part in parts if not part.startswith("0 ")) or "nothing countable"


def suggestion(test: pb.SuggestedTest, mark: Mark = quoted, escape: Mark = plain) -> str:
    """Says which test would close a gap."""
    parts = [mark(test.name)]
    if test.call:
        parts.append(f"calls {mark(test.call)}")
    told = " ".join(parts)
    if test.inputs:
        told += f": {escape('; '.join(test.inputs))}"
    return told + (f" ({escape(test.reaches)})" if test.reaches else "")


def percent(value: float) -> str:
    """Writes a percentage to two places, rounded towards zero: 99.999 is not 100."""
    return f"{Decimal(str(value)).quantize(PLACES, ROUND_FLOOR)}%"


def counted(file: pb.CoverageFile, unit: str) -> pb.CoverageCount:
    """Returns what was counted of a unit; nothing where the report does not say. Asking the map would add it."""
    return file.counts.get(unit, pb.CoverageCount())


def share(counted: pb.CoverageCount) -> str:
    """Writes a count: 22/34."""
    return f"{counted.covered}/{counted.total}"


def totals(complete: pb.AnalyzeCoverageComplete) -> list[tuple[str, str, str]]:
    """Lists unit, percentage and count of what was counted; the units that every tool has come first."""
    values = {"lines": complete.line_coverage, "branches": complete.branch_coverage}
    if complete.HasField("function_coverage"):
        values["functions"] = complete.function_coverage
    rest = sorted(complete.counts.keys() - values.keys())
    rows: list[tuple[str, str, str]] = []
    for unit in [*values, *rest]:
        counted = complete.counts.get(unit)
        if counted is not None and counted.total:
            value = values.get(unit, 100.0 * counted.covered / counted.total)
            rows.append((unit, percent(value), share(counted)))
    return rows


def count(number: int, unit: str) -> str:
    """Counts in words: 1 line, 2 lines, 3 branches."""
    plural = f"{unit}es" if unit.endswith("ch") else f"{unit}s"
    return f"{number} {unit if number == 1 else plural}"


def ranges(lines: Iterable[int], most: int) -> str:
    """Writes runs of lines as ranges, the first of them: 3, 7-9 and 4 more."""
    found: list[list[int]] = []
    for line in sorted(lines):
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found[:most])
    return shown + (f" and {len(found) - most} more" if len(found) > most else "")


def by_severity(gaps: Iterable[pb.CoverageGap]) -> Mapping[str, Sequence[pb.CoverageGap]]:
    """Groups gaps, the worst group first; one that is newer than this list comes last."""
    groups: dict[str, list[pb.CoverageGap]] = {name: [] for name in SEVERITIES}
    for gap in gaps:
        groups.setdefault(gap.severity, []).append(gap)
    return {name: group for name, group in groups.items() if group}


def _never(gap: pb.CoverageGap, mark: Mark) -> str:
    condition = mark(gap.condition) if gap.condition else "the condition"
    never = gap.never if _ANY_WORDS.fullmatch(gap.never) else mark(gap.never)
    if never.startswith("to "):
        return f"{condition} never leads {never}"
    if never == "1 of its 1 arms":
        return f"{condition} is never taken"
    if never.endswith(" arms"):
        return f"Of {condition} {never} are never taken"
    return f"{condition} is never {never or 'decided otherwise'}"


_ANY_WORDS = re.compile(r"[\w ,]*")
"""What needs no markup: `true`, `to line 7, to the exit`, `2 of its 3 arms`."""


def _in(symbol: str) -> str:
    return f" of {symbol}" if symbol else ""


def _alone(gap: pb.CoverageGap) -> bool:
    return gap.line_end <= gap.line_start


def _lines(gap: pb.CoverageGap) -> str:
    return f"line {gap.line_start}" if _alone(gap) else f"lines {gap.line_start} to {gap.line_end}"

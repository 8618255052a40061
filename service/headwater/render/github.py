"""Tells an analysis to GitHub Actions as workflow commands, which become annotations beside the code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from headwater.render.analysis import Analysis
from headwater.render.words import TYPES, count, headline, missed, percent, place, plain, suggestion
from headwater.v1 import analyze_coverage_pb2 as pb

MOST_PER_LEVEL = 10
"""How many annotations of a level GitHub shows of one step; what comes after is dropped without a word."""

LEVELS: Mapping[str, str] = MappingProxyType(
    {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}
)


def render(analysis: Analysis) -> str:
    """Writes a command for each of the worst gaps, then a line that counts the rest."""
    return "\n".join([*_commands(analysis), _summary(analysis)]) + "\n"


def _commands(analysis: Analysis) -> Iterator[str]:
    left = dict.fromkeys(LEVELS.values(), MOST_PER_LEVEL)
    for gate in analysis.gates:
        if not gate.met:
            left["error"] -= 1
            yield f"::error title=Coverage::{_data(plain(gate.message))}"
    for gap in analysis.complete.gaps:
        level = LEVELS.get(gap.severity, "notice")
        if left[level]:
            left[level] -= 1
            yield _command(level, gap, analysis.prefix)


def _command(level: str, gap: pb.CoverageGap, prefix: str) -> str:
    properties = {
        "file": f"{prefix}{gap.file_path}",
        "line": str(gap.line_start),
        "endLine": str(max(gap.line_start, gap.line_end)),
        "title": f"{TYPES.get(gap.gap_type, 'Not covered')} ({gap.severity})",
    }
    told = f"{headline(gap)}: {missed(gap)}, at {plain(place(gap, prefix))}."
    tests = [f"Test: {suggestion(test)}" for test in gap.suggested_tests]
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {named}::{_data(chr(10).join([told, *tests]))}"


def _summary(analysis: Analysis) -> str:
    complete = analysis.complete
    parts = [f"Coverage {percent(complete.overall_coverage)}", count(complete.total_gaps, "gap")]
    if complete.HasField("patch") and complete.patch.lines.total:
        parts.append(f"{percent(complete.patch.line_coverage)} of the changed lines")
    return f"{', '.join(parts)}. Annotations show the worst of them, at most {MOST_PER_LEVEL} of each level."


def _data(text: str) -> str:
    """Escapes a message as the runner reads it; of a line break nothing may be left that begins another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(plain(text)).replace(":", "%3A").replace(",", "%2C")

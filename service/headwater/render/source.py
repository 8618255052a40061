"""Lists the code of a file as rows of a table, each line with what became of it and the gaps that begin there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from headwater.render.words import Mark, headline, plain
from headwater.v1 import analyze_coverage_pb2 as pb

SIGNS: Mapping[str, str] = {"missed": "✗", "partial": "◐", "hit": "·"}
"""Colour is never all that tells."""


def listing(text: str, gaps: Sequence[pb.CoverageGap], file: pb.CoverageFile | None, mark: Mark) -> str:
    """Writes a row for each line."""
    states = _states(gaps, file)
    notes: dict[int, list[str]] = {}
    for gap in gaps:
        notes.setdefault(gap.line_start, []).append(f'<a href="#gap-{escape(gap.id)}">{headline(gap, mark)}</a>')
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return "\n".join(
        _row(number, line.rstrip("\r"), states.get(number, ""), notes.get(number, ()))
        for number, line in enumerate(lines, 1)
    )


def _states(gaps: Sequence[pb.CoverageGap], file: pb.CoverageFile | None) -> Mapping[int, str]:
    partial = {gap.line_start: "partial" for gap in gaps if gap.gap_type == "partial_branch"}
    if file is None:
        return partial
    return {**dict.fromkeys(file.covered_lines, "hit"), **partial, **dict.fromkeys(file.missing_lines, "missed")}


def _row(number: int, line: str, state: str, notes: Sequence[str]) -> str:
    kind = f' class="{state}"' if state else ""
    sign = f'<span role="img" aria-label="{state}">{SIGNS[state]}</span>' if state else ""
    return (
        f'<tr{kind}><td class="at">{number}</td><td class="mark">{sign}</td>'
        f'<td class="code">{escape(plain(line, keep=chr(9)))}</td><td class="gaps">{"<br>".join(notes)}</td></tr>'
    )

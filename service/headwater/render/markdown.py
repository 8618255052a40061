"""Tells an analysis on a pull request, in GitHub's Markdown: a line, tables, and gaps to unfold."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from headwater.render.analysis import Analysis
from headwater.render.words import (
    TYPES,
    by_severity,
    count,
    counted,
    headline,
    missed,
    percent,
    place,
    plain,
    ranges,
    share,
    suggestion,
    totals,
)
from headwater.v1 import analyze_coverage_pb2 as pb

MOST_CHARACTERS = 65_000
"""What fits in a comment, for which GitHub takes 65,536."""

ROOM_TO_END = 500
"""Characters kept for what closes a list that was cut."""

RANGES = 6
"""How many ranges of missing lines a row shows."""


def render(analysis: Analysis) -> str:
    """Writes what fits in a comment, the worst first; what does not is counted."""
    page = _Page(MOST_CHARACTERS)
    page.add(*_summary(analysis))
    page.add_list(("", *_files_head()), _files(analysis))
    for severity, gaps in by_severity(analysis.complete.gaps).items():
        head = f"{count(len(gaps), 'gap')} of severity {_text(severity)}"
        opened = " open" if severity == "critical" else ""
        page.add_list(("", f"<details{opened}><summary>{head}</summary>", ""), map(_gap, gaps), "", "</details>")
    paths = analysis.complete.critical_paths
    page.add_list(
        ("", f"<details><summary>{count(len(paths), 'critical path')}</summary>", ""),
        map(_path, paths),
        "",
        "</details>",
    )
    return page.text()


class _Page:
    """Lines that stay within a bound."""

    def __init__(self, most: int) -> None:
        self._lines: list[str] = []
        self._left = most

    def add(self, *lines: str) -> None:
        """Adds lines for which there is room by construction."""
        self._lines += lines
        self._left -= sum(len(line) + 1 for line in lines)

    def add_list(self, head: tuple[str, ...], items: Iterable[str], *foot: str) -> None:
        """Adds the items that fit between head and foot, and counts the others; nothing where there are none."""
        left_out = begun = 0
        for item in items:
            if len(item) + 1 + sum(map(len, head)) + ROOM_TO_END > self._left:
                left_out += 1
                continue
            if not begun:
                self.add(*head)
            begun += 1
            self.add(item)
        if left_out and begun:
            self.add("", f"and {left_out} more, for which there is no room here.")
        if begun:
            self.add(*foot)

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def _summary(analysis: Analysis) -> Iterator[str]:
    complete = analysis.complete
    yield f"## Coverage: {percent(complete.overall_coverage)}"
    yield ""
    for gate in analysis.gates:
        yield f"- {'✅' if gate.met else '❌'} {_text(gate.message)}"
    if complete.HasField("patch"):
        yield f"- {_patch(complete.patch)}"
    if complete.HasField("coverage_after"):
        yield f"- With the suggested tests: {percent(complete.coverage_after)}"
    paths, files = count(len(complete.critical_paths), "critical path"), count(complete.total_files, "file")
    yield f"- {count(complete.total_gaps, 'gap')} and {paths} in {files}"
    rows = totals(complete)
    if rows:
        yield ""
        yield f"| {' | '.join(_text(unit) for unit, _, _ in rows)} |"
        yield f"| {' | '.join('---:' for _ in rows)} |"
        yield f"| {' | '.join(f'{value} ({counted})' for _, value, counted in rows)} |"
        yield ""
        yield f"<sub>Total: {_text(complete.formula)}</sub>"
    else:
        yield "- The reports hold no line that could be covered."


def _patch(patch: pb.PatchCoverage) -> str:
    if not patch.lines.total:
        told = "The change has no line that could be covered"
    else:
        told = f"{percent(patch.line_coverage)} of the changed lines ({share(patch.lines)})"
        missing = [f"{_code(each.file_path)} {ranges(each.missing_lines, RANGES)}" for each in patch.files[:RANGES]]
        missing = [each for each, file in zip(missing, patch.files, strict=False) if file.missing_lines]
        told += f"; missing: {', '.join(missing)}" if missing else ""
    unknown = len(patch.files_without_data)
    return told + (f"; no report speaks of {count(unknown, 'changed file')}" if unknown else "")


def _files_head() -> tuple[str, str]:
    return "| File | Lines | Branches | Missing lines |", "| --- | ---: | ---: | --- |"


def _files(analysis: Analysis) -> Iterator[str]:
    for file in analysis.worst_files()[: analysis.most_files]:
        lines, branches = counted(file, "lines"), counted(file, "branches")
        cells = (
            _cell(file.file_path),
            f"{percent(file.line_coverage)} ({share(lines)})",
            share(branches) if branches.total else "",
            ranges(file.missing_lines, RANGES),
        )
        yield f"| {' | '.join(cells)} |"


def _gap(gap: pb.CoverageGap) -> str:
    title = TYPES.get(gap.gap_type, "Not covered")
    changed = ", changed here" if gap.changed else ""
    lines = [f"- **{title}** {_code(place(gap))}: {headline(gap, _code)} ({missed(gap)}{changed})"]
    why = "; ".join(term.detail for term in gap.terms if term.value and term.detail)
    if why:
        lines.append(f"  - Why: {_text(why)}")
    lines += [f"  - Test: {suggestion(test, _code, _text)}" for test in gap.suggested_tests]
    return "\n".join(lines)


def _path(path: pb.CriticalPath) -> str:
    return (
        f"- **{_text(path.impact)}** {_code(path.path)} ({percent(path.line_coverage)} of its lines): {_text(path.why)}"
    )


def _code(text: str) -> str:
    """Marks text up as code with a fence that it does not hold; nothing in it is read as markup or a mention."""
    shown = plain(text).strip() or " "
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if "`" in shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _cell(text: str) -> str:
    """Marks text up as code in a table, where a bar ends the cell even in code."""
    return _code(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Escapes text so that it is read as text: no markup, no HTML, no mention, no reference to an issue, no link."""
    shown = html.escape(plain(text), quote=False)
    shown = re.sub(r"([\\`*_{}\[\]()~|])", r"\\\1", shown)
    return re.sub(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)", "\u200b", shown)

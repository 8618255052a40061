"""Tells an analysis to a person at a terminal: files, gaps, critical paths, totals, patch and gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headwater.render.analysis import Analysis
from headwater.render.words import (
    by_severity,
    count,
    counted,
    headline,
    missed,
    percent,
    place,
    plain,
    quoted,
    ranges,
    share,
    suggestion,
    totals,
)
from headwater.v1 import analyze_coverage_pb2 as pb

RANGES = 8
"""How many ranges of missing lines a row shows."""


def render(analysis: Analysis) -> str:
    """Writes plain lines, without control characters; the totals come last, where a terminal stops."""
    complete = analysis.complete
    parts = (
        _files(analysis),
        _gaps(complete),
        _paths(complete.critical_paths),
        _unmatched(complete),
        _patch(complete),
        _suggested(complete),
        _totals(complete),
        (f"{'ok' if gate.met else 'MISSED'}: {plain(gate.message)}" for gate in analysis.gates),
    )
    return "\n\n".join(filter(None, ("\n".join(part) for part in parts))) + "\n"


def _files(analysis: Analysis) -> Iterator[str]:
    worst = analysis.worst_files()
    if not worst:
        return
    shown = worst[: analysis.most_files]
    rows = [
        (
            plain(each.file_path),
            percent(each.line_coverage),
            share(counted(each, "lines")),
            share(counted(each, "branches")),
            ranges(each.missing_lines, RANGES),
        )
        for each in shown
    ]
    yield from _table(("File, the worst first", "Lines", "", "Branches", "Missing lines"), rows)
    if len(worst) > len(shown):
        yield f"and {len(worst) - len(shown)} more with something missing (--files lists them)"
    whole = len(analysis.files) - len(worst)
    if whole:
        yield f"{count(whole, 'file')} with nothing missing"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines columns up: the first and the last to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    last = len(head) - 1
    for row in (head, ["-" * width for width in widths[:last]] + ["-" * len(head[last])], *rows):
        cells = [cell.ljust(widths[at]) if at in {0, last} else cell.rjust(widths[at]) for at, cell in enumerate(row)]
        yield "  ".join(cells).rstrip()


def _gaps(complete: pb.AnalyzeCoverageComplete) -> Iterator[str]:
    if not complete.gaps:
        return
    shown, total = len(complete.gaps), complete.total_gaps
    yield f"{count(total, 'gap')}, the worst first" + (f"; the first {shown}" if shown < total else "")
    for severity, gaps in by_severity(complete.gaps).items():
        yield f"\n{plain(severity).upper()} ({len(gaps)})"
        for gap in gaps:
            yield from _gap(gap)


def _gap(gap: pb.CoverageGap) -> Iterator[str]:
    changed = ", changed" if gap.changed else ""
    yield f"  {plain(place(gap))}  {headline(gap)} [{missed(gap)}, score {gap.score:.0f}{changed}]"
    why = [plain(term.detail) for term in gap.terms if term.value and term.detail]
    if why:
        yield f"      why: {'; '.join(why)}"
    for test in gap.suggested_tests:
        yield f"      test: {suggestion(test)}"


def _paths(paths: Sequence[pb.CriticalPath]) -> Iterator[str]:
    if not paths:
        return
    yield "Critical paths, the worst first"
    for path in paths:
        yield f"  {plain(path.impact).upper()}  {plain(path.path)}  {percent(path.line_coverage)} of its lines"
        yield f"      {plain(path.why)}"
        if len(path.chain) > 1:
            yield f"      {' -> '.join(map(plain, path.chain))}"


def _unmatched(complete: pb.AnalyzeCoverageComplete) -> Iterator[str]:
    if not complete.total_unmatched:
        return
    yield f"{count(complete.total_unmatched, 'file')} of the reports match nothing in the source"
    for file in complete.unmatched:
        near = f" (near: {', '.join(map(plain, file.candidates))})" if file.candidates else ""
        yield f"  {plain(file.reported_path)}: {plain(file.reason)}{near}"
    if complete.total_unmatched > len(complete.unmatched):
        yield f"  and {complete.total_unmatched - len(complete.unmatched)} more"


def _patch(complete: pb.AnalyzeCoverageComplete) -> Iterator[str]:
    if not complete.HasField("patch"):
        return
    patch = complete.patch
    if patch.lines.total:
        branches = f", branches {share(patch.branches)}" if patch.branches.total else ""
        yield f"Patch: {percent(patch.line_coverage)} of the changed lines ({share(patch.lines)}){branches}"
    else:
        yield "Patch: no changed line that could be covered"
    for file in patch.files:
        if file.missing_lines:
            yield f"  {plain(file.file_path)}  {share(file.lines)}, missing {ranges(file.missing_lines, RANGES)}"
    for path in patch.files_without_data:
        yield f"  {plain(path)}: changed, and no report speaks of it"


def _suggested(complete: pb.AnalyzeCoverageComplete) -> Iterator[str]:
    for file in complete.suggested_files:
        lines = f"{file.before.lines_covered}/{file.before.lines_total}"
        after = f"{file.after.lines_covered}/{file.after.lines_total}"
        yield f"Tests for {quoted(file.file_path)}: lines {lines} before, {after} with {quoted(file.test_file_name)}"
    if complete.HasField("coverage_after"):
        yield f"With the suggested tests: {percent(complete.coverage_after)}"


def _totals(complete: pb.AnalyzeCoverageComplete) -> Iterator[str]:
    rows = totals(complete)
    if not rows:
        yield "Coverage: the reports hold no line that could be covered"
        return
    parts = ", ".join(f"{plain(unit)} {value} ({parts})" for unit, value, parts in rows)
    files = count(complete.total_files, "file")
    yield f"Coverage: {percent(complete.overall_coverage)} = {plain(complete.formula)}"
    yield f"  {parts}, of {files} in {complete.analysis_time_ms / 1000:.1f} s"

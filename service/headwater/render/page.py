"""Tells an analysis as one HTML page that needs no network: totals, gaps, critical paths, and the code with its gaps.

Everything can be read without JavaScript, which only sorts tables. The page's policy lets nothing run or load but what
this file put there, should strangers' text ever get through.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from string import Template

from headwater.render.analysis import Analysis
from headwater.render.source import listing
from headwater.render.words import (
    SEVERITIES,
    TYPES,
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

KEPT = "\t\n"
"""Control characters that code has."""

RANGES = 12
"""How many ranges of missing lines a row shows."""


def render(analysis: Analysis) -> str:
    """Writes the page."""
    complete = analysis.complete
    style, script = _resource("page.css"), _resource("page.js")
    parts = {
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "overall": percent(complete.overall_coverage),
        "formula": _text(complete.formula),
        "totals": _totals(complete),
        "gates": _list(
            (f'<li class="{"met" if each.met else "lacking"}">{_gate(each.met, each.message)}</li>')
            for each in analysis.gates
        ),
        "patch": _patch(complete),
        "gaps": _gaps(complete),
        "paths": _paths(complete.critical_paths),
        "files": _files(analysis),
        "sources": "\n".join(_sources(analysis)),
        "suggested": _suggested(complete),
        "unmatched": _unmatched(complete),
    }
    return Template(_resource("page.html")).substitute(parts)


def _totals(complete: pb.AnalyzeCoverageComplete) -> str:
    rows = totals(complete)
    if not rows:
        return "<p>The reports hold no line that could be covered.</p>"
    cells = (
        f"<div><dt>{_text(unit)}</dt><dd>{value}<small>{counted}</small></dd></div>" for unit, value, counted in rows
    )
    return f'<dl class="totals">{"".join(cells)}</dl>'


def _gate(met: bool, message: str) -> str:
    return f"{'Met' if met else 'Missed'}: {_text(message)}"


def _patch(complete: pb.AnalyzeCoverageComplete) -> str:
    if not complete.HasField("patch"):
        return ""
    patch = complete.patch
    told = f"{percent(patch.line_coverage)} of the changed lines ({share(patch.lines)})"
    items = [
        f"<li>{_code(each.file_path)}: {share(each.lines)}, missing {ranges(each.missing_lines, RANGES)}</li>"
        for each in patch.files
        if each.missing_lines
    ]
    items += [f"<li>{_code(path)}: changed, and no report speaks of it</li>" for path in patch.files_without_data]
    head = told if patch.lines.total else "no changed line that could be covered"
    return f"<section><h2>Patch: {head}</h2>{_list(items)}</section>"


def _gaps(complete: pb.AnalyzeCoverageComplete) -> str:
    if not complete.gaps:
        return ""
    shown = "" if len(complete.gaps) == complete.total_gaps else f", of which the worst {len(complete.gaps)} are shown"
    head = _head("Severity", "Score", "Where", "What", "Why and what to test")
    rows = "\n".join(map(_gap, complete.gaps))
    title = f"<h2>{count(complete.total_gaps, 'gap').capitalize()}{shown}</h2>"
    table = f'<table class="sortable"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>'
    return f'<section>{title}<div class="scroll">{table}</div></section>'


def _gap(gap: pb.CoverageGap) -> str:
    rank = SEVERITIES.index(gap.severity) if gap.severity in SEVERITIES else len(SEVERITIES)
    severity = SEVERITIES[rank] if rank < len(SEVERITIES) else "low"
    why = _list(f"<li>{_text(term.detail)}</li>" for term in gap.terms if term.value and term.detail)
    tests = _list(f"<li>{suggestion(each, _code, _text)}{_program(each.code)}</li>" for each in gap.suggested_tests)
    unfold = f"<details><summary>{missed(gap)}{', changed' if gap.changed else ''}</summary>{why}{tests}</details>"
    return (
        f'<tr id="gap-{_text(gap.id)}"><td class="severity {severity}" data-sort="{rank}">{_text(gap.severity)}</td>'
        f'<td class="number">{gap.score:.1f}</td><td>{_code(place(gap))}</td>'
        f"<td>{_text(TYPES.get(gap.gap_type, gap.gap_type))}<br>{headline(gap, _code)}</td><td>{unfold}</td></tr>"
    )


def _program(code: str) -> str:
    return f"<pre><code>{escape(plain(code, keep=KEPT))}</code></pre>" if code else ""


def _paths(paths: Sequence[pb.CriticalPath]) -> str:
    if not paths:
        return ""
    items = (
        f'<li>{_code(path.path)} <span class="severity">{_text(path.impact)}</span>, '
        f"{percent(path.line_coverage)} of its lines<br>{_text(path.why)}"
        f"{_chain(path.chain)}</li>"
        for path in paths
    )
    return f"<section><h2>Critical paths</h2><ol>{''.join(items)}</ol></section>"


def _chain(chain: Sequence[str]) -> str:
    return f"<br>{' → '.join(map(_code, chain))}" if len(chain) > 1 else ""


def _files(analysis: Analysis) -> str:
    worst = analysis.worst_files()
    if not worst:
        return ""
    shown = worst[: analysis.most_files]
    more = f"<p>and {len(worst) - len(shown)} more with something missing</p>" if len(worst) > len(shown) else ""
    head = _head("File", "Lines", "Branches", "Missing lines")
    rows = "\n".join(map(_file, shown))
    table = f'<table class="sortable"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>'
    return f'<section><h2>Files, the worst first</h2><div class="scroll">{table}</div>{more}</section>'


def _file(file: pb.CoverageFile) -> str:
    lines, branches = counted(file, "lines"), counted(file, "branches")
    return (
        f'<tr><td>{_code(file.file_path)}</td><td class="number">{percent(file.line_coverage)} ({share(lines)})</td>'
        f'<td class="number">{share(branches)}</td><td>{ranges(file.missing_lines, RANGES)}</td></tr>'
    )


def _sources(analysis: Analysis) -> Iterator[str]:
    if not analysis.sources:
        return
    told = {each.file_path: each for each in analysis.files}
    yield "<section><h2>Code</h2>"
    yield '<p class="note">Missed lines are marked with ✗, lines of which a branch was never taken with ◐.</p>'
    for path, text in analysis.sources.items():
        gaps = [gap for gap in analysis.complete.gaps if gap.file_path == path]
        body = listing(text, gaps, told.get(path), _code)
        yield f"<details><summary>{_code(path)}, {count(len(gaps), 'gap')}</summary>"
        yield f'<div class="scroll"><table class="source">{body}</table></div></details>'
    yield "</section>"


def _suggested(complete: pb.AnalyzeCoverageComplete) -> str:
    """Shows the test files that close gaps, each of whose tests was run."""
    if not complete.suggested_files:
        return ""
    after = f": {percent(complete.coverage_after)} with them" if complete.HasField("coverage_after") else ""
    items = "".join(
        f"<details><summary>{_code(each.test_file_name)} for {_code(each.file_path)}</summary>{_program(each.content)}"
        "</details>"
        for each in complete.suggested_files
    )
    return f"<section><h2>Tests that close gaps{after}</h2>{items}</section>"


def _unmatched(complete: pb.AnalyzeCoverageComplete) -> str:
    if not complete.total_unmatched:
        return ""
    items = _list(f"<li>{_code(each.reported_path)}: {_text(each.reason)}</li>" for each in complete.unmatched)
    head = f"{count(complete.total_unmatched, 'file')} of the reports match nothing in the source"
    return f"<section><details><summary>{head}</summary>{items}</details></section>"


def _head(*names: str) -> str:
    return "".join(f'<th scope="col">{name}</th>' for name in names)


def _list(items: Iterable[str]) -> str:
    told = "".join(items)
    return f"<ul>{told}</ul>" if told else ""


def _text(text: str) -> str:
    return escape(plain(text))


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _resource(name: str) -> str:
    return files("headwater.render").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

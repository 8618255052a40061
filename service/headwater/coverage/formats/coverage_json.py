"""coverage.py's JSON, of formats 1 to 3 (without a number, with branches, with functions and classes)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from headwater.coverage import FileCoverage, Function, Tell
from headwater.coverage.calls.entries import ELEMENT, Document, Path
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import Reading, clean_path

_MINE = re.compile(rb'"executed_lines"\s*:|"meta"\s*:\s*\{[^{}]*"(?:branch_coverage|show_contexts)"\s*:')
_FILES: Path = ("files",)
_OTHERS = re.compile(rb'"software"\s*:\s*"slipcover"')


def read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    """Reads the files of a report."""
    document = Document(report)
    reading = Reading(report, tell)
    for path, value in document.entries(_descend):
        if len(path) == 2:  # noqa: PLR2004 — `files` and the name of one
            if path[1] == ELEMENT:
                raise document.wrong([value], "files", "an object")
            yield read_file(document, reading, path[1], value)
    if _FILES not in document.walked:
        raise malformed(report, "its end", "it has no `files`")


def _descend(path: Path) -> bool:
    return path in ((), _FILES)


def read_file(document: Document, reading: Reading, name: str, value: Any) -> FileCoverage:
    """Reads one file's entry. SlipCover writes the same, with fewer parts."""
    path = clean_path(name)
    entry = document.mapping(value, path)
    branches = _branches(document, reading, path, entry)
    return FileCoverage(
        path=path,
        lines=_lines(document, reading, path, entry),
        branches=branches,
        units=_summed(document, path, entry, branches),
        functions=_functions(document, reading, path, entry),
        excluded=frozenset(
            line
            for line in document.integers(entry.get("excluded_lines", []), f"excluded_lines of {path}")
            if reading.believable(line, path)
        ),
    )


def _lines(document: Document, reading: Reading, path: str, entry: dict[str, Any]) -> dict[int, int]:
    for part in ("executed_lines", "missing_lines"):
        if part not in entry:
            raise malformed(document.report, document.place, f"{path} has no `{part}`")
    missing = document.integers(entry["missing_lines"], f"missing_lines of {path}")
    executed = document.integers(entry["executed_lines"], f"executed_lines of {path}")
    lines = dict.fromkeys(missing, 0) | dict.fromkeys(executed, 1)
    if lines and not (min(lines) >= 1 and reading.believable(max(lines), path)):
        lines = {line: hits for line, hits in lines.items() if reading.believable(line, path)}
    return lines


def _branches(document: Document, reading: Reading, path: str, entry: dict[str, Any]) -> dict[int, dict[str, int]]:
    targets: dict[int, dict[int, int]] = {}
    for part, hits in (("missing_branches", 0), ("executed_branches", 1)):
        for pair in document.sequence(entry.get(part) or [], f"{part} of {path}"):
            ends = document.integers(pair, f"{part} of {path}")
            if len(ends) != 2:  # noqa: PLR2004 — from and to
                raise document.wrong(pair, f"{part} of {path}", "a pair of lines")
            if reading.believable(ends[0], path):
                targets.setdefault(ends[0], {})[ends[1]] = hits
    return {line: name_arms(arms.items()) for line, arms in sorted(targets.items())}


def _summed(
    document: Document, path: str, entry: dict[str, Any], branches: dict[int, dict[str, int]]
) -> dict[str, dict[str, tuple[int, int]]]:
    """Takes the tool's own count of branches where the lists do not say it.

    They lack arms that `pragma: no branch` excuses and have some that lead to excluded lines.
    """
    summary = document.mapping(entry.get("summary") or {}, f"summary of {path}")
    if "num_branches" not in summary or "covered_branches" not in summary:
        return {}
    total = document.integer(summary["num_branches"], f"num_branches of {path}")
    covered = document.integer(summary["covered_branches"], f"covered_branches of {path}")
    arms = [hits for each in branches.values() for hits in each.values()]
    if (covered, total) == (sum(arms), len(arms)) or not 0 <= covered <= total:
        return {}
    return {"branches": {"summary": (covered, total)}}


def name_arms(arms: Iterable[tuple[int, int]]) -> dict[str, int]:
    """Names the arms of a decision by the line that each reaches, given as (line, hits); 0 and below is an exit."""
    named: dict[str, int] = {}
    for target, hits in sorted(arms, reverse=True):
        name = str(target) if target > 0 else "exit"
        # A line that leaves two blocks of code, such as a lambda and its function, has two exits.
        named[f"exit {-target}" if name in named else name] = hits
    return named


def _functions(document: Document, reading: Reading, path: str, entry: dict[str, Any]) -> dict[str, Function]:
    functions: dict[str, Function] = {}
    regions = document.mapping(entry.get("functions") or {}, f"functions of {path}")
    for name, value in regions.items():
        region = document.mapping(value, f"function {name} of {path}")
        executed = document.integers(region.get("executed_lines", []), f"executed_lines of {name} in {path}")
        missing = document.integers(region.get("missing_lines", []), f"missing_lines of {name} in {path}")
        statements = executed + missing
        # The nameless region is what stands outside of functions; one without statements was left out of the count.
        if not name or not statements:
            continue
        first = document.integer(region.get("start_line", min(statements)), f"start_line of {name} in {path}")
        if reading.believable(first, path):
            functions[name] = Function(
                name=name.partition("@")[0], first=first, last=max(statements), hits=int(bool(executed))
            )
    return functions


def _sniff(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and bool(_MINE.search(head)) and not _OTHERS.search(head)


FORMAT = Format(
    name="coverage_json",
    title="coverage.py JSON",
    sniff=_sniff,
    read=read,
    overall=("lines", "branches"),
)

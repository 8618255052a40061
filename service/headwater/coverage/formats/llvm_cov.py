"""llvm-cov's JSON (`llvm-cov export`, `cargo llvm-cov --json`), of versions 2 and 3.

Lines follow from the segments as llvm-cov computes them. Its summaries count a line once for each function on it, so
where a file's summary says otherwise than its lines, the summary is the tool's count. Expansions are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from headwater.coverage import FileCoverage, Function, Tell
from headwater.coverage.calls.entries import ELEMENT, Document, Path
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import Reading, clean_path

_MINE = re.compile(
    rb'"type"\s*:\s*"llvm\.coverage\.json\.export"'
    rb'|\A\s*\{\s*"data"\s*:\s*\[\s*\{\s*"(?:files"\s*:\s*\[\s*(?:\{\s*"(?:branches|expansions|filename)"|\])|functions")'
)
_DATA: Path = ("data", ELEMENT)
_FILES: Path = (*_DATA, "files")
_FUNCTIONS: Path = (*_DATA, "functions")
_SEGMENT, _BRANCH, _REGION = 5, 6, 5
"""How many numbers each has at least."""
Segment = list[Any]


def read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    """Yields files, and then their functions, which stand apart in the report."""
    document = Document(report)
    reading = Reading(report, tell)
    functions: FileCoverage | None = None
    counted: dict[str, tuple[int, int]] = {}
    for path, value in document.entries(_descend):
        if path[:-1] == _FILES:
            file = _file(document, reading, value, counted)
            yield file
        elif path[:-1] == _FUNCTIONS:
            name, key, function = _function(document, reading, value)
            if functions is None or functions.path != name:
                if functions:
                    yield functions
                functions = FileCoverage(path=name)
            if function:
                known = functions.functions.get(key)
                functions.functions[key] = function if known is None or function.hits > known.hits else known
    if functions:
        yield functions
    if _FILES not in document.walked:
        raise malformed(report, "its end", "it has no `files`")
    if _FUNCTIONS not in document.walked:
        yield from (FileCoverage(path=name, units={"functions": {"summary": each}}) for name, each in counted.items())


def _descend(path: Path) -> bool:
    return path in ((), ("data",), _DATA, _FILES, _FUNCTIONS)


def _file(document: Document, reading: Reading, value: Any, counted: dict[str, tuple[int, int]]) -> FileCoverage:
    entry = document.mapping(value, "a file")
    name = entry.get("filename")
    if not isinstance(name, str):
        raise document.wrong(name, "filename", "a name")
    path = clean_path(name)
    segments = [_row(document, each, _SEGMENT, path) for each in _list(document, entry, "segments", path)]
    file = FileCoverage(
        path=path,
        lines=dict(_lines(reading, segments, path)),
        branches=_branches(document, reading, _list(document, entry, "branches", path), path),
    )
    summary = _summary(document, entry, path)
    covered = sum(1 for hits in file.lines.values() if hits)
    arms = [hits for each in file.branches.values() for hits in each.values()]
    own = {"lines": (covered, len(file.lines)), "branches": (sum(1 for hits in arms if hits), len(arms))}
    for unit in ("lines", "branches", "regions"):
        if unit in summary and summary[unit] != own.get(unit):
            file.units[unit] = {"summary": summary[unit]}
    if "functions" in summary:
        counted[path] = summary["functions"]
    return file


def _list(document: Document, entry: dict[str, Any], part: str, path: str) -> list[Any]:
    return document.sequence(entry.get(part) or [], f"{part} of {path}")


def _summary(document: Document, entry: dict[str, Any], path: str) -> dict[str, tuple[int, int]]:
    summary: dict[str, tuple[int, int]] = {}
    for unit, value in document.mapping(entry.get("summary") or {}, f"summary of {path}").items():
        part = document.mapping(value, f"summary of {unit} of {path}")
        covered = document.integer(part.get("covered", 0), f"covered {unit} of {path}")
        total = document.integer(part.get("count", 0), f"count of {unit} of {path}")
        if 0 <= covered <= total:
            summary[unit] = (covered, total)
    return summary


def _row(document: Document, value: Any, least: int, path: str) -> list[Any]:
    row = document.sequence(value, f"a row of {path}")
    if len(row) < least or not {int} >= set(map(type, row[:3])):
        raise document.wrong(value, f"a row of {path}", f"a list of {least} or more numbers")
    return row


def _lines(reading: Reading, segments: list[Segment], path: str) -> Iterator[tuple[int, int]]:
    """Counts each line from where regions begin on it, and from the region that reaches into it."""
    wrapped: Segment | None = None
    before = 0
    for line, group in groupby(segments, key=itemgetter(0)):
        here = list(group)
        if line <= before or not reading.believable(line, path):
            continue
        if wrapped is not None and wrapped[3]:
            yield from dict.fromkeys(range(before + 1, line), reading.hits(wrapped[2], path)).items()
        begun = [each[2] for each in here if _begins(each)]
        skipped = not here[0][3] and bool(here[0][4])
        if begun or (not skipped and wrapped is not None and wrapped[3]):
            carried = [wrapped[2]] if wrapped is not None else []
            yield line, reading.hits(max(begun + carried), path)
        wrapped, before = here[-1], line


def _begins(segment: Segment) -> bool:
    gap = len(segment) > _SEGMENT and segment[5]
    return bool(segment[3] and segment[4] and not gap)


def _branches(document: Document, reading: Reading, rows: Iterable[Any], path: str) -> dict[int, dict[str, int]]:
    branches: dict[int, dict[str, int]] = {}
    for value in rows:
        row = document.integers(_row(document, value, _BRANCH, path)[:_BRANCH], f"a branch of {path}")
        line, column, last, end, true, false = row
        if reading.believable(line, path):
            arms = branches.setdefault(line, {})
            for way, hits in (("true", true), ("false", false)):
                key = f"{column}-{last}:{end} {way}"
                arms[key] = max(arms.get(key, 0), reading.hits(hits, path))
    return branches


def _function(document: Document, reading: Reading, value: Any) -> tuple[str, str, Function | None]:
    """Returns the file of a function, the place that its instances share, and the function."""
    entry = document.mapping(value, "a function")
    names = document.sequence(entry.get("filenames"), "filenames of a function")
    regions = document.sequence(entry.get("regions"), "regions of a function")
    if not names or not isinstance(names[0], str) or not regions:
        raise document.wrong(names, "filenames of a function", "at least one name, and a region")
    path = clean_path(names[0])
    first, column, last = (
        document.integer(each, f"a function's region of {path}")
        for each in _row(document, regions[0], _REGION, path)[:3]
    )
    hits = reading.hits(document.integer(entry.get("count", 0), f"a function's count of {path}"), path)
    if not reading.believable(first, path):
        return path, "", None
    name = clean_path(str(entry.get("name", "")))
    return path, f"{first}:{column}", Function(name=name, first=first, last=max(first, last), hits=hits)


def _sniff(head: bytes) -> bool:
    return bool(_MINE.search(head))


FORMAT = Format(name="llvm_cov", title="llvm-cov JSON", sniff=_sniff, read=read, overall=("lines",))

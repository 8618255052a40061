"""SimpleCov's JSON: `.resultset.json`, as each run leaves it, and `coverage.json` of its JSON formatter.

A resultset is raw: lines between `# :nocov:` are still in it, and SimpleCov leaves them out when it prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from headwater.coverage import LINE_BOUND, FileCoverage, Tell
from headwater.coverage.calls.entries import ELEMENT, Document, Path
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import Reading, clean_path

_RESULTS = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{\s*"coverage"\s*:\s*\{')
_FORMATTED = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"meta"\s*:\s*\{\s*"simplecov_version"')
_ARM = re.compile(r"\[:?\"?(\w+)\"?, (\d{1,9}), (\d{1,9}), \d{1,9}, \d{1,9}, \d{1,9}\]")
_IGNORED = "ignored"


def read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    """Reads the files of a report; one that several commands ran is yielded as often."""
    document = Document(report)
    reading = Reading(report, tell)
    for path, value in document.entries(_descend):
        if "coverage" in path[:-1]:
            if path[-1] == ELEMENT:
                raise document.wrong([value], "coverage", "an object")
            yield _file(document, reading, path[-1], value)
    if not any(path[-1:] == ("coverage",) for path in document.walked):
        raise malformed(report, "its end", "it has no `coverage`")


def _descend(path: Path) -> bool:
    # A resultset has its commands at the top; the formatter has `coverage` there.
    top = 1 if path[:1] == ("coverage",) else 2
    return path[:1] not in {("meta",), ("groups",)} and len(path) <= top and (len(path) < top or path[-1] == "coverage")


def _file(document: Document, reading: Reading, name: str, value: Any) -> FileCoverage:
    path = clean_path(name)
    entry: dict[str, Any] = {"lines": value} if isinstance(value, list) else document.mapping(value, path)
    file = FileCoverage(path=path)
    excluded: set[int] = set()
    counts = document.sequence(entry.get("lines", []), f"lines of {path}")
    if len(counts) > LINE_BOUND:
        raise document.wrong(len(counts), f"the number of lines of {path}", f"at most {LINE_BOUND}")
    for line, hits in enumerate(counts, 1):
        if hits == _IGNORED:
            excluded.add(line)
        elif hits is not None:
            file.lines[line] = _hits(document, reading, path, hits)
    file.excluded = frozenset(excluded)
    branches: Any = entry.get("branches") or {}
    if isinstance(branches, list):
        _formatted(document, reading, file, document.sequence(branches, f"branches of {path}"))
    else:
        _raw(document, reading, file, document.mapping(branches, f"branches of {path}"))
    return file


def _hits(document: Document, reading: Reading, path: str, value: Any) -> int:
    return reading.hits(document.integer(value, f"a count of {path}"), path)


def _raw(document: Document, reading: Reading, file: FileCoverage, branches: dict[str, Any]) -> None:
    """Reads Ruby's own: a decision `[:if, 0, 3, 4, 7, 7]`, its id, place and arms."""
    for decision, value in branches.items():
        line = _place(document, file.path, decision)[1]
        if not reading.believable(line, file.path):
            continue
        arms = file.branches.setdefault(line, {})
        for arm, hits in document.mapping(value, f"branch {decision} of {file.path}").items():
            arms[_place(document, file.path, arm)[0]] = _hits(document, reading, file.path, hits)


def _place(document: Document, path: str, text: str) -> tuple[str, int]:
    found = _ARM.fullmatch(text)
    if not found:
        raise document.wrong(text, f"a branch of {path}", "such as '[:then, 1, 4, 4, 4, 9]'")
    return f"{found[1]} {found[2]}", int(found[3])


def _formatted(document: Document, reading: Reading, file: FileCoverage, branches: list[Any]) -> None:
    for number, value in enumerate(branches):
        arm = document.mapping(value, f"a branch of {file.path}")
        hits = arm.get("coverage")
        line = document.integer(arm.get("report_line", arm.get("start_line")), f"report_line of {file.path}")
        if hits != _IGNORED and reading.believable(line, file.path):
            key = f"{arm.get('type')} {number}"
            file.branches.setdefault(line, {})[key] = _hits(document, reading, file.path, hits)


def _sniff(head: bytes) -> bool:
    return bool(_RESULTS.match(head) or _FORMATTED.match(head))


FORMAT = Format(name="simplecov", title="SimpleCov JSON", sniff=_sniff, read=read, overall=("lines",))

"""Istanbul's JSON: `coverage-final.json` and the raw files of nyc, c8, Jest, Vitest, Cypress and Karma.

Its lines are those where statements begin, as its own reports count them. Source maps were applied before it was
written, or are not to be had: `inputSourceMap` is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from headwater.coverage import LINE_BOUND, FileCoverage, Function, Tell
from headwater.coverage.calls.entries import Document, Path
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import Reading, clean_path

_MINE = re.compile(rb'"(?:statementMap|branchMap|fnMap)"\s*:\s*\{')
_MISSED, _COVERED = (0, 1), (1, 1)


def read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    """Reads the files of a report."""
    document = Document(report)
    reading = Reading(report, tell)
    for path, value in document.entries(_descend):
        if not path:
            raise document.wrong(value, "the report", "an object")
        yield _file(document, reading, path[0], value)


def _descend(path: Path) -> bool:
    return not path


def _file(document: Document, reading: Reading, name: str, value: Any) -> FileCoverage:
    entry = document.mapping(value, name)
    if "statementMap" not in entry and "data" in entry:
        entry = document.mapping(entry["data"], f"data of {name}")
    path = clean_path(entry["path"] if isinstance(entry.get("path"), str) else name)
    parts = {part: document.mapping(entry.get(part), f"{part} of {path}") for part in ("s", "f", "b", "statementMap")}
    maps = {part: document.mapping(entry.get(part, {}), f"{part} of {path}") for part in ("fnMap", "branchMap")}
    counter = _Counter(document, reading, path)
    try:
        statements = {key: counter.count(hits) for key, hits in parts["s"].items()}
        return FileCoverage(
            path=path,
            lines=counter.lines(statements, parts["statementMap"]),
            branches=counter.branches(parts["b"], maps["branchMap"]),
            functions=counter.functions(parts["f"], maps["fnMap"]),
            units={"statements": {key: _COVERED if hits else _MISSED for key, hits in statements.items()}},
        )
    except (LookupError, TypeError, AttributeError) as error:  # of the shape that a part of the entry lacks
        shape = f"{path} lacks a part that an Istanbul report has ({type(error).__name__}: {error})"
        raise malformed(document.report, document.place, shape) from None


class _Counter:
    """Turns the counters of one file, and the maps of where they stand, into lines."""

    def __init__(self, document: Document, reading: Reading, path: str) -> None:
        self._document = document
        self._reading = reading
        self._path = path

    def count(self, hits: Any) -> int:
        if type(hits) is int and hits >= 0:
            return hits
        if type(hits) not in {int, float}:
            raise self._document.wrong(hits, f"a count of {self._path}", "a number")
        return self._reading.hits(hits, self._path)

    def lines(self, statements: dict[str, int], places: dict[str, Any]) -> dict[int, int]:
        """Counts a line as often as the statement on it that ran most."""
        lines: dict[int, int] = {}
        for key, hits in statements.items():
            if key in places:
                line = places[key]["start"]["line"]
                if lines.get(line, -1) < hits:
                    lines[line] = hits
        if set(map(type, lines)) == {int} and min(lines) >= 1 and max(lines) <= LINE_BOUND:
            return lines
        return {line: hits for line, hits in lines.items() if self._reading.believable(self._line(line), self._path)}

    def branches(self, taken: dict[str, Any], places: dict[str, Any]) -> dict[int, dict[str, int]]:
        branches: dict[int, dict[str, int]] = {}
        for key, counts in taken.items():
            place = self._place(places, key)
            line = self._line(place.get("line") or _start(place))
            if self._reading.believable(line, self._path):
                arms = branches.setdefault(line, {})
                for number, hits in enumerate(counts):
                    arms[f"{key},{number}"] = self.count(hits)
        return branches

    def functions(self, called: dict[str, Any], places: dict[str, Any]) -> dict[str, Function]:
        functions: dict[str, Function] = {}
        for key, hits in called.items():
            place = self._place(places, key)
            first = self._line(place.get("line") or (place.get("decl") or place["loc"])["start"]["line"])
            last = self._line(((place.get("loc") or {}).get("end") or {}).get("line") or 0)
            if self._reading.believable(first, self._path):
                name = str(place.get("name") or f"(anonymous_{key})")
                functions[key] = Function(
                    name=clean_path(name), first=first, last=last if last >= first else 0, hits=self.count(hits)
                )
        return functions

    def _place(self, places: dict[str, Any], key: str) -> dict[str, Any]:
        """Returns where a counter stands; one that the map lacks still counts, at the top of the file."""
        return places.get(key) or {"line": 1}

    def _line(self, value: Any) -> int:
        if type(value) is not int:
            raise self._document.wrong(value, f"a line of {self._path}", "a whole number")
        return value


def _start(place: dict[str, Any]) -> Any:
    return place["loc"]["start"]["line"] if place.get("loc") else place["locations"][0]["start"]["line"]


def _sniff(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and bool(_MINE.search(head))


FORMAT = Format(name="istanbul", title="Istanbul JSON", sniff=_sniff, read=read, overall=("statements",))

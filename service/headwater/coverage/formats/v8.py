"""V8's raw coverage (`NODE_V8_COVERAGE`, DevTools, Playwright): offsets into sources.

Without the source a report says which functions and blocks ran, and how much of the text; which lines that is takes the
source, by `complete`. Scripts whose maps Node has kept beside the counts are told by their originals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from headwater.coverage import FileCoverage, Tell
from headwater.coverage.calls.entries import ELEMENT, Document, Path
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import Reading, clean_path
from headwater.coverage.scripts.lines import SPANS, Range, Units, complete, line_lengths
from headwater.coverage.scripts.maps import ScriptMap, carried_map, named_map, read_map
from headwater.coverage.scripts.originals import originals

_MINE = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*(?:\{\s*"result"\s*:\s*)?\[\s*\{[^\[\]{}]*"(?:scriptId|functions|url)"\s*:')
_RESULT: Path = ("result",)
_KEPT = "source-map-cache"
_CHUNK = 1 << 20
_DRIVE = re.compile(r"/[A-Za-z]:/")
_Maps = dict[str, tuple[ScriptMap, list[int]]]
"""By the script's address: its map, and how long the lines are that V8 counted in."""


def read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    """Reads the scripts of a report, but for those of the runtime itself."""
    reading = Reading(report, tell)
    maps = _kept_maps(report, reading) if _keeps_maps(report) else {}
    document = Document(report)
    for path, value in document.entries(lambda path: path in ((), _RESULT, (_KEPT,))):
        if path in ((ELEMENT,), (*_RESULT, ELEMENT)):
            script = document.mapping(value, "a script")
            name = _name(script.get("url"))
            if name:
                file = _script(document, reading, clean_path(name), script)
                yield from _told(file, script, maps)
    if _RESULT not in document.walked and document.top != "[":
        raise malformed(report, "its end", "it has no `result`")


def _told(file: FileCoverage, script: dict[str, Any], maps: _Maps) -> Iterator[FileCoverage]:
    """Yields what is told of a script: its originals, where its map is at hand."""
    source = script.get("source")
    text = source if isinstance(source, str) else None
    known = maps.get(script["url"])
    if known is None and text is not None:
        mapped = read_map(carried_map(named_map(text)), file.path)
        known = (mapped, line_lengths(text)) if mapped is not None else None
    if known is not None:
        yield from originals(file, *known)
    else:
        yield file if text is None else complete(file, text)


def _keeps_maps(report: Report) -> bool:
    """Whether the report has maps; they come after what they are needed for."""
    wanted = f'"{_KEPT}"'.encode()
    rest = b""
    with report.open() as stream:
        while data := stream.read(_CHUNK):
            if wanted in rest + data:
                return True
            rest = data[-len(wanted) :]
    return False


def _kept_maps(report: Report, reading: Reading) -> _Maps:
    document = Document(report)
    maps: _Maps = {}
    for path, value in document.entries(lambda path: path in ((), _RESULT, (_KEPT,))):
        if len(path) > 1 and path[0] == _KEPT:
            entry = document.mapping(value, f"the source map of {path[1]}")
            lengths = document.integers(entry.get("lineLengths") or [], f"lineLengths of {path[1]}")
            # Where Node found no map, `data` is null.
            if name := _name(path[1]):
                known = read_map(entry.get("data"), clean_path(name))
                if known is not None and lengths and min(lengths) >= 0:
                    maps[path[1]] = known, lengths
                elif entry.get("data") is not None:
                    reading.once(
                        "REPORT_MAP_BROKEN",
                        f"the source map of {clean_path(name)} cannot be read; such files are told as they ran.",
                        "Look at the build that makes the map.",
                    )
    return maps


def _script(document: Document, reading: Reading, path: str, script: dict[str, Any]) -> FileCoverage:
    ranges: list[Range] = []
    branches: Units = {}
    functions: Units = {}
    for each in document.sequence(script.get("functions"), f"functions of {path}"):
        function = document.mapping(each, f"a function of {path}")
        own = [
            _range(document, reading, value, path)
            for value in document.sequence(function.get("ranges"), f"ranges of {path}")
        ]
        ranges += own
        if function.get("isBlockCoverage"):
            branches |= {f"{start}-{end}": (int(hits > 0), 1) for start, end, hits in own}
        if own and (name := clean_path(str(function.get("functionName", "")))):
            start, end, hits = own[0]
            functions[f"{name} {start}-{end}"] = (int(hits > 0), 1)
    characters = {
        f"{start}-{end}": (end - start if hits else 0, end - start)
        for start, end, hits in _flat(sorted(ranges, key=_outer))
    }
    units = {SPANS: characters, "branches": branches, "functions": functions}
    return FileCoverage(path=path, units=units, needs_source=True)


def _range(document: Document, reading: Reading, value: Any, path: str) -> Range:
    entry = document.mapping(value, f"a range of {path}")
    start, end, hits = (
        document.integer(entry.get(part), f"{part} of a range of {path}")
        for part in ("startOffset", "endOffset", "count")
    )
    if not 0 <= start <= end:
        raise document.wrong([start, end], f"a range of {path}", "a start of 0 or more, and an end after it")
    return start, end, reading.hits(hits, path)


def _outer(span: Range) -> tuple[int, int]:
    return span[0], -span[1]


def _flat(ranges: Iterable[Range]) -> Iterator[Range]:
    """Cuts nested ranges into parts beside each other, each with the count of the innermost range that it lies in."""
    stack: list[Range] = []
    at = 0
    for start, end, hits in [*ranges, (1 << 62, 1 << 62, 0)]:
        while stack and stack[-1][1] <= start:
            inner = stack.pop()
            if at < inner[1]:
                yield at, inner[1], inner[2]
                at = inner[1]
        if stack:
            if at < start:
                yield at, start, stack[-1][2]
            # A range that sticks out of the one around it is cut off there.
            end = min(end, stack[-1][1])  # noqa: PLW2901 — the rest of the loop wants it so
        at = start
        stack.append((start, end, hits))


def _name(url: Any) -> str:
    """Returns the path that a script's address leads to; nothing for what is no file."""
    if not isinstance(url, str):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an address with a broken host
        return ""
    if parts.scheme == "file":
        path = unquote(parts.path)
        return path[1:] if _DRIVE.match(path) else path
    if parts.scheme in {"http", "https"}:
        return unquote(parts.path).lstrip("/")
    return url if url.startswith("/") or url[1:3] in {":\\", ":/"} else ""


def _sniff(head: bytes) -> bool:
    return bool(_MINE.match(head))


FORMAT = Format(name="v8", title="V8 coverage JSON", sniff=_sniff, read=read, overall=("lines",))

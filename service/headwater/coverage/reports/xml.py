"""Reads XML reports as a stream: elements are handed over as they are met, and nothing of the document is kept.

libxml2 does the parsing, by lxml, without a tree. It fetches nothing, and a document that declares an entity is refused
at the declaration. A name that is no UTF-8 keeps a replacement character instead of spoiling the report.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from headwater.coverage import LINE_BOUND, FileCoverage, Note, Tell
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.xml_runs import MARK, Runs
from headwater.errors import Problem

ARM_BOUND = 4096
"""How many arms are believed of one line."""
COUNT_BOUND = (1 << 63) - 1
"""The highest count that is believed."""

Attributes = Mapping[str, str]
Start = Callable[[Attributes], None]
End = Callable[[], None]
Text = Callable[[str], None]
_CHUNK = 1 << 17
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")
_TAG = re.compile(rb"<([^\s<>/!?]+)([^<>]*)")
_ATTRIBUTE = re.compile(rb"""([^\s="']+)\s*=\s*["']([^"']*)""")
_END = b"\n"
_REMEDY = "It is left out, as are others like it; where it matters, make the report again."
_DIGITS = 18
_STEP = 1 << 12
_SHOWN = 120
"""How much of a wrong element is shown."""
_SAFE: Mapping[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "collect_ids": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""Nothing is fetched or expanded; nesting, texts and attributes are bounded by libxml2 itself."""


def _nothing(_: object) -> None:
    """Ignores rows, where a format has none."""


@dataclass(slots=True, kw_only=True)
class Document:
    """An XML report while it is read. A format listens to elements by name, and adds the files that are complete."""

    report: Report
    tell: Tell
    root: str
    starts: Mapping[str, Start] = field(default_factory=dict[str, Start])
    """What to do at an element's start. KeyError means that an attribute is missing, ValueError that one is wrong."""
    ends: Mapping[str, End] = field(default_factory=dict[str, End])
    row: str = ""
    """The element that there are most of."""
    rows: Callable[[Sequence[Attributes]], None] = _nothing
    """Takes those that follow each other, perhaps in several parts; it must bear to be told of one again."""
    runs: Runs | None = None
    """Finds rows that can be read without the parser, where the format knows how they look."""
    run: Callable[[bytes], None] = _nothing
    """Takes such rows."""
    texts: Mapping[str, Text] = field(default_factory=dict[str, Text])
    """What to do with an element's text. A report whose texts nobody wants is read faster."""
    pending: list[Attributes] = field(default_factory=list[Attributes])
    """Rows that were met and not yet taken."""
    ready: list[FileCoverage] = field(default_factory=list[FileCoverage])
    _chunks: tuple[bytes, bytes] = (b"", b"")
    """What is being parsed, and what came before it."""
    _lines: int = 0
    """How many lines end before both."""
    _noted: set[str] = field(default_factory=set[str])

    def read(self) -> Iterator[FileCoverage]:
        """Yields files as they become complete."""
        runs = self.runs
        if runs is not None:
            self.starts = {**self.starts, MARK: lambda _: self._next_run()}
        target: Any = _Texts(self) if self.texts else _Target(self)
        parser = etree.XMLParser(target=target, **_SAFE)
        with self.report.open() as source:
            for chunk, plain in _readable(source.read):
                if not self._chunks[0]:
                    self._check(chunk)
                self._lines += self._chunks[1].count(_END)
                self._chunks = (chunk, self._chunks[0])
                self._parse(parser.feed, runs.cut(chunk) if runs is not None and plain else chunk)
                self.flush()
                yield from self.ready
                self.ready.clear()
        self._parse(parser.close)
        yield from self.ready
        self.ready.clear()

    def _next_run(self) -> None:
        assert self.runs is not None
        if self.runs.taken:
            self.run(self.runs.taken.popleft())

    def _check(self, beginning: bytes) -> None:
        if b"<!ENTITY" in beginning.replace(b"\0", b""):
            raise self.refuse("it declares an entity; a report needs none, and none is expanded")
        root = opening(beginning).root
        if root not in {self.root, ""}:
            raise self.refuse(f"the root element is <{root[:_SHOWN]}>, where <{self.root}> is due")

    def _parse(self, step: Callable[..., object], *data: bytes) -> None:
        try:
            step(*data)
        except etree.XMLSyntaxError as error:
            line, column = error.position
            reason = (error.msg or "unreadable").partition(", line ")[0][:_SHOWN]
            raise malformed(
                self.report, f"line {line}, column {column}", f"the XML is broken or cut off: {reason}"
            ) from None

    def flush(self) -> None:
        """Has the pending rows taken; if one is wrong, finds it by having them taken one by one."""
        if not self.pending:
            return
        try:
            self.rows(self.pending)
        except (KeyError, ValueError):
            for each in self.pending:
                self.hand(self.row, each, lambda attributes: self.rows([attributes]))
        self.pending.clear()

    def hand(self, name: str, attributes: Attributes, listener: Start) -> None:
        """Hands an element to its listener, and refuses the report where the element lacks something."""
        try:
            listener(attributes)
        except KeyError as missing:
            expected = f"{_shown(name, attributes)} lacks its attribute {missing.args[0]}"
            raise self.refuse(expected, name, attributes) from None
        except ValueError as wrong:
            expected = f"{_shown(name, attributes)} has a wrong value: {_said(wrong)}"
            raise self.refuse(expected, name, attributes) from None

    def refuse_run(self, expected: str, run: bytes) -> Problem:
        """Refuses the report at the first row of some."""
        tag = _TAG.search(run)
        pairs: list[tuple[bytes, bytes]] = _ATTRIBUTE.findall(tag[2]) if tag else []
        return self.refuse(expected, self.row, {name.decode(): value.decode() for name, value in pairs})

    def refuse(self, expected: str, name: str = "", attributes: Attributes | None = None) -> Problem:
        """Refuses the report at an element, or about where it is being read."""
        return malformed(self.report, self._place(name, attributes or {}), expected)

    def _place(self, name: str, attributes: Attributes) -> str:
        """Finds the first element like this in what was last fed: one like it before would have been odd before."""
        fed = b"".join(self._chunks[::-1])
        wanted = {key.encode(): value.encode() for key, value in attributes.items()}
        for tag in _TAG.finditer(fed) if name else ():
            if tag[1] == name.encode() and dict(_ATTRIBUTE.findall(tag[2])) == wanted:
                return f"line {self._lines + 1 + fed.count(_END, 0, tag.start())}"
        return f"after line {self._lines + self._chunks[1].count(_END)}"

    def note(self, reason: str, message: str) -> None:
        """Tells of something odd, once a report: the first of its kind."""
        if reason not in self._noted:
            self._noted.add(reason)
            where = f"{self.report.name}, {self._place('', {})}"
            self.tell(Note(reason=reason, message=f"{where}: {message}", remedy=_REMEDY))

    def believed(self, line: int) -> bool:
        """Whether there can be such a line; tells of one that there cannot be."""
        if 0 < line <= LINE_BOUND:
            return True
        self.note("LINE_OUT_OF_RANGE", f"a line numbered {_brief(line)} (1 to {LINE_BOUND} are possible).")
        return False

    def sound(self, covered: int, total: int) -> bool:
        """Whether so much of so much can be covered; tells of a counter where it cannot."""
        if 0 <= covered <= total <= COUNT_BOUND:
            return True
        self.note("COUNTER_IMPOSSIBLE", f"a counter says {_brief(covered)} of {_brief(total)}.")
        return False

    def arms(self, covered: int, total: int) -> dict[str, int]:
        """Makes arms of which only the number is known; none, and a note, where the numbers cannot be.

        Lines with as many arms share one dict, which nobody may change: a report has millions of them.
        """
        if 0 <= covered <= total <= ARM_BOUND:
            return _counted(covered, total)
        self.note("BRANCHES_IMPOSSIBLE", f"{_brief(covered)} of {_brief(total)} branches taken (at most {ARM_BOUND}).")
        return {}


class _Target:
    """What libxml2 calls. The methods are closures: they run millions of times, and names are found fastest there."""

    def __init__(self, document: Document) -> None:
        starts, ends, row = document.starts.get, document.ends.get, document.row
        rows = document.pending
        add, flush = rows.append, document.flush

        def start(name: str, attributes: Attributes) -> None:
            if name == row:
                add(attributes)
                return
            if rows:
                flush()
            listener = starts(name)
            if listener is not None:
                document.hand(name, attributes, listener)

        def end(name: str) -> None:
            if name == row:
                return
            if rows:
                flush()
            listener = ends(name)
            if listener is not None:
                listener()

        self.start = start
        self.end = end

    def close(self) -> None:
        """Ends the document."""


class _Texts(_Target):
    """A target that collects texts too; of elements within one another, the innermost's."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        start, end, texts = self.start, self.end, document.texts
        heard: list[str] = []
        self.data = heard.append

        def started(name: str, attributes: Attributes) -> None:
            heard.clear()
            start(name, attributes)

        def ended(name: str) -> None:
            listener = texts.get(name)
            if listener is not None:
                listener("".join(heard).strip())
            heard.clear()
            end(name)

        self.start, self.end = started, ended


def counted(text: str) -> int:
    """Reads a count; raises ValueError for what is none. Below zero, as of a counter that ran over, is at least one."""
    hits = int(text)
    return min(hits, COUNT_BOUND) if hits >= 0 else 1


def better(left: dict[str, int], right: dict[str, int]) -> dict[str, int]:
    """Chooses between two tellings of one line's arms: the one with more arms, then with more of them taken."""
    return max(left, right, key=lambda arms: (len(arms), sum(map(bool, arms.values()))))


@lru_cache(maxsize=256)
def _counted(covered: int, total: int) -> dict[str, int]:
    return {f"#{number}": int(number < covered) for number in range(total)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How an XML document begins."""

    root: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    child: str = ""
    """The first element within the root."""


def opening(head: bytes) -> Opening:
    """Tells how a document begins; all is empty where it is no XML."""
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return Opening()
    parser = etree.XMLPullParser(("start",), recover=True, **_SAFE)
    met: list[tuple[str, Attributes]] = []
    for at in range(0, len(head), _STEP):
        _feed(parser, head[at : at + _STEP])
        events: Any = parser.read_events()
        met += [(str(element.tag), dict(element.attrib)) for _, element in events]
        if len(met) > 1:
            break
    if not met:
        return Opening()
    return Opening(root=met[0][0], attributes=met[0][1], child=met[1][0] if len(met) > 1 else "")


def early_texts(head: bytes, name: str) -> tuple[str, ...]:
    """Returns the texts of the elements of a name that stand in a document's beginning, without repetition."""
    parser = etree.XMLPullParser(("end",), tag=name, recover=True, **_SAFE)
    _feed(parser, head)
    events: Any = parser.read_events()
    texts = [str(element.text or "").strip() for _, element in events]
    return tuple(dict.fromkeys(text for text in texts if text))


def _feed(parser: Any, data: bytes) -> None:
    try:
        parser.feed(data)
    except etree.XMLSyntaxError:
        return  # what was met before is told; the reader says what is wrong, and where


def slashed(path: str) -> str:
    """Writes a path with `/` between its parts, whatever system it is from."""
    return path.replace("\\", "/")


def _readable(read: Callable[[int], bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yields a document's bytes in pieces, and whether they are UTF-8; what should be and is not is replaced."""
    chunk = read(_CHUNK).lstrip(b" \t\r\n")
    declared = _DECLARED.match(chunk.removeprefix(codecs.BOM_UTF8))
    encoding = declared[1].lower() if declared else b"utf-8"
    repaired = encoding in {b"utf-8", b"utf8"} and not chunk.startswith(_WIDE)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while chunk:
        cut = repaired and (not chunk.isascii() or decoder.getstate()[0])
        yield decoder.decode(chunk).encode() if cut else chunk, repaired
        chunk = read(_CHUNK)
    if decoder.getstate()[0]:
        yield decoder.decode(b"", final=True).encode(), False


def _said(wrong: ValueError) -> str:
    """Says what is wrong with a value; the interpreter's own words are for programmers."""
    text = str(wrong)
    return "a number is due" if text.startswith(("invalid literal", "could not convert", "Exceeds the limit")) else text


def _shown(name: str, attributes: Attributes) -> str:
    values = "".join(f' {key}="{value}"' for key, value in attributes.items())
    text = f"<{name}{values}>"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _brief(number: int) -> str:
    return str(number) if abs(number) < 10**_DIGITS else "of a great many digits"

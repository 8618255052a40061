"""Reads JaCoCo XML, with groups or without.

Lines and branches are those of the source files, functions and instructions those of the methods. Where the report's
own counters know of more, of code that has no line numbers, the counters hold: the sums are what JaCoCo prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from headwater.coverage import LINE_BOUND, FileCoverage, Function, Tell
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report
from headwater.coverage.reports.xml import Attributes, Document, better, opening, slashed
from headwater.coverage.reports.xml_runs import Runs

Counter = tuple[int, int]
"""How much was covered, of how much."""
_UNITS: Mapping[str, str] = {
    "INSTRUCTION": "instructions",
    "BRANCH": "branches",
    "LINE": "lines",
    "METHOD": "functions",
    "CLASS": "classes",
    "COMPLEXITY": "complexity",
}
_LINE = itemgetter("nr", "ci", "mb", "cb")
_ABSENT = {"ci": "0", "mb": "0", "cb": "0"}
RUN = re.compile(
    rb'(?:<line nr="[1-9]\d{0,6}+" mi="\d{1,9}+" ci="\d{1,9}+" mb="\d{1,9}+" cb="\d{1,9}+" ?/>[ \t\r\n]*+)++'
)
_ROW = re.compile(rb'nr="(\d+)" mi="\d+" ci="(\d+)" mb="(\d+)" cb="(\d+)"')
_SUMMED = ("instructions", "complexity", "classes")
"""Units that no line knows of."""


def _sniff(head: bytes) -> bool:
    start = opening(head)
    return start.root == "report" and "name" in start.attributes and start.child in _WITHIN


_WITHIN = frozenset({"", "sessioninfo", "group", "package", "counter"})


def _read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    document = Document(report=report, tell=tell, root="report")
    walk = _Walk(document=document)
    document.row, document.rows = "line", walk.rows
    document.runs, document.run = Runs(pattern=RUN), walk.run
    document.starts = {
        "group": walk.group_begins,
        "package": walk.package_begins,
        "class": walk.class_begins,
        "method": walk.method_begins,
        "sourcefile": walk.source_begins,
        "counter": walk.counter,
    }
    document.ends = {
        "group": walk.group_ends,
        "package": walk.package_ends,
        "class": walk.class_ends,
        "method": walk.method_ends,
        "sourcefile": walk.source_ends,
    }
    return document.read()


@dataclass(slots=True)
class _Method:
    name: str
    key: str
    first: int


@dataclass(slots=True)
class _Part:
    """What the classes of one source file add to it."""

    functions: dict[str, Function] = field(default_factory=dict[str, Function])
    units: dict[str, dict[str, Counter]] = field(default_factory=dict[str, dict[str, Counter]])

    def add(self, unit: str, key: str, counter: Counter) -> None:
        self.units.setdefault(unit, {})[key] = counter


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Where the reading is. What classes say waits for their source file, at most until the package ends."""

    document: Document
    groups: list[str] = field(default_factory=list[str])
    package: str | None = None
    parts: dict[str, _Part] = field(default_factory=dict[str, _Part])
    """By path, of the source files that are still to come."""
    part: _Part | None = None
    owner: str = ""
    method: _Method | None = None
    file: FileCoverage | None = None
    counters: dict[str, Counter] = field(default_factory=dict[str, Counter])
    """Of what is open: a method, a class or a source file."""
    of_methods: set[str] = field(default_factory=set[str])
    """Units that the methods of the open class have told."""

    def group_begins(self, attributes: Attributes) -> None:
        self.groups.append(slashed(attributes["name"]))

    def group_ends(self) -> None:
        self.groups.pop()

    def package_begins(self, attributes: Attributes) -> None:
        if self.package is not None:
            raise self.document.refuse("a <package> is within another", "package", attributes)
        self.package = slashed(attributes["name"])

    def package_ends(self) -> None:
        for path, part in self.parts.items():
            self.document.ready.append(self._file(path, part))
        self.parts.clear()
        self.package = None

    def class_begins(self, attributes: Attributes) -> None:
        if self.part is not None or self.file is not None:
            raise self.document.refuse("a <class> is within a class or source file", "class", attributes)
        self.owner = slashed(attributes["name"])
        source = attributes.get("sourcefilename")
        path = self._path(source) if source else f"{self.owner}.class"
        self.part = self.parts.setdefault(path, _Part())
        self.counters = {}
        self.of_methods.clear()

    def class_ends(self) -> None:
        assert self.part is not None
        for unit, counter in self.counters.items():
            if unit not in self.of_methods:
                self.part.add(unit, self.owner, counter)
        self.part = None
        self.counters = {}

    def method_begins(self, attributes: Attributes) -> None:
        if self.part is None or self.method is not None:
            raise self.document.refuse("a <method> is outside of a class", "method", attributes)
        name, key = attributes["name"], f"{self.owner}.{attributes['name']}{attributes.get('desc', '')}"
        first = int(attributes.get("line", "0"))
        self.method = _Method(name, key, first if 0 <= first <= LINE_BOUND else 0)
        self.counters = {}

    def method_ends(self) -> None:
        assert self.part is not None
        assert self.method is not None
        method = self.method
        for unit, counter in self.counters.items():
            self.part.add(unit, method.key, counter)
            self.of_methods.add(unit)
        called = self.counters.get("functions") or self.counters.get("instructions", (0, 0))
        if method.first:
            owner = self.owner.rpartition("/")[2].replace("$", ".")
            self.part.functions[method.key] = Function(
                name=f"{owner}.{method.name}", first=method.first, hits=int(called[0] > 0)
            )
        self.method = None
        self.counters = {}

    def source_begins(self, attributes: Attributes) -> None:
        if self.part is not None or self.file is not None:
            raise self.document.refuse("a <sourcefile> is within a class or source file", "sourcefile", attributes)
        self.file = FileCoverage(path=self._path(attributes["name"]), roots=self._roots())
        self.counters = {}

    def source_ends(self) -> None:
        assert self.file is not None
        file = self.file
        part = self.parts.pop(file.path, _Part())
        file.functions = part.functions
        counted = {
            "lines": (sum(map(bool, file.lines.values())), len(file.lines)),
            "branches": _arms(file),
            "functions": (sum(1 for each in file.functions.values() if each.hits), len(file.functions)),
        }
        for unit, told in counted.items():
            counter = self.counters.get(unit)
            if counter is not None and counter != told:
                file.units[unit] = self._parts(part, unit, counter)
        for unit in _SUMMED:
            counter = self.counters.get(unit) or _sum(part.units.get(unit, {}))
            if counter[1]:
                file.units[unit] = self._parts(part, unit, counter)
        self.document.ready.append(file)
        self.file = None
        self.counters = {}

    def counter(self, attributes: Attributes) -> None:
        if self.part is None and self.file is None:
            return  # a sum, of a package or more
        missed, covered = int(attributes["missed"]), int(attributes["covered"])
        unit = _UNITS.get(attributes["type"])
        if unit is not None and self.document.sound(covered, covered + missed):
            self.counters[unit] = (covered, covered + missed)

    def rows(self, rows: Sequence[Attributes]) -> None:
        """Takes lines. What is `0` is so often `0` that it is compared as text, and not read as a number."""
        file = self.file
        if file is None:
            raise self.document.refuse("a <line> is outside of any <sourcefile>", "line", rows[0])
        try:
            self._take(file, map(_LINE, rows))
        except KeyError:  # all but the number may be left out
            self._take(file, (_LINE(_ABSENT | dict(row)) for row in rows))

    def run(self, run: bytes) -> None:
        """Takes lines that are written as JaCoCo does."""
        rows: list[tuple[bytes, bytes, bytes, bytes]] = _ROW.findall(run)
        file = self.file
        if file is None:
            raise self.document.refuse_run("a <line> is outside of any <sourcefile>", run)
        lines = file.lines
        for text, covered, missed, taken in rows:
            number = int(text)
            if covered != b"0":
                lines[number] = 1 if int(covered) else lines.get(number, 0)
            elif number not in lines:
                lines[number] = 0
            if missed != b"0" or taken != b"0":
                self._branch(file, number, int(missed), int(taken))

    def _take(self, file: FileCoverage, rows: Iterable[tuple[str, str, str, str]]) -> None:
        lines = file.lines
        for text, covered, missed, taken in rows:
            number = int(text)
            if number < 1 or number > LINE_BOUND:
                self.document.believed(number)
                continue
            if covered != "0" and int(covered) > 0:
                lines[number] = 1
            elif number not in lines:
                lines[number] = 0
            if missed != "0" or taken != "0":
                self._branch(file, number, int(missed), int(taken))

    def _branch(self, file: FileCoverage, number: int, missed: int, taken: int) -> None:
        arms = self.document.arms(taken, taken + missed)
        if arms:
            known = file.branches.get(number)
            file.branches[number] = arms if known is None else better(known, arms)

    def _path(self, name: str) -> str:
        name = slashed(name)
        return f"{self.package}/{name}" if self.package else name

    def _roots(self) -> tuple[str, ...]:
        return ("/".join(self.groups),) if self.groups else ()

    def _file(self, path: str, part: _Part) -> FileCoverage:
        """Makes a file of classes without a source file: they have no lines, and count all the same."""
        return FileCoverage(path=path, roots=self._roots(), functions=part.functions, units=part.units)

    @staticmethod
    def _parts(part: _Part, unit: str, counter: Counter) -> dict[str, Counter]:
        """Returns what methods and classes say, so that reports unite well; the counter, where they say less."""
        parts = part.units.get(unit, {})
        return parts if _sum(parts) == counter else {"": counter}


def _arms(file: FileCoverage) -> Counter:
    arms = [hits for each in file.branches.values() for hits in each.values()]
    return sum(map(bool, arms)), len(arms)


def _sum(parts: Mapping[str, Counter]) -> Counter:
    return sum(covered for covered, _ in parts.values()), sum(total for _, total in parts.values())


FORMAT = Format(name="jacoco", title="JaCoCo XML", sniff=_sniff, read=_read, overall=("instructions",))

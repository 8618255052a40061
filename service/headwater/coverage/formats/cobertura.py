"""Reads Cobertura XML, in which coverage.py, gcovr, coverlet, PHPUnit, istanbul and Go's converters write too.

Lines count once: a class lists its lines, and tools list those of methods there again. Only where a class has none of
its own do its methods' lines stand in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from headwater.coverage import LINE_BOUND, FileCoverage, Function, Tell
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report
from headwater.coverage.reports.xml import (
    COUNT_BOUND,
    Attributes,
    Document,
    better,
    counted,
    early_texts,
    opening,
    slashed,
)
from headwater.coverage.reports.xml_runs import Runs

_TAKEN = re.compile(r"\(\s*(\d{1,9})\s*/\s*(\d{1,9})\s*\)")
_ARMS_OF_A_CONDITION = 2
_PLAIN = 2
"""How many attributes a line has that is no branch."""
_CLAIMS = {"lines": "lines-valid", "branches": "branches-valid"}
_SHOWN = 20
_ATTRIBUTE = re.compile(r'([\w:.-]+)\s*=\s*"([^"]*)"')
_TRUE = frozenset({"true", "True"})
RUN = re.compile(rb"""(?:<line number="[1-9]\d{0,6}+" hits="\d{1,18}+"[^<>&']*+(?<=/)>\s*+)++""")
_ROW = re.compile(rb'<line number="(\d+)" hits="(\d+)" ?([^>]*)/')


def _sniff(head: bytes) -> bool:
    start = opening(head)
    return start.root == "coverage" and (start.child in {"sources", "packages"} or "line-rate" in start.attributes)


def _read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    document = Document(report=report, tell=tell, root="coverage")
    roots = tuple(map(slashed, early_texts(report.head(), "source")))
    walk = _Walk(document=document, roots=roots)
    document.starts = {
        "coverage": walk.begins,
        "class": walk.class_begins,
        "method": walk.method_begins,
        "condition": walk.condition,
    }
    document.row, document.rows = "line", walk.rows
    document.runs, document.run = Runs(pattern=RUN), walk.run
    document.ends = {"coverage": walk.ends, "class": walk.class_ends, "method": walk.method_ends}
    return document.read()


@lru_cache(maxsize=1024)
def _taken(text: str) -> tuple[int, int] | None:
    """How many of how many arms were taken, by a text such as `50% (1/2)`: there are few different ones."""
    found = _TAKEN.search(text)
    return (int(found[1]), int(found[2])) if found else None


@lru_cache(maxsize=1024)
def _attributes(text: bytes) -> Attributes:
    return dict(_ATTRIBUTE.findall(text.decode("utf-8", "replace")))


@dataclass(slots=True)
class _Method:
    """A method while its lines are read."""

    name: str
    key: str
    calls: int | None
    lines: dict[int, int] = field(default_factory=dict[int, int])


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Where the reading is: in which class, in which method, and at which line."""

    document: Document
    roots: tuple[str, ...] = ()
    claimed: dict[str, str] = field(default_factory=dict[str, str])
    listed: Counter[str] = field(default_factory=Counter[str])
    file: FileCoverage | None = None
    owner: str = ""
    method: _Method | None = None
    of_methods: dict[int, int] = field(default_factory=dict[int, int])
    branches_of_methods: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])
    lines: dict[int, int] = field(default_factory=dict[int, int])
    """Of what is being read: the class, or one of its methods."""
    branches: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])
    branching: int = 0
    """The line that is a branch and says no more yet; its conditions may follow."""
    conditions: list[str] = field(default_factory=list[str])

    def begins(self, attributes: Attributes) -> None:
        self.claimed = {unit: attributes[name] for unit, name in _CLAIMS.items() if name in attributes}

    def ends(self) -> None:
        """Tells where the report claims another total than it lists: istanbul lists no branch without a statement."""
        for unit, claim in self.claimed.items():
            if claim.isdecimal() and int(claim) > self.listed[unit]:
                shown = f"{claim[:_SHOWN]} {unit}, and lists {self.listed[unit]}; what is listed is counted."
                self.document.note("TOTALS_DIFFER", f"the report claims {shown}")

    def class_begins(self, attributes: Attributes) -> None:
        if self.file is not None:
            raise self.document.refuse("a <class> is within another")
        path = slashed(attributes["filename"])
        if not path:
            raise ValueError("a file has a name")
        self.owner = attributes.get("name", "")
        self.file = FileCoverage(path=path, roots=self.roots)
        self.lines, self.branches = self.file.lines, self.file.branches

    def class_ends(self) -> None:
        file = self._inside()
        self._settle()
        if not file.lines:
            file.lines, file.branches = self.of_methods, self.branches_of_methods
        self.of_methods, self.branches_of_methods = {}, {}
        self.listed["lines"] += len(file.lines)
        self.listed["branches"] += sum(map(len, file.branches.values()))
        self.document.ready.append(file)
        self.file = None

    def method_begins(self, attributes: Attributes) -> None:
        self._inside()
        if self.method is not None:
            raise self.document.refuse("a <method> is within another")
        self._settle()
        name = attributes["name"]
        calls = counted(attributes["hits"]) if "hits" in attributes else None
        key = f"{self.owner}.{name}{attributes.get('signature', '')}"
        self.method = _Method(name=name, key=key, calls=calls)
        self.lines, self.branches = self.method.lines, self.branches_of_methods

    def method_ends(self) -> None:
        file, method = self._inside(), self.method
        self._settle()
        if method is not None and method.lines:
            first = min(method.lines)
            calls = method.calls
            if calls is None:
                calls = method.lines[first] or int(any(method.lines.values()))
            key = method.key if method.key not in file.functions else f"{method.key}:{first}"
            last = max(method.lines) if len(method.lines) > 1 else 0
            file.functions[key] = Function(name=method.name, first=first, last=last, hits=calls)
            for line, hits in method.lines.items():
                self.of_methods[line] = max(hits, self.of_methods.get(line, 0))
        self.method = None
        self.lines, self.branches = file.lines, file.branches

    def rows(self, rows: Sequence[Attributes]) -> None:
        """Takes lines: most are plain, so that is what is fast here."""
        if self.file is None:
            raise self.document.refuse("a <line> is outside of any <class>", "line", rows[0])
        lines = self.lines
        for row in rows:
            number, hits = int(row["number"]), int(row["hits"])
            if number < 1 or number > LINE_BOUND or not 0 <= hits <= COUNT_BOUND:
                if not self.document.believed(number):
                    continue
                hits = counted(row["hits"])
            if number not in lines or lines[number] < hits:
                lines[number] = hits
            if len(row) > _PLAIN and row.get("branch") in _TRUE:
                self._branch(number, row)

    def run(self, run: bytes) -> None:
        """Takes lines that are written as most tools do."""
        rows: list[tuple[bytes, bytes, bytes]] = _ROW.findall(run)
        if self.file is None:
            raise self.document.refuse_run("a <line> is outside of any <class>", run)
        lines = self.lines
        for number, hits, rest in rows:
            line, times = int(number), int(hits)
            if line not in lines or lines[line] < times:
                lines[line] = times
            if rest:
                attributes = _attributes(rest)
                if attributes.get("branch") in _TRUE:
                    self._branch(line, attributes)

    def _branch(self, number: int, attributes: Attributes) -> None:
        if self.branching:
            self._settle()
        taken = _taken(attributes.get("condition-coverage", ""))
        if taken is None:
            self.branching = number
            return
        covered, total = taken
        arms = self.document.arms(covered, total)
        missed = attributes.get("missing-branches")
        if missed and arms:
            targets = missed.replace(",", " ").split()
            if len(targets) == total - covered:
                arms = {**self.document.arms(covered, covered), **dict.fromkeys(targets, 0)}
        self._add(number, arms)

    def condition(self, attributes: Attributes) -> None:
        if self.branching:
            self.conditions.append(attributes.get("coverage", "0%"))

    def _settle(self) -> None:
        """Counts the arms of a branch whose line names its conditions only: each is a jump, of two arms."""
        if self.branching:
            shares = [float(each.rstrip("% ") or 0) / 100 for each in self.conditions]
            taken = sum(round(_ARMS_OF_A_CONDITION * min(max(share, 0), 1)) for share in shares)
            self._add(self.branching, self.document.arms(taken, _ARMS_OF_A_CONDITION * len(shares)))
            self.branching = 0
        self.conditions.clear()

    def _add(self, number: int, arms: dict[str, int]) -> None:
        if arms:
            known = self.branches.get(number)
            self.branches[number] = arms if known is None else better(known, arms)

    def _inside(self) -> FileCoverage:
        if self.file is None:
            raise self.document.refuse("an element of a <class> is outside of any")
        return self.file


FORMAT = Format(name="cobertura", title="Cobertura XML", sniff=_sniff, read=_read, overall=("lines", "branches"))

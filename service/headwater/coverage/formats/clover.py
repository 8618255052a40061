"""Reads Clover XML: of OpenClover itself, of PHPUnit and of istanbul.

Clover counts statements, branches and methods; several may stand in one line. The totals are those of each file's own
metrics, since istanbul writes more of its functions and statements there than it lists.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from headwater.coverage import LINE_BOUND, FileCoverage, Function, Tell
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report
from headwater.coverage.reports.xml import Attributes, Document, better, counted, opening, slashed

Counter = tuple[int, int]
"""How much was covered, of how much."""
_METRICS = {"statements": "statements", "branches": "conditionals", "functions": "methods"}
_SIDES = 2
_PROJECTS = frozenset({"project", "testproject"})


def _sniff(head: bytes) -> bool:
    start = opening(head)
    return start.root == "coverage" and (start.child in _PROJECTS or "clover" in start.attributes)


def _read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    document = Document(report=report, tell=tell, root="coverage")
    walk = _Walk(document=document)
    document.row, document.rows = "line", walk.rows
    document.starts = {
        "testproject": walk.tests_begin,
        "file": walk.file_begins,
        "class": walk.class_begins,
        "metrics": walk.metrics,
    }
    document.ends = {"testproject": walk.tests_end, "file": walk.file_ends, "class": walk.class_ends}
    return document.read()


@dataclass(slots=True)
class _File:
    """A file while it is read."""

    coverage: FileCoverage
    statements: set[int] = field(default_factory=set[int])
    sides: dict[int, dict[str, int]] = field(default_factory=dict[int, dict[str, int]])
    """Of conditions that are true or false, by line."""
    metrics: dict[str, Counter] = field(default_factory=dict[str, Counter])


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Where the reading is."""

    document: Document
    file: _File | None = None
    in_class: bool = False
    in_tests: bool = False
    """Clover lists the tests' own sources apart and leaves them out of its totals."""

    def tests_begin(self, _: Attributes) -> None:
        self.in_tests = True

    def tests_end(self) -> None:
        self.in_tests = False

    def class_begins(self, _: Attributes) -> None:
        self.in_class = True

    def class_ends(self) -> None:
        self.in_class = False

    def file_begins(self, attributes: Attributes) -> None:
        if self.file is not None:
            raise self.document.refuse("a <file> is within another", "file", attributes)
        path = slashed(attributes.get("path") or attributes["name"])
        if not path:
            raise ValueError("a file has a name")
        self.file = _File(FileCoverage(path=path))

    def file_ends(self) -> None:
        assert self.file is not None
        file, self.file = self.file, None
        coverage = file.coverage
        _add_short_methods(file)
        covered = sum(1 for line in file.statements if coverage.lines[line])
        told = {
            "statements": (covered, len(file.statements)),
            "branches": _sum(coverage.branches),
            "functions": (sum(1 for each in coverage.functions.values() if each.hits), len(coverage.functions)),
        }
        for unit, counter in told.items():
            known = file.metrics.get(unit, counter)
            if unit == "statements" or known != counter:
                coverage.units[unit] = {"": known}
        if not self.in_tests:
            self.document.ready.append(coverage)

    def metrics(self, attributes: Attributes) -> None:
        if self.file is None or self.in_class:
            return  # a sum, or a part
        for unit, name in _METRICS.items():
            covered, total = attributes.get(f"covered{name}"), attributes.get(name)
            if covered is not None and total is not None and self.document.sound(int(covered), int(total)):
                self.file.metrics[unit] = (int(covered), int(total))

    def rows(self, rows: Sequence[Attributes]) -> None:
        """Takes lines: statements, conditions and the heads of methods."""
        file = self.file
        if file is None:
            raise self.document.refuse("a <line> is outside of any <file>", "line", rows[0])
        for row in rows:
            number = int(row["num"])
            if not self.document.believed(number):
                continue
            kind = row.get("type", "stmt")
            if kind == "method":
                self._function(file.coverage, number, row)
                continue
            if kind == "cond":
                hits = self._condition(file.coverage, number, row)
            else:
                file.statements.add(number)
                hits = counted(row["count"])
            file.coverage.lines[number] = max(hits, file.coverage.lines.get(number, 0))

    def _condition(self, file: FileCoverage, number: int, row: Attributes) -> int:
        """Takes a condition, and returns how often it was met: true so often and false so often, as Clover means it.

        Istanbul, which alone writes a `count` too, means so many arms taken and so many not.
        """
        true, false = counted(row["truecount"]), counted(row["falsecount"])
        if "count" in row:
            arms = self.document.arms(true, true + false)
            file.branches[number] = better(file.branches.get(number, {}), arms)
            return counted(row["count"])
        assert self.file is not None
        sides = self.file.sides.setdefault(number, {})
        which = f"{len(sides) // _SIDES}:" if sides else ""
        sides[f"{which}true"], sides[f"{which}false"] = true, false
        file.branches[number] = sides
        return true + false

    @staticmethod
    def _function(file: FileCoverage, number: int, row: Attributes) -> None:
        name = row.get("name") or row.get("signature") or f"line {number}"
        file.functions[f"{number}:{name}"] = Function(name=name, first=number, hits=counted(row["count"]))


def _add_short_methods(file: _File) -> None:
    """Counts the one line of methods that have no other: PHPUnit counts its statement, and lists the method alone."""
    heads = sorted({each.first: each.hits for each in file.coverage.functions.values()}.items())
    ends = [first for first, _ in heads] + [LINE_BOUND + 1]
    known = sorted(file.statements)
    short = {
        first: hits
        for (first, hits), after in zip(heads, ends[1:], strict=True)
        if bisect_left(known, first) == bisect_left(known, after)
    }
    _, total = file.metrics.get("statements", (0, 0))
    if len(known) + len(short) == total:
        file.statements.update(short)
        file.coverage.lines.update(short)


def _sum(branches: dict[int, dict[str, int]]) -> Counter:
    arms = [hits for each in branches.values() for hits in each.values()]
    return sum(map(bool, arms)), len(arms)


FORMAT = Format(
    name="clover", title="Clover XML", sniff=_sniff, read=_read, overall=("statements", "branches", "functions")
)

"""Reads OpenCover XML, which coverlet and AltCover write too.

Sequence points are statements. A method's own summary holds where it counts more than it lists: OpenCover counts the
way into a method as one more branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from headwater.coverage import FileCoverage, Function, Tell
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report
from headwater.coverage.reports.xml import Attributes, Document, counted, opening, slashed

_COUNTED = {
    "statements": ("visitedSequencePoints", "numSequencePoints"),
    "branches": ("visitedBranchPoints", "numBranchPoints"),
}


def _sniff(head: bytes) -> bool:
    return opening(head).root == "CoverageSession"


def _read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    document = Document(report=report, tell=tell, root="CoverageSession")
    walk = _Walk(document=document)
    document.row, document.rows = "SequencePoint", walk.points
    document.starts = {
        "Module": walk.module_begins,
        "File": walk.file,
        "Class": walk.class_begins,
        "Method": walk.method_begins,
        "Summary": walk.summary,
        "FileRef": walk.file_of_method,
        "BranchPoint": walk.branch,
    }
    document.texts = {"FullName": walk.class_name, "Name": walk.method_name, "MetadataToken": walk.method_token}
    document.ends = {"Class": walk.class_ends, "Method": walk.method_ends}
    return document.read()


@dataclass(slots=True)
class _Method:
    """A method while it is read."""

    visited: bool | None
    name: str = ""
    token: str = ""
    file: str = ""
    summary: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    points: list[tuple[str, int, int]] = field(default_factory=list[tuple[str, int, int]])
    """File, line, visits."""
    branches: list[tuple[str, int, str, int]] = field(default_factory=list[tuple[str, int, str, int]])
    """File, line, arm, visits."""


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Where the reading is."""

    document: Document
    paths: dict[str, str] = field(default_factory=dict[str, str])
    """Of the module, by the ids that its points use."""
    files: dict[str, FileCoverage] = field(default_factory=dict[str, FileCoverage])
    """Of the class that is open."""
    open_class: bool = False
    name: str = ""
    method: _Method | None = None

    def module_begins(self, _: Attributes) -> None:
        self.paths.clear()

    def file(self, attributes: Attributes) -> None:
        self.paths[attributes["uid"]] = slashed(attributes["fullPath"])

    def class_begins(self, attributes: Attributes) -> None:
        if self.open_class:
            raise self.document.refuse("a <Class> is within another", "Class", attributes)
        self.open_class = True
        self.name = ""

    def class_name(self, text: str) -> None:
        if self.open_class:
            self.name = text

    def class_ends(self) -> None:
        for file in self.files.values():
            covered = any(each.hits for each in file.functions.values())
            file.units["classes"] = {self.name: (int(covered), 1)}
            self.document.ready.append(file)
        self.files = {}
        self.open_class = False

    def method_begins(self, attributes: Attributes) -> None:
        if not self.open_class or self.method is not None:
            raise self.document.refuse("a <Method> is outside of a class", "Method", attributes)
        visited = attributes.get("visited")
        self.method = _Method(None if visited is None else visited.lower() == "true")

    def method_name(self, text: str) -> None:
        if self.method is not None:
            self.method.name = text

    def method_token(self, text: str) -> None:
        if self.method is not None:
            self.method.token = text

    def file_of_method(self, attributes: Attributes) -> None:
        if self.method is not None:
            self.method.file = attributes["uid"]

    def summary(self, attributes: Attributes) -> None:
        if self.method is None:
            return  # a sum
        for unit, (visited, number) in _COUNTED.items():
            if visited in attributes and number in attributes:
                covered, total = int(attributes[visited]), int(attributes[number])
                if self.document.sound(covered, total):
                    self.method.summary[unit] = (covered, total)

    def points(self, rows: Sequence[Attributes]) -> None:
        """Takes sequence points; what is hidden from debuggers has a line that cannot be, and is left out."""
        method = self.method
        if method is None:
            raise self.document.refuse("a <SequencePoint> is outside of any <Method>", "SequencePoint", rows[0])
        for row in rows:
            line, visits = int(row["sl"]), counted(row["vc"])
            if self.document.believed(line):
                method.points.append((row.get("fileid", method.file), line, visits))

    def branch(self, attributes: Attributes) -> None:
        method = self.method
        if method is None:
            raise self.document.refuse("a <BranchPoint> is outside of any <Method>", "BranchPoint", attributes)
        line = int(attributes.get("sl") or (method.points[0][1] if method.points else 0))
        arm = f"{attributes.get('offset', '')},{attributes.get('path', attributes.get('ordinal', ''))}"
        if self.document.believed(line):
            where = attributes.get("fileid", method.file)
            method.branches.append((where, line, arm, counted(attributes["vc"])))

    def method_ends(self) -> None:
        method, self.method = self.method, None
        assert method is not None
        if not method.points:
            return
        for where, line, visits in method.points:
            file = self._file(where)
            file.lines[line] = max(visits, file.lines.get(line, 0))
        for where, line, arm, visits in method.branches:
            self._file(where).branches.setdefault(line, {})[f"{method.token or method.name},{arm}"] = visits
        self._count(method)

    def _count(self, method: _Method) -> None:
        """Counts a method to the file in which it begins."""
        where, first, visits = method.points[0]
        file = self._file(where)
        seen = sum(1 for _, _, visits in method.points if visits)
        taken = sum(1 for *_, visits in method.branches if visits)
        told = {"statements": (seen, len(method.points)), "branches": (taken, len(method.branches))}
        for unit, counter in (told | method.summary).items():
            file.units.setdefault(unit, {})[method.name] = counter
        visited = method.visited if method.visited is not None else seen > 0
        last = max(line for _, line, _ in method.points)
        calls = max(visits, 1) if visited else 0
        file.functions[method.name] = Function(
            name=method.name, first=first, last=last if last > first else 0, hits=calls
        )

    def _file(self, where: str) -> FileCoverage:
        path = self.paths.get(where)
        if path is None:
            self.document.note("FILE_UNKNOWN", f"no <File> of the module has the id {where[:20]!r}.")
            path = f"file {where[:20]}"
        return self.files.setdefault(path, FileCoverage(path=path))


FORMAT = Format(name="opencover", title="OpenCover XML", sniff=_sniff, read=_read, overall=("statements",))

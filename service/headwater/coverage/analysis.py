"""The flow of an analysis: reports are read, files found in the source, gaps told as they are found.

One report is analysed while it is read; several are united first. Synchronous: it runs in a process of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain

from headwater.coverage import Count, Counts, FileCoverage, Note
from headwater.coverage.calls.critical import critical_paths
from headwater.coverage.changes.patch import PatchCount
from headwater.coverage.completing import Completing
from headwater.coverage.findings import (
    Detail,
    Emit,
    FileFound,
    Finished,
    Noted,
    PathFound,
    Question,
    Unmatched,
    Went,
    Withdrawn,
)
from headwater.coverage.formats import Format, formats
from headwater.coverage.gaps.judging import Judging, covered
from headwater.coverage.gaps.worst import Worst
from headwater.coverage.globs import chooser
from headwater.coverage.reports import Report
from headwater.coverage.scripts.originals import from_source
from headwater.coverage.source.survey import TELL_SECONDS, Survey, survey
from headwater.coverage.spool import Spool
from headwater.coverage.totals import FORMULAS, PARTIAL, Formula, Totals, count, native, percent
from headwater.errors import Problem

SURVEYED, ANALYZED, TRACED = 30.0, 95.0, 99.0
"""Percent of the analysis when the source is read, the files are analysed, and the critical paths are found."""
LISTED = 100_000
"""So many missing and so many covered lines of a file are listed."""
SKIPPABLE = frozenset({"REPORT_MALFORMED", "REPORT_EMPTY", "REPORT_TOO_LARGE"})
"""What may be wrong with one of several reports without ending the analysis."""


def analyse(question: Question, emit: Emit, *, framework: str = "") -> None:
    """Analyses the reports and tells what it finds; `Finished` is the last.

    Raises Problem where a lone report cannot be read, none of several can, or the diff or the range cannot be had.
    """
    known = survey(question, emit, until=SURVEYED)
    reports = [
        (Report(path=each.path, name=each.name, most_bytes=question.report_bytes), formats()[each.format])
        for each in question.reports
    ]
    with closing(Spool(question.scratch)) as spool:
        work = _Analysis(question, emit, known, spool, framework)
        if len(reports) == 1:
            work.read_one(*reports[0])
        else:
            work.read_all(reports)
        work.finish([kind for _, kind in reports])


def _skip(problem: Problem, emit: Emit) -> None:
    """Tells that one of several reports is left out, or goes on raising what is no fault of a report."""
    if problem.reason not in SKIPPABLE:
        raise problem
    emit(Noted(reason=problem.reason, message=f"{problem.message} It is left out.", remedy=problem.remedy))


class _Analysis:
    """What was found so far."""

    def __init__(self, question: Question, emit: Emit, known: Survey, spool: Spool, framework: str) -> None:
        self._question = question
        self._emit = emit
        self._known = known
        self._spool = spool
        self._wanted = chooser(question.include, question.exclude)
        self._not_excluded = chooser((), question.exclude)
        self._patch = PatchCount(known.changes) if known.changes is not None else None
        self._judging = Judging(question, known, framework, self._patch.lines if self._patch else None)
        self._totals = Totals()
        self._worst = Worst(question.max_gaps)
        self._told: set[str] = set()
        """The paths of the files that were told."""
        self._missed: set[str] = set()
        """The paths of the files that are not in the source."""
        self._unmatched: list[Unmatched] = []
        self._symbols: dict[tuple[str, str], Count] = {}
        self._said = time.monotonic()
        self._completing = Completing(known.text, self._note, known.exclusions)

    def read_one(self, report: Report, kind: Format) -> None:
        """Analyses a report's files while it is read; one that comes again is taken back, and told when all is read.

        So a file that comes thousands of times, once for each test, is analysed twice.
        """
        size = max(report.size, 1)
        again: dict[str, None] = {}
        for file, whole in self._completing.each(self._chosen(kind.read(report, self._note))):
            done = SURVEYED + (ANALYZED - SURVEYED) * min(report.read_bytes / size, 1.0)
            if file.path not in self._told:
                self._analyse(file, whole, done, 0)
            else:
                if file.path not in again:
                    self._withdraw(self._spool.get(file.path) or file)
                    again[file.path] = None
                self._went(done, f"Reading {file.path}", len(self._told), 0, "read")
            self._spool.add(file)
        united = (self._spool.get(path) or FileCoverage(path=path) for path in again)
        for file, whole in self._completing.each(united):
            self._analyse(file, whole, ANALYZED, 0)

    def read_all(self, reports: Sequence[tuple[Report, Format]]) -> None:
        """Unites what the reports say, then analyses their files."""
        last: Problem | None = None
        read = 0
        for number, (report, kind) in enumerate(reports):
            try:
                for file in self._chosen(kind.read(report, self._note)):
                    self._spool.add(file)
                    self._went(SURVEYED, f"Reading {report.name}", number, len(reports), "read")
                read += 1
            except Problem as problem:
                _skip(problem, self._emit)
                last = problem
        if last is not None and not read:
            raise last
        total = len(self._spool)
        for number, (file, whole) in enumerate(self._completing.each(self._spool.files())):
            self._analyse(file, whole, SURVEYED + (ANALYZED - SURVEYED) * number / total, total)

    def finish(self, kinds: Sequence[Format]) -> None:
        """Looks at what no report names, finds the critical paths, and tells the sum."""
        lacking = len(self._completing.without_source)
        if lacking:
            self._note(
                Note(
                    reason="SOURCE_NEEDED",
                    message=f"Of {lacking} files the reports say only what ran; the rest is in their source.",
                    remedy="Send the source as well, or what `coverage xml` or `coverage json` makes of the data.",
                )
            )
        if not self._totals.counts.get("lines", Count()).total:
            self._note(
                Note(
                    reason="NOTHING_MEASURED",
                    message="The reports hold no line that can be covered, or the patterns leave none over.",
                    remedy="Run the tests with coverage switched on; look at the patterns of include and exclude.",
                )
            )
        self._never_imported()
        paths = self._paths()
        formula = self._formula(kinds)
        self._emit(
            Finished(
                overall=percent(formula.compute(self._totals.counts)),
                formula=formula.title,
                counts=_shown(self._totals.counts),
                gaps=self._worst.gaps(),
                total_gaps=self._worst.total,
                paths=paths,
                patch=self._patch.result() if self._patch else None,
                formats=tuple(dict.fromkeys(kind.name for kind in kinds)),
                files=len(self._told),
                unmatched=tuple(self._unmatched),
                total_unmatched=len(self._missed),
                details=self._details(),
            )
        )

    def _chosen(self, files: Iterator[FileCoverage]) -> Iterator[FileCoverage]:
        """Yields the files that are wanted, by their path in the source where they are found there."""
        for file in chain.from_iterable(map(self._originals, files)):
            file.reported = file.path
            if self._known.folder is not None:
                found = self._known.places.place(file.path, file.roots)
                if found is not None:
                    file.path = found
                elif self._not_excluded(file.path):
                    self._miss(file)
            if self._wanted(file.path):
                yield file

    def _originals(self, file: FileCoverage) -> Iterator[FileCoverage]:
        """Yields the file; where it is a script whose map lies in the source, what the script was made from."""
        if self._known.folder is None or not file.needs_source:
            return iter((file,))
        return from_source(file, self._known.places.place, self._known.text)

    def _miss(self, file: FileCoverage) -> None:
        """Notes a file that is not in the source, and says of the first ones why."""
        if file.path in self._missed:
            return
        self._missed.add(file.path)
        if len(self._unmatched) < self._question.max_unmatched:
            found = self._known.places.find(file.path, file.roots)
            assert isinstance(found, Unmatched)
            self._unmatched.append(found)

    def _analyse(self, file: FileCoverage, whole: FileCoverage, done: float, total: int) -> None:
        path = file.path
        counts = count(whole)
        self._totals.add(counts)
        if self._question.files:
            self._emit(self._told_of(whole, file.reported, counts))
        outline = self._known.outlines.get(path)
        symbols = covered(whole, outline) if outline is not None else {}
        for gap in self._judging.gaps(path, whole, symbols, self._worst):
            self._emit(gap)
        self._told.add(path)
        if self._patch is not None:
            self._patch.add(path, whole)
        self._symbols |= {(path, name): each for name, each in symbols.items()}
        self._went(done, f"Analyzing {path}", len(self._told), total, "analyze")

    def _told_of(self, whole: FileCoverage, reported: str, counts: Counts) -> FileFound:
        """Makes what is told of a file, with no more of its lines than a message may hold."""
        missing, ran = (
            tuple(sorted(line for line, hits in whole.lines.items() if bool(hits) is kind))[:LISTED]
            for kind in (False, True)
        )
        if len(missing) + len(ran) < len(whole.lines):
            message = f"{whole.path} has {len(whole.lines)} lines; the first {LISTED} of a kind are listed, all count."
            self._note(Note(reason="FILE_LONG", message=message))
        return FileFound(path=whole.path, reported=reported, counts=_shown(counts), missing=missing, covered=ran)

    def _withdraw(self, before: FileCoverage) -> None:
        """Takes back what was told of a file of which the report speaks again."""
        self._emit(Withdrawn(path=before.path))
        self._totals.remove(count(self._completing.whole(before)))
        self._worst.drop(before.path)

    def _never_imported(self) -> None:
        folder = self._known.folder
        if folder is None or not self._told:
            return
        for path in folder.untested(list(self._told)):
            if self._wanted(path) and path in self._known.outlines:
                last = max((folder.read(path) or "").count("\n"), 1)
                for gap in self._judging.never_imported(path, last, self._worst):
                    self._emit(gap)

    def _paths(self) -> tuple[PathFound, ...]:
        self._went(ANALYZED, "Tracing critical paths", len(self._told), len(self._told), "paths")
        gaps: dict[tuple[str, str], list[str]] = {}
        for gap in self._worst.gaps():
            gaps.setdefault((gap.path, gap.symbol), []).append(gap.id)
        paths = critical_paths(self._known.graph, self._symbols, gaps, self._question.max_paths)
        for path in paths:
            self._emit(path)
        return paths

    def _details(self) -> tuple[Detail, ...]:
        """Returns what the reports say of the files with the worst gaps; of one that no report names, nothing."""
        paths = list(dict.fromkeys(gap.path for gap in self._worst.gaps()))[: self._question.details]
        found = {path: self._completing.whole(self._spool.get(path) or FileCoverage(path=path)) for path in paths}
        return tuple(
            Detail(path=path, lines=tuple(line for line, hits in each.lines.items() if hits), branches=each.branches)
            for path, each in found.items()
        )

    def _formula(self, kinds: Sequence[Format]) -> Formula:
        if self._question.formula:
            return FORMULAS[self._question.formula]
        units = {kind.overall for kind in kinds}
        if len(units) == 1:
            return native(units.pop(), " and ".join(dict.fromkeys(kind.title for kind in kinds)))
        return FORMULAS["combined"]

    def _note(self, note: Note) -> None:
        self._emit(Noted(reason=note.reason, message=note.message, remedy=note.remedy))

    def _went(self, done: float, message: str, files: int, total: int, stage: str) -> None:
        now = time.monotonic()
        if now - self._said >= TELL_SECONDS or stage == "paths":
            self._said = now
            self._emit(Went(percent=done, message=message, files=files, total=total, stage=stage))


def _shown(counts: Counts) -> dict[str, Count]:
    """Leaves out what only a formula wants."""
    return {unit: each for unit, each in counts.items() if unit != PARTIAL}

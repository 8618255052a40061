"""Looks at the source as a whole: what calls what, what is at stake, what the diff changes, what changes often."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from headwater.coverage import Note
from headwater.coverage.calls.graph import CallGraph
from headwater.coverage.changes import read_diff
from headwater.coverage.changes.history import commits_by_file
from headwater.coverage.completing.exclusions import DEFAULT_EXCLUSIONS, Exclusions, exclusions_of
from headwater.coverage.findings import Emit, Noted, Question, Went
from headwater.coverage.outline import Outline
from headwater.coverage.outlines import outline
from headwater.coverage.source.mapping import SourceMap
from headwater.coverage.source.tree import SourceFolder
from headwater.errors import Problem

TELL_SECONDS = 0.1
"""How often progress is told."""
MOST_COMMITS = 2_000
"""How far back the history is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is known besides the reports. Everything is empty without source."""

    folder: SourceFolder | None = None
    places: SourceMap = field(default_factory=lambda: SourceMap(()))
    outlines: Mapping[str, Outline] = field(default_factory=dict[str, Outline])
    graph: CallGraph = field(default_factory=lambda: CallGraph({}))
    changes: Mapping[str, frozenset[int]] | None = None
    """Changed lines by file, of the diff; None without a diff."""
    commits: Mapping[str, int] = field(default_factory=dict[str, int])
    exclusions: Exclusions = DEFAULT_EXCLUSIONS
    """What the project's configuration leaves out of its coverage."""

    def text(self, path: str) -> str | None:
        """Returns a file's text, if there is source and the file is in it."""
        return self.folder.read(path) if self.folder is not None else None


def survey(question: Question, emit: Emit, *, until: float) -> Survey:
    """Reads the source; tells progress up to `until` percent.

    Raises Problem of a diff that cannot be read.
    """
    changes = read_diff(question.diff) if question.diff else None
    if question.source is None:
        return Survey(changes=changes)
    folder = SourceFolder(
        question.source,
        question.allowed or question.source,
        file_bytes=question.file_bytes,
        files=question.source_files,
    )
    if folder.cut:
        message = f"The source has more than {question.source_files} files of code; the others are not looked into."
        emit(Noted(reason="SOURCE_LARGE", message=message, remedy="Name the folder that was measured."))
    outlines = _outlines(folder, emit, until)
    return Survey(
        folder=folder,
        places=SourceMap(folder.names),
        outlines=outlines,
        graph=CallGraph(outlines),
        changes=changes,
        commits=_commits(question),
        exclusions=_exclusions(folder, emit),
    )


def _exclusions(folder: SourceFolder, emit: Emit) -> Exclusions:
    def tell(note: Note) -> None:
        emit(Noted(reason=note.reason, message=note.message, remedy=note.remedy))

    found = (exclusions_of(read, tell) for read in folder.above())
    return next((each for each in found if each is not None), DEFAULT_EXCLUSIONS)


def _outlines(folder: SourceFolder, emit: Emit, until: float) -> dict[str, Outline]:
    found: dict[str, Outline] = {}
    told = time.monotonic()
    for number, path in enumerate(folder.names):
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            percent = until * number / len(folder.names)
            emit(Went(percent=percent, message=f"Reading {path}", files=0, total=0, stage="source"))
        text = folder.read(path)
        each = outline(path, text) if text is not None else None
        if each is not None:
            found[path] = each
    return found


def _commits(question: Question) -> Mapping[str, int]:
    if question.source is None:
        return {}
    try:
        return commits_by_file(question.source, MOST_COMMITS)
    except Problem:
        return {}  # No history here: its term is left out of the scores.

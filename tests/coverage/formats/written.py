"""Reads a report that a test has written."""

from __future__ import annotations

from pathlib import Path

from headwater.coverage import FileCoverage, Note
from headwater.coverage.formats import detect, formats
from headwater.coverage.merging import unite
from headwater.coverage.reports import Report

DATA = Path(__file__).parents[2] / "data" / "coverage"


def report(path: Path) -> Report:
    return Report(path=path, name=path.name, most_bytes=1 << 30)


def read_file(name: str, path: Path) -> tuple[dict[str, FileCoverage], list[Note]]:
    """Reads a report as the named format; gives its files by path, and what was told."""
    notes: list[Note] = []
    files: dict[str, FileCoverage] = {}
    for file in formats()[name].read(report(path), notes.append):
        files[file.path] = unite(files[file.path], file) if file.path in files else file
    return files, notes


def read_text(name: str, folder: Path, text: str | bytes) -> tuple[dict[str, FileCoverage], list[Note]]:
    """Writes a report, makes sure that it is told to be of that format, and reads it."""
    path = folder / "report"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    assert detect(report(path)).name == name
    return read_file(name, path)

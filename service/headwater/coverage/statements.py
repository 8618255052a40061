"""Completes what a `.coverage` file says with the Python source: which statements and branches did not run.

coverage.py's own parser and analysis do it, so that the counts are those of `coverage report`, to the last branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, cast

from coverage.config import DEFAULT_EXCLUDE, DEFAULT_PARTIAL, DEFAULT_PARTIAL_ALWAYS
from coverage.data import CoverageData
from coverage.exceptions import NotPython
from coverage.parser import PythonParser
from coverage.plugin import FileReporter
from coverage.regions import code_regions
from coverage.results import Analysis, analysis_from_file_reporter

from headwater.coverage import FileCoverage, Function
from headwater.coverage.formats import v8
from headwater.coverage.formats.coverage_json import name_arms
from headwater.errors import Code, invalid, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusions:
    """Regexes of what is not counted, as coverage.py's configuration has them."""

    exclude_lines: tuple[str, ...] = tuple(DEFAULT_EXCLUDE)
    exclude_also: tuple[str, ...] = ()
    partial_branches: tuple[str, ...] = tuple(DEFAULT_PARTIAL)
    partial_also: tuple[str, ...] = ()
    partial_always: tuple[str, ...] = tuple(DEFAULT_PARTIAL_ALWAYS)

    def check(self) -> None:
        """Raises Problem INVALID_ARGUMENT `EXCLUSION_INVALID` for one that is no regex."""
        for regex in (*self._excluded, *self._partial):
            try:
                re.compile(regex)
            except re.error as error:
                raise invalid(
                    "EXCLUSION_INVALID", "exclude_also", f"{regex!r} is no regex: {error}.", "Escape its signs."
                ) from None

    @property
    def excluded(self) -> str:
        """One regex for all lines that are left out."""
        return _either(self._excluded)

    @property
    def partial(self) -> str:
        """One regex for all lines that need not take all of their branches."""
        return _either(self._partial)

    @property
    def _excluded(self) -> tuple[str, ...]:
        return (*self.exclude_lines, *self.exclude_also)

    @property
    def _partial(self) -> tuple[str, ...]:
        return (*self.partial_branches, *self.partial_also, *self.partial_always)


DEFAULT_EXCLUSIONS: Final = Exclusions()


def complete(file: FileCoverage, source: str, exclusions: Exclusions = DEFAULT_EXCLUSIONS) -> FileCoverage:
    """Returns the file with all its statements, branches and functions.

    Raises Problem FAILED_PRECONDITION `SOURCE_NOT_PYTHON` for a source that does not parse.
    """
    if "characters" in file.units:
        return v8.complete(file, source)
    # As coverage.py reads a source, and with the line end that its parser wants.
    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    reporter = _Source(file.path, text if text.endswith("\n") else f"{text}\n", exclusions)
    try:
        analysis = analysis_from_file_reporter(cast("CoverageData", _Data(file)), 0, reporter, file.path)
        functions = _functions(reporter.text, analysis)
    except (NotPython, ValueError, RecursionError) as error:  # the latter two are of `ast.parse`: NUL, depth
        raise problem(
            Code.FAILED_PRECONDITION,
            "SOURCE_NOT_PYTHON",
            f"{file.path} does not parse as Python: {error}.",
            "Send the source that was measured, for the version of Python that runs here or an older one.",
            path=file.path,
        ) from None
    return replace(
        file,
        lines={line: int(line in analysis.executed) for line in sorted(analysis.statements)},
        branches=_branches(analysis),
        functions=functions,
        excluded=frozenset(analysis.excluded),
        arcs=None,
        needs_source=False,
    )


def _branches(analysis: Analysis) -> dict[int, dict[str, int]]:
    """Names the arms of each line with more than one exit.

    An arm that is excused (`pragma: no branch`) counts as taken; one to an excluded line does not count.
    """
    missing = analysis.missing_branch_arcs()
    targets: dict[int, list[int]] = {}
    for start, end in analysis.arc_possibilities:
        if analysis.exit_counts.get(start, 0) > 1 and end not in analysis.excluded:
            targets.setdefault(start, []).append(end)
    return {
        line: name_arms((target, int(target not in missing.get(line, ()))) for target in ends)
        for line, ends in targets.items()
    }


def _functions(text: str, analysis: Analysis) -> dict[str, Function]:
    """Finds the functions that have statements; one ran if a statement of its own did."""
    functions: dict[str, Function] = {}
    for region in sorted(code_regions(text), key=lambda region: region.start):
        own = analysis.statements & region.lines
        if region.kind == "function" and own:
            key = f"{region.name}@{region.start}" if region.name in functions else region.name
            hits = int(not analysis.executed.isdisjoint(own))
            functions[key] = Function(name=region.name, first=region.start, last=max(own), hits=hits)
    return functions


def _either(regexes: Iterable[str]) -> str:
    return "|".join(f"(?:{regex})" for regex in regexes)


class _Data:
    """What was measured of one file, as coverage.py's analysis asks for it."""

    def __init__(self, file: FileCoverage) -> None:
        self._file = file

    def has_arcs(self) -> bool:
        return self._file.arcs is not None

    def lines(self, _name: str) -> list[int]:
        return [line for line, hits in self._file.lines.items() if hits]

    def arcs(self, _name: str) -> list[tuple[int, int]]:
        return list(self._file.arcs or ())


class _Source(FileReporter):
    """A source's statements, as coverage.py's analysis asks for them."""

    def __init__(self, path: str, text: str, exclusions: Exclusions) -> None:
        super().__init__(path)
        self.text: Final = text
        self._exclusions = exclusions

    @cached_property
    def _parser(self) -> PythonParser:
        parser = PythonParser(text=self.text, filename=self.filename, exclude=self._exclusions.excluded)
        parser.parse_source()
        return parser

    def source(self) -> str:
        return self.text

    def lines(self) -> set[int]:
        return self._parser.statements

    def excluded_lines(self) -> set[int]:
        return self._parser.excluded

    def translate_lines(self, lines: Iterable[int]) -> set[int]:
        return self._parser.translate_lines(lines)

    def translate_arcs(self, arcs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        return self._parser.translate_arcs(arcs)

    def arcs(self) -> set[tuple[int, int]]:
        return self._parser.arcs()

    def exit_counts(self) -> Mapping[int, int]:  # pyright: ignore[reportIncompatibleMethodOverride] — it is only read
        return self._parser.exit_counts()

    def no_branch_lines(self) -> set[int]:
        return self._parser.lines_matching(self._exclusions.partial)

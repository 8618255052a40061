"""Completes what a `.coverage` file says with the Python source: which statements and branches did not run.

coverage.py's own parser and analysis do it, so that the counts are those of `coverage report`, to the last branch.
"""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from coverage.bytecode import ByteParser
from coverage.config import DEFAULT_EXCLUDE, DEFAULT_PARTIAL, DEFAULT_PARTIAL_ALWAYS
from coverage.data import CoverageData
from coverage.parser import PythonParser
from coverage.plugin import FileReporter
from coverage.regions import RegionFinder
from coverage.results import Analysis, analysis_from_file_reporter

from headwater.coverage import FileCoverage, Function
from headwater.coverage.completing.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from headwater.coverage.completing.logical import shape
from headwater.coverage.formats.coverage_json import name_arms
from headwater.coverage.scripts import lines
from headwater.errors import Code, problem


def complete(file: FileCoverage, source: str, exclusions: Exclusions = DEFAULT_EXCLUSIONS) -> FileCoverage:
    """Returns the file with all its statements, branches and functions.

    Raises Problem FAILED_PRECONDITION `SOURCE_NOT_PYTHON` for a source that does not parse.
    """
    if file.units.keys() & {lines.SPANS, lines.PLACES}:
        return lines.complete(file, source)
    # As coverage.py reads a source, and with the line end that its parser wants.
    text = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ")
    text = text if text.endswith("\n") else f"{text}\n"
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text, file.path)
            reporter = _Source(file.path, _Parser(tree, text, _excluded(exclusions)), exclusions)
        analysis = analysis_from_file_reporter(cast("CoverageData", _Data(file)), 0, reporter, file.path)
        functions = _functions(tree, analysis)
    except (SyntaxError, tokenize.TokenError, ValueError, RecursionError, MemoryError) as error:
        # Of `ast.parse`, or of compiling what it takes; the last three are NUL and depth.
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


def _functions(tree: ast.Module, analysis: Analysis) -> dict[str, Function]:
    """Finds the functions that have statements; one ran if a statement of its own did."""
    functions: dict[str, Function] = {}
    finder = RegionFinder()
    finder.handle_node(tree)
    for region in sorted(finder.regions, key=lambda region: region.start):
        own = analysis.statements & region.lines
        if region.kind == "function" and own:
            key = f"{region.name}@{region.start}" if region.name in functions else region.name
            hits = int(not analysis.executed.isdisjoint(own))
            functions[key] = Function(name=region.name, first=region.start, last=max(own), hits=hits)
    return functions


def _excluded(exclusions: Exclusions) -> str:
    """One regex for all lines that are left out."""
    lines = DEFAULT_EXCLUDE if exclusions.exclude_lines is None else exclusions.exclude_lines
    return _either((*lines, *exclusions.exclude_also))


def _partial(exclusions: Exclusions) -> str:
    """One regex for all lines that need not take all of their branches."""
    lines = DEFAULT_PARTIAL if exclusions.partial_branches is None else exclusions.partial_branches
    always = exclusions.partial_branches_always
    return _either((*lines, *exclusions.partial_also, *(DEFAULT_PARTIAL_ALWAYS if always is None else always)))


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


class _Parser(PythonParser):
    """coverage.py's parser, given the tree; it reads the tokens only where something may be excluded."""

    def __init__(self, tree: ast.Module, text: str, exclude: str) -> None:
        super().__init__(text=text, filename="<source>", exclude=exclude)
        self._ast_root = tree
        self._tree = tree
        self._read()
        ignore = self.excluded | self.raw_docstrings
        self.statements = self.first_lines(self.raw_statements - ignore) - ignore

    def _read(self) -> None:
        known = None if self.lines_matching(self.exclude or "") else shape(self._tree, self.text)
        if known is None:
            self._raw_parse()
            return
        self.multiline_map = known.starts
        self.raw_docstrings = set(known.docstrings)
        if self._tree.body:
            self.raw_statements.update(ByteParser(text=self.text, filename=self.filename).find_statements())


class _Source(FileReporter):
    """A source's statements, as coverage.py's analysis asks for them."""

    def __init__(self, path: str, parser: PythonParser, exclusions: Exclusions) -> None:
        super().__init__(path)
        self._parser = parser
        self._exclusions = exclusions

    def source(self) -> str:
        return self._parser.text

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
        return self._parser.lines_matching(_partial(self._exclusions))

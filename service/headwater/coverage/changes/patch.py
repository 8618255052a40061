"""Counts what is covered of what a diff changes."""

from __future__ import annotations

from collections.abc import Mapping

from headwater.coverage import Count, FileCoverage
from headwater.coverage.findings import Patch, PatchFile
from headwater.coverage.outlines import is_test_file, language_of
from headwater.coverage.source.mapping import SourceMap


class PatchCount:
    """The changed files, as the reports speak of them."""

    def __init__(self, changes: Mapping[str, frozenset[int]]) -> None:
        """Looks at the changed lines of each file."""
        self._changes = changes
        self._places = SourceMap(changes)
        self._files: dict[str, PatchFile] = {}

    def lines(self, path: str) -> frozenset[int]:
        """Returns the changed lines of a file, whose path may begin higher or lower than in the diff."""
        found = self._places.place(path)
        return self._changes[found] if found is not None else frozenset()

    def add(self, path: str, file: FileCoverage) -> None:
        """Counts a file in, or again."""
        changed = self.lines(path)
        if not changed:
            return
        lines = [line for line in file.lines if line in changed]
        missing = tuple(sorted(line for line in lines if not file.lines[line]))
        arms = [hits for line, each in file.branches.items() if line in changed for hits in each.values()]
        self._files[path] = PatchFile(
            path=path,
            lines=Count(covered=len(lines) - len(missing), total=len(lines)),
            branches=Count(covered=sum(1 for hits in arms if hits), total=len(arms)),
            missing=missing,
        )

    def result(self) -> Patch:
        """Returns the count, and the changed files of code that no report speaks of; tests are none."""
        seen = {self._places.place(path) for path in self._files}
        without = (path for path in self._changes if path not in seen and language_of(path) and not is_test_file(path))
        return Patch(
            files=tuple(self._files[path] for path in sorted(self._files)),
            without_data=tuple(sorted(path for path in without if self._changes[path])),
        )

"""Completes what reports say with what the source says, where they name only what ran; many files in many processes."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from headwater.coverage import FileCoverage, Note, Tell
from headwater.coverage.completing.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from headwater.coverage.completing.processes import ahead, available, batched
from headwater.coverage.spool import pack, unpack
from headwater.errors import Problem

FEW = 200
"""So many files are completed about as soon as processes have begun."""
BATCH = 25
"""Files that a process is given at once."""
MOST_PROCESSES = 4


class Completing:
    """Completes files, and remembers those of which the source is missing."""

    def __init__(
        self, read: Callable[[str], str | None], tell: Tell, exclusions: Exclusions = DEFAULT_EXCLUSIONS
    ) -> None:
        """Reads sources by `read`, tells what is wrong with them, leaves out what the project excludes."""
        self._read = read
        self._tell = tell
        self._exclusions = exclusions
        self._faulty: set[str] = set()
        self.without_source: set[str] = set()
        """The paths of files whose source is not there."""

    def whole(self, file: FileCoverage) -> FileCoverage:
        """Returns the file with what only the source tells; without lines where it does not."""
        return self._heard(file, self._completed(file))

    def each(self, files: Iterator[FileCoverage]) -> Iterator[tuple[FileCoverage, FileCoverage]]:
        """Pairs files with what `whole` returns of them; of many, the next are completed while one is looked at."""
        first = list(islice(files, FEW))
        processes = min(available(), MOST_PROCESSES)
        if len(first) < FEW or not first[-1].needs_source or processes == 1:
            yield from ((file, self.whole(file)) for file in chain(first, files))
            return
        batches = batched(chain(first, files), BATCH)
        for batch, answers in ahead(batches, _asked, self._answer, count=processes):
            for file, answer in zip(batch, marshal.loads(answers), strict=True):  # noqa: S302 — of our own process
                yield file, self._heard(file, _understood(file.path, answer))

    def _answer(self, asked: bytes) -> bytes:
        """Completes a batch, in another process."""
        files = [unpack(path, data) for path, data in marshal.loads(asked)]  # noqa: S302 — of our own process
        return marshal.dumps([_told(self._completed(file)) for file in files])

    def _completed(self, file: FileCoverage) -> FileCoverage | Note | None:
        """Returns the whole file, what is wrong with its source, or None where there is none."""
        if not file.needs_source:
            return file
        # coverage.py's parser takes as long to load as half of all the rest, and most reports do without.
        from headwater.coverage.completing.statements import complete  # noqa: PLC0415

        text = self._read(file.path)
        if text is None:
            return None
        try:
            return complete(file, text, self._exclusions)
        except Problem as problem:
            return Note(reason=problem.reason, message=problem.message, remedy=problem.remedy)

    def _heard(self, file: FileCoverage, answer: FileCoverage | Note | None) -> FileCoverage:
        if isinstance(answer, FileCoverage):
            return answer
        if answer is None:
            self.without_source.add(file.path)
        elif file.path not in self._faulty:
            self._faulty.add(file.path)
            self._tell(answer)
        return FileCoverage(path=file.path)


_Told = tuple[bytes] | tuple[str, str, str] | tuple[()]
"""What is said of a file between processes: the file, what is wrong with its source, or that there is none."""


def _asked(files: Sequence[FileCoverage]) -> bytes:
    return marshal.dumps([(file.path, pack(file)) for file in files])


def _told(answer: FileCoverage | Note | None) -> _Told:
    if isinstance(answer, FileCoverage):
        return (pack(answer),)
    return () if answer is None else (answer.reason, answer.message, answer.remedy)


def _understood(path: str, told: _Told) -> FileCoverage | Note | None:
    match told:
        case (data,):
            return unpack(path, data)
        case (reason, message, remedy):
            return Note(reason=reason, message=message, remedy=remedy)
        case _:
            return None

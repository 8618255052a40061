"""Go's cover profiles (`go test -coverprofile`), of any mode, and several of them one after another.

`go tool cover` counts statements by blocks; lines follow from the blocks that hold them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from headwater.coverage import LINE_BOUND, FileCoverage, Tell
from headwater.coverage.formats import Format
from headwater.coverage.reports import Report, malformed
from headwater.coverage.reports.reading import HITS_BOUND, Reading, clean_path

_BLOCK = re.compile(
    rb"^(.+):((\d{1,18})\.\d{1,18},(\d{1,18})\.(\d{1,18})) (\d{1,18}) (\d{1,40})[ \t\r]*$", re.MULTILINE
)
_MODE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*mode: (?:set|count|atomic)\s*(?:\n|\Z)")
_PAGE = 1 << 20
_BLOCK_BOUND = 1_000_000
"""The most lines that one block is believed to have."""
_NAME = itemgetter(0)
Block = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]


def read(report: Report, tell: Tell) -> Iterator[FileCoverage]:
    """Yields a file whenever the blocks of another begin."""
    reading = Reading(report, tell)
    for name, blocks in groupby(_blocks(report), key=_NAME):
        file = _File(reading, name)
        for block in blocks:
            file.add(block)
        yield file.finish()


def _blocks(report: Report) -> Iterator[Block]:
    number = 1
    with report.open() as stream:
        while page := stream.readlines(_PAGE):
            text = b"".join(page)
            blocks: list[Block] = _BLOCK.findall(text)
            if len(blocks) != len(page):
                _check(report, number, page)
            yield from blocks
            number += len(page)


def _check(report: Report, number: int, page: list[bytes]) -> None:
    """Looks for a line that is no block, where there may be only blank ones and the mode's."""
    for at, line in enumerate(page, number):
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text and not text.startswith(b"mode: ") and not _BLOCK.match(line):
            shown = text[:60].decode("utf-8", "replace")
            expected = f"{shown!r} is no 'file.go:line.column,line.column statements count'"
            raise malformed(report, f"line {at}", expected)


class _File:
    """Adds up the blocks of one file."""

    def __init__(self, reading: Reading, name: bytes) -> None:
        self._reading = reading
        self._path = clean_path(name)
        self._statements: dict[str, tuple[int, int]] = {}
        self._spans: dict[str, tuple[int, int, int]] = {}

    def add(self, block: Block) -> None:
        first, last, column, statements = int(block[2]), int(block[3]), int(block[4]), int(block[5])
        if not 1 <= first <= last <= LINE_BOUND or last - first > _BLOCK_BOUND or statements > LINE_BOUND:
            self._refuse(first, last, statements)
            return
        hits = min(int(block[6]), HITS_BOUND)
        key = block[1].decode()
        covered = statements if hits else 0
        if covered or key not in self._statements:
            self._statements[key] = (covered, statements)
        if statements:
            # A block that ends at the first column of a line has nothing on it.
            span = (hits, first, last + (column > 1 or last == first))
            self._spans[key] = max(span, self._spans.get(key, span))

    def finish(self) -> FileCoverage:
        lines: dict[int, int] = {}
        spans = sorted(self._spans.values())
        # Blocks lie beside each other, so that all of them have about as many lines as the file.
        if sum(end - first for _, first, end in spans) > LINE_BOUND + len(spans):
            raise malformed(self._reading.report, self._path, "its blocks lie upon each other, where each line has one")
        for hits, first, end in spans:
            # The highest count of the blocks on a line is the last to be written.
            lines.update(dict.fromkeys(range(first, end), hits))
        return FileCoverage(path=self._path, lines=lines, units={"statements": self._statements})

    def _refuse(self, first: int, last: int, statements: int) -> None:
        if self._reading.believable(first, self._path) and self._reading.believable(last, self._path):
            self._reading.once(
                "REPORT_BLOCK_OUT_OF_BOUNDS",
                f"{self._path} has a block of lines {first} to {last} with {statements} statements; such are left out.",
            )


def _sniff(head: bytes) -> bool:
    return bool(_MODE.match(head))


FORMAT = Format(name="go_cover", title="Go cover profile", sniff=_sniff, read=read, overall=("statements",))

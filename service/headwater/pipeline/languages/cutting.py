"""Cuts code of other languages into its top-level pieces while it is still being written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from headwater.pipeline.fences import FENCE, Fences
from headwater.pipeline.languages.trees import fault, parse
from headwater.pipeline.languages.trees import lines as lines_of
from headwater.pipeline.languages.trees import text as text_of
from headwater.pipeline.pieces import Piece, merged

Classify = Callable[[Node, str], Iterable[Piece]]
"""Makes pieces of one top-level node; the text is the comments above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """How a language is cut.

    `fences` are the names that a fence of its code may have; `certain` begins a top-level statement wherever it stands
    in the first column; `ends` says whether a line certainly ends one. `quotes` is the mark inside of which lines are
    no code.
    """

    dialect: str
    fences: frozenset[str]
    certain: re.Pattern[str]
    ends: re.Pattern[str]
    classify: Classify
    quotes: str = "`"
    longest: int = 40_000
    """Characters after which a statement that still has no end is given up."""
    tries: int = 50
    """How often the text of one statement is read in the hope that it has ended."""


@dataclass(slots=True)
class _Open:
    """The lines of what is being read, and what is known of them. `begun` says that they are more than comments."""

    lines: list[str] = field(default_factory=list[str])
    size: int = 0
    quotes: int = 0
    begun: bool = False
    tries: int = 0

    def add(self, line: str, quotes: str) -> None:
        self.lines.append(line)
        self.size += len(line) + 1
        self.quotes += line.count(quotes)
        self.begun = self.begun or line.lstrip()[:2] not in {"", "//", "/*", "* "}


class TreeCutter:
    """Takes text in chunks of any size, and gives each piece back as soon as its statement is complete."""

    def __init__(self, cuts: Cuts) -> None:
        """Cuts by the rules of one language."""
        self._cuts = cuts
        self._rest = ""
        self._number = 0
        self._fences = Fences(cuts.fences)
        self._open = _Open()
        self._doubtful: list[Piece] = []
        self._certain = False

    def feed(self, text: str) -> list[Piece]:
        """Takes the next chunk of text; returns the pieces that it completed."""
        self._rest += text
        if "\n" not in text:
            return []
        *whole, self._rest = self._rest.split("\n")
        return [piece for line in whole for piece in self._take(line.rstrip("\r"))]

    def close(self) -> list[Piece]:
        """Takes the end of the text; returns the pieces that are left."""
        rest, self._rest = self._rest, ""
        return [*self._take(rest), *self._finish(), *self._settle()]

    def pending(self, most: int) -> str:
        """Returns the lines so far of the statement that is being read, if they are at most so many."""
        return "\n".join(self._open.lines) if len(self._open.lines) <= most else ""

    def _take(self, line: str) -> Iterator[Piece]:
        self._number += 1
        fence = None if self._open.quotes % 2 else FENCE.fullmatch(line)
        if fence and self._fences.applies(fence):
            yield from self._finish()
            if self._fences.inside:
                yield from self._settle()
                self._fences.end()
            else:
                self._doubtful.clear()  # prose above the code
                self._fences.begin(fence)
        elif self._fences.shows_code:
            yield from self._read(self._fences.dedented(line))

    def _read(self, line: str) -> Iterator[Piece]:
        if self._open.begun and self._cuts.certain.match(line) and not self._open.quotes % 2:
            yield from self._finish()
        current = self._open
        current.add(line, self._cuts.quotes)
        if current.size > self._cuts.longest:
            yield from self._finish()
        elif current.tries < self._cuts.tries and self._cuts.ends.search(line) and line[:1] not in {" ", "\t"}:
            current.tries += 1
            if not parse("\n".join(current.lines), self._cuts.dialect).has_error:
                yield from self._finish()

    def _finish(self) -> Iterator[Piece]:
        """Ends what is open: one statement or several, or a broken one."""
        lines, self._open = self._open.lines, _Open()
        code, start = "\n".join(lines), self._number - len(lines)
        if not code.strip():
            return
        root = parse(code, self._cuts.dialect)
        wrong = fault(root)
        found = [Piece(kind="broken", code=code, line=start, detail=wrong)] if wrong else self._classified(root)
        for piece in found:
            if piece.kind == "broken":
                self._doubtful.append(piece)  # prose, perhaps: a fence below it will tell
            else:
                yield from self._settle()
                yield piece

    def _classified(self, root: Node) -> list[Piece]:
        found: list[Piece] = []
        comments: list[Node] = []
        for node in root.named_children:
            if node.type == "comment":
                comments.append(node)
                continue
            above = "\n".join(text_of(each) for each in comments if lines_of(each)[1] <= lines_of(node)[0])
            found += self._cuts.classify(node, above)
            comments = []
        return found

    def _settle(self) -> Iterator[Piece]:
        doubtful, self._doubtful = self._doubtful, []
        yield from merged(doubtful)

"""What a model is told about code of another language, and how its answers are heard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headwater.pipeline.excerpts import ExcerptLimits
from headwater.pipeline.languages import Grammar, Hearing, Words
from headwater.pipeline.languages.outline import segments
from headwater.pipeline.languages.trees import with_identifier
from headwater.pipeline.pieces import Piece
from headwater.pipeline.scopes import DraftNames
from headwater.pipeline.segments import Beyond, Segment, SegmentLimits, Wanted
from headwater.providers import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSpeech:
    """Speaks by templates of its own, and shows code as it stands. `begins` finds the name of a test as it opens."""

    dialect: str
    grammar: Grammar
    begins: re.Pattern[str]
    system: str
    fence: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def words(self, task: Task) -> Words:
        """Returns the words of the language's templates."""
        del task
        return Words(
            system=self.system,
            prefix="code_",
            fence=self.fence,
            arcs=False,
            values=(*self.values.items(), ("fence", self.fence)),
        )

    def plan(self, source: str, wanted: Wanted, limits: SegmentLimits) -> tuple[Sequence[Segment], Sequence[Beyond]]:
        """Cuts the file into functions and classes."""
        return segments(source, self.dialect, wanted, limits), ()

    def excerpt(self, task: Task, segment: Segment, limits: ExcerptLimits) -> str:
        """Returns the whole file, or of a long one its beginning and the segment."""
        return "\n".join(_numbered(task.source.splitlines(), segment, limits))

    def hearing(self, task: Task, names: DraftNames) -> Callable[[], Hearing]:
        """Renames what collides."""
        del task
        return lambda: PlainHearing(names, self.grammar, self.dialect, self.begins)


class PlainHearing:
    """The names of one answer: a helper or test whose name stands for something else already gets another."""

    def __init__(self, names: DraftNames, grammar: Grammar, dialect: str, begins: re.Pattern[str]) -> None:
        """Takes its place in a draft."""
        self.tests: dict[str, str] = {}
        self.repeats = False
        self._names = names
        self._grammar = grammar
        self._dialect = dialect
        self._begins = begins
        self._renamed: dict[str, str] = {}

    def take(self, piece: Piece) -> list[Piece]:
        """Returns what of a complete piece goes into the draft."""
        match piece.kind:
            case "helper":
                return self._helper(replace(piece, code=self._translated(piece.code)))
            case "test":
                return self._test(replace(piece, code=self._translated(piece.code)))
            case _:
                return [piece]

    def opens(self, text: str) -> str:
        """Returns the name of the test that the text begins, if nothing else has it."""
        match = self._begins.search(text)
        name = match["name"] if match is not None else ""
        return name if name and self._names.free(name) == name else ""

    def changes(self, text: str) -> bool:
        """Whether a line uses a name that got another."""
        return any(re.search(rf"\b{re.escape(name)}\b", text) for name in self._renamed)

    def _helper(self, piece: Piece) -> list[Piece]:
        meanings = self._names.meanings
        if piece.names and all(meanings.get(name) == piece.code for name in piece.names):
            return []
        code = piece.code
        for name in piece.names:
            if name in meanings:
                self._renamed[name] = self._names.free(name)
                code = with_identifier(code, self._dialect, name, self._renamed[name])
        names = tuple(self._renamed.get(name, name) for name in piece.names)
        meanings.update((name, code) for name in names)
        return [replace(piece, code=code, name=names[0] if names else "", names=names)]

    def _test(self, piece: Piece) -> list[Piece]:
        key = (piece.code, frozenset[tuple[str, str]]())
        if key in self._names.seen:
            self.repeats = True
            return []
        self._names.seen.add(key)
        name = self._names.free(piece.name)
        code = piece.code if name == piece.name else self._grammar.rename(piece.code, piece.name, name)
        self._names.tests.add(name)
        self.tests[name] = code
        return [replace(piece, code=code, name=name, names=(name,))]

    def _translated(self, code: str) -> str:
        for old, new in self._renamed.items():
            code = with_identifier(code, self._dialect, old, new)
        return code


def _numbered(lines: Sequence[str], segment: Segment, limits: ExcerptLimits) -> Iterator[str]:
    margin = len(str(len(lines)))
    whole = len(lines) <= limits.segment_lines
    around = limits.around_lines
    near = {number for line in segment.of_interest for number in range(line - around, line + around + 1)}
    long = segment.last - segment.first >= limits.segment_lines
    previous = 0
    for number, line in enumerate(lines, 1):
        inside = segment.first <= number <= segment.last and (not long or number in near)
        if whole or inside or number <= limits.constant_lines:
            if number > previous + 1:
                yield " " * (margin + 2) + "..."
            mark = f"{number:>{margin}}: " if number in segment.of_interest else " " * (margin + 2)
            yield (mark + line).rstrip()
            previous = number

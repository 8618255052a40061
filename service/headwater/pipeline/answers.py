"""Hears an answer of a model as it comes, and says what of it goes into the draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from headwater.pipeline.fences import fences_of
from headwater.pipeline.languages import Cutter, Grammar, Hearing
from headwater.pipeline.pieces import Piece

REMARKS = ("#", "//")
"""What begins a comment in the languages of tests."""
MARKS = frozenset("=[]{}@;\\")
"""What code is full of, and no sentence holds."""
GAP_LINES = 3
"""So many ends of lines in a row stand between two pieces, and in none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """All lines so far of a test that is being written; `begins` the first time."""

    text: str
    name: str
    begins: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A complete piece, as it goes into the draft."""

    piece: Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """The piece that is open will never be complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Something that the model wrote and that goes nowhere."""

    reason: str
    name: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """Another model begins the answer anew; what was complete of it stays."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The answer was not read to its end: what of it is complete stays."""

    reason: str


Spoken: TypeAlias = Open | Whole | Dropped | Broken | Anew | Cut


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLimits:
    """Bounds of one answer; what comes beyond them is not read."""

    characters: int = 200_000
    pieces: int = 300
    """Top-level statements."""
    piece_characters: int = 20_000
    """Of one statement; a longer one goes nowhere."""
    slice_characters: int = 4096
    """How much of a delta is read before the bounds are looked at again."""
    live_lines: int = 200
    """A test of more lines is told when it is complete."""


class Listener:
    """Cuts one answer into pieces; a test is told line by line where its text certainly stays as it is."""

    def __init__(self, hearing: Hearing, grammar: Grammar, limits: AnswerLimits, *, live: bool) -> None:
        """Places the pieces as `hearing` says."""
        self.broken: dict[str, str] = {}
        """What was to be a test or a helper and is no code, by its name."""
        self._hearing = hearing
        self._grammar = grammar
        self._limits = limits
        self._live = live
        self._cutter: Cutter = grammar.cutter()
        self._heard: list[str] = []
        self._characters = 0
        self._pieces = 0
        self._told = ""
        self._usable = False
        """Whether any piece was one that can be used."""

    @property
    def text(self) -> str:
        """All that was heard."""
        return "".join(self._heard)

    @property
    def full(self) -> bool:
        """Whether a bound is reached: nothing more will be read."""
        return self._characters >= self._limits.characters or self._pieces >= self._limits.pieces

    def hear(self, text: str) -> list[Spoken]:
        """Takes the next text of the answer."""
        found: list[Spoken] = []
        for start in range(0, len(text), self._limits.slice_characters):
            part = text[start : start + self._limits.slice_characters]
            if self.full:
                break
            self._heard.append(part)
            self._characters += len(part)
            found += self._place(self._cutter.feed(part))
            if self._live and "\n" in part:
                found += self._open()
        return found

    def restart(self) -> list[Spoken]:
        """Forgets what is not complete: the answer begins anew. What was complete stays; it is judged by itself."""
        self._heard.clear()
        self._characters = self._pieces = 0
        self._cutter = self._grammar.cutter()
        return self._drop()

    def end(self, *, cut: bool) -> list[Spoken]:
        """Takes the end; where the answer was cut, a last piece is not trusted, even if it parses.

        One is the last where nothing follows it. Where nothing of the answer was code, nor said to be, no word of it is
        taken for a broken test.
        """
        pieces = self._cutter.close()
        found: list[Spoken] = []
        if cut and pieces and not self._goes_on_behind(pieces[-1]):
            last = pieces.pop()
            reason = "The answer was cut off in it: it reached the limit of its length."
            found.append(self._spoken(replace(last, kind="broken"), reason))
        found = [*self._place(pieces), *found, *self._drop()]
        if self.full:
            found.append(Cut(reason=self._cut_at()))
        if self._usable or fences_of(self.text):
            return found
        return [each for each in found if not isinstance(each, Broken)]

    def _place(self, pieces: list[Piece]) -> list[Spoken]:
        found: list[Spoken] = []
        self._pieces += len(pieces)
        for piece in pieces:
            placed = self._taken(piece)
            self._usable = self._usable or any(each.kind != "broken" for each in placed)
            found += [self._spoken(each) for each in placed if not _is_words(each)]
            if any(each.kind == "broken" for each in placed) or not placed:
                found += self._drop()
            self._told = ""
        return found

    def _taken(self, piece: Piece) -> list[Piece]:
        """Has a piece placed; remarks without end behind it are no part of it, and must not cost it."""
        if len(piece.code) > self._limits.piece_characters:
            piece = replace(piece, code=_without_remarks(piece.code))
        if len(piece.code) > self._limits.piece_characters:
            return [replace(piece, kind="broken", detail="it is too long")]
        return self._hearing.take(piece)

    def _goes_on_behind(self, piece: Piece) -> bool:
        """Whether the answer went on behind the piece: with remarks, which stand in it or after it."""
        code = _without_remarks(piece.code)
        remarks, last = piece.code[len(code) :], code.rstrip().rpartition("\n")[2].strip()
        is_apart = any(f"\n{mark}" in remarks for mark in REMARKS) or len(remarks) > self._limits.piece_characters
        text = self.text.rstrip()
        has_gap = self.text.count("\n", len(text)) >= GAP_LINES
        return is_apart or has_gap or not text.endswith((last, remarks.strip() or last))

    def _cut_at(self) -> str:
        limits = self._limits
        most = (
            f"{limits.characters:,} characters" if self._characters >= limits.characters else f"{limits.pieces} parts"
        )
        return f"the answer was cut at {most}; what of it was complete by then is kept."

    def _open(self) -> list[Spoken]:
        """Tells the open piece, if it is a test: its indented lines, up to one whose names will change."""
        lines = self._cutter.pending(self._limits.live_lines).lstrip("\n").split("\n")
        name = self._hearing.opens("\n".join(lines))
        if not name:
            return []
        while lines and lines[-1][:1] not in {" ", "\t"}:
            lines.pop()
        stop = next((index for index, line in enumerate(lines) if self._hearing.changes(line)), len(lines))
        text = "\n".join(lines[:stop]).rstrip()
        begins = not self._told
        if len(text) <= len(self._told) or not text.startswith(self._told):
            return []
        self._told = text
        return [Open(text=text, name=name, begins=begins)]

    def _spoken(self, piece: Piece, reason: str = "") -> Spoken:
        if piece.kind != "broken":
            return Whole(piece=piece)
        code = piece.code[: self._limits.piece_characters]
        self.broken.update({piece.name: code} if piece.name else {})
        return Broken(reason=reason or f"It cannot be used: {piece.detail}.", name=piece.name, code=code)

    def _drop(self) -> list[Spoken]:
        told, self._told = self._told, ""
        return [Dropped()] if told else []


def _is_words(piece: Piece) -> bool:
    """Whether what cannot be read was never meant as code: sentences around it."""
    text = piece.code.strip()
    ends = ".!?…:" if text[:1].isupper() else ".!?…"
    is_sentence = text[:1].isalpha() and " " in text and text.endswith(tuple(ends)) and MARKS.isdisjoint(text)
    return piece.kind == "broken" and not piece.name and is_sentence


def _without_remarks(code: str) -> str:
    """Returns a piece without the comments and blank lines at its end."""
    lines = code.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith(REMARKS)):
        lines.pop()
    return "\n".join(lines)

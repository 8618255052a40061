"""Hears an answer of a model as it comes, and says what of it goes into the draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from headwater.pipeline.fences import fences_of
from headwater.pipeline.languages import Cutter, Grammar, Hearing
from headwater.pipeline.pieces import Piece


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


Spoken: TypeAlias = Open | Whole | Dropped | Broken


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
        """Takes the end; where the answer was cut, its last piece is not trusted, even if it parses.

        Where nothing of it was code, nor said to be, no word of it is taken for a broken test.
        """
        pieces = self._cutter.close()
        found: list[Spoken] = []
        if cut and pieces:
            last = pieces.pop()
            reason = "The answer was cut off in it: it reached the limit of its length."
            found.append(Broken(reason=reason, name=last.name, code=last.code))
        found = [*self._place(pieces), *found, *self._drop()]
        if self._usable or fences_of(self.text):
            return found
        return [each for each in found if not isinstance(each, Broken)]

    def _place(self, pieces: list[Piece]) -> list[Spoken]:
        found: list[Spoken] = []
        self._pieces += len(pieces)
        for piece in pieces:
            is_long = len(piece.code) > self._limits.piece_characters
            placed = [replace(piece, kind="broken", detail="it is too long")] if is_long else self._hearing.take(piece)
            self._usable = self._usable or any(each.kind != "broken" for each in placed)
            found += [_spoken(each) for each in placed]
            if any(each.kind == "broken" for each in placed) or not placed:
                found += self._drop()
            self._told = ""
        return found

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

    def _drop(self) -> list[Spoken]:
        told, self._told = self._told, ""
        return [Dropped()] if told else []


def _spoken(piece: Piece) -> Spoken:
    if piece.kind == "broken":
        return Broken(reason=f"It cannot be used: {piece.detail}.", name=piece.name, code=piece.code)
    return Whole(piece=piece)

"""Hears an answer of a model as it comes, and says what of it goes into the draft."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from headwater.pipeline.pieces import Piece, Splitter
from headwater.pipeline.scopes import Scope

DEFINITION = re.compile(r"^(?:async )?def (test\w*)\(", re.MULTILINE)


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


class Listener:
    """Cuts one answer into pieces; a test is told line by line where its text certainly stays as it is."""

    def __init__(self, scope: Scope, *, live: bool) -> None:
        """Places the pieces in `scope`."""
        self._scope = scope
        self._live = live
        self._splitter = Splitter()
        self._heard: list[str] = []
        self._told = ""

    @property
    def text(self) -> str:
        """All that was heard."""
        return "".join(self._heard)

    def hear(self, text: str) -> list[Spoken]:
        """Takes the next text of the answer."""
        if not text:
            return []
        self._heard.append(text)
        found = self._place(self._splitter.feed(text))
        return [*found, *self._open()] if self._live and "\n" in text else found

    def restart(self) -> list[Spoken]:
        """Forgets what is not complete: the answer begins anew. What was complete stays; it is judged by itself."""
        self._heard.clear()
        self._splitter = Splitter()
        return self._drop()

    def end(self, *, cut: bool) -> list[Spoken]:
        """Takes the end; where the answer was cut, its last piece is not trusted, even if it parses."""
        pieces = self._splitter.close()
        found: list[Spoken] = []
        if cut and pieces:
            last = pieces.pop()
            reason = "The answer was cut off in it: it reached the limit of its length."
            found.append(Broken(reason=reason, name=last.name, code=last.code))
        return [*self._place(pieces), *found, *self._drop()]

    def _place(self, pieces: list[Piece]) -> list[Spoken]:
        found: list[Spoken] = []
        for piece in pieces:
            placed = self._scope.take(piece)
            found += [_spoken(each) for each in placed]
            if any(each.kind == "broken" for each in placed) or not placed:
                found += self._drop()
            self._told = ""
        return found

    def _open(self) -> list[Spoken]:
        """Tells the open piece, if it is a test: its indented lines, up to one whose names will change."""
        lines = self._splitter.pending.lstrip("\n").split("\n")
        match = DEFINITION.search("\n".join(lines))
        if match is None or not self._scope.is_free(match[1]):
            return []
        while lines and lines[-1][:1] not in {" ", "\t"}:
            lines.pop()
        stop = next((index for index, line in enumerate(lines) if self._scope.changes(line)), len(lines))
        text = "\n".join(lines[:stop]).rstrip()
        begins = not self._told
        if len(text) <= len(self._told) or not text.startswith(self._told):
            return []
        self._told = text
        return [Open(text=text, name=match[1], begins=begins)]

    def _drop(self) -> list[Spoken]:
        told, self._told = self._told, ""
        return [Dropped()] if told else []


def _spoken(piece: Piece) -> Spoken:
    if piece.kind == "broken":
        return Broken(reason=f"It cannot be used: {piece.detail}.", name=piece.name, code=piece.code)
    return Whole(piece=piece)

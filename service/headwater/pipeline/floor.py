"""Lets one answer at a time speak, so that texts which are written at once never mix inside of a function."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

GAP = "\n\n\n"
"""What stands between two pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Text that goes into the draft, after so many characters at its end were withdrawn."""

    text: str = ""
    withdrawn: int = 0
    whole: bool = False
    """Whether the text ends a piece."""


class Floor:
    """Who holds the floor is heard while writing; what others complete meanwhile waits until that piece is whole."""

    def __init__(self) -> None:
        self._holder: int | None = None
        self._shown = ""
        self._waiting: deque[str] = deque()

    def open(self, who: int, text: str) -> Iterator[Chunk]:
        """Takes the whole text so far of a piece that is being written."""
        if self._holder is None:
            self._holder = who
        if self._holder == who and text.startswith(self._shown) and text != self._shown:
            fresh, self._shown = text[len(self._shown) :], text
            yield Chunk(text=fresh)

    def complete(self, who: int, text: str) -> Iterator[Chunk]:
        """Takes a whole piece: what was not heard of it yet follows, or it replaces what was heard."""
        if self._holder not in {None, who}:
            self._waiting.append(text)
            return
        shown = self._shown if self._holder == who else ""
        if text.startswith(shown):
            yield Chunk(text=text[len(shown) :] + GAP, whole=True)
        else:
            yield Chunk(withdrawn=len(shown), text=text + GAP, whole=True)
        yield from self._release()

    def drop(self, who: int) -> Iterator[Chunk]:
        """Withdraws what was heard of a piece that will never be whole."""
        if self._holder == who:
            if self._shown:
                yield Chunk(withdrawn=len(self._shown))
            yield from self._release()

    def _release(self) -> Iterator[Chunk]:
        self._holder, self._shown = None, ""
        while self._waiting:
            yield Chunk(text=self._waiting.popleft() + GAP, whole=True)

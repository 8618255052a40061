"""Knows, line by line, whether Python text stands inside of a string or a bracket."""

from __future__ import annotations

import re

TOKEN = re.compile(r"""\\.|#|'{3}|"{3}|['"]|[()\[\]{}]""", re.DOTALL)


class Lexer:
    """Reads physical lines; never fails, whatever the text is."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._continued = False

    @property
    def in_string(self) -> bool:
        """Whether the next line begins inside of a string of several lines."""
        return bool(self._quote)

    @property
    def unfinished(self) -> bool:
        """Whether the statement goes on in the next line for a string, a bracket or a backslash."""
        return bool(self._quote) or self._depth > 0 or self._continued

    def feed(self, line: str) -> None:
        """Reads a line, given without its end."""
        self._continued = False
        place = 0
        while match := TOKEN.search(line, place):
            place = match.end()
            mark = match.group()
            if self._quote:
                if mark.startswith(self._quote):
                    place = match.start() + len(self._quote)
                    self._quote = ""
            elif mark == "#":
                break
            elif mark[0] in "'\"":
                self._quote = mark
            elif mark in "([{":
                self._depth += 1
            elif mark in ")]}":
                self._depth = max(0, self._depth - 1)
        self._end(line)

    def _end(self, line: str) -> None:
        escaped = len(line) - len(line.rstrip("\\"))
        if len(self._quote) == 1:
            # A short string ends with its line, closed or not, unless a backslash takes it to the next.
            self._quote = self._quote if escaped % 2 else ""
        elif not self._quote and escaped:
            self._continued = True

"""Knows, line by line, what of a text is code where it may be Markdown."""

from __future__ import annotations

import enum
import re

FENCE = re.compile(r"(?P<indent> {0,3})(?P<mark>`{3,}|~{3,})\s*(?P<info>[^`]*)")
PYTHON_INFO = frozenset({"", "py", "python", "python3", "pytest"})
QUOTED = 120
"""So many characters are quoted of an answer that is no code."""


class _Where(enum.Enum):
    """Where a line stands in a text that may be Markdown."""

    PLAIN = enum.auto()
    OUTSIDE = enum.auto()
    CODE = enum.auto()
    OTHER = enum.auto()


class Fences:
    """Knows whether a line lies in a code fence."""

    def __init__(self, infos: frozenset[str] = PYTHON_INFO) -> None:
        """Takes fences for code whose info is one of `infos`."""
        self._infos = infos
        self._where = _Where.PLAIN
        self._mark = ""
        self._indent = 0

    @property
    def seen(self) -> bool:
        """Whether there was a fence at all."""
        return self._where is not _Where.PLAIN

    @property
    def inside(self) -> bool:
        """Whether a fence is open."""
        return self._where in {_Where.CODE, _Where.OTHER}

    @property
    def shows_code(self) -> bool:
        """Whether the next line may be code."""
        return self._where in {_Where.PLAIN, _Where.CODE}

    def applies(self, fence: re.Match[str]) -> bool:
        """Whether a line that looks like a fence is one here: inside, only the end of the same fence is."""
        return not self.inside or (fence["mark"].startswith(self._mark) and not fence["info"].strip())

    def begin(self, fence: re.Match[str]) -> None:
        """Opens a fence."""
        language = fence["info"].strip().lower().partition(" ")[0]
        self._where = _Where.CODE if language in self._infos else _Where.OTHER
        self._mark, self._indent = fence["mark"], len(fence["indent"])

    def end(self) -> None:
        """Closes the fence."""
        self._where = _Where.OUTSIDE

    def dedented(self, text: str) -> str:
        """Takes the fence's own indentation off a line."""
        margin = len(text) - len(text.lstrip(" "))
        return text[min(margin, self._indent) :]


def fences_of(text: str) -> list[str]:
    """Returns the info of each line of a text that looks like a fence."""
    return [found["info"].strip() for line in text.splitlines() if (found := FENCE.fullmatch(line))]


def what_it_is(text: str, title: str) -> str:
    """Says what an answer is that holds no test of the language: silence, words, or other code."""
    infos = fences_of(text)
    named = ", ".join(dict.fromkeys(filter(None, infos)))
    begins = " ".join(text[: 2 * QUOTED].split())
    if not begins:
        return "it said nothing"
    if infos:
        return f"its code ({named}) holds no test in {title}" if named else f"its code holds no test in {title}"
    shown = f"{begins[:QUOTED].rstrip()}…" if len(begins) > QUOTED else begins
    return f"it answered in words, not in {title}: “{shown}”"

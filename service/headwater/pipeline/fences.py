"""Knows, line by line, what of a text is code where it may be Markdown."""

from __future__ import annotations

import enum
import re

FENCE = re.compile(r"(?P<indent> {0,3})(?P<mark>`{3,}|~{3,})\s*(?P<info>[^`]*)")
PYTHON_INFO = frozenset({"", "py", "python", "python3", "pytest"})


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

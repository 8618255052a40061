"""Writes what a console can show, and counts and lists in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from rich.text import Text

Json: TypeAlias = Mapping[str, Any]
Lines: TypeAlias = Iterable[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """Writes what the console can show: signs of its encoding, and no control codes out of strangers' text."""

    encoding: str
    most_listed: int

    def sign(self, name: str) -> str:
        unicode, plain = _SIGNS[name]
        return unicode if self._fits(unicode) else plain

    def clean(self, text: object) -> str:
        shown = "".join(each if each.isprintable() else " " for each in str(text))
        return shown.encode(self.encoding, "replace").decode(self.encoding)

    def text(self, *parts: str | tuple[str, str]) -> Text:
        """Joins cleaned parts, each with a style if it is a pair."""
        pairs = [(part, "") if isinstance(part, str) else part for part in parts]
        return Text.assemble(*((self.clean(text), style) for text, style in pairs))

    def some(self, items: Sequence[str]) -> str:
        """Lists the first items and counts the rest."""
        rest = len(items) - self.most_listed
        return ", ".join(items[: self.most_listed]) + (f" and {rest} more" if rest > 0 else "")

    def _fits(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


def count(number: int, unit: str) -> str:
    """Counts in words: 1 line, 2 branches."""
    plural = f"{unit}es" if unit.endswith("ch") else f"{unit}s"
    return f"{number} {unit if number == 1 else plural}"


def ranges(lines: Sequence[int]) -> list[str]:
    """Writes runs of lines as ranges: 3, 7-9."""
    found: list[tuple[int, int]] = []
    for line in sorted(lines):
        if found and line == found[-1][1] + 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


_SIGNS: Mapping[str, tuple[str, str]] = {"good": ("✓", "ok"), "bad": ("✗", "x"), "to": ("→", "->"), "dot": ("·", "|")}

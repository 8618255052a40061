"""Keeps of a source file what an application with some traits has: the rest stands between marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet


def kept(text: str, traits: AbstractSet[str], mark: re.Pattern[str]) -> str:
    """Returns the lines that are there.

    `mark` matches a whole line that is a mark: its first group is `if`, `else` or `end`, its second the traits of which
    one is needed. Marks may stand within each other.
    """
    return "".join(_kept(text.splitlines(keepends=True), traits, mark))


def _kept(lines: list[str], traits: AbstractSet[str], mark: re.Pattern[str]) -> Iterator[str]:
    holds: list[bool] = []
    for line in lines:
        found = mark.fullmatch(line)
        if found is None:
            if all(holds):
                yield line
        elif found[1] == "if":
            holds.append(not traits.isdisjoint(found[2].split()))
        elif found[1] == "else":
            holds[-1] = not holds[-1]
        else:
            holds.pop()

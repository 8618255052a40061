"""Notices while calls are played what the code looks for: patterns it compiled, strings it keeps."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from typing import Any, Dict, Iterator, List, Set

from .inputs.patterns import samples

LONGEST = 40
"""A longer string is data, not something that is looked for."""
MOST = 60
"""How many strings of one object are taken."""


NESTED = 2
"""How many containers deep strings are looked for."""


class Noticing:
    """Remembers what it has told, so that everything is told once."""

    def __init__(self) -> None:
        """Begins with nothing told."""
        self._last: Any = None
        self._heard: List[str] = []
        self._told: Set[str] = set()

    def attend(self) -> None:
        """Begins to listen: patterns compiled from now on are the code's, those before may be anybody's."""
        self._last = next(reversed(_cache()), None)

    def listen(self) -> None:
        """Takes in the patterns that were compiled since."""
        for key in reversed(_cache()):
            if key == self._last:
                break
            self._heard.append(key[1])

    def news(self, owner: Any) -> List[str]:
        """Returns texts that the code may look for: from patterns compiled of late and from what an object keeps."""
        found: List[str] = []
        for pattern in [*self._heard, *_patterns(owner)]:
            if isinstance(pattern, str) and pattern not in self._told:
                self._told.add(pattern)
                found += samples(pattern)
        self._heard.clear()
        return [*found, *self._strings(owner)]

    def _strings(self, owner: Any) -> Iterator[str]:
        for value in _values(owner):
            for each in _leaves(value, NESTED):
                if isinstance(each, str) and 0 < len(each) <= LONGEST and each not in self._told:
                    self._told.add(each)
                    yield each


def _leaves(value: Any, depth: int) -> Iterator[Any]:
    """Yields what a container holds, and what containers in it hold; anything else itself."""
    if isinstance(value, (list, tuple, dict, set, frozenset)) and depth:
        for each in list(value)[:MOST]:
            yield from _leaves(each, depth - 1)
    else:
        yield value


def _values(owner: Any) -> List[Any]:
    kept = getattr(owner, "__dict__", None)
    return list(kept.values())[:MOST] if isinstance(kept, dict) else []


def _patterns(owner: Any) -> List[Any]:
    return [value.pattern for value in _values(owner) if isinstance(value, re.Pattern)]


def _cache() -> Dict[Any, Any]:
    """Returns the patterns that `re` keeps: (type, pattern, flags) each; empty where it keeps them elsewhere."""
    found = getattr(re, "_cache", None)
    return found if isinstance(found, dict) else {}

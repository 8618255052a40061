"""Finds JSON in what a model answered: alone, between fences, or amid prose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

OPENING = re.compile(r"[{\[]")


def values(answer: str, tries: int) -> Iterator[Any]:
    """Yields what is JSON in a text, from the front, each behind the one before; gives up after so many brackets."""
    at = 0
    for _ in range(tries):
        opening = OPENING.search(answer, at)
        if opening is None:
            return
        value, at = decoded(answer, opening.start())
        yield value


def decoded(answer: str, at: int) -> tuple[Any, int]:
    """Returns the value that begins at a place, or None, and where to go on."""
    try:
        return json.JSONDecoder().raw_decode(answer, at)
    except (ValueError, RecursionError):  # a bracket of prose, or JSON that is broken or nested beyond reading
        return None, at + 1

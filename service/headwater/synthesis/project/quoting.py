"""Puts texts in quotes, as the formatters of Python and TypeScript both would."""

from __future__ import annotations

import re
from collections.abc import Callable

PLAIN = re.compile(r"[ -\[\]-~]*")
"""Texts of which no letter is written in another way."""


def quoted(text: str, escaped: Callable[[str], str]) -> str:
    """Returns a text in double quotes, unless it holds more of these than of single ones; `escaped` writes a letter."""
    plain = text if PLAIN.fullmatch(text) else "".join(escaped(each) for each in text)
    if plain.count('"') > plain.count("'"):
        return "'" + plain.replace("'", "\\'") + "'"
    return '"' + plain.replace('"', '\\"') + '"'

"""Takes what a model wrote for people to read: plain text on one line, of a bounded length, or it is refused."""

from __future__ import annotations

import re

from headwater.synthesis.project.proposal.amended import Refused
from headwater.synthesis.project.spec_json import ODD

OF_APPLICATION = 400
OF_ENTITY = 160
OF_EMPTY_LIST = 120
"""Characters."""
MARKUP = re.compile(r"[<>`{}\\|]|\]\(|\*\*|__|^\s*[#>*-]\s|\$\(")
ADDRESS = re.compile(r"\b(?:https?|ftp|javascript|data|mailto):|\bwww\.|\S@\S+\.\w", re.IGNORECASE)
WORDS = 3
"""Fewer are no sentence."""


def plain(text: str, most: int) -> str:
    """Returns a text on one line. Raises Refused for markup, addresses, control characters and what is too long."""
    words = " ".join(text.split())
    if ODD.search(text) or MARKUP.search(words):
        raise Refused("it is no plain text", "write sentences without markup, code and control characters")
    if ADDRESS.search(words):
        raise Refused("it names an address", "write without links and addresses")
    if len(words) > most:
        raise Refused(f"it has {len(words)} characters", f"keep to {most}")
    if len(words.split()) < WORDS:
        raise Refused("it is no sentence", "write one or two sentences")
    return words

"""Reads lines with an arrow from one thing to others: `review -> talk, reviewer`, `slot → talk (0..1)`."""

from __future__ import annotations

import re

from headwater.synthesis.project.parsing.clauses import Piece, tell
from headwater.synthesis.project.parsing.draft import Draft
from headwater.synthesis.project.parsing.references import is_person

NOUN = r"[A-Za-z][\w]*(?:[ ][A-Za-z]\w*){0,2}"
LINE = re.compile(
    rf"^[ \t]*(?:[-*•+][ \t]+|\d+[.)][ \t]+)?(?P<one>{NOUN})[ \t]*(?:-+>|=>|→|➜)[ \t]*"
    rf"(?P<rest>{NOUN}(?:[ \t]*\([^()\n]*\))?(?:,[ \t]*{NOUN}(?:[ \t]*\([^()\n]*\))?)*)[ \t]*$",
    re.MULTILINE,
)
MANY = re.compile(r"\b[01]?\s*(?:\.\.|-)\s*(?:n|m|\*)|\bmany\b|\*", re.IGNORECASE)
MAYBE = re.compile(r"\b0\s*\.\.\s*1\b|\boptional\b|\?", re.IGNORECASE)


def arrows(text: str, draft: Draft) -> None:
    """Adds the relations that arrows between known things, or to people, tell of."""
    for match in LINE.finditer(text):
        thing = draft.find(match["one"])
        for part in re.finditer(rf"(?P<noun>{NOUN})[ \t]*(?:\((?P<said>[^()\n]*)\))?", match["rest"]) if thing else ():
            noun, said = part["noun"], part["said"] or ""
            if thing and (draft.find(noun) is not None or is_person(noun, draft)):
                start = match.start("rest") + part.start()
                many, maybe = ("list of " if MANY.search(said) else ""), (" optional" if MAYBE.search(said) else "")
                led = f"{noun} -> {many}{noun}{maybe}"
                tell(draft, thing, Piece(text=led, start=start, end=start + len(part[0])), "an arrow says so")

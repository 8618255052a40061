"""Reads lists that one line gives a subject to: "Guests can:" with "- see the schedule" below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headwater.synthesis.project.parsing.statements import Statement, statement

HEAD = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|[-*•+][ \t]+)?(?:\*\*|__)?(?:what[ \t]+)?(?P<who>[^\W\d_][\w ,&-]{1,50}?)[ \t]+"
    r"(?P<may>can(?:not)?|may(?:[ \t]+not)?|must[ \t]+not|"
    r"(?:are|(?:should|must|shall|will|need[ \t]+to)[ \t]+be)[ \t]+able[ \t]+to)"
    r"(?:[ \t]+do)?[ \t]*:?(?:\*\*|__)?[ \t]*:?[ \t]*\n(?:[ \t]*\n)?"
    r"(?P<list>(?:[ \t]*(?:[-*•+]|\d+[.)])[ \t]+[^\n]+(?:\n(?![ \t]*(?:[-*•+#]|\d+[.)]|\n))[^\n]+)*(?:\n|\Z))+)",
    re.MULTILINE | re.IGNORECASE,
)
ITEM = re.compile(
    r"^[ \t]*(?:[-*•+]|\d+[.)])[ \t]+(?P<said>[^\n]+(?:\n(?![ \t]*(?:[-*•+]|\d+[.)]))[^\n]+)*)", re.MULTILINE
)


def led(text: str) -> tuple[str, tuple[Statement, ...]]:
    """Returns a text with blanks for such lists, and what each of their members says of the subject."""
    found = list(HEAD.finditer(text))
    said = tuple(each for match in found for each in _members(match))
    for match in found:
        text = text[: match.start()] + re.sub(r"[^\n]", " ", match[0]) + text[match.end() :]
    return text, said


def _members(match: re.Match[str]) -> Iterator[Statement]:
    may = "cannot" if re.search(r"not$", match["may"], re.IGNORECASE) else "can"
    for item in ITEM.finditer(match["list"]):
        lead = f"{match['who'].strip()} {may} "
        said = item["said"].strip()
        at = match.start("list") + item.start("said")
        yield statement(f"{lead}{said[:1].lower()}{said[1:]}", max(0, at - len(lead)))

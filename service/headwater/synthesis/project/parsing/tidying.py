"""Takes out of a text what is only manner: numbers of requirements, heads of mails, marks of quotes, money signs.

Blanks and marks of the same length take their place, so that every place in the text stays the same.
"""

from __future__ import annotations

import re
from collections import Counter

LETTERED = re.compile(
    r"^(?P<lead>[ \t]*(?:[-*•+][ \t]+)?(?:\*\*|__)?\[?)(?P<letters>[A-Z]{1,6})[-_. ]?\d{1,4}(?:[.-]\d{1,3})*[a-z]?\]?"
    r"(?:\*\*|__)?[ \t]*[:.)–—-]?(?:\*\*|__)?[ \t]+(?=\S)",
    re.MULTILINE,
)
"""The number of a requirement: `FR-12`, `[US-3]`, `**REQ 4.1:**`."""
NUMBERED = re.compile(r"^(?P<lead>[ \t]*)\d{1,3}(?:\.\d{1,3})+[.)]?[ \t]+(?P<said>[^\W\d_][^\n]*)$", re.MULTILINE)
"""A line behind a number of several levels: `3.1 Sample`."""
SENTENCE = re.compile(r"[.;:!?]\s*$|\b(?:is|are|has|have|can|may|must|shall|should|will|cannot)\b")
"""What a heading has not."""
MAIL = re.compile(r"(?:^(?:From|To|Cc|Bcc|Subject|Date|Sent|Reply-To)[ \t]*:[^\n]*(?:\n|\Z)){2,}", re.MULTILINE)
"""The head of a mail."""
WROTE = re.compile(
    r"^[ \t>]*(?:on\b[^\n]{0,80}\bwrote|-{2,}[ \t]*original message[ \t]*-*)[ \t]*:?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
QUOTED = re.compile(r"^(?:[ \t]*>)+", re.MULTILINE)
UNDERLINE = re.compile(r"(?<=\n)[ \t]*(?:={3,}|-{3,}|~{3,}|\*{3,}|_{3,})[ \t]*$", re.MULTILINE)
AT_WILL = re.compile(
    r"\bif\s+(?:(?:they|you|one|he|she|people)\s+(?:wants?|likes?|wish(?:es)?)(?:\s+to)?|applicable|available|known|there\s+is\s+one)\b",
    re.IGNORECASE,
)
"""What says that a value is optional."""
MONEY = re.compile(r"[$€£](?=\s?\d)")
THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")


def tidied(text: str) -> str:
    """Returns a text without the manner of it."""
    for pattern in (MAIL, WROTE, QUOTED, UNDERLINE, MONEY):
        text = pattern.sub(_blank, text)
    text = AT_WILL.sub(lambda found: f"{'optional':<{len(found[0])}}", text)
    text = _unnumbered(text)
    return THOUSANDS.sub(lambda found: f"{found[0].replace(',', ''):<{len(found[0])}}", text)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _unnumbered(text: str) -> str:
    """Returns a text with bullets for the numbers of requirements and with marks of headings for those of sections."""
    counts = Counter(each["letters"] for each in LETTERED.finditer(text))

    def bullet(found: re.Match[str]) -> str:
        return f"{'-':<{len(found[0])}}" if counts[found["letters"]] > 1 else found[0]

    def section(found: re.Match[str]) -> str:
        mark = "-" if SENTENCE.search(found["said"]) else "#"
        return f"{mark:<{found.start('said') - found.start()}}{found['said']}"

    return NUMBERED.sub(section, LETTERED.sub(bullet, text))

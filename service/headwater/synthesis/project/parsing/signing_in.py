"""Tells whether a text says that nobody signs in."""

from __future__ import annotations

import re

from headwater.synthesis.project.parsing import acts
from headwater.synthesis.project.parsing.statements import Statement

NO_AUTH = re.compile(
    r"\b(?:no|without(?:\s+any)?|not\s+need(?:ed)?(?:\s+any)?|(?:don't|do\s+not)\s+need)\s+(?:user\s+)?"
    r"(?:log[\s-]?ins?|sign[\s-]?(?:in|up)s?|authentication|accounts?|auth|passwords?|registration)\b",
    re.IGNORECASE,
)
REGISTERING = re.compile(r"(?:registration|sign[\s-]?ups?)$", re.IGNORECASE)
SIGNING_IN = re.compile(
    r"\b(?:accounts?|log(?:s|ged)?[\s-]?ins?|sign(?:s|ed)?[\s-]?in|passwords?|admin\w*)\b", re.IGNORECASE
)
FOR_SOMETHING = re.compile(
    r"\s*(?:(?:is|are)\s+)?(?:needed|required|necessary)?\s*(?:for\s+(?:that|this|it)\b(?!\s+(?:app|site|tool|system))|to\s+[a-z])",
    re.IGNORECASE,
)
"""What says that only one thing is open to all: "no account is needed for that"."""


def is_open(said: Statement) -> bool:
    """Whether a sentence says that what was said before needs no account."""
    match = NO_AUTH.search(said.text)
    return match is not None and FOR_SOMETHING.match(said.text[match.end() :]) is not None


def closes(said: Statement, text: str) -> bool:
    """Whether a sentence says that nobody signs in; without a registration an administrator may make the accounts."""
    match = NO_AUTH.search(said.text)
    if match is None or acts.actors(said) or acts.MAY.search(said.text[: match.start()]):
        return False
    if FOR_SOMETHING.match(said.text[match.end() :]):
        return False
    return not REGISTERING.search(match[0]) or not SIGNING_IN.search(
        text[: said.start] + text[said.start + match.end() :]
    )

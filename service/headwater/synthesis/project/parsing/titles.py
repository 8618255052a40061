"""Finds what an application is called: what was given, what the text is headed with or asks for."""

from __future__ import annotations

import re

from headwater.synthesis.project.checking import Limits
from headwater.synthesis.project.parsing import (
    nouns,
)

TITLE = re.compile(
    r"(?<!can )(?<!may )(?<!users )(?<!and )\b(?:build|create|make|develop|design|implement|need|want|write|generate)"
    r"\s+(?:me\s+|us\s+|for\s+\w+\s+)?"
    r"(?:an?|the)\s+(?P<title>[\w -]{2,60}?)"
    r"(?=\s+(?:with|for|where|that|which|in|to|using|so|like)\b|[,.;:!\n]|$)",
    re.IGNORECASE,
)


STORY = re.compile(r"\bas\s+(?:an?|the)\s", re.IGNORECASE)


PLAIN_TITLES = frozenset(
    {
        "",
        "rest api",
        "api",
        "backend",
        "web api",
        "web app",
        "web application",
        "user stories",
        "requirements",
        "small app",
    }
)


def title_of(text: str, name: str, title: str, kind: str, limits: Limits) -> str:
    """Returns what was given, what the text is headed with or asks for, or the kind of application."""
    if title or name:
        return shortened(
            title or re.sub(r"[_-]+", " ", name).strip().capitalize() or "Application", limits.label_characters
        )
    heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    stories = (text.rfind("\n", 0, each.start()) + 1 for each in TITLE.finditer(text))
    told = (
        each
        for each, line in zip(TITLE.finditer(text), stories, strict=True)
        if not STORY.search(text[line : each.start()])
    )
    found = next(told, None)
    called = heading[1] if heading else found["title"] if found else ""
    few = text.split()
    if not called and len(few) <= 3:  # noqa: PLR2004 — a text of a word or two is its own title
        called = " ".join(few)
    called = re.sub(
        r"^(?:simple|small|basic|new|modern|full[\s-]?stack|web)\s+", "", called.strip(), flags=re.IGNORECASE
    )
    if called.lower() in nouns.SYSTEM | PLAIN_TITLES:
        called = kind
    return shortened((called[:1].upper() + called[1:]) or "Application", limits.label_characters)


def first_line(text: str) -> str:
    """Returns the first line that says anything."""
    return next((each.strip(" -*#\t") for each in text.splitlines() if each.strip(" -*#\t")), "")


def shortened(text: str, longest: int) -> str:
    """Returns a text in one line, cut where it is too long."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= longest else f"{one_line[: longest - 1]}…"

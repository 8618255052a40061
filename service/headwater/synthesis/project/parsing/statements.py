"""Cuts requirements into statements: user stories and plain sentences, each with who, what and what for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.synthesis.project.parsing.lexicon import NOUNS_TOO, VERBS, words
from headwater.synthesis.project.parsing.tagging import Sentence, Tag, read

STORY = re.compile(
    r"\bas\s+(?:an?\s+|the\s+)?(?P<role>[^,.;\n]{1,80}?)\s*,?\s*(?:\bI\b|\bwe\b)\s*(?:'d|’d)?\s*"
    r"(?:want|need|would\s+like|wish|can|could|should|must|like|have|am|expect|shall|may|will)?",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"[,;]?\s+(?:so\s+that|in\s+order\s+(?:to|that)|so\s+(?=I\b|we\b|the\b|[a-z]+s?\s)|because\b)", re.IGNORECASE
)
HEAD = re.compile(
    r"\s*(?:(?:please\s+)?(?:build|create|make|develop|design|implement|we\s+need|i\s+need|we\s+want|i\s+want)\b"
    r"[^.,:;\n]{0,60}?\s(?:where|in\s+which)\s+|"
    r"[^\w\n]*(?:[\w'’-]+ ){0,4}[\w'’-]+(?::| [—–-]) +(?!can\b|may\b|must\b|should\b|cannot\b)(?=[^\s|]+ +\S))",
    re.IGNORECASE,
)
"""A few words in front of a sentence that name what it is about: "Recipe site: users post recipes"."""
GIVEN = re.compile(r"^[ \t]*(?:[-*][ \t]+)?Given[ \t]+\w", re.MULTILINE)
STEP = re.compile(r"^([ \t]*)(?:[-*][ \t]+)?(?:Given|When|Then|And|But)[ \t]+(?=\w)", re.MULTILINE)
SCENARIO = re.compile(
    r"^[ \t]*(?:(?:Feature|Scenario(?: Outline)?|Background|Rule|Examples?):[^\n]*|@\w[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
"""What heads scenarios, and a scenario in front of its steps."""
ACTING = VERBS - NOUNS_TOO - {"have"}
"""Words that are verbs wherever they stand; "Must have:" heads a list all the same."""
ASIDE = words("far long soon well much always usual discussed agreed mentioned said promised requested before")
"""Words behind "as" that tell of no role."""
LONGEST_HEAD = 240
"""So many characters of a sentence are looked at for such words."""
LONGEST = 1000
"""A sentence of more characters is read in pieces; work grows with the square of its length."""
SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“(]?[A-Z0-9*-])|\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*•+#]|\d+[.)]|As\s+an?\s))"
    r"|;\s+(?![^()\n]{0,200}\))"
    r"|(?<=[a-z]{4}[.!?])\s+(?=[a-z]{2})"
    r"|(?<=:)\s+(?=(?:an?|each|every)\s+[\w-]+(?:\s[\w-]+)?\s+(?:has|have|contains?|includes?|belongs?|consists?)\b)"
)
HEADED = re.compile(r"^[ \t]*(?:#{1,6}[ \t][^\n]*|[A-Z][A-Z0-9 &/'’-]{3,60}:?)[ \t]*(?P<end>\n)", re.MULTILINE)
"""A heading: with a mark in front, or all in capitals; what stands below it is another sentence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Statement:
    """A sentence of the requirements: the role of a story, what is wanted, and what for; parts it lacks are None.

    One is the same as no other, so that what was found in it can be kept by it.
    """

    text: str
    start: int
    means: Sentence
    role: Sentence | None = None
    ends: Sentence | None = None


def steps_apart(text: str) -> str:
    """Returns a text in which each step of a scenario, "Given …" or "Then …", stands as a sentence in its place."""
    if not GIVEN.search(text):
        return text
    bare = SCENARIO.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return STEP.sub(lambda found: f"{found[1]}{'-':<{len(found[0]) - len(found[1])}}", bare)


def statements(text: str, start: int = 0) -> Iterator[Statement]:
    """Yields the statements of a text in their order; `start` is where it lies in the whole."""
    at = 0
    for stop, following in _ends(text):
        piece = text[at:stop]
        head = HEAD.match(piece[:LONGEST_HEAD])
        head = None if head and _acts(head[0]) else head
        cuts = [0, *([head.end()] if head else [])]
        for begin, end in zip(cuts, [*cuts[1:], len(piece)], strict=True):
            for cut in range(begin, end, LONGEST):
                if piece[cut : min(end, cut + LONGEST)].strip():
                    yield statement(piece[cut : min(end, cut + LONGEST)], start + at + cut)
        at = following


def _ends(text: str) -> list[tuple[int, int]]:
    """Returns where each sentence ends and the next one begins."""
    ends = [each.span() for each in SENTENCE_END.finditer(text)]
    inside = [each.span("end") for each in HEADED.finditer(text)]
    apart = [each for each in inside if not any(start <= each[0] < end for start, end in ends)]
    return [*sorted((*ends, *apart)), (len(text), len(text))]


def _acts(head: str) -> bool:
    """Whether words in front of a colon say what is done: what follows belongs to them."""
    said = [each.lower() for each in re.findall(r"[\w'’-]+", head)]
    return head.rstrip().endswith(":") and any(each in ACTING | {"is", "are"} for each in said[1:])


def statement(text: str, start: int) -> Statement:
    """Returns the parts of one sentence."""
    story = STORY.match(text.lstrip(" \t-*•0123456789.)")) if "as" in text[:40].lower() else None
    offset = len(text) - len(story.string) if story else 0
    role_at, rest_at = (offset + story.start("role"), offset + story.end()) if story else (0, 0)
    role = _role(text[role_at : offset + story.end("role")], start + role_at) if story else None
    if story is None or role is None:
        return Statement(text=text, start=start, means=read(text, start))
    ends = ENDS.search(text, rest_at)
    means = text[rest_at : ends.start() if ends else len(text)]
    return Statement(
        text=text,
        start=start,
        role=role,
        means=read(means, start + rest_at),
        ends=read(text[ends.end() :], start + ends.end()) if ends else None,
    )


def _role(text: str, start: int) -> Sentence | None:
    """Returns who a story is told by; nothing for "as discussed yesterday we", "as far as I" and the like."""
    said = read(text, start)
    if not said.phrases or said.tags[0] in {Tag.VERB, Tag.ADVERB, Tag.PREPOSITION, Tag.AUXILIARY} or _is_aside(said):
        return None
    if said.tags[-1] is Tag.VERB and said.tags[-2:-1] == (Tag.NOUN,):
        return read(text, start, names=True)
    return said


def _is_aside(said: Sentence) -> bool:
    first = said.tokens[0].lower
    return first in ASIDE or (first.endswith("ed") and len(said.tokens) > 1 and said.tags[1] is not Tag.NOUN)

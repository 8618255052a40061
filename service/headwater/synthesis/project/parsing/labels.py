"""Tells what the words in front of a list name: of `Manage the guests:` guests, of `Attributes:` what stands above."""

from __future__ import annotations

import re

from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.concepts import concept_name
from headwater.synthesis.project.parsing.draft import word_key
from headwater.synthesis.project.parsing.lexicon import NOUNS_TOO
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, read, verb_base

ARTICLE = re.compile(r"^(?:an?|the|each|every)\s+", re.IGNORECASE)
HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(?P<noun>[^\W\d_][^\n]*?)[ \t]*$", re.MULTILINE)
SUBJECT = re.compile(
    r"(?:^|[.!?]\s|\n)\s*(?:an?|each|every|the)\s+(?P<noun>[a-z][a-z -]{1,30}?)\s+"
    r"(?:is|are|has|have|can|may|must|shall|will|should|belongs?|refers?)\b",
    re.IGNORECASE,
)
"""What a sentence is about."""
NEAR = 600
"""So many characters above a list may say whose it is."""
LISTS = frozenset({"list", "register", "directory", "log"})
"""What several things are kept in: a guest list is of guests."""
INTO = frozenset({"at", "into", "onto"})
"""What leads to the place that a list describes: "seat guests at tables (number, seats)"."""
APART = frozenset({"by", "with", "of", "to", "for"})
"""What leads to another noun, which brackets behind it describe."""


def named(text: str, *, close: bool = False) -> str:
    """Returns the noun that the words in front of a list name; of what somebody does, what it is done to.

    A list in brackets stands `close` to what it describes.
    """
    bare = ARTICLE.sub("", text.strip())
    sentence = read(bare)
    at = next((at for at, tag in enumerate(sentence.tags) if tag is Tag.VERB and _acts(sentence, at)), None)
    behind = [each for each in sentence.phrases if at is not None and each.first > at]
    if not behind:
        return bare
    last = behind[-1]
    phrase = last if last.plural and sentence.tokens[last.first - 1].lower in INTO else behind[0]
    if len(phrase.nouns) > 1 and phrase.nouns[-1] in LISTS:
        return " ".join(phrase.nouns[:-1])
    between = {each.lower for each in sentence.tokens[phrase.last + 1 :]} & APART
    return bare if close and between else concept_name(phrase) or phrase.name


def maker(text: str) -> str:
    """Returns the thing that makes what a list describes, such as sensors; empty for people and where there is none."""
    sentence = read(ARTICLE.sub("", text.strip()))
    at = next((at for at, tag in enumerate(sentence.tags) if tag is Tag.VERB and _acts(sentence, at)), 0)
    before = next((each for each in sentence.phrases if each.last == at - 1), None)
    return "" if before is None or _is_somebody(before) else before.name


def _acts(sentence: Sentence, at: int) -> bool:
    """Whether a verb says what is done rather than being a part of a name, such as "work" in "work order"."""
    word = sentence.tokens[at].lower
    before = next((each for each in sentence.phrases if each.last == at - 1), None)
    if verb_base(word) in {"", "have"} or (at and not _several(before)):
        return False
    following = sentence.tags[at + 1 : at + 2]
    sure = word not in NOUNS_TOO and (at > 0 or verb_base(word) == word)
    return sure or following in {(Tag.DETERMINER,), (Tag.POSSESSIVE,)} or (at > 0 and _is_somebody(before))


def _several(phrase: Phrase | None) -> bool:
    return phrase is not None and phrase.plural


def _is_somebody(phrase: Phrase | None) -> bool:
    return phrase is not None and nouns.acts_like_person(word_key(phrase.name))


def above(text: str, end: int) -> str:
    """Returns what is spoken of above a place: the heading or the sentence that is nearest; empty for neither."""
    piece = text[max(0, end - NEAR) : end]
    found = max((*HEADING.finditer(piece), *SUBJECT.finditer(piece)), key=lambda each: each.start(), default=None)
    return found["noun"].strip() if found else ""

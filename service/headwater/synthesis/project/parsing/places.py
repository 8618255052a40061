"""Reads where, when and by whom things happen, and which may be in many others: "a song can be on many albums"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.concepts import concept_name, thing_of
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.kinds import guessed
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.references import is_person
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import FieldType, RelationKind

HAPPENS = re.compile(
    r"\b(?:takes?\s+place|happens?|occurs?|starts?|(?:is|are)\s+(?:held|taught|given|scheduled|played|run|led|hosted))"
    r"(?=,?\s+(?:in|at|on|by|for|during)\s)",
    re.IGNORECASE,
)
PART = re.compile(
    r"(?:,\s*)?\s*(?:\band\s+)?(?:(?:is|are)\s+(?:held|taught|given|led|run|hosted)\s+)?"
    r"(?:in|at|on|by|for|during)\s+(?:(?:exactly|only)\s+)?(?:an?|the|one|its|some)\s+"
    r"(?P<noun>[a-z][a-z-]*(?:\s(?!(?:in|at|on|by|for|during|with|and|or|has|have|to|from|of|where|which|that|is|are|can)\b)"
    r"[a-z][a-z-]*){0,2})",
    re.IGNORECASE,
)
"""One of the places, times and people behind it, with an article in front: "in a room", "by a teacher"."""
NAMED = re.compile(r"(?:,\s*)?\s*(?:in|at|on|by|for|during)\s+[A-Z][\w-]*(?:\s[A-Z][\w-]*)*")
"""One by name, of which nothing is kept: "on Monday"."""
PLACED = words("store keep place park locate assign sit live work play happen take hold group organise organize")
"""Verbs that say where a thing belongs: "pallets are stored in racks"."""
INTO = words("add upload put post submit move log file store group attach sort")
"""Verbs that put one thing into another: "add tasks to a project"."""
STARTING = "starts at"
MOMENT = re.compile(r"\b(?:date|time|moment|day)$")
"""When something starts: "at a given date", which is the name of no value."""
IDLE = words("place way case basis moment row manner fact time rule example end start beginning same future past")
"""Nouns behind such a word that are no place and no value."""
SHARED = re.compile(
    r"\b(?:an?|the|each|every|one|any|the\s+same)\s+(?P<one>[a-z][a-z -]{1,30}?)\s+(?:can|may|might|could)\s+"
    r"(?:also\s+)?(?:be(?:\s+[a-z]+)?|appear|occur|belong|take\s+part|participate|play|attend|join|work)\s+"
    r"(?:(?:in|at|on|by|for|to|with|of|from)\s+)?"
    r"(?:many|several|multiple|various|more\s+than\s+one|any\s+number\s+of)\s+(?:different\s+)?"
    r"(?P<many>[a-z][a-z -]{1,30}?)"
    r"(?=[,.;:)]|\s+(?:and|at|in|on|by|for|with|but|over|per|during)\b|$)",
    re.IGNORECASE,
)
"""What one of a thing may have to do with many of another, and those with many of it."""


def shared(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the relations of many to many that sentences such as "a song can be on many albums" tell of."""
    for each in texts:
        for match in SHARED.finditer(each.text) if each.role is None else ():
            thing, other = draft.find(match["one"].lower()), draft.find(match["many"].lower())
            start = each.start + match.start()
            many = word_key(match["many"])
            if thing is not None and other is None and " " not in many and not is_person(many, draft):
                unkept = {many} & (nouns.WITHIN | nouns.SYSTEM) or many == match["many"].lower()
                end = each.start + match.end()
                other = None if unkept else draft.add(many, stated("a sentence counts them", start, end))
            if thing is None or other is None or thing is other:
                continue
            draft.relate(
                thing, match["many"].lower(), other.name, kind=RelationKind.MANY_TO_MANY, optional=True,
                origin=stated("a sentence says that one may be in many", start, each.start + match.end()),
            )  # fmt: skip


def happenings(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds where, when and by whom something happens: a relation to what is kept or to people, else a value."""
    for each in texts:
        match = HAPPENS.search(each.text) if each.role is None else None
        parts = _parts(each, match.end()) if match else ()
        if match and re.match(r"starts?", match[0], re.IGNORECASE):
            parts = tuple((STARTING if MOMENT.search(noun) else noun, *place) for noun, *place in parts)
        thing = _subject(each, match.start(), draft) if match and parts else None
        for noun, start, end in parts if thing else ():
            if thing:
                _happens(draft, thing, noun, (start, end))


def _parts(text: Statement, at: int) -> tuple[tuple[str, int, int], ...]:
    found: list[tuple[str, int, int]] = []
    while part := PART.match(text.text, at) or NAMED.match(text.text, at):
        at = part.end()
        if part.re is NAMED:
            continue
        noun = part["noun"].lower()
        if not {noun, word_key(noun), noun.rsplit(" ", 1)[-1]} & IDLE:
            found.append((noun, text.start + part.start("noun"), text.start + part.end("noun")))
    return tuple(found)


def _subject(text: Statement, at: int, draft: Draft) -> Thing | None:
    """Returns what happens: the first thing of the sentence, new where it stands for all of its kind."""
    before = [each for each in text.means.phrases if text.means.tokens[each.last].end <= text.start + at]
    phrase = before[0] if before else None
    if phrase is None or len(before) > 2:  # noqa: PLR2004 — "a lesson of a course"
        return None
    name = concept_name(phrase)
    thing = draft.find(name or phrase.name)
    if thing is None and name and _of_all(phrase) and not nouns.acts_like_person(name):
        start, end = text.means.tokens[phrase.first].start, text.means.tokens[phrase.last].end
        thing = draft.add(name, stated("a sentence says where or when it happens", start, end))
    return thing


def _of_all(phrase: Phrase) -> bool:
    return phrase.plural or phrase.determiner in {"a", "an", "each", "every"}


def _happens(draft: Draft, thing: Thing, noun: str, place: tuple[int, int]) -> None:
    origin = stated("a sentence says so", *place)
    target = draft.find(noun)
    person = target is None and is_person(noun, draft)
    if target is thing:
        return
    if target is None and not person:
        kind = guessed(noun)
        field = field_of(f"{noun}: string" if kind is FieldType.TEXT else noun, origin).field
        if field.name not in draft.attributes(thing):
            draft.put(thing, field)
        return
    name = target.name if target else draft.account
    if any({each.source, each.target} == {thing.name, name} for each in draft.relations):
        return
    draft.relate(thing, noun, name, kind=RelationKind.MANY_TO_ONE, origin=origin, optional=False)


def placed(text: Statement, draft: Draft) -> None:
    """Joins what is placed to where: the subject and the phrase behind "in", "on" or "at"."""
    sentence = text.means
    for at, tag in enumerate(sentence.tags):
        after = sentence.tokens[at + 1].lower if at + 1 < len(sentence.tokens) else ""
        base = verb_base(sentence.tokens[at].lower) if tag is Tag.VERB else ""
        if base in INTO and sentence.tags[at - 1 : at] != (Tag.AUXILIARY,):
            _put(draft, sentence, at)
        if after not in {"in", "on", "at"} or base not in PLACED:
            continue
        subject = next((each for each in sentence.phrases if each.last < at), None)
        where = next((each for each in sentence.phrases if each.first > at + 1), None)
        if subject is None or where is None or Tag.PREPOSITION in sentence.tags[at + 2 : where.first]:
            continue
        thing, name = thing_of(draft, subject), concept_name(where)
        if thing is None or not name or nouns.acts_like_person(name):
            continue
        start, end = sentence.tokens[where.first].start, sentence.tokens[where.last].end
        origin = stated("a sentence says where it belongs", start, end)
        target = draft.find(name) or (draft.add(name, origin) if where.plural else None)
        if target is not None and target is not thing and not joined(draft, thing, target):
            draft.relate(thing, name, target.name, kind=RelationKind.MANY_TO_ONE, origin=origin, optional=True)


def _put(draft: Draft, sentence: Sentence, at: int) -> None:
    """Joins the object of a verb to what it is put into."""
    both = [each for each in sentence.phrases if each.first > at][:2]
    things = [thing_of(draft, each) for each in both]
    if len(both) < 2 or None in things or things[0] is things[1]:  # noqa: PLR2004 — what, and into what
        return
    between = [each.lower for each in sentence.tokens[both[0].last + 1 : both[1].first]]
    one, other = things
    if one and other and between and between[0] in {"to", "into", "in"} and not joined(draft, one, other):
        start, end = sentence.tokens[both[1].first].start, sentence.tokens[both[1].last].end
        origin = stated("a sentence says where it belongs", start, end)
        draft.relate(one, other.label, other.name, kind=RelationKind.MANY_TO_ONE, origin=origin, optional=True)


def joined(draft: Draft, one: Thing, other: Thing) -> bool:
    """Whether a relation joins two things already."""
    return any({each.source, each.target} == {one.name, other.name} for each in draft.relations)

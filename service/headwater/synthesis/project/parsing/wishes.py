"""Reads what is asked for in passing: "a shop with products", "there are several stages", "each move is recorded"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from headwater.synthesis.project.parsing import nouns, spellings
from headwater.synthesis.project.parsing.clauses import Piece, pieces, tell
from headwater.synthesis.project.parsing.concepts import concept_name, thing_of
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.features import of_feature
from headwater.synthesis.project.parsing.havings import CUT, WORDS_OF_NOUN, keep
from headwater.synthesis.project.parsing.kinds import NAMING, guessed
from headwater.synthesis.project.parsing.lexicon import ADJECTIVES, words
from headwater.synthesis.project.parsing.places import joined, placed
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import FieldType, RelationKind

WITH = re.compile(
    r"\b(?:with|including|featuring|for\s+(?:managing|tracking|keeping|organi[sz]ing))\s+(?P<rest>.+)", re.IGNORECASE
)
DESCRIBED = re.compile(
    r"(?:^\W*|,\s*(?:and\s+)?|;\s*|\band\s+)(?P<noun>[a-z][a-z -]{1,30}?)\s+(?:with|having)\s+", re.IGNORECASE
)
"""What a list says of its members: "projects with a name, tasks with a title and a due date"."""
THERE_ARE = re.compile(r"\bthere\s+(?:are|will\s+be|is|can\s+be)\s+(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
NOTED = words("record store keep issue file register save create log track note document print generate define raise")
"""Verbs by which, in the passive, a thing comes to be kept: "a ticket is issued"."""
REGISTERING = words("register record manage add keep track maintain store enter")
"""Verbs whose object is kept, people too."""
MADE = words(
    "write publish create post submit upload register add file draft compose record plan issue prepare place request "
    "reserve log report raise"
)
"""Verbs whose object comes to be by them."""
OF = re.compile(
    r"\b(status|state|stage|type|kind|category|priority|level)\s+of\s+(?:an?|the|each|every|their|its)\s+[\w -]+$",
    re.IGNORECASE,
)
BEHIND = re.compile(
    r"\((?P<rest>[^()]+)\)|\b(?:is|are)\s+(?:recorded|created|made|issued|noted|logged|kept|stored|registered|entered|documented|written)"
    r"\s+with\s+(?P<with>[^.;]+)|\b(?:with|including)\s+(?P<more>(?:[^.;()]|\([^()]*\))+)",
    re.IGNORECASE,
)
"""What is said of the values of a thing behind its name."""
COLON = re.compile(r"(?P<head>[^:\n]{3,120}):\s+(?P<rest>[^:\n]+(?::[^:\n]+)?)$")
POSTING = words("post publish share")
EACH = frozenset({"each", "every"})
SINGLE = re.compile(r"(?:an?|its|the)\s", re.IGNORECASE)
LED = (["for"], ["about"], ["on"], ["against"])
"""What stands between two nouns of which the first is described: "a ticket about a device with a subject"."""
GRADES = words("basic standard premium vip pro gold silver bronze platinum economy deluxe starter enterprise")
"""What kinds of one thing are often called."""
PERSONAL = 3
"""So many values behind a noun for people are theirs: "patients (first name, phone, e-mail)"."""
LONGEST_DESCRIBED = 400
"""A sentence of more characters is no such list."""
LONGEST_HEAD = 6
"""So many words in front of "with" may name the application."""


def wishes(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds what is named as part of the application, or comes to be kept by what is done."""
    for each in texts:
        if each.role is not None:
            for phrase in _posted(each.means):
                _add(draft, each.means, phrase)
            continue
        described = _described(each)
        for noun, _ in described:
            keep(draft, noun, "the text says what it has")
        if described:
            continue
        for match, reason in _lists(each):
            rest = CUT.split(match["rest"])[0]
            for piece in pieces(rest, each.start + match.start("rest")):
                if not _is_clause(piece.text) and not of_feature(piece.text, tables_only=False):
                    keep(draft, piece, reason)
        for phrase in _made(each.means):
            _add(draft, each.means, phrase)


def _by_people(sentence: Sentence, phrase: Phrase) -> bool:
    """Whether a phrase is who does something in the passive: "recorded by members"."""
    led = phrase.first > 0 and sentence.tokens[phrase.first - 1].lower == "by"
    return led and nouns.acts_like_person(word_key(phrase.name))


def _posted(sentence: Sentence) -> Iterator[Phrase]:
    """Yields what a story says that somebody posts, where that is a word for a text: "post updates to my campaign"."""
    for at, tag in enumerate(sentence.tags):
        behind = next((each for each in sentence.phrases if each.first > at), None)
        if tag is Tag.VERB and verb_base(sentence.tokens[at].lower) in POSTING and behind is not None:
            yield from [behind] if behind.name in nouns.COUNTED and behind.plural else []


def _told(text: Statement, draft: Draft) -> None:
    """Adds what stands behind a colon: "employees submit requests: start, end", "fuel is noted for each car: date"."""
    match = COLON.match(text.text) if text.role is None else None
    if match is None:
        return
    members = tuple(pieces(match["rest"].rstrip(" ."), text.start + match.start("rest")))
    before = [
        each for each in text.means.phrases if text.means.tokens[each.last].end <= text.start + match.start("rest")
    ]
    before = [each for each in before if not _by_people(text.means, each)]
    if not before or not are_values(members):
        return
    told_each = before[-1].determiner in EACH and len(before) > 1
    called = len(before) > 1 and text.means.tags[before[-2].last + 1 : before[-1].first] == (Tag.AUXILIARY,)
    if not called and Tag.VERB not in text.means.tags[: before[-1].last + 1]:
        return
    noun = before[-2] if told_each or called else (_core(text, before) or before)[-1]
    key = word_key(noun.name)
    if key in nouns.ATTRIBUTES or (nouns.acts_like_person(noun.name) and not called):
        return
    start, end = text.means.tokens[noun.first].start, text.means.tokens[noun.last].end
    thing = thing_of(draft, noun) or draft.add(noun.name, stated("the text says what it has", start, end))
    if told_each or noun is not before[-1]:
        _join_each(draft, noun, before[-1], text)
    for each in members:
        tell(draft, thing, each, "it stands behind the colon")


def details(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds what stands in brackets behind a thing, what it is recorded with, and where it is placed."""
    for each in texts:
        described = _described(each)
        for noun, members in described:
            thing = draft.find(noun.text)
            for member in members if thing else ():
                if thing and (draft.find(member.text) or not of_feature(member.text, tables_only=False)):
                    tell(draft, thing, member, "the text says what it has")
        if not described:
            _told(each, draft)
            _bracketed(each, draft)
        placed(each, draft)


def _described(text: Statement) -> tuple[tuple[Piece, tuple[Piece, ...]], ...]:
    """Returns what a list without a verb describes, each thing with what it has; empty for anything else."""
    found = list(DESCRIBED.finditer(text.text)) if text.role is None else []
    acting = {Tag.AUXILIARY, Tag.PRONOUN} & set(text.means.tags)
    if not found or found[0].start() or acting or len(text.text) > LONGEST_DESCRIBED:
        return ()
    first = [
        tag
        for tag, token in zip(text.means.tags, text.means.tokens, strict=True)
        if token.start < text.start + found[0].end()
    ]
    if Tag.VERB in first or not any(each.plural for each in text.means.phrases[:1]):
        return ()
    ends = [*(each.start() for each in found[1:]), len(text.text)]
    described = tuple(
        (
            Piece(text=each["noun"], start=text.start + each.start("noun"), end=text.start + each.end("noun")),
            tuple(pieces(CUT.split(text.text[each.end() : end])[0], text.start + each.end())),
        )
        for each, end in zip(found, ends, strict=True)
    )
    return described if any(_is_value(each) for each in described[0][1]) else ()


def _lists(text: Statement) -> Iterator[tuple[re.Match[str], str]]:
    there = THERE_ARE.search(text.text)
    if there:
        yield there, "a sentence says that there are some"
    wanted = WITH.search(text.text)
    if wanted is None:
        return
    head = text.text[: wanted.start()]
    sentence = text.means
    before = [
        tag for tag, token in zip(sentence.tags, sentence.tokens, strict=True) if token.end <= text.start + len(head)
    ]
    asks = re.search(
        r"\b(?:build|make|create|develop|design|need|want|like|implement|generate|write)\b", head, re.IGNORECASE
    )
    acting = [
        each for each, tag in zip(text.means.tokens[1:], before[1:], strict=False)
        if tag is Tag.VERB and not each.lower.endswith("ing")
    ]  # fmt: skip
    named = not acting and Tag.AUXILIARY not in before and len(head.split()) <= LONGEST_HEAD
    if asks or named:
        yield wanted, "it is asked for"


def _is_clause(text: str) -> bool:
    first, *rest = text.lower().split()
    return first in {"a", "an", "the"} or (bool(verb_base(first)) and bool(rest))


def _made(sentence: Sentence) -> Iterator[Phrase]:
    """Yields what comes to be kept: the object of making, and the subject of being recorded."""
    for at, tag in enumerate(sentence.tags):
        if tag is not Tag.VERB:
            continue
        base = verb_base(sentence.tokens[at].lower)
        be = at > 0 and sentence.tags[at - 1] is Tag.AUXILIARY and sentence.tokens[at].lower.endswith(("ed", "n", "t"))
        if be and base in NOTED:
            subject = next((each for each in sentence.phrases if each.last < at and _begins(sentence, each)), None)
            if subject is not None:
                yield subject
        elif not be and base in MADE:
            behind = next((each for each in sentence.phrases if each.first > at), None)
            who = [each for each in sentence.phrases if each.last < at]
            acted = behind is not None and Tag.PREPOSITION not in sentence.tags[at : behind.first]
            somebody = any(nouns.acts_like_person(word_key(each.name)) for each in (*who[:1], *who[-1:]))
            if behind is not None and acted and somebody:
                yield behind


def _begins(sentence: Sentence, phrase: Phrase) -> bool:
    before = sentence.tags[phrase.first - 1] if phrase.first else None
    return before in {None, Tag.MARK, Tag.CONJUNCTION}


def _add(draft: Draft, sentence: Sentence, phrase: Phrase) -> None:
    whole = phrase.name in nouns.COUNTED or (len(phrase.nouns) > 1 and phrase.nouns[-1] in nouns.COUNTED)
    name = phrase.name if whole else concept_name(phrase)
    if whole and concept_name(phrase) and draft.find(concept_name(phrase)) is None:
        draft.aliases.setdefault(concept_name(phrase), phrase.name)
    if (
        name
        and not of_feature(name)
        and draft.find(name) is None
        and not nouns.acts_like_person(name)
        and len(name.split()) <= WORDS_OF_NOUN
    ):
        start, end = sentence.tokens[phrase.first].start, sentence.tokens[phrase.last].end
        draft.add(name, stated("the text says that it comes to be", start, end))


def _bracketed(text: Statement, draft: Draft) -> None:
    end = text.means.tokens[-1].end - text.start if text.role and text.means.tokens else len(text.text)
    for match in (each for each in BEHIND.finditer(text.text, 0, end) if not _is_told(text, each, draft)):
        start = text.start + match.start()
        before = [each for each in text.means.phrases if text.means.tokens[each.last].end <= start]
        thing = thing_of(draft, before[-1]) if before else None
        group = next(name for name in ("rest", "with", "more") if match[name])
        members = tuple(pieces(CUT.split(match[group])[0], text.start + match.start(group)))
        if match["more"] and not (are_values(members) or _are_parts(text, members)):
            continue
        if match["more"] and _behind_comma(draft, text, before, match):
            continue
        if len(before) > 1 and match["more"] and _leads_to(before[-2], before[-1], text):
            thing = _join_each(draft, before[-2], before[-1], text)
        near = before and not text.text[text.means.tokens[before[-1].last].end - text.start : match.start()].strip(" ,")
        if not near or (group != "with" and len(members) < 2):  # noqa: PLR2004
            continue
        if (
            thing is None
            and group != "with"
            and before[-1].plural
            and _has_fields(before[-1], members, registered=_registered(text, before[-1]))
        ):
            first, end = text.means.tokens[before[-1].first].start, text.means.tokens[before[-1].last].end
            thing = draft.add(before[-1].name, stated("the text says what it has", first, end))
        if thing is None:
            continue
        of = OF.search(text.text[: match.start()])
        if of and group == "rest":
            field = field_of(
                f"{of[1]}: {' | '.join(each.text for each in members)}",
                stated("its values", start, start + len(match[0])),
            )
            draft.put(thing, field.field)
            continue
        listed = spellings.choices(match[group]) if group == "rest" else ()
        members = tuple(replace(members[0], text=each) for each in listed) or members
        graded = group == "rest" and any(each.text.lower() in ADJECTIVES | GRADES for each in members)
        told = f"type: {' | '.join(each.text for each in members)}"
        for each in (Piece(text=told, start=members[0].start, end=members[-1].end),) if graded else members:
            tell(draft, thing, each, "it stands behind the name")


def _is_told(text: Statement, match: re.Match[str], draft: Draft) -> bool:
    """Whether what stands in brackets was read as the choices of a value."""
    at = text.start + match.start()
    fields = (each for thing in draft.things.values() for each in thing.fields.values() if each.choices)
    return match["rest"] is not None and any(
        each.origin.span and each.origin.span.start < at < each.origin.span.end for each in fields
    )


def _behind_comma(draft: Draft, text: Statement, before: Sequence[Phrase], match: re.Match[str]) -> bool:
    """Reads ", with a photo and a cost" as said of the object rather than of the noun in front; whether it did."""
    comma = match[0].startswith("with") and text.text[: match.start()].rstrip().endswith(",")
    core = _core(text, before) if comma else []
    members = tuple(pieces(CUT.split(match["more"])[0], text.start + match.start("more")))
    if not core or core[-1] is before[-1] or not are_values(members):
        return False
    thing = _described_thing(draft, text, core[-1], before[-1])
    for each in members if thing else ():
        if thing:
            tell(draft, thing, each, "it stands behind the comma")
    return True


def _core(text: Statement, before: Sequence[Phrase]) -> list[Phrase]:
    """Returns the subject and the objects among phrases, which stand behind no preposition."""
    tags = text.means.tags
    return [each for each in before if not each.first or tags[each.first - 1] not in {Tag.PREPOSITION, Tag.TO}]


def _described_thing(draft: Draft, text: Statement, noun: Phrase, other: Phrase) -> Thing | None:
    """Returns what "we note damages on a car, with a photo" describes, joined to what stands behind it."""
    name = concept_name(noun)
    thing = thing_of(draft, noun)
    if thing is None and noun.plural and name and not nouns.acts_like_person(name) and not of_feature(name):
        start, end = text.means.tokens[noun.first].start, text.means.tokens[noun.last].end
        thing = draft.add(name, stated("the text says what it has", start, end))
    between = text.means.tags[noun.last + 1 : other.first]
    if thing and between == (Tag.PREPOSITION,):
        _join_each(draft, noun, other, text)
    return thing


def _leads_to(noun: Phrase, other: Phrase, text: Statement) -> bool:
    """Whether what stands behind "a treatment for an appointment" is said of the first rather than of the second."""
    between = [each.lower for each in text.means.tokens[noun.last + 1 : other.first]]
    made = noun.determiner in {"a", "an"} and other.determiner in {"a", "an", "the"} and between in LED
    return other.determiner in EACH or made or between[-1:] == ["per"]


def _join_each(draft: Draft, noun: Phrase, each: Phrase, text: Statement) -> Thing | None:
    """Joins what there is "for each" of something to it, and returns it."""
    thing, target = thing_of(draft, noun), thing_of(draft, each)
    if thing and target and thing is not target and not joined(draft, thing, target):
        origin = stated("a sentence says so", text.start, text.start + len(text.text))
        draft.relate(
            thing, target.label, target.name, kind=RelationKind.MANY_TO_ONE, origin=origin, optional=False, part=True
        )
    return thing


def _has_fields(phrase: Phrase, members: Sequence[Piece], *, registered: bool) -> bool:
    """Whether what stands in brackets behind a plural reads like values of each of them."""
    told = sum(map(_is_value, members)) >= PERSONAL
    plain = (
        told or not nouns.acts_like_person(phrase.name)
    ) and phrase.name not in nouns.APPLICATION | nouns.ATTRIBUTES
    able = of_feature(phrase.name) or registered or plain
    return able and are_values(members)


def _registered(text: Statement, phrase: Phrase) -> bool:
    """Whether people are registered rather than acting themselves: "register owners with their name and phone"."""
    verb = text.means.tokens[phrase.first - 1].lower if phrase.first else ""
    return verb_base(verb) in REGISTERING


def are_values(members: Sequence[Piece]) -> bool:
    """Whether at least two members of a list are likely values, or one and each has "a" in front."""
    known = sum(_is_value(each) for each in members)
    return known > 1 or (known > 0 and len(members) > 1 and all(SINGLE.match(each.text) for each in members[:-1]))


def _are_parts(text: Statement, members: Sequence[Piece]) -> bool:
    """Whether a story lists what a thing has: "save recipes with ingredients, steps and a cooking time"."""
    plain = all(SINGLE.match(each.text) or word_key(each.text) != each.text.lower() for each in members)
    return text.role is not None and len(members) > 1 and plain and any(map(_is_value, members))


def _is_value(member: Piece) -> bool:
    last = word_key(member.text).rsplit(" ", 1)[-1]
    return (
        ":" in member.text
        or last in nouns.ATTRIBUTES | NAMING
        or any(guessed(each) is not FieldType.STRING for each in (last, member.text))
    )

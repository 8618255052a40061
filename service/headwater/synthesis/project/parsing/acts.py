"""Finds who acts in a sentence and what is done to what: the people in front of "may" and of verbs, and the objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from headwater.synthesis.project.ontology.deeds import DEEDS
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import word_key
from headwater.synthesis.project.parsing.lexicon import MODALS, words
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base
from headwater.synthesis.project.spec import Action

ACTS: dict[Action, frozenset[str]] = {
    Action.CREATE: words("""
        create add write post submit publish upload place enter log record make open start report send save plan
        register raise draft request file schedule arrange
    """),
    Action.READ: words("view see read browse list search find track check access download look consult"),
    Action.UPDATE: words("""
        edit update change modify assign approve reject close confirm archive complete feature pin verify hide correct
        move reschedule
    """),
    Action.DELETE: words("delete remove cancel"),
}
MANAGE = words("manage administer maintain moderate control organize organise handle")
DOING = MANAGE.union(*ACTS.values())
OF_PEOPLE = words("view see browse look edit modify delete approve reject upload manage write submit")
"""Verbs that only people do, so that several who may do so are people, whatever they are called."""
DEEDS_DONE = frozenset(words.split()[0] for deed in DEEDS for words in deed.verbs)
ONE_OF = words("a an the each every any")
"""What stands in front of one of those who do something: "a student borrows books"."""
CREWS = words("staff personnel crew management hr reception support everybody everyone")
"""Words for several people that have no plural: "staff manage cars"."""
MAY = re.compile(
    r"\b(?:can|may|could|(?:is|are|(?:should|must|shall|will)\s+be)\s+able\s+to|(?:is|are)\s+allowed\s+to)\b",
    re.IGNORECASE,
)
KEPT = 16
"""So many sentences are remembered with what was found in them; each is asked for several times in a row."""
REACH = 4
"""So many words behind a verb may say "everything" or "all"."""


@lru_cache(maxsize=KEPT)
def actors(text: Statement) -> tuple[tuple[Phrase, Sentence], ...]:
    """Returns who acts: the role of a story, or the people in front of "may" and of verbs: "trainers teach"."""
    if text.role is not None:
        return tuple((each, text.role) for each in text.role.phrases[:1])
    sentence = text.means
    found: list[Phrase] = []
    for phrase in reversed(sentence.phrases):
        joined = bool(found) and _is_actor(phrase) and _side_by_side(sentence, phrase, found[-1])
        if joined or _leads(sentence, phrase):
            found.append(phrase)
    return tuple((each, sentence) for each in reversed(found))


def _leads(sentence: Sentence, phrase: Phrase) -> bool:
    """Whether a phrase is somebody in front of a verb, with at most an adverb or "of the club" between."""
    name, at = word_key(phrase.name), _skipped(sentence, phrase.last + 1)
    if phrase.first and sentence.tokens[phrase.first - 1].lower == "of":
        return False
    if sentence.tags[at : at + 1] == (Tag.PREPOSITION,) and _is_actor(phrase):
        inner = next((each for each in sentence.phrases if each.first == at + 1), None)
        at = _skipped(sentence, inner.last + 1) if inner else at
    tag, said = sentence.tags[at : at + 1], [each.lower for each in sentence.tokens[at : at + 4]]
    if tag == (Tag.VERB,):
        does = verb_base(said[0]) in DOING | DEEDS_DONE and _is_actor(phrase)
        one = does and (phrase.determiner in ONE_OF or name.rsplit(" ", 1)[-1] in CREWS or phrase.first == 0)
        return (phrase.plural and nouns.acts_like_person(name)) or one
    may = tag == (Tag.AUXILIARY,) and (said[0] in MODALS or bool({"able", "allowed"} & set(said)))
    if not may:
        return False
    does = any(verb_base(each) in DOING | {"do"} for each in said[1:])
    verb = next((verb_base(each) for each in said[1:] if verb_base(each)), "")
    alone = phrase.plural and verb in OF_PEOPLE and name not in nouns.THINGS | nouns.WITHIN
    return _is_actor(phrase) or (nouns.acts_like_person(name) and does) or alone


def _skipped(sentence: Sentence, at: int) -> int:
    while sentence.tags[at : at + 1] == (Tag.ADVERB,):
        at += 1
    return at


def _side_by_side(sentence: Sentence, one: Phrase, other: Phrase) -> bool:
    between = range(one.last + 1, other.first)
    joining = {Tag.CONJUNCTION, Tag.MARK, Tag.DETERMINER}
    return len(between) <= 3 and all(sentence.tags[at] in joining for at in between)  # noqa: PLR2004 — ", and the"


def _is_actor(phrase: Phrase) -> bool:
    key = word_key(phrase.name)
    return bool({key, key.rsplit(" ", 1)[-1]} & nouns.ACTORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that is done: where its verb stands, what kind it is, and to what; None is all of them.

    `by` are those who do it where the sentence is in the passive, "holidays are maintained by HR". `again` says that
    the phrase was spoken of before, so that whose it was there does not count: "volunteers see all of them".
    """

    at: int
    action: Action | None
    phrase: Phrase
    every: bool = False
    by: tuple[Phrase, ...] = ()
    again: bool = False


@lru_cache(maxsize=KEPT)
def acts(text: Statement) -> tuple[Act, ...]:
    """Returns what is done in a sentence."""
    return tuple(_acts(text))


def _acts(text: Statement) -> Iterator[Act]:
    """Yields what is done; verbs joined by commas share the object behind the last one."""
    sentence = text.means
    acting = {phrase.first for phrase, _ in actors(text)}
    for at, tag in enumerate(sentence.tags):
        base = verb_base(sentence.tokens[at].lower) if tag in {Tag.VERB, Tag.AUXILIARY} else ""
        if base not in DOING | {"do"}:
            continue
        action = next((each for each, verbs in ACTS.items() if base in verbs), None)
        if sentence.tags[max(0, at - 1) : at] == (Tag.AUXILIARY,) and (people := _by(text, at)):
            before = [each for each in sentence.phrases if each.last < at and not _in_brackets(sentence, each)]
            yield from (Act(at=at, action=action, phrase=each, by=people) for each in before[-1:])
            continue
        if action is Action.CREATE and [each.lower for each in sentence.tokens[at + 1 : at + 2]] in (["for"], ["to"]):
            continue  # who registers for a thing does not make it
        end = next((place for place in range(at + 1, len(sentence.tags)) if sentence.tags[place] is Tag.MARK), None)
        words = [each.lower for each in sentence.tokens[at + 1 : end][:REACH]]
        behind = next((each for each in sentence.phrases if each.first > at), None)
        every = bool({"everything", "anything", "things"} & set(words)) or words == ["all"]
        alone = action is Action.READ and behind is None and sentence.tokens[at - 1].lower in {"only", "just"}
        every = every or alone
        if every and sentence.phrases:
            yield Act(at=at, action=action, phrase=sentence.phrases[0], every=True)
        elif behind is not None and base != "do":
            yield from (Act(at=at, action=action, phrase=each) for each in _listed(text, behind, acting))


def acts_on_them(text: Statement, before: Statement | None) -> Iterator[Act]:
    """Yields what is done to "them", or to "all of them": to what the sentence, or the one before, spoke of last."""
    sentence = text.means
    acting = {id(phrase) for phrase, _ in (*actors(text), *(actors(before) if before else ()))}
    earlier = before.means.phrases if before else ()
    for at, tag in enumerate(sentence.tags):
        base = verb_base(sentence.tokens[at].lower) if tag is Tag.VERB else ""
        said = [each.lower for each in sentence.tokens[at + 1 : at + 4]]
        action = next((each for each, verbs in ACTS.items() if base in verbs), None)
        if action is None or (said[:1] != ["them"] and said[1:] != ["of", "them"]):
            continue
        spoken_of = (*earlier, *(each for each in sentence.phrases if each.last < at))
        known = [each for each in spoken_of if each.plural and id(each) not in acting]
        yield from (Act(at=at, action=action, phrase=each, again=True) for each in known[-1:])


def _in_brackets(sentence: Sentence, phrase: Phrase) -> bool:
    before = [each.text for each in sentence.tokens[: phrase.first]]
    return before.count("(") > before.count(")")


def _by(text: Statement, at: int) -> tuple[Phrase, ...]:
    """Returns the people behind a passive: "is maintained by HR", "may be changed only by editors"."""
    sentence = text.means
    said = [each.lower for each in sentence.tokens[at + 1 : at + 3]]
    if "by" not in said[:1] and said != ["only", "by"]:
        return ()
    first = next((each for each in sentence.phrases if each.first > at), None)
    people = _listed(text, first, frozenset()) if first else []
    return tuple(each for each in people if nouns.acts_like_person(word_key(each.name)))


def _listed(text: Statement, first: Phrase, acting: AbstractSet[int]) -> list[Phrase]:
    """Returns an object and what "and" joins to it: "cars and rentals", but not who acts in the next clause."""
    sentence = text.means
    found = [first]
    for each in sentence.phrases:
        if each.first <= found[-1].last:
            continue
        leads = sentence.tags[each.last + 1 : each.last + 2] in {(Tag.VERB,), (Tag.AUXILIARY,)}
        if leads or each.first in acting or not _side_by_side(sentence, found[-1], each):
            break
        found.append(each)
    return found


def who(text: Statement, at: int, *, every: bool = False) -> list[str]:
    """Returns who does what a verb says; where `every` row is spoken of, "we" are the members."""
    first = {each.lower for each in text.means.tokens[:at]}
    if every and text.role is None and not doers(text, at) and first & {"we", "i", "everyone", "everybody"}:
        return ["member"]
    return [word_key(each.name) for each in doers(text, at)]


def doers(text: Statement, at: int) -> list[Phrase]:
    """Returns the people in front of a verb, the nearest and whom "and" joins to them; the role of a story."""
    people = [phrase for phrase, _ in actors(text)]
    if text.role is not None:
        return people
    before = [each for each in people if each.last < at]
    found = before[-1:]
    for each in reversed(before[:-1]):
        if not _side_by_side(text.means, each, found[0]):
            break
        found.insert(0, each)
    return found

"""Finds the things that requirements speak of, by where and how often their nouns stand.

Each mention weighs by its place, after Robeer and others (Visual Narrator, RE 2016): what an act is done to more than
what stands beside it, and what is wanted more than what for. Nouns of every application, acts, qualities and values
are no concepts. A compound gives way to its head where several compounds have it or the part in front is a concept
of its own; else a bare head means the compound.
"""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from headwater.synthesis.project.ontology.deeds import DEEDS
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import Draft, Thing
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base


class Place(enum.Enum):
    """Where in a statement a phrase stands."""

    ROLE = "role"
    OBJECT = "object"
    MEANS = "means"
    ENDS = "ends"


WEIGHTS = {Place.ROLE: 0.3, Place.OBJECT: 1.0, Place.MEANS: 0.7, Place.ENDS: 0.5}
OWNING = 0.3
"""What being the owner of something adds."""
OUTNUMBERED = 2
"""A head that stands alone this many times as often as its compound is the concept itself."""
THRESHOLD = 1.0
"""The weight from which a noun is a concept: one act on it, or two mentions beside others."""
PAIRS = frozenset(tuple(words.split()[-2:]) for deed in DEEDS for words in deed.verbs if " " in words)
"""Verbs with the preposition that leads to what they act on; of "sign up for" the last two words."""
OF_SYSTEM = nouns.SYSTEM | nouns.PEOPLE_OF_SYSTEM
NO_CONCEPTS = OF_SYSTEM | nouns.ABSTRACT | nouns.ATTRIBUTES
BEHIND = nouns.TAILS | nouns.QUALITIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A phrase that may name a concept, and where it stands."""

    name: str
    phrase: Phrase
    place: Place
    statement: int
    start: int
    end: int
    owns: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A thing the text speaks of: its name in small letters, its weight, and its mentions."""

    name: str
    weight: float
    mentions: tuple[Mention, ...]
    person: bool


def concepts(found: Sequence[Mention], threshold: float = THRESHOLD) -> tuple[Concept, ...]:
    """Returns the concepts among mentions, in the order of their first mention."""
    merged = _merge(found)
    groups: dict[str, list[Mention]] = defaultdict(list)
    for each in found:
        if name := merged.get(each.name):
            groups[name].append(each)
    roles = {each.name for each in found if each.place is Place.ROLE}
    chosen = [
        Concept(name=name, weight=weight, mentions=tuple(group), person=name in roles)
        for name, group in groups.items()
        if (weight := _weight(group)) >= threshold and any(each.place is not Place.ROLE for each in group)
    ]
    return tuple(sorted(chosen, key=lambda each: each.mentions[0].start))


def mentions(texts: Sequence[Statement]) -> tuple[Mention, ...]:
    """Returns what may be a concept in each statement, in the order of the text."""
    found: list[Mention] = []
    for at, each in enumerate(texts):
        if each.role:
            found += _in(each.role, at, Place.ROLE)
        found += _in(each.means, at, Place.MEANS)
        if each.ends:
            found += _in(each.ends, at, Place.ENDS)
    return tuple(found)


def _in(sentence: Sentence, at: int, place: Place) -> Iterator[Mention]:
    owners = {id(each.owner) for each in sentence.phrases}
    for phrase in sentence.phrases:
        name = concept_name(phrase)
        if not name or (place is not Place.ROLE and phrase.proper):
            continue
        mine = Place.OBJECT if place is Place.MEANS and is_object(sentence, phrase) else place
        yield Mention(
            name=name,
            phrase=phrase,
            place=mine,
            statement=at,
            start=sentence.tokens[phrase.first].start,
            end=sentence.tokens[phrase.last].end,
            owns=id(phrase) in owners,
        )


def concept_name(phrase: Phrase) -> str:
    """Returns the concept that a phrase may name, or an empty text: `camper information` is `camper`."""
    parts = list(phrase.nouns)
    while len(parts) > 1 and parts[-1] in BEHIND:
        parts.pop()
    name, head = " ".join(parts), parts[-1]
    if parts[0] in OF_SYSTEM:
        return ""
    if name in NO_CONCEPTS or (len(parts) > 1 and head in OF_SYSTEM):
        return ""
    return name if len(head) > 1 else ""


def thing_of(draft: Draft, phrase: Phrase) -> Thing | None:
    """Returns the thing that a phrase means, where it is kept, also one that has the name of an application: `tool`."""
    return draft.find(concept_name(phrase) or phrase.name)


def is_object(sentence: Sentence, phrase: Phrase) -> bool:
    """Whether a verb acts on the phrase: it stands behind one, or is joined to a phrase that does."""
    at = phrase.first - 1
    while at >= 0 and sentence.tags[at] in {Tag.ADVERB, Tag.GENITIVE}:
        at -= 1
    if at < 0:
        return False
    if sentence.tags[at] is Tag.VERB or _reaches(sentence, at):
        return True
    if phrase.owner is not None:
        return is_object(sentence, phrase.owner)
    if sentence.tags[at] is Tag.CONJUNCTION or sentence.tokens[at].text == ",":
        before = next((each for each in reversed(sentence.phrases) if each.last < phrase.first), None)
        return before is not None and phrase.first - before.last <= 3 and is_object(sentence, before)  # noqa: PLR2004
    if sentence.tokens[at].lower == "of":
        before = next((each for each in sentence.phrases if each.last == at - 1), None)
        return before is not None and not concept_name(before) and is_object(sentence, before)
    return False


def _reaches(sentence: Sentence, at: int) -> bool:
    """Whether a preposition belongs to the verb in front of it: "enrol in", "sign up for"."""
    words = [each.lower for each in sentence.tokens[max(0, at - 2) : at + 1]]
    verbs = (verb_base(each) for each in (words[-2:-1] if len(words) > 1 else []))
    verb = next(verbs, "")
    return (verb, words[-1]) in PAIRS or tuple(words[-2:]) in PAIRS


def _merge(found: Sequence[Mention]) -> Mapping[str, str]:
    """Returns, for each name, the one that stands for it."""
    counts = Counter(each.name for each in found)
    roles = {each.name for each in found if each.place is Place.ROLE}
    heads: dict[str, list[str]] = defaultdict(list)
    for name in counts:
        if " " in name:
            heads[name.rsplit(" ", 1)[1]].append(name)
    merged = {name: name for name in counts}
    for head, compounds in heads.items():
        alone = counts.get(head, 0)
        for compound in compounds:
            whole = compound.removesuffix(f" {head}")
            if compound not in roles and (counts.get(whole, 0) > 1 or (alone and len(compounds) > 1)):
                merged[compound] = head
        kept = [each for each in compounds if merged[each] == each]
        if alone and len(kept) == 1 and len(compounds) == 1:
            merged |= {kept[0]: head} if alone > OUTNUMBERED * counts[kept[0]] else {head: kept[0]}
    return merged


def _weight(group: Sequence[Mention]) -> float:
    """Sums, over the statements, the weight of the heaviest mention in each."""
    heaviest: dict[int, float] = {}
    done = {each.statement for each in group if each.place is not Place.ROLE}
    for each in group:
        weight = WEIGHTS[each.place] + (OWNING if each.owns else 0.0)
        heaviest[each.statement] = max(weight, heaviest.get(each.statement, 0.0))
    acting = heaviest.keys() - done
    return sum(weight for at, weight in heaviest.items() if at in done) + WEIGHTS[Place.ROLE] * bool(acting)

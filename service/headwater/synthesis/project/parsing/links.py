"""Finds which concepts belong together, by how their mentions stand to each other in a statement.

"A's B", "B of A" and "B for A" say it plainly; "my B" joins B to the role of the story; "A submits B" joins what acts
to what is acted on; standing in one sentence says little. A verb whose noun is a concept is a mention of it: who books
a lesson has to do with a booking, and the booking with the lesson. Of three concepts joined in a ring, a link much
weaker than the others is taken for their consequence (the data processing inequality, Margolin and others 2006).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations

from headwater.synthesis.project.parsing import lexicon, nouns
from headwater.synthesis.project.parsing.concepts import Concept, Mention, Place, is_object
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base

OWNED, JOINED, MINE, ACTED = 1.5, 1.2, 1.2, 1.0
"""What says plainly that two concepts belong together."""
MANAGED, BESIDE, ACTED_WITH_PARTNER, ROLE_BESIDE, COORDINATED, ACROSS = 0.5, 0.4, 0.2, 0.2, 0.15, 0.1
"""What only hints at it: looking after something, standing in one sentence, having another partner there."""
FOR_WHAT = 0.5
"""The share that counts of what a statement is for."""
BEHIND_VERB, BEFORE_VERB = 1, 4
"""How many words from a verb its object begins and its subject ends."""
NOMINAL = ("", *(each.strip("-") for each in ("-ing", "-ment", "-ation", "-ance", "-ion")))
"""Endings that make the noun of a verb."""
GUESSED = "the text speaks of both"
"""The reason of a relation that follows from how things stand beside each other."""
THRESHOLD = 1.0
"""The weight from which two concepts are linked."""
HINT = 0.4
"""Mentions of at most this weight are hints; however many there are, they make no link."""
RARE, MAINLY = 0.4, 0.5
"""A lighter pair is linked too where it is so much of all that one of the two has to do with."""
FAINT = 0.3
"""The weight from which a concept without other links has one."""
SLACK = 0.25
"""A link is a consequence where it weighs less than this part of the weaker of the two others in a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two concepts that belong together, how surely, and the statement that says so most plainly."""

    one: str
    other: str
    weight: float
    statement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A concept in a statement: its part, and the first and last token there."""

    name: str
    place: Place
    first: int
    last: int
    phrase: Phrase | None = None


def links(texts: Sequence[Statement], said: Sequence[Mention], things: Sequence[Concept]) -> tuple[Link, ...]:
    """Returns the links among the concepts that were found."""
    names = {id(each): thing.name for thing in things for each in thing.mentions}
    named = [(each, names[id(each)]) for each in said if id(each) in names]
    return _weighed(texts, named, {each.name for each in things})


def links_between(texts: Sequence[Statement], said: Sequence[Mention], given: Sequence[str]) -> tuple[Link, ...]:
    """Returns the links among concepts whose names are given, in small letters and singular."""
    named = [(each, name) for each in said if (name := _meant(each, given))]
    return _weighed(texts, named, set(given))


def _meant(mention: Mention, given: Sequence[str]) -> str:
    """Returns the given name that a mention stands for: the same, one that it ends in, or the only one ending in it."""
    whole = mention.phrase.name
    exact = [name for name in given if name in {mention.name, whole}]
    ending = [name for name in given if whole.endswith(f" {name}") or mention.name.endswith(f" {name}")]
    shorter = [name for name in given if name.endswith(f" {mention.name}") or name.startswith(f"{mention.name} ")]
    found = exact or ending or (shorter if len(shorter) == 1 else [])
    return max(found, key=len, default="")


def nominal(verb: str, names: AbstractSet[str]) -> str:
    """Returns the name that is the noun of a verb: `booking` of `book`, `payment` of `pay`."""
    forms = {stem + ending for stem in (verb, verb.removesuffix("e")) for ending in NOMINAL}
    forms |= {f"{verb[:-1]}ication"} if verb.endswith("y") else set()
    forms |= {f"{verb[:-2]}ption"} if verb.endswith("be") else set()
    return next((name for name in sorted(forms) if name in names), "")


def _weighed(
    texts: Sequence[Statement], named: Sequence[tuple[Mention, str]], names: AbstractSet[str]
) -> tuple[Link, ...]:
    by_statement: dict[int, list[tuple[Mention, str]]] = defaultdict(list)
    for each, name in named:
        by_statement[each.statement].append((each, name))
    weights: dict[frozenset[str], list[tuple[float, int]]] = defaultdict(list)
    for at, text in enumerate(texts):
        best: dict[frozenset[str], float] = {}
        for pair, weight in _pairs(text, by_statement[at], names):
            best[pair] = max(best.get(pair, 0.0), weight)
        for pair, weight in best.items():
            weights[pair].append((weight, at))
    return tuple(_chosen(weights))


def _pairs(
    text: Statement, group: Sequence[tuple[Mention, str]], names: AbstractSet[str]
) -> Iterator[tuple[frozenset[str], float]]:
    """Yields each pair of concepts in a statement and how plainly that joins them."""
    roles = [name for each, name in group if each.place is Place.ROLE]
    means = [(each, name) for each, name in group if each.place in {Place.MEANS, Place.OBJECT}]
    ends = [(each, name) for each, name in group if each.place is Place.ENDS]
    yield from _part(text.means, means, roles, names, 1.0)
    if text.ends:
        yield from _part(text.ends, ends, roles, names, FOR_WHAT)
    apart = [(frozenset({one, other}), ACROSS) for _, one in means for _, other in ends]
    done = [(frozenset({role, verb}), ACTED) for verb in _verbs(text.means, names) for role in roles]
    yield from (each for each in (*apart, *done) if len(each[0]) > 1)


def _part(
    sentence: Sentence,
    mine: Sequence[tuple[Mention, str]],
    roles: Sequence[str],
    names: AbstractSet[str],
    share: float,
) -> Iterator[tuple[frozenset[str], float]]:
    """Yields the pairs within a part of a statement, and those of its concepts with the role."""
    within = list(_within(sentence, mine, names))
    within += [(pair, JOINED) for each, name in mine for pair in _parts(each.phrase, name, names)]
    yield from within
    for each, name in mine:
        weight = _to_role(sentence, each, within, name) * share
        yield from ((frozenset({role, name}), weight) for role in roles if role != name)


def _verbs(sentence: Sentence, names: AbstractSet[str]) -> Iterator[str]:
    for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
        if tag is Tag.VERB and (name := nominal(verb_base(token.lower), names)):
            yield name


def _to_role(sentence: Sentence, mention: Mention, within: Sequence[tuple[frozenset[str], float]], name: str) -> float:
    if mention.phrase.mine:
        return MINE
    if mention.place is not Place.OBJECT:
        return ROLE_BESIDE
    if verb_before(sentence, mention.phrase) in lexicon.MANAGING:
        return MANAGED
    partner = any(name in pair and weight >= ACTED for pair, weight in within)
    return ACTED_WITH_PARTNER if partner else ACTED


def verb_before(sentence: Sentence, phrase: Phrase) -> str:
    """Returns the base form of the last verb in front of a phrase, or an empty text."""
    places = [at for at in range(phrase.first) if sentence.tags[at] is Tag.VERB]
    return verb_base(sentence.tokens[places[-1]].lower) if places else ""


def _parts(phrase: Phrase, name: str, names: AbstractSet[str]) -> Iterator[frozenset[str]]:
    """Yields the pair of a compound and the concept that stands in front of it: `camp worker` and `camp`."""
    for size in range(1, len(phrase.nouns)):
        front = " ".join(phrase.nouns[:size])
        if front in names and front != name and not name.endswith(front):
            yield frozenset({front, name})


def _within(
    sentence: Sentence, group: Sequence[tuple[Mention, str]], names: AbstractSet[str]
) -> Iterator[tuple[frozenset[str], float]]:
    plain = [
        (a, b, _closeness(sentence, one.phrase, other.phrase))
        for (one, a), (other, b) in combinations(group, 2)
        if a != b and not _of_actor(sentence, one.phrase, other.phrase)
    ]
    for a, b, weight in plain:
        yield frozenset({a, b}), weight
        if weight == COORDINATED:
            yield from (
                (frozenset({c, b if each == a else a}), other)
                for one, two, other in plain
                if other >= ACTED
                for c, each in ((one, two), (two, one))
                if each in {a, b} and c not in {a, b}
            )
    for at, (token, tag) in enumerate(zip(sentence.tokens, sentence.tags, strict=True)):
        name = nominal(verb_base(token.lower), names) if tag is Tag.VERB else ""
        for each, other_name in group if name else ():
            near = 0 <= each.phrase.first - at <= BEHIND_VERB or 0 <= at - each.phrase.last <= BEFORE_VERB
            if other_name != name:
                yield frozenset({name, other_name}), ACTED if near else BESIDE


def _apart(sentence: Sentence, one: Phrase, other: Phrase) -> bool:
    """Whether another noun stands between two."""
    first, second = sorted((one, other), key=lambda each: each.first)
    skipped = [each for each in sentence.phrases if first.last < each.first and each.last < second.first]
    return any(each.name not in nouns.WITHIN for each in skipped)


def _of_actor(sentence: Sentence, one: Phrase, other: Phrase) -> bool:
    """Whether one says whose the other is by who acts: "managers approve the requests of their department"."""
    first, second = sorted((one, other), key=lambda each: each.first)
    theirs = second.determiner in {"their", "his", "her"} and sentence.phrases[0] is not first
    return theirs and sentence.tags[first.last + 1 : second.first] == (Tag.PREPOSITION,)


def _closeness(sentence: Sentence, one: Phrase, other: Phrase) -> float:
    if other.owner is one or one.owner is other:
        return OWNED
    if _apart(sentence, one, other):
        return BESIDE
    first, second = sorted((one, other), key=lambda each: each.first)
    between = range(first.last + 1, second.first)
    tags = [sentence.tags[at] for at in between]
    if Tag.VERB in tags:
        purpose = Tag.TO in tags and is_object(sentence, first)
        return ACTED if not purpose and not {Tag.PREPOSITION, Tag.MARK} & set(tags) else BESIDE
    if Tag.CONJUNCTION in tags:
        return COORDINATED
    if Tag.RELATIVE in tags:
        return ACTED if Tag.MARK not in tags else BESIDE
    return JOINED if {Tag.PREPOSITION, Tag.TO} & set(tags) else BESIDE


def _chosen(weights: Mapping[frozenset[str], Sequence[tuple[float, int]]]) -> Iterator[Link]:
    totals = {pair: sum(weight for weight, _ in found) for pair, found in weights.items()}
    whole: dict[str, float] = defaultdict(float)
    for pair, weight in totals.items():
        for name in pair:
            whole[name] += weight
    strong = {
        pair: weight for pair, weight in totals.items()
        if (weight >= THRESHOLD and max(weights[pair])[0] > HINT)
        or weight >= max(RARE, MAINLY * min(whole[name] for name in pair))
    }  # fmt: skip
    kept = {pair for pair, weight in strong.items() if not _follows(pair, weight, strong)}
    kept |= set(_lonely(totals, kept))
    for pair, weight in totals.items():
        if pair in kept:
            one, other = sorted(pair)
            yield Link(one=one, other=other, weight=weight, statement=max(weights[pair])[1])


def _lonely(totals: Mapping[frozenset[str], float], kept: Collection[frozenset[str]]) -> Iterator[frozenset[str]]:
    """Yields, for each concept without a link, its heaviest pair if that weighs anything to speak of."""
    linked = {name for pair in kept for name in pair}
    for name in dict.fromkeys(name for pair in totals for name in sorted(pair)):
        if name not in linked:
            best = max((pair for pair in totals if name in pair), key=lambda pair: (totals[pair], sorted(pair)))
            if totals[best] >= FAINT:
                yield best


def _follows(pair: frozenset[str], weight: float, strong: Mapping[frozenset[str], float]) -> bool:
    one, other = pair
    thirds = {name for each in strong for name in each} - pair
    return any(
        weight < SLACK * min(strong.get(frozenset({one, each}), 0.0), strong.get(frozenset({other, each}), 0.0))
        for each in thirds
    )

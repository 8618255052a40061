"""Reads what sentences say that things have: "a post has a title", "we keep books", "for each visit we note …"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from headwater.synthesis.project.ontology.archetypes import ARCHETYPES
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.clauses import MANY, ONE, Piece, pieces, tell
from headwater.synthesis.project.parsing.concepts import concept_name
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.lexicon import ADJECTIVES, DETERMINERS, POSSESSIVES, words
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, Token, verb_base
from headwater.synthesis.project.parsing.values import LENGTH, nameless

HAVING = words("have contain include comprise consist")
SHOWING = words("show display carry state give")
"""Verbs by which each of some things tells what it has: "each listing shows the price"."""
TOLD = words("identify describe define characterise characterize")
"""Verbs by which, in the passive, a thing is told by what it has."""


KEEPING = words("""
    keep store record hold manage track list offer sell lend rent collect maintain administer organise organize handle
    catalogue log
""")
"""Verbs by which the application, or who writes, keeps things: what several there are of is an entity."""


GIVING = words("set provide specify enter")
"""Verbs by which somebody tells what is theirs: "tutors set their hourly rate"."""


USING = words("use need require take feature")


SEVERAL = words("several many multiple various some")
"""What makes "uses several ingredients" say what something has."""


EACH = re.compile(
    r"\b(?:for|on|at|of|with|about)\s+(?:each|every|any)\s+(?P<noun>[a-z][a-z -]{1,30}?),?\s+"
    r"(?:we|i|they|you|one|staff|users?|people|(?:the|this)\s+(?:system|app|application|site|website|tool|platform|software))\s+"
    r"(?:(?:wants?\s+to|needs?\s+to|has\s+to|have\s+to|must|can|should|will|shall)\s+)?"
    r"(?:note|record|write\s+down|keep|store|track|enter|log|need|know|register)\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)


OPENING = re.compile(
    r"^(?:(?:identified|described|defined|characteri[sz]ed)\s+by|shows?|displays?|carr(?:y|ies)|states?|gives?|features?|"
    r"has|have|having|contain(?:s|ing)?|includes?|comprises?|consist(?:s|ing)?\s+of|holds?|stores?|records?|keeps?|manages?|"
    r"tracks?|lists?|offers?|sells?|lends?|rents?|collects?|maintains?|administers?|organi[sz]es?|handles?|"
    r"catalogues?|logs?(?!\s+in\b)|sets?|provides?|specif(?:y|ies)|enters?|uses?|needs?|requires?|takes?)"
    r"\s*:?\s+(?:(?:out|up|down|of)\s+)?",
    re.IGNORECASE,
)


CUT = re.compile(
    r"\s+(?:so\s+that|(?<!in\s)(?<!on\s)which|(?<!and\s)who|where|when|because|if|unless|but|while)\b|\.\s|\.$|;(?![^()]*\))|,?\s+and\s+then\b"
    r"|,?\s+and\s+(?:an?|the|each|every)\s+[\w -]{1,30}?\s+(?:has|have|contains?|includes?)\b"
    r"|,\s+(?:and\s+)?[\w-]+s\s+(?:have|contain|include)\s"
    r"|\s+(?:is|are)\s+(?:issued|created|recorded|sent|shown|stored|saved|made|kept|generated)\b"
    r"|,?\s+and\s+(?:is|are|was|were|can|may|must|should|has|have|contains?|includes?)\b",
    re.IGNORECASE,
)


WORDS_OF_NOUN = 3


INSIDE = re.compile(
    r"(?P<noun>[^()]+?)\s*(?:\([^()]*\)\s*)?\s(?:with|having)\s+(?P<rest>.+)", re.IGNORECASE | re.DOTALL
)
"""A member of a list that says what it has itself."""


INNER = re.compile(r"each\s+(?:with|having)\s+", re.IGNORECASE)
"""A member that begins what each of those in front has: "several pieces, each with a title"."""
NOUN_OF = re.compile(
    r"^(?:[\w ]+:\s+)?(?:an?\s+)?(?:lists?|sets?|series|number|several|many|multiple|various|some)\s+(?:of\s+)?|\s.*$",
    re.IGNORECASE,
)
"""What stands around the noun of such a member."""


KINDS = frozenset(word_key(each) for kind in ARCHETYPES for each in kind.words) - frozenset(
    word_key(each) for kind in ARCHETYPES for each in (*kind.core, *(word for word, _ in kind.also))
)
"""Words for applications and houses, which are no things that they keep."""


UNKEPT = (nouns.WITHIN | KINDS | nouns.SYSTEM) - nouns.COUNTED - nouns.ROLE_WORDS
"""Nouns that are no things to keep, however many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """A sentence that says what something has."""

    subject: str
    start: int
    end: int
    members: tuple[Piece, ...]


def havings(texts: Sequence[Statement]) -> tuple[Having, ...]:
    """Returns the sentences that say what something has, in the order of the text."""
    found: list[Having] = []
    for before, each in zip((None, *texts), texts, strict=False):
        if each.role is None:
            found += _having(each, before)
    return tuple(found)


def names(found: Sequence[Having], draft: Draft) -> None:
    """Adds an entity for each subject, before the sentences refer to each other."""
    for each in found:
        if not each.subject:
            for member in each.members:
                keep(draft, member, "a sentence says that it is kept")
        elif draft.find(each.subject) is None and word_key(each.subject) in nouns.SIGNED_IN - {"person"}:
            draft.add("user", stated("a sentence says what they have", each.start, each.end))
            draft.aliases[word_key(each.subject)] = "user"
        elif draft.find(each.subject) is None and word_key(each.subject) not in nouns.ADMINS - {"owner"}:
            draft.add(each.subject, stated("a sentence says what it has", each.start, each.end))


def fill(found: Sequence[Having], draft: Draft) -> None:
    """Adds what each sentence says that its subject has."""
    for each in found:
        thing = draft.find(each.subject) if each.subject else None
        if thing is not None:
            _fill(draft, thing, each.members)


def _fill(draft: Draft, thing: Thing, members: Sequence[Piece]) -> None:
    """Adds what a thing has; what stands behind "lines with a product and a quantity" the lines have."""
    told: str | None = None
    for each in members:
        inner = INNER.match(each.text)
        if inner is not None and told is not None:
            thing = draft.find(told) or thing
            each = replace(each, text=each.text[inner.end() :])  # noqa: PLW2901 — the rest is a member too
        told = NOUN_OF.sub("", each.text)
        inside = INSIDE.fullmatch(each.text)
        if inside is None:
            tell(draft, thing, each, "a sentence says so")
            continue
        tell(draft, thing, Piece(text=inside["noun"], start=each.start, end=each.end), "a sentence says so")
        inner = draft.find(MANY.sub("", ONE.sub("", inside["noun"])))
        thing = inner or thing
        if inner is not None:
            tell(draft, inner, Piece(text=inside["rest"], start=each.start, end=each.end), "a sentence says so")


def is_person(noun: str) -> bool:
    """Whether a noun means whoever acts rather than a thing that is kept."""
    key = word_key(noun)
    return key in nouns.SIGNED_IN | nouns.UNKNOWN | nouns.ADMINS


def _having(text: Statement, previous: Statement | None) -> Iterator[Having]:
    sentence = text.means
    every = EACH.search(text.text)
    if every:
        start = text.start + every.start("noun")
        members = tuple(pieces(CUT.split(every["rest"])[0], text.start + every.start("rest")))
        yield Having(subject=word_key(every["noun"]), start=start, end=start + len(every["noun"]), members=members)
        return
    said_until = 0
    for at, (token, tag) in enumerate(zip(sentence.tokens, sentence.tags, strict=True)):
        base = verb_base(token.lower)
        following = sentence.tokens[at + 1].lower if at + 1 < len(sentence.tokens) else ""
        gives = (base in GIVING and following in POSSESSIVES) or (base in USING and following in SEVERAL)
        gives = gives or (base in USING and following in {"a", "an"} and _of_each(sentence, at))
        gives = gives or (base in SHOWING and _of_each(sentence, at)) or (base in TOLD and following == "by")
        has = tag in {Tag.VERB, Tag.AUXILIARY} and (base in HAVING | KEEPING or gives)
        if (
            not has
            or token.start < said_until
            or following in {"to", "been"}
            or (at + 1 < len(sentence.tags) and sentence.tags[at + 1] is Tag.VERB)
        ):
            continue
        before = [each for each in sentence.phrases if each.last < at and not _inside(text, sentence, each)]
        if sentence.tokens[0].lower == "no":
            continue
        if not before and previous and [each.lower for each in sentence.tokens[:at]] in (["it"], ["they"]):
            yield from _of_it(text, token, previous)
            continue
        joined = at > 0 and (sentence.tags[at - 1] is Tag.CONJUNCTION or _goes_on(sentence, before, at))
        mine = _first_person(sentence, at, near=2) and Tag.CONJUNCTION not in sentence.tags[max(0, at - 3) : at]
        if mine and at > 1 and Tag.RELATIVE in sentence.tags[max(0, at - 3) : at]:
            continue  # "what we have in mind"
        subject = (before[0] if joined else before[-1]) if before and not mine else None
        said = CUT.split(text.text[token.start - text.start :])[0]
        opening = OPENING.match(said)
        said = said[opening.end() :] if opening else ""
        keeps = base in KEEPING
        name = (
            ""
            if subject is None
            else concept_name(subject)
            or (
                subject.name
                if _known_person(subject)
                or subject.determiner in {"each", "every"}
                or (subject.determiner in {"a", "an"} and (subject.name not in nouns.APPLICATION or _tells_value(said)))
                or (subject.plural and subject.name in nouns.APPLICATION and base in HAVING)
                or (base == "have" and _tells_value(said) and subject.name not in nouns.APPLICATION | nouns.ATTRIBUTES)
                else ""
            )
        )
        house = subject is not None and (name in KINDS or subject.nouns[-1] in nouns.HOUSES)
        house = house and subject is not None and subject.determiner not in {"each", "every"} and not _tells_value(said)
        mine = base == "have" and subject is None and _first_person(sentence, at) and following not in DETERMINERS
        keeps = keeps or mine
        ours = keeps and (house or (not name and (subject is not None or at == 0 or _first_person(sentence, at))))
        if opening is None or (keeps and not ours) or (not keeps and (not name or subject is None)):
            continue
        members = tuple(pieces(said, token.start + opening.end()))
        if members and nameless(members[0].text) and (LENGTH.search(said) or not MANY.match(members[0].text)):
            continue  # "a title has at most 150 characters"
        start = sentence.tokens[subject.first].start if subject else token.start
        end = end_of(sentence, subject) if subject else token.end
        said_until = members[-1].end if members and subject is not None else 0
        yield Having(subject="" if ours or house else name, start=start, end=end, members=members)


def _goes_on(sentence: Sentence, before: Sequence[Phrase], at: int) -> bool:
    """Whether a verb behind a comma speaks of the first noun: "concerts take place on a date, have a title"."""
    return (
        len(before) > 1
        and sentence.tokens[at - 1].text == ","
        and Tag.VERB in sentence.tags[before[0].last + 1 : before[1].first]
    )


def _of_it(text: Statement, verb: Token, previous: Statement) -> Iterator[Having]:
    """Yields what "it" has: what the sentence before is about."""
    about = next(iter(previous.means.phrases), None)
    name = concept_name(about) if about else ""
    name = name or (about.name if about and about.determiner in {"a", "an", "each", "every"} else "")
    said = CUT.split(text.text[verb.start - text.start :])[0]
    opening = OPENING.match(said)
    if about and name and opening:
        start, end = previous.means.tokens[about.first].start, end_of(previous.means, about)
        yield Having(
            subject=name, start=start, end=end, members=tuple(pieces(said[opening.end() :], verb.start + opening.end()))
        )


def _inside(text: Statement, sentence: Sentence, phrase: Phrase) -> bool:
    """Whether a phrase stands in brackets."""
    before = text.text[: sentence.tokens[phrase.first].start - text.start]
    return before.count("(") > before.count(")")


def _tells_value(said: str) -> bool:
    """Whether a list begins with a value, such as a name, which a thing has and no house that keeps things."""
    first = next((each.text for each in pieces(said, 0)), "")
    return word_key(ONE.sub("", first)) in nouns.ATTRIBUTES


def _of_each(sentence: Sentence, at: int) -> bool:
    """Whether a verb says what each of some things does: "every bug needs a title"."""
    before = [each for each in sentence.phrases if each.last < at]
    return bool(before) and before[-1].determiner in {"each", "every"} and not nouns.acts_like_person(before[-1].name)


def keep(draft: Draft, piece: Piece, reason: str) -> None:
    """Adds an entity for several things that are kept; a piece that names one thing or a value is passed over."""
    bare = MANY.sub("", piece.text)
    while one := ONE.match(bare):
        bare = bare[one.end() :]
    noun = re.split(r"[(:]|\s(?:of|for|on|in|at|by|with|that|to|and|from|per|who|which)\b", bare)[0].strip(" .")
    noun = " ".join(each for each in noun.split() if each.lower() not in ADJECTIVES)
    key = word_key(noun)
    plain = re.fullmatch(r"[a-z][a-z -]*", key) and len(key.split()) <= WORDS_OF_NOUN and key not in UNKEPT
    if plain and key != noun.lower() and not is_person(noun) and draft.find(noun) is None:
        draft.add(noun, stated(reason, piece.start, piece.end))


def _first_person(sentence: Sentence, at: int, *, near: int = 4) -> bool:
    return any(each.lower in {"we", "i"} for each in sentence.tokens[max(0, at - near) : at])


def _known_person(phrase: Phrase) -> bool:
    return phrase.name in nouns.SIGNED_IN


def end_of(sentence: Sentence, phrase: Phrase) -> int:
    """Returns the place behind a phrase."""
    return sentence.tokens[phrase.last].end

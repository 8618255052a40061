"""Reads what sentences say of things: what they have, what they belong to, and which values they may take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology.archetypes import ARCHETYPES
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.clauses import MANY, ONE, Piece, pieces, tell
from headwater.synthesis.project.parsing.concepts import concept_name
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.lexicon import ADJECTIVES, DETERMINERS, POSSESSIVES, words
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base
from headwater.synthesis.project.parsing.values import bounds_in, field_of, narrowed
from headwater.synthesis.project.spec import FieldType, RelationKind, Span

HAVING = words("have contain include comprise consist")
KEEPING = words("""
    keep store record hold manage track list offer sell lend rent collect maintain administer organise organize handle
    catalogue log
""")
"""Verbs by which the application, or who writes, keeps things: what several there are of is an entity."""
GIVING = words("set provide specify enter")
"""Verbs by which somebody tells what is theirs: "tutors set their hourly rate"."""
USING = words("use need require take")
SEVERAL = words("several many multiple various some")
"""What makes "uses several ingredients" say what something has."""
EACH = re.compile(
    r"\b(?:for|on|at|of|with|about)\s+(?:each|every|any)\s+(?P<noun>[a-z][a-z -]{1,30}?),?\s+"
    r"(?:we|i|they|you|one|staff|users?|people)\s+"
    r"(?:(?:want\s+to|need\s+to|must|can|should|will)\s+)?"
    r"(?:note|record|write\s+down|keep|store|track|enter|log|need|know|register)\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
OPENING = re.compile(
    r"^(?:has|have|having|contain(?:s|ing)?|includes?|comprises?|consist(?:s|ing)?\s+of|holds?|stores?|records?|keeps?|manages?|"
    r"tracks?|lists?|offers?|sells?|lends?|rents?|collects?|maintains?|administers?|organi[sz]es?|handles?|"
    r"catalogues?|logs?|sets?|provides?|specif(?:y|ies)|enters?|uses?|needs?|requires?|takes?)"
    r"\s+(?:(?:out|up|down|of)\s+)?",
    re.IGNORECASE,
)
BELONGS = re.compile(
    r"\b(?:belongs?\s+to|(?:is|are|be)\s+(?:part\s+of|assigned\s+to|owned\s+by|written\s+by|created\s+by|"
    r"made\s+by|placed\s+by|linked\s+to|associated\s+with|attached\s+to|posted\s+by|given\s+by|for))\s+"
    r"(?P<rest>[^.;]+)",
    re.IGNORECASE,
)
CUT = re.compile(
    r"\s+(?:so\s+that|(?<!in\s)(?<!on\s)which|(?<!and\s)who|where|when|because|if|unless|but|while)\b|\.\s|\.$|;"
    r"|,?\s+and\s+(?:an?|the|each|every)\s+[\w -]{1,30}?\s+(?:has|have|contains?|includes?)\b"
    r"|,?\s+and\s+(?:can|may|must|should|has|have|contains?|includes?)\b",
    re.IGNORECASE,
)
ENUMERATED = re.compile(
    r"\b(?P<field>[a-z][a-z_ ]{1,30}?)\s+(?:can\s+be|may\s+be|must\s+be|is|are)\s+"
    r"(?:either\s+|one\s+of\s+|any\s+of\s+)?"
    r"(?P<values>[\w-]+(?:\s[\w-]+)?(?:\s*,\s*[\w-]+(?:\s[\w-]+)?)*,?\s+or\s+[\w-]+(?:\s[\w-]+)?)",
    re.IGNORECASE,
)
LIMITED = re.compile(
    r"\b(?P<field>[a-z][a-z_ ]{1,40}?)\s+(?:(?:which|that)\s+)?"
    r"(?:must|should|has\s+to|have\s+to|needs\s+to|is|are|may|can(?:not)?)\s+"
    r"(?:always\s+|not\s+)?(?:be\s+|have\s+|lie\s+)?(?P<what>unique|required|mandatory|optional|at\s+least\s+\S+|"
    r"at\s+most\s+\S+|between\s+\S+\s+and\s+\S+|positive|negative|(?:longer|more|less|greater)\s+than\s+\S+|empty)",
    re.IGNORECASE,
)
DONE = words("""
    create add edit update change delete remove view see read search sort filter browse manage list find access
""")
"""What is done to a row, which is no state of it."""
WORDS_OF_NOUN = 3
INSIDE = re.compile(
    r"(?P<noun>[^()]+?)\s*(?:\([^()]*\)\s*)?\s(?:with|having)\s+(?P<rest>.+)", re.IGNORECASE | re.DOTALL
)
"""A member of a list that says what it has itself."""
KINDS = frozenset(word_key(each) for kind in ARCHETYPES for each in kind.words) - frozenset(
    word_key(each) for kind in ARCHETYPES for each in (*kind.core, *(word for word, _ in kind.also))
)
"""Words for applications and houses, which are no things that they keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Having:
    """A sentence that says what something has."""

    subject: str
    start: int
    end: int
    members: tuple[Piece, ...]


def havings(texts: Sequence[Statement]) -> tuple[Having, ...]:
    """Returns the sentences that say what something has, in the order of the text."""
    return tuple(found for each in texts if each.role is None for found in _having(each))


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
    for each in members:
        inside = INSIDE.fullmatch(each.text)
        if inside is None:
            tell(draft, thing, each, "a sentence says so")
            continue
        tell(draft, thing, Piece(text=inside["noun"], start=each.start, end=each.end), "a sentence says so")
        inner = draft.find(MANY.sub("", ONE.sub("", inside["noun"])))
        thing = inner or thing
        if inner is not None:
            tell(draft, inner, Piece(text=inside["rest"], start=each.start, end=each.end), "a sentence says so")


def belongings(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the relations of sentences such as "a task belongs to a project" and "is assigned to one user"."""
    for each in texts:
        match = BELONGS.search(each.text)
        if match is None or each.role is not None:
            continue
        before = [phrase for phrase in each.means.phrases if _end(each.means, phrase) <= each.start + match.start()]
        thing = draft.find(concept_name(before[-1]) or before[-1].name) if before else None
        name = concept_name(before[-1]) if before else ""
        if (
            thing is None
            and name
            and not is_person(name)
            and (match[0].lower().startswith("belong") or before[-1].determiner in {"each", "every"})
        ):
            start = each.means.tokens[before[-1].first].start
            thing = draft.add(name, stated("a sentence says what it belongs to", start, _end(each.means, before[-1])))
        if thing is None:
            continue
        rest = CUT.split(match["rest"])[0]
        start = each.start + match.start("rest")
        for piece in pieces(rest, start):
            _belongs(draft, thing, piece, match[0].lower())


def values(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the choices and bounds that sentences give: "the status can be a, b or c", "the email must be unique"."""
    for each in texts:
        for match in ENUMERATED.finditer(each.text):
            _enumerate(draft, each, match)
        for match in LIMITED.finditer(each.text):
            _limit(draft, each, match)


def is_person(noun: str) -> bool:
    """Whether a noun means whoever acts rather than a thing that is kept."""
    key = word_key(noun)
    return key in nouns.SIGNED_IN | nouns.UNKNOWN | nouns.ADMINS


def _having(text: Statement) -> Iterator[Having]:
    sentence = text.means
    every = EACH.search(text.text)
    if every:
        start = text.start + every.start("noun")
        members = tuple(pieces(CUT.split(every["rest"])[0], text.start + every.start("rest")))
        yield Having(subject=word_key(every["noun"]), start=start, end=start + len(every["noun"]), members=members)
        return
    for at, (token, tag) in enumerate(zip(sentence.tokens, sentence.tags, strict=True)):
        base = verb_base(token.lower)
        following = sentence.tokens[at + 1].lower if at + 1 < len(sentence.tokens) else ""
        gives = (base in GIVING and following in POSSESSIVES) or (base in USING and following in SEVERAL)
        gives = gives or (base in USING and following in {"a", "an"} and _of_each(sentence, at))
        has = tag in {Tag.VERB, Tag.AUXILIARY} and (base in HAVING | KEEPING or gives)
        if (
            not has
            or following in {"to", "been"}
            or (at + 1 < len(sentence.tags) and sentence.tags[at + 1] is Tag.VERB)
        ):
            continue
        before = [each for each in sentence.phrases if each.last < at]
        joined = at > 0 and sentence.tags[at - 1] is Tag.CONJUNCTION
        subject = (before[0] if joined else before[-1]) if before else None
        said = CUT.split(text.text[token.start - text.start :])[0]
        opening = OPENING.match(said)
        keeps = base in KEEPING
        name = (
            ""
            if subject is None
            else concept_name(subject)
            or (
                subject.name
                if _known_person(subject)
                or subject.determiner in {"each", "every"}
                or (subject.determiner in {"a", "an"} and subject.name not in nouns.APPLICATION)
                else ""
            )
        )
        house = name in KINDS or (subject is not None and subject.nouns[-1] in nouns.HOUSES)
        mine = base == "have" and subject is None and _first_person(sentence, at) and following not in DETERMINERS
        keeps = keeps or mine
        ours = keeps and (house or (not name and (subject is not None or at == 0 or _first_person(sentence, at))))
        if opening is None or (keeps and not ours) or (not keeps and (not name or name in KINDS) and base != "have"):
            continue
        if not keeps and (not name or subject is None):
            continue
        members = tuple(pieces(said[opening.end() :], token.start + opening.end()))
        start = sentence.tokens[subject.first].start if subject else token.start
        end = _end(sentence, subject) if subject else token.end
        yield Having(subject="" if ours or house else name, start=start, end=end, members=members)


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
    plain = (
        re.fullmatch(r"[a-z][a-z -]*", key)
        and len(key.split()) <= WORDS_OF_NOUN
        and key not in (nouns.ABSTRACT | nouns.ATTRIBUTES | KINDS | nouns.SYSTEM) - nouns.COUNTED - nouns.ROLE_WORDS
    )
    if plain and key != noun.lower() and not is_person(noun) and draft.find(noun) is None:
        draft.add(noun, stated(reason, piece.start, piece.end))


def _first_person(sentence: Sentence, at: int) -> bool:
    return any(each.lower in {"we", "i"} for each in sentence.tokens[max(0, at - 4) : at])


def _known_person(phrase: Phrase) -> bool:
    return phrase.name in nouns.SIGNED_IN


def _end(sentence: Sentence, phrase: Phrase) -> int:
    return sentence.tokens[phrase.last].end


def _belongs(draft: Draft, thing: Thing, piece: Piece, said: str) -> None:
    bare = re.sub(
        r"^(?:exactly\s+|only\s+|at\s+most\s+)?(?:one\s+or\s+more|one|many|several|multiple|an?|the|each|some|any)\s+",
        "",
        piece.text.lower(),
    )
    noun = re.split(r"\s(?:and|in|at|on|with|for|by|of|to)\b|[,(]", bare)[0].strip(" .")
    target = draft.find(noun)
    many = re.match(r"(?:one\s+or\s+more|many|several|multiple)\b", piece.text, re.IGNORECASE) is not None
    many = many or (word_key(noun) != noun and not piece.text.lower().startswith(("one", "a ", "an ")))
    person = word_key(noun) in nouns.ROLE_WORDS | nouns.SIGNED_IN | nouns.ACTING or word_key(noun) in draft.roles
    if target is None and not person:
        plain = re.fullmatch(r"[a-z][a-z -]*", noun) and len(noun.split()) <= WORDS_OF_NOUN
        if not plain or word_key(noun) in nouns.ABSTRACT | nouns.ATTRIBUTES | KINDS or " for" in said:
            return
        target = draft.add(noun, stated("a sentence says what belongs to it", piece.start, piece.end))
    count = draft.claim(thing, noun, "many" if many else "one", Span(start=piece.start, end=piece.end))
    called = {"assigned": "assignee", "owned": "owner", "written": "author", "created": "creator", "posted": "author"}
    called["made"], called["placed"] = word_key(noun), word_key(noun)
    name = next((role for verb, role in called.items() if verb in said and target is None), word_key(noun))
    draft.relate(
        thing,
        name,
        target.name if target else draft.account,
        kind=RelationKind.MANY_TO_ONE if count == "one" else RelationKind.MANY_TO_MANY,
        origin=stated("a sentence says so", piece.start, piece.end),
        optional=name == "assignee" or "optional" in piece.text.lower(),
    )


def _enumerate(draft: Draft, text: Statement, match: re.Match[str]) -> None:
    found = _owner_of(draft, match["field"])
    values = re.findall(r"[\w-]+", match["values"])
    itself = draft.find(re.sub(r"^(?:an?|the|each|every)\s+", "", match["field"].strip().lower()))
    if itself is not None and not any(verb_base(each) in DONE for each in values):
        found = (itself, "status")
    if found is None:
        return
    thing, name = found
    choices = [each.strip() for each in re.split(r",|\bor\b", match["values"]) if each.strip()]
    known = thing.fields.get(name)
    if (known is not None and known.type is not FieldType.ENUM) or len(choices) < 2:  # noqa: PLR2004
        return
    origin = stated("a sentence lists its values", text.start + match.start(), text.start + match.end())
    read = field_of(f"{name}: {' | '.join(choices)}", origin)
    thing.fields[read.field.name] = read.field


def _limit(draft: Draft, text: Statement, match: re.Match[str]) -> None:
    found = _owner_of(draft, match["field"])
    if found is None:
        return
    thing, name = found
    field = thing.fields.get(name)
    if field is None:
        return
    what = match["what"].lower()
    if what == "unique":
        field = replace(field, unique=True)
    elif what in {"required", "mandatory", "empty", "optional"}:
        asked = f"{field.label} of {thing.label.lower()} is required in one place and optional in another. Which?"
        span = Span(start=text.start + match.start(), end=text.start + match.end())
        said = "optional" if what == "optional" else "required"
        settled = draft.settle((thing.name, name, "required"), said, asked, ("required", "optional"), span)
        field = replace(field, required=settled == "required")
    else:
        low, high = bounds_in("not negative" if what == "negative" else text.text[match.start("what") :])
        field = narrowed(field, field.minimum if low is None else low, field.maximum if high is None else high)
    thing.fields[name] = field


def _owner_of(draft: Draft, phrase: str) -> tuple[Thing, str] | None:
    """Returns the entity and the field that words such as "the status of a task" or "task status" mean."""
    said = [
        each for each in word_key(phrase).split() if each not in {"the", "a", "an", "its", "their", "each", "every"}
    ]
    if "of" in said:
        at = said.index("of")
        said = said[at + 1 :] + said[:at]
    for cut in range(len(said) - 1, 0, -1):
        thing = draft.find(" ".join(said[:cut]))
        name = naming.safe(" ".join(said[cut:]), naming.Kind.FIELD).name
        if thing is not None and (name in thing.fields or "of" in phrase.split()):
            return thing, name
    if not said:
        return None
    for size in range(len(said)):
        name = naming.safe(" ".join(said[size:]), naming.Kind.FIELD).name
        holders = [each for each in draft.things.values() if name in each.fields]
        if holders:
            return holders[-1], name
    return None

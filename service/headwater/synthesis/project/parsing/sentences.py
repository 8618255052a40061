"""Reads what sentences say of things: what they have, what they belong to, and which values they may take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.clauses import Piece, pieces, tell
from headwater.synthesis.project.parsing.concepts import concept_name, thing_of
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.havings import CUT, KINDS, WORDS_OF_NOUN, end_of, is_person
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import verb_base
from headwater.synthesis.project.parsing.values import bounds_in, field_of, narrowed
from headwater.synthesis.project.spec import NUMERIC, FieldType, RelationKind, Span

BELONGS = re.compile(
    r"\b(?:belongs?\s+to|refers?\s+to|relates?\s+to|concerns?(?=\s+(?:exactly\s+)?(?:one|an?|the)\s)|(?:is|are|be)\s+(?:part\s+of|assigned\s+to|owned\s+by|written\s+by|created\s+by|"
    r"made\s+by|placed\s+by|taught\s+by|led\s+by|held\s+by|hosted\s+by|organi[sz]ed\s+by|listed\s+by|reported\s+by|"
    r"driven\s+by|presented\s+by|directed\s+by|supervised\s+by|curated\s+by|performed\s+by|prescribed\s+by|signed\s+by|"
    r"issued\s+by|treated\s+by|submitted\s+by|requested\s+by|offered\s+by|delivered\s+by|supplied\s+by|"
    r"[a-z]+ed(?:\s+(?:over|after|out|up))?\s+by(?=\s+(?:exactly\s+)?(?:one|an?|at\s+least|several)\s)|linked\s+to|associated\s+with|attached\s+to|posted\s+by|given\s+by|for))\s+"
    r"(?P<rest>[^.;]+)",
    re.IGNORECASE,
)
ENUMERATED = re.compile(
    r"\b(?P<field>[a-z][a-z_ ]{1,30}?)\s+(?:can\s+be|may\s+be|must\s+be|is|are)\s+"
    r"(?:either\s+|one\s+of\s+|any\s+of\s+)?"
    r"(?P<values>[\w-]+(?:\s[\w-]+)?(?:\s*,\s*[\w-]+(?:\s[\w-]+)?)*,?\s+or\s+[\w-]+(?:\s[\w-]+)?)",
    re.IGNORECASE,
)
LIMITED = re.compile(
    r"\b(?P<field>[a-z][a-z_ ]{1,40}?),?\s+(?:(?:which|that)\s+)?"
    r"(?:must|should|shall|has\s+to|have\s+to|needs\s+to|has|have|is|are|may|can(?:not)?)\s+"
    r"(?:always\s+|not\s+)?(?:be\s+|have\s+|lie\s+)?(?P<what>unique|required|mandatory|optional|at\s+least\s+\S+|"
    r"at\s+most\s+\S+|between\s+\S+\s+and\s+\S+|positive|negative|(?:longer|more|less|greater)\s+than\s+\S+|empty)",
    re.IGNORECASE,
)
STATED = re.compile(
    r"^[ \t]*(?:[-*•+][ \t]+|\d+[.)][ \t]+)?(?P<field>[^\W\d_][\w ]{1,40}?)[ \t]*(?::|[–—-](?=[ \t]))[ \t]*"
    r"(?P<what>(?:at\s+(?:least|most)|between|from|up\s+to|max|min|no\s+more|not\s+more|>|<)[^\n]{1,80})$",
    re.MULTILINE | re.IGNORECASE,
)
"""A line that says nothing but what a value may be."""
FLAGGED = re.compile(
    r"(?:\band|,|\bit)\s+(?:is|can\s+be|may\s+be)\s+(?:either\s+)?"
    r"(?P<flag>public|private|active|archived|featured|published|available|visible|hidden|pinned|locked|paid|verified)"
    r"(?=\s*(?:[.,;)]|$|(?:or|and)\b))",
    re.IGNORECASE,
)
"""What a thing may be or not: "a photo has a title and is public"."""
DONE = words("""
    create add edit update change delete remove view see read search sort filter browse manage list find access
""")
"""What is done to a row, which is no state of it."""


def belongings(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the relations of sentences such as "a task belongs to a project" and "is assigned to one user"."""
    for each in texts:
        match = BELONGS.search(each.text)
        if match is None or each.role is not None:
            continue
        before = [phrase for phrase in each.means.phrases if end_of(each.means, phrase) <= each.start + match.start()]
        if len(before) > 1 and re.search(r"\band\s*$", each.text[: match.start()]):
            del before[1:]  # "every employee has one manager and belongs to one team"
        thing = thing_of(draft, before[-1]) if before else None
        name = concept_name(before[-1]) if before else ""
        if (
            thing is None
            and name
            and not is_person(name)
            and (match[0].lower().startswith("belong") or before[-1].determiner in {"each", "every"})
        ):
            start = each.means.tokens[before[-1].first].start
            thing = draft.add(name, stated("a sentence says what it belongs to", start, end_of(each.means, before[-1])))
        if thing is None:
            continue
        rest = CUT.split(match["rest"])[0]
        start = each.start + match.start("rest")
        having = re.search(r",\s+with\s+", rest)
        for piece in pieces(rest[: having.start()] if having else rest, start):
            _belongs(draft, thing, piece, match[0].lower())
        for piece in pieces(rest[having.end() :], start + having.end()) if having else ():
            tell(draft, thing, piece, "a sentence says so")


def values(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the choices and bounds that sentences give: "the status can be a, b or c", "the email must be unique"."""
    for each in texts:
        for match in ENUMERATED.finditer(each.text):
            _enumerate(draft, each, match)
        for match in LIMITED.finditer(each.text):
            _limit(draft, each, match)
        for match in FLAGGED.finditer(each.text) if each.role is None else ():
            _flag(draft, each, match)


def limits(text: str, draft: Draft) -> None:
    """Adds the bounds of lines such as `Goal amount: at least 100`; those of a thing are those of its only number."""
    for match in STATED.finditer(text):
        found = _owner_of(draft, match["field"].lower())
        thing = draft.find(match["field"])
        if thing is not None:
            numbers = [each.name for each in thing.fields.values() if each.type in NUMERIC]
            found = (thing, numbers[0]) if len(numbers) == 1 else None
        if found is not None and (field := found[0].fields.get(found[1])):
            low, high = bounds_in(match["what"], field.type)
            bounded = narrowed(field, field.minimum if low is None else low, field.maximum if high is None else high)
            found[0].fields[field.name] = bounded


def _belongs(draft: Draft, thing: Thing, piece: Piece, said: str) -> None:
    bare = re.sub(
        r"^(?:exactly\s+|only\s+|at\s+most\s+)?(?:one\s+of\s+(?:our|the|their|your|its)|one\s+or\s+more|one|many|several|multiple|an?|the|each|some|any)\s+",
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
        part=said.startswith("belong")
        and not nouns.is_shelf(noun)
        and not nouns.acts_like_person(word_key(thing.label)),
    )


def _flag(draft: Draft, text: Statement, match: re.Match[str]) -> None:
    before = [each for each in text.means.phrases if end_of(text.means, each) <= text.start + match.start()]
    thing = thing_of(draft, before[0]) if before else None
    stands = (
        any(each.name.removeprefix("is_") == match["flag"].lower() for each in thing.fields.values()) if thing else True
    )
    if thing is not None and not stands and not any(name in thing.fields for name in ("status", "state")):
        start, end = text.start + match.start("flag"), text.start + match.end("flag")
        draft.put(
            thing, field_of(f"is {match['flag'].lower()}: boolean", stated("a sentence says so", start, end)).field
        )


def _enumerate(draft: Draft, text: Statement, match: re.Match[str]) -> None:
    found = _owner_of(draft, match["field"])
    values = re.findall(r"[\w-]+", match["values"])
    before = [each for each in text.means.phrases if end_of(text.means, each) <= text.start + match.start("field")]
    goes_on = match["field"].strip().lower() in {"and", "it", "and it", "which"} and before
    itself = (
        thing_of(draft, before[0])
        if goes_on
        else draft.find(re.sub(r"^(?:an?|the|each|every)\s+", "", match["field"].strip().lower()))
    )
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
        low, high = bounds_in("not negative" if what == "negative" else text.text[match.start("what") :], field.type)
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

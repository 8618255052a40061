"""Reads lists and sections: `Post: title, body, published_at date`, and headings with bullets below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.naming import Kind
from headwater.synthesis.project.parsing import labels, nouns, spellings
from headwater.synthesis.project.parsing.clauses import Piece, pieces, tell
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.havings import INSIDE
from headwater.synthesis.project.parsing.kinds import TYPES, guessed
from headwater.synthesis.project.parsing.lexicon import (
    AUXILIARIES,
    MODALS,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVES,
    VERBS,
    words,
)
from headwater.synthesis.project.parsing.outline import HEADS, blocks, told_in
from headwater.synthesis.project.parsing.places import joined
from headwater.synthesis.project.parsing.stages import CHAIN
from headwater.synthesis.project.parsing.tagging import Tag, Token, read
from headwater.synthesis.project.parsing.values import FLAGS, nameless
from headwater.synthesis.project.plurals import singular
from headwater.synthesis.project.spec import FieldType, RelationKind

LINE = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|[-*•+][ \t]+|\d+[.)][ \t]+)?"
    r"(?:(?:create[ \t]+table|entity|class|table|model|type|interface|struct)[ \t]+(?=[a-z_]))?"
    r"(?:\*\*)?(?P<name>[^\W\d_][^\n:(){}|=]{0,59}?)(?:\*\*)?[ \t]*"
    r"(?::(?:\*\*)?|(?P<open>\((?=(?:[^()\n]|\([^()\n]*\))*\)[.;]?[ \t]*$)|(?:=[ \t]*)?\{(?=[^{}\n]*\}[.;]?[ \t]*$))"
    r"|[–—]|[ \t]-[ \t])[ \t]*(?P<rest>[^ \t\n][^\n]*?)(?(open)[)}][.;]?)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
OR = re.compile(r",?\s+or\s+[\w-]+[ .]*$", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[a-z0-9)\]])\. (?=[^\W\d_])")
"""The end of a sentence behind which a list may begin: "Room: number, beds. Guest: name"."""
CALL = re.compile(r"(?P<name>[A-Z][\w ]{0,59}?)\s?\((?P<rest>[^()\n]+)\)")
JOINTS = re.compile(r"(?:[^:\n]*:)?(?:[\s,;.&]|and)*")
ROW = re.compile(r"^[ \t]*\|(?P<name>[^|\n]+)\|(?P<rest>[^\n]+)$", re.MULTILINE)
COLUMNS = words("entity name table model object thing class resource")
"""Heads of the first column of a table of things."""
NO_ENTITY = words("""
    entity entities field feature role requirement note user_story story goal description overview summary title
    name project project_name permission technology stack example rule constraint model data_model data relation
    relationship backend frontend database deployment function functional_requirement non-functional_requirement
    requirements acceptance_criteria page api given when then and scenario introduction background scope as i assumption
    question must should could it important warning for_example the_following security epic objective deliverable
    timeline milestone priority persona actor audience subject memo greeting agenda next_step must_have nice_to_have
    should_have could_have won't_have out_of_scope in_scope later future note_to_developer q a p ps kind_regard regard
    thank dear acceptance_criterion definition_of_done non-goal success_metric phase nice_to_haves must_haves
    screen menu_item tab wireframe mvp version_1 phase_1 release_1 v1 first_version in_scope core must_do basic note
    tech tech_stack stat statistic metric purpose context motivation problem currency limit platform key_fact compliance
    additional_note business_rule access_right access_control security_rule rule_and_constraint validation
""")
AMBIGUOUS = words(
    "milestone subject agenda phase objective project note story question page goal rule role permission example model "
    "epic scenario assumption"
)
"""Words among these that are things all the same where what stands behind them are plainly fields."""
TITLES = words("specification spec requirement brief mvp draft prd proposal concept overview summary poc prototype")
"""What stands behind the name of an application in its title."""
PEOPLE = words("user actor persona people staff team member role")
"""What a list of roles may be headed with."""
FIELDLIKE, FIELD_WORDS = 60, 6
"""A member of a field list has at most so many characters and words; what is longer is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What a list says of one noun; the values of `together` are there once, `asides` are sentences among them."""

    name: str
    start: int
    members: tuple[Piece, ...]
    together: tuple[tuple[str, ...], ...] = ()
    asides: tuple[Piece, ...] = ()


def sections(text: str) -> tuple[Section, ...]:
    """Returns the lists of a text that name a thing and what it has."""
    headed = (*_headed(text), *_tables(text), *_called(text))
    kept = list(text)
    for each in headed:
        for at in range(each.start, each.members[-1].end):
            kept[at] = kept[at] if kept[at] == "\n" else " "
    return tuple(sorted((*headed, *_lines("".join(kept))), key=lambda each: each.start))


def told(text: str, section: Section) -> frozenset[int]:
    """Returns the places of the sentences between a heading and its list, and in the list."""
    inside = (range(each.start, each.end) for each in section.asides)
    return frozenset(at for each in (_between(text, section), *inside) for at in each)


def _between(text: str, section: Section) -> range:
    start, end = section.start + len(section.name), section.members[0].start
    found = re.search(r"\n\s*\n(?=[^\W\d])", text[start:end])
    head = re.search(r"\n[ \t]*(?:\||[-*•+]|\d)", text[start:end])
    return (
        range(start + found.end(), start + head.start()) if found and head and found.end() < head.start() else range(0)
    )


def names(found: tuple[Section, ...], draft: Draft) -> None:
    """Adds an entity for each list, before the lists refer to each other."""
    for each in found:
        draft.add(each.name, stated("a list names it", each.start, each.start + len(each.name)))


def fill(found: tuple[Section, ...], draft: Draft) -> None:
    """Adds what each list says."""
    for each in found:
        thing: Thing = draft.add(each.name, stated("a list names it", each.start, each.start + len(each.name)))
        for member in each.members:
            tell(draft, thing, member, "a list says so")
        _come_from(draft, thing, each)
        known = draft.attributes(thing)
        for names in each.together:
            attributes = tuple(_attribute(name, known) for name in names)
            if set(attributes) <= known:
                thing.together.append(attributes)


def _come_from(draft: Draft, thing: Thing, section: Section) -> None:
    """Joins what a list describes to what makes it: "sensors send readings: value, moment"."""
    maker = draft.find(labels.maker(section.asides[0].text)) if section.asides else None
    if maker is not None and maker is not thing and not joined(draft, thing, maker):
        origin = stated("a list says what it comes from", section.start, section.start + len(section.asides[0].text))
        draft.relate(
            thing, maker.label, maker.name, kind=RelationKind.MANY_TO_ONE, origin=origin, optional=False, part=True
        )


def _attribute(name: str, known: AbstractSet[str]) -> str:
    """Returns the field or relation that a column is."""
    plain = naming.snake(name)
    safe = (plain, plain.removesuffix("_id"), *(naming.safe(plain, kind).name for kind in (Kind.FIELD, Kind.RELATION)))
    return next((each for each in safe if each in known), plain)


def _lines(text: str) -> Iterator[Section]:
    for match in LINE.finditer(SENTENCE.sub(".\n", text)):
        if CHAIN.search(match["rest"]):
            continue
        label = match["name"].strip()
        called = labels.named(label, close=bool(match["open"]))
        name, members = _opened(called, tuple(pieces(match["rest"], match.start("rest"))))
        name = labels.above(text, match.start()) if word_key(name) in HEADS else name
        single = match["open"] and name.lower() in nouns.ATTRIBUTES
        titled = len(members) == 1 and word_key(members[0].text) in TITLES
        if _names_thing(name, members) and not single and not titled and _are_fields(members):
            if len(values := _alternatives(match["rest"])) > 1:
                members = (replace(members[0], text=spellings.choices_of("status", values), end=match.end("rest")),)
            said = (Piece(text=label, start=match.start("name"), end=match.start("name") + len(label)),)
            yield Section(
                name=name, start=match.start("name"), members=members, asides=said if " " in label != called else ()
            )


def _alternatives(text: str) -> tuple[str, ...]:
    """Returns the choices of "present, excused or absent", which are none of fields."""
    said = spellings.choices(text.strip(" .")) if OR.search(text) else ()
    return () if any(spellings.is_value(each) or each.count(" ") > 1 for each in said) else said


def _opened(name: str, members: tuple[Piece, ...]) -> tuple[str, tuple[Piece, ...]]:
    """Returns what a list is really of: "Track the budget: expenses with a vendor and an amount" is of expenses."""
    inside = INSIDE.fullmatch(members[0].text) if members else None
    listed = word_key(name) in NO_ENTITY or any(INSIDE.fullmatch(each.text) for each in members[1:])
    if inside is None or listed or word_key(inside["noun"]) == inside["noun"].lower():
        return name, members
    return inside["noun"], (replace(members[0], text=inside["rest"]), *members[1:])


def _called(text: str) -> Iterator[Section]:
    """Yields the things of a line that is nothing but several with their fields in brackets: `A (b, c), D (e)`."""
    for line in re.finditer(r"^[^\n]+$", text, re.MULTILINE):
        found = list(CALL.finditer(line[0]))
        if len(found) < 2 or not JOINTS.fullmatch(CALL.sub("", line[0])):  # noqa: PLR2004
            continue
        for each in found:
            members = tuple(pieces(each["rest"], line.start() + each.start("rest")))
            if _names_thing(each["name"], members) and _are_fields(members):
                yield Section(name=each["name"], start=line.start() + each.start("name"), members=members)


def _tables(text: str) -> Iterator[Section]:
    """Yields the rows of a table with a column of names and one of fields."""
    named = False
    yield from _columns(text)
    for match in ROW.finditer(text):
        name, rest = match["name"].strip(" *`"), match["rest"]
        if re.fullmatch(r"[\s:|-]+", match[0].strip()):
            continue
        if word_key(name) in COLUMNS:
            typed = re.search(r"\|\s*(?:data\s?)?type\s*(?:\||$)", match[0], re.IGNORECASE)
            named = typed is None and rest.split("|")[0].strip(" *`").lower() not in HEADS
            continue
        members = tuple(pieces(rest.rstrip(" |"), match.start("rest")))
        if named and name and _names_thing(name, members) and _are_fields(members):
            yield Section(name=name, start=match.start("name") + match["name"].index(name), members=members)


def _columns(text: str) -> Iterator[Section]:
    """Yields the things of a table with a row for each field: `| Entity | Field | Type | Notes |`."""
    heads: list[str] = []
    found: dict[str, list[Piece]] = {}
    starts: dict[str, int] = {}
    name = ""
    for match in ROW.finditer(text):
        cells = [each.strip(" *`") for each in match[0].strip().strip("|").split("|")]
        if word_key(cells[0]) in COLUMNS and "".join(cells[1:2]).lower() in HEADS:
            heads = [word_key(each) for each in cells]
            continue
        if not heads or re.fullmatch(r"[\s:|-]+", match[0].strip()) or len(cells) < 2 or not cells[1]:  # noqa: PLR2004
            continue
        name = cells[0] or name
        said = [told for head, cell in zip(heads[2:], cells[2:], strict=False) if (told := told_in(head, cell))]
        text_of = f"{cells[1]}: {', '.join(said)}" if said else cells[1]
        if name:
            starts.setdefault(name, match.start("name"))
            found.setdefault(name, []).append(Piece(text=text_of, start=match.start(), end=match.end()))
    for each, members in found.items():
        yield Section(name=each, start=starts[each], members=tuple(members))


def _headed(text: str) -> Iterator[Section]:
    """Yields headings, and names, with a list of fields below."""
    end = 0
    for each in blocks(text):
        named = _names_thing(each.name, each.members) and (
            each.headed or any(_tells_field(member) for member in each.members)
        )
        members, asides = _apart(each.members)
        if each.start >= end and named and _are_fields(members):
            yield Section(name=labels.named(each.name), start=each.start, members=members, asides=asides)
            end = each.members[-1].end


def _apart(members: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Returns the fields of a list, and the sentences that stand among more of them."""
    asides = tuple(each for each in members if _is_clause(each.text))
    fields = tuple(each for each in members if each not in asides)
    if not asides or len(fields) <= max(1, len(asides)):
        fields, asides = members, ()
    return tuple(part for each in fields for part in _several(each)), asides


def _several(member: Piece) -> tuple[Piece, ...]:
    """Returns the fields of a bullet: several with commas, one where more is said of it."""
    parts = tuple(pieces(member.text, member.start))
    one = re.search(r"[:(\[]|\s[–—-]\s", member.text) or any(nameless(spellings.plain(each.text)) for each in parts)
    return (member,) if one else parts


def _tells_field(member: Piece) -> bool:
    """Whether a member of a list is likely a field: it has a type, or a name that values have."""
    name = re.split(r"[:(\[=]", spellings.plain(member.text))[0].strip()
    last = word_key(name).rsplit(" ", 1)[-1]
    typed = {*re.findall(r"\w+", member.text.lower())} & (TYPES.keys() | FLAGS.keys())
    return bool(typed) or last in nouns.ATTRIBUTES or guessed(name) is not FieldType.STRING


def _names_thing(name: str, members: tuple[Piece, ...]) -> bool:
    key = word_key(name.strip())
    if key in PEOPLE and all(nouns.acts_like_person(word_key(each.text)) for each in members):
        return False
    told = key in AMBIGUOUS and all(map(_tells_field, members))
    told = told or (key.rsplit(" ", 1)[-1] in nouns.APPLICATION and sum(map(_tells_field, members)) > 1)
    plain = key not in NO_ENTITY and key.rsplit(" ", 1)[-1] not in nouns.APPLICATION
    small = {*key.split()} & (PREPOSITIONS | AUXILIARIES | PRONOUNS | RELATIVES | {"to"}) - {"of"}
    plain = plain and not small and len(key) > 1
    return (plain or told) and not key.startswith(("as a", "i ", "please ")) and len(key.split()) <= 3  # noqa: PLR2004


def _are_fields(members: tuple[Piece, ...]) -> bool:
    if any(re.match(r"\d+\s+[a-z]", each.text) for each in members):
        return False
    short = [
        each
        for each in (re.sub(r"[(\[{][^)\]}]*[)\]}]|:.*", "", spellings.plain(each.text)) for each in members)
        if len(each) <= FIELDLIKE and len(each.split()) <= FIELD_WORDS
    ]
    plain = bool(members) and len(short) == len(members) and not any(_is_clause(each.text) for each in members)
    return plain and not all(nameless(spellings.plain(each.text)) for each in members)


def _is_clause(text: str) -> bool:
    """Whether a member of a list says that somebody does something: "users post recipes", "rate the recipes"."""
    if ACTS.match(text):
        return True
    said = read(re.split(r"[(:]|\s[–—-]\s", text)[0])
    if said.tokens and guessed(said.tokens[0].lower) is FieldType.ENUM:
        return False  # "status booked/arrived"
    tags = said.tags
    if any(each.lower in MODALS | {"has", "have"} for each in said.tokens[1:]):
        return True
    acted = {(Tag.DETERMINER,), (Tag.POSSESSIVE,), (Tag.PRONOUN,), (Tag.RELATIVE,)}
    return any(
        tag is Tag.VERB and (_agree(said.tokens[at - 1 : at + 1], tags[at - 1 : at]) or tags[at + 1 : at + 2] in acted)
        for at, tag in enumerate(tags)
    )


def _agree(words: Sequence[Token], before: Sequence[Tag]) -> bool:
    """Whether a noun is the subject of the verb behind it: "users post", "a member pays", but not "vehicle make"."""
    if before != (Tag.NOUN,) or words[-1].lower.endswith("ing"):
        return False
    noun, verb = (each.lower for each in words)
    return verb not in VERBS or singular(noun) != noun


ACTS = re.compile(
    r"(?:as\s+an?|i\s|we\s|users?\s+can|the\s+system|must\s|should\s|can\s|may\s|only\s|shall\s)", re.IGNORECASE
)

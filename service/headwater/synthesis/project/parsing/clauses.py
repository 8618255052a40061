"""Reads what a list says that a thing has: fields, and relations to other things with how many of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology.deeds import DEEDS
from headwater.synthesis.project.parsing import nouns, spellings
from headwater.synthesis.project.parsing.draft import Draft, Thing, plural_of, stated, word_key
from headwater.synthesis.project.parsing.kinds import TYPES, guessed
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.references import Reference, is_person, reference
from headwater.synthesis.project.parsing.tagging import verb_base
from headwater.synthesis.project.parsing.values import FLAGS, field_of
from headwater.synthesis.project.spec import FieldType, Origin, RelationKind, Span

SEPARATOR = re.compile(r",\s*(?:and\s+|or\s+|as well as\s+|plus\s+)?|;\s*|\s+(?:and|as\s+well\s+as|plus|[+&])\s+")
FEW = r"(?:\d+|two|three|four|five|six|ten|twelve)"
MANY = re.compile(
    r"^(?:zero\s+or\s+more|one\s+or\s+more|at\s+least\s+one|many|several|multiple|various|any\s+number\s+of|"
    r"(?:an?\s+|the\s+)?(?:lists?|logs?|records?|history|register|overview|sets?|collections?|galler(?:y|ies)|series)\s+of|"
    rf"(?:up\s+to|at\s+(?:most|least)|no\s+more\s+than)\s+{FEW}|{FEW}\s+or\s+more|some)\s+",
    re.IGNORECASE,
)
ONE = re.compile(
    r"^(?:(?:exactly|only|at\s+most|up\s+to|zero\s+or)\s+one|one|a\s+single|an?|the|its|their|his|her|own|our|my|your|each|every)\s+",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"^(?:(?:exactly|always)\s+(?:\d+\s+)?)?(?:(?:two|three|four|five|six|both|[2-9])\s+|(?<=\d\s))(?!(?:of|or)\b)(?=[a-z]+s\b)",
    re.IGNORECASE,
)
"""So many, which several may share: a match has two teams, and a team several matches."""
PLACED = re.compile(r"(?P<verb>[a-z]+s)\s+(?:at|in|on|to|for|with|by)\s+(?P<rest>.+)", re.IGNORECASE)
"""A member that says where something is: "sits at a table"."""
ACTED = re.compile(
    r"(?P<verb>[a-z]+s)\s+(?P<rest>(?:one\s+or\s+more|zero\s+or\s+more|at\s+least|exactly|an?|one|many|several|the|its|their)\s.+)",
    re.IGNORECASE,
)
"""A member that says what is done to something: "fixes one or more defects"."""
GROUPED = re.compile(
    r"\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\]|\{[^{}]*\}|\"[^\"]*\"|\bdate\s+(?:and|&)\s+time\b|between\s+\S+\s+and\s+\S+"
)
"""What is not split: brackets, quotes and bounds."""
PAIRED = words("""
    start end begin beginning first last opening closing arrival departure pickup pick-up drop-off return check-in
    check-out minimum maximum min max planned actual home away billing shipping given family due issue
""")
"""What stands in front of a noun that two values share."""
MADE_OF = re.compile(
    r"[\w -]+?(?:\s(?:made(?:\s+up)?\s+of|consisting\s+of|composed\s+of|containing|comprising)|:)\s+"
    r"(?P<rest>(?:several|many|multiple|various|some|one\s+or\s+more|at\s+least\s+one|up\s+to\s+\d+|a\s+list\s+of)\s.+)",
    re.IGNORECASE,
)
"""A member that is nothing but several others: "a program made of several pieces"."""
CLAUSE = re.compile(r"(?:they|it|he|she|we|you|i)\s+[a-z]", re.IGNORECASE)
"""What is a sentence among the members of a list."""
CHOOSING = re.compile(r"(?P<name>[^\W\d][\w -]*?)\s*:\s*(?P<first>[^:|/()]+)$")
BY_THE_WAY = re.compile(
    r"^(?:(?:optionally|possibly|maybe|perhaps|sometimes|also|plus|numbered|ordered|their\s+own)\s+)+", re.IGNORECASE
)
"""What stands in front of a member and is no part of its name."""
HAS = re.compile(r"^(?:has|have|contains?|includes?)\s+(?=\w)", re.IGNORECASE)
OPTIONAL = re.compile(r"\b(?:optional(?:ly)?|(?:at\s+most|up\s+to)\s+one|zero\s+or\s+one|nullable)\b", re.IGNORECASE)


DOERS = {
    "assigned": "assignee", "responsible": "assignee", "reported": "reporter", "created": "creator", "made": "creator",
    "wrote": "author", "written": "author", "owns": "owner", "owned": "owner", "approved": "approver",
}  # fmt: skip
"""Who is meant by what they do: "who it is assigned to"."""
DONE = frozenset(each for deed in DEEDS for each in (word_key(deed.noun), *deed.others))
"""What people do with things."""
IMPLIED = words("id uuid created_at updated_at creation_date created")
"""What every entity has without being asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One member of a list and where it stands."""

    text: str
    start: int
    end: int


def pieces(text: str, start: int) -> Iterator[Piece]:
    """Yields the members of a list; brackets and quotes keep theirs together."""
    found = tuple(_shared_heads(tuple(_apart(text, start))))
    at = 0
    while at < len(found):
        end = _choices_end(text, start, found, at)
        whole = Piece(
            text=text[found[at].start - start : found[end].end - start], start=found[at].start, end=found[end].end
        )
        yield whole if end > at else found[at]
        at = end + 1


def _choices_end(text: str, start: int, found: Sequence[Piece], at: int) -> int:
    """Returns the last of the choices behind a colon: `status: draft, sent, paid, title` ends at `paid`."""
    head = CHOOSING.match(found[at].text)
    if head is None or not spellings.takes_choices(head["name"]) or not _is_choice(head["first"]):
        return at
    end = at
    while end + 1 < len(found) and _is_choice(found[end + 1].text):
        if ";" in text[found[end].end - start : found[end + 1].start - start]:
            break
        end += 1
    return end


def _is_choice(text: str) -> bool:
    """Whether a member can be nothing but a choice: no value of its own, nobody, and nothing with an article."""
    idle = word_key(text) in nouns.ACTORS | nouns.ACTING | nouns.SHARED
    value = spellings.is_value(text) or guessed(text) in {FieldType.FILE, FieldType.EMAIL, FieldType.ENUM}
    return bool(spellings.choices(f"{text}, other")) and not idle and not value and not ONE.match(text)


def _apart(text: str, start: int) -> Iterator[Piece]:
    covered = GROUPED.sub(lambda found: "x" * len(found[0]), text)
    covered = re.sub(r"(?:\b[\w-]+\s*\|\s*)+[\w-]+", lambda found: "x" * len(found[0]), covered)
    at = 0
    for match in [*SEPARATOR.finditer(covered), None]:
        end = match.start() if match else len(text)
        piece = text[at:end].strip(" .\t\n")
        if piece:
            left = at + text[at:end].index(piece)
            yield Piece(text=piece, start=start + left, end=start + left + len(piece))
        at = match.end() if match else at


def _shared_heads(found: Sequence[Piece]) -> Iterator[Piece]:
    """Yields members with the noun that they share: "start and end time" are a start time and an end time."""
    for each, after in zip(found, (*found[1:], None), strict=False):
        said = after.text.split() if after else []
        first, *rest = ONE.sub("", each.text).split() or [""]
        paired = first.lower() in PAIRED and not rest and len(said) > 1 and said[0].lower() in PAIRED
        yield replace(each, text=" ".join([each.text, *said[1:]])) if paired else each


def tell(draft: Draft, thing: Thing, piece: Piece, reason: str) -> None:
    """Adds one member of a list to an entity, as a field or a relation."""
    origin = stated(reason, piece.start, piece.end)
    text = spellings.plain(HAS.sub("", piece.text))
    text = of["rest"] if (of := MADE_OF.fullmatch(text)) else text
    if len(text) > spellings.LONGEST or CLAUSE.match(text):
        return
    parts = spellings.composite(text) or spellings.beside(text)
    for each in parts:
        tell(draft, thing, replace(piece, text=each), reason)
    found = reference(text, draft)
    if found is not None and not parts:
        _point(draft, thing, found, piece, origin)
    elif not parts:
        _tell(draft, thing, replace(piece, text=text), reason)


def _tell(draft: Draft, thing: Thing, piece: Piece, reason: str) -> None:
    origin = stated(reason, piece.start, piece.end)
    counted = COUNTED.match(piece.text)
    many = counted or MANY.match(piece.text)
    acted = ACTED.fullmatch(piece.text)
    if acted and verb_base(acted["verb"].lower()) not in {"", acted["verb"].lower()}:
        sure = re.match(r"exactly\b", acted["rest"], re.IGNORECASE)
        tell(draft, thing, replace(piece, text=acted["rest"] if sure else f"{acted['rest']} optional"), reason)
        return
    bare = piece.text[many.end() :] if many else BY_THE_WAY.sub("", piece.text)
    number = re.match(r"\d{2,}\s+(?=[a-z]+s\b)", bare, re.IGNORECASE)
    bare = f"{bare[number.end() :]}: integer" if number and ":" not in bare else bare
    while one := ONE.match(bare):
        bare = bare[one.end() :]
    bare = _plainly(bare)
    placed = PLACED.match(bare)
    if placed and verb_base(placed["verb"].lower()) and verb_base(placed["verb"].lower()) != placed["verb"].lower():
        where = Piece(text=placed["rest"], start=piece.end - len(placed["rest"]), end=piece.end)
        if draft.find(ONE.sub("", placed["rest"])):
            tell(draft, thing, where, reason)
        return
    purpose = re.fullmatch(r"[\w ]+\sto\s+(\w+)", bare)
    if purpose and verb_base(purpose[1].lower()):
        draft.put(thing, field_of(f"{bare}: text", origin).field)
        return
    noun = re.split(
        r"[:(=]|\s(?:of|for|from|with|that|which|who|in|on|at|by|to|between|required|optional|unique)\b", bare
    )[0]
    noun = re.sub(r"^(?:optional|required|unique|mandatory)\s+", "", noun.strip(), flags=re.IGNORECASE)
    several = many is not None or word_key(noun) != noun.strip().lower()
    target = "" if ":" in bare else _target(draft, noun, plural=several)
    if target:
        _relate(draft, thing, noun, target, piece, many=several, origin=origin, shared=counted is not None)
        return
    if naming.snake(noun).replace("_", " ") in IMPLIED:
        draft.assume(f"{thing.label} has {noun.strip()} of its own accord.", thing.name, origin.span)
        return
    _put(draft, thing, bare, origin)


def _put(draft: Draft, thing: Thing, text: str, origin: Origin) -> None:
    """Adds a member of a list as a field, unless nothing but bounds and flags is said there."""
    stage = re.fullmatch(r"(status|state|stage)\s+(?:(\w+)|[\"“](\w[\w ]*)[\"”])", text, re.IGNORECASE)
    if stage and (stage[2] or stage[3]).lower() not in FLAGS.keys() | TYPES.keys():
        text = f"{stage[1]}: open | {stage[2].lower()}" if stage[2] else stage[1]
    read = field_of(text if re.search(r"[:(=|]", text) else _adjectives_last(text), origin)
    if not read.field.label:
        return
    for each in read.assumed:
        draft.assume(each, f"{thing.name}.{read.field.name}", origin.span)
    draft.put(thing, read.field)


def _point(draft: Draft, thing: Thing, found: Reference, piece: Piece, origin: Origin) -> None:
    """Adds the relation of a member that points at something."""
    known = draft.find(found.noun)
    person = is_person(found.noun, draft)
    target = known.name if known else draft.account if person else draft.add(found.noun, origin).name
    text = f"{piece.text} optional" if found.optional else piece.text
    _relate(
        draft, thing, found.name, target, replace(piece, text=text), many=found.many, origin=origin, part=found.part
    )


def _plainly(text: str) -> str:
    """Returns what a clause names: `whether we saw eggs` is a flag `saw eggs`, `the year in which …` a year."""
    who = re.match(
        r"(?:who|whom)\s+(?:(?:it|this|that|he|she)(?:['’]s|\s+is|\s+was)?\s+|is\s+|was\s+)?(\w+)", text, re.IGNORECASE
    )
    if who and who[1].lower() in DOERS:
        return DOERS[who[1].lower()]
    asked = re.match(r"whether\s+(?:(?:we|it|they|he|she|i|you|the)\s+)?(.+)", text, re.IGNORECASE)
    if asked:
        return f"{' '.join(asked[1].split()[:4])}: boolean"
    asked = re.match(r"how\s+(many|much)?\s*(.+)", text, re.IGNORECASE)
    if asked:
        said = [
            each for each in asked[2].split() if each.lower() not in {"the", "a", "is", "are", "was", "were", "there"}
        ]
        return " ".join(said[:3]) + (": integer" if (asked[1] or "").lower() == "many" else "")
    return re.split(r"\s+(?:in|on|at|by|from|for|of)\s+(?:which|whom)\b", text)[0]


def _adjectives_last(text: str) -> str:
    found = re.match(r"(optional|required|unique|mandatory)\s+(.*)", text, re.IGNORECASE)
    return f"{found[2]} {found[1]}" if found else text


def _target(draft: Draft, noun: str, *, plural: bool) -> str:
    """Returns the entity that a noun points at: a known one, the account for people, a new one for several things."""
    key = word_key(noun)
    known = draft.find(noun)
    if known is not None:
        return known.name
    head = draft.find(key.rsplit(" ", 1)[-1])
    if " " in key and head is not None and head.name != draft.account and guessed(noun) is FieldType.STRING:
        return head.name
    idle = key not in draft.roles
    if {key, key.rsplit(" ", 1)[-1]} & nouns.ATTRIBUTES or (key in nouns.PERFORMING and idle):
        return ""
    if key in nouns.ROLE_WORDS | nouns.ACTING or not idle:
        several = plural and idle and key in nouns.ROLE_WORDS - nouns.SIGNED_IN - nouns.SHARED
        return "*" if several else draft.account
    if guessed(noun) is not FieldType.STRING:
        return ""
    return "*" if plural and re.fullmatch(r"[a-z][a-z -]*", key) and len(key.split()) <= 3 else ""  # noqa: PLR2004


def _is_done_by(thing: Thing, other: Thing) -> bool:
    """Whether people have what they do: a guest who has a booking made it, and may make others."""
    return nouns.acts_like_person(word_key(thing.label)) and word_key(other.label) in DONE


def _relate(
    draft: Draft,
    thing: Thing,
    noun: str,
    target: str,
    piece: Piece,
    *,
    many: bool,
    origin: Origin,
    shared: bool = False,
    part: bool = False,
) -> None:
    if target == "*":
        target = draft.add(noun, origin).name
    count = draft.claim(thing, noun, "many" if many else "one", Span(start=piece.start, end=piece.end))
    people = target == draft.account
    other = next((each for each in draft.things.values() if each.name == target), None)
    if count == "one" and other is not None and _is_done_by(thing, other):
        draft.relate(
            other, thing.label, thing.name, kind=RelationKind.MANY_TO_ONE, origin=origin, optional=False, part=True
        )
        return
    if count == "one" or other is None:
        kind = RelationKind.MANY_TO_ONE if count == "one" else RelationKind.MANY_TO_MANY
        later = people and word_key(noun) in nouns.LATER and not word_key(noun).startswith(word_key(thing.label))
        optional = bool(OPTIONAL.search(piece.text)) or later
        draft.relate(thing, noun, target, kind=kind, origin=origin, optional=optional, part=part)
        return
    back = [each for each in draft.relations if {each.source, each.target} == {thing.name, target}]
    if back:
        if back[0].kind is RelationKind.MANY_TO_ONE and back[0].source == thing.name:
            return
        if back[0].kind is RelationKind.MANY_TO_MANY or back[0].source == other.name:
            return
    if shared or word_key(noun) in nouns.SHARED:
        draft.relate(thing, noun, target, kind=RelationKind.MANY_TO_MANY, origin=origin, optional=True)
    else:
        draft.relate(
            other,
            thing.label,
            thing.name,
            kind=RelationKind.MANY_TO_ONE,
            origin=origin,
            optional=bool(OPTIONAL.search(piece.text)),
            inverse=plural_of(noun),
            part=True,
        )

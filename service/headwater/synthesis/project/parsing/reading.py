"""Reads requirements into a spec: the phases in their order, from what is said outright to what is only usual."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from headwater.errors import invalid
from headwater.synthesis.project import naming
from headwater.synthesis.project.checking import Limits, check
from headwater.synthesis.project.ontology.notation import Policy
from headwater.synthesis.project.parsing import (
    arrows,
    block,
    deeds,
    expansion,
    features,
    grants,
    havings,
    jdl,
    nouns,
    once,
    places,
    rights,
    schemas,
    scope,
    sections,
    sentences,
    signing_in,
    signing_up,
    spoken_of,
    stages,
    subjects,
    wishes,
)
from headwater.synthesis.project.parsing.concepts import Concept, Mention, mentions
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated, word_key
from headwater.synthesis.project.parsing.finishing import finish
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.links import GUESSED, links
from headwater.synthesis.project.parsing.statements import Statement, statements, steps_apart
from headwater.synthesis.project.parsing.tidying import tidied
from headwater.synthesis.project.parsing.titles import first_line, shortened, title_of
from headwater.synthesis.project.spec import (
    Action,
    OnDelete,
    Origin,
    RelationKind,
    Scope,
    Spec,
)
from headwater.synthesis.project.spec_json import ODD, refusal

ENGLISH = words("the a an of to and is are can with for i want as has have each in on by users user")
HIDDEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Characters without a width, and those that turn the direction of what is shown."""
WIDE = str.maketrans("：；，、。（）！？［］", ":;,,.()!?[]")
"""Marks of Chinese and Japanese, each the one of English that takes its place."""
FEW_WORDS, FEW_LETTERS = 12, 6
BRIEF, SHORT = 2, 5
"""A text of so many sentences is brief, or still short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The sentences of the requirements and what they speak of."""

    said: tuple[Statement, ...]
    spoken: tuple[Mention, ...]
    things: tuple[Concept, ...]


def parse(text: str, *, name: str = "", description: str = "", limits: Limits | None = None) -> Spec:
    """Returns the spec of requirements: prose, user stories, lists, or a spec block.

    `name` is what the project is called, `description` a sentence or two about it, read before the text.

    Raises:
        Problem: `REQUIREMENTS_EMPTY`, `REQUIREMENTS_TOO_LONG`, `REQUIREMENTS_TOO_MANY`, or what `block.read` refuses.
    """
    bounds = limits or Limits()
    whole = _clean(text, bounds)
    name, description = (ODD.sub(" ", each)[: bounds.text_characters].strip() for each in (name, description))
    draft = Draft(longest=bounds.label_characters)
    body, prose, start = block.split(whole)
    head = block.read(body, start, draft, bounds) if body else dict[str, str]()
    prose, tables = schemas.read(jdl.read(prose, draft), draft)
    prose = tidied(prose)
    steps = steps_apart(prose)
    stepped = steps != prose
    limited = scope.scoped(steps)
    scope.leave_out(limited, draft)
    prose = limited.text
    kinds = expansion.recognised(f"{prose}\n{description}", name)
    title = title_of(
        prose or whole, name or head.get("name", ""), head.get("title", ""), kinds[0][0].name if kinds else "", bounds
    )
    read = _prose(prose, tables, draft, title, stepped=stepped)
    features.features(prose, draft)
    expansion.archetypes(kinds, prose, draft, brief=len(read.said) <= BRIEF, short=len(read.said) <= SHORT)
    _shared(draft)
    stages.stages(read.said, prose, draft)
    sentences.belongings(read.said, draft)
    sentences.values(read.said, draft)
    rights.rights(read.said, draft)
    _links(read, draft)
    once.once(read.said, draft)
    sentences.limits(prose, draft)
    if not draft.things:
        expansion.fallback(title, draft)
    closed = limited.closed or any(signing_in.closes(each, prose) for each in read.said)
    signed_in = not closed and (not draft.explicit or features.account_wanted(draft))
    if signed_in or draft.find("user"):
        known = {each.name for each in draft.things.values()}
        deeds.deeds(read.said, draft)
        deeds.providers(read.said, draft)
        features.tables(prose, draft)
        rights.rights(read.said, draft, known)
    features.beyond(prose, draft)
    _language(prose, draft)
    if len(draft.things) > bounds.entities:
        last = list(draft.things.values())[-1]
        raise invalid(
            "REQUIREMENTS_TOO_MANY",
            "requirements",
            f"The requirements name {len(draft.things)} things to keep; the last is {last.label!r}.",
            f"Keep to {bounds.entities}, or split the project.",
        )
    named = naming.safe(name or head.get("name", "") or title, naming.Kind.PACKAGE).name
    told = shortened(description or head.get("description", "") or first_line(prose), bounds.label_characters * 2)
    spec = finish(draft, name=named, title=title, description=told, signed_in=signed_in)
    faults = check(spec, bounds)
    if faults:
        raise refusal(faults)
    return spec


def _clean(text: str, limits: Limits) -> str:
    if len(text) > limits.text_characters:
        raise invalid(
            "REQUIREMENTS_TOO_LONG",
            "requirements",
            f"The requirements have {len(text)} characters.",
            f"Keep to {limits.text_characters}, or split the project.",
        )
    if not re.search(r"\w", text):
        raise invalid(
            "REQUIREMENTS_EMPTY",
            "requirements",
            "The requirements hold no word.",
            "Write a sentence such as: Build a blog with comments.",
        )
    return ODD.sub(" ", _shown(text.replace("\r\n", " \n").replace("\r", "\n")).translate(WIDE))


def _shown(text: str) -> str:
    """Returns a text without the characters that nobody sees; blanks at the end of a line keep the places behind it."""
    if not HIDDEN.search(text):
        return text
    return "\n".join(f"{HIDDEN.sub('', line):<{len(line)}}" for line in text.split("\n"))


def _prose(text: str, tables: tuple[sections.Section, ...], draft: Draft, title: str, *, stepped: bool) -> _Read:
    """Adds what tables, lists and sentences say, and returns the sentences and what they speak of."""
    text, marked = grants.read(text, draft)
    found = sections.sections(rights.listed(text, draft))
    lists = (*tables, *found)
    sections.names(lists, draft)
    rest, listed = subjects.led(_without(text, found))
    said = (*statements(rest), *listed, *marked)
    spoken = mentions(said)
    spoken_of.shortened(said, spoken, draft)
    haves = havings.havings(said)
    havings.names(haves, draft)
    rights.roles(said, draft)
    wishes.wishes(said, draft)
    things = spoken_of.concepts_of(said, spoken, draft, title, stepped=stepped and not haves and not lists)
    places.shared(said, draft)
    sections.fill(lists, draft)
    havings.fill(haves, draft)
    places.happenings(said, draft)
    wishes.details(said, draft)
    signing_up.signing_up(said, draft)
    arrows.arrows(text, draft)
    sentences.belongings(said, draft)
    sentences.values(said, draft)
    return _Read(said=said, spoken=spoken, things=things)


def _without(text: str, lists: Sequence[sections.Section]) -> str:
    """Returns the text with blanks for the lines that were read as lists."""
    kept = list(text)
    for each in lists:
        end = max((member.end for member in (*each.members, *each.asides)), default=each.start)
        told = sections.told(text, each)
        for at in (at for at in range(each.start, end) if at not in told and kept[at] != "\n"):
            kept[at] = " "
    return "".join(kept)


def _links(read: _Read, draft: Draft) -> None:
    """Adds a relation for each pair of concepts that belong together and are not joined yet."""
    weights = {each.name: each.weight for each in read.things}
    for link in links(read.said, read.spoken, read.things):
        ends = sorted((link.one, link.other), key=lambda each: (weights[each], each))
        found = [draft.find(each) for each in ends]
        things = [each for each in found if each]
        sentence = read.said[link.statement]
        origin = stated(GUESSED, sentence.start, sentence.start + len(sentence.text))
        if len(things) > 1 and things[0] is not things[1]:
            one, other = sorted(things, key=lambda each: _is_somebody(word_key(each.label), draft))
            if all({each.source, each.target} != {one.name, other.name} for each in draft.relations):
                optional = not _has(draft, one, word_key(other.label))
                draft.relate(
                    one, other.label, other.name, kind=RelationKind.MANY_TO_ONE, origin=origin, optional=optional
                )
        elif len(things) == 1:
            _link_person(draft, things[0], ends[found.index(None)], origin)


def _is_somebody(noun: str, draft: Draft) -> bool:
    return nouns.acts_like_person(noun) or noun in draft.roles


def _link_person(draft: Draft, thing: Thing, noun: str, origin: Origin) -> None:
    """Adds whose a thing is, where a sentence says that such people make it or have their own."""
    person = word_key(noun)
    has = any(each.source == thing.name and each.target == draft.account for each in draft.relations)
    if (
        _has(draft, thing, person)
        and not has
        and thing.name != draft.account
        and person not in nouns.ADMINS | nouns.STAFF | nouns.SIGNED_IN
    ):
        draft.relate(
            thing,
            noun,
            draft.account,
            kind=RelationKind.MANY_TO_ONE,
            origin=origin,
            optional=False,
            on_delete=OnDelete.CASCADE,
        )


def _has(draft: Draft, thing: Thing, person: str) -> bool:
    """Whether a sentence says that such people make a thing or have their own."""
    return any(
        each.role == person and each.entity == thing.name and (Action.CREATE in each.actions or each.scope is Scope.OWN)
        for each in draft.rights
    )


def _shared(draft: Draft) -> None:
    """Keeps what all look up, such as genres, from being somebody's."""
    for key, thing in draft.things.items():
        if key in nouns.REFERENCE and thing.policy is None:
            thing.policy = Policy.CATALOG


def _language(text: str, draft: Draft) -> None:
    """Tells that a text is in a language that is not read, where hardly a word of it is a small English one."""
    said = re.findall(r"[^\W\d_]+", text.lower())
    letters = [each for each in text if each.isalpha()]
    strange = sum(not each.isascii() for each in letters) * 2 > len(letters) > FEW_LETTERS
    if strange or (len(said) >= FEW_WORDS and sum(each in ENGLISH for each in said) * 20 < len(said)):
        draft.assume("The text does not read like English; what it says beyond names and lists was not understood.")

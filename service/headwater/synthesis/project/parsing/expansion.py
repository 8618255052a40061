"""Adds what was not said but belongs: the tables of features that were asked for and of the kind of application."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology import notation
from headwater.synthesis.project.ontology.archetype import PEERS
from headwater.synthesis.project.ontology.archetypes import ARCHETYPES, Archetype
from headwater.synthesis.project.ontology.features import SUBJECT, FeatureEntry
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import Draft, Thing, implied, plural_of, word_key
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.plurals import with_article
from headwater.synthesis.project.spec import Feature, Origin, OriginKind, Span

KIND = re.compile(
    r"\b(?:build|create|make|develop|design|implement|need|want|require|write|launch|start|set\s+up|generate|for)\b"
    r"[^.\n]{0,60}",
    re.IGNORECASE,
)
PATTERNS = {
    kind.name: tuple(
        (
            each.replace("-", " "),
            re.compile(rf"\b{'[ -]'.join(map(re.escape, re.split('[ -]', each)))}\b", re.IGNORECASE),
        )
        for each in kind.words
    )
    for kind in ARCHETYPES
}
"""The words of each kind; a blank in them may be a hyphen."""
NAMED_WEIGHT, WORD_WEIGHT = 3, 1
USUAL = "usual"
"""How the reason of what a kind of application brings begins."""
HEADING_WORDS, OPENING = 8, 400
"""A first line of at most so many words names the kind, and so do wishes in so many first characters."""
ENOUGH = 2
"""The weight from which a text is of a kind: it is named, or two of its words are."""
FEW = 2
"""With fewer entities than this of its own a text is terse: what its kind usually keeps is added."""


def recognised(text: str, title: str) -> tuple[tuple[Archetype, Span], ...]:
    """Returns the kinds of application that a text calls for, the best first, and the words that do."""
    found: list[tuple[int, int, Archetype, Span]] = []
    first = re.split(r"\n|[.:,;—–]\s|\s(?:with|where|that|which|who|has|have)\s", text.strip(), maxsplit=1)[0]
    heading = first if len(first.split()) <= HEADING_WORDS else ""
    small = text.lower().replace("-", " ")
    opening = " ".join([heading, *(each[0] for each in KIND.finditer(text[:OPENING]))])
    for at, kind in enumerate(ARCHETYPES):
        weight, span = _branded(kind, text) if any(each in small for each in kind.brands) else (0, None)
        if any(each.replace("-", " ") in small for each in kind.unless):
            continue
        for words, pattern in PATTERNS[kind.name]:
            match = pattern.search(text) if words in small else None
            named = pattern.search(opening) or pattern.search(title)
            if match or named:
                weight += NAMED_WEIGHT if named else WORD_WEIGHT
                span = span or (Span(start=match.start(), end=match.end()) if match else Span(start=0, end=0))
        if span is not None and weight >= ENOUGH:
            found.append((-weight, at, kind, span))
    return tuple((kind, span) for _, _, kind, span in sorted(found, key=lambda each: each[:2]))


def _branded(kind: Archetype, text: str) -> tuple[int, Span | None]:
    """Returns the weight of "like Trello" and "a Trello clone", and where it stands."""
    names = "|".join(map(re.escape, kind.brands))
    pattern = rf"\b(?:like|similar\s+to|such\s+as)\s+(?:{names})\b|\b(?:{names})(?:[\s-](?:clone|alternative|like)\b)"
    match = re.search(pattern, text, re.IGNORECASE)
    return (NAMED_WEIGHT, Span(start=match.start(), end=match.end())) if match else (0, None)


def archetypes(kinds: Sequence[tuple[Archetype, Span]], text: str, draft: Draft, *, brief: bool, short: bool) -> None:
    """Adds what the best kind usually keeps to a terse text, and the usual fields of what a text names itself.

    A text is terse that is `short` and names hardly anything, or is `brief` and says nothing of what things have and
    belong to.
    """
    bare = not draft.relations and not any(each.fields for each in draft.things.values())
    for rank, (kind, span) in enumerate(kinds):
        few = len(draft.things) < (FEW if short else 1)
        terse = rank == 0 and bare and (brief or few) and not draft.explicit
        lines = notation.read(kind.table)
        origin = Origin(kind=OriginKind.ARCHETYPE, reason=f"{USUAL} in {with_article(kind.name)}", span=span)
        for word, entity in kind.also if rank == 0 else ():
            if draft.find(word) is not None and draft.find(entity) is None:
                draft.aliases[word_key(entity)] = word_key(word)
        wanted = {
            each.name for each in notation.entities(lines)
            if draft.find(each.name)
            or (terse and (each.name in kind.core or _spoken(each.name, kind.also, text)))
            or (
                rank == 0 and not draft.explicit
                and _spoken(each.name, () if each.name in kind.core else kind.also, text)
            )
        } - {each.name for each in notation.entities(lines) if word_key(each.name) in draft.barred}  # fmt: skip
        if rank == 0 and (terse or wanted):
            draft.archetypes.append(kind.name)
        if rank and not wanted:
            continue
        lay(lines, wanted, draft, origin)
        for role in kind.roles if rank == 0 and terse else ():
            if role.replace("_", " ") in draft.barred:
                continue
            draft.roles.setdefault(peer(role.replace("_", " "), draft), origin)
        for feature in (each for each in kind.features if rank == 0 and terse and each not in draft.unwanted):
            draft.features.setdefault(feature, Feature(kind=feature, entities=(), origin=origin))


def peer(role: str, draft: Draft) -> str:
    """Returns the word that the text uses for a role, or the given one."""
    group = next((each for each in PEERS if role in each), frozenset[str]())
    known = (each for each in draft.roles if each in group or each.endswith(f" {role}"))
    return role if role in draft.roles else next(known, role)


def lay(lines: Sequence[notation.Line], wanted: set[str], draft: Draft, origin: Origin) -> None:
    """Adds the lines of a table that speak of wanted entities."""
    for line in lines:
        if isinstance(line, notation.EntityLine) and line.name in wanted:
            _entity(line, draft, origin)
            _retarget(line.name, draft)
    for line in lines:
        if isinstance(line, notation.RelationLine):
            _relation(line, wanted, draft, origin)
        elif isinstance(line, notation.OwnerLine) and line.entity in wanted:
            _owner(line, draft)
    for line in lines:
        if isinstance(line, notation.OnceLine) and line.entity in wanted:
            thing = draft.find(line.entity)
            known = draft.attributes(thing) if thing else set[str]()
            attributes = tuple(each if each in known else naming.snake(peer(each, draft)) for each in line.attributes)
            if thing and set(attributes) <= known:
                thing.together.append(attributes)


def _retarget(name: str, draft: Draft) -> None:
    """Lets relations to people of a kind, such as patients, lead to them where they are kept."""
    thing = draft.find(name)
    for each in [each for each in draft.relations if thing and each.target == draft.account]:
        if thing and word_key(each.name) == word_key(thing.label) and each.source != thing.name:
            draft.change(each, target=thing.name)


def table_for(entry: FeatureEntry, subject: str) -> str:
    """Returns the lines of a feature for the entity that it works on; the bare lines for none."""
    if not subject:
        return entry.table
    relation = naming.safe(subject, naming.Kind.RELATION).name
    table = entry.table.replace(f"{SUBJECT}s", naming.table(subject))
    table = re.sub(rf"\.{SUBJECT}\b", f".{relation}", table)
    table = re.sub(rf"(once \w+) {SUBJECT}", rf"\1 {relation}", table)
    return table.replace(SUBJECT, subject)


def _spoken(name: str, also: Sequence[tuple[str, str]], text: str) -> bool:
    said = [word_key(name), *(word for word, entity in also if entity == name)]
    forms = {form for each in said for form in (each, plural_of(each).replace("_", " "))}
    found = re.finditer(rf"\b(?:{'|'.join(map(re.escape, sorted(forms)))})\b", text, re.IGNORECASE)
    behind = (re.match(r"\s+(\w+)", text[each.end() :]) for each in found)
    return any(each is None or word_key(each[1]) not in nouns.ATTRIBUTES for each in behind)


def _entity(line: notation.EntityLine, draft: Draft, origin: Origin) -> None:
    known = draft.find(line.name)
    thing = known or draft.add(line.name, origin)
    thing.policy = thing.policy or line.policy
    bare = known is not None and not any(each.origin.kind is OriginKind.STATED for each in known.fields.values())
    if known is not None and not bare:
        return
    added = [
        draft.put(thing, field_of(each, origin).field)
        for each in line.fields
        if field_of(each, origin).field.name not in _related(draft, thing)
    ]
    if added:
        draft.assume(
            f"{thing.label} has {', '.join(each.label.lower() for each in added)}: {origin.reason}.",
            thing.name,
            origin.span,
        )


def _related(draft: Draft, thing: Thing) -> set[str]:
    return {each.name for each in draft.relations if each.source == thing.name}


def _relation(line: notation.RelationLine, wanted: set[str], draft: Draft, origin: Origin) -> None:
    source = draft.find(line.source)
    target = draft.account if line.target == notation.ACCOUNT else (draft.find(line.target) or source)
    if source is None or line.source not in wanted or (line.target not in wanted and line.target != notation.ACCOUNT):
        return
    name = target if isinstance(target, str) else target.name if target else ""
    if name == draft.account and origin.reason.startswith(USUAL) and _has_people(draft, source):
        return
    apart = draft.explicit and name != draft.account and origin.reason.startswith(USUAL)
    if apart or (target is source and line.target != line.source):
        return
    between = [each for each in draft.relations if {each.source, each.target} == {source.name, name}]
    if (
        between
        and origin.kind is not OriginKind.STATED
        and (name != draft.account or between[0].origin.kind is OriginKind.STATED)
    ):
        relation = next((each for each in between if each.source == source.name), None)
    else:
        relation = draft.relate(
            source,
            peer(line.name, draft) if name == draft.account else line.name,
            name,
            kind=line.kind,
            origin=origin,
            optional=line.optional,
            on_delete=line.on_delete,
            inverse=line.inverse,
        )
    if line.owner and relation is not None and not source.owner and not relation.optional:
        source.owner = (relation.name,)


def _has_people(draft: Draft, source: Thing) -> bool:
    """Whether the text says which people, who are kept, a thing belongs to: a loan to a family."""
    people = {draft.things[key].name for key in draft.roles if key in draft.things}
    mine = [each for each in draft.relations if each.source == source.name and each.target in people]
    return any(each.origin.kind is OriginKind.STATED and not each.optional for each in mine)


def _owner(line: notation.OwnerLine, draft: Draft) -> None:
    thing = draft.find(line.entity)
    if thing is not None and not thing.owner:
        thing.owner = (*line.path[:-1], naming.snake(peer(line.path[-1].replace("_", " "), draft)))


def fallback(title: str, draft: Draft) -> None:
    """Adds one entity named after the project where the text names none."""
    words = re.findall(r"[^\W\d_]+", title)
    last = " ".join(words[-2:])
    noun = last if last and title != "Application" and len(last) <= naming.LONGEST else "item"
    named = naming.safe(noun, naming.Kind.ENTITY)
    thing = draft.add(noun if named.name != "Thing" else "item", implied("the text names nothing to keep"))
    draft.assume(
        f"The text names nothing to keep; the application keeps {thing.label.lower()} rows: a title and a description."
    )
    for each in ("title string required 1..200 searched", "description text"):
        draft.put(thing, field_of(each, implied("the text names no field")).field)

"""Adds what was not said but belongs: the tables of features that were asked for and of the kind of application."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.ontology import notation
from headwater.synthesis.project.ontology.archetype import PEERS
from headwater.synthesis.project.ontology.archetypes import ARCHETYPES, Archetype
from headwater.synthesis.project.ontology.features import BEYOND, FEATURES, SUBJECT, FeatureEntry
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import Draft, Thing, article, implied, plural_of, stated, word_key
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import Feature, FeatureKind, FieldType, Origin, OriginKind, Span

KIND = re.compile(
    r"\b(?:build|create|make|develop|design|implement|need|want|require|write|launch|start|set\s+up|generate|for)\b"
    r"[^.\n]{0,60}",
    re.IGNORECASE,
)
PATTERNS = {
    kind.name: tuple(
        re.compile(rf"\b{'[ -]'.join(map(re.escape, re.split('[ -]', each)))}\b", re.IGNORECASE) for each in kind.words
    )
    for kind in ARCHETYPES
}
"""The words of each kind; a blank in them may be a hyphen."""
NAMED_WEIGHT, WORD_WEIGHT = 3, 1
NEAR = 60
"""So many characters around the words for a feature may name what it works on."""
LISTED = re.compile(r"[\s,;]*(?:and|or)?\s*", re.IGNORECASE)
"""What stands between two members of a list."""
PRONOUN = re.compile(r"\s*(?:them|it|those|these|one)\b", re.IGNORECASE)
"""What stands for something that was named before."""
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
    opening = " ".join([heading, *(each[0] for each in KIND.finditer(text[:OPENING]))])
    for at, kind in enumerate(ARCHETYPES):
        weight, span = _branded(kind, text)
        if any(each in text.lower() for each in kind.unless):
            continue
        for pattern in PATTERNS[kind.name]:
            match = pattern.search(text)
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
    match = re.search(pattern, text, re.IGNORECASE) if names else None
    return (NAMED_WEIGHT, Span(start=match.start(), end=match.end())) if match else (0, None)


def features(text: str, draft: Draft) -> None:
    """Adds each feature that the text asks for, unless it says that there is none."""
    for entry in FEATURES:
        found = list(re.finditer(entry.pattern, text, re.IGNORECASE))
        if not found or entry.kind in draft.features:
            continue
        match = next((each for each in found if not _denied(text, each.start())), None)
        if match is None:
            if entry.kind is not FeatureKind.AUTH:
                span = Span(start=found[0].start(), end=found[0].end())
                draft.assume(f"There is no {entry.kind}: the text says so.", span=span)
            continue
        origin = stated("the text asks for it", match.start(), match.end())
        draft.features[entry.kind] = Feature(kind=entry.kind, entities=(), origin=origin)


def _denied(text: str, at: int) -> bool:
    before = text[max(0, at - 25) : at].lower()
    return (
        re.search(r"\b(?:no|without|not need(?:ed)?|never|don't need|do not need|nor)\s+(?:\w+\s+){0,2}$", before)
        is not None
    )


def of_feature(noun: str, *, tables_only: bool = True) -> bool:
    """Whether a noun is what a feature keeps or is called by: comments, tags, log-in; of all features: payments too."""
    wanted = [each for each in FEATURES if each.table or each.kind is FeatureKind.AUTH or not tables_only]
    forms = (word_key(noun), plural_of(noun).replace("_", " "))
    return any(re.fullmatch(each.pattern, form, re.IGNORECASE) for each in wanted for form in forms)


def beyond(text: str, draft: Draft) -> None:
    """Tells what the stack does instead of what it cannot do."""
    for pattern, instead in BEYOND:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            draft.assume(instead, span=Span(start=match.start(), end=match.end()))


def archetypes(kinds: Sequence[tuple[Archetype, Span]], text: str, draft: Draft, *, brief: bool) -> None:
    """Adds what the best kind usually keeps to a terse text, and the usual fields of what a text names itself.

    A text is terse that names hardly anything, or is `brief` and says nothing of what things have and belong to.
    """
    bare = not draft.relations and not any(each.fields for each in draft.things.values())
    for rank, (kind, span) in enumerate(kinds):
        terse = rank == 0 and bare and (brief or len(draft.things) < FEW) and not draft.explicit
        lines = notation.read(kind.table)
        origin = Origin(kind=OriginKind.ARCHETYPE, reason=f"usual in {article(kind.name)} {kind.name}", span=span)
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
        }  # fmt: skip
        if rank == 0 and (terse or wanted):
            draft.archetypes.append(kind.name)
        if rank and not wanted:
            continue
        lay(lines, wanted, draft, origin)
        for role in kind.roles if rank == 0 and terse else ():
            draft.roles.setdefault(peer(role.replace("_", " "), draft), origin)
        for feature in kind.features if rank == 0 and terse else ():
            draft.features.setdefault(feature, Feature(kind=feature, entities=(), origin=origin))


def peer(role: str, draft: Draft) -> str:
    """Returns the word that the text uses for a role, or the given one."""
    group = next((each for each in PEERS if role in each), frozenset[str]())
    known = (each for each in draft.roles if each in group or each.endswith(f" {role}"))
    return role if role in draft.roles else next(known, role)


def tables(text: str, draft: Draft) -> None:
    """Adds the tables of the features that are wanted, each for the main entity."""
    fit = [each for each in draft.things.values() if each.name != draft.account]
    for entry in FEATURES:
        wanted = draft.features.get(entry.kind)
        if wanted is None or not entry.table:
            continue
        if (entry.kind is FeatureKind.UPLOAD and _uploaded(text, wanted, fit, draft)) or _is_field(
            text, wanted, entry, fit
        ):
            del draft.features[entry.kind]
            continue
        subject = main(text, wanted, entry, fit)
        if subject is None and SUBJECT in entry.table:
            continue
        lines = notation.read(table_for(entry, subject.name if subject else ""))
        names = {each.name for each in notation.entities(lines)}
        origin = Origin(kind=OriginKind.ARCHETYPE, reason=f"the feature {entry.kind} keeps it", span=wanted.origin.span)
        if all((known := draft.find(each)) and known.owner for each in names):
            draft.features[entry.kind] = replace(wanted, entities=tuple(sorted(names)))
            continue
        lay(lines, {*names, subject.name if subject else ""}, draft, origin)
        on = (subject.name,) if subject is not None and SUBJECT in entry.table else tuple(sorted(names))
        draft.features[entry.kind] = replace(wanted, entities=on)


def main(text: str, wanted: Feature, entry: FeatureEntry, fit: Sequence[Thing]) -> Thing | None:
    """Returns the entity that a feature works on: the one spoken of beside it, else a public one with many fields."""
    own = {each.name for each in notation.entities(notation.read(entry.table.replace(SUBJECT, "Thing")))}
    able = [each for each in fit if each.name not in own]
    if wanted.origin.kind is OriginKind.STATED and wanted.origin.span:
        span = wanted.origin.span
        after = re.split(r"[.\n]", text[span.end : span.end + NEAR])[0]
        before = re.split(r"[.\n]", text[max(0, span.start - NEAR) : span.start])[-1]
        sides = ((after, False), (before, True))
        for piece, last in reversed(sides) if re.search(r"\b(?:as|to)\s*(?:an?\s+|their\s+)?$", before) else sides:
            places = [
                (found.start(), each) for each in able
                if (found := _named(each, piece)) and not (last and LISTED.fullmatch(piece[found.end() :]))
            ]  # fmt: skip
            if places and not (piece is after and PRONOUN.match(after)):
                return (max if last else min)(places, key=lambda each: each[0])[1]
    return max(able, key=_importance, default=None)


def _importance(thing: Thing) -> tuple[bool, bool, int]:
    stated = thing.origin.kind is OriginKind.STATED
    return (
        thing.origin.kind is not OriginKind.IMPLIED,
        stated or thing.policy is notation.Policy.PUBLIC,
        len(thing.fields),
    )


def _uploaded(text: str, wanted: Feature, fit: Sequence[Thing], draft: Draft) -> bool:
    """Whether what is uploaded is a thing itself, as in "upload episodes"; it has a file then."""
    span = wanted.origin.span
    if span is None or wanted.origin.kind is not OriginKind.STATED:
        return False
    behind = " ".join(re.split(r"\b(?:to|for|on|in|into)\b", text[span.end :])[0].split()[:3])
    thing = next((each for each in fit if _named(each, behind)), None)
    if thing is not None and not any(each.type is FieldType.FILE for each in thing.fields.values()):
        draft.put(thing, field_of("file: file required", implied("it is uploaded", span)).field)
    return thing is not None


def _is_field(text: str, wanted: Feature, entry: FeatureEntry, fit: Sequence[Thing]) -> bool:
    """Whether the categories or ratings that are spoken of are values that a thing has."""
    if entry.kind is FeatureKind.CATEGORIES:
        return any("category" in each.fields for each in fit)
    span = wanted.origin.span
    ends = {FeatureKind.RATINGS: "rating", FeatureKind.COMMENTS: "comment"}.get(entry.kind, "")
    word = text[span.start : span.end].lower() if span else ""
    one = word in {"rating", "ratings", "comment", "a comment"}
    return (
        one
        and bool(ends)
        and any(
            name.endswith(ends) and each.origin.kind is OriginKind.STATED
            for thing in fit
            for name, each in thing.fields.items()
        )
    )


def _named(thing: Thing, text: str) -> re.Match[str] | None:
    return re.search(rf"\b{re.escape(thing.label.lower())}(?:e?s)?\b", text.lower())


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
    if target is source and line.target != line.source:
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


def account_wanted(draft: Draft) -> bool:
    """Whether anything that was read needs people to sign in."""
    needs = {entry.kind for entry in FEATURES if entry.needs_account}
    related = any(each.target == draft.account for each in draft.relations)
    asked = FeatureKind.AUTH in draft.features or bool(needs & draft.features.keys())
    return asked or related or bool(draft.roles) or draft.find("user") is not None

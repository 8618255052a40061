"""Adds the features that a text asks for, and the tables that they keep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from headwater.synthesis.project.ontology import notation
from headwater.synthesis.project.ontology.features import BEYOND, FEATURES, SUBJECT, FeatureEntry
from headwater.synthesis.project.parsing.draft import Draft, Thing, implied, plural_of, stated, word_key
from headwater.synthesis.project.parsing.expansion import lay, table_for
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import Feature, FeatureKind, FieldType, Origin, OriginKind, Question, Span

NEAR = 60
"""So many characters around the words for a feature may name what it works on."""


LISTED = re.compile(r"[\s,;]*(?:and|or)?\s*", re.IGNORECASE)
"""What stands between two members of a list."""


COUNTED = frozenset(
    {
        FeatureKind.LIKES,
        FeatureKind.COMMENTS,
        FeatureKind.RATINGS,
        FeatureKind.FAVOURITES,
        FeatureKind.DASHBOARD,
        FeatureKind.TAGS,
    }
)
"""Features whose words are names of values too: `likes (number)`."""


ONCE = frozenset({"comment", "rating", "review", "favourite", "favorite"})


VALUED = re.compile(
    r"\b(?:(?:needs?|requires?|has|have|with|and|including)\s+an?\s+(?:\w+\s+)?|(?:their|its|his|her|your)\s+(?:own\s+)?)$",
    re.IGNORECASE,
)
"""What stands in front of a word that is a value here: "a rejection needs a comment"."""


DENIED = re.compile(
    r"\b(?:no|without|not need(?:ed)?|never|don't need|do not need|nor)\s+(?:\w+\s+){0,2}$", re.IGNORECASE
)
PRONOUN = re.compile(r"\s*(?:them|it|those|these|one)\b", re.IGNORECASE)
"""What stands for something that was named before."""


def features(text: str, draft: Draft) -> None:
    """Adds each feature that the text asks for and does not leave out; the name of a value asks for none."""
    fields = [each.origin for thing in draft.things.values() for each in thing.fields.values()]
    values = [each.span for each in fields if each.kind is OriginKind.STATED and each.span]
    for entry in FEATURES:
        found = re.finditer(entry.pattern, text, re.IGNORECASE)
        match = next((each for each in found if not _names_value(text, each, entry.kind, values)), None)
        if match is None or entry.kind in draft.features:
            continue
        origin = stated("the text asks for it", match.start(), match.end())
        if entry.kind in draft.unwanted:
            asked = f"The text leaves out {entry.kind} in one place and speaks of it in another. Which?"
            draft.questions.append(
                Question(text=asked, choices=("left out", "built"), taken="left out", span=origin.span)
            )
            continue
        draft.features[entry.kind] = Feature(kind=entry.kind, entities=(), origin=origin)


def _names_value(text: str, match: re.Match[str], kind: FeatureKind, values: Sequence[Span]) -> bool:
    """Whether the word for a feature is the name of a value here, or stands behind "without"."""
    before = text[max(0, match.start() - NEAR) : match.start()]
    if kind is FeatureKind.AUTH:
        return DENIED.search(before) is not None
    inside = any(each.start <= match.start() and match.end() <= each.end for each in values)
    said = match[0].lower() in ONCE and VALUED.search(before) is not None
    return kind in COUNTED and (said or inside)


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
        if entry.kind is FeatureKind.UPLOAD:
            _kept_by_uploader(draft, names)
        on = (subject.name,) if subject is not None and SUBJECT in entry.table else tuple(sorted(names))
        draft.features[entry.kind] = replace(wanted, entities=on)


def _kept_by_uploader(draft: Draft, names: Iterable[str]) -> None:
    """Lets all who sign in see what was uploaded, and nobody but who uploaded it change it."""
    for thing in filter(None, map(draft.find, names)):
        thing.policy = None


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
                if (found := _named(each, piece))
                and not LISTED.fullmatch(piece[found.end() :] if last else piece[: found.start()])
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


def account_wanted(draft: Draft) -> bool:
    """Whether anything that was read needs people to sign in."""
    needs = {entry.kind for entry in FEATURES if entry.needs_account}
    related = any(each.target == draft.account for each in draft.relations)
    asked = FeatureKind.AUTH in draft.features or bool(needs & draft.features.keys())
    return asked or related or bool(draft.roles) or draft.find("user") is not None

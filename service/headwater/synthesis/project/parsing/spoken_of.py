"""Adds the things that sentences about people act on, and lets short names stand for longer ones."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from headwater.synthesis.project.parsing import acts, features, havings, nouns, rights
from headwater.synthesis.project.parsing.concepts import OUTNUMBERED, Concept, Mention, Place, concepts
from headwater.synthesis.project.parsing.draft import Draft, stated, word_key
from headwater.synthesis.project.parsing.kinds import guessed
from headwater.synthesis.project.parsing.lexicon import VERBS, words
from headwater.synthesis.project.parsing.links import verb_before
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Tag
from headwater.synthesis.project.spec import Action, Feature, FeatureKind, FieldType

BUILDING = re.compile(r"\b(?:build|develop|design|implement|generate)\b", re.IGNORECASE)
SAID_OF_ALL = words("item page form entry record list part number group")
"""Heads of so many compounds that one alone does not mean the compound."""
STEPPED = 0.6
"""The weight from which a noun is a concept in scenarios, whose steps name each thing once."""
SENT = re.compile(r"\b(?:by|via|per|through)\s+(?:e-?mail|sms|text\s+message|post|mail|push)\b", re.IGNORECASE)
GETTING = words("receive get send")


def concepts_of(
    said: Sequence[Statement], spoken: Sequence[Mention], draft: Draft, title: str, *, stepped: bool
) -> tuple[Concept, ...]:
    """Adds the things that stories and sentences about people speak of; all sentences where there is nothing else."""
    found = _found(said, spoken, stepped=stepped, bare=not draft.things)
    kept: list[Concept] = []
    for each in found:
        name = word_key(each.name)
        if _is_role(each, draft):
            kept.append(each)
        elif not _tells_of_role(name, found, draft):
            if draft.find(name) is None and _is_passed_over(each, found, said, draft, title):
                continue
            draft.add(name, stated("the text acts on it", each.mentions[0].start, each.mentions[0].end))
            kept.append(each)
    return tuple(kept)


def _found(said: Sequence[Statement], spoken: Sequence[Mention], *, stepped: bool, bare: bool) -> tuple[Concept, ...]:
    acting = {at for at, each in enumerate(said) if each.role is not None or acts.MAY.search(each.text) or _acts(each)}
    found = concepts([each for each in spoken if each.statement in acting])
    if stepped:
        able = [each for each in spoken if each.place is not Place.ENDS and guessed(each.name) is FieldType.STRING]
        found = concepts(able, STEPPED)
    if not found and bare:
        plain = {at for at, each in enumerate(said) if not BUILDING.search(each.text)}
        found = concepts([each for each in spoken if each.statement in plain])
    return found


def _is_role(each: Concept, draft: Draft) -> bool:
    """Whether a concept is somebody who acts, who is remembered as a role."""
    name, first = word_key(each.name), each.mentions[0]
    if name not in draft.roles and name not in nouns.ROLE_WORDS | nouns.SIGNED_IN | nouns.UNKNOWN | nouns.ADMINS:
        return False
    if draft.find(name) is None and name not in nouns.SIGNED_IN:
        draft.roles.setdefault(name, stated("the text speaks of them", first.start, first.end))
    return True


def _tells_of_role(name: str, found: Sequence[Concept], draft: Draft) -> bool:
    """Whether a compound is only a known thing with its people or what is done to it: the "booking customer"."""
    before, _, last = name.rpartition(" ")
    if last in draft.roles and (draft.find(before) or any(other.name == before for other in found)):
        return True
    acted = before.endswith(("ing", "ed")) and " " not in before
    return draft.find(name) is None and draft.find(last) is not None and acted


def _is_passed_over(
    each: Concept, found: Sequence[Concept], said: Sequence[Statement], draft: Draft, title: str
) -> bool:
    """Whether a concept is nothing to keep: a value, a feature, what is sent, or what is done with another thing."""
    name, first = word_key(each.name), each.mentions[0]
    last = name.rsplit(" ", 1)[-1]
    if _is_sent(each, said):
        origin = stated("the text says that it is sent", first.start, first.end)
        sent = Feature(kind=FeatureKind.NOTIFICATIONS, entities=(), origin=origin)
        draft.features.setdefault(FeatureKind.NOTIFICATIONS, sent)
        return True
    if of := _deed_with(name, found, said):
        draft.aliases[name] = of
        return True
    done = _done_to(each, said)
    shown = last in rights.OVERVIEWS and bool(done) and done <= acts.ACTS[Action.READ]
    valued = last in nouns.ATTRIBUTES or name in havings.KINDS or name in title.lower()
    acted = any(other.name == f"{name} {act}" for other in found for act in done)
    return shown or valued or acted or features.of_feature(each.name)


def _is_sent(thing: Concept, said: Sequence[Statement]) -> bool:
    """Whether all that is said of a thing is that somebody gets it by mail: a receipt by email is a notification."""
    return all(
        SENT.search(said[each.statement].text) and verb_before(said[each.statement].means, each.phrase) in GETTING
        for each in thing.mentions
    )


def _deed_with(name: str, found: Sequence[Concept], said: Sequence[Statement]) -> str:
    """Returns what is always done so with: to "request leave" makes "the request" the leave."""
    others = (each for each in found if each.name != name and _done_to(each, said) == {name})
    return next((word_key(each.name) for each in others if name in VERBS), "")


def _done_to(thing: Concept, said: Sequence[Statement]) -> set[str]:
    """Returns the verbs in front of the mentions of a thing: to request leave is no leave but a leave request."""
    acted = (each for each in thing.mentions if each.place is Place.OBJECT)
    return {verb_before(said[each.statement].means, each.phrase) for each in acted} - {""}


def _acts(text: Statement) -> bool:
    """Whether a sentence begins with several who do something: "Drivers report damage"."""
    first = next(iter(text.means.phrases), None)
    several = first is not None and (first.plural or nouns.acts_like_person(first.name))
    return first is not None and several and text.means.tags[first.last + 1 : first.last + 2] == (Tag.VERB,)


def shortened(said: Sequence[Statement], spoken: Sequence[Mention], draft: Draft) -> None:
    """Lets a bare noun stand for the only compound that ends in it: "the request" for the leave request, or back."""
    counts = Counter(each.name for each in spoken)
    phrases = [each for statement in said for each in statement.means.phrases]
    counts.update(each.name for each in phrases if each.nouns[-1] in nouns.COUNTED and each.name not in counts)
    longer: dict[str, set[str]] = defaultdict(set)
    for name in counts:
        if " " in name and name.split()[0] not in nouns.WITHIN - nouns.COUNTED:  # not "max teams"
            longer[name.rsplit(" ", 1)[1]].add(name)
    _short_for_things(set(counts), draft)
    for head, compounds in longer.items():
        compound = next(iter(compounds))
        known = draft.find(head) or draft.find(compound) or nouns.acts_like_person(head) or head in SAID_OF_ALL
        if len(compounds) > 1 or head not in counts or known:
            continue
        if counts[head] >= OUTNUMBERED * counts[compound]:
            draft.aliases[compound] = head
        else:
            draft.aliases[head] = compound


def _short_for_things(spoken: AbstractSet[str], draft: Draft) -> None:
    """Lets a bare noun stand for the only thing of a list that ends in it: "approve the requests"."""
    heads = Counter(key.rsplit(" ", 1)[-1] for key in draft.things)
    for key in [each for each in draft.things if " " in each]:
        head = key.rsplit(" ", 1)[-1]
        plain = head not in SAID_OF_ALL | nouns.ATTRIBUTES and not nouns.acts_like_person(head)
        if heads[head] == 1 and head in spoken and plain and draft.find(head) is None:
            draft.aliases[head] = key

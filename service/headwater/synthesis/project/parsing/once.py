"""Reads which values are there once together: "one review per reviewer and talk", "unique per country"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.parsing.draft import Draft, Thing, word_key
from headwater.synthesis.project.parsing.links import nominal
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import verb_base

NOUN = r"[a-z][a-z-]*(?: [a-z][a-z-]*)?"
A = r"(?:an?|the|each|every|his|her|its|their|the\s+same)\s+"
PER = re.compile(
    rf"\b(?:(?:at\s+most|only|exactly|just)\s+)?one\s+(?P<thing>{NOUN})\s+(?:per|for\s+each|for\s+every)\s+(?P<one>{NOUN})\s+"
    rf"(?:and|per|for\s+each|for\s+every)\s+(?:{A})?(?P<other>{NOUN})",
    re.IGNORECASE,
)
DEED = re.compile(
    rf"\b(?:{A})?(?P<one>{NOUN}?)\s+(?:can|may|must)\s+(?:only\s+)?(?P<verb>[a-z]+)\s+(?:(?:in|for|on)\s+)?(?:{A})(?P<other>{NOUN}?)\s+"
    r"(?:only\s+|just\s+|at\s+most\s+)once\b",
    re.IGNORECASE,
)
UNIQUE = re.compile(
    rf"\b(?P<field>[a-z][a-z ]{{1,40}}?)\s+(?:is|are|must\s+be|has\s+to\s+be|should\s+be)\s+unique\s+"
    rf"(?:per|within|for|in|inside)\s+(?:{A})?(?P<other>{NOUN})",
    re.IGNORECASE,
)


def once(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the groups of values that sentences say are there once; one of them alone is no longer unique."""
    for each in texts:
        for match in PER.finditer(each.text):
            _together(draft, draft.find(match["thing"]), match["one"], match["other"])
        for match in DEED.finditer(each.text):
            noun = nominal(verb_base(match["verb"].lower()), draft.things.keys())
            _together(draft, draft.find(noun) if noun else None, match["one"], match["other"])
        for match in UNIQUE.finditer(each.text):
            _within(draft, match["field"], match["other"])


def _within(draft: Draft, said: str, other: str) -> None:
    words = re.sub(rf"^(?:{A})|['’]s\b", "", said.strip().lower()).split()
    for size in range(len(words)):
        name = naming.safe(" ".join(words[size:]), naming.Kind.FIELD).name
        owner = draft.find(" ".join(words[:size])) if size else None
        holders = [each for each in draft.things.values() if name in each.fields and (owner is None or owner is each)]
        if holders:
            holders[-1].fields[name] = replace(holders[-1].fields[name], unique=False)
            _together(draft, holders[-1], name, other)
            return


def _together(draft: Draft, thing: Thing | None, *nouns: str) -> None:
    names = [_attribute(draft, thing, each) for each in nouns] if thing else []
    group = tuple(each for each in names if each)
    if thing is None or len({*group}) < len(nouns) or group in thing.together:
        return
    thing.together.append(group)


def _attribute(draft: Draft, thing: Thing, noun: str) -> str:
    """Returns the field or the relation of a thing that a noun means."""
    name = naming.safe(word_key(noun), naming.Kind.FIELD).name
    if name in thing.fields:
        return name
    target = draft.find(noun)
    mine = [each for each in draft.relations if each.source == thing.name]
    found = [each for each in mine if each.name == name or (target is not None and each.target == target.name)]
    return found[0].name if found else ""

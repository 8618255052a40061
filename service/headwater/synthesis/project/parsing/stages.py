"""Reads the states of things: `the order is "paid"`, "mark a room as clean", "draft -> submitted -> approved"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from headwater.synthesis.project import naming
from headwater.synthesis.project.parsing import labels, nouns
from headwater.synthesis.project.parsing.concepts import thing_of
from headwater.synthesis.project.parsing.draft import Draft, Thing, stated
from headwater.synthesis.project.parsing.kinds import CHOICES
from headwater.synthesis.project.parsing.lexicon import ADJECTIVES
from headwater.synthesis.project.parsing.spellings import choices_of
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.values import field_of
from headwater.synthesis.project.spec import FieldType, Origin

QUOTED = re.compile(
    r"(?:\b(?:status|state)\b[^\"“”.;]{0,40}|\b(?:is|are|becomes?|to|as)\s+(?:now\s+|set\s+to\s+|marked\s+(?:as\s+)?)?)"
    r"[\"“](?P<state>[A-Za-z][\w -]{1,24})[\"”]"
)
MARKED = re.compile(
    r"\bmark(?:s|ed|ing)?\s+(?:[\w -]{1,40}?\s)?as\s+(?P<state>[a-z][a-z-]+)"
    r"(?=\s*(?:[,.;)]|$|\b(?:when|once|if|and|or|so|by)\b))",
    re.IGNORECASE,
)
STATE = r"(?<![\w-])[A-Za-z][\w-]{0,24}(?:[ ][\w-]{1,24})?"
CHAIN = re.compile(
    rf"(?P<chain>{STATE}(?:[ \t]*(?:-+>|=>|→|➜|>)[ \t]*{STATE}){{2,}})"
    r"(?:[ \t]*[,;]?[ \t]*or[ \t]+(?P<more>[a-z][\w-]*))?"
)
ARROW = re.compile(r"[ \t]*(?:-+>|=>|→|➜|>)[ \t]*")
FIELD = "status"
NAMES = frozenset({FIELD, "state", "stage"})
"""What a field with states may be called."""


def stages(texts: Sequence[Statement], text: str, draft: Draft) -> None:
    """Adds a status with the states that a text names; a single mark, such as "done", is a flag."""
    for chain in CHAIN.finditer(text):
        thing = _above(text, chain.start(), draft)
        said = [*ARROW.split(chain["chain"]), *([chain["more"]] if chain["more"] else [])]
        if thing is not None and not any(draft.find(each) for each in said):
            _add(draft, thing, said, stated("a chain of states says so", chain.start(), chain.end()))
    found: dict[str, list[str]] = {}
    origins: dict[str, Origin] = {}
    for thing, state, origin in (each for said in texts for each in _named(said, draft)):
        found.setdefault(thing.name, []).append(state)
        origins.setdefault(thing.name, origin)
    for thing in [each for each in draft.things.values() if each.name in found]:
        _add(draft, thing, found[thing.name], origins[thing.name])


def _above(text: str, at: int, draft: Draft) -> Thing | None:
    """Returns whose states stand at a place: what the line or the sentences above speak of, the last thing named."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    named = [(line.lower().rfind(key), each) for key, each in draft.things.items() if key in line.lower()]
    return max(named, key=lambda each: each[0])[1] if named else draft.find(labels.above(text, at))


def _named(said: Statement, draft: Draft) -> Iterator[tuple[Thing, str, Origin]]:
    for match in (*QUOTED.finditer(said.text), *MARKED.finditer(said.text)):
        at = said.start + match.start("state")
        before = [each for each in said.means.phrases if said.means.tokens[each.last].end <= at]
        things = [thing for each in before if (thing := thing_of(draft, each)) and thing.name != draft.account]
        kept = [each for each in things if not nouns.acts_like_person(each.label.lower())] or things
        if kept:
            yield (
                kept[-1],
                match["state"].lower(),
                stated("a sentence names the state", at, said.start + match.end("state")),
            )


def _add(draft: Draft, thing: Thing, said: Sequence[str], origin: Origin) -> None:
    known = next((each for each in thing.fields.values() if each.type is FieldType.ENUM and each.name in NAMES), None)
    states = list(dict.fromkeys(naming.safe(each.strip(), naming.Kind.CHOICE).name for each in said))
    if known is not None:
        more = [each for each in states if each not in known.choices]
        told = [*known.choices, *more] if known.choices != CHOICES.get(known.name) else states
        if more:
            about = f"{thing.name}.{known.name}"
            draft.assumptions = [each for each in draft.assumptions if each.about != about]
            thing.fields[known.name] = field_of(choices_of(known.name, told), origin).field
    elif len(states) > 1:
        thing.fields[FIELD] = field_of(choices_of(FIELD, states), origin).field
    elif states[0] in ADJECTIVES or states[0].endswith(("ed", "en", "done", "paid")):
        flag = field_of(f"{states[0]}: boolean", origin).field
        if states[0] not in thing.fields:
            draft.put(thing, flag)

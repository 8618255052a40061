"""Finds sentences of requirements that state a rule: what is computed, what is refused, what happens along with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.synthesis.project import naming
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.hooks.bounds import Bounds
from headwater.synthesis.project.hooks.points import Rule, point, reachable
from headwater.synthesis.project.spec import Entity, Spec

SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]+|\n(?=[a-z0-9])[^.!?\n]+)*")
"""A sentence, whose lines may be broken; a point in a number does not end it."""


@dataclass(frozen=True, slots=True)
class _Form:
    """How a kind of rule is worded, and when it has to be looked after."""

    words: re.Pattern[str]
    hook: str


def _form(words: str, hook: str) -> _Form:
    return _Form(re.compile(words, re.IGNORECASE), hook)


FORMS = (
    _form(
        r"\b(?:when|whenever|once|after|as soon as|each time|every time)\s+(?:an?|the|somebody)?\s*[\w\s-]{2,60}?"
        r"\b(?:is|are|gets?|has been|have been)\s+(?:placed|made|created|added|booked|bought|sold|paid|ordered|issued"
        r"|lent|returned|received|shipped|cancel+ed|deleted|removed|confirmed|approved|closed)\b",
        "after_save",
    ),
    _form(
        r"\b(?:goes|go|is|are|gets?)\s+(?:up|down|reduced|increased|decreased|lowered|raised)\b"
        r"|\b(?:decreases?|increases?|reduces?|deducts?)\b|\bautomatically\b",
        "after_save",
    ),
    _form(
        r"\b(?:sum|total|average|product|difference|number|count)\b[\w\s']{0,40}\b(?:of|from)\b.*\b(?:its|their|all|the|each)\b"
        r"|\b(?:is|are)\s+(?:calculated|computed|derived|multiplied|worked out)\b|\btimes\s+(?:the|its)\b",
        "before_save",
    ),
    _form(r"\bdiscounts?\b|\bsurcharges?\b|\bfees?\s+of\b|\b\d+(?:\.\d+)?\s*(?:%|percent|per cent)", "before_save"),
    _form(r"\boverlaps?\b|\boverlapping\b|\btwice\b|\bdouble[- ]book", "before_save"),
    _form(
        r"\b(?:must|may|can|should|shall)(?:\s+not|n't|\s+never)\b|\bcannot\b|\bcan't\b|\bis\s+not\s+allowed\b|\bnobody\s+(?:may|can)\b",
        "before_save",
    ),
    _form(
        r"\b(?:only|except)\b[\w\s]{0,40}\b(?:if|when|while|before|after|until|as long as)\b|\bunless\b"
        r"|\bmust\s+(?:be|lie|come|end|start)\s+(?:after|before|later|earlier|in the (?:future|past))\b",
        "before_save",
    ),
    _form(
        r"\b(?:at most|no more than|up to|a maximum of|not more than)\s+(?:\d+|one|two|three|four|five|ten)\s+"
        r"[\w\s-]{2,40}\b(?:per|at a time|at once|a day|a week|a month|a year|each|in (?:the|one))\b",
        "before_create",
    ),
)
"""In this order: a sentence that says what happens along with something may also say what must not."""


def candidates(plan: Plan, requirements: str, bounds: Bounds) -> tuple[Rule, ...]:
    """Returns rules that are likely meant to hold, each with the hook that would do, the first sentences first."""
    found: dict[str, Rule] = {}
    for sentence in _sentences(requirements, bounds.sentence_characters):
        rule = _rule(plan, sentence, bounds)
        if rule is not None:
            known = found.get(rule.hook)
            text = f"{known.text} {rule.text}" if known else rule.text
            found[rule.hook] = Rule(hook=rule.hook, text=text[: bounds.rule_characters])
        if len(found) == bounds.candidates:
            break
    return tuple(found.values())


def _sentences(text: str, most: int) -> Iterator[str]:
    for match in SENTENCE.finditer(text):
        words = " ".join(match[0][:most].split()).lstrip("-*# ")
        if words:
            yield words


def _rule(plan: Plan, sentence: str, bounds: Bounds) -> Rule | None:
    form = next((each for each in FORMS if each.words.search(sentence)), None)
    entity = _about(plan.spec, sentence) if form else None
    if form is None or entity is None:
        return None
    hook = f"{form.hook}_{naming.snake(entity.name)}"
    where = point(plan.spec, hook)
    if where is None or not reachable(plan, where):
        return None
    return Rule(hook=hook, text=sentence[: bounds.rule_characters])


def _about(spec: Spec, sentence: str) -> Entity | None:
    """Returns the entity that is named first; who signs in comes last, for they are the ones who do it."""
    lowered = f" {re.sub(r'[^a-z0-9]+', ' ', sentence.lower())} "
    places: list[tuple[bool, int, Entity]] = []
    for entity in spec.entities:
        names = {naming.snake(entity.name), entity.plural, naming.snake(entity.label)}
        at = min((found for name in names if (found := lowered.find(f" {name.replace('_', ' ')} ")) >= 0), default=-1)
        if at >= 0:
            places.append((entity.account, at, entity))
    return min(places, key=lambda each: each[:2])[2] if places else None

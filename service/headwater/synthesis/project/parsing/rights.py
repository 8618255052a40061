"""Reads who may do what: roles of stories, "users can edit their own posts", "only admins may delete"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.concepts import concept_name
from headwater.synthesis.project.parsing.draft import Draft, Right, stated, word_key
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.tagging import Phrase, Sentence, Tag, verb_base
from headwater.synthesis.project.spec import Action, Scope

ACTS: dict[Action, frozenset[str]] = {
    Action.CREATE: words("""
        create add write post submit publish upload place enter log record make open start report send
    """),
    Action.READ: words("view see read browse list search find track check access download look"),
    Action.UPDATE: words("edit update change modify assign approve close confirm archive complete"),
    Action.DELETE: words("delete remove cancel"),
}
MANAGE = words("manage administer maintain moderate control organize organise handle")
MAY = re.compile(
    r"\b(?:can|may|could|(?:is|are|should\s+be|must\s+be)\s+able\s+to|(?:is|are)\s+allowed\s+to)\b", re.IGNORECASE
)
MAY_NOT = re.compile(
    r"\b(?:cannot|can't|can\s+not|may\s+not|must\s+not|(?:is|are)\s+not\s+allowed\s+to)\b", re.IGNORECASE
)
OWN = re.compile(r"\b(?:their|his|her|my|our|its)\s+own\b|\bown\b|\bmy\b", re.IGNORECASE)


def roles(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the roles that stories and sentences about rights name."""
    for each in texts:
        for phrase, sentence in _actors(each):
            name = word_key(phrase.name)
            start, end = sentence.tokens[phrase.first].start, sentence.tokens[phrase.last].end
            known = name in nouns.SIGNED_IN | nouns.UNKNOWN | nouns.ADMINS or draft.find(name)
            if (each.role is not None or name in nouns.ROLE_WORDS | nouns.STAFF) and (
                not known or name in nouns.ROLE_WORDS
            ):
                draft.roles.setdefault(name, stated("somebody acts so", start, end))


def rights(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds what each sentence grants or keeps for somebody."""
    for each in texts:
        actors = [word_key(phrase.name) for phrase, _ in _actors(each)]
        if not actors:
            continue
        denied = MAY_NOT.search(each.text) is not None
        only = re.search(r"\bonly\b", each.text[:60], re.IGNORECASE) is not None
        for action, phrase in _acts(each.means):
            thing = draft.find(concept_name(phrase) or phrase.name)
            if thing is None:
                continue
            own = (
                phrase.mine
                or OWN.search(each.text[: each.means.tokens[phrase.last].end - each.start][-40:]) is not None
            )
            for actor in actors:
                draft.rights.append(
                    Right(
                        role=actor,
                        actions=tuple(Action) if action is None else (action,),
                        entity=thing.name,
                        scope=Scope.NONE if denied else Scope.OWN if own else Scope.ALL,
                        origin=stated("a sentence says who may", each.start, each.start + len(each.text)),
                        only=only,
                    )
                )


def _actors(text: Statement) -> Iterator[tuple[Phrase, Sentence]]:
    if text.role is not None:
        if text.role.phrases:
            yield text.role.phrases[0], text.role
        return
    may = MAY.search(text.text) or MAY_NOT.search(text.text)
    if may is None:
        first = text.means.phrases[0] if text.means.phrases else None
        acts = first is not None and text.means.tags[first.last + 1 : first.last + 2] == (Tag.VERB,)
        if first is not None and acts and _is_actor(first) and first.plural:
            yield first, text.means
        return
    for phrase in text.means.phrases:
        if text.means.tokens[phrase.last].end <= text.start + may.start() and _is_actor(phrase):
            yield phrase, text.means


def _is_actor(phrase: Phrase) -> bool:
    key = word_key(phrase.name)
    return key in nouns.ROLE_WORDS | nouns.SIGNED_IN | nouns.UNKNOWN | nouns.ADMINS | nouns.STAFF


def _acts(sentence: Sentence) -> Iterator[tuple[Action | None, Phrase]]:
    """Yields the actions and what is acted on; verbs joined by commas share the object behind the last one."""
    for at, tag in enumerate(sentence.tags):
        if tag is not Tag.VERB:
            continue
        base = verb_base(sentence.tokens[at].lower)
        action = next((each for each, verbs in ACTS.items() if base in verbs), None)
        if action is None and base not in MANAGE:
            continue
        phrase = next((each for each in sentence.phrases if each.first > at), None)
        if phrase is not None:
            yield action, phrase

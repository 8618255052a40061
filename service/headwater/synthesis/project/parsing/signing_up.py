"""Reads what people tell of themselves: "a charity can register with a legal name and a country"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.acts import actors
from headwater.synthesis.project.parsing.clauses import pieces, tell
from headwater.synthesis.project.parsing.draft import Draft, stated, word_key
from headwater.synthesis.project.parsing.havings import CUT
from headwater.synthesis.project.parsing.statements import Statement
from headwater.synthesis.project.parsing.wishes import are_values

SIGNING_UP = re.compile(
    r"\b(?:registers?|signs?\s+up|creates?\s+an\s+account)\s+(?:themselves\s+)?(?:with|by\s+giving|giving)\s+(?P<rest>[^.;]+)",
    re.IGNORECASE,
)


def signing_up(texts: Sequence[Statement], draft: Draft) -> None:
    """Adds the people who register with values of their own; those of users are the account's."""
    for each in texts:
        _signs_up(each, draft)


def _signs_up(text: Statement, draft: Draft) -> None:
    match = SIGNING_UP.search(text.text)
    who = next(iter(actors(text)), None) if match else None
    if match is None or who is None:
        return
    members = tuple(pieces(CUT.split(match["rest"])[0], text.start + match.start("rest")))
    if not are_values(members):
        return
    name = word_key(who[0].name)
    noun = "user" if name in nouns.SIGNED_IN | nouns.UNKNOWN else name
    thing = draft.add(noun, stated("the text says what they register with", text.start, text.start + len(text.text)))
    for each in members:
        tell(draft, thing, each, "they register with it")

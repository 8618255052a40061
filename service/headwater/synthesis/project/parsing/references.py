"""Reads members of a list that point at other things: `author -> User`, `tags: list of Tag`, `project_id`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import Draft, word_key
from headwater.synthesis.project.parsing.kinds import TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A relation in the making: what it is called, the noun it leads to, whether to many of them."""

    name: str
    noun: str
    many: bool = False
    optional: bool = False
    part: bool = False


NOUN = r"(?:an?\s+|the\s+)?(?P<noun>[^\W\d_][\w ]*?)"
NAME = r"(?P<name>[^\W\d_][\w ]*?)"
MARKS = (
    r"\s*(?P<optional>\?|\(?\s*optional\s*\)?|,\s*optional|\(?nullable\)?)?\s*(?:,?\s*required)?"
    r"(?:\s+(?P<part>cascade))?"
)
KEY = (
    r"(?:\b(?:foreign[\s_]key|fk|references|ref)(?:\s+(?:to|on)\s+|\s*:\s*|\s+)"
    r"|\b(?:reference|links?|linked|relation|points|refers)\s+to\s+)"
)
LIST = r"(?:(?P<many>(?:list|array|set|collection)s?\s*(?:of\s+|<)|many\s+|multiple\s+|several\s+|\[))"
SURE = (
    re.compile(rf"{NAME}\s*(?:\(|:)?\s*(?:fk\s*)?(?:-+>|=>|→|⇒)\s*{LIST}?{NOUN}(?:\s*[>\])])*{MARKS}", re.IGNORECASE),
    re.compile(rf"{NAME}\s*[:(]?\s*{KEY}{NOUN}\s*\)?{MARKS}", re.IGNORECASE),
)
"""Spellings that say that there is a relation."""
LIKELY = (
    re.compile(r"(?P<noun>[^\W\d_]\w*)\s*(?P<more>\[\s*\])"),
    re.compile(rf"{NAME}\s*[:(\[]\s*{LIST}?{NOUN}\s*(?P<more>\[\s*\])?\s*[>\])]*{MARKS}", re.IGNORECASE),
)  # fmt: skip
"""Spellings that say so where the noun is a known thing."""
IDENTIFIER = re.compile(
    r"(?P<name>[^\W\d_][\w ]*?)(?:_id|Id|ID|\s+id)\s*(?:[:(]?\s*(?:int(?:eger)?|uuid|string|number|fk|foreign[\s_]key)"
    r"\s*\)?)?" + MARKS
)
BELONGS = re.compile(rf"(?:belongs?\s+to|is\s+part\s+of)\s+(?:exactly\s+)?(?:one\s+)?{NOUN}{MARKS}", re.IGNORECASE)


def reference(text: str, draft: Draft) -> Reference | None:
    """Returns what a member of a list points at, or nothing for what is a value."""
    said = text.strip()
    for patterns, sure in ((SURE, True), ((BELONGS,), True), (LIKELY, False), ((IDENTIFIER,), False)):
        for pattern in patterns:
            found = pattern.fullmatch(said)
            made = found and _made(found.groupdict(""))
            if made and (_known(made.noun, draft) or (sure and word_key(made.noun) not in TYPES)):
                return made
    return None


def _made(parts: dict[str, str]) -> Reference:
    name = re.sub(r"(?:_id|Id)$|\s+id$", "", parts.get("name", "") or parts["noun"])
    return Reference(
        name=name.strip(),
        noun=(parts.get("noun") or name).strip(),
        many=bool(parts.get("many") or parts.get("more")),
        optional=bool(parts.get("optional")),
        part=bool(parts.get("part")),
    )


def _known(noun: str, draft: Draft) -> bool:
    return draft.find(noun) is not None or is_person(noun, draft)


def is_person(noun: str, draft: Draft) -> bool:
    """Whether a noun means somebody who signs in."""
    key = word_key(noun)
    return key in nouns.SIGNED_IN | nouns.ACTING | nouns.ROLE_WORDS or key in draft.roles

"""Brings the many ways of writing down a field into the one that `values.field_of` reads.

`**status** [open/closed]`, `status = open or closed` and `status (open, closed)` all become `status: open | closed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.draft import word_key
from headwater.synthesis.project.parsing.kinds import TYPES, guessed
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.values import BOUND_WORD, FLAGS
from headwater.synthesis.project.spec import FieldType

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _rule(pattern: str, written: str | Callable[[re.Match[str]], str]) -> Rule:
    return re.compile(pattern, re.IGNORECASE), written


def _named(match: re.Match[str]) -> str:
    return f"{match['name'].strip()}: {match['rest'].strip()}"


def _ends(numbers: str) -> str:
    found = sorted(int(each) for each in re.findall(r"\d+", numbers))
    return f"{found[0]}..{found[-1]}"


def _worth(match: re.Match[str]) -> str:
    """Returns "a budget of 100 million" as a field with a default."""
    times = {"thousand": 1_000, "million": 1_000_000}.get((match["many"] or "").strip().lower(), 1)
    value = float(match["value"]) * times
    return f"{match['name']} = {value:.0f}" if value.is_integer() else f"{match['name']} = {value}"


def _letters(first: str, last: str) -> str:
    """Returns the letters from one to another as choices: `energy class (A to G)`."""
    return " | ".join(chr(each) for each in range(ord(first), ord(last) + 1))


RULES: tuple[Rule, ...] = (
    _rule(r"\*\*|`|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)|[.;,]+$", ""),
    _rule(r"^\*(?=\w)|(?<=\w)[*!](?!\w)", " required"),
    _rule(r"^(?:is\s+)?(?P<name>\w+ed|done|paid|active|public|private|open|available)\?$", r"\g<name>: boolean"),
    _rule(r"^(?P<name>\w+)\s+or\s+not$", r"\g<name>: boolean"),
    _rule(r"^(?P<name>[\w ]*?)\bdate\s*(?:&|and|/)\s*time$", r"\g<name>date time: datetime"),
    _rule(r"^\+1\b", "plus one"),
    _rule(r"[(\[]\s*([A-Z])\s*(?:to|-|–|\.\.)\s*([A-Z])\s*[)\]]", lambda found: f": {_letters(found[1], found[2])}"),
    _rule(r"^(?P<name>[^\W\d][\w ]*?)\?(?!\w)", r"\g<name> optional"),
    _rule(r"\be-mail\b", "email"),
    _rule(r"\b(default(?:s\s+to|\s+is)?)\s+(\d+)\s+(?:min(?:ute)?s?|hours?|days?|weeks?|months?|percent|euros?|eur|usd)\b",
          r"\1 \2"),
    _rule(r"^(?P<name>[^\W\d][\w ]*?)\s+of\s+(?P<value>\d+(?:\.\d+)?)(?P<many>\s+(?:thousand|million))?$", _worth),
    _rule(r"^[01]\s?(?:\.\.|-)\s?(?:n|m|\*|many)\s+", "many "),
    _rule(r"\b(?P<value>\w+)\s*(?:=\s*|[(\[]\s*)?(?:(?:is\s+)?the\s+)?default[)\]]?(?=\s*(?:[,;)\]]|$))",
          r"\g<value>, default \g<value>"),
    _rule(r"^(?P<name>[^\W\d][\w ]*?)\s+of\s+(?:between\s+)?(?P<low>\d+(?:\.\d+)?)\s+(?:to|and|-)\s+"
          r"(?P<high>\d+(?:\.\d+)?)(?:\s+\w+)?$", r"\g<name>: integer \g<low>..\g<high>"),
    _rule(r"^is\s+(?P<name>\w+)$", r"is_\g<name>: boolean"),
    _rule(r"^(id)\s*[:(]?\s*(?:(?:big)?serial|uuid|(?:big)?int(?:eger)?|auto\w*|string|number|pk)\b.*$", r"\1"),
    _rule(r"^[$€£]\s*(?P<name>\w[\w ]*)$|^(?P<other>\w[\w ]*?)\s*[(\[]?[$€£%][)\]]?$",
          lambda found: f"{(found['name'] or found['other']).strip()}: decimal"),
    _rule(r"^(?P<name>[a-z]+(?:ed|en|d))\s+(?P<at>on|at)\s+\(?(?P<rest>date|datetime|timestamp)\)?$",
          r"\g<name>_\g<at>: \g<rest>"),
    _rule(r"\b(decimal|numeric|float|double|number|int|integer|bigint)\s*\(\s*\d+\s*(?:,\s*\d+\s*)?\)", r"\1"),
    _rule(r"\b(?:n?varchar|char|string|str|text)\s*\(\s*(\d+)\s*\)", r"string max \1"),
    _rule(r"[(\[]\s*(?:yes/no|true/false|y/n)\s*[)\]]", " boolean"),
    _rule(r"\bnot\s+null\b", "required"),
    _rule(r"\b(?:primary\s+key|auto_?increment|(?<!not )null)\b", ""),
    _rule(r"^(?P<name>[^\W\d][\w ]*?)\s+[-–—]\s+(?P<rest>[^\W\d].*)$", _named),
    _rule(r"[(\[]\s*(?:from\s+)?(-?\d+(?:\.\d+)?)\s*(?:to|-|–|—|\.\.|and|through)\s*(-?\d+(?:\.\d+)?)\s*"
          r"(?:stars|points)?\s*[)\]]", r" \1..\2"),
    _rule(r"\s*[(\[]\s*(\d+(?:\s*[,/]\s*\d+){1,20})\s*[)\]]", lambda found: f": integer {_ends(found[1])}"),
    _rule(r"^(?:an?\s+|the\s+)?(max|min)(?:imum)?\.?\s+(?:of\s+)?(?P<most>\d+)\s+(?P<noun>[a-z]+s)$",
          r"\1imum_\g<noun>: integer = \g<most>"),
    _rule(r"(?:^|(?<=\s))(\d+(?:\s*\|\s*\d+)+)(?:\s+(?:minutes|hours|days|seconds|weeks))?$",
          lambda found: f": integer {_ends(found[1])}"),
    _rule(r"(?<=\w )(-?\d+(?:\.\d+)?)\s+to\s+(-?\d+(?:\.\d+)?)$", r"\1..\2"),
)  # fmt: skip
"""What is replaced in a member of a list, one after the other."""
GROUP = re.compile(
    r"^(?P<name>[^()\[\]{}:=]+?)\s*:?\s*"
    r"(?:\b(?:enum|one of|either|options?|choices?)\b\s*:?\s*)?[(\[{](?P<said>[^()\[\]{}]+)[)\]}](?P<rest>.*)$"
)
SAID = re.compile(
    r"^(?P<name>[^()\[\]{}:=|]+?)\s*(?::\s*(?:either\s+|one\s+of\s+)?|=\s*|\s+is\s+either\s+)(?P<said>[^()\[\]{}|:=<>]+)$",
    re.IGNORECASE,
)
OR = re.compile(r"\s+or\s+|/|\|", re.IGNORECASE)
BETWEEN = re.compile(r"\s*(?:,\s*or\s|,|/|\||;|\bor\b)\s*", re.IGNORECASE)
DEFAULT = re.compile(r"[,;]?\s*(?:default(?:s\s+to|\s+is)?|by\s+default)\s*[:=]?\s*(?P<value>\w+)", re.IGNORECASE)
CHOICE = re.compile(r"[^\W\d][\w' -]*", re.UNICODE)
SCORE = re.compile(r"[\d½]+\s?[-:–]\s?[\d½]+")
"""How a game may end; several of them are choices rather than bounds."""
WORDS_OF_CHOICE = 3
LONGEST = 300
"""What has more characters is no member of a list of fields; the work on one grows faster than its length."""
NO_CHOICE = TYPES.keys() | FLAGS.keys() | words("optional nullable etc eg ie key")
"""Words that say something else of a field than what it may be."""
KINDLY = words("type kind category role size color colour level unit mode method visibility currency frequency")
"""Names behind which a list with commas holds choices."""


def plain(text: str) -> str:
    """Returns a member of a list in the words of `values.field_of`."""
    said = " ".join(text.split())
    if len(said) > LONGEST:
        return said
    for pattern, written in RULES:
        said = pattern.sub(written, said).strip()
    return _chosen(" ".join(said.split()))


def composite(text: str) -> tuple[str, ...]:
    """Returns what a value is made of: `address (street, city, zip)`; empty for what is one value."""
    found = GROUP.match(text)
    if found is None or found["rest"].strip() or guessed(found["name"]) is FieldType.ENUM:
        return ()
    parts = [each.strip() for each in BETWEEN.split(found["said"])]
    if BOUND_WORD.search(found["said"]):
        return ()
    if len(parts) < 2 or not all(is_value(each) for each in parts):  # noqa: PLR2004 — one value is no list of them
        return ()
    name = found["name"].strip()
    plain_name = name.lower() in nouns.ATTRIBUTES
    return tuple(each if plain_name else f"{name} {each}" for each in parts)


def beside(text: str) -> tuple[str, ...]:
    """Returns two values that stand beside each other: `starts on / ends on`; empty for one value or choices."""
    parts = [each.strip() for each in re.split(r"\s+/\s+", text)]
    return tuple(parts) if len(parts) == 2 and all(is_value(each) for each in parts) else ()  # noqa: PLR2004 — two


def choices_of(name: str, said: Sequence[str]) -> str:
    """Returns the words for a field that has one of several values."""
    return f"{name.strip()}: {' | '.join('_'.join(each.split()) for each in said)}"


def choices(text: str, *, but: AbstractSet[str] = NO_CHOICE) -> tuple[str, ...]:
    """Returns the choices that a text lists; empty for one that says anything else, such as one of the words `but`."""
    parts = [each.strip(" '\".") for each in BETWEEN.split(text)]
    parts = [each for each in parts if each]
    able = (
        len(parts) > 1
        and not {*map(str.lower, parts)} <= TYPES.keys()
        and all(
            SCORE.fullmatch(each)
            or (
                CHOICE.fullmatch(each)
                and len(each.split()) <= WORDS_OF_CHOICE
                and not {*each.lower().split()} & but
                and not BOUND_WORD.search(each)
            )
            for each in parts
        )
    )
    return tuple(parts) if able else ()


def _chosen(text: str) -> str:
    """Returns a text with its choices behind a colon, bars between them."""
    group = GROUP.match(text)
    if group and group["said"].strip().lower() in TYPES:
        return f"{group['name'].strip()}: {group['said'].strip()} {group['rest'].strip()}".strip()
    found = group or SAID.match(text)
    if found is None or composite(text):
        return text
    rest = group["rest"].strip() if group else ""
    default = DEFAULT.search(found["said"]) or DEFAULT.search(rest)
    listed = DEFAULT.sub("", found["said"])
    taking = takes_choices(found["name"])
    values = choices(listed, but=NO_CHOICE - TYPES.keys() if taking else NO_CHOICE)
    loose = group is None and not OR.search(listed) and not taking
    several = word_key(found["name"]) != found["name"].lower() and not taking
    if not values or loose or several or (not taking and all(is_value(each) for each in values)):
        return text
    return f"{choices_of(found['name'], values)} {DEFAULT.sub('', rest)}".rstrip() + (
        f" = {default['value']}" if default else ""
    )


def takes_choices(name: str) -> bool:
    """Whether a list behind a name holds choices, even with commas."""
    return guessed(name) is FieldType.ENUM or name.rsplit(maxsplit=1)[-1].lower() in KINDLY


def is_value(name: str) -> bool:
    """Whether a word is the name of a value of its own, such as a street, rather than a choice."""
    plain_words = {FieldType.STRING, FieldType.BOOLEAN, FieldType.ENUM, FieldType.FILE, FieldType.EMAIL}
    return name.lower() in nouns.ATTRIBUTES or guessed(name) not in plain_words

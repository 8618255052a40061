"""Reads what is said of one field: name, type, bounds, choices and default, from a few words or the name alone.

`title string required 1..200`, `status: draft | published = draft`, `price (decimal, at least 0)`, `email, unique`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from headwater.synthesis.project import naming, plurals
from headwater.synthesis.project.defaults import NOW, REACH, fits
from headwater.synthesis.project.parsing.kinds import CHOICES, NAMING, TYPES, guessed, spoken
from headwater.synthesis.project.parsing.lexicon import ADJECTIVES, words
from headwater.synthesis.project.spec import NUMERIC, TEXTUAL, Field, FieldType, Origin, Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A field and what was assumed about it."""

    field: Field
    assumed: tuple[str, ...] = ()


POSITIVE = words("""
    price cost fee total amount quantity count stock capacity age rating points seats size duration weight height
    width length pages copies
""")
FLAGS = {"required": "required", "mandatory": "required", "unique": "unique", "filtered": "filtered",
         "filterable": "filtered", "searched": "searched", "searchable": "searched"}  # fmt: skip
NUMBER = r"(-?\d+(?:\.\d+)?)"
LETTERS = r"(?:\s+(?:characters|letters|digits|chars)(?:\s+long)?)?"
BOUNDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b(?:between|from)\s+{NUMBER}\s+(?:and|to)\s+{NUMBER}{LETTERS}"), "both"),
    (re.compile(rf"{NUMBER}\s*(?:\.\.|–|—)\s*{NUMBER}"), "both"),
    (re.compile(r"(?<![\d-])(\d+)-(\d+)(?![\d-])"), "both"),
    (
        re.compile(
            r"(?:at\s+least|min(?:imum)?(?:\s*length)?|minlength|>=|not\s+less\s+than)"
            rf"\s*[=:(]?\s*{NUMBER}\)?{LETTERS}"
        ),
        "low",
    ),
    (
        re.compile(
            r"(?:at\s+most|up\s+to|max(?:imum)?(?:\s*length)?|maxlength|<=|no(?:t)?\s+(?:more|longer)\s+than)"
            rf"\s*[=:(]?\s*{NUMBER}\)?{LETTERS}"
        ),
        "high",
    ),
    (re.compile(rf"(?:\b(?:greater\s+than|more\s+than|above)|>)\s*{NUMBER}"), "above"),
    (re.compile(r"\b(?:exactly\s+)?(\d+)\s+(?:characters|letters|digits|chars)(?:\s+long)?\b"), "exact"),
    (re.compile(r"\b(?:positive|non-?negative|not\s+(?:be\s+)?negative)\b"), "zero"),
)
LENGTH = re.compile(r"\d\s+(?:characters|letters|digits|chars)\b", re.IGNORECASE)
CENT = 0.01
"""What is above 0 is at least so much, where it need not be whole."""
SCALE = 10.0
"""Bounds up to this are those of a grade rather than of a length, where a name tells nothing: `confidence 1..3`."""
BETWEEN = re.compile(r"\b(?:between|from)\s+-?\d|\d-\d|\bat\s+(?:least|most)\b", re.IGNORECASE)
DEFAULT = re.compile(
    r"(?:(?<![<>!])=|\bdefaults?(?:\s+(?:to|is|value))?\b\s*[:=]?)\s*[\"']?([\w@.+-]+)[\"']?", re.IGNORECASE
)
SLASHED = re.compile(
    r"(?<=[:(\s])(?!yes/no\b|and/or\b|date/time\b|n/a\b)[^\W\d_][\w-]*(?:\s?/\s?[^\W\d_][\w-]*)+", re.IGNORECASE
)
ALTERNATIVES = re.compile(r"[\w-]+(?:\s?[\w-]+)?(?:\s*\|\s*[\w-]+(?:\s?[\w-]+)?)+")


def field_of(text: str, origin: Origin, *, rest: str = "") -> Read:
    """Returns the field that a text tells of: the name, then what is said of it; `rest` is said apart from the name."""
    said, choices = _choices(text if not rest else f"{text}: {rest}")
    valued, default = _default(said)
    said, low, high = _bounds(valued)
    name, kind, flags = _words(_named_first(said))
    typed = kind is not None
    if kind is None and not choices and (low, high) != (None, None):
        kind = _bounded_kind(name, valued, low, high)
    if (kind or guessed(name)) is FieldType.DECIMAL:
        _, low, high = _bounds(valued, step=CENT)
    label = " ".join(name.replace("_", " ").split())
    called = naming.safe(name, naming.Kind.FIELD)
    kind = FieldType.ENUM if choices else kind or guessed(name)
    if kind is FieldType.BOOLEAN and called.because and naming.snake(name) in ADJECTIVES:
        called = naming.safe(f"is {name}", naming.Kind.FIELD)
    if kind is FieldType.TEXT and spoken(name) in NAMING - {"question"}:
        kind = FieldType.STRING
    if kind is FieldType.STRING and not typed and re.fullmatch(r"-?\d+(?:\.\d+)?", default):
        kind = FieldType.DECIMAL if "." in default else FieldType.INTEGER
    assumed: list[str] = [f"{label!r} is called {called.name} in the code: {called.because}."] if called.because else []
    if kind is FieldType.ENUM and not choices:
        choices = CHOICES.get(name.rsplit("_", 1)[-1].lower(), CHOICES["status"])
        assumed.append(f"{label} is one of {', '.join(choices)}.")
    field = Field(
        name=called.name,
        label=label[:1].upper() + label[1:],
        type=kind,
        origin=origin,
        required="required" in flags or ("optional" not in flags and spoken(name) in NAMING),
        unique="unique" in flags,
        choices=tuple(dict.fromkeys(naming.safe(each, naming.Kind.CHOICE).name for each in choices)),
        filtered="filtered" in flags or kind in {FieldType.ENUM, FieldType.BOOLEAN, FieldType.DATE, FieldType.DATETIME},
        searched="searched" in flags or (kind in {FieldType.STRING, FieldType.TEXT} and spoken(name) in NAMING),
    )
    return Read(field=_valued(_bounded(field, low, high), default), assumed=tuple(assumed))


def _named_first(text: str) -> str:
    """Returns `code (unique, short)` with a colon behind the name: what stands in brackets is no part of it."""
    name, bracket, said = text.partition("(")
    return f"{name.strip()}: {said}" if bracket and name.strip() and ":" not in name else text


def _bounded_kind(name: str, text: str, low: float | None, high: float | None) -> FieldType | None:
    """Returns the type that bounds tell of where a name tells none, or another."""
    if LENGTH.search(text):
        return None if guessed(name) in TEXTUAL else FieldType.STRING
    if guessed(name) is not FieldType.STRING:
        return None
    if any(each is not None and not each.is_integer() for each in (low, high)):
        return FieldType.DECIMAL
    last = name.rsplit(maxsplit=1)[-1].lower() if name else ""
    several = plurals.singular(last) != last and None not in {low, high}
    scale = high is not None and high <= SCALE and spoken(name) not in NAMING and last not in {"code", "key"}
    return FieldType.INTEGER if several or (scale and ".." in text) else _counted(text)


def _counted(text: str) -> FieldType | None:
    """Returns the type of a value with bounds that are no lengths: a grade between 1.0 and 5.0 is a decimal."""
    if re.search(r"characters|letters|chars|length|long|\d\s*\.\.", text, re.IGNORECASE) or not BETWEEN.search(text):
        return None
    return FieldType.DECIMAL if re.search(r"\d\.\d", text) else FieldType.INTEGER


def nameless(text: str) -> bool:
    """Whether a text holds only bounds, flags and types, and no name of a value: `minimum 1`."""
    said, _, _ = _bounds(_default(text)[0])
    return not re.search(r"[^\W\d_]", _words(_named_first(said))[0])


def bounds_in(text: str, kind: FieldType | None = None) -> tuple[float | None, float | None]:
    """Returns the least and the greatest value or length that a text speaks of; above 0 is a cent where that fits."""
    _, low, high = _bounds(text, step=CENT if kind is FieldType.DECIMAL else 1.0)
    return low, high


def narrowed(field: Field, low: float | None, high: float | None) -> Field:
    """Returns the field with bounds, where it is of a type that has them."""
    return _bounded(field, low, high)


def _choices(text: str) -> tuple[str, tuple[str, ...]]:
    slashed = SLASHED.search(text)
    if slashed and "|" not in text:
        text = text.replace(slashed[0], slashed[0].replace("/", "|"), 1)
    listed = ALTERNATIVES.search(text)
    if listed:
        parts = [each.strip() for each in listed[0].split("|")]
        first, *others = parts
        *before, chosen = first.split()
        return text.replace(listed[0], " ".join(before), 1), (chosen, *others)
    listed = re.search(
        r"\b(?:enum|one\s+of|either)\s*[:(]?\s*\(?([\w\s,/'\"-]+?)\)?\s*(?:$|=|default|required|unique)",
        text,
        re.IGNORECASE,
    )
    listed = listed or re.search(r"\(([\w -]+(?:[,/] ?(?:or )?[\w -]+)+)\)", text)
    if not listed:
        return text, ()
    parts = [each.strip(" '\"") for each in re.split(r",|/|\bor\b|\band\b", listed[1])]
    parts = [each for each in parts if each]
    spoken = {each.lower() for each in parts}
    if len(parts) < 2 or spoken & (TYPES.keys() | FLAGS.keys()) or any(BOUND_WORD.search(each) for each in parts):  # noqa: PLR2004
        return text, ()
    kept = text[: listed.start()] + " " + (listed[0][len(listed[0].rstrip("=")) :] or "") + text[listed.end() :]
    tail = re.search(r"(=|default|required|unique)$", listed[0], re.IGNORECASE)
    return text[: listed.start()] + (f" {tail[0]}" if tail else " ") + text[listed.end() :] if tail else kept, tuple(
        parts
    )


BOUND_WORD = re.compile(r"\b\d|\b(?:min|max|at|optional|positive|default|up\s+to)\b", re.IGNORECASE)


def _default(text: str) -> tuple[str, str]:
    found = DEFAULT.search(text)
    return (text[: found.start()] + " " + text[found.end() :], found[1]) if found else (text, "")


def _bounds(text: str, *, step: float = 1.0) -> tuple[str, float | None, float | None]:
    low = high = None
    for pattern, end in BOUNDS:
        found = pattern.search(text.lower())
        if not found:
            continue
        values = [float(each) for each in found.groups()]
        text = text[: found.start()] + " " + text[found.end() :]
        if end in {"both", "exact"}:
            low, high = min(values), max(values)
        elif end == "high":
            high = values[0]
        else:
            low = {"low": values[0] if values else 0.0, "above": (values[0] if values else 0.0) + step, "zero": 0.0}[
                end
            ]
    return text, low, high


def _words(text: str) -> tuple[str, FieldType | None, frozenset[str]]:
    """Takes the words apart: what the name is, which type, and what else holds."""
    head, colon, tail = text.partition(":")
    said = re.split(r"[\s,;()]+", (tail if colon else text).strip())
    name = re.split(r"[\s,;()]+", head.strip()) if colon else []
    kind: FieldType | None = None
    flags = set[str]()
    for at, word in enumerate(said):
        small = word.lower().strip(".")
        if small in FLAGS or small in {"optional", "nullable"}:
            flags.add(FLAGS.get(small, "optional"))
        elif small in TYPES and (colon or (at > 0 and kind is None and name)) and not (small == "number" and not colon):
            kind = TYPES[small]
            known = name[-1].lower().endswith((small, "_at", "_on")) or (
                kind in {FieldType.FILE, FieldType.URL} and guessed(" ".join(name)) is kind
            )
            if not colon and small in SPOKEN and not known:
                name.append(word)
                kind = None
        elif not colon and small and (small not in FILLERS or (small == "value" and name)):
            name.append(word)
    while len(name) > 1 and name[-1].lower() in TRAILING and not _is_moment(name):
        name.pop()
    idle = ARTICLES if colon else FILLERS - ({"value"} if len(name) > 1 else set[str]())
    shown = " ".join(each for each in name if each.lower() not in idle)
    shown = shown or ("" if flags else head.strip())
    return shown.strip("`*_\"' "), kind, frozenset(flags)


def _is_moment(name: list[str]) -> bool:
    """Whether a name says when something was done or begins: `paid at`, `starts on`."""
    if name[-1].lower() in {"from", "to"}:
        return name[-2].lower() in {"valid", "available", "active", "effective"}
    return name[-1].lower() in {"at", "on"} and re.search(r"(?:ed|id|[nts])$", name[-2].lower()) is not None


SPOKEN = words("date time email phone url image photo picture")
"""Types that are a part of the name where no colon stands between them."""
TRAILING = words("of at in on for to from by with")
ARTICLES = words("a an the its their his her")
FILLERS = words(
    "a an the its their his her must be is should may can type with or field that which who value characters long not"
)


def _bounded(field: Field, low: float | None, high: float | None) -> Field:
    if field.type in NUMERIC and low is None and field.name.rsplit("_", 1)[-1] in POSITIVE:
        low = 0.0
    if field.type is FieldType.STRING and high is None:
        high = 200.0
    least, most = REACH.get(field.type, (0.0, 0.0))
    low = low if low is None or least <= low <= most else None
    high = high if high is None or least <= high <= most else None
    if field.type in TEXTUAL | NUMERIC and (low is None or high is None or low <= high):
        if field.type in TEXTUAL and low is None and field.required:
            low = 1.0
        return replace(field, minimum=low, maximum=high)
    return field


def _valued(field: Field, text: str) -> Field:
    value = _value(field, text) if text else (False if field.type is FieldType.BOOLEAN else None)
    if value is None and field.type is FieldType.ENUM:
        value = field.choices[0]
    if value is None or not fits(field, value):
        return field
    return replace(field, default=value, required=field.required or field.type in {FieldType.BOOLEAN, FieldType.ENUM})


def _value(field: Field, text: str) -> Scalar | None:
    if field.type is FieldType.BOOLEAN:
        return text.lower() in {"true", "yes", "on", "1"}
    if field.type in NUMERIC:
        number = re.fullmatch(r"-?\d+(?:\.\d+)?", text)
        whole = number and "." not in text
        return (int(text) if whole else float(text)) if number else None
    if field.type is FieldType.ENUM:
        return naming.safe(text, naming.Kind.CHOICE).name
    return NOW if text.lower() in {"now", "today"} and field.type in {FieldType.DATE, FieldType.DATETIME} else text

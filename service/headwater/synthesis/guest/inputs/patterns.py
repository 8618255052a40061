"""Makes texts that a regular expression matches: one plain, one rich."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
import sys
from typing import Any, List, NamedTuple

if sys.version_info >= (3, 11):
    from re import _parser as _syntax  # type: ignore[attr-defined]
else:
    import sre_parse as _syntax

CATEGORIES = {
    "CATEGORY_DIGIT": "1", "CATEGORY_NOT_DIGIT": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "a",
    "CATEGORY_WORD": "a", "CATEGORY_NOT_WORD": "-",
}  # fmt: skip
BRANCHES = 12
"""How many alternatives of a pattern are tried."""
CANDIDATES = "a1 -_.:/@#A\n\t,;'\"()[]{}<>=+*%&!?~é"


class Choice(NamedTuple):
    """How often what may be repeated is, and which of several alternatives is taken."""

    rich: int
    branch: int


def samples(pattern: str) -> List[str]:
    """Returns texts made from a pattern that it truly matches; none where it cannot be read."""
    try:
        compiled = re.compile(pattern, re.VERBOSE if "\n" in pattern and "#" in pattern else 0)
        tree = _syntax.parse(pattern, compiled.flags & ~re.UNICODE & ~re.DEBUG)
        made = [_sequence(tree, Choice(rich, rich), {}) for rich in (0, 1, 2)]
        made += [_sequence(tree, Choice(1, branch), {}) for branch in range(3, BRANCHES)]
    except (re.error, RecursionError, OverflowError):
        return []
    return list(dict.fromkeys(text for text in made if len(text) < 200 and compiled.search(text)))  # noqa: PLR2004 — past reading


def _sequence(tree: Any, choice: Choice, groups: Any) -> str:
    return "".join(_one(str(operator), argument, choice, groups) for operator, argument in tree)


def _one(operator: str, argument: Any, choice: Choice, groups: Any) -> str:  # noqa: PLR0911 — one line per operator
    if operator == "LITERAL":
        return chr(argument)
    if operator == "NOT_LITERAL":
        return next(each for each in CANDIDATES if ord(each) != argument)
    if operator == "ANY":
        return "a"
    if operator == "IN":
        return _member(argument, choice.rich)
    if operator == "BRANCH":
        return _sequence(argument[1][min(choice.branch, len(argument[1]) - 1)], choice, groups)
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = argument
        times = min(int(most), max(int(least), choice.rich))
        return "".join(_sequence(inner, choice, groups) for _ in range(times))
    if operator == "SUBPATTERN":
        groups[argument[0]] = _sequence(argument[-1], choice, groups)
        return groups[argument[0]]
    if operator == "GROUPREF":
        return groups.get(argument, "")
    if operator == "ATOMIC_GROUP":
        return _sequence(argument, choice, groups)
    return ""


def _member(choices: Any, rich: int) -> str:
    """Picks one character of a set."""
    negated = bool(choices) and str(choices[0][0]) == "NEGATE"
    if negated:
        return next((each for each in CANDIDATES if not any(_holds(each, choice) for choice in choices[1:])), "")
    operator, argument = choices[min(rich, len(choices) - 1)]
    if str(operator) == "LITERAL":
        return chr(argument)
    if str(operator) == "RANGE":
        return chr(min(argument[0] + rich, argument[1]))
    return CATEGORIES.get(str(argument), "a")


def _holds(character: str, choice: Any) -> bool:
    operator, argument = choice
    if str(operator) == "LITERAL":
        return ord(character) == argument
    if str(operator) == "RANGE":
        return argument[0] <= ord(character) <= argument[1]
    kind = {"DIGIT": character.isdigit(), "SPACE": character.isspace(), "WORD": character.isalnum() or character == "_"}
    name = str(argument).replace("CATEGORY_", "")
    return not kind.get(name[4:], False) if name.startswith("NOT_") else kind.get(name, False)

"""Makes values on and beside the constants that a function looks for."""

from __future__ import annotations

import re
from typing import Any, Iterable, List, Mapping, Sequence

from .annotations import CALLABLES, PLAIN
from .patterns import samples

TEXTS = 24
"""How many texts are worth trying one by one; the search mixes the rest."""
KINDS_BY_NAME: Sequence[Any] = (
    (r"(^|_)(path|file|filename|folder|directory|dir)$", "path"),
    (r"(^|_)(func|function|fn|callback|predicate|mapper|handler|filler|key_func|decorator)$", "callable"),
    (r"(^|_)(count|number|num|size|length|index|limit|amount|width|height|start|stop|step|n|i|x|y|age|year)$", "int"),
    (r"(^|_)(price|rate|ratio|percent|weight|factor|seconds)$", "float"),
    (r"(^|_)(items|values|list|elements|args|lines|words|rows|numbers|sequence|iterable)$", "list"),
    (r"(^|_)(data|options|kwargs|config|params|mapping|dict|headers|context|kvs|obj)$", "dict"),
    (r"^(is|has|use|allow|with|enable|should)_|(^|_)(flag|strict|verbose|reverse)$", "bool"),
    (
        r"(^|_)(text|string|name|word|line|title|message|url|email|content|s|str|code|key|label|prefix|suffix|html)$",
        "str",
    ),
    (r"(^|_)(cls|type|klass|class_|kind)$", "type"),
)


def texts_from(strings: Sequence[str], patterns: Sequence[str]) -> List[str]:
    """Returns texts that match the patterns, the strings themselves, and strings beside them."""
    found: List[str] = []
    for pattern in patterns[:12]:
        found += samples(pattern)
    found += [text for text in strings if text][:TEXTS]
    found += [f"{text}abc" for text in strings if text][:8]
    return [repr(text) for text in dict.fromkeys(found)][: TEXTS * 2]


def numbers_around(numbers: Sequence[Any]) -> List[str]:
    """Returns each number with its neighbours."""
    near = [value for number in numbers[:12] for value in (number, number - 1, number + 1)]
    return [repr(value) for value in dict.fromkeys(near)]


def paths(name: str) -> List[str]:
    """Returns paths as text for a parameter that is called after one."""
    pattern = next(pattern for pattern, kind in KINDS_BY_NAME if kind == "path")
    return ['str(tmp_path / "file.txt")', "str(tmp_path)"] if re.search(pattern, name.lower()) else []


def by_name(name: str, telling: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """Guesses from what a parameter is called."""
    for pattern, kind in KINDS_BY_NAME:
        if re.search(pattern, name.lower()):
            if kind == "callable":
                return CALLABLES
            if kind == "path":
                return [*paths(name), *PLAIN["Path"], '"a/b.txt"']
            plain = PLAIN[kind]
            return [*plain[:1], *telling.get(kind, ()), *plain[1:]]
    return []

"""Makes values on and beside the constants that a function looks for."""

from __future__ import annotations

import re
from typing import Any, Callable, FrozenSet, List, Sequence, Tuple

from .annotations import CALLABLES, PLAIN
from .familiar import Told, is_text, values_of
from .patterns import samples

TEXTS = 24
"""How many texts are worth trying one by one; the search mixes the rest."""
KINDS_BY_NAME: Sequence[Any] = (
    (r"(^|_)(file_?obj|fp|fh|stream|buf|buffer|reader|in_?file|out_?file)$", "stream"),
    (r"(^|_)(path|file|filename|folder|directory|dir)$", "path"),
    (r"(^|_)(func|function|fn|callback|predicate|mapper|handler|filler|key_func|decorator)$", "callable"),
    (r"(^|_)(count|number|num|size|length|index|limit|amount|width|height|start|stop|step|n|i|x|y|age|year)$", "int"),
    (r"(^|_)(price|rate|ratio|percent|weight|factor|seconds)$", "float"),
    (r"(^|_)(items|values|list|elements|args|lines|words|rows|numbers|sequence|iterable)$", "list"),
    (r"(^|_)(data|options|kwargs|config|params|mapping|dict|headers|context|kvs|obj)$", "dict"),
    (
        r"^(is|has|use|allow|with|enable|should|infer|skip|ignore|include|only|no)_|(^|_)(flag|strict|verbose|reverse)$",
        "bool",
    ),
    (
        r"(^|_)(text|string|name|word|line|title|message|url|email|content|s|str|code|key|label|prefix|suffix|html)$",
        "str",
    ),
    (r"(^|_)(cls|type|klass|class_|kind)$", "type"),
    (r"(^|_)(exc|exception|exceptions|error|errors|err)$", "exception"),
)

FORMATS: Sequence[Tuple[FrozenSet[str], Sequence[str]]] = (
    (
        frozenset({"json", "JSONDecoder", "JSONDecodeError", "scanstring"}),
        ('{"a": [1, null, "b"]}', '{"a": {"b": true}, "c": -1.5e2}', "[]", "{}"),
    ),
    (frozenset({"xml", "ElementTree", "HTMLParser", "minidom"}), ('<a b="c"><d>e</d>f</a>', "<a/>", "<p>a<br>b</p>")),
    (frozenset({"csv", "DictReader"}), ('a,b\n1,"2,3"\n', "a;b\n1;2\n")),
    (frozenset({"configparser", "ConfigParser", "RawConfigParser"}), ("[a]\nb = c\n", "[a]\nb: 1\n[d]\n")),
    (frozenset({"tomllib", "tomli", "toml"}), ('a = 1\n[b]\nc = "d"\n',)),
    (frozenset({"yaml", "YAML", "safe_load"}), ("a: 1\nb:\n  - c\n", "- a\n- b: c\n")),
    (
        frozenset({"urlparse", "urlsplit", "parse_qs", "urlunsplit"}),
        ("https://user:pw@example.com:8080/a/b?c=d&e=f#g",),
    ),
    (frozenset({"shlex"}), ("a --b='c d' -e",)),
)
"""Texts of a format, by names that a module uses which deals in it."""


def in_formats(mentions: Callable[..., bool]) -> List[str]:
    """Returns texts of the formats that a module deals in; `mentions` says whether it uses one of some names."""
    return [text for names, texts in FORMATS if mentions(*names) for text in texts]


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


def by_name(name: str, telling: Told) -> List[str]:
    """Guesses from what a parameter is called."""
    kind = kind_by_name(name)
    if not kind:
        return []
    if kind == "callable":
        return list(CALLABLES)
    if kind == "path":
        return [*paths(name), *PLAIN["Path"], '"a/b.txt"']
    return values_of(kind, PLAIN[kind], telling)


def kind_by_name(name: str) -> str:
    """Returns what a parameter is by what it is called; empty for a name that says nothing."""
    found = next((kind for pattern, kind in KINDS_BY_NAME if re.search(pattern, name.lower())), "")
    return found or ("str" if is_text(name) else "")

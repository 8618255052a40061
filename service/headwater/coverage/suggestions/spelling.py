"""Writes values, calls and names of tests in the language of a file and the manner of a framework."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from headwater.coverage.outline import Parameter
from headwater.coverage.suggestions.conditions import KINDS, Thing, Value, kind_of

NAME_WORDS = 12
"""The most words of a test's name."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CLASS = re.compile(r"[A-Za-z_][\w.]*\Z")
_STYLES: Mapping[str, str] = {
    "python": "snake",
    "javascript": "phrase",
    "typescript": "phrase",
    "tsx": "phrase",
    "go": "go",
    "java": "camel",
    "c_sharp": "pascal",
}
FRAMEWORKS: Mapping[str, str] = {
    "pytest": "snake",
    "unittest": "snake",
    "jest": "phrase",
    "vitest": "phrase",
    "mocha": "phrase",
    "node": "phrase",
    "go": "go",
    "testing": "go",
    "junit": "camel",
    "junit5": "camel",
    "xunit": "pascal",
    "nunit": "pascal",
    "mstest": "pascal",
}
"""How the names of tests are written, by test framework."""


def words(text: str) -> list[str]:
    """Cuts a name or an expression into its words: `chargeCard`, `charge_card` and `HTTPError` have two each."""
    return [each.lower() for each in _WORD.findall(text)]


def test_name(subject: Sequence[str], rule: Sequence[str], language: str, framework: str) -> str:
    """Joins the words of a test's name as the framework's users do, by default those of the language."""
    style = FRAMEWORKS.get(framework.lower(), _STYLES.get(language, "snake"))
    rule = rule[: max(NAME_WORDS - len(subject), 1)]
    both = [*subject, *rule]
    pascal = "".join(map(str.capitalize, subject)), "".join(map(str.capitalize, rule))
    match style:
        case "phrase":
            return f'it("{" ".join(both)}")'
        case "go":
            return "Test" + "_".join(filter(None, pascal))
        case "camel":
            return "".join([*both[:1], *map(str.capitalize, both[1:])])
        case "pascal":
            return "_".join(filter(None, pascal))
        case _:
            return "_".join(["test", *both])


def literal(value: Value, language: str, written: str = "", members: Mapping[str, Value] | None = None) -> str:
    """Writes a value; `written` is the type that the source names, `members` what an object must have."""
    match value:
        case Thing():
            return _OBJECTS.get(language, _python_object)(value.kind or _bare(written), members or {}, written)
        case None:
            return {"python": "None", "go": "nil"}.get(language, "null")
        case bool():
            return str(value) if language == "python" else str(value).lower()
        case list():
            return _LISTS.get(language, _script_list)([literal(each, language) for each in value], written)
        case str():
            return repr(value) if language == "python" else json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def placeholder(parameter: Parameter, language: str) -> str:
    """Writes a plain value for a parameter of which nothing is known but its type."""
    written = parameter.annotation.strip()
    known = KINDS.get(kind_of(written))
    if known:
        return literal(known[0], language, written)
    plain = next((value for start, value in _PLAIN.get(language, {}).items() if written.startswith(start)), "")
    if plain:
        return plain
    return literal(Thing() if _bare(written) or language not in _TYPED else None, language, written)


_TYPED = frozenset({"go", "java", "c_sharp"})
_PLAIN: Mapping[str, Mapping[str, str]] = {
    "python": {"dict": "{}", "Mapping": "{}", "bytes": "b'a'", "Callable": "lambda *_: None", "Path": "Path('a')"},
    "go": {"context.Context": "context.Background()", "error": 'errors.New("failed")', "any": "nil"},
    "java": {"char": "'a'", "Object": "new Object()", "Map": "Map.of()"},
    "c_sharp": {"char": "'a'", "CancellationToken": "CancellationToken.None"},
}
"""Plain values by how a type begins."""


def _bare(written: str) -> str:
    """Returns the class of a type that is written as one; empty for anything more."""
    bare = written.strip("\"' ?*&").removesuffix("| None").removeprefix("Optional[").strip().rstrip("]")
    return bare if _CLASS.match(bare) else ""


def _python_object(kind: str, members: Mapping[str, Value], written: str) -> str:
    del written
    given = [_python_member(name, literal(value, "python")) for name, value in members.items()]
    if kind and kind not in {"object", "Any", "None"}:
        return f"Mock({', '.join([f'spec={kind}', *given])})"
    return f"SimpleNamespace({', '.join(given)})" if given else "object()"


def _python_member(name: str, value: str) -> str:
    return f"{name.removesuffix('()')}={'lambda: ' if name.endswith('()') else ''}{value}"


def _fields(members: Mapping[str, Value], language: str, between: str) -> str:
    """Writes fields; what is called cannot be given as one."""
    given = {name: literal(value, language) for name, value in members.items() if not name.endswith("()")}
    return ", ".join(f"{name}{between}{value}" for name, value in given.items())


def _script_object(kind: str, members: Mapping[str, Value], written: str) -> str:
    del kind, written
    given = [
        f"{name.removesuffix('()')}: {'() => ' if name.endswith('()') else ''}{literal(value, 'javascript')}"
        for name, value in members.items()
    ]
    return f"{{ {', '.join(given)} }}" if given else "{}"


def _go_object(kind: str, members: Mapping[str, Value], written: str) -> str:
    given = _fields(members, "go", ": ")
    return f"{'&' if written.startswith('*') else ''}{kind or 'struct{}'}{{{given}}}"


def _java_object(kind: str, members: Mapping[str, Value], written: str) -> str:
    del members, written
    return f"new {kind or 'Object'}()"


def _sharp_object(kind: str, members: Mapping[str, Value], written: str) -> str:
    del written
    given = _fields(members, "c_sharp", " = ")
    return f"new {kind or 'object'}" + (f" {{ {given} }}" if given else "()")


def _script_list(items: Sequence[str], written: str) -> str:
    del written
    return f"[{', '.join(items)}]"


def _go_list(items: Sequence[str], written: str) -> str:
    kind = written.strip() if written.strip().startswith("[]") else "[]string"
    shown = items if kind == "[]string" else [_zero(kind[2:])] * len(items)
    return f"{kind}{{{', '.join(shown)}}}"


def _java_list(items: Sequence[str], written: str) -> str:
    inner = _inner(written)
    shown = items if inner in {"", "String"} else [_zero(inner, "java")] * len(items)
    if written.endswith("[]"):
        return f"new {written} {{{', '.join(shown)}}}"
    return f"{'Set' if written.startswith('Set') else 'List'}.of({', '.join(shown)})"


def _sharp_list(items: Sequence[str], written: str) -> str:
    inner = _inner(written) or "string"
    shown = items if inner == "string" else [_zero(inner, "c_sharp")] * len(items)
    body = f"{{ {', '.join(shown)} }}" if shown else "{ }"
    return f"new {inner}[] {body}" if written.endswith("[]") else f"new List<{inner}> {body}"


def _inner(written: str) -> str:
    """Returns what a list is of: `List<Item>`, `Item[]`."""
    if written.endswith("[]"):
        return written[:-2]
    return written.partition("<")[2].removesuffix(">").strip()


def _zero(kind: str, language: str = "go") -> str:
    known = KINDS.get(kind_of(kind))
    return literal(known[0] if known else Thing(), language, kind)


_OBJECTS: Mapping[str, Callable[[str, Mapping[str, Value], str], str]] = {
    "javascript": _script_object,
    "typescript": _script_object,
    "tsx": _script_object,
    "go": _go_object,
    "java": _java_object,
    "c_sharp": _sharp_object,
}
_LISTS: Mapping[str, Callable[[Sequence[str], str], str]] = {
    "python": _script_list,
    "go": _go_list,
    "java": _java_list,
    "c_sharp": _sharp_list,
}

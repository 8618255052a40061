"""Reads types in braces: Prisma, DBML, GraphQL, TypeScript, structs, and the tables and lines of Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headwater.synthesis.project.parsing.draft import word_key
from headwater.synthesis.project.parsing.schemas.columns import KINDS, Column, Found, Table

BODY = r"\{(?P<body>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
RECORD = re.compile(
    r"^[ \t]*(?:(?:export|public|private|abstract|data|final|input)\s+)*"
    rf"(?P<word>model|type|interface|class|struct|table|message|input|record|schema|collection)\s+(?P<name>[A-Za-z_]\w*)[^{{}}\n;]{{0,80}}{BODY};?",
    re.MULTILINE | re.IGNORECASE,
)
DRAWN = re.compile(rf"^[ \t]*(?P<name>[A-Z][\w-]*)\s*{BODY}", re.MULTILINE)
LINE = re.compile(
    r"^[ \t]*(?P<one>[A-Za-z][\w-]*)[ \t]*(?P<left>[|}o][|o{}])(?:--|\.\.)(?P<right>[|o{}][|o{])[ \t]*"
    r"(?P<other>[A-Za-z][\w-]*)"
    r"(?:[ \t]*:[^\n]*)?$",
    re.MULTILINE,
)
ENUM = re.compile(r"^[ \t]*(?:export\s+)?enum\s+(?P<name>\w+)\s*\{(?P<body>[^{}]*)\}", re.MULTILINE | re.IGNORECASE)
UNION = re.compile(r"^[ \t]*(?:export\s+)?type\s+(?P<name>\w+)\s*=\s*(?P<body>['\"][^;\n]*);?", re.MULTILINE)
FRAME = re.compile(r"^[ \t]*(?:erDiagram|classDiagram|ref\s*:[^\n]*)[ \t]*$", re.MULTILINE | re.IGNORECASE)
DOORS = frozenset({"query", "mutation", "subscription"})
"""Types that are the doors of an interface rather than what it keeps."""
COLON = re.compile(
    r"(?P<name>\w+)\s*(?P<maybe>\?)?\s*(?:\([^()]*\))?\s*:\s*(?P<list>\[|(?:array|list|set)\s*<)?\s*"
    r"(?:(?P<said>['\"][\w -]+['\"](?:\s*\|\s*(?:['\"][\w -]+['\"]|null|undefined))+)|['\"]?(?P<kind>[A-Za-z_]\w*))"
    r"(?:\s*(?P<bang>!))?(?:\s*(?P<end>[\]>]|\[\]))?(?:\s*!)?(?P<rest>(?:(?!\s\w+\s*\??\s*(?:\([^()]*\))?\s*:)[^\n;,])*)",
    re.IGNORECASE,
)
"""`name?: Type[]` and `name: [Type!]!`."""
SPACED = re.compile(
    r"(?:(?:private|public|protected|final|static|readonly|optional|required|repeated)\s+)*"
    r"(?P<name>[A-Za-z_]\w*)\s+(?P<list>\[\])?\*?(?P<kind>[A-Za-z_]\w*)(?:\s*\(\s*(?P<size>\d+)[\d\s,]*\))?\s*(?P<end>\[\])?(?P<maybe>\?)?(?P<rest>[^\n;]*)"
)
"""`name Type? @rest`, `name type(80) [rest]`."""
TYPES = frozenset(word for _, known in KINDS for word in known)


def read(text: str) -> Found:
    """Returns the types, enumerations and drawn lines of a text."""
    drawing = re.search(r"^\s*(?:erDiagram|classDiagram)\b", text, re.MULTILINE) is not None
    matches = list(RECORD.finditer(text)) + (list(DRAWN.finditer(text)) if drawing else [])
    enums = {
        each["name"]: values
        for rule in (ENUM, UNION)
        for each in rule.finditer(text)
        if (values := _values(each["body"]))
    }
    lines = list(LINE.finditer(text)) if drawing else []
    tables = {word_key(each["name"]): _table(each) for each in matches if each["name"].lower() not in DOORS}
    for each in lines:
        _join(each, tables)
    places = [each.span() for each in (*matches, *lines)]
    if places:
        places += [each.span() for rule in (ENUM, UNION, FRAME) for each in rule.finditer(text)]
    return Found(tables=tuple(tables.values()), enums=enums, places=tuple(places))


def _table(match: re.Match[str]) -> Table:
    columns = tuple(_columns(match["body"], match.start("body"), drawn=match.re is DRAWN))
    return Table(name=match["name"], start=match.start("name"), end=match.end(), columns=columns)


def _columns(body: str, start: int, *, drawn: bool) -> Iterator[Column]:
    """Yields the columns of a body: with colons, each where the next begins; else one on each line."""
    plain = re.sub(r"//[^\n]*|/\*.*?\*/|\"\"\".*?\"\"\"", lambda found: " " * len(found[0]), body, flags=re.DOTALL)
    if re.search(r"^\s*\w+\s*\??\s*(?:\([^()]*\))?\s*:", plain):
        yield from (_colon(each, start) for each in COLON.finditer(plain))
        return
    for line in re.finditer(r"[^\n;]+", plain):
        found = SPACED.match(line[0].strip())
        if found:
            yield _spaced(found, start + line.start() + len(line[0]) - len(line[0].lstrip()), drawn=drawn)


def _colon(found: re.Match[str], start: int) -> Column:
    rest = found["rest"].lower()
    nullable = bool(found["maybe"]) or "null" in rest or "undefined" in (found["said"] or rest)
    graph = "!" in found[0]
    return Column(
        name=found["name"],
        kind=found["kind"] or "",
        start=start + found.start(),
        end=start + found.end(),
        many=bool(found["list"]) or found["end"] == "[]",
        required=(not nullable and (graph or found["maybe"] is None) and found["kind"] not in {"Int", "Float"})
        or graph,
        choices=tuple(re.findall(r"['\"]([^'\"]+)['\"]", found["said"] or "")),
    )


def _spaced(found: re.Match[str], start: int, *, drawn: bool) -> Column:
    name, kind = found["name"], found["kind"]
    if name.lower() in TYPES and (drawn or kind.lower() not in TYPES):
        name, kind = kind, name
    rest = found["rest"]
    target = re.search(r"\bref:\s*[<>-]\s*(\w+)\.", rest)
    default = re.search(r"(?:@default\(|\bdefault:\s*)[\"'`]?([\w.-]+)(?!\w*\()", rest)
    size = found["size"] or next(iter(re.findall(r"@db\.\w*Char\((\d+)\)", rest)), "")
    prisma = kind[:1].isupper() and not found["maybe"]
    return Column(
        name=name,
        kind=kind,
        start=start + found.start(),
        end=start + found.end(),
        many=bool(found["list"] or found["end"]),
        target=target[1] if target else "",
        required=prisma or re.search(r"\bnot\s+null\b|\brequired\b", rest, re.IGNORECASE) is not None,
        unique=re.search(r"\bunique\b", rest, re.IGNORECASE) is not None,
        bounds=f"max {size}" if size and size.isdigit() else "",
        default=default[1] if default else "",
    )


def _join(line: re.Match[str], tables: dict[str, Table]) -> None:
    """Adds the relation that a line of a drawing stands for, to the side of which there are many."""
    one, other = word_key(line["one"]), word_key(line["other"])
    for side in ("one", "other"):
        plain = Table(name=line[side], start=line.start(side), end=line.end(side), columns=())
        tables.setdefault(word_key(line[side]), plain)
    from_many, to_many = "}" in line["left"], "{" in line["right"]
    source, target = (one, other) if from_many or not to_many else (other, one)
    column = Column(
        name=tables[target].name,
        target=tables[target].name,
        start=line.start(),
        end=line.end(),
        many=from_many and to_many,
        required="o" not in (line["right"] if source == one else line["left"]),
    )
    tables[source] = Table(
        name=tables[source].name, start=tables[source].start, end=tables[source].end,
        columns=(*tables[source].columns, column),
    )  # fmt: skip


def _values(body: str) -> tuple[str, ...]:
    """Returns the members of an enumeration: `A, B`, `A = "a"`, `'a' | 'b'`, or one on each line."""
    parts = re.split(r"[,;|\n]", re.sub(r"//[^\n]*", "", body))
    said = [re.split(r"[=\[(@]", each)[0].strip(" \t'\"") for each in parts]
    return tuple(word for each in said for word in ([each] if re.search(r"['\",]", body) else each.split()) if word)

"""Reads `CREATE TABLE`: columns, types, bounds, choices, defaults and references; other statements are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.schemas.columns import Column, Found, Table

TABLE = re.compile(
    r"\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?(?:[\"`\[]?\w+[\"`\]]?\.)?[\"`\[]?(?P<name>\w+)[\"`\]]?\s*\(",
    re.IGNORECASE,
)
ENUM = re.compile(r"\bcreate\s+type\s+(?P<name>\w+)\s+as\s+enum\s*\((?P<body>[^()]*)\)\s*;?", re.IGNORECASE)
OTHER = re.compile(
    r"^[ \t]*(?:create\s+(?:unique\s+)?index|alter\s+table|insert\s+into|drop\s+table|comment\s+on)\b[^;]*;",
    re.IGNORECASE | re.MULTILINE,
)
QUOTED = r"'[^'\n]*'"
CONSTRAINT = words("primary foreign unique constraint check key index exclude")
"""First words of what is no column."""
FOREIGN = re.compile(
    r"foreign\s+key\s*\(\s*\W?(?P<name>\w+)\W?\s*\)\s*references\s+(?:\w+\.)?\W?(?P<target>\w+)", re.IGNORECASE
)
CASCADE = re.compile(r"\bon\s+delete\s+cascade\b", re.IGNORECASE)
TOGETHER = re.compile(
    r"^(?:constraint\s+\W?\w+\W?\s+)?unique\s*(?:key\s*|index\s*)?(?:\W?\w+\W?\s*)?\((?P<names>[^()]*,[^()]*)\)",
    re.IGNORECASE,
)
REFERENCES = re.compile(r"\breferences\s+(?:\w+\.)?[\"`\[]?(?P<target>\w+)", re.IGNORECASE)
COLUMN = re.compile(r"[\"`\[]?(?P<name>\w+)[\"`\]]?\s*(?P<kind>\w*)(?:\s*\(\s*(?P<size>\d+)\s*\))?")
WITHIN = re.compile(r"(?:\bin|\benum)\s*\((?P<said>\s*'[^()]*')\s*\)", re.IGNORECASE)
BETWEEN = re.compile(r"\bcheck\s*\(+\s*\W?\w+\W?\s+between\s+(?P<low>-?\d+)\s+and\s+(?P<high>-?\d+)", re.IGNORECASE)
LEAST = re.compile(r"\bcheck\s*\(+\s*\W?\w+\W?\s*(?P<sign>>=?)\s*(?P<low>-?\d+)", re.IGNORECASE)
DEFAULT = re.compile(r"\bdefault\s+\(?[\"']?(?P<value>[\w.-]+)(?![\w.]*\()", re.IGNORECASE)


def read(text: str) -> Found:
    """Returns the tables and enumerations of a text in SQL."""
    tables = tuple(_tables(text))
    enums = {each["name"]: tuple(re.findall(r"'([^']*)'", each["body"])) for each in ENUM.finditer(text)}
    rest = [each.span() for rule in (ENUM, OTHER) for each in rule.finditer(text)] if tables else []
    return Found(tables=tables, enums=enums, places=(*((each.start, each.end) for each in tables), *rest))


def _tables(text: str) -> Iterator[Table]:
    at = 0
    while match := TABLE.search(text, at):
        at = end = _closing(text, match.end())
        parts = list(_parts(text[match.end() : end - 1], match.end()))
        owned = {found["name"] for part, _ in parts if (found := FOREIGN.search(part)) and CASCADE.search(part)}
        led = {found["name"]: found["target"] for part, _ in parts if (found := FOREIGN.search(part))}
        columns = tuple(
            _column(part, start, led, owned)
            for part, start in parts
            if re.split(r"\W", part)[0].lower() not in CONSTRAINT
        )
        tail = re.match(r"[^;\n]*;", text[end:])
        yield Table(
            name=match["name"],
            start=match.start(),
            end=end + (tail.end() if tail else 0),
            columns=columns,
            together=tuple(_together(parts)),
        )


def _together(parts: Sequence[tuple[str, int]]) -> Iterator[tuple[str, ...]]:
    """Yields the columns that are unique together."""
    for part, _ in parts:
        if found := TOGETHER.match(part):
            yield tuple(re.findall(r"\w+", found["names"]))


def _closing(text: str, at: int) -> int:
    """Returns the place behind the bracket that closes the one in front of a place, or the end."""
    depth = 1
    for found in re.compile(rf"{QUOTED}|[()]").finditer(text, at):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text) + 1


def _parts(body: str, start: int) -> Iterator[tuple[str, int]]:
    """Yields the pieces between the commas of a text that stand in no brackets, and their places."""
    body = re.sub(
        rf"({QUOTED})|--[^\n]*|/\*.*?\*/", lambda found: found[1] or " " * len(found[0]), body, flags=re.DOTALL
    )
    depth = at = 0
    for found in [*re.finditer(rf"{QUOTED}|[(),]", body), None]:
        if found is not None and (found[0] != "," or depth):
            depth += {"(": 1, ")": -1}.get(found[0], 0)
            continue
        piece = body[at : found.start() if found else len(body)]
        if COLUMN.match(piece.strip()):
            yield piece.strip(), start + at + len(piece) - len(piece.lstrip())
        at = found.end() if found else at


def _column(part: str, start: int, led: Mapping[str, str], parts: AbstractSet[str]) -> Column:
    found = COLUMN.match(part)
    name, kind, size = found.group("name", "kind", "size") if found else ("", "", None)
    target, within, default = REFERENCES.search(part), WITHIN.search(part), DEFAULT.search(part)
    return Column(
        name=name,
        kind=kind,
        start=start,
        end=start + len(part),
        target=led.get(name, target["target"] if target else ""),
        part=name in parts or CASCADE.search(part) is not None,
        required=re.search(r"\bnot\s+null\b", part, re.IGNORECASE) is not None,
        unique=re.search(r"\bunique\b", part, re.IGNORECASE) is not None,
        choices=tuple(re.findall(r"'([^']*)'", within["said"])) if within else (),
        bounds=_bounds(part, kind) or (f"max {size}" if size and "char" in kind.lower() else ""),
        default=default["value"] if default else "",
    )


def _bounds(part: str, kind: str) -> str:
    between, least = BETWEEN.search(part), LEAST.search(part)
    if between:
        return f"{between['low']}..{between['high']}"
    above = least is not None and least["sign"] == ">" and "int" in kind.lower()
    return f"min {int(least['low']) + above}" if least else ""

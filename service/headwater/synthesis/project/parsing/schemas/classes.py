"""Reads classes in Python: models of Django and SQLAlchemy, data classes and what is like them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headwater.synthesis.project.parsing.schemas.columns import Column, Found, Table

CLASS = re.compile(
    r"^(?P<indent>[ \t]*)class\s+(?P<name>\w+)\s*(?:\((?P<bases>[^()\n]*)\))?:[^\n]*\n"
    r"(?P<body>(?:(?P=indent)[ \t]+[^\n]*(?:\n|$)|[ \t]*\n(?=(?:[ \t]*\n)*(?P=indent)[ \t]+\S))+)",
    re.MULTILINE,
)
MADE = re.compile(r"^[ \t]+(?P<name>\w+)\s*=\s*(?:\w+\.)*(?P<kind>[A-Z]\w*)\((?P<said>[^\n]*)\)[ \t,]*$", re.MULTILINE)
TYPED = re.compile(
    r"^[ \t]+(?P<name>\w+)\s*:\s*(?P<maybe>optional\[|mapped\[)?(?P<list>(?:list|set|sequence)\[)?(?P<more>optional\[)?"
    r"[\"']?(?P<kind>\w+)[^\n=|#]*(?P<none>\|\s*None)?[^\n=#]*(?:=\s*(?P<said>[^\n#]*))?",
    re.MULTILINE | re.IGNORECASE,
)
LITERAL = re.compile(r"\bLiteral\[(?P<said>[^\]\n]*)\]")
LEADING = frozenset({"ForeignKey", "OneToOneField", "ManyToManyField"})


def read(text: str) -> Found:
    """Returns the classes of a text; those of enumerations hold choices."""
    tables: list[Table] = []
    enums: dict[str, tuple[str, ...]] = {}
    found = list(CLASS.finditer(text))
    for each in found:
        if re.search(r"Enum\b|Choices\b", each["bases"] or ""):
            enums[each["name"]] = tuple(re.findall(r"^[ \t]+(\w+)\s*=", each["body"], re.MULTILINE))
        elif columns := tuple(sorted(_columns(each), key=lambda column: column.start)):
            tables.append(Table(name=each["name"], start=each.start("name"), end=each.end(), columns=columns))
    places = tuple(each.span() for each in found) if tables else ()
    return Found(tables=tuple(tables), enums=enums, places=places)


def _columns(match: re.Match[str]) -> Iterator[Column]:
    start = match.start("body")
    for each in MADE.finditer(match["body"]):
        yield _column(each, each["said"], start)
    for each in TYPED.finditer(match["body"]):
        maybe = (each["maybe"] or "").lower().startswith("optional") or each["more"] or each["none"]
        literal = LITERAL.search(each[0])
        column = _column(each, each["said"] or "", start)
        choices = tuple(re.findall(r"['\"]([^'\"]+)['\"]", literal["said"])) if literal else ()
        yield Column(
            name=column.name, kind=column.kind, start=column.start, end=column.end, many=bool(each["list"]),
            required=not maybe and not each["list"] and not (each["said"] or "").strip(" None"),
            unique=column.unique, bounds=column.bounds, default=column.default, choices=choices,
        )  # fmt: skip


def _column(found: re.Match[str], said: str, start: int) -> Column:
    kind = found["kind"]
    inner = re.match(r"\s*(?:[\"']?(?:\w+\.)*)(\w+)", said)
    leads = kind in LEADING and inner is not None
    most = re.search(r"max_length\s*=\s*(\d+)|\bString\((\d+)\)", said)
    least = re.search(r"\bge\s*=\s*(\d+)", said)
    default = re.search(r"\bdefault\s*=\s*['\"]?([\w.-]+)(?![\w.]*\()", said) or re.fullmatch(
        r"\s*['\"]?([\w.-]+)['\"]?\s*", said
    )
    nullable = re.search(r"\b(?:null|blank|nullable)\s*=\s*True", said) is not None
    return Column(
        name=found["name"],
        kind=inner[1] if kind == "Column" and inner else kind,
        start=start + found.start("name"),
        end=start + found.end(),
        many=kind == "ManyToManyField",
        target=inner[1] if leads and inner else "",
        required=not nullable and "default" not in said,
        unique=re.search(r"\bunique\s*=\s*True", said) is not None,
        bounds=f"max {most[1] or most[2]}" if most else f"min {least[1]}" if least else "",
        default=default[1] if default and default[1] != "None" else "",
    )

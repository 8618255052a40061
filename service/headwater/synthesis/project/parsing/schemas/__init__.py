"""Reads schemas that are pasted into requirements: SQL, Prisma, DBML, GraphQL, TypeScript, classes, Mermaid and JSON.

`CREATE TABLE book (title VARCHAR(80) NOT NULL)` · `model Book { title String }` · `interface Book { title: string }` ·
`class Book(models.Model): title = models.CharField(max_length=80)` · `{"Book": {"title": "string"}}`
"""

from __future__ import annotations

import re

from headwater.synthesis.project.parsing.draft import Draft, implied
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.schemas import classes, records, samples, sql
from headwater.synthesis.project.parsing.schemas.columns import said
from headwater.synthesis.project.parsing.sections import Section
from headwater.synthesis.project.spec import Feature, FeatureKind, Span

READERS = (sql, records, classes, samples)
FENCE = re.compile(
    r"^[ \t]*(?P<mark>```|~~~)[ \t]*(?P<kind>[\w+-]*)[^\n]*\n(?P<body>.*?)^[ \t]*(?P=mark)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
CODE = words("""
    sql prisma ts typescript js javascript jsx tsx python py java kotlin go rust c cpp cs csharp php ruby graphql gql
    json json5 yaml yml toml xml html css bash sh shell mermaid dbml plantuml dockerfile proto diff
""")
"""What stands at the fence of code, which is no prose."""


def read(text: str, draft: Draft) -> tuple[str, tuple[Section, ...]]:
    """Returns the text with blanks for the schemas in it, and what these say; tells of code that says nothing."""
    found = [each.read(text) for each in READERS]
    tables = [table for each in found for table in each.tables if table.columns]
    enums = {name: values for each in found for name, values in each.enums.items()}
    if tables:
        draft.explicit = True
        why = implied("people sign in unless the text says that they do not")
        draft.features.setdefault(FeatureKind.AUTH, Feature(kind=FeatureKind.AUTH, entities=(), origin=why))
        for start, end in (place for each in found for place in each.places):
            text = _blanked(text, start, end)
    for fence in FENCE.finditer(text):
        if fence["kind"].lower() in CODE:
            if re.search(r"\w", fence["body"]):
                span = Span(start=fence.start(), end=fence.end())
                draft.assume("A piece of code was not read: nothing in it is a table, a type or a class.", span=span)
            text = _blanked(text, fence.start(), fence.end())
    return text, tuple(said(tables, enums))


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]

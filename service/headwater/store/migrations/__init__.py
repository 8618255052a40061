"""Brings a database to the schema of this version, step by step.

A step is written once for both databases, with places such as `{blob}` for what they call differently. The table
`headwater_schema` names the steps that were made. A store asks `pending` what is missing and makes it in one
transaction; what guards against two servers doing so at once is the store's business (a file lock, an advisory lock).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from headwater.errors import Code, problem
from headwater.store.migrations.steps import STEPS, Step

# What both stores say to keep the record; `$1` is a place for a value.
RECORD_TABLE = "CREATE TABLE headwater_schema (number INTEGER PRIMARY KEY, title TEXT NOT NULL)"
RECORDED = "SELECT max(number) FROM headwater_schema"
RECORD = "INSERT INTO headwater_schema (number, title) VALUES ($1, $2)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a database calls what the steps need.

    `clustered` ends a table whose rows lie in the order of their key; `hot` one whose rows are often updated.
    """

    text: str
    blob: str
    integer: str
    real: str
    clustered: str
    hot: str


SQLITE = Dialect(
    text="TEXT", blob="BLOB", integer="INTEGER", real="REAL", clustered="WITHOUT ROWID", hot="WITHOUT ROWID"
)
# COLLATE "C": ids are compared byte by byte, as SQLite does, whatever the language of the server.
# fillfactor: an update finds room in the same page, and so leaves the indexes alone.
POSTGRES = Dialect(
    text='TEXT COLLATE "C"',
    blob="BYTEA",
    integer="BIGINT",
    real="DOUBLE PRECISION",
    clustered="",
    hot="WITH (fillfactor = 70)",
)


def pending(found: int, dialect: Dialect, database: str) -> list[Step]:
    """Returns the steps above `found` in the words of the dialect. Refuses a schema newer than this version."""
    newest = STEPS[-1].number
    if found > newest:
        raise problem(
            Code.FAILED_PRECONDITION,
            "STORE_SCHEMA_NEWER",
            f"{database} was written by a newer version of Headwater (schema {found}; this version knows {newest}).",
            "Start that version or a later one, or name another database.",
            database=database,
            found=str(found),
            known=str(newest),
        )
    words = dataclasses.asdict(dialect)
    return [
        Step(number=step.number, title=step.title, statements=tuple(s.format_map(words) for s in step.statements))
        for step in STEPS
        if step.number > found
    ]

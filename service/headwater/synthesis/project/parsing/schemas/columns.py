"""Says of a column of a schema in the words of a list what it is: `title: string required max 80`, `author -> User`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headwater.synthesis.project import naming
from headwater.synthesis.project.parsing import nouns
from headwater.synthesis.project.parsing.clauses import Piece
from headwater.synthesis.project.parsing.draft import word_key
from headwater.synthesis.project.parsing.kinds import guessed
from headwater.synthesis.project.parsing.lexicon import words
from headwater.synthesis.project.parsing.sections import Section
from headwater.synthesis.project.spec import FieldType

KINDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("string", words(
        "string str varchar nvarchar char character uuid charfield slugfield id unicode objectid citext uuidfield"
    )),
    ("text", words("text longtext mediumtext textfield json jsonb jsonfield richtext markdown clob any object")),
    ("integer", words(
        "int integer bigint smallint tinyint serial bigserial long short int4 int8 int32 int64 uint uint64 "
        "integerfield "
        "positiveintegerfield bigintegerfield smallintegerfield positivesmallintegerfield autofield number"
    )),
    ("decimal", words(
        "decimal numeric float double real money decimalfield floatfield float64 float32 bigdecimal currency"
    )),
    ("boolean", words("bool boolean bit booleanfield")),
    ("datetime", words(
        "datetime timestamp timestamptz datetime2 datetimefield instant localdatetime zoneddatetime datetimeoffset"
    )),
    ("date", words("date datefield localdate")),
    ("time", words("time timefield localtime")),
    ("email", words("email emailfield emailstr")),
    ("url", words("url uri urlfield httpurl anyurl")),
    ("file", words("file blob bytea bytes binary filefield imagefield image")),
)  # fmt: skip
"""Types of databases and languages, and the words that a list has for them."""
MEANT = frozenset({FieldType.EMAIL, FieldType.URL, FieldType.PHONE, FieldType.TEXT, FieldType.SECRET, FieldType.FILE})
"""What a name may say better than the type `string`, which stands for all text in many notations."""
COUNTS = frozenset({FieldType.DECIMAL})
"""What a name may say better than the type `number`."""
OWN = words("id pk created_at updated_at createdat updatedat created_on updated_on _id __typename")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as it is written: its type as a word, how much of it there is, and its bounds."""

    name: str
    start: int
    end: int
    kind: str = ""
    many: bool = False
    required: bool = False
    unique: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    target: str = ""
    bounds: str = ""
    part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, type or class as it is written, and its place in the text."""

    name: str
    start: int
    end: int
    columns: tuple[Column, ...]
    together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one notation says in a text: tables, the choices of enumerations, and the places of all of it."""

    tables: tuple[Table, ...] = ()
    enums: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    places: tuple[tuple[int, int], ...] = ()


def said(tables: Sequence[Table], enums: Mapping[str, Sequence[str]]) -> Iterator[Section]:
    """Yields what tables say as lists; of two columns that tell of one relation the one that holds it is kept."""
    names = {word_key(each.name): each for each in tables}
    for table in names.values():
        columns = [_led(each, names) for each in table.columns]
        pointing = {f"{each.name}id".replace("_", "").lower() for each in columns if each.target}
        members = [
            Piece(text=text, start=each.start, end=each.end)
            for each in columns
            if each.name.lower() not in OWN
            and each.name.replace("_", "").lower() not in pointing
            and not (each.many and each.target and _told_there(table, each, names))
            and (text := _words(each, enums))
        ]
        yield Section(name=_plain(table.name), start=table.start, members=tuple(members), together=table.together)


def _led(column: Column, names: Mapping[str, Table]) -> Column:
    """Returns a column with the table that it points at, where its type is the name of one or of the account."""
    if not column.target and word_key(column.kind) in {*names, "user"}:
        column = replace(column, target=column.kind)
    bare = re.sub(r"(?:_id|Id|ID)$", "", column.name)
    if not column.target and bare != column.name and word_key(bare) in names:
        column = replace(column, target=bare)
    return replace(column, name=bare or column.target) if column.target else column


def _told_there(table: Table, column: Column, names: Mapping[str, Table]) -> bool:
    """Whether what a list leads to holds the relation itself, or did so in a table before."""
    other = names.get(word_key(column.target))
    if other is None:
        return False
    back = [
        each for each in (_led(each, names) for each in other.columns) if word_key(each.target) == word_key(table.name)
    ]
    return any(not each.many or other.start < table.start for each in back)


def _words(column: Column, enums: Mapping[str, Sequence[str]]) -> str:
    name = _plain(column.name)
    if not re.search(r"[^\W\d_]", name):
        return ""
    if column.target:
        many = "list of " if column.many else ""
        return (
            f"{name} -> {many}{_plain(column.target)}"
            + ("" if column.required or column.many else " optional")
            + (" cascade" if column.part else "")
        )
    choices = column.choices or tuple(enums.get(column.kind, ()))
    flags = [word for word, holds in (("required", column.required), ("unique", column.unique)) if holds]
    default = f"= {column.default}" if re.fullmatch(r"[\w.+-]+", column.default) else ""
    if len(choices) > 1:
        listed = " | ".join("_".join(re.findall(r"\w+", each)) for each in choices)
        return " ".join(each for each in (f"{name}:", *flags[:1], listed, default) if each)
    return " ".join(each for each in (f"{name}:", _kind(column), *flags, column.bounds, default) if each)


def _kind(column: Column) -> str:
    kind = next((word for word, known in KINDS if column.kind.lower() in known), "string")
    meant = guessed(column.name)
    last = naming.snake(column.name).rsplit("_", 1)[-1]
    if (
        kind == "string"
        and meant in MEANT
        and (meant is not FieldType.TEXT or last not in nouns.TAILS - nouns.ATTRIBUTES)
    ):
        return meant.value
    return meant.value if column.kind.lower() == "number" and meant in COUNTS else kind


def _plain(name: str) -> str:
    """Returns a name in small letters; its capitals say nothing."""
    return naming.snake(name) or name

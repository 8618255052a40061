"""Reads the notation of the tables: entities, relations, owners and who may see them, a line each.

    Post public: title string required 3..200 searched; body text required
    Post.author -> Account required cascade as posts owner
    Post.tags >< Tag as posts
    Profile.user -- Account required as profile
    LineItem owner order.customer
    Review once product author

`public` rows are read by anybody and changed by their owner; `catalog` rows are read by anybody and changed by
administrators only; `private` ones belong to their owner alone, `shared` ones to everybody signed in.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.synthesis.project.spec import OnDelete, RelationKind

ACCOUNT = "Account"
"""What stands for the account, whatever it is called."""


class Policy(enum.StrEnum):
    """Who may do what with the rows of an entity. What is handed in is seen only by those who look after it."""

    PUBLIC = "public"
    CATALOG = "catalog"
    PRIVATE = "private"
    SHARED = "shared"
    HANDED_IN = "handed in"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityLine:
    """An entity with its fields in the words of `values.field_of`."""

    name: str
    fields: tuple[str, ...]
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationLine:
    """A relation between two entities."""

    source: str
    name: str
    target: str
    kind: RelationKind
    inverse: str
    optional: bool
    on_delete: OnDelete
    owner: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerLine:
    """The path by which rows of an entity belong to somebody."""

    entity: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceLine:
    """Attributes that are unique in combination."""

    entity: str
    attributes: tuple[str, ...]


Line = EntityLine | RelationLine | OwnerLine | OnceLine
KINDS = {"->": RelationKind.MANY_TO_ONE, "--": RelationKind.ONE_TO_ONE, "><": RelationKind.MANY_TO_MANY}
RELATION = re.compile(r"(\w+)\.(\w+) (->|--|><) (\w+)(.*) as (\w+)( owner)?")
ENTITY = re.compile(r"(\w+) (public|catalog|private|shared): (.+)")


def read(text: str) -> tuple[Line, ...]:
    """Returns the lines of a table."""
    return tuple(_line(each.strip()) for each in text.strip().splitlines() if each.strip())


def entities(lines: tuple[Line, ...]) -> Iterator[EntityLine]:
    """Yields the entities among lines."""
    return (each for each in lines if isinstance(each, EntityLine))


def _line(text: str) -> Line:
    if found := RELATION.fullmatch(text):
        source, name, arrow, target, words, inverse, owner = found.groups()
        kind, optional = KINDS[arrow], "optional" in words
        usual = OnDelete.SET_NULL if optional else OnDelete.CASCADE if "cascade" in words else OnDelete.RESTRICT
        joined = kind is RelationKind.MANY_TO_MANY
        return RelationLine(
            source=source,
            name=name,
            target=target,
            kind=kind,
            inverse=inverse,
            optional=optional or joined,
            on_delete=OnDelete.CASCADE if joined else usual,
            owner=bool(owner),
        )
    if found := ENTITY.fullmatch(text):
        return EntityLine(
            name=found[1], policy=Policy(found[2]), fields=tuple(each.strip() for each in found[3].split(";"))
        )
    name, word, *rest = text.split()
    if word == "owner":
        return OwnerLine(entity=name, path=tuple(rest[0].split(".")))
    return OnceLine(entity=name, attributes=tuple(rest))

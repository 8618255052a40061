"""Derives what the bodies of requests and answers hold: see `interface` for the rules of the wire."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.synthesis.project.plurals import singular
from headwater.synthesis.project.spec import Entity, Field, FieldType, Relation, RelationKind, Spec


class Shape(enum.StrEnum):
    """What a property is made of: a value, or rows of another entity by their numbers or as `{"id", "label"}`."""

    VALUE = "value"
    KEY = "key"
    KEYS = "keys"
    REFERENCE = "reference"
    REFERENCES = "references"


class Limit(enum.StrEnum):
    """Which end of a stretch of time a property of a query says: the first moment in it, or the first one behind it."""

    FROM = "from"
    UNTIL = "until"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property of a payload. `field` holds the bounds of a VALUE; `target` is the entity of the other shapes.

    `required`: a request must have it, an answer always has it. `nullable`: it may be null. `limit`: it asks for
    values of the field on one side of it, not for those that equal it.
    """

    name: str
    label: str
    shape: Shape
    type: FieldType | None = None
    field: Field | None = None
    target: str = ""
    required: bool = False
    nullable: bool = False
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A JSON object by its name in OpenAPI, Python and TypeScript: `PostCreate`, `PostUpdate`, `Post`."""

    name: str
    properties: tuple[Property, ...]

    def property(self, name: str) -> Property | None:
        """Returns a property by its name."""
        return next((each for each in self.properties if each.name == name), None)


def owner_relation(spec: Spec, entity: Entity) -> Relation | None:
    """Returns the relation that the server sets to who signs in: the one step from a row to the account, if it is one.

    None for rows that belong to somebody by way of another row (`("order", "customer")`), are claimed, or nobody's.
    """
    found = _first_step(spec, entity)
    return None if found is None or _claimed(found) else found


def claim_relation(spec: Spec, entity: Entity) -> Relation | None:
    """Returns the relation by which a row is the one that stands for an account, if it need not be anybody's.

    Who may create nothing but their own claims it by creating it; who may write all rows says whose they are.
    """
    found = _first_step(spec, entity)
    return found if found is not None and _claimed(found) else None


def _first_step(spec: Spec, entity: Entity) -> Relation | None:
    if len(entity.owner) != 1 or entity.account:
        return None
    return next((each for each in spec.outgoing(entity.name) if each.name == entity.owner[0]), None)


def _claimed(relation: Relation) -> bool:
    return relation.kind is RelationKind.ONE_TO_ONE and relation.optional


def written_name(relation: Relation) -> str:
    """Returns how a relation is called in a request: `author_id`, or `tag_ids`."""
    many = relation.kind is RelationKind.MANY_TO_MANY
    return f"{singular(relation.name)}_ids" if many else f"{relation.name}_id"


def created(spec: Spec, entity: Entity) -> Payload:
    """Returns what creates a row: its fields and relations, without the owner, who is whoever signs in."""
    return Payload(name=f"{entity.name}Create", properties=tuple(_written(spec, entity)))


def updated(spec: Spec, entity: Entity) -> Payload:
    """Returns what changes a row: the same as what creates it, nothing required."""
    return Payload(name=f"{entity.name}Update", properties=tuple(_loosened(each) for each in _written(spec, entity)))


def read(spec: Spec, entity: Entity) -> Payload:
    """Returns what is shown of a row: everything but secrets."""
    return Payload(name=entity.name, properties=tuple(_read(spec, entity)))


def _written(spec: Spec, entity: Entity) -> Iterator[Property]:
    for field in entity.fields:
        yield Property(
            name=field.name,
            label=field.label,
            shape=Shape.VALUE,
            type=field.type,
            field=field,
            required=field.required and field.default is None,
            nullable=not field.required,
        )
    mine = owner_relation(spec, entity)
    for relation in spec.outgoing(entity.name):
        if relation == mine:
            continue
        many = relation.kind is RelationKind.MANY_TO_MANY
        yield Property(
            name=written_name(relation),
            label=_called(relation),
            shape=Shape.KEYS if many else Shape.KEY,
            target=relation.target,
            required=not many and not relation.optional,
            nullable=not many and relation.optional,
        )


def _ends(each: Property) -> Iterator[Property]:
    """Yields the properties of a query that ask for moments from one on, and for those before another."""
    for end in Limit:
        yield Property(
            name=f"{each.name}_{end}", label=f"{each.label} {end}", shape=Shape.VALUE, type=each.type, field=each.field,
            limit=end, nullable=each.nullable,
        )  # fmt: skip


def _called(relation: Relation) -> str:
    """Returns what a relation is called; several rows are not called by what one of them is."""
    words = relation.name.replace("_", " ")
    one = singular(relation.name).replace("_", " ")
    several = relation.kind is RelationKind.MANY_TO_MANY and relation.label.casefold() == one
    return words if several else relation.label or words


def _loosened(each: Property) -> Property:
    return Property(
        name=each.name, label=each.label, shape=each.shape, type=each.type, field=each.field, target=each.target,
        nullable=each.nullable,
    )  # fmt: skip


def _read(spec: Spec, entity: Entity) -> Iterator[Property]:
    yield _given("id", "number", FieldType.INTEGER)
    for field in entity.fields:
        if field.type is not FieldType.SECRET:
            yield Property(
                name=field.name, label=field.label, shape=Shape.VALUE, type=field.type, field=field, required=True,
                nullable=not field.required,
            )  # fmt: skip
    if entity.account:
        yield _given("role", "role", FieldType.STRING)
    for relation in spec.outgoing(entity.name):
        many = relation.kind is RelationKind.MANY_TO_MANY
        yield Property(
            name=relation.name,
            label=_called(relation),
            shape=Shape.REFERENCES if many else Shape.REFERENCE,
            target=relation.target,
            required=True,
            nullable=not many and relation.optional,
        )
    yield _given("created_at", "created", FieldType.DATETIME)
    yield _given("updated_at", "updated", FieldType.DATETIME)


def _given(name: str, label: str, kind: FieldType) -> Property:
    return Property(name=name, label=label, shape=Shape.VALUE, type=kind, required=True)


def filters(spec: Spec, entity: Entity) -> Iterator[Property]:
    """Yields what a list can be narrowed by: choices, truths, fields that say so, and relations.

    Nobody asks for one moment: there are two properties for it, from when on and until when.
    """
    taken = {each.name for each in entity.fields}
    for each in _read(spec, entity):
        told = each.field is not None and (each.field.filtered or each.type in {FieldType.ENUM, FieldType.BOOLEAN})
        if told and each.type is FieldType.DATETIME:
            yield from (end for end in _ends(each) if end.name not in taken)
        elif told:
            yield _loosened(each)
    for relation in spec.outgoing(entity.name):
        yield Property(
            name=f"{singular(relation.name) if relation.kind is RelationKind.MANY_TO_MANY else relation.name}_id",
            label=relation.label or relation.name.replace("_", " "),
            shape=Shape.KEY,
            target=relation.target,
        )

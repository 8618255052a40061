"""Tells what an application has, so that it is rendered with that and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import claim_relation, owner_relation
from headwater.synthesis.project.spec import (
    Entity,
    FeatureKind,
    Field,
    FieldType,
    Relation,
    RelationKind,
    Role,
    Spec,
    Standing,
)

TRAITS = {
    FieldType.DECIMAL: "decimal", FieldType.DATE: "date", FieldType.TIME: "time", FieldType.DATETIME: "moment",
    FieldType.EMAIL: "email", FieldType.URL: "url", FieldType.PHONE: "phone", FieldType.FILE: "file",
    FieldType.BOOLEAN: "boolean", FieldType.INTEGER: "integer",
}  # fmt: skip
"""The traits that fields bring."""
KINDS = {
    RouteKind.SEARCH: "search", RouteKind.DASHBOARD: "dashboard", RouteKind.EXPORT: "export", RouteKind.UPLOAD: "files",
}  # fmt: skip
"""The traits that routes bring."""

SHORTEST_PASSWORD = 4
"""Shorter secrets are numbers to remember, of which each is easy to guess."""


def traits(plan: Plan) -> frozenset[str]:
    """Returns what an application has."""
    return frozenset(_traits(plan))


def _traits(plan: Plan) -> Iterator[str]:
    spec = plan.spec
    yield from (TRAITS[each.type] for entity in spec.entities for each in entity.fields if each.type in TRAITS)
    yield from (KINDS[each.kind] for each in plan.interface.routes if each.kind in KINDS)
    yield from (f"open_{each.kind}" for each in plan.interface.routes if each.open and spec.account)
    if spec.account:
        yield "account"
        if required_texts(spec.account):
            yield "named"
        if administrator(spec) is not None:
            yield "admin"
    if any(each.kind is RelationKind.MANY_TO_MANY for each in spec.relations):
        yield from ("many", "keys")
    if any(owner_relation(spec, each) or claim_relation(spec, each) for each in spec.entities):
        yield "owner"
    if any(each.limit for route in plan.interface.routes for each in route.filters):
        yield "limits"
    if any(each.type is FieldType.SECRET for entity in spec.entities for each in entity.fields):
        yield "secrets"
    if spec.feature(FeatureKind.HISTORY) is not None:
        yield "history"
    if notice(spec) is not None:
        yield "notifications"


def required_texts(entity: Entity) -> list[Field]:
    """Returns the texts that a row cannot be without."""
    plain = (FieldType.STRING, FieldType.TEXT)
    return [each for each in entity.fields if each.required and each.default is None and each.type in plain]


def is_password(entity: Entity, field: Field) -> bool:
    """Whether a field holds what somebody signs in with, and is long enough to be hard to guess."""
    return entity.account and field.type is FieldType.SECRET and (field.minimum or 0) >= SHORTEST_PASSWORD


def administrator(spec: Spec) -> Role | None:
    """Returns the role that may do everything."""
    return next((each for each in spec.roles if each.standing is Standing.ADMIN), None)


def notice(spec: Spec) -> tuple[Entity, Relation, Field] | None:
    """Returns what a notification is kept as: an entity with a recipient and a text, and nothing else that it needs."""
    feature = spec.feature(FeatureKind.NOTIFICATIONS)
    for name in feature.entities if feature else ():
        entity = spec.entity(name)
        recipient = owner_relation(spec, entity) if entity else None
        if entity is None or recipient is None:
            continue
        needed = [each for each in entity.fields if each.required and each.default is None]
        others = [each for each in spec.outgoing(name) if each != recipient and not each.optional]
        texts = (FieldType.STRING, FieldType.TEXT)
        if len(needed) == 1 and needed[0].type in texts and not others and not needed[0].unique:
            return entity, recipient, needed[0]
    return None

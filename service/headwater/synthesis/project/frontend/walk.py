"""Describes a walk through the pages: what there is to open, and what to write into each form.

The description is for `headwater/proof/guest/walk.mjs`; whoever runs that adds where the application answers and who
signs in. The values stay within the bounds of their fields, so that every form is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend.bounds import bounds
from headwater.synthesis.project.frontend.typescript import Value
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import Shape, created
from headwater.synthesis.project.spec import TEXTUAL, Entity, Field, FieldType, RelationKind, Scope, creation_order

PASSWORD = "walk-Through-2026"  # noqa: S105 — of an account that a walk makes and leaves behind
PAGES = {RouteKind.SEARCH: "/search?q=walk", RouteKind.DASHBOARD: "/dashboard", RouteKind.ME: "/profile"}
MOMENTS = {
    FieldType.DATE: ("2026-03-05", "2026-03-06"), FieldType.TIME: ("09:30", "10:45"),
    FieldType.DATETIME: ("2026-03-05T09:30", "2026-03-06T10:45"),
}  # fmt: skip
FIRST = 1
"""The option to choose: the first behind that which stands for none."""
PHONES = ("+43 1 58858 0", "+43 1 58858 1")


def description(plan: Plan, role: str) -> dict[str, Value]:
    """Returns what somebody with a role can do with each entity, in an order in which rows can be made."""
    account = plan.spec.account
    entities = [each for each in creation_order(plan.spec) if _readable(plan, each, role)]
    found: dict[str, Value] = {
        "entities": [_entity(plan, each, role, entities[:at]) for at, each in enumerate(entities)],
        "pages": [path for kind, path in PAGES.items() if plan.interface.route(kind)],
    }
    if account is not None:
        found["register"] = list(_fields(plan, account, "register", ()))
    return found


def _readable(plan: Plan, entity: Entity, role: str) -> bool:
    return all(_may(plan, entity, role, kind) for kind in (RouteKind.LIST, RouteKind.GET))


def _may(plan: Plan, entity: Entity, role: str, kind: RouteKind) -> bool:
    route = plan.interface.route(kind, entity.name)
    return route is not None and route.scope(role) is not Scope.NONE


def _entity(plan: Plan, entity: Entity, role: str, before: Sequence[Entity]) -> Value:
    ways = (("create", RouteKind.CREATE), ("update", RouteKind.UPDATE), ("delete", RouteKind.DELETE))
    made = [each.name for each in before if _may(plan, each, role, RouteKind.CREATE)]
    fields = list(_fields(plan, entity, entity.plural, made))
    return {"path": entity.plural, "fields": fields, **{name: _may(plan, entity, role, kind) for name, kind in ways}}


def _fields(plan: Plan, entity: Entity, prefix: str, made: Collection[str]) -> Iterator[Value]:
    """Yields the fields of a form; what need not be chosen is chosen when the row is changed, if it was `made`."""
    single = {f"{each.name}_id": each for each in plan.spec.outgoing(entity.name)}
    many = iter([each for each in plan.spec.outgoing(entity.name) if each.kind is RelationKind.MANY_TO_MANY])
    for each in created(plan.spec, entity).properties:
        relation = next(many) if each.shape is Shape.KEYS else single.get(each.name)
        required = each.shape is not Shape.KEYS and not each.nullable
        told: dict[str, Value] = {"name": relation.name if relation else each.name, "required": required}
        if each.field is not None:
            told["type"] = str(each.field.type)
            told["initial"] = each.field.default is not None
            told["value"], told["changed"] = _values(plan, entity, each.field, prefix)
        else:
            told["type"] = "references" if each.shape is Shape.KEYS else "reference"
            told["value"] = FIRST if required else None
            told["changed"] = FIRST if not required and each.target in made else None
        yield told


def _values(plan: Plan, entity: Entity, field: Field, prefix: str) -> tuple[Value, Value]:
    """Returns a value for a new row, and another for when it is changed."""
    found = dict(bounds(plan.schema.table(entity.name), field))
    least, most = found["minimum"], found["maximum"]
    if field.type in MOMENTS:
        return MOMENTS[field.type]
    if field.type in {FieldType.INTEGER, FieldType.DECIMAL}:
        low = least if least is not None else (min(most, 1) if most is not None else 1)
        high = low + 1 if most is None or low + 1 <= most else low
        return (_number(low), _number(high))
    if field.type is FieldType.ENUM:
        return field.choices[0], field.choices[-1]
    if field.type is FieldType.BOOLEAN:
        return True, False
    if field.type is FieldType.FILE:
        return "walk.png", None
    texts = {
        FieldType.EMAIL: (f"walk-{prefix}@example.com", f"walked-{prefix}@example.com"),
        FieldType.URL: (f"https://example.com/{prefix}", f"https://example.org/{prefix}"),
        FieldType.PHONE: PHONES,
        FieldType.SECRET: (PASSWORD, None),
    }.get(field.type, (f"A walk through {prefix.replace('_', ' ')}", f"Walked through {prefix.replace('_', ' ')}"))
    return tuple(None if each is None else _fitting(each, field, least, most) for each in texts)  # type: ignore[return-value]


def _fitting(text: str, field: Field, least: float | None, most: float | None) -> str:
    """Returns a text within its bounds; addresses have room enough."""
    if field.type not in TEXTUAL or field.type in {FieldType.EMAIL, FieldType.URL, FieldType.PHONE}:
        return text
    longer = text.ljust(int(least or 0), "x")
    return longer[: int(most)] if most is not None else longer


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)

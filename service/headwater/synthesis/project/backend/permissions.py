"""Writes who may do what: the matrix of roles and entities, and whose a row is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.python import INDENT, WIDTH, call, module, quoted
from headwater.synthesis.project.spec import Entity, Scope, Spec, Standing

ACTIONS = (
    ("create", RouteKind.CREATE), ("read", RouteKind.LIST), ("update", RouteKind.UPDATE), ("delete", RouteKind.DELETE),
)  # fmt: skip


def permissions(plan: Plan) -> str:
    """Returns the module of the matrix, for an application with an account."""
    spec = plan.spec
    anonymous = next(each.name for each in spec.roles if each.standing is Standing.ANONYMOUS)
    body = [
        f"ANONYMOUS = {quoted(anonymous)}\n" + '"""The role of who is not signed in."""',
        "\n".join([
            "MATRIX: Mapping[str, Mapping[str, Rule]] = {",
            *(_role(plan, each.name) for each in spec.roles),
            "}",
            '"""What each role may do with each entity; nothing where there is no rule."""',
            "OWNED: Mapping[str, Callable[[int], ColumnElement[bool]]] = {",
            *(_clause(spec, each) for each in spec.entities if each.account or each.owner),
            "}",
            '"""The condition that a row belongs to an account, by its number."""',
        ]),
    ]  # fmt: skip
    groups = [
        ["from __future__ import annotations"],
        ["from collections.abc import Callable, Mapping"],
        ["from sqlalchemy import ColumnElement"],
        ["from app.generated import models", "from app.generated.access import Rule, Scope"],
    ]
    return module("Who may do what.", groups, body, "\n")


def _role(plan: Plan, role: str) -> str:
    rules = [
        call(f"{quoted(entity.name)}: Rule(", arguments, indent="        ")
        for entity in plan.spec.entities
        if (arguments := list(_rule(plan, role, entity)))
    ]
    if not rules:
        return f"    {quoted(role)}: {{}},"
    return "\n".join([f"    {quoted(role)}: {{", *(f"{each}," for each in rules), "    },"])


def _rule(plan: Plan, role: str, entity: Entity) -> Iterator[str]:
    for name, kind in ACTIONS:
        route = plan.interface.route(kind, entity.name)
        if route is not None and route.scope(role) is not Scope.NONE:
            yield f"{name}=Scope.{route.scope(role).upper()}"


def _clause(spec: Spec, entity: Entity) -> str:
    start = f"    {quoted(entity.name)}: lambda me: "
    if entity.account:
        return f"{start}models.{entity.name}.id == me,"
    *heads, last = _path(spec, entity.name, entity.owner)
    if not heads and len(start) + len(last) >= WIDTH:
        return f"{start}(\n        {last}\n    ),"
    return _nested(start, heads, last, indent="    ", tail=",")


def _nested(start: str, heads: Sequence[str], last: str, *, indent: str, tail: str = "") -> str:
    """Returns calls within each other: on one line if they fit, else the outer one broken."""
    line = f"{start}{''.join(heads)}{last}{')' * len(heads)}{tail}"
    if len(line) <= WIDTH or not heads:
        return line
    inner = indent + INDENT
    return f"{start}{heads[0]}\n{_nested(inner, heads[1:], last, indent=inner)}\n{indent}){tail}"


def _path(spec: Spec, entity: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the calls, one in the other, and at last the condition, that a path of relations leads to the account."""
    first, *rest = path
    if not rest:
        return (f"models.{entity}.{first}_id == me",)
    target = next(each.target for each in spec.outgoing(entity) if each.name == first)
    return (f"models.{entity}.{first}.has(", *_path(spec, target, tuple(rest)))

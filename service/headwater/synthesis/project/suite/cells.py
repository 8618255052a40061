"""Says what each cell of the permission matrix means for somebody who calls: the status of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import Route, RouteKind
from headwater.synthesis.project.spec import Action, Entity, Role, Scope, Standing

ROUTES = {
    Action.CREATE: RouteKind.CREATE, Action.READ: RouteKind.GET, Action.UPDATE: RouteKind.UPDATE,
    Action.DELETE: RouteKind.DELETE,
}  # fmt: skip
UNKNOWN, FORBIDDEN, ABSENT = 401, 403, 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One case: a role, whether the row is its own, and the status that it gets."""

    role: str
    own: bool
    status: int


def cells(plan: Plan, entity: Entity, action: Action) -> Iterator[Cell]:
    """Yields the cases of an action on a row; for CREATE there is one for each role, and the row is its own."""
    route = plan.interface.route(ROUTES[action], entity.name)
    if route is None:
        return
    for role in roles(plan):
        anonymous = role.standing is Standing.ANONYMOUS
        owned = action is not Action.CREATE and is_owned(entity) and not anonymous
        for own in (True, False) if owned else (action is Action.CREATE and not anonymous,):
            yield Cell(role=role.name, own=own, status=_status(plan, entity, route, action, role, own=own))


def _status(plan: Plan, entity: Entity, route: Route, action: Action, role: Role, *, own: bool) -> int:
    scope = route.scope(role.name)
    if scope is Scope.NONE:
        return UNKNOWN if role.standing is Standing.ANONYMOUS else FORBIDDEN
    if scope is Scope.ALL or own:
        return route.status
    reading = plan.interface.route(RouteKind.GET, entity.name)
    seen = reading is not None and reading.scope(role.name) is Scope.ALL
    return FORBIDDEN if seen and action is not Action.READ else ABSENT


def roles(plan: Plan) -> tuple[Role, ...]:
    """Returns the roles that can call: all of them where people sign in, else nobody in particular."""
    return tuple(each for each in plan.spec.roles if plan.spec.account or each.standing is Standing.ANONYMOUS)


def is_owned(entity: Entity) -> bool:
    """Whether rows belong to somebody."""
    return entity.account or bool(entity.owner)


def best(plan: Plan, entity: Entity, kind: RouteKind) -> str | None:
    """Returns the role that may do the most with a route, who signs in before nobody; None without such a route."""
    route = plan.interface.route(kind, entity.name)
    if route is None:
        return None
    order = {Standing.ADMIN: 0, Standing.MEMBER: 1, Standing.ANONYMOUS: 2}
    able = [each for each in roles(plan) if route.scope(each.name) is not Scope.NONE]
    able.sort(key=lambda each: (route.scope(each.name) is not Scope.ALL, order[each.standing]))
    return able[0].name if able else None

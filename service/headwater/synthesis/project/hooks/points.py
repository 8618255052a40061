"""Says where a rule joins in: `before_create_booking` is called before a booking is kept for the first time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.synthesis.project import naming
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.spec import Action, Entity, Spec

FORM = re.compile(r"(?P<when>before|after)_(?P<what>create|update|delete|save|change)_(?P<entity>[a-z][a-z0-9_]*)")
ACTIONS = {
    "create": (Action.CREATE,),
    "update": (Action.UPDATE,),
    "delete": (Action.DELETE,),
    "save": (Action.CREATE, Action.UPDATE),
    "change": (Action.CREATE, Action.UPDATE, Action.DELETE),
}
"""What the words of a hook's name mean."""
ROUTES = {
    Action.CREATE: {RouteKind.CREATE, RouteKind.REGISTER},
    Action.UPDATE: {RouteKind.UPDATE},
    Action.DELETE: {RouteKind.DELETE},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the requirements, and the hook that is to enforce it."""

    hook: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where a hook is called: `before` or `after`, at which actions, on which entity."""

    when: str
    actions: tuple[Action, ...]
    entity: Entity

    @property
    def row(self) -> str:
        """What a row is called in code."""
        return naming.snake(self.entity.name)


def point(spec: Spec, hook: str) -> Point | None:
    """Returns where a hook is called, by its name; None where it means nothing in this application."""
    found = FORM.fullmatch(hook)
    if found is None:
        return None
    entity = next((each for each in spec.entities if naming.snake(each.name) == found["entity"]), None)
    return Point(when=found["when"], actions=ACTIONS[found["what"]], entity=entity) if entity else None


def reachable(plan: Plan, where: Point) -> bool:
    """Whether a call of the API comes past a hook: without one, no test could tell that it is there."""
    kinds = {each.kind for each in plan.interface.of(where.entity.name)}
    return any(ROUTES[action] & kinds for action in where.actions)


def forms(plan: Plan) -> Iterator[str]:
    """Yields what a hook's name may end with, and the actions that the API has there."""
    for entity in plan.spec.entities:
        kinds = {each.kind for each in plan.interface.of(entity.name)}
        actions = [str(action) for action, routes in ROUTES.items() if routes & kinds]
        if actions:
            yield f"{naming.snake(entity.name)} ({', '.join(actions)})"

"""Writes the file of tests of one entity."""

from __future__ import annotations

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.python import quoted
from headwater.synthesis.project.spec import Entity
from headwater.synthesis.project.suite.access import access
from headwater.synthesis.project.suite.code import module
from headwater.synthesis.project.suite.constraints import constants, constraints
from headwater.synthesis.project.suite.features import beside
from headwater.synthesis.project.suite.lists import lists
from headwater.synthesis.project.suite.versions import versions


def entity_tests(plan: Plan, entity: Entity) -> str:
    """Returns the tests of an entity; empty where nobody may do anything with it."""
    blocks = [*access(plan, entity), *constraints(plan, entity), *lists(plan, entity)]
    blocks += [*versions(plan, entity), *beside(plan, entity)]
    if not blocks:
        return ""
    joined = "\n".join(line for block in blocks for line in block)
    imports = [
        *(["import pytest", ""] if "@pytest." in joined else []),
        f"from tests.generated.calling import Api{', refused' if 'refused(' in joined else ''}",
        *(["from tests.generated.rows import Rows"] if "Rows" in joined else []),
    ]
    first = next(each for each in plan.interface.of(entity.name) if each.kind is not RouteKind.OPTIONS)
    route = "/".join(first.path.split("/")[:3])
    named = entity.plural.replace("_", " ")
    return module(
        f"Checks the {named}: who may do what, what they can hold, and how they are listed.",
        imports,
        blocks,
        [f"ROUTE = {quoted(route)}", *(constants(plan, entity) if "REFUSED" in joined else [])],
    )

"""Writes the pages of each entity: the generic ones, at its paths, with its model."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend.api import camel
from headwater.synthesis.project.frontend.models import model_name, pages
from headwater.synthesis.project.frontend.typescript import INDENT, NOTICE, Code, literal
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.spec import Entity

PAGES = (
    (RouteKind.LIST, "ListPage", "ListPage", ""), (RouteKind.CREATE, "CreatePage", "FormPage", "/new"),
    (RouteKind.GET, "DetailPage", "DetailPage", "/:id"), (RouteKind.UPDATE, "EditPage", "FormPage", "/:id/edit"),
)  # fmt: skip
"""A page for each route that somebody may use: its component, where that is, and the end of its path."""


def paths(plan: Plan) -> Iterator[str]:
    """Yields the paths of the pages of all entities."""
    for entity in pages(plan):
        yield from (f"/{entity.plural}{end}" for _, _, _, end in _pages(plan, entity))


def modules(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of the module of each entity, and of the index."""
    shown = [each for each in pages(plan) if _pages(plan, each)]
    for entity in shown:
        yield entity.plural, _module(plan, entity)
    lines = ['import type { RouteObject } from "react-router";\n\n']
    lines += [f'import {{ {_routes(each)} }} from "./{each.plural}";\n' for each in shown]
    parts = [f"...{_routes(each)}" for each in shown]
    head = "export const entityRoutes: RouteObject[] = ["
    line = f"{head}{', '.join(parts)}];\n"
    broken = head + "".join(f"\n  {each}," for each in parts) + "\n];\n"
    yield "index", NOTICE + "".join(lines) + "\n" + (line if len(line) <= 101 else broken)  # noqa: PLR2004


def _module(plan: Plan, entity: Entity) -> str:
    found = _pages(plan, entity)
    imports: dict[str, list[str]] = {}
    for _, component, module, _ in found:
        imports.setdefault(module, []).append(component)
    lines = [f'import {{ {", ".join(sorted(imports[each]))} }} from "../{each}";\n' for each in sorted(imports)]
    model = model_name(entity)
    routes = [
        literal({"path": f"{entity.plural}{end}", "element": Code(f"<{component} model={{{model}}} />")}, INDENT)
        for _, component, _, end in found
    ]
    table = "".join(f"{INDENT}{each},\n" for each in routes)
    return (
        f'{NOTICE}import type {{ RouteObject }} from "react-router";\n\n'
        f'import {{ {model} }} from "../../models/{entity.plural}";\n{"".join(lines)}\n'
        f"export const {_routes(entity)}: RouteObject[] = [\n{table}];\n"
    )


def _pages(plan: Plan, entity: Entity) -> list[tuple[RouteKind, str, str, str]]:
    return [each for each in PAGES if plan.interface.route(each[0], entity.name)]


def _routes(entity: Entity) -> str:
    return f"{camel(entity.plural)}Routes"

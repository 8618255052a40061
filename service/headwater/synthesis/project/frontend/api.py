"""Writes the client of the API: the types of what goes out and comes in, and a function for each route."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project import naming
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend.typescript import INDENT, NOTICE, WIDTH, Value, literal, quoted, union
from headwater.synthesis.project.interface import Route, RouteKind
from headwater.synthesis.project.payloads import Payload, Property, Shape
from headwater.synthesis.project.spec import Entity, FieldType, Spec, Standing

TYPES = {FieldType.INTEGER: "number", FieldType.BOOLEAN: "boolean"}
"""Types that are no text in JSON."""
SHAPES = {
    Shape.KEY: "number", Shape.KEYS: "number[]", Shape.REFERENCE: "http.Reference",
    Shape.REFERENCES: "http.Reference[]",
}  # fmt: skip
"""What stands for rows of other entities."""
OWN_PARAMETERS = {"limit", "offset", "sort", "q"}
"""What every list takes, so that no filter is called so."""
SHARED = {
    RouteKind.LOG_IN: ("auth", "auth"), RouteKind.UPLOAD: ("files", "files"),
    RouteKind.SEARCH: ("search", "search"),
    RouteKind.DASHBOARD: ("dashboard", "dashboard, dashboardRoles"),
}  # fmt: skip
"""The modules beside those of the entities, by the routes that bring them, and what is taken from them."""

FUNCTIONS = {
    RouteKind.LIST: (
        "list: (query: EntityQuery = {})",
        'http.request<http.Page<Entity>>("GET", path, { query })',
    ),
    RouteKind.CREATE: ("create: (body: EntityCreate)", 'http.row<Entity>("POST", path, { body })'),
    RouteKind.GET: ("get: (id: number)", 'http.row<Entity>("GET", `${path}/${id}`)'),
    RouteKind.UPDATE: (
        "update: (id: number, body: EntityUpdate, etag?: string)",
        'http.row<Entity>("PATCH", `${path}/${id}`, { body, etag })',
    ),
    RouteKind.DELETE: (
        "delete: (id: number, etag?: string)",
        'http.request<void>("DELETE", `${path}/${id}`, { etag })',
    ),
    RouteKind.OPTIONS: (
        "options: (query: { q?: string } = {})",
        'http.request<http.Reference[]>("GET", `${path}/options`, { query })',
    ),
    RouteKind.EXPORT: ("export: ()", "http.download(`${path}/export`)"),
    RouteKind.HISTORY: (
        "history: (id: number)",
        'http.request<http.Page<HistoryEntry>>("GET", `${path}/${id}/history`)',
    ),
    RouteKind.SET_ROLE: (
        "setRole: (id: number, role: string, etag?: string)",
        'http.row<Entity>("PUT", `${path}/${id}/role`, { body: { role }, etag })',
    ),
}
"""A function for each route of an entity, whose name stands for `Entity`."""


def modules(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of the module of each entity that has routes, and of the index."""
    names = dict(SHARED[each.kind] for each in plan.interface.routes if each.kind in SHARED)
    if plan.spec.account:
        names |= {name: f"{name}, {name}Roles" for name in ("files", "search") if name in names}
    for entity in plan.spec.entities:
        if plan.interface.of(entity.name):
            names[entity.plural] = camel(entity.plural)
            yield entity.plural, _Module(plan, entity).text()
    yield "index", NOTICE + "".join(f'export {{ {names[each]} }} from "./{each}";\n' for each in sorted(names))


def camel(name: str) -> str:
    """Returns a snake_case name in camelCase."""
    pascal = naming.pascal(name)
    return pascal[:1].lower() + pascal[1:]


def choice_type(entity: Entity, name: str) -> str:
    """Returns what the type of the choices of a field is called."""
    return f"{entity.name}{naming.pascal(name)}Choice"


def members(spec: Spec) -> tuple[str, ...]:
    """Returns the roles that sign in."""
    return tuple(each.name for each in spec.roles if each.standing is not Standing.ANONYMOUS)


class _Module:
    """The module of one entity."""

    def __init__(self, plan: Plan, entity: Entity) -> None:
        self.plan, self.entity = plan, entity
        self.routes = {each.kind: each for each in plan.interface.of(entity.name)}
        mine = (entity.name, f"{entity.name}Create", f"{entity.name}Update")
        self.payloads = [each for each in plan.interface.payloads if each.name in mine]

    def text(self) -> str:
        parts = [*self._choices(), *(self._payload(each) for each in self.payloads), *self._query(), self._calls()]
        history = 'import type { HistoryEntry } from "./history";\n' if RouteKind.HISTORY in self.routes else ""
        return f'{NOTICE}{history}import * as http from "./http";\n\n' + "\n".join(parts)

    def _choices(self) -> Iterator[str]:
        for field in self.entity.fields:
            if field.choices and self.payloads:
                head = f"export type {choice_type(self.entity, field.name)} ="
                yield union(head, [quoted(each) for each in field.choices]) + "\n"

    def _payload(self, payload: Payload) -> str:
        written = payload.name != self.entity.name
        lines = [f"  {each.name}{'?' if written and not each.required else ''}: {self._type(each)};\n"
                 for each in payload.properties]  # fmt: skip
        return f"export type {payload.name} = {{\n{''.join(lines)}}};\n"

    def _type(self, each: Property) -> str:
        plain = SHAPES.get(each.shape) or self._value_type(each)
        return f"{plain} | null" if each.nullable else plain

    def _value_type(self, each: Property) -> str:
        if each.type is FieldType.ENUM:
            return choice_type(self.entity, each.name)
        return TYPES.get(each.type or FieldType.STRING, "string")

    def _query(self) -> Iterator[str]:
        route = self.routes.get(RouteKind.LIST)
        if route is None:
            return
        name = self.entity.name
        sorts = literal(list(route.sorts), before=len("const SORTS = "), after=len(" as const;"))
        yield f"const SORTS = {sorts} as const;\n"
        lines = ["  sort?: http.Sort<(typeof SORTS)[number]>;\n"]
        lines += ["  q?: string;\n"] if route.searched else []
        lines += [
            f"  {each.name}?: {SHAPES.get(each.shape) or self._value_type(each)};\n"
            for each in route.filters
            if each.name not in OWN_PARAMETERS
        ]
        yield f"export type {name}Query = http.PageQuery & {{\n{''.join(lines)}}};\n"

    def _calls(self) -> str:
        lines = "".join(f"  {each},\n" for each in self._functions())
        return (
            f'const path = "/api/{self.entity.plural}";\n\n'
            f"/** The calls that the API offers. */\nexport const {camel(self.entity.plural)} = {{\n{lines}}};\n"
        )

    def _functions(self) -> Iterator[str]:
        name = self.entity.name
        for kind in self.routes:
            head, call = FUNCTIONS[kind]
            head, call = (each.replace("Entity", name) for each in (head, call))
            line = f"{head} => {call}"
            yield line if len(INDENT) + len(line) + 1 <= WIDTH else f"{head} =>\n{INDENT * 2}{call}"


def scopes(route: Route) -> dict[str, str]:
    """Returns the roles that may use a route, and on which rows."""
    return {role: str(scope) for role, scope in route.access if scope != "none"}


def roles_of(plan: Plan, kind: RouteKind) -> Value:
    """Returns the roles that may use a route that belongs to no entity."""
    route = plan.interface.route(kind)
    return [] if route is None else list(scopes(route))

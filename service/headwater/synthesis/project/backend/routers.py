"""Writes the routers: a module for each entity, with a function for each of its routes."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project import naming
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import Route, RouteKind
from headwater.synthesis.project.payloads import Limit, claim_relation, owner_relation, written_name
from headwater.synthesis.project.plurals import singular, with_article
from headwater.synthesis.project.python import WIDTH, call, imported, module, parameters, quoted
from headwater.synthesis.project.schema import VERSION, column_name
from headwater.synthesis.project.spec import Entity, FieldType, RelationKind, Scope

CHANGING = frozenset({RouteKind.UPDATE, RouteKind.DELETE, RouteKind.SET_ROLE})
"""What is done to one version of a row, if the caller says to which."""
ROW = frozenset({RouteKind.GET, RouteKind.HISTORY}) | CHANGING
"""What is done with one row, whose number stands in the path."""
TAGGED = frozenset({RouteKind.GET, RouteKind.CREATE, RouteKind.UPDATE, RouteKind.SET_ROLE})
"""What answers with one row, and its version."""
BODY = frozenset({RouteKind.CREATE, RouteKind.UPDATE, RouteKind.SET_ROLE, RouteKind.REGISTER, RouteKind.LOG_IN})
WRITING = frozenset({RouteKind.CREATE, RouteKind.UPDATE, RouteKind.DELETE})
STATUSES = {201: "status_code=status.HTTP_201_CREATED", 204: "status_code=status.HTTP_204_NO_CONTENT"}
LIMITS = {Limit.FROM: "ge", Limit.UNTIL: "lt"}
"""How a value is compared with an end of the stretch that is asked for."""
FIRST = (RouteKind.LIST, RouteKind.CREATE, RouteKind.OPTIONS, RouteKind.EXPORT)
"""What comes before the routes of one row, whose number these paths would be taken for."""


def routers(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of each module of routes, and of the package."""
    names: list[str] = []
    for entity in plan.spec.entities:
        routes = plan.interface.of(entity.name)
        if routes:
            names.append(naming.snake(entity.name))
            yield names[-1], _Router(plan, entity, routes).text()
    beside = [
        name
        for kind, name in (
            (RouteKind.LOG_IN, "auth"), (RouteKind.DASHBOARD, "dashboard"), (RouteKind.SEARCH, "searching"),
            (RouteKind.UPLOAD, "uploads"),
        )
        if plan.interface.route(kind)
    ]  # fmt: skip
    included = [f"router.include_router({each}_routes)" for each in beside]
    included += [f"router.include_router({each}.router)" for each in names]
    imports = [f"from app.generated.{each} import router as {each}_routes" for each in beside]
    imports = sorted([*imports, imported("app.generated.routers", names)])
    groups = [["from __future__ import annotations"], ["from fastapi import APIRouter"], imports]
    yield "__init__", module("All routes of the API.", groups, ["\n".join(["router = APIRouter()", *included])])


def statuses(plan: Plan, route: Route) -> tuple[int, ...]:
    """Returns the errors that a route may answer with."""
    scopes = {scope for _, scope in route.access}
    found = {422} if route.kind not in {RouteKind.ME, RouteKind.DASHBOARD, RouteKind.EXPORT} else set[int]()
    if route.kind in BODY:
        found |= {400, 413}
    if plan.spec.account is not None:
        found.add(401)
        if scopes != {Scope.ALL}:
            found.add(403)
    if route.kind in ROW:
        found.add(404)
    if route.kind in WRITING:
        found.add(409)
    if route.kind in CHANGING:
        found.add(412)
    return tuple(sorted(found))


def anyone(plan: Plan, route: Route) -> bool:
    """Whether a route asks nobody to sign in, and the application has people who could."""
    return route.open and plan.spec.account is not None


class _Router:
    """The module of one entity."""

    def __init__(self, plan: Plan, entity: Entity, routes: tuple[Route, ...]) -> None:
        self.plan, self.entity, self.routes = plan, entity, routes
        self.one, self.many = naming.snake(entity.name), entity.plural
        self.words = entity.plural.replace("_", " ")

    def text(self) -> str:
        first = [each for each in self.routes if each.kind in FIRST]
        rest = [each for each in self.routes if each.kind not in FIRST]
        body = [self._rows(), *(self._route(each) for each in (*first, *rest))]
        told = "\n".join(body)
        kinds = {each.kind for each in self.routes}
        special = [f"{self.entity.name}Asked"] if RouteKind.LIST in kinds else []
        special += ["RoleGiven"] if RouteKind.SET_ROLE in kinds else []
        listing = [each for each in ("Choosing", "Page") if f"{each}" in told]
        fastapi = [each for each in ("APIRouter", "Query", "status") if f"{each}" in told]
        fastapi += ["Response"] if kinds & TAGGED else []
        versions = ["TAGGED", "tagged"] if kinds & TAGGED else []
        versions += ["IfMatch"] if kinds & CHANGING else []
        callers = ["CurrentCaller", *(["OPEN"] if "OPEN" in told else [])]
        ours = [
            imported("app.generated", [
                each for each in ("exporting", "history", "models", "schemas") if f"{each}." in told
            ]),
            imported("app.generated.access", ["Action"] if "Action." in told else []),
            imported("app.generated.callers", callers),
            imported("app.generated.errors", ["refused"]),
            imported("app.generated.listing", listing),
            imported("app.generated.rows", ["Rows"]),
            imported(f"app.generated.schemas.{self.one}", special),
            imported("app.generated.values", [each for each in ("Id", "Reference") if f"{each}" in told]),
            imported("app.generated.versions", versions),
        ]  # fmt: skip
        standard = ["import operator"] if "operator." in told else []
        standard.append(imported("typing", [each for each in ("Annotated", "Any") if each in told]))
        third = [
            imported("fastapi", fastapi),
            imported("sqlalchemy.orm", ["joinedload"] if "joinedload(" in told else []),
        ]
        third[1] = imported("sqlalchemy.orm", [each for each in ("joinedload", "selectinload") if f"{each}(" in told])
        groups = [["from __future__ import annotations"], standard, third, ours]
        return module(f"The routes of {self.words}.", groups, body)

    def _rows(self) -> str:
        spec, model = self.plan.spec, f"models.{self.entity.name}"
        mine, claim = owner_relation(spec, self.entity), claim_relation(spec, self.entity)
        owner = mine or claim
        single = [each for each in spec.outgoing(self.entity.name) if each.kind is not RelationKind.MANY_TO_MANY]
        several = [each for each in spec.outgoing(self.entity.name) if each.kind is RelationKind.MANY_TO_MANY]
        loads = [
            f"{'selectinload' if each in several else 'joinedload'}({model}.{each.name})"
            for each in (*single, *several)
        ]
        searched = [f"{model}.{each.name}" for each in self.entity.fields if each.searched]
        references = [f'"{each.name}_id": models.{each.target}' for each in single if each != mine]
        secrets = [quoted(each.name) for each in self.entity.fields if each.type is FieldType.SECRET]
        listed = self.plan.interface.route(RouteKind.LIST, self.entity.name)
        limits = [
            f'"{each.name}": ("{each.field.name}", operator.{LIMITS[each.limit]})'
            for each in (listed.filters if listed else ())
            if each.limit is not None and each.field is not None
        ]
        recorded = any(each.kind is RouteKind.HISTORY for each in self.routes)
        arguments = parameters([
            f"model={model}",
            _group("loads", loads, "()"),
            _group("searched", searched, "()"),
            _group("references", references, "{}"),
            _group("many", [f'"{written_name(each)}": "{each.name}"' for each in several], "{}"),
            _group("through", [f'"{singular(each.name)}_id": "{each.name}"' for each in several], "{}"),
            _group("limits", limits, "{}"),
            f'owner="{owner.name}_id"' if owner else "",
            "claimed=True" if claim else "",
            _group("secrets", secrets, "()"),
            "recorded=True" if recorded else "",
        ])  # fmt: skip
        return "\n".join([
            f'router = APIRouter(prefix="/api/{self.many}", tags=["{self.many}"])', call("rows = Rows(", arguments),
        ])  # fmt: skip

    def _route(self, route: Route) -> str:
        answer = {
            RouteKind.LIST: f"Page[schemas.{self.entity.name}]", RouteKind.OPTIONS: "list[Reference]",
            RouteKind.HISTORY: "Page[history.HistoryEntry]",
        }.get(route.kind) or (f"schemas.{route.answer.name}" if route.answer else "")  # fmt: skip
        where = route.path.removeprefix(f"/api/{self.many}")
        refused = f"refused({', '.join(map(str, statuses(self.plan, route)))})"
        if route.kind is RouteKind.EXPORT:
            refused = f'{{200: {{"content": {{"text/csv": {{"schema": {{"type": "string"}}}}}}}}}} | {refused}'
        elif route.kind in TAGGED:
            refused = f"{{{route.status}: TAGGED}} | {refused}"
        arguments = parameters([
            quoted(where.replace("_id}", "_id:int}")),
            f"operation_id={quoted(route.operation)}",
            STATUSES.get(route.status, ""),
            f"response_model={answer}" if answer else "",
            "response_class=exporting.CsvResponse" if route.kind is RouteKind.EXPORT else "",
            f"responses={refused}",
            "openapi_extra=OPEN" if anyone(self.plan, route) else "",
        ])  # fmt: skip
        taken = [f"{self.one}_id: Id"] if route.kind in ROW else []
        taken += [*self._taken(route), "caller: CurrentCaller"]
        taken += ["expected: IfMatch"] if route.kind in CHANGING else []
        taken += ["response: Response"] if route.kind in TAGGED else []
        returned = {RouteKind.DELETE: "None", RouteKind.EXPORT: "exporting.CsvResponse"}.get(route.kind, "Any")
        doc, *lines = self._does(route)
        return "\n".join([
            call(f"@router.{route.method.lower()}(", arguments),
            call(f"def {route.operation}(", taken, f") -> {returned}:"),
            f'    """{doc}"""',
            *(f"    {each}" for each in lines),
        ])  # fmt: skip

    def _taken(self, route: Route) -> list[str]:
        asked = {
            RouteKind.LIST: f"{self.entity.name}Asked", RouteKind.OPTIONS: "Choosing",
            RouteKind.HISTORY: "history.HistoryAsked",
        }.get(route.kind)  # fmt: skip
        if asked:
            return [f"asked: Annotated[{asked}, Query()]"]
        if route.kind is RouteKind.SET_ROLE:
            return ["values: RoleGiven"]
        return [f"values: schemas.{route.request.name}"] if route.request else []

    def _does(self, route: Route) -> tuple[str, ...]:
        """Returns what a route does, in words and in code."""
        number = f"{self.one}_id"
        noun = with_article(self.one.replace("_", " "))
        if route.kind is RouteKind.OPTIONS:
            shown = self.entity.field(self.entity.display) if self.entity.display else None
            by = column_name(shown) if shown else "id"
            return (
                f"Returns {self.words} to choose from.",
                *self._roles(route),
                f"return rows.choices(caller, asked, models.{self.entity.name}.{by})",
            )
        if route.kind is RouteKind.SET_ROLE:
            return (
                "Makes somebody something else.",
                *self._roles(route),
                f"account = rows.find(caller, {number})",
                "return tagged(response, rows.change(caller, account, values, expected))",
            )
        if route.kind is RouteKind.HISTORY:
            return (
                f"Returns what was changed in {noun}, the latest first.",
                f"row = rows.find(caller, {number}, Action.UPDATE)",
                "return history.page(caller, row, asked)",
            )
        if route.kind is RouteKind.EXPORT:
            return (
                f"Returns all {self.words} that the caller may read, as CSV.",
                f"query = rows.readable(caller).order_by(models.{self.entity.name}.id)",
                call("names = (", [quoted(each) for each in self._exported()], indent="    ").strip(),
                f"return exporting.answer(caller, query, names, {quoted(self.many)})",
            )
        return {
            RouteKind.LIST: (f"Returns {self.words} that the caller may read.", "return rows.page(caller, asked)"),
            RouteKind.CREATE: (f"Makes {noun}.", "return tagged(response, rows.create(caller, values))"),
            RouteKind.GET: (f"Returns {noun}.", f"return tagged(response, rows.find(caller, {number}))"),
            RouteKind.UPDATE: (
                f"Changes what was sent of {noun}.",
                f"return tagged(response, rows.update(caller, {number}, values, expected))",
            ),
            RouteKind.DELETE: (f"Deletes {noun}, and what goes with it.", f"rows.delete(caller, {number}, expected)"),
        }[route.kind]

    def _roles(self, route: Route) -> list[str]:
        """Returns the line that lets only some roles through, if not all may pass."""
        may = [quoted(role) for role, scope in route.access if scope is not Scope.NONE]
        if len(may) == len(route.access) or self.plan.spec.account is None:
            return []
        return [call("caller.must_be(", may, indent="    ").strip()]

    def _exported(self) -> list[str]:
        table = self.plan.schema.table(self.entity.name)
        inward = {VERSION, *(column_name(each) for each in self.entity.fields if each.type is FieldType.SECRET)}
        return [each.name for each in table.columns if each.name not in inward]


def _group(name: str, values: list[str], brackets: str) -> str:
    """Returns an argument that holds several values, or nothing where there are none."""
    if not values:
        return ""
    comma = "," if brackets == "()" and len(values) == 1 else ""
    line = f"    {name}={brackets[0]}{', '.join(values)}{comma}{brackets[1]}"
    return (
        line.strip() if len(line) < WIDTH else call(f"{name}={brackets[0]}", values, brackets[1], indent="    ").strip()
    )

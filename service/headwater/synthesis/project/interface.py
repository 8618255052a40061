"""Derives the HTTP interface of an application: every route, what it takes and gives, and who may call it.

The contract between the backend that serves it, the frontend that calls it, the OpenAPI document and the probes that
try to break in. Rules that hold for every application:

* Paths begin with `/api`. Bodies are JSON in snake_case. DECIMAL is text (`"12.50"`), dates and times are ISO 8601,
  a moment is in UTC with `Z`. A property that is not named is refused (422), so nothing can be assigned by the way.
* A list takes `limit` (1 to 100, usual 20), `offset`, `sort` (a name of `Route.sorts`, `-` before it turns it round),
  `q` where rows can be searched, and a parameter for each of `Route.filters`, which is a value that rows have to have
  (for a moment `<name>_from`, which is included, and `<name>_until`, which is not); it gives
  `{"items": […], "total": n, "limit": n, "offset": n}`.
* A relation is written as the number `<name>_id`, or as the list `<singular>_ids`; it is read as `{"id", "label"}`, or
  a list of these.
* An error is `application/problem+json` (RFC 9457): `title`, `status`, `detail`, and for 422 and 409 `errors`, a list
  of `{"field", "message"}`.
* Who is not signed in gets 401 where signing in could help; who is, but may not, gets 403; a row that one may not read
  is not there (404). Rows that belong to their creator take the owner from the token, never from the body; the one row
  that stands for an account, and need not, is given to one by who may write all rows, and to nobody else by the rest.
* A row comes with its version in `ETag`. A change or deletion with `If-Match` is done to that version, or refused (412)
  if somebody else has changed the row since; without the header it is done to whichever there is.
* The token is a JWT in `Authorization: Bearer …`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from headwater.synthesis.project import naming
from headwater.synthesis.project.payloads import (
    Payload,
    Property,
    claim_relation,
    created,
    filters,
    owner_relation,
    read,
    updated,
)
from headwater.synthesis.project.spec import (
    Action,
    Entity,
    FeatureKind,
    FieldType,
    Role,
    Scope,
    Spec,
    Standing,
)

PREFIX = "/api"


class RouteKind(enum.StrEnum):
    """What a route does; the first five exist for each entity that somebody may do that with."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    OPTIONS = "options"
    SET_ROLE = "set_role"
    REGISTER = "register"
    LOG_IN = "log_in"
    ME = "me"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    EXPORT = "export"
    HISTORY = "history"
    SEARCH = "search"
    DASHBOARD = "dashboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route. `access` is the scope of each role, the anonymous one first; `operation` its id in OpenAPI.

    `request` and `answer` are empty where there is no JSON object of the entity's own: a list answers with a page of
    `answer`, the options with a list of `{"id", "label"}`.
    """

    kind: RouteKind
    method: str
    path: str
    operation: str
    status: int
    access: tuple[tuple[str, Scope], ...]
    entity: str = ""
    request: Payload | None = None
    answer: Payload | None = None
    sorts: tuple[str, ...] = ()
    filters: tuple[Property, ...] = ()
    searched: bool = False

    def scope(self, role: str) -> Scope:
        """Returns on which rows a role may use the route."""
        return dict(self.access)[role]

    @property
    def open(self) -> bool:
        """Whether it can be used without signing in."""
        return self.access[0][1] is not Scope.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """The routes of an application, and the payloads that they name, each once, in the order of the entities."""

    routes: tuple[Route, ...]
    payloads: tuple[Payload, ...]
    _found: Mapping[str, Mapping[RouteKind, Route]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Orders the routes by what they are asked for: renderers ask often."""
        found: dict[str, dict[RouteKind, Route]] = {}
        for route in self.routes:
            found.setdefault(route.entity, {}).setdefault(route.kind, route)
        object.__setattr__(self, "_found", found)

    def of(self, entity: str) -> tuple[Route, ...]:
        """Returns the routes of an entity."""
        return tuple(self._found.get(entity, {}).values())

    def route(self, kind: RouteKind, entity: str = "") -> Route | None:
        """Returns a route by what it does, or none if nobody may do that."""
        return self._found.get(entity, {}).get(kind)


def derive(spec: Spec) -> Interface:
    """Returns the interface of a valid spec; equal specs give equal interfaces."""
    routes = (*_sign_in(spec), *(route for each in spec.entities for route in _of_entity(spec, each)), *_across(spec))
    named: dict[str, Payload] = {}
    for route in routes:
        for payload in (route.answer, route.request):
            if payload is not None:
                named.setdefault(payload.name, payload)
    return Interface(routes=routes, payloads=tuple(named.values()))


def _of_entity(spec: Spec, entity: Entity) -> Iterator[Route]:
    path, one, answer = f"{PREFIX}/{entity.plural}", naming.snake(entity.name), read(spec, entity)
    row = f"{path}/{{{one}_id}}"
    made = created(spec, entity)
    table: tuple[tuple[RouteKind, Action, str, str, int, str, Payload | None, Payload | None], ...] = (
        (RouteKind.LIST, Action.READ, "GET", path, 200, f"list_{entity.plural}", None, answer),
        (RouteKind.CREATE, Action.CREATE, "POST", path, 201, f"create_{one}", made, answer),
        (RouteKind.GET, Action.READ, "GET", row, 200, f"get_{one}", None, answer),
        (RouteKind.UPDATE, Action.UPDATE, "PATCH", row, 200, f"update_{one}", updated(spec, entity), answer),
        (RouteKind.DELETE, Action.DELETE, "DELETE", row, 204, f"delete_{one}", None, None),
    )
    for kind, action, method, where, status, operation, request, given in table:
        access = _access(spec, entity, action)
        if any(scope is not Scope.NONE for _, scope in access):
            listed = kind is RouteKind.LIST
            yield Route(
                kind=kind,
                method=method,
                path=where,
                operation=operation,
                status=status,
                access=access,
                entity=entity.name,
                request=request,
                answer=given,
                sorts=_sorts(entity) if listed else (),
                filters=tuple(filters(spec, entity)) if listed else (),
                searched=listed and any(each.searched for each in entity.fields),
            )
    yield from _beside(spec, entity, path, row)


def _beside(spec: Spec, entity: Entity, path: str, row: str) -> Iterator[Route]:
    """Yields what an entity has beyond keeping rows: its options in forms, its export, its history, its roles."""
    one = naming.snake(entity.name)
    choosing = _choosing(spec, entity)
    if any(scope is not Scope.NONE for _, scope in choosing):
        yield Route(
            kind=RouteKind.OPTIONS, method="GET", path=f"{path}/options", operation=f"choose_{one}", status=200,
            access=choosing, entity=entity.name, searched=True,
        )  # fmt: skip
    reading = _access(spec, entity, Action.READ)
    if _works_on(spec, FeatureKind.EXPORT, entity) and any(scope is not Scope.NONE for _, scope in reading):
        yield Route(
            kind=RouteKind.EXPORT, method="GET", path=f"{path}/export", operation=f"export_{entity.plural}", status=200,
            access=reading, entity=entity.name,
        )  # fmt: skip
    changing = _access(spec, entity, Action.UPDATE)
    if _works_on(spec, FeatureKind.HISTORY, entity) and any(scope is not Scope.NONE for _, scope in changing):
        yield Route(
            kind=RouteKind.HISTORY, method="GET", path=f"{row}/history", operation=f"history_of_{one}", status=200,
            access=changing, entity=entity.name,
        )  # fmt: skip
    if entity.account:
        yield Route(
            kind=RouteKind.SET_ROLE, method="PUT", path=f"{row}/role", operation="set_role", status=200,
            access=_admins(spec), entity=entity.name, answer=read(spec, entity),
        )  # fmt: skip


def _sign_in(spec: Spec) -> Iterator[Route]:
    if spec.account is None:
        return
    shown, everybody = read(spec, spec.account), tuple((each.name, Scope.ALL) for each in spec.roles)
    yield Route(
        kind=RouteKind.REGISTER, method="POST", path=f"{PREFIX}/auth/register", operation="register", status=201,
        access=everybody, request=created(spec, spec.account), answer=shown,
    )  # fmt: skip
    yield Route(
        kind=RouteKind.LOG_IN, method="POST", path=f"{PREFIX}/auth/login", operation="log_in", status=200,
        access=everybody,
    )  # fmt: skip
    yield Route(
        kind=RouteKind.ME, method="GET", path=f"{PREFIX}/auth/me", operation="me", status=200, access=_members(spec),
        answer=shown,
    )  # fmt: skip


def _across(spec: Spec) -> Iterator[Route]:
    """Yields what works on several entities; each shows only rows that the caller may read."""
    if any(field.type is FieldType.FILE for entity in spec.entities for field in entity.fields):
        able = _members(spec) if spec.account else tuple((each.name, Scope.ALL) for each in spec.roles)
        for kind, method, path, operation, status in (
            (RouteKind.UPLOAD, "POST", f"{PREFIX}/files", "upload_file", 201),
            (RouteKind.DOWNLOAD, "GET", f"{PREFIX}/files/{{reference}}", "download_file", 200),
        ):
            yield Route(kind=kind, method=method, path=path, operation=operation, status=status, access=able)
    for feature, kind in ((FeatureKind.SEARCH, RouteKind.SEARCH), (FeatureKind.DASHBOARD, RouteKind.DASHBOARD)):
        found = spec.feature(feature)
        if found is not None:
            yield Route(
                kind=kind, method="GET", path=f"{PREFIX}/{kind}", operation=str(kind), status=200,
                access=_any_reading(spec, found.entities),
            )  # fmt: skip


def _access(spec: Spec, entity: Entity, action: Action) -> tuple[tuple[str, Scope], ...]:
    return tuple((role.name, _scope(spec, entity, action, role.name)) for role in _ordered(spec))


def _scope(spec: Spec, entity: Entity, action: Action, role: str) -> Scope:
    """Returns a cell of the matrix; nobody signed in owns no rows, and makes none that need an owner."""
    row = spec.permission(role, entity.name)
    scope = row.scope(action) if row else Scope.NONE
    if role != _ordered(spec)[0].name:
        return scope
    mine = owner_relation(spec, entity)
    needs = action is Action.CREATE and mine is not None and not mine.optional
    return Scope.NONE if scope is Scope.OWN or needs else scope


def _choosing(spec: Spec, entity: Entity) -> tuple[tuple[str, Scope], ...]:
    """Returns who may choose among rows of an entity: whoever may write a row that refers to it, so as to register."""
    sources: dict[str, frozenset[Scope]] = {}
    for each in spec.incoming(entity.name):
        source = spec.entity(each.source)
        if source is None or each == owner_relation(spec, source):
            continue
        enough = {Scope.ALL} if each == claim_relation(spec, source) else {Scope.OWN, Scope.ALL}
        sources[each.source] = sources.get(each.source, frozenset()) | enough
    writers = [each for each in spec.permissions if each.entity in sources]
    account = spec.account
    joining = account is not None and account.name in sources
    may: Mapping[str, bool] = {
        role.name: joining
        or any(
            each.scope(action) in sources[each.entity]
            for each in writers
            if each.role == role.name
            for action in (Action.CREATE, Action.UPDATE)
        )
        for role in spec.roles
    }
    return tuple((each.name, Scope.ALL if may[each.name] else Scope.NONE) for each in _ordered(spec))


def _any_reading(spec: Spec, entities: tuple[str, ...]) -> tuple[tuple[str, Scope], ...]:
    known = [entity for name in entities if (entity := spec.entity(name)) is not None]
    return tuple(
        (
            role.name,
            Scope.ALL
            if any(_scope(spec, each, Action.READ, role.name) is not Scope.NONE for each in known)
            else Scope.NONE,
        )
        for role in _ordered(spec)
    )


def _ordered(spec: Spec) -> tuple[Role, ...]:
    """Returns the roles, the anonymous one first."""
    return tuple(sorted(spec.roles, key=lambda each: each.standing is not Standing.ANONYMOUS))


def _members(spec: Spec) -> tuple[tuple[str, Scope], ...]:
    return tuple(
        (each.name, Scope.NONE if each.standing is Standing.ANONYMOUS else Scope.ALL) for each in _ordered(spec)
    )


def _admins(spec: Spec) -> tuple[tuple[str, Scope], ...]:
    return tuple((each.name, Scope.ALL if each.standing is Standing.ADMIN else Scope.NONE) for each in _ordered(spec))


def _works_on(spec: Spec, kind: FeatureKind, entity: Entity) -> bool:
    feature = spec.feature(kind)
    return feature is not None and entity.name in feature.entities


def _sorts(entity: Entity) -> tuple[str, ...]:
    kept = (FieldType.SECRET, FieldType.TEXT, FieldType.FILE)
    return ("id", *(each.name for each in entity.fields if each.type not in kept), "created_at", "updated_at")

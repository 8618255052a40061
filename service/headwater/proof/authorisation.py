"""Tries to do what the permission matrix forbids: probes computed from the spec, without a look at the code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from headwater.proof.backend import script
from headwater.proof.checks import Check, Finding, Ground, judged
from headwater.proof.world import World, callers, world
from headwater.synthesis.project.interface import PREFIX, RouteKind
from headwater.synthesis.project.payloads import Payload, Shape, created, owner_relation
from headwater.synthesis.project.spec import Action, Entity, Field, FieldType, Scalar, Scope

INJECTIONS = ("' OR '1'='1", "1; DROP TABLE {table}--", '") UNION SELECT * FROM {table}--', "%27%20OR%201%3D1")
DENIED, GONE, REFUSED, FINE = (403,), (403, 404), (422,), (200,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A request, whose account sends it (0: nobody), and the statuses that it may be answered by."""

    account: int
    method: str
    path: str
    allowed: tuple[int, ...]
    why: str
    body: Mapping[str, object] | None = None
    query: Mapping[str, str] | None = None
    absent: tuple[int, ...] = ()
    """Numbers of rows that must not be in the list of the answer."""


def probes(known: World) -> Iterator[Probe]:
    """Yields every probe of an application."""
    signed = dict(callers(known))
    for entity in known.spec.entities:
        for role, account in signed.items():
            yield from _matrix(known, entity, role, account)
        yield from _assignments(known, entity, signed)
        yield from _injections(known, entity, signed)


def _scope(known: World, entity: Entity, role: str, account: int, action: Action) -> Scope:
    """Returns a cell of the matrix; nobody owns nothing, and makes nothing that needs an owner."""
    row = known.spec.permission(role, entity.name)
    scope = row.scope(action) if row else Scope.NONE
    mine = owner_relation(known.spec, entity)
    if account == 0 and (scope is Scope.OWN or (action is Action.CREATE and mine is not None and not mine.optional)):
        return Scope.NONE
    return scope


def _matrix(known: World, entity: Entity, role: str, account: int) -> Iterator[Probe]:
    path, rows = f"{PREFIX}/{entity.plural}", known.of(entity)
    exists = {each.kind for each in known.plan.interface.of(entity.name)}
    strange = [each for each in rows if known.owner(entity, each) != account]
    own = [each for each in rows if known.owner(entity, each) == account]
    for action, kind, method in (
        (Action.READ, RouteKind.GET, "GET"),
        (Action.UPDATE, RouteKind.UPDATE, "PATCH"),
        (Action.DELETE, RouteKind.DELETE, "DELETE"),
    ):
        if kind not in exists:
            continue
        scope = _scope(known, entity, role, account, action)
        body: Mapping[str, object] | None = {} if method == "PATCH" else None
        denied = (401,) if account == 0 else GONE if scope is Scope.OWN else DENIED
        told = f"{role} may {action} {scope} of {entity.plural}"
        if scope is not Scope.ALL:
            for row in strange if scope is Scope.OWN else rows[:1]:
                where = f"{path}/{row['id']}"
                yield Probe(account=account, method=method, path=where, allowed=denied, why=told, body=body)
        if action is Action.READ and scope is not Scope.NONE:
            for row in (own if scope is Scope.OWN else rows)[:1]:
                yield Probe(account=account, method="GET", path=f"{path}/{row['id']}", allowed=FINE, why=told)
        if action is Action.READ:
            hidden = tuple(int(str(each["id"])) for each in strange) if scope is Scope.OWN else ()
            answer = FINE if scope is not Scope.NONE else denied
            yield Probe(account=account, method="GET", path=path, allowed=answer, why=told, absent=hidden)
    if RouteKind.CREATE in exists and _scope(known, entity, role, account, Action.CREATE) is Scope.NONE:
        denied, told = (401,) if account == 0 else DENIED, f"{role} may create none of {entity.plural}"
        body = _body(created(known.spec, entity), rows[0])
        yield Probe(account=account, method="POST", path=path, allowed=denied, why=told, body=body)


def _assignments(known: World, entity: Entity, signed: Mapping[str, int]) -> Iterator[Probe]:
    """Yields attempts to set what the server alone sets, by who may change the row."""
    route = known.plan.interface.route(RouteKind.UPDATE, entity.name)
    mine = owner_relation(known.spec, entity)
    names = [
        "id",
        "created_at",
        *(["role", "password_hash"] if entity.account else []),
        *([f"{mine.name}_id"] if mine else []),
    ]
    for role, account in signed.items():
        if route is None or _scope(known, entity, role, account, Action.UPDATE) is Scope.NONE:
            continue
        own = next((each for each in known.of(entity) if known.owner(entity, each) == account), None)
        row = own or (known.of(entity)[0] if route.scope(role) is Scope.ALL else None)
        if row is None:
            continue
        for name in names:
            value = "admin" if name == "role" else 1
            yield Probe(
                account=account, method="PATCH", path=f"{PREFIX}/{entity.plural}/{row['id']}", allowed=REFUSED,
                why=f"{name} of {entity.plural} is not {role}'s to set", body={name: value},
            )  # fmt: skip


def _injections(known: World, entity: Entity, signed: Mapping[str, int]) -> Iterator[Probe]:
    """Yields SQL in every place of a list and a row that takes a value; nothing of it may be a server's error."""
    route = known.plan.interface.route(RouteKind.LIST, entity.name)
    if route is None:
        return
    able = [account for role, account in signed.items() if route.scope(role) is not Scope.NONE]
    for text in (each.format(table=entity.plural) for each in INJECTIONS):
        for name in ("sort", "limit", *(["q"] if route.searched else []), *(each.name for each in route.filters)):
            yield Probe(
                account=able[-1], method="GET", path=route.path, allowed=(200, 422), query={name: text},
                why=f"SQL as {name} of {entity.plural}",
            )  # fmt: skip
        yield Probe(
            account=able[-1], method="GET", path=f"{route.path}/{text.replace(' ', '%20')}", allowed=(404, 405, 422),
            why=f"SQL as the number of one of the {entity.plural}",
        )  # fmt: skip


def _body(payload: Payload, row: Mapping[str, Scalar | None]) -> Mapping[str, object]:
    """Returns what would create a row like another."""
    body: dict[str, object] = {}
    for each in payload.properties:
        if each.shape is Shape.KEYS or each.name not in row:
            continue
        body[each.name] = _sent(each.field, row[each.name])
    return body | {each.name: "a long password" for each in payload.properties if each.type is FieldType.SECRET}


def _sent(field: Field | None, value: Scalar | None) -> object:
    if value is None or field is None:
        return value
    if field.type is FieldType.DECIMAL:
        return str(value)
    return f"{str(value).replace(' ', 'T')}Z" if field.type is FieldType.DATETIME else value


async def _authorisation(ground: Ground) -> Finding:
    known = world(ground.plan)
    asked = {
        "statements": known.statements(),
        "probes": [asdict(each) for each in probes(known)],
        "accounts": ground.plan.spec.account is not None,
    }
    return judged(await script(ground, "probes.py", probes=json.dumps(asked)), "A probe got through.")


AUTHORISATION = Check(
    name="authorisation", command="probes computed from the permission matrix", run=_authorisation, fast=True
)

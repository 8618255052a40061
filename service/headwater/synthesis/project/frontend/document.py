"""Describes the API as the interface says it, in the form of OpenAPI, for the tests that compare the types with it.

A running application describes itself with more words; what stands here is the shape of bodies, and the routes. Each
operation tells with `x-access` on which rows a role may use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend.bounds import bounds
from headwater.synthesis.project.frontend.typescript import Value, document
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.payloads import Payload, Property, Shape
from headwater.synthesis.project.schema import Table
from headwater.synthesis.project.spec import TEXTUAL, FieldType

REFERENCE: Value = {"$ref": "#/components/schemas/Reference"}
KINDS = {FieldType.INTEGER: "integer", FieldType.BOOLEAN: "boolean"}
LENGTHS, SIZES = ("minLength", "maxLength"), ("minimum", "maximum")


def shapes(plan: Plan) -> str:
    """Returns the description as the text of a JSON file."""
    return document({"paths": _paths(plan), "components": {"schemas": dict(_schemas(plan))}})


def _paths(plan: Plan) -> dict[str, dict[str, Value]]:
    paths: dict[str, dict[str, Value]] = {}
    for route in plan.interface.routes:
        operation: Value = {
            "operationId": route.operation,
            "x-access": {role: str(scope) for role, scope in route.access},
        }
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return paths


def _schemas(plan: Plan) -> Iterator[tuple[str, Value]]:
    tables = {payload: plan.schema.table(entity.name) for entity in plan.spec.entities
              for payload in (entity.name, f"{entity.name}Create", f"{entity.name}Update")}  # fmt: skip
    for payload in plan.interface.payloads:
        yield payload.name, _object(dict(_properties(payload, tables[payload.name])), _required(payload))
    text, whole = {"type": "string"}, {"type": "integer"}
    yield "Reference", _object({"id": whole, "label": text})
    kinds = {each.kind for each in plan.interface.routes}
    if RouteKind.LOG_IN in kinds:
        yield "LogIn", _object({"email": text, "password": text})
        kind: Value = {"const": "bearer", "type": "string"}
        token: Mapping[str, Value] = {"access_token": text, "token_type": kind, "expires_in": whole}
        yield "Token", _object(token, ["access_token", "expires_in"])
    if RouteKind.UPLOAD in kinds:
        yield "Upload", _object({"reference": text, "name": text, "content_type": text, "size": whole})
    if RouteKind.SEARCH in kinds:
        yield "Hit", _object({"entity": text, "id": whole, "label": text})
        yield "Found", _object({"items": _list({"$ref": "#/components/schemas/Hit"}), "total": whole})
    if RouteKind.DASHBOARD in kinds:
        counts: Value = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": whole}}
        yield "Count", _object({"entity": text, "total": whole, "by": counts})
        yield "Dashboard", _object({"items": _list({"$ref": "#/components/schemas/Count"})})
    if RouteKind.HISTORY in kinds:
        actor: Mapping[str, Value] = {"actor": _nullable(REFERENCE)} if plan.spec.account else {}
        changes: Value = {"type": "object", "additionalProperties": True}
        yield "HistoryEntry", _object({"id": whole, "action": text, "at": text, **actor, "changes": changes})


def _object(properties: Mapping[str, Value], required: list[str] | None = None) -> Value:
    return {"type": "object", "properties": properties, "required": list(properties) if required is None else required}


def _list(items: Value) -> Value:
    return {"type": "array", "items": items}


def _nullable(schema: Value) -> Value:
    return {"anyOf": [schema, {"type": "null"}]}


def _required(payload: Payload) -> list[str]:
    return [each.name for each in payload.properties if each.required]


def _properties(payload: Payload, table: Table) -> Iterator[tuple[str, Value]]:
    for each in payload.properties:
        schema = _property(each, table)
        yield each.name, _nullable(schema) if each.nullable else schema


def _property(each: Property, table: Table) -> Value:
    if each.shape is Shape.REFERENCE:
        return REFERENCE
    if each.shape is Shape.REFERENCES:
        return _list(REFERENCE)
    if each.shape is not Shape.VALUE:
        return _list({"type": "integer"}) if each.shape is Shape.KEYS else {"type": "integer"}
    schema: dict[str, Value] = {"type": KINDS.get(each.type or FieldType.STRING, "string")}
    if each.field is None:
        return schema
    if each.field.choices:
        schema["enum"] = list(each.field.choices)
    names = LENGTHS if each.field.type in TEXTUAL else SIZES
    found = dict(bounds(table, each.field))
    given = {name: found[key] for name, key in zip(names, SIZES, strict=True) if found[key] is not None}
    return {**schema, **given}

"""Describes the HTTP face in OpenAPI 3.1, from the descriptor and its comments.

The same code always gives the same bytes, so a copy of the page can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import orjson
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from headwater.gateway.encode import shape
from headwater.gateway.schemas import Schemas, error_schema, field_schema, reference
from headwater.gateway.transcode import Route, Routes
from headwater.methods import Kind, comments


def describe(routes: Routes, *, version: str) -> bytes:
    """Writes the description of all routes."""
    said = comments(files("headwater.v1").joinpath("descriptor.binpb").read_bytes())
    schemas = Schemas(said)
    events = {event.full_name: event for route in routes.all for event in _events(route)}
    for event in events.values():
        schemas.add_event(event)
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(routes.all, key=lambda each: (each.binding.pattern, each.binding.verb)):
        operation = _operation(route, schemas, said)
        paths.setdefault(_TEMPLATE.sub(r"{\1}", route.binding.pattern), {})[route.binding.verb.lower()] = operation
    service = next((route.method.service for route in routes.all), "")
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Headwater",
            "version": version,
            "description": said.get(service, ""),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{}, {"bearer": []}, {"apiKey": []}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components(), "ErrorAnswer": error_schema()},
            "securitySchemes": _SECURITY,
        },
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _operation(route: Route, schemas: Schemas, said: Mapping[str, str]) -> dict[str, Any]:
    method = route.method
    summary, _, description = method.comment.partition("\n\n")
    first = method.bindings[0] == route.binding
    found: dict[str, Any] = {
        "operationId": method.name if first else f"{method.name}By{route.binding.verb.title()}",
        "summary": " ".join(summary.split()),
        "description": description,
        "tags": [method.service.rsplit(".", 1)[-1]],
        "parameters": [*_path_parameters(route, said), *_query_parameters(route, said), *_stream_parameters(route)],
        "responses": _responses(route, schemas),
    }
    if route.binding.body:
        whole = route.binding.body == "*"
        request = shape(method.request)
        schema = schemas.of(request) if whole else field_schema(request.fields_by_name[route.binding.body], schemas)
        found["requestBody"] = {"required": False, "content": {"application/json": {"schema": schema}}}
    return found


def _responses(route: Route, schemas: Schemas) -> dict[str, Any]:
    error = {"description": "The call was refused (AIP-193).", "content": _json(reference("ErrorAnswer"))}
    if route.method.response is HttpBody:
        binary = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        return {"200": {"description": "The bytes.", "content": binary}, "default": error}
    if not route.streams:
        return {
            "200": {"description": "OK", "content": _json(schemas.of(shape(route.method.response)))},
            "default": error,
        }
    events = [reference(schemas.name(event)) for event in _events(route)]
    event = events[0] if len(events) == 1 else {"oneOf": events}
    ends = [reference(f"{schemas.name(each)}.complete") for each in _events(route)]
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": event}
    content = {
        "text/event-stream": {"schema": {**text, "description": "One event in the data of each frame."}},
        "application/x-ndjson": {"schema": {**text, "description": "One event in each line."}},
        **_json(ends[0] if len(ends) == 1 else {"oneOf": ends}),
    }
    return {
        "200": {
            "description": "The events; as application/json, the last one once the run has ended.",
            "content": content,
        },
        "204": {"description": "The run has ended and was read to its end."},
        "410": {**error, "description": "The journal no longer holds what follows the cursor."},
        "default": error,
    }


def _events(route: Route) -> list[Descriptor]:
    """Returns the event messages of a stream: its own, or those of the runs that it watches."""
    match route.method.kind:
        case Kind.JOB:
            return [shape(route.method.response)]
        case Kind.WATCH:
            cases = [case for each in shape(route.method.response).oneofs for case in each.fields]
            return [case.message_type for case in cases if case.message_type is not None]
        case Kind.QUERY:
            return []


def _path_parameters(route: Route, said: Mapping[str, str]) -> list[dict[str, Any]]:
    fields = shape(route.method.request).fields_by_name
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": said.get(fields[name].full_name, ""),
            "schema": {"type": "string"},
        }
        for name in route.variables
    ]


def _query_parameters(route: Route, said: Mapping[str, str]) -> list[dict[str, Any]]:
    if route.binding.body == "*":
        return []
    taken = {*route.variables, route.binding.body}
    leaves = [leaf for leaf in _leaves(shape(route.method.request), "", ()) if leaf[0].partition(".")[0] not in taken]
    return [
        {"name": name, "in": "query", "description": said.get(field.full_name, ""), "schema": field_schema(field, None)}
        for name, field in leaves
        if not (route.streams and name == "after")
    ]


def _leaves(descriptor: Descriptor, prefix: str, above: tuple[str, ...]) -> Iterator[tuple[str, FieldDescriptor]]:
    """Yields what a query can set, by dotted path; a message inside itself is left out."""
    for field in descriptor.fields:
        inner = field.message_type
        if inner is None or inner.full_name in _TEXTS:
            yield f"{prefix}{field.name}", field
        elif not field.is_repeated and inner.full_name not in above:
            yield from _leaves(inner, f"{prefix}{field.name}.", (*above, descriptor.full_name))


def _stream_parameters(route: Route) -> list[dict[str, Any]]:
    found = _STREAM_PARAMETERS if route.streams else ()
    return [dict(each) for each in (*found, *(_RUN_HEADERS if route.method.starts_run else ()))]


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _parameter(name: str, where: str, description: str, *values: str) -> Mapping[str, Any]:
    schema = {"type": "string", "enum": list(values)} if values else {"type": "string"}
    return {"name": name, "in": where, "description": description, "schema": schema}


_CURSOR = "Where to go on: `<run>.<sequence>`, a sequence of the run in the path, or -1 for its beginning."
_STREAM_PARAMETERS = (
    _parameter("Last-Event-ID", "header", _CURSOR),
    _parameter("last_event_id", "query", _CURSOR),
    _parameter("after", "query", _CURSOR),
    _parameter("alt", "query", "The form of the answer, for who cannot send Accept.", "sse", "ndjson", "json"),
    _parameter("errors", "query", "`inband` sends a refusal as an `error` event with status 200.", "inband"),
)
_RUN_HEADERS = (
    _parameter("Idempotency-Key", "header", "`run_options.idempotency_key`, where the request leaves it empty."),
    _parameter("Request-Timeout", "header", "`run_options.deadline` in seconds, where the request leaves it out."),
    _parameter("Grpc-Timeout", "header", "The same in the form of gRPC, such as `30S`."),
)
_SECURITY: Mapping[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key or a JSON Web Token."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "token": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "For EventSource, which sends no header.",
    },
}
_TEXTS = frozenset({"google.protobuf.Duration", "google.protobuf.Timestamp", "google.protobuf.FieldMask"})
_TEMPLATE = re.compile(r"\{([^}=]+)=[^}]+\}")

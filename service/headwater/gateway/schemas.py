"""Writes messages as JSON Schemas, in the shape that the encoder gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from headwater.errors import Code
from headwater.gateway.frames import STATUS, payloads

_Schema = dict[str, Any]


class Schemas:
    """The schemas of a description, by name; a message is added with all that it holds."""

    def __init__(self, comments: Mapping[str, str]) -> None:
        """Describes with the comments of the protos, by full name."""
        self._comments = comments
        self._found: dict[str, _Schema] = {}

    def components(self) -> Mapping[str, _Schema]:
        """Returns all schemas, sorted by name."""
        return dict(sorted(self._found.items()))

    def name(self, descriptor: Descriptor) -> str:
        """Names a schema as its message, without the package where it is ours."""
        return descriptor.full_name.removeprefix(_PACKAGE)

    def of(self, descriptor: Descriptor) -> _Schema:
        """Returns a message's schema: the well-known ones as they are, any other by reference."""
        known = _WELL_KNOWN.get(descriptor.full_name)
        if known is not None:
            return dict(known)
        name = self.name(descriptor)
        if name not in self._found:
            self._found[name] = {}
            self._found[name] = self._object(descriptor)
        return reference(name)

    def add_event(self, event: Descriptor) -> None:
        """Adds an event: one variant for each case, told apart by `type`."""
        name = self.name(event)
        variants = {case: f"{name}.{case}" for case in payloads(event)}
        for case, payload in payloads(event).items():
            self._found[variants[case]] = self._variant(event, case, payload)
        self._found[name] = {
            "description": self._comments.get(event.full_name, ""),
            "oneOf": [reference(each) for each in variants.values()],
            "discriminator": {
                "propertyName": "type",
                "mapping": {case: reference(each)["$ref"] for case, each in variants.items()},
            },
        }

    def field(self, field: FieldDescriptor) -> _Schema:
        """Returns the schema of a field, with its comment."""
        comment = self._comments.get(field.full_name, "")
        schema = field_schema(field, self)
        return {**schema, "description": comment} if comment else schema

    def _object(self, descriptor: Descriptor) -> _Schema:
        return {
            "type": "object",
            "description": self._comments.get(descriptor.full_name, ""),
            "properties": {field.name: self.field(field) for field in descriptor.fields},
        }

    def _variant(self, event: Descriptor, case: str, payload: Descriptor) -> _Schema:
        envelope = {name: self.field(event.fields_by_name[name]) for name in ("sequence", "run", "time")}
        beside = {field.name: self.field(field) for field in payload.fields}
        if case == "error":
            beside[STATUS] = {"type": "integer", "description": "The HTTP status of the error."}
        always = [field.name for field in payload.fields if not field.has_presence]
        return {
            "type": "object",
            "description": self._comments.get(event.fields_by_name[case].full_name, ""),
            "properties": {"type": {"const": case}, **envelope, **beside},
            "required": ["type", "sequence", "run", *always],
        }


def field_schema(field: FieldDescriptor, schemas: Schemas | None) -> _Schema:
    """Returns the schema of a field's value; without `schemas`, of one that a query can hold."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {"type": "object", "additionalProperties": _single(field.message_type.fields_by_name["value"], schemas)}
    single = _single(field, schemas)
    return {"type": "array", "items": single} if field.is_repeated else single


def reference(name: str) -> _Schema:
    """Refers to a schema of the description."""
    return {"$ref": f"#/components/schemas/{name}"}


def error_schema() -> _Schema:
    """Returns the schema of a refusal (AIP-193)."""
    detail = {"type": "object", "properties": {"@type": {"type": "string"}}, "required": ["@type"]}
    error = {
        "type": "object",
        "properties": {
            "code": {"type": "integer", "description": "The HTTP status."},
            "message": {"type": "string"},
            "status": {"type": "string", "enum": [code.name for code in Code]},
            "details": {"type": "array", "items": detail},
        },
        "required": ["code", "message", "status", "details"],
    }
    return {"type": "object", "properties": {"error": error}, "required": ["error"]}


def _single(field: FieldDescriptor, schemas: Schemas | None) -> _Schema:
    if field.message_type is not None:
        known = _WELL_KNOWN.get(field.message_type.full_name)
        return schemas.of(field.message_type) if schemas is not None else dict(known or {"type": "string"})
    if field.enum_type is not None:
        return {"type": "string", "enum": [value.name for value in field.enum_type.values]}
    return dict(_SCALARS[field.type])


_PACKAGE = "headwater.v1."
_WELL_KNOWN: Mapping[str, _Schema] = {
    "google.protobuf.Any": {
        "type": "object",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
        "additionalProperties": True,
    },
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$", "examples": ["1.500s"]},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.FieldMask": {"type": "string"},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Value": {},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
}
_INT32: _Schema = {"type": "integer", "format": "int32"}
_UINT32: _Schema = {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
_INT64: _Schema = {"type": "string", "format": "int64"}
_UINT64: _Schema = {"type": "string", "format": "uint64"}
_NUMBER: _Schema = {"oneOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
_SCALARS: Mapping[int, _Schema] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
    FieldDescriptor.TYPE_DOUBLE: _NUMBER,
    FieldDescriptor.TYPE_FLOAT: _NUMBER,
    **dict.fromkeys((FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SFIXED32), _INT32),
    **dict.fromkeys((FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_FIXED32), _UINT32),
    **dict.fromkeys((FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_SINT64, FieldDescriptor.TYPE_SFIXED64), _INT64),
    **dict.fromkeys((FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64), _UINT64),
}

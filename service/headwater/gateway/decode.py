"""Reads JSON objects, query parameters and path segments into a request, and names every field that is unusable.

The values are judged by `json_format`; this module finds the field that it refuses, and is stricter where the library
guesses (base64 with strangers in it, a fraction for an enum, a list for an object).
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import orjson
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from headwater.errors import Code, Problem, Violation, invalid
from headwater.gateway.encode import shape


def parse_json(body: bytes) -> Any:
    """Parses a body; an empty one is `{}`. Raises Problem that says where it breaks."""
    if not body.strip():
        return {}
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        _check_utf8(body)
        message = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        remedy = "Send one JSON object; its fields are described at /openapi.json."
        place = {"line": str(error.lineno), "column": str(error.colno)}
        raise invalid("BODY_NOT_JSON", "body", message, remedy, **place) from error


def _check_utf8(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        message = f"The body is not UTF-8: byte {error.start} cannot be read."
        raise invalid("BODY_NOT_UTF8", "body", message, "Send JSON in UTF-8.") from error


def fill(message: Message, value: Any, path: str = "") -> list[Violation]:
    """Sets the fields of a message from a JSON object, and returns what was unusable."""
    if not isinstance(value, dict):
        return [_violation(path or "body", f"expected an object, got {_kind(value)}")]
    found: list[Violation] = []
    seen: dict[str, str] = {}
    items = cast("dict[str, Any]", value)
    for name, item in items.items():
        field = _field_of(shape(message), name)
        place = f"{path}.{name}" if path else name
        if field is None:
            found.append(_unknown(shape(message), place))
        elif item is not None:
            # Two names of a field, or two cases of a oneof: which one counts would be a guess.
            slot = field.containing_oneof.name if field.containing_oneof is not None else field.name
            if slot in seen:
                found.append(_violation(place, f"cannot be given together with {seen[slot]}"))
            seen[slot] = name
            found += _set(message, field, item, place)
    return found


def fill_strings(message: Message, pairs: Iterable[tuple[str, str]]) -> list[Violation]:
    """Sets fields from strings by dotted paths, as a query and a path hold them; a repeated field may occur again."""
    found: list[Violation] = []
    given: dict[str, list[str]] = {}
    for path, text in pairs:
        given.setdefault(path, []).append(text)
    for path, texts in given.items():
        owner, field = find(message, path)
        if owner is None or field is None:
            found.append(_unknown(shape(message if owner is None else owner), path))
        elif field.message_type is not None and not _is_text(field):
            found.append(_violation(path, "is an object and can only be sent in the body of a POST"))
        elif len(texts) > 1 and not field.is_repeated:
            found.append(_violation(path, "was given more than once"))
        else:
            values = [_typed(field, text) for text in texts]
            found += _set(owner, field, values if field.is_repeated else values[0], path)
    return found


def find(message: Message, path: str) -> tuple[Message | None, FieldDescriptor | None]:
    """Follows a dotted path to a field and the message that has it; None for what is not there."""
    *parents, name = path.split(".")
    owner = _descend(message, parents)
    return owner, None if owner is None else _field_of(shape(owner), name)


def refuse(violations: Sequence[Violation]) -> Problem:
    """Makes the refusal of a request with unusable fields; of very many it names the first."""
    first = violations[0]
    more = f", and {len(violations) - 1} more" if len(violations) > 1 else ""
    message = f"{first.field}: {first.description}{more}."
    metadata = {"field": first.field}
    remedy = "The request's fields are described at /openapi.json."
    return Problem(
        Code.INVALID_ARGUMENT, "BAD_REQUEST", message, remedy, violations=tuple(violations[:_NAMED]), metadata=metadata
    )


def _field_of(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    """Finds a field by its proto name or by its camelCase name."""
    field = descriptor.fields_by_name.get(name)
    return descriptor.fields_by_camelcase_name.get(name) if field is None else field


def _descend(message: Message, names: Sequence[str]) -> Message | None:
    """Follows a path of singular messages; None if it leads nowhere."""
    for name in names:
        field = _field_of(shape(message), name)
        if field is None or field.is_repeated or not _is_object(field):
            return None
        message = getattr(message, field.name)
    return message


def _set(message: Message, field: FieldDescriptor, value: Any, path: str) -> list[Violation]:
    """Sets a field from JSON's value of it."""
    if field.is_repeated and not _is_map(field):
        return _extend(message, field, value, path)
    if _is_object(field):
        inner: Message = getattr(message, field.name)
        inner.SetInParent()
        return fill(inner, value, path)
    return [] if _judge(message, field, value) else [_unfit(field, value, path)]


def _extend(message: Message, field: FieldDescriptor, value: Any, path: str) -> list[Violation]:
    # A lone string is a list of one: `"provider": "openai"` says what it means.
    given: Any = [value] if isinstance(value, str) and not _is_object(field) else value
    if not isinstance(given, list):
        return [_violation(path, f"expected a list, got {_kind(given)}")]
    items = [_spelled_out(field, item) for item in cast("list[Any]", given)]
    if _is_object(field):
        container = getattr(message, field.name)
        return [each for index, item in enumerate(items) for each in fill(container.add(), item, f"{path}[{index}]")]
    if all(_sound(field, item) for item in items) and _parsed(message, field, items):
        return []
    scratch = type(message)()
    unfit = [index for index, item in enumerate(items) if not (_sound(field, item) and _parsed(scratch, field, [item]))]
    return [_unfit(field, items[index], f"{path}[{index}]") for index in unfit]


def _judge(message: Message, field: FieldDescriptor, value: Any) -> bool:
    if field.type == FieldDescriptor.TYPE_BYTES:
        data = _base64(value)
        if data is not None:
            setattr(message, field.name, data)
        return data is not None
    value = _spelled_out(field, value)
    return _sound(field, value) and _parsed(message, field, value)


def _spelled_out(field: FieldDescriptor, value: Any) -> Any:
    """Returns the whole name of an enum's value that is given by its own part, in any case: `fast`, `Fast`."""
    if field.enum_type is None or not isinstance(value, str):
        return value
    own = value.upper().replace("-", "_")
    return next((name for name, short in _short_names(field.enum_type) if short == own), value)


def _short_names(kind: EnumDescriptor) -> Iterator[tuple[str, str]]:
    """Yields the names of an enum's values, and what of each is its own: they all begin like the first."""
    prefix = kind.values[0].name.removesuffix(_UNSPECIFIED)
    yield from ((value.name, value.name.removeprefix(prefix)) for value in kind.values)


def _parsed(message: Message, field: FieldDescriptor, value: Any) -> bool:
    try:
        json_format.ParseDict({field.name: value}, message)
    except json_format.ParseError:
        return False
    return True


def _sound(field: FieldDescriptor, value: Any) -> bool:
    """Whether the value is of a JSON type that fits; the library is not asked where it would guess."""
    if value is None:
        return False
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _base64(value) is not None
    if field.enum_type is not None:
        return isinstance(value, str) or type(value) is int
    if field.type == FieldDescriptor.TYPE_STRING:
        return isinstance(value, str)
    return True


def _base64(value: Any) -> bytes | None:
    """Decodes base64 of either alphabet, padded or not; None if it is anything else.

    An archive may be large: it is decoded in pieces, between which the event loop gets its turn.
    """
    if not isinstance(value, str):
        return None
    text = value.replace("-", "+").replace("_", "/").rstrip("=")
    text += "=" * (-len(text) % 4)
    try:
        pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
        return b"".join([binascii.a2b_base64(piece, strict_mode=True) for piece in pieces])
    except ValueError:  # strangers in it, or a length that no bytes have
        return None


def _typed(field: FieldDescriptor, text: str) -> Any:
    """Gives a string the JSON type of its field; json_format reads numbers from strings, booleans not."""
    boolean = field.type == FieldDescriptor.TYPE_BOOL or _type_name(field) == "google.protobuf.BoolValue"
    return {"true": True, "false": False}.get(text, text) if boolean else text


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _is_object(field: FieldDescriptor) -> bool:
    """Whether the field holds messages that JSON writes as objects with their fields."""
    return field.message_type is not None and not _is_map(field) and not _type_name(field).startswith(_WELL_KNOWN)


def _is_text(field: FieldDescriptor) -> bool:
    """Whether the field's message is a single value in JSON: a Duration, a Timestamp, a wrapper."""
    name = _type_name(field)
    return name.startswith(_WELL_KNOWN) and name.removeprefix(_WELL_KNOWN) not in _STRUCTURED


def _type_name(field: FieldDescriptor) -> str:
    return "" if field.message_type is None else field.message_type.full_name


def _unknown(descriptor: Descriptor, path: str) -> Violation:
    names = ", ".join(field.name for field in descriptor.fields)
    return _violation(path, f"no such field; {descriptor.name} has {names or 'none'}")


def _unfit(field: FieldDescriptor, value: Any, path: str) -> Violation:
    return _violation(path, f"expected {_wanted(field)}, got {_kind(value)}")


def _wanted(field: FieldDescriptor) -> str:
    if field.enum_type is not None:
        known = [short.lower() for _, short in _short_names(field.enum_type) if short != _UNSPECIFIED]
        return f"one of {', '.join(known)}"
    if _is_map(field):
        return "an object"
    if field.message_type is not None:
        return _TEXTS.get(field.message_type.name, f"a {field.message_type.name}")
    return _SCALARS[field.cpp_type] if field.type != FieldDescriptor.TYPE_BYTES else "base64"


def _kind(value: Any) -> str:
    """Says what a value is, and shows it only if it is short and no text: texts may be secrets."""
    match value:
        case None | bool():
            return str(orjson.dumps(value), "ascii")
        case int() | float():
            return f"the number {value}"
        case str():
            return "another text" if value else "an empty text"
        case list():
            return "a list"
        case _:
            return "an object"


def _violation(path: str, description: str) -> Violation:
    return Violation(field=path, description=description)


_NAMED = 50
"""Violations in one refusal: more help nobody, and would make a large answer of a small request."""
_PIECE = 1 << 20
"""Characters of base64 that are decoded at once; a multiple of four."""
_UNSPECIFIED = "UNSPECIFIED"
_WELL_KNOWN = "google.protobuf."
_STRUCTURED = frozenset({"Any", "Struct", "Value", "ListValue", "Empty"})
_TEXTS: Mapping[str, str] = {
    "Duration": "a duration such as 1.5s",
    "Timestamp": "a time such as 2026-01-31T12:00:00Z",
}
_SCALARS: Mapping[int, str] = {
    FieldDescriptor.CPPTYPE_INT32: "a whole number of 32 bits",
    FieldDescriptor.CPPTYPE_INT64: "a whole number of 64 bits",
    FieldDescriptor.CPPTYPE_UINT32: "a whole number of 32 bits that is not negative",
    FieldDescriptor.CPPTYPE_UINT64: "a whole number of 64 bits that is not negative",
    FieldDescriptor.CPPTYPE_DOUBLE: "a number",
    FieldDescriptor.CPPTYPE_FLOAT: "a number",
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_STRING: "a text",
}

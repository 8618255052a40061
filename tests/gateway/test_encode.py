"""The compiled encoders write the same ProtoJSON as the library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from google.protobuf import (
    any_pb2,
    duration_pb2,
    field_mask_pb2,
    json_format,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.gateway.encode import encoder_for
from headwater.v1 import headwater_pb2


def reachable() -> list[Descriptor]:
    """Every message type of our files, of what they import, and of the error details."""
    files: dict[str, FileDescriptor] = {}
    waiting = [headwater_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR, wrappers_pb2.DESCRIPTOR]
    while waiting:
        file = waiting.pop()
        if file.name not in files:
            files[file.name] = file
            waiting.extend(file.dependencies)
    ours = [file for name, file in sorted(files.items()) if not name.endswith("descriptor.proto")]
    return [each for file in ours for top in file.message_types_by_name.values() for each in nested(top)]


def nested(descriptor: Descriptor) -> Iterator[Descriptor]:
    if not descriptor.GetOptions().map_entry:
        yield descriptor
    for inner in descriptor.nested_types:
        yield from nested(inner)


INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(width=32),
}


def scalars(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        known = st.sampled_from([value.number for value in field.enum_type.values])
        return known | st.integers(-5, 200)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=9)
    if field.type == FieldDescriptor.TYPE_STRING:
        return st.text(max_size=9)
    return INTEGERS[field.cpp_type]


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 3) -> Message:
    """Draws a message of the type: some fields set, the well-known types within what they may hold."""
    special = SPECIAL.get(descriptor.full_name)
    if special is not None:
        return draw(special)
    message = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if draw(st.booleans()) and (field.message_type is None or depth):
            fill(draw, message, field, depth - 1)
    return message


def fill(draw: st.DrawFn, message: Message, field: FieldDescriptor, depth: int) -> None:
    target = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        for each in draw(st.lists(scalars(key), max_size=2)):
            if value.message_type is None:
                target[each] = draw(scalars(value))
            else:
                target[each].CopyFrom(draw(messages(value.message_type, depth)))
    elif field.message_type is not None:
        drawn = messages(field.message_type, depth)
        if field.is_repeated:
            target.extend(draw(st.lists(drawn, max_size=2)))
        else:
            target.CopyFrom(draw(drawn))
    elif field.is_repeated:
        target.extend(draw(st.lists(scalars(field), max_size=3)))
    else:
        setattr(message, field.name, draw(scalars(field)))


def packed(message: Message) -> any_pb2.Any:
    found = any_pb2.Any()
    found.Pack(message)
    return found


DURATIONS = st.builds(duration_pb2.Duration, seconds=st.integers(0, 10**11), nanos=st.integers(0, 999_999_999))
TIMESTAMPS = st.builds(
    timestamp_pb2.Timestamp,
    seconds=st.integers(-62_135_596_800, 253_402_300_799),
    nanos=st.integers(0, 999_999_999) | st.sampled_from([0, 5_000_000, 123_000, 120_000_000]),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.builds(struct_pb2.Value, number_value=NUMBERS) | st.builds(struct_pb2.Value, string_value=st.text())
SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "google.protobuf.Timestamp": TIMESTAMPS,
    "google.protobuf.Duration": DURATIONS,
    "google.protobuf.FieldMask": st.builds(field_mask_pb2.FieldMask, paths=st.just(["a.b", "c_d"])),
    "google.protobuf.Value": VALUES,
    "google.protobuf.Any": st.just(any_pb2.Any())
    | st.deferred(lambda: messages(error_details_pb2.ErrorInfo.DESCRIPTOR, 1).map(packed))
    | st.deferred(lambda: messages(error_details_pb2.BadRequest.DESCRIPTOR, 2).map(packed))
    | st.builds(wrappers_pb2.Int64Value, value=st.integers(-9, 9)).map(packed)
    | DURATIONS.map(packed),
}
TYPES = reachable()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("descriptor", TYPES, ids=[each.full_name for each in TYPES])
@given(data=st.data())
def test_an_encoder_writes_what_the_library_writes(descriptor: Descriptor, data: st.DataObject) -> None:
    """For random messages of every type that can be reached from the service, and through orjson and back."""
    message = data.draw(messages(descriptor))
    expected = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    found = encoder_for(descriptor)(message)
    assert found == expected
    assert orjson.loads(orjson.dumps(found)) == expected


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_written_reads_back_as_the_same_message(data: st.DataObject) -> None:
    """ProtoJSON loses nothing of an event."""
    message = data.draw(messages(headwater_pb2.headwater_dot_v1_dot_generate__tests__pb2.TestCase.DESCRIPTOR))
    found = encoder_for(message.DESCRIPTOR)(message)
    back = json_format.ParseDict(found, type(message)())
    assert json_format.MessageToDict(back) == json_format.MessageToDict(message)


@pytest.mark.parametrize(
    "detail",
    [
        any_pb2.Any(type_url="type.example.com/of.another.Program", value=b"\x01\x02"),
        any_pb2.Any(type_url="type.googleapis.com/google.rpc.ErrorInfo", value=b"\xff"),
        any_pb2.Any(value=b"\x01"),
    ],
)
def test_a_detail_that_cannot_be_read_keeps_its_bytes(detail: any_pb2.Any) -> None:
    """The library refuses such a status; a reader of a stream is better served with the rest of it."""
    status = status_pb2.Status(code=3, message="no", details=[detail])
    found = encoder_for(status.DESCRIPTOR)(status)
    assert found["message"] == "no"
    assert set(found["details"][0]) == {"@type", "value"}

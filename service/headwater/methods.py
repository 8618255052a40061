"""Pairs each RPC of the descriptor with its orchestrator, and refuses to start on a mismatch.

The descriptor says everything else: a streaming method with side effects starts a run (JOB), a streaming one without
watches one (WATCH), the rest answer at once (QUERY). Faces register what they find here and know no method by name.
"""

from __future__ import annotations

import enum
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

import headwater.rpc
from headwater.v1 import headwater_pb2


class Kind(enum.Enum):
    """What a call of the method does."""

    JOB = "job"
    """Starts a run and streams its events."""
    WATCH = "watch"
    """Streams the events of a run that is there."""
    QUERY = "query"
    """Answers once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """An HTTP route of a method, from `google.api.http`: `POST /v1/runs/{run}:cancel`, body `*`."""

    verb: str
    pattern: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """An RPC, with all that a face needs to serve it."""

    name: str
    path: str
    """The gRPC path: `/headwater.v1.HeadwaterService/GetRun`."""
    service: str
    kind: Kind
    request: type[Message]
    response: type[Message]
    """The response, or the item of the stream."""
    bindings: tuple[Binding, ...]
    comment: str
    handler: Callable[..., Any]

    @property
    def starts_run(self) -> bool:
        """Whether a call starts a run."""
        return self.kind is Kind.JOB


def load_methods() -> Mapping[str, Method]:
    """Pairs every RPC with the function of its name in `headwater.rpc`; by method name.

    Raises RuntimeError if an RPC has no orchestrator, or an orchestrator no RPC.
    """
    service = headwater_pb2.DESCRIPTOR.services_by_name["HeadwaterService"]
    handlers = _handlers()
    methods: dict[str, Method] = {}
    for descriptor in service.methods:
        handler = handlers.pop(_snake(descriptor.name), None)
        if handler is None:
            raise RuntimeError(f"no orchestrator headwater/rpc/{_snake(descriptor.name)}.py for {descriptor.name}")
        methods[descriptor.name] = _method(service, descriptor, handler)
    if handlers:
        raise RuntimeError(f"orchestrators without an RPC: {', '.join(sorted(handlers))}")
    return methods


def _handlers() -> dict[str, Callable[..., Any]]:
    """Finds the orchestrators: in each module of `headwater.rpc`, the function named like the module."""
    handlers: dict[str, Callable[..., Any]] = {}
    for info in pkgutil.iter_modules(headwater.rpc.__path__):
        function = getattr(importlib.import_module(f"headwater.rpc.{info.name}"), info.name, None)
        if function is not None:
            handlers[info.name] = function
    return handlers


def _method(service: ServiceDescriptor, descriptor: MethodDescriptor, handler: Callable[..., Any]) -> Method:
    return Method(
        name=descriptor.name,
        path=f"/{service.full_name}/{descriptor.name}",
        service=service.full_name,
        kind=_kind(descriptor),
        request=message_factory.GetMessageClass(descriptor.input_type),
        response=message_factory.GetMessageClass(descriptor.output_type),
        bindings=_bindings(descriptor),
        comment=_comments().get(f"{service.full_name}.{descriptor.name}", ""),
        handler=handler,
    )


def _kind(descriptor: MethodDescriptor) -> Kind:
    if not descriptor.server_streaming:
        return Kind.QUERY
    pure = descriptor.GetOptions().idempotency_level == descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS
    return Kind.WATCH if pure else Kind.JOB


def _bindings(descriptor: MethodDescriptor) -> tuple[Binding, ...]:
    http: Any = annotations_pb2.http
    rule: Any = descriptor.GetOptions().Extensions[http]
    found: list[Binding] = []
    for each in (rule, *rule.additional_bindings):
        verb = each.WhichOneof("pattern")
        if verb is not None:
            found.append(Binding(verb=verb.upper(), pattern=getattr(each, verb), body=each.body))
    return tuple(found)


@cache
def _comments() -> Mapping[str, str]:
    return comments(files("headwater.v1").joinpath("descriptor.binpb").read_bytes())


def comments(descriptor: bytes) -> Mapping[str, str]:
    """Reads the comments of a serialized FileDescriptorSet with source info, by full name.

    Messages, fields, enums, their values, services and methods are named as in protobuf: `package.Message.field`.
    A location's path is a list of field numbers and indexes into FileDescriptorProto (descriptor.proto).
    """
    found: dict[str, str] = {}
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptor).file:
        for location in file.source_code_info.location:
            name = _name(file, tuple(location.path))
            if name and location.leading_comments:
                found[name] = re.sub(r"(?m)^ ", "", location.leading_comments).strip()
    return found


def _name(file: descriptor_pb2.FileDescriptorProto, path: tuple[int, ...]) -> str:
    """Follows a location's path to the named thing it means; empty if it means a part of one."""
    node: Any = file
    names = [file.package]
    for number, index in zip(path[::2], path[1::2], strict=False):
        field = node.DESCRIPTOR.fields_by_number[number]
        if field.message_type is None or field.name not in _NAMED:
            return ""
        node = getattr(node, field.name)[index]
        names.append(node.name)
    return "" if len(path) % 2 else ".".join(names)


_NAMED = frozenset({"message_type", "nested_type", "field", "enum_type", "value", "service", "method"})


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

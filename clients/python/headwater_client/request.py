"""Makes a GenerateTestsRequest from keyword arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, TypedDict

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from headwater.v1 import generate_tests_pb2, runs_pb2


class GenerateTestsFields(TypedDict, total=False):
    """What `generate_tests` takes beside the source's text. All optional; what is absent the server decides."""

    path: str
    """The file to test, relative to the folder that goes on the import path."""
    files: Mapping[str, str | bytes]
    """Further files that the code needs, or all of them, by relative path."""
    archive: bytes
    """A zip or tar archive of the files."""
    root: str
    """A folder on the server, under one of its allowed roots."""
    python: str
    """The interpreter of the project's own environment, on the server."""
    symbols: Sequence[str]
    """Qualified names to aim at, such as `Cart.total`."""
    lines: int | tuple[int, int]
    """A line, or the first and the last line to aim at, counted from 1."""
    framework: str
    test_type: str
    language: str
    target_count: int
    """How many tests to stop at."""
    coverage_target: float
    """The combined coverage to stop at, in percent."""
    provider: str | Sequence[str]
    """Who writes the tests; several are asked in order."""
    model: str
    seed: int
    budget: float
    """How long to search for tests, in seconds."""
    test_timeout: float
    """How long one test may take, in seconds."""
    max_attempts: int
    """How often what failed is tried again."""
    idempotency_key: str
    """Two requests with the same key share one run; a random one when absent, so that a retry starts no second run."""
    on_disconnect: Literal["cancel", "detach"]
    """What becomes of the run when this client leaves."""
    detach_grace: float
    """How long a detached run goes on with nobody watching, in seconds."""
    deadline: float
    """The longest that the run may take, queueing included, in seconds."""


def generate_tests_request(
    source: str | None, base: generate_tests_pb2.GenerateTestsRequest | None, fields: GenerateTestsFields
) -> generate_tests_pb2.GenerateTestsRequest:
    """Makes the request: a copy of `base`, if given, with the fields set on top.

    Raises TypeError for a name that is no field or a value of the wrong type, ValueError for a value out of range.
    """
    unknown = fields.keys() - GenerateTestsFields.__annotations__.keys()
    if unknown:
        raise TypeError(f"generate_tests() got an unexpected keyword argument {min(unknown)!r}")
    request = generate_tests_pb2.GenerateTestsRequest()
    if base is not None:
        request.CopyFrom(base)
    if source is not None:
        request.source.content = source
    values: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
    for name in values.keys() & _PLACES.keys():
        _set(getattr(request, _PLACES[name]) if _PLACES[name] else request, name, values[name])
    if "provider" in values:
        provider = values["provider"]
        request.provider[:] = [provider] if isinstance(provider, str) else provider
    _set_files(request.source, values)
    _set_target(request, values)
    if "on_disconnect" in values:
        request.run_options.on_disconnect = enum_value(runs_pb2.OnDisconnect, values["on_disconnect"])
    return request


def enum_value(enum: Any, name: str) -> Any:
    """Finds an enum's value by its short name: `detach` means ON_DISCONNECT_DETACH."""
    zero: str = enum.DESCRIPTOR.values_by_number[0].name
    prefix = zero.removesuffix("UNSPECIFIED")
    names = {value.removeprefix(prefix).lower() for value in enum.keys()} - {"unspecified"}  # noqa: SIM118 — no dict
    if name not in names:
        raise ValueError(f"{name!r} is none of {', '.join(sorted(names))}")
    return enum.Value(prefix + name.upper())


_PLACES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("framework", "test_type", "language", "target_count", "coverage_target"), ""),
        **dict.fromkeys(("model", "seed"), ""),
        **dict.fromkeys(("path", "archive", "root", "python"), "source"),
        **dict.fromkeys(("budget", "test_timeout", "max_attempts"), "limits"),
        **dict.fromkeys(("idempotency_key", "detach_grace", "deadline"), "run_options"),
    }
)
"""Which part of the request holds the field of the same name; empty for the request itself."""


def _set(message: Message, name: str, value: Any) -> None:
    if message.DESCRIPTOR.fields_by_name[name].message_type is Duration.DESCRIPTOR:
        getattr(message, name).FromNanoseconds(round(value * 1e9))
    else:
        setattr(message, name, value)


def _set_files(source: generate_tests_pb2.Source, values: Mapping[str, Any]) -> None:
    for path, content in values.get("files", {}).items():
        source.files.add(path=path, content=content.encode() if isinstance(content, str) else content)


def _set_target(request: generate_tests_pb2.GenerateTestsRequest, values: Mapping[str, Any]) -> None:
    symbols = values.get("symbols", ())
    if isinstance(symbols, str):
        raise TypeError("symbols must be a sequence of names, not one string")
    if symbols:
        request.target.symbols.extend(symbols)
    lines = values.get("lines")
    if isinstance(lines, int):
        request.target.line_start = lines
    elif lines is not None:
        request.target.line_start, request.target.line_end = lines

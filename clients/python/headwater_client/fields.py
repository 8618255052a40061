"""Sets the fields of a message; what one cannot hold is refused by name, before anything is sent."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from headwater.v1 import runs_pb2
from headwater_client.errors import invalid

_M = TypeVar("_M", bound=Message)

Filling: TypeAlias = tuple[Callable[[Any, Any], None], str]
"""Fills a request with a value that is given in another form than the request has, and what to give if it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Generic[_M]):
    """Says how a method's keyword arguments become its request.

    `places` names the part of the request that holds the field of the same name (empty for the request itself), and
    `fillings` what is given in another form; what both requests share is in neither.
    """

    method: str
    kind: type[_M]
    known: frozenset[str]
    places: Mapping[str, str]
    fillings: Mapping[str, Filling]

    def request(self, base: _M | None, fields: Mapping[str, Any]) -> _M:
        """Makes the request: a copy of `base`, if given, with the fields set on top; what is None is absent.

        Raises TypeError for a name that is no field, and HeadwaterError INVALID_ARGUMENT `ARGUMENT_INVALID` for a value
        that its field cannot hold.
        """
        unknown = fields.keys() - self.known
        if unknown:
            raise TypeError(f"{self.method}() got an unexpected keyword argument {min(unknown)!r}")
        request = self.kind()
        if base is not None:
            with refusing("request", base, f"Give {_article(self.kind.__name__)}."):
                request.CopyFrom(base)
        values = {name: value for name, value in fields.items() if value is not None}
        places = {**_SHARED_PLACES, **self.places}
        for name in [name for name in values if name in places]:
            set_field(getattr(request, places[name]) if places[name] else request, name, values[name])
        for name, (fill, remedy) in {**_SHARED_FILLINGS, **self.fillings}.items():
            if name in values:
                with refusing(name, values[name], remedy):
                    fill(request, values[name])
        return request


def enum_value(enum: Any, field: str, name: str) -> Any:
    """Finds an enum's value by its short name: `detach` means ON_DISCONNECT_DETACH."""
    zero: str = enum.DESCRIPTOR.values_by_number[0].name
    prefix = zero.removesuffix("UNSPECIFIED")
    names = {value.removeprefix(prefix).lower() for value in enum.keys()} - {"unspecified"}  # noqa: SIM118 — no dict
    if name not in names:
        raise invalid(field, f"{field} cannot be {name!r}.", f"Use one of: {', '.join(sorted(names))}.")
    return enum.Value(prefix + name.upper())


def make(kind: type[_M], **values: Any) -> _M:
    """Makes a message of its fields. Raises HeadwaterError `ARGUMENT_INVALID` for a value that one cannot hold."""
    made = kind()
    for name, value in values.items():
        set_field(made, name, value)
    return made


def check_options(target: object, token: object, api_key: object, timeout: object) -> None:
    """Refuses what gRPC would only stumble over: credentials that no header can hold, an address that is none."""
    if not isinstance(target, str) or not target.strip():
        raise invalid("target", f"target cannot be {_shown(target)}.", "Give an address, such as localhost:50051.")
    for name, value in (("token", token), ("api_key", api_key)):
        if value is not None and not (isinstance(value, str) and value.isascii() and value.isprintable()):
            # The value is a secret, and is not repeated.
            message = f"{name} holds something other than printable ASCII characters."
            raise invalid(name, message, "Give it as it was issued, without a line break.")
    if timeout is not None:
        with refusing("timeout", timeout, "Give seconds as a number that is not negative, or None for no limit."):
            _not_negative(float(timeout))  # type: ignore[arg-type]


def set_field(message: Message, name: str, value: Any) -> None:
    """Sets a field; a duration is given in seconds. Raises HeadwaterError `ARGUMENT_INVALID`."""
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.message_type is Duration.DESCRIPTOR:
        with refusing(name, value, "Give seconds as a number that is not negative, such as 10 or 2.5."):
            getattr(message, name).FromNanoseconds(round(_not_negative(value) * 1e9))
    else:
        with refusing(name, value, _KINDS[field.type]):
            setattr(message, name, value)


@contextlib.contextmanager
def refusing(name: str, value: object, remedy: str) -> Generator[None]:
    """Makes what a value does wrong one error that names the field."""
    try:
        yield
    except (TypeError, ValueError, OverflowError) as error:
        # What a TypeError says is about Python's insides; that the value is of the wrong type, the remedy says better.
        why = "" if isinstance(error, TypeError) else f" ({str(error).rstrip('.')})"
        raise invalid(name, f"{name} cannot be {_shown(value)}{why}.", remedy) from None


def _add_files(request: Any, files: Any) -> None:
    for path, content in dict(files).items():
        request.source.files.add(path=path, content=content.encode() if isinstance(content, str) else content)


def _set_root(request: Any, root: Any) -> None:
    request.source.root = os.fspath(root)


def _set_provider(request: Any, provider: Any) -> None:
    request.provider[:] = [provider] if isinstance(provider, str) else provider


def _set_on_disconnect(request: Any, choice: Any) -> None:
    request.run_options.on_disconnect = enum_value(runs_pb2.OnDisconnect, "on_disconnect", choice)


_SHARED_PLACES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("path", "archive"), "source"),
        **dict.fromkeys(("idempotency_key", "detach_grace", "deadline"), "run_options"),
    }
)

_SHARED_FILLINGS: Mapping[str, Filling] = MappingProxyType(
    {
        "files": (_add_files, "Give a mapping of relative paths to text or bytes."),
        "root": (_set_root, "Give the path of a folder on the server."),
        "provider": (_set_provider, 'Give a name such as "embedded", or a sequence of names.'),
        "on_disconnect": (_set_on_disconnect, 'Give "cancel" or "detach".'),
    }
)


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


_KINDS: Mapping[int, str] = MappingProxyType(
    {
        FieldDescriptor.TYPE_STRING: "Give text.",
        FieldDescriptor.TYPE_BYTES: "Give bytes.",
        FieldDescriptor.TYPE_INT32: "Give a whole number below 2147483648.",
        FieldDescriptor.TYPE_UINT32: "Give a whole number from 0 to 4294967295.",
        FieldDescriptor.TYPE_DOUBLE: "Give a number.",
        FieldDescriptor.TYPE_BOOL: "Give True or False.",
        FieldDescriptor.TYPE_ENUM: "Give a value of the enum.",
    }
)
"""What would do in a field of the type."""


def _not_negative(seconds: float) -> float:
    if seconds < 0:
        raise ValueError("a time cannot be negative")
    return seconds


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"


_LONGEST_SHOWN = 60

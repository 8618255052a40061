"""Says why a call was refused or a run failed, in one form: `HeadwaterError`, read from google.rpc.Status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from headwater.v1 import runs_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Names one unusable field of the request, and says what is wrong with it."""

    field: str
    description: str


@dataclass(eq=False)
class HeadwaterError(Exception):
    """Says what went wrong and what to do about it.

    `reason` is stable and UPPER_SNAKE_CASE; it is the code's name where the failure came from the transport and not
    from the service. `retry_after_seconds` is set when the service said that the same request may succeed later.
    """

    code: grpc.StatusCode
    reason: str
    message: str
    remedy: str = ""
    violations: tuple[Violation, ...] = ()
    retry_after_seconds: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        return f"{self.code.name} ({self.reason}): {self.message} {self.remedy}".strip()

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.retry_after_seconds is not None or self.code is grpc.StatusCode.UNAVAILABLE


class StreamCut(HeadwaterError):  # noqa: N818 — names what happened to the stream
    """The stream ended without its terminal event, and was not or could not be resumed. The run may go on."""


class StreamGap(HeadwaterError):  # noqa: N818 — names what happened to the stream
    """The stream skipped an event: what follows cannot be trusted."""


class RunCancelled(HeadwaterError):  # noqa: N818 — names what happened to the run
    """The run was cancelled; `metadata["origin"]` says by whom."""


def from_call(error: grpc.aio.AioRpcError) -> HeadwaterError:
    """Reads the status of a call that failed, with its details if it has any."""
    code, message = error.code(), error.details() or ""
    status = _trailing_status(error)
    if status is not None:
        return replace(from_status(status), code=code)
    if code is grpc.StatusCode.UNAVAILABLE:
        cause = _GRPC_PREAMBLE.sub("", message).rstrip(".") or "the connection failed"
        return HeadwaterError(code, code.name, f"The server did not answer: {cause}.", _NO_ANSWER)
    return HeadwaterError(code, code.name, message or "The call failed.")


def from_status(status: status_pb2.Status) -> HeadwaterError:
    """Reads a google.rpc.Status. The remedy stands in ErrorInfo's metadata, and again at the end of the message."""
    code = _code(status.code)
    info = _detail(status.details, error_details_pb2.ErrorInfo)
    retry = _detail(status.details, error_details_pb2.RetryInfo)
    bad = _detail(status.details, error_details_pb2.BadRequest)
    metadata = dict(info.metadata) if info else {}
    remedy = metadata.pop("remedy", "")
    return HeadwaterError(
        code=code,
        reason=info.reason if info else code.name,
        message=status.message.removesuffix(remedy).strip(),
        remedy=remedy,
        violations=tuple(
            Violation(field=each.field, description=each.description) for each in (bad.field_violations if bad else ())
        ),
        retry_after_seconds=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        metadata=metadata,
    )


def from_event(event: runs_pb2.Error) -> HeadwaterError:
    """Reads the terminal `error` event of a run."""
    error = from_status(event.error)
    return replace(
        error,
        reason=event.reason or error.reason,
        message=event.message or error.message,
        remedy=event.remedy or error.remedy,
    )


def invalid(field: str, message: str, remedy: str) -> HeadwaterError:
    """Refuses an argument where it is given, before anything is sent."""
    violations = (Violation(field=field, description=f"{message} {remedy}"),)
    return HeadwaterError(
        grpc.StatusCode.INVALID_ARGUMENT, "ARGUMENT_INVALID", message, remedy, violations, metadata={"field": field}
    )


def client_closed() -> HeadwaterError:
    """Says that the client was closed before or during the call."""
    return HeadwaterError(grpc.StatusCode.CANCELLED, "CLIENT_CLOSED", "The client is closed.")


def has_details(error: grpc.aio.AioRpcError) -> bool:
    """Whether the service itself made the status; a proxy or the transport attaches no details."""
    return _trailing_status(error) is not None


_NO_ANSWER = "Check that it runs, that the address is that of its gRPC port, and that both sides use TLS or none."

_GRPC_PREAMBLE = re.compile(r"^failed to connect to all addresses; last error: [A-Z_]+: ")
"""What gRPC says before what happened."""

_DETAILS_KEY = "grpc-status-details-bin"

_D = TypeVar("_D", bound=Message)


def _trailing_status(error: grpc.aio.AioRpcError) -> status_pb2.Status | None:
    trailers: Any = error.trailing_metadata() or ()
    for key, value in trailers:
        if key == _DETAILS_KEY:
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:  # a proxy mangled the trailer: code and message of the call still stand
                return None
    return None


def _detail(details: Iterable[Any], kind: type[_D]) -> _D | None:
    for each in details:
        message = kind()
        if each.Is(kind.DESCRIPTOR) and each.Unpack(message):
            return message
    return None


def _code(number: int) -> grpc.StatusCode:
    return next((code for code in grpc.StatusCode if code.value[0] == number), grpc.StatusCode.UNKNOWN)

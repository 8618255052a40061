"""Says in HTTP how a call ended: the codes, and the error object of AIP-193."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message
from google.rpc import status_pb2

from headwater.errors import Code, Problem
from headwater.gateway.encode import encoder_for
from headwater.gateway.exchange import Answer, Headers
from headwater.gateway.options import GatewayOptions
from headwater.status import status_of


def refused(problem: Problem, options: GatewayOptions, *, status: int = 0, headers: Headers = ()) -> Answer:
    """Answers with a problem, under the status of its code unless another is given."""
    code = status or http_code(int(problem.code))
    every = [*headers, ("cache-control", "no-store")]
    if problem.retryable:
        every.append(("retry-after", str(retry_after(problem, options))))
    if problem.code is Code.UNAUTHENTICATED:
        every.append(("www-authenticate", 'Bearer realm="headwater"'))
    return Answer(status=code, body=error_body(status_of(problem), code), headers=every)


def retry_after(problem: Problem, options: GatewayOptions) -> int:
    """Returns the whole seconds to wait before the request is tried again."""
    seconds = problem.retry_after_seconds
    return math.ceil(options.retry_after_seconds if seconds is None else seconds)


def error_body(status: Message, code: int) -> bytes:
    """Writes a status as AIP-193 does: the HTTP code in `code`, the canonical name in `status`."""
    found = encoder_for(status_pb2.Status.DESCRIPTOR)(status)
    name = _NAMES.get(found["code"], Code.UNKNOWN.name)
    error = {"code": code, "message": found["message"], "status": name, "details": found["details"]}
    return orjson.dumps({"error": error})


def message_answer(message: Message) -> Answer:
    """Answers with a message; with the bytes that it holds where it is a `google.api.HttpBody`."""
    if isinstance(message, HttpBody):
        return Answer(body=message.data, media_type=message.content_type, headers=[("cache-control", "no-store")])
    body: Any = encoder_for(message.DESCRIPTOR)(message)
    return Answer(body=orjson.dumps(body), headers=[("cache-control", "no-store")])


def http_code(code: int) -> int:
    """Returns the HTTP status of a canonical code; 500 for one that is not known."""
    return _HTTP.get(code, 500)


_NAMES: Mapping[int, str] = {int(code): code.name for code in Code}
_HTTP: Mapping[int, int] = {
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    # Not 412: that status is about conditional headers.
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}

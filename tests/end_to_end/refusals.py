"""How each face says that it refuses a request, brought into one form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import httpx
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from .faces import grpcurl, message, stub
from .server import SECONDS, Server

Request = Mapping[str, Any] | bytes
"""A request as JSON; bytes are sent as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A refusal: the canonical code's name, the HTTP status (0 on gRPC), the details, and all of the answer's text."""

    code: str
    http: int
    reason: str
    remedy: str
    fields: tuple[str, ...]
    text: str


def by_stub(server: Server, request: Request, headers: Mapping[str, str]) -> Refused:
    """Asks by gRPC; the stub serializes the message, so it must be one."""
    assert not isinstance(request, bytes)
    metadata = tuple(headers.items())
    with stub(server) as service:
        call = service.GenerateTests(message(request), metadata=metadata, timeout=SECONDS)
        code: grpc.StatusCode = call.code()
        assert code is not grpc.StatusCode.OK
        trailers = {item.key: item.value for item in call.trailing_metadata()}
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    assert status.code == code.value[0]
    return of_status(status, json_format.MessageToJson(status))


def by_sse(server: Server, request: Request, headers: Mapping[str, str]) -> Refused:
    """Asks by HTTP for a stream: it is refused before it begins."""
    return _by_http(server, request, {"accept": "text/event-stream", **headers})


def by_json(server: Server, request: Request, headers: Mapping[str, str]) -> Refused:
    """Asks by HTTP for the one final object."""
    return _by_http(server, request, {"accept": "application/json", **headers})


def by_grpcurl(server: Server, request: Request, headers: Mapping[str, str]) -> Refused:
    """Asks by grpcurl, which prints the status as JSON."""
    options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    done = grpcurl(server, "GenerateTests", request, *options)
    assert done.returncode != 0, done.stdout
    found = json.loads(done.stderr)
    code = next(each.name for each in grpc.StatusCode if each.value[0] == found["code"])
    return read_refusal(code, 0, found["details"], done.stderr)


def _by_http(server: Server, request: Request, headers: Mapping[str, str]) -> Refused:
    body = request if isinstance(request, bytes) else json.dumps(request)
    every = {"content-type": "application/json", **headers}
    answer = httpx.post(f"{server.http}/v1/tests:generate", content=body, headers=every, timeout=SECONDS)
    assert answer.status_code >= 400, answer.text[:200]
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    assert error["message"]
    return read_refusal(error["status"], answer.status_code, error["details"], answer.text)


def of_status(status: status_pb2.Status, text: str) -> Refused:
    """Reads a `google.rpc.Status`; `text` is what the caller sees."""
    assert status.details[0].Unpack(error_details_pb2.ErrorInfo())
    code = next(each.name for each in grpc.StatusCode if each.value[0] == status.code)
    return read_refusal(code, 0, json_format.MessageToDict(status)["details"], text)


def read_refusal(code: str, http: int, details: list[dict[str, Any]], text: str) -> Refused:
    """Reads the details of a status in JSON, in either spelling."""
    by_type = {each["@type"].rpartition(".")[2]: each for each in details}
    info = by_type["ErrorInfo"]
    violations = by_type.get("BadRequest", {})
    # grpcurl and json_format spell names in camel case, the HTTP face as the protos do.
    named = violations.get("field_violations", violations.get("fieldViolations", []))
    assert all(each["description"] for each in named)
    return Refused(
        code=code,
        http=http,
        reason=info["reason"],
        remedy=info.get("metadata", {}).get("remedy", ""),
        fields=tuple(each["field"] for each in named),
        text=text,
    )


def of_event(error: Any) -> Refused:
    """Reads the `error` event with which a run ended."""
    found = of_status(error.error, json_format.MessageToJson(error))
    assert (error.reason, error.remedy) == (found.reason, found.remedy)
    return found


def assert_civil(refused: Refused) -> None:
    """A refusal says what to do, and nothing about our insides."""
    assert refused.remedy, refused.text
    assert "Traceback" not in refused.text
    assert refused.code not in ("INTERNAL", "UNKNOWN")


FACES = {"stub": by_stub, "sse": by_sse, "json": by_json}

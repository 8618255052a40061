"""AnalyzeCoverage as its callers see it on each face: its events, or how it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import grpc
import httpx
from google.protobuf import json_format
from google.rpc import status_pb2

from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1 import watch_run_pb2

from . import streams
from .faces import stub
from .refusals import Refused, of_event, of_status, read_refusal
from .server import SECONDS, Server
from .streams import Frame, frames

PATH = "/v1/coverage:analyze"
JSON = {"Content-Type": "application/json"}
Event = pb.AnalyzeCoverageEvent
Request = Mapping[str, Any]


def message(request: Request) -> pb.AnalyzeCoverageRequest:
    """Makes the message of a request in JSON."""
    return json_format.ParseDict(dict(request), pb.AnalyzeCoverageRequest())


def analyze(server: Server, request: Request) -> list[Event]:
    """Analyses by the stub, and returns all events."""
    with stub(server) as service:
        return list(service.AnalyzeCoverage(message(request), timeout=SECONDS))


def from_object(found: Mapping[str, Any]) -> Event:
    """Reads the object of an SSE frame, of an NDJSON line or of the final JSON."""
    return streams.object_of(found, Event())


def from_lines(text: str) -> list[Event]:
    """Reads NDJSON."""
    return [from_object(json.loads(line)) for line in text.splitlines()]


def from_sse(text: str) -> list[Event]:
    """Reads a whole SSE stream."""
    return events_of(frames(text.splitlines()))


def events_of(found: Iterable[Frame]) -> list[Event]:
    """Returns the events of frames."""
    return [from_object(frame.data) for frame in found]


def from_grpcurl(text: str) -> list[Event]:
    """Reads the JSON objects that grpcurl prints one after the other; those of WatchRun are unwrapped."""
    decoder, found, at = json.JSONDecoder(), list[Event](), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        found.append(json_format.ParseDict(value.get("analyze_coverage", value), Event()))
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def journal(server: Server, run: str) -> list[Event]:
    """Reads a whole run, to its end, by NDJSON."""
    headers = {"accept": "application/x-ndjson"}
    answer = httpx.get(f"{server.http}/v1/runs/{run}/events", headers=headers, timeout=SECONDS)
    assert answer.status_code == 200, answer.text
    return from_lines(answer.text)


def watched(server: Server, run: str, after: int = 0) -> list[Event]:
    """Reads a run by WatchRun."""
    with stub(server) as service:
        request = watch_run_pb2.WatchRunRequest(run=run, after=after)
        return [each.analyze_coverage for each in service.WatchRun(request, timeout=SECONDS)]


def check_order(events: Sequence[Event]) -> None:
    """Holds a whole stream to what every stream promises."""
    found: Any = events
    streams.check_order(found)


def post_frames(client: httpx.Client, body: Request, headers: Mapping[str, str] | None = None) -> Iterator[Frame]:
    """Opens the creating URL as SSE and yields its frames; closing the generator closes the connection."""
    every = {"accept": "text/event-stream", "content-type": "application/json", **(headers or {})}
    with client.stream("POST", PATH, content=json.dumps(body), headers=every) as answer:
        assert answer.status_code == 200, answer.read()
        yield from frames(answer.iter_lines())


def refused_by_stub(server: Server, request: Request) -> Refused:
    """Asks by gRPC: the status, or the `error` with which the run ended."""
    with stub(server) as service:
        call = service.AnalyzeCoverage(message(request), timeout=SECONDS)
        try:
            events = list(call)
        except grpc.RpcError:
            trailers = {item.key: item.value for item in call.trailing_metadata()}
            status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
            assert status.code == call.code().value[0]
            return of_status(status, json_format.MessageToJson(status))
    assert events[-1].HasField("error"), events[-1]
    return of_event(events[-1].error)


def refused_by_json(server: Server, request: Request | bytes) -> Refused:
    """Asks by HTTP for the one final object."""
    body = request if isinstance(request, bytes) else json.dumps(request)
    headers = {"accept": "application/json", "content-type": "application/json"}
    answer = httpx.post(f"{server.http}{PATH}", content=body, headers=headers, timeout=SECONDS)
    found = answer.json()
    assert answer.status_code >= 400, answer.text[:400]
    error = found["error"]
    assert error["code"] == answer.status_code
    return read_refusal(error["status"], answer.status_code, error["details"], answer.text)


FACES = {"stub": refused_by_stub, "json": refused_by_json}

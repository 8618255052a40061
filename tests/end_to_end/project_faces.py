"""GenerateProject as its callers see it on each face."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import json_format

from headwater.v1 import generate_project_pb2 as pb

from . import streams
from .faces import curl, grpcurl, stub
from .server import SECONDS, Server
from .streams import frames

PATH = "/v1/projects:generate"
Event = pb.GenerateProjectEvent
Request = Mapping[str, Any]


def by_stub(server: Server, request: Request) -> list[Event]:
    """Generates by the stub."""
    with stub(server) as service:
        return list(service.GenerateProject(json_format.ParseDict(dict(request), pb.GenerateProjectRequest())))


def by_grpcurl(server: Server, request: Request) -> list[Event]:
    """Generates by grpcurl."""
    text = grpcurl(server, "GenerateProject", request).stdout
    decoder, found, at = json.JSONDecoder(), list[Event](), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        found.append(json_format.ParseDict(value, Event()))
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def by_sse(server: Server, request: Request) -> list[Event]:
    """Generates by curl, as a stream of server-sent events."""
    text = curl(server, PATH, request, {"Accept": "text/event-stream"})
    return [from_object(frame.data) for frame in frames(text.splitlines())]


def by_ndjson(server: Server, request: Request) -> list[Event]:
    """Generates by curl, as lines of JSON."""
    return from_lines(curl(server, PATH, request, {"Accept": "application/x-ndjson"}))


def from_lines(text: str) -> list[Event]:
    """Reads NDJSON; a heartbeat is an empty line."""
    return [from_object(json.loads(line)) for line in text.splitlines() if line.strip()]


def from_object(found: Mapping[str, Any]) -> Event:
    """Reads the object of an SSE frame, or of an NDJSON line."""
    return streams.object_of(found, Event())


def kept(server: Server, run: str, after: int = 0) -> list[Event]:
    """Reads a run from the journal, to its end."""
    path = f"/v1/runs/{run}/events" + (f"?after={after}" if after else "")
    return from_lines(curl(server, path, headers={"Accept": "application/x-ndjson"}))


def plain(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Returns events without what differs from run to run: the run's id, and the time."""
    found: list[dict[str, Any]] = []
    for event in events:
        value = json_format.MessageToDict(event)
        text = json.dumps(value).replace(event.run, "RUN")
        found.append({name: each for name, each in json.loads(text).items() if name != "time"})
    return found


FACES = {"stub": by_stub, "grpcurl": by_grpcurl, "sse": by_sse, "ndjson": by_ndjson}
SECONDS_OF_A_PROOF = 2 * SECONDS

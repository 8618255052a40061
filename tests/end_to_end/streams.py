"""The events of a run as each face shows them, brought into one form: the message of the gRPC stream."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import httpx
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import error_details_pb2

from headwater.v1 import generate_tests_pb2, watch_run_pb2

from .server import SECONDS, Server

Event = generate_tests_pb2.GenerateTestsEvent
_E = TypeVar("_E", bound=Message)
TERMINAL = ("complete", "error", "cancelled")
DETAILS = (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest)
"""The messages in a status' details: JSON can be read only where their descriptors are loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame of an SSE stream that is an event."""

    id: str
    name: str
    data: dict[str, Any]

    @property
    def sequence(self) -> int:
        return self.data["sequence"]


def frames(lines: Iterable[str]) -> Iterator[Frame]:
    """Reads SSE (WHATWG HTML, 9.2.6); comments and frames without data are no events."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = fields.get(name, "") + value.removeprefix(" ")
        elif "data" in fields:
            yield Frame(id=fields.get("id", ""), name=fields.get("event", ""), data=json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}


def from_object(found: Mapping[str, Any]) -> Event:
    """Reads the object of an SSE frame, of an NDJSON line or of the final JSON."""
    return object_of(found, Event())


def object_of(found: Mapping[str, Any], event: _E) -> _E:
    """Reads such an object, of a run of any method, into an event of it."""
    payload = dict(found)
    kind = payload.pop("type")
    payload.pop("http_status", None)
    envelope = {name: payload.pop(name) for name in ("sequence", "run", "time")}
    return json_format.ParseDict({**envelope, kind: payload}, event)


def from_grpcurl(text: str) -> list[Event]:
    """Reads the JSON objects that grpcurl prints one after the other; those of WatchRun are unwrapped."""
    decoder, found, at = json.JSONDecoder(), list[Event](), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        found.append(json_format.ParseDict(value.get("generate_tests", value), Event()))
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def unwrapped(event: Any) -> Event:
    """Returns the event inside of a WatchRunEvent."""
    return event.generate_tests if isinstance(event, watch_run_pb2.WatchRunEvent) else event


def kinds(events: Iterable[Event]) -> list[str]:
    """Returns the kinds of the events."""
    return [event.WhichOneof("event") for event in events]


def sequences(events: Iterable[Event | Frame]) -> list[int]:
    """Returns the sequences of the events."""
    return [event.sequence for event in events]


def digests(events: Iterable[Event]) -> list[tuple[int, str, str]]:
    """Returns what tells large events apart: a difference between them would fill screens."""
    return [(each.sequence, each.WhichOneof("event"), _digest(each)) for each in events]


def _digest(event: Event) -> str:
    return hashlib.sha256(event.SerializeToString(deterministic=True)).hexdigest()[:12]


def payload(event: Event) -> Any:
    """Returns what happened."""
    return getattr(event, event.WhichOneof("event"))


def check_order(events: Sequence[Event]) -> None:
    """Holds a whole stream to what every stream promises."""
    names = kinds(events)
    assert names[0] == "start", names
    assert [name for name in names if name in TERMINAL] == names[-1:], names
    assert sequences(events) == list(range(1, len(events) + 1))
    assert len({event.run for event in events}) == 1
    percents = [payload(event).percent for event in events if event.WhichOneof("event") in ("progress", "stage")]
    assert percents == sorted(percents), f"percent fell: {percents}"
    assert all(0 <= percent <= 100 for percent in percents)
    check_drafts(events)


def check_drafts(events: Sequence[Event]) -> None:
    """Chunks join without a gap from offset 0 on, and the draft says the same as they did together."""
    text = ""
    for event in events:
        match event.WhichOneof("event"):
            case "chunk":
                if event.chunk.offset == 0:
                    text = ""
                assert event.chunk.offset == len(text), f"event {event.sequence}"
                text += event.chunk.content
            case "draft":
                assert event.draft.content == text
                text = ""
            case "reset":
                text = ""
            case _:
                pass


def post_frames(client: httpx.Client, body: Any, headers: Mapping[str, str] | None = None) -> Iterator[Frame]:
    """Opens the creating URL as SSE and yields its frames; closing the generator closes the connection."""
    every = {"accept": "text/event-stream", "content-type": "application/json", **(headers or {})}
    with client.stream("POST", "/v1/tests:generate", content=json.dumps(body), headers=every) as answer:
        assert answer.status_code == 200, answer.read()
        yield from frames(answer.iter_lines())


def journal(server: Server, run: str, headers: Mapping[str, str] | None = None) -> list[Event]:
    """Reads a whole run, to its end, by NDJSON."""
    answer = httpx.get(
        f"{server.http}/v1/runs/{run}/events",
        headers={"accept": "application/x-ndjson", **(headers or {})},
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    return [from_object(json.loads(line)) for line in answer.text.splitlines()]


def connect(server: Server) -> httpx.Client:
    """Opens a client whose connections end with the block that it is used in."""
    return httpx.Client(base_url=server.http, timeout=SECONDS)


def events_of(found: Sequence[Frame]) -> list[Event]:
    """Returns the events of frames."""
    return [from_object(frame.data) for frame in found]


def cut_after(stream: Iterator[Frame], count: int) -> list[Frame]:
    """Reads so many events and closes the connection."""
    read = list(islice(stream, count))
    stream.close()  # type: ignore[attr-defined]
    return read


def watch_frames(client: httpx.Client, run: str, last: str) -> Iterator[Frame]:
    """Takes the stream up on the run's own URL."""
    headers = {"accept": "text/event-stream", "last-event-id": last}
    with client.stream("GET", f"/v1/runs/{run}/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        yield from frames(answer.iter_lines())

"""Writes the events of a run as SSE frames, NDJSON lines or the one final object.

All three hold the same object: `{"type": …, "sequence": …, "run": …, "time": …}` with the payload's fields beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from google.protobuf import timestamp_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.rpc import code_pb2

from headwater.errors import Code, Problem, problem
from headwater.gateway.answers import error_body, http_code, retry_after
from headwater.gateway.encode import Encoder, encoder_for, shape
from headwater.gateway.exchange import Answer
from headwater.gateway.options import GatewayOptions
from headwater.status import status_of
from headwater.store import EventRow
from headwater.v1 import runs_pb2

ENVELOPE = ("type", "sequence", "run", "time")
"""What stands before the payload's fields in every event."""
STATUS = "http_status"
"""What an `error` event has besides: the status with which the call would have been refused."""


class Frames:
    """Writes the events of one event message type."""

    def __init__(self, event: type[Message]) -> None:
        """Compiles the encoders. Raises RuntimeError if a field of a payload is named as one of the envelope."""
        self._event = event
        self._payloads: Mapping[str, Encoder] = {
            case: encoder_for(payload) for case, payload in payloads(shape(event)).items()
        }
        self._time = encoder_for(timestamp_pb2.Timestamp.DESCRIPTOR)

    def sse(self, rows: Sequence[EventRow]) -> bytes:
        """Writes the frames of the events, in one piece."""
        parts: list[bytes] = []
        for row in rows:
            found = self.event(row)
            head = f"id: {found['run']}.{row.sequence}\nevent: {row.kind}\ndata: "
            parts += (head.encode(), orjson.dumps(found), b"\n\n")
        return b"".join(parts)

    def ndjson(self, rows: Sequence[EventRow]) -> bytes:
        """Writes one line for each event."""
        return b"".join([orjson.dumps(self.event(row), option=orjson.OPT_APPEND_NEWLINE) for row in rows])

    def final(self, row: EventRow) -> Answer:
        """Answers with the terminal event: its object, or the error that it carries."""
        message: Any = self._event.FromString(row.payload)
        if row.kind == "error":
            code = http_code(message.error.error.code)
            return Answer(status=code, body=error_body(message.error.error, code))
        if row.kind == "cancelled":
            return _cancelled(message)
        return Answer(body=orjson.dumps(self.event(row)))

    def event(self, row: EventRow) -> dict[str, Any]:
        """Returns the object of an event."""
        message: Any = self._event.FromString(row.payload)
        found: dict[str, Any] = {"type": row.kind, "sequence": message.sequence, "run": message.run}
        if message.HasField("time"):
            found["time"] = self._time(message.time)
        payload = self._payloads.get(row.kind)
        # A kind that this version does not know was journaled by a newer one: the envelope is all it can say of it.
        if payload is not None:
            found.update(payload(getattr(message, row.kind)))
        if row.kind == "error":
            found[STATUS] = http_code(message.error.error.code)
        return found


def payloads(event: Descriptor) -> Mapping[str, Descriptor]:
    """Returns the payloads of an event message, by the case of its oneof.

    Raises RuntimeError if the message is no event (`sequence`, `run`, `time` and a oneof of messages), or if a payload
    has a field that would overwrite one of the envelope.
    """
    cases = [field for oneof in event.oneofs for field in oneof.fields]
    found = {case.name: case.message_type for case in cases if case.message_type is not None}
    others = {field.name for field in event.fields} - set(found)
    if others != {*ENVELOPE} - {"type"} or not found:
        raise RuntimeError(f"{event.full_name} is no event: it needs sequence, run, time and a oneof of messages.")
    for case, payload in found.items():
        clash = {field.name for field in payload.fields} & {*ENVELOPE, STATUS}
        if clash:
            raise RuntimeError(f"{event.full_name}.{case} has fields of the envelope: {', '.join(sorted(clash))}.")
    return found


HEARTBEAT_SSE = b": hb\n\n"
"""A comment: without an id, since it is no event."""
HEARTBEAT_NDJSON = b" "
"""White space before the next object, which readers of JSON skip; an empty line breaks those who parse every line."""


def opening(retry_ms: int) -> bytes:
    """Writes how long EventSource waits before it comes back."""
    return f"retry: {retry_ms}\n\n".encode()


def reconnect(run: str, retry_ms: int, why: Problem | None) -> bytes:
    """Writes that the server lets go of the stream, and why if it is a fault; the run itself has not ended."""
    told = {} if why is None else {"reason": why.reason, "message": why.message, "remedy": why.remedy}
    data = orjson.dumps({"type": "reconnect", "run": run, **told})
    return b"event: reconnect\nretry: %d\ndata: %s\n\n" % (retry_ms, data)


def inband(problem: Problem, status: int, options: GatewayOptions) -> bytes:
    """Writes a refusal as the `error` event that a failed run would end with; EventSource shows no other answer."""
    error = runs_pb2.Error(
        error=status_of(problem),
        reason=problem.reason,
        message=problem.message,
        remedy=problem.remedy,
        retryable=problem.retryable,
    )
    found = {"type": "error", **encoder_for(error.DESCRIPTOR)(error), STATUS: status}
    retry = f"retry: {retry_after(problem, options) * 1000}\n" if problem.retryable else ""
    return b"%sevent: error\ndata: %s\n\n" % (retry.encode(), orjson.dumps(found))


def _cancelled(message: Any) -> Answer:
    ended: Any = message.cancelled
    cause = f": {ended.message}" if ended.message else ""
    told = problem(
        Code.CANCELLED,
        "RUN_CANCELLED",
        f"The run was cancelled by {ended.origin or 'somebody'}{cause}",
        run=message.run,
        origin=ended.origin,
    )
    code = http_code(code_pb2.CANCELLED)
    return Answer(status=code, body=error_body(status_of(told), code))

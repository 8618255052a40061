"""Reads events: which kind, what it carries, whether it ends the run."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc

from headwater.v1 import analyze_coverage_pb2, generate_project_pb2, generate_tests_pb2, watch_run_pb2
from headwater_client.errors import HeadwaterError, RunCancelled, from_event

Event: TypeAlias = (
    generate_tests_pb2.GenerateTestsEvent
    | analyze_coverage_pb2.AnalyzeCoverageEvent
    | generate_project_pb2.GenerateProjectEvent
)
"""An event of a run: the message that the method which started the run streams."""

TERMINAL = frozenset({"complete", "error", "cancelled"})
"""The kinds that end a run; every stream ends with exactly one of them."""


def kind(event: Event) -> str:
    """Names what happened, such as `test`; empty for an event that is newer than this client."""
    return event.WhichOneof("event") or ""


def payload(event: Event) -> Any:
    """Returns what happened, such as the `Test` message; None for an event that is newer than this client."""
    name = kind(event)
    return getattr(event, name) if name else None


def raise_for_error(event: Event) -> None:
    """Raises if the event says that the run failed (HeadwaterError) or was cancelled (RunCancelled)."""
    match kind(event):
        case "error":
            raise from_event(event.error)
        case "cancelled":
            cancelled = event.cancelled
            message = cancelled.message or "the run was cancelled"
            metadata = {"origin": cancelled.origin, "run": event.run}
            raise RunCancelled(grpc.StatusCode.CANCELLED, "RUN_CANCELLED", message, metadata=metadata)
        case _:
            pass


def unwrap(message: Event | watch_run_pb2.WatchRunEvent) -> Event:
    """Takes the event of the run out of the envelope that WatchRun puts it in."""
    if not isinstance(message, watch_run_pb2.WatchRunEvent):
        return message
    name = message.WhichOneof("event")
    if name is None:
        raise HeadwaterError(
            grpc.StatusCode.UNIMPLEMENTED,
            "METHOD_UNKNOWN",
            "The run was started by a method that this client does not know.",
            "Update the client.",
        )
    return getattr(message, name)

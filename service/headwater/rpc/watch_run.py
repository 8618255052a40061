"""WatchRun: a run's events after a sequence."""

from __future__ import annotations

from headwater.errors import invalid
from headwater.v1 import watch_run_pb2


def watch_run(request: watch_run_pb2.WatchRunRequest) -> tuple[str, int]:
    """Says which run to watch, and after which sequence."""
    if request.after < 0:
        message = f"A sequence is never {request.after}."
        raise invalid("CURSOR_INVALID", "after", message, "Use 0, or the last sequence that you have.")
    return request.run, request.after

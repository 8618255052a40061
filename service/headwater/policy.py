"""Says how runs are treated: how long they may take, and what becomes of those that nobody reads."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration

from headwater.errors import invalid
from headwater.v1 import runs_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """How runs are treated, from the settings. Times in seconds."""

    run_seconds: float
    detach: bool
    detach_seconds: float
    window_events: int
    lease_seconds: float
    max_adoptions: int
    keep_events_seconds: float
    keep_runs_seconds: float
    prune_seconds: float = 60.0
    poll_seconds: float = 0.25

    def grace(self, options: runs_pb2.RunOptions) -> float | None:
        """Returns how long a run goes on with nobody reading, in seconds; None ends it at once."""
        detach = self.detach
        if options.on_disconnect:
            detach = options.on_disconnect == runs_pb2.ON_DISCONNECT_DETACH
        if not detach:
            return None
        if options.HasField("detach_grace"):
            return min(self.run_seconds, _duration("detach_grace", options.detach_grace))
        return self.detach_seconds

    def seconds(self, options: runs_pb2.RunOptions) -> float:
        """Returns how long a run may take, in seconds."""
        if not options.HasField("deadline"):
            return self.run_seconds
        return min(self.run_seconds, _duration("deadline", options.deadline))


def _duration(name: str, duration: Duration) -> float:
    """Reads a duration of the run options, in seconds. Raises Problem INVALID_ARGUMENT `OUT_OF_BOUNDS`."""
    seconds = duration.seconds + duration.nanos / 1e9
    if seconds < 0:
        raise invalid(
            "OUT_OF_BOUNDS", f"run_options.{name}", f"{seconds:g} s is no time.", "Use a duration such as 60s."
        )
    return seconds

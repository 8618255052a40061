"""What the gateway has measured, by whoever is handed in."""

from __future__ import annotations

from typing import Protocol


class StreamMeter(Protocol):
    """Measures one stream."""

    def delivered(self, behind: int) -> None:
        """Times a delivery; `behind` is how many more events are there to be read."""
        ...

    def too_slow(self) -> None:
        """Counts that the stream is dropped because its reader did not keep up."""
        ...

    def closed(self) -> None:
        """Counts the stream as open no longer."""
        ...


class Meter(Protocol):
    """Measures requests and streams."""

    def http(self, verb: str, code: int, seconds: float) -> None:
        """Counts a request that has ended, and times it."""
        ...

    def heartbeat(self) -> None:
        """Counts a heartbeat."""
        ...

    def stream(self, method: str, since: float | None = None) -> StreamMeter:
        """Starts to measure a stream; `since` is the `perf_counter()` of its request."""
        ...

"""The limits and habits of the HTTP face."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    """What the composition root may choose."""

    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may read the answers, exactly as browsers send them; `*` for all."""
    cors_seconds: int = 7200
    """How long a browser may keep the answer to a preflight."""
    heartbeat_seconds: float = 15.0
    """How often an idle stream carries a sign of life: below the 60 s after which proxies cut an idle connection."""
    retry_ms: tuple[int, int] = (1000, 3000)
    """Between which waits EventSource is spread before it comes back, so that a restart is no stampede."""
    max_body_bytes: int = 48 * 1024 * 1024
    """The largest body of a request."""
    offload_bytes: int = 256 * 1024
    """From which size on a body is read in a thread, so that the streams go on meanwhile."""
    max_query_bytes: int = 64 * 1024
    """The longest query of a request."""
    max_head_bytes: int = 128 * 1024
    """The longest request line and headers together."""
    request_seconds: float = 30.0
    """How long a client may take to send the head of a request, and again for its body."""
    send_seconds: float = 30.0
    """How long one write may wait for a slow reader before its connection is dropped."""
    idle_seconds: float = 75.0
    """How long a connection is kept open between two requests."""
    linger_seconds: float = 1.0
    """How long the rest of a body that is too large is read and thrown away, so that the refusal reaches its sender."""
    retry_after_seconds: float = 1.0
    """The Retry-After of an answer that may be retried and does not say when."""
    batch_events: int = 64
    """The most events that are encoded before the others on the event loop get their turn."""

"""Says how long, how much and how often: every limit of a call to a vendor, one documented field each."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one vendor, or one tenant at one vendor, may use. 0 is without limit."""

    concurrent: int = 0
    """Answers under way at the same time; one more waits."""
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    """Input and output together: reserved before the call, settled by the usage."""
    waiting_seconds: float = 60.0
    """The longest wait for a turn; what would wait longer is refused with the time when to come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit of a call. Times are in seconds."""

    connect_seconds: float = 5.0
    """To the vendor's socket, TLS included."""
    first_token_seconds: float = 60.0
    """From the call to its first content."""
    check_seconds: float = 10.0
    """For the live check of a vendor."""
    reasoning_seconds: float = 300.0
    """The same, of a model that reasons before it writes."""
    idle_seconds: float = 60.0
    """Between two pieces of content; keep-alive bytes do not count."""
    total_seconds: float = 900.0
    """From the question to the end of the answer, with every retry and fallback."""
    drain_seconds: float = 0.25
    """After the end marker, for the connection to become free for the next call."""

    attempts: int = 3
    backoff_seconds: float = 0.5
    """The first retry waits a random time up to this, each further one up to twice as long."""
    backoff_cap_seconds: float = 8.0
    retry_after_cap_seconds: float = 120.0
    """A vendor that asks for a longer wait is not asked again."""
    fallback_wait_seconds: float = 2.0
    """The longest wait for another attempt where somebody else can take over instead."""
    takeover_seconds: float = 1.0
    """Where less than this would be left for whoever takes over from a silent model, nobody does."""
    retry_budget: float = 50.0
    """Failures without a Retry-After that a vendor may have: when half of this is gone, retries stop."""
    retry_refill: float = 0.1
    """What each success gives back to the budget."""
    restart: bool = False
    """Whether an answer that broke off after its first content is withdrawn and begun anew."""

    breaker_window_seconds: float = 30.0
    breaker_samples: int = 10
    breaker_ratio: float = 0.5
    """The share of failed calls in the window that opens the breaker."""
    breaker_open_seconds: float = 5.0
    """How long it stays open at first; each failed probe doubles it."""
    breaker_open_cap_seconds: float = 60.0
    breakers: int = 1024
    """Models whose failures are kept in mind; beyond it, those without any are forgotten."""

    vendor: Share = field(default_factory=Share)
    tenant: Share = field(default_factory=Share)
    meters: int = 1024
    """Shares in use that are kept in mind; beyond it, those that nobody uses are forgotten."""

    event_bytes: int = 4 << 20
    """The largest event of a stream."""
    answer_bytes: int = 16 << 20
    """The largest answer, as it comes over the wire."""
    output_tokens: int = 4096
    """The most tokens of an answer where the prompt names no number."""
    reasoning_output_tokens: int = 32_768
    """The same, of a model that reasons: its vendor counts what it thinks as well."""
    chars_per_token: float = 4.0
    """How many characters count as a token where the vendor does not say."""
    connections: int = 1000
    """Open connections to one vendor."""
    idle_connections: int = 100
    """Of these, kept for the next call."""

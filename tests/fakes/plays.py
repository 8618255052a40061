"""What a fake vendor is to answer: the text, the pace and the fault."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call that a fake model makes."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What a fake vendor answers, at which pace and with which fault."""

    texts: tuple[str, ...] = ("def ", "test_a():", "\n    assert True\n")
    reasoning: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    finish: str = "stop"
    """stop, length, tool_calls or content_filter."""
    input: int = 100
    cached: int = 40
    output: int = 20
    thought: int = 5
    usage: bool = True
    tokens: int = 0
    """So many numbered tokens instead of `texts`."""
    per_second: float = 0.0
    """The pace of the tokens; 0 is as fast as possible."""
    first_after: float = 0.0
    pings: int = 0
    """A keep-alive before each so many-th token."""
    ping_every: float = 0.0
    """While stalled, a keep-alive every so many seconds."""
    split: int = 0
    """Writes of so many bytes."""
    merged: bool = False
    """Everything in one write."""
    status: int = 200
    error: dict[str, Any] | None = None
    """The body of the error; the wire's own for the status when None."""
    page: bytes = b""
    """An answer of HTML, as a proxy gives."""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    """cut (clean end), close, abort, stall, malformed, in_band or wrong_shape, before the token `at`."""
    at: int = 1
    until: asyncio.Event | None = None
    """What the token `at` waits for."""
    in_band: dict[str, Any] | None = None
    line_end: bytes = b"\n"
    gzip: bool = False
    """Packed, as a proxy may do."""

    def pieces(self) -> tuple[str, ...]:
        return tuple(f"{number:07d} " for number in range(self.tokens)) if self.tokens else self.texts

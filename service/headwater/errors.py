"""Says what went wrong, in one form for every face.

A `Problem` carries a canonical code, a stable reason, a message for a person and the remedy. Faces turn it into a gRPC
status or an HTTP answer; a run turns it into its terminal `error` event. Codes: google.rpc.Code; the form: AIP-193.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class Code(enum.IntEnum):
    """The canonical codes, numbered as in google.rpc.Code."""

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Names one unusable field: its path in the request, what is wrong with it, and what would do."""

    field: str
    description: str


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 — the word used everywhere, RFC 9457's
    """Says why something cannot be done and what to do about it.

    `reason` is UPPER_SNAKE_CASE and stable; `metadata` holds every variable part of the message;
    `retry_after_seconds` is set when the same request may succeed later.
    """

    code: Code
    reason: str
    message: str
    remedy: str = ""
    violations: tuple[Violation, ...] = ()
    retry_after_seconds: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        message = self.message.rstrip()
        stop = "" if not self.remedy or message.endswith((".", "!", "?", ":")) else "."
        return f"{message}{stop} {self.remedy}".strip()

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.retry_after_seconds is not None or self.code is Code.UNAVAILABLE


def invalid(reason: str, field: str, message: str, remedy: str = "", **metadata: str) -> Problem:
    """Refuses a field of the request. `field` is its path, such as `source.path`."""
    violation = Violation(field=field, description=f"{message} {remedy}".strip())
    return Problem(
        Code.INVALID_ARGUMENT, reason, message, remedy, violations=(violation,), metadata={"field": field, **metadata}
    )


def problem(code: Code, reason: str, message: str, remedy: str = "", **metadata: str) -> Problem:
    """Makes a Problem of any code."""
    return Problem(code, reason, message, remedy, metadata=metadata)


def exhausted(reason: str, message: str, remedy: str, retry_after_seconds: float, **metadata: str) -> Problem:
    """Refuses for want of room, and says when to come back."""
    return Problem(
        Code.RESOURCE_EXHAUSTED, reason, message, remedy, retry_after_seconds=retry_after_seconds, metadata=metadata
    )

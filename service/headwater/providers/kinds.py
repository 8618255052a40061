"""The kinds of failure of a vendor, and what each status, each word and each exception of it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from headwater.errors import Code
from headwater.providers.vendors import KEYLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of failure: its code, its reason, what to tell and whether another try may help."""

    code: Code
    reason: str
    says: str
    remedy: str = ""
    passing: bool = False


def _passing(code: Code, reason: str, says: str, remedy: str = "Try again later.") -> Kind:
    return Kind(code=code, reason=reason, says=says, remedy=remedy, passing=True)


def _lasting(code: Code, reason: str, says: str, remedy: str) -> Kind:
    return Kind(code=code, reason=reason, says=says, remedy=remedy)


REFUSED = _lasting(
    Code.INVALID_ARGUMENT, "VENDOR_REFUSED", "refused the request", "Another model may take it; its words say why."
)
KNOB = _lasting(
    Code.FAILED_PRECONDITION,
    "VENDOR_PARAMETER_REFUSED",
    "does not take",
    "Another model may take it.",
)
TOO_LONG = _lasting(
    Code.FAILED_PRECONDITION,
    "VENDOR_CONTEXT_TOO_LONG",
    "says that the request is longer than the model's context",
    "Ask for less at a time, such as one symbol, or choose a model with a longer context.",
)
FILTERED = _lasting(
    Code.FAILED_PRECONDITION,
    "VENDOR_FILTERED",
    "declined to answer, or its content filter held the answer back",
    "Another vendor may answer, and so does the provider `embedded`.",
)
KEY = _lasting(Code.FAILED_PRECONDITION, "VENDOR_KEY_REJECTED", "rejected the key", "")
UNPAID = _lasting(
    Code.FAILED_PRECONDITION,
    "VENDOR_UNPAID",
    "says that the account's credit or quota is used up",
    f"Check the account's plan and billing, {KEYLESS}.",
)
DENIED = _lasting(
    Code.PERMISSION_DENIED,
    "VENDOR_DENIED",
    "does not let this key do that",
    f"Check what the key may use, {KEYLESS}.",
)
REGION = _lasting(
    Code.PERMISSION_DENIED,
    "VENDOR_REGION_REFUSED",
    "does not serve the country or region that the service runs in",
    f"Use a vendor that serves it, {KEYLESS}.",
)
MODEL = _lasting(
    Code.NOT_FOUND,
    "VENDOR_MODEL_UNKNOWN",
    "does not know the model",
    "Check the model's name, and the vendor's URL where you set it.",
)
NO_LIST = _lasting(
    Code.NOT_FOUND,
    "VENDOR_LIST_MISSING",
    "has no list of models where its URL says",
    "Check its URL where you set it; that of most vendors ends in /v1.",
)
TIMEOUT = _passing(Code.DEADLINE_EXCEEDED, "VENDOR_TIMEOUT", "gave up for want of time")
CONFLICT = _passing(Code.ABORTED, "VENDOR_CONFLICT", "says that another request is in the way")
RATE = _passing(Code.RESOURCE_EXHAUSTED, "VENDOR_RATE_LIMITED", "says that too much is asked of it")
OVERLOADED = _passing(Code.UNAVAILABLE, "VENDOR_OVERLOADED", "is overloaded")
FAILED = _passing(Code.UNAVAILABLE, "VENDOR_FAILED", "failed")
UNREACHABLE = _passing(
    Code.UNAVAILABLE, "VENDOR_UNREACHABLE", "cannot be reached", "Check its URL and the network, or try again later."
)
DISCONNECTED = _passing(Code.UNAVAILABLE, "VENDOR_DISCONNECTED", "closed the connection before its answer was done")
TRUNCATED = _passing(Code.UNAVAILABLE, "VENDOR_TRUNCATED", "ended its stream without saying that the answer is done")
MALFORMED = _passing(
    Code.UNAVAILABLE, "VENDOR_MALFORMED", "sent what cannot be read", "Try again later; check its URL if it was set."
)
ENDLESS = _lasting(
    Code.FAILED_PRECONDITION, "VENDOR_ANSWER_TOO_LONG", "sent more than an answer may hold", "Ask for less at a time."
)
NO_FIRST = _passing(Code.DEADLINE_EXCEEDED, "VENDOR_SLOW", "wrote nothing in the time that it has for its first word")
SILENT = _passing(Code.DEADLINE_EXCEEDED, "VENDOR_SLOW", "did not list its models in the time that a check may take")
STALLED = _passing(Code.DEADLINE_EXCEEDED, "VENDOR_STALLED", "stopped in the middle of its answer")
BUSY = _passing(Code.RESOURCE_EXHAUSTED, "VENDOR_CONNECTIONS_BUSY", "has no free connection from here")

KINDS = (
    *(REFUSED, KNOB, TOO_LONG, FILTERED, KEY, UNPAID, DENIED, REGION, MODEL, NO_LIST, TIMEOUT, CONFLICT, RATE),
    *(OVERLOADED, FAILED, UNREACHABLE, DISCONNECTED, TRUNCATED, MALFORMED, ENDLESS, NO_FIRST, SILENT, STALLED, BUSY),
)
"""Every kind of failure."""
PASSING = frozenset(kind.reason for kind in KINDS if kind.passing)
"""The reasons for which another try may help."""
CROWDED = frozenset(kind.reason for kind in (RATE, OVERLOADED, BUSY))
"""The reasons for which the same request may succeed a little later, whether or not the vendor says when."""

STATUSES: Mapping[int, Kind] = {
    401: KEY,
    402: UNPAID,
    403: DENIED,
    404: MODEL,
    408: TIMEOUT,
    409: CONFLICT,
    413: TOO_LONG,
    429: RATE,
    503: OVERLOADED,
    504: TIMEOUT,
    529: OVERLOADED,
}
WORDS: Mapping[str, Kind] = {
    "allocationquota.freetieronly": UNPAID,
    "api_error": FAILED,
    "arrearage": UNPAID,
    "authentication_error": KEY,
    "billing_error": UNPAID,
    "billing_hard_limit_reached": UNPAID,
    "bio_policy": FILTERED,
    "conflict_error": CONFLICT,
    "content_filter": FILTERED,
    "content_policy_violation": FILTERED,
    "context_length_exceeded": TOO_LONG,
    "data_inspection_failed": FILTERED,
    "exceed_context_size_error": TOO_LONG,
    "insufficient_quota": UNPAID,
    "internal_server_error": FAILED,
    "invalid_api_key": KEY,
    "misalignment_policy_violation": FILTERED,
    "model_not_found": MODEL,
    "not_found_error": MODEL,
    "overloaded_error": OVERLOADED,
    "permission_error": DENIED,
    "rate_limit_error": RATE,
    "rate_limit_exceeded": RATE,
    "request_too_large": TOO_LONG,
    "responsibleaipolicyviolation": FILTERED,
    "server_error": FAILED,
    "slow_down": OVERLOADED,
    "string_above_max_length": TOO_LONG,
    "timeout_error": TIMEOUT,
    "unsupported_country_region_territory": REGION,
}
"""What the types and codes in a body mean; they tell more than the status, which a stream has no more."""
SAYINGS: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"context (?:length|window|size)|maximum context|prompt is too long|too many tokens", TOO_LONG),
        (r"exceeds? .{0,40}context", TOO_LONG),
        (r"content (?:filter|policy|management policy|inspection)|safety system", FILTERED),
        (r"credit balance|insufficient (?:balance|credits?|funds|quota)|exceeded your current quota", UNPAID),
        (r"(?:country|region|territory|location)\b.{0,40}\bnot (?:supported|available|allowed)", REGION),
        (r"not (?:supported|available|allowed) in your (?:country|region|territory|location)", REGION),
    )
)
"""What the words of a message mean where neither a type nor a code tells more than the status."""
KNOBS: Mapping[str, str] = {
    "temperature": "HEADWATER_TEMPERATURE",
    "max_tokens": "HEADWATER_MAX_OUTPUT_TOKENS",
    "max_completion_tokens": "HEADWATER_MAX_OUTPUT_TOKENS",
    "max_output_tokens": "HEADWATER_MAX_OUTPUT_TOKENS",
    "num_predict": "HEADWATER_MAX_OUTPUT_TOKENS",
    "reasoning_effort": "HEADWATER_EFFORT",
    "thinking": "HEADWATER_EFFORT",
    **dict.fromkeys(("seed", "tools", "response_format", "stream_options"), ""),
}
"""The parameters that a vendor may refuse by name, and the setting that each comes from, where there is one."""
ERRORS: Mapping[str, Kind] = {
    "ConnectError": UNREACHABLE,
    "ConnectTimeout": UNREACHABLE,
    "ProxyError": UNREACHABLE,
    "PoolTimeout": BUSY,
    "ReadTimeout": STALLED,
    "WriteTimeout": DISCONNECTED,
    "NetworkError": DISCONNECTED,
    "RemoteProtocolError": DISCONNECTED,
    "DecodingError": MALFORMED,
    "TooManyRedirects": MALFORMED,
    "InvalidURL": UNREACHABLE,
    "UnsupportedProtocol": UNREACHABLE,
}
"""By class name along the line of ancestors, since httpx and httpx2 have the same names and no class in common."""
WRAPPERS: Mapping[str, Kind] = {
    "APITimeoutError": STALLED,
    "APIConnectionError": UNREACHABLE,
    "OSError": UNREACHABLE,
    "ValueError": MALFORMED,
}
"""What says little: it counts only where nothing in the chain of causes says more."""

"""Turns every failure of a vendor into one typed Problem, by what the vendor said rather than by exception class.

The codes: what only the operator can mend is FAILED_PRECONDITION, so that a vendor's 401 never looks like the caller's;
what may pass is UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED or ABORTED. No message holds a key or the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

from headwater.errors import Code, Problem
from headwater.providers.models import Prompt
from headwater.providers.replies import find_request_id, read_retry_after
from headwater.providers.vendors import KEYLESS, VENDORS, Target


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
MODEL = _lasting(
    Code.NOT_FOUND,
    "VENDOR_MODEL_UNKNOWN",
    "does not know the model",
    "Check the model's name, and the vendor's URL where you set it.",
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
STALLED = _passing(Code.DEADLINE_EXCEEDED, "VENDOR_STALLED", "stopped in the middle of its answer")
BUSY = _passing(Code.RESOURCE_EXHAUSTED, "VENDOR_CONNECTIONS_BUSY", "has no free connection from here")

KINDS = (
    *(REFUSED, TOO_LONG, FILTERED, KEY, UNPAID, DENIED, MODEL, TIMEOUT, CONFLICT, RATE, OVERLOADED, FAILED),
    *(UNREACHABLE, DISCONNECTED, TRUNCATED, MALFORMED, ENDLESS, NO_FIRST, STALLED, BUSY),
)
"""Every kind of failure."""
PASSING = frozenset(kind.reason for kind in KINDS if kind.passing)
"""The reasons for which another try may help."""

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
    "api_error": FAILED,
    "authentication_error": KEY,
    "billing_error": UNPAID,
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
}
"""What the types and codes in a body mean; they tell more than the status, which a stream has no more."""
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
LONG = re.compile(
    r"context (?:length|window|size)|maximum context|prompt is too long|too many tokens|exceeds? .{0,40}context", re.I
)
TOKEN = re.compile(r"[\w.:/-]{1,64}\Z")
SHOWN_CHARS, PROMPT_WINDOW, KEY_WINDOW = 300, 24, 6
SERVER_ERROR, CLIENT_ERROR = 500, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a vendor said of its failure."""

    status: int = 0
    words: tuple[str, ...] = ()
    message: str = ""
    request_id: str = ""
    retry_after_seconds: float | None = None


class InBand(Exception):  # noqa: N818 — it carries what was said, and becomes a Problem
    """An error that came inside a stream or in the body of a 200."""

    def __init__(self, body: Any, message: str = "") -> None:
        """Takes the body as it came, or what to say where it says nothing."""
        super().__init__("in-band error")
        self.said = read_body(body, message=message)


def explain(error: BaseException, target: Target, prompt: Prompt | None = None, request_id: str = "") -> Problem:
    """Makes the Problem of an exception that an SDK, its HTTP library or a reader raised."""
    if isinstance(error, InBand):
        said, kind = error.said, None
    else:
        said, kind = _read_error(error)
    return make_problem(kind or _kind_of(said), target, said, prompt, request_id)


def make_problem(
    kind: Kind, target: Target, said: Said | None = None, prompt: Prompt | None = None, request_id: str = ""
) -> Problem:
    """Makes the Problem of a kind of failure, with what the vendor said where it is fit to show."""
    said = said or Said()
    words = "" if kind is KEY else shown(said.message, target.key, prompt)
    metadata = {"vendor": target.vendor, "model": target.model}
    details = {
        "request_id": said.request_id or request_id,
        "status": str(said.status) if said.status else "",
        "vendor_code": next((word for word in said.words if TOKEN.match(word)), ""),
        "vendor_message": words,
    }
    named = f" {target.model!r}" if kind is MODEL else ""
    quoted = f": {words}" if words else "."
    return Problem(
        kind.code,
        kind.reason,
        f"The vendor {target.vendor!r} {kind.says}{named}{quoted}",
        _key_remedy(target) if kind is KEY else kind.remedy,
        retry_after_seconds=said.retry_after_seconds if kind.passing else None,
        metadata={**metadata, **{name: value for name, value in details.items() if value}},
    )


def read_body(body: Any, *, status: int = 0, message: str = "", headers: Mapping[str, str] | None = None) -> Said:
    """Reads the body of an error in any of the vendors' forms."""
    outer = _mapping(_decoded(body))
    inner = outer.get("error", outer)
    inside = _mapping(inner)
    code = inside.get("code")
    if isinstance(code, int) and not isinstance(code, bool) and CLIENT_ERROR <= code < SERVER_ERROR + 100 and not status:
        status = code  # OpenRouter and vLLM tell the status in the body
    details = _mapping(inside.get("details"))
    nested = _mapping(inside.get("innererror"))
    words = (code, details.get("error_code"), nested.get("code"), inside.get("type"), outer.get("code"))
    text = inside.get("message") or outer.get("message") or outer.get("detail")
    if not isinstance(text, str):
        text = inner if isinstance(inner, str) else message
    request_id = outer.get("request_id") or inside.get("request_id")
    headers = headers or {}
    return Said(
        status=status,
        words=tuple(word for word in words if isinstance(word, str) and word),
        message=text,
        request_id=find_request_id(headers) or (request_id if isinstance(request_id, str) else ""),
        retry_after_seconds=read_retry_after(headers),
    )


def shown(message: str, key: str, prompt: Prompt | None) -> str:
    """Returns a vendor's words as far as they may be shown: none that repeat a piece of the key or of the prompt."""
    line = " ".join(message.split())
    texts = [each.text for each in prompt.messages] if prompt else []
    if _overlaps(line, [key], KEY_WINDOW) or _overlaps(line, [" ".join(t.split()) for t in texts], PROMPT_WINDOW):
        return ""
    return line if len(line) <= SHOWN_CHARS else line[: SHOWN_CHARS - 1] + "…"


def _overlaps(line: str, secrets: Iterable[str], window: int) -> bool:
    pieces = {line[at : at + window] for at in range(len(line) - window + 1)}
    return any(piece in secret for secret in secrets if secret for piece in pieces)


def _kind_of(said: Said) -> Kind:
    by_words = next((WORDS[word.lower()] for word in said.words if word.lower() in WORDS), None)
    if LONG.search(said.message) and by_words in {None, FAILED} and said.status < SERVER_ERROR:
        return TOO_LONG
    if by_words is not None:
        return by_words
    if said.status in STATUSES:
        return STATUSES[said.status]
    if CLIENT_ERROR <= said.status < SERVER_ERROR or "invalid_request_error" in said.words:
        return REFUSED
    return FAILED


def _read_error(error: BaseException) -> tuple[Said, Kind | None]:
    """Reads an exception: with a status it is an answer of the vendor, else its class says what happened."""
    status = getattr(error, "status_code", 0)
    if isinstance(status, int) and status >= CLIENT_ERROR:
        response = getattr(error, "response", None)
        body = getattr(error, "body", None) or getattr(error, "error", None)
        return read_body(body, status=status, headers=getattr(response, "headers", None)), None
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(cause)
        cause = cause.__cause__
    for table in (ERRORS, WRAPPERS):
        for each in chain:
            for ancestor in type(each).__mro__:
                if ancestor.__name__ in table:
                    return Said(), table[ancestor.__name__]
    return Said(), FAILED


def _key_remedy(target: Target) -> str:
    variables = " or ".join(VENDORS[target.vendor].keys)
    return f"Check the key in {variables} where the service runs, {KEYLESS}."


def _decoded(body: Any) -> Any:
    if not isinstance(body, str | bytes):
        return body
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # A page of a proxy is no message of the vendor; a line of plain text is one.
        text = body if isinstance(body, str) else body.decode("utf-8", "replace")
        return {} if text.lstrip().startswith("<") else {"error": text}


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}

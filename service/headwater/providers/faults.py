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

from headwater.errors import Problem
from headwater.providers.kinds import (
    DENIED,
    ERRORS,
    FAILED,
    KEY,
    KNOB,
    KNOBS,
    MODEL,
    RATE,
    REFUSED,
    SAYINGS,
    STATUSES,
    WORDS,
    WRAPPERS,
    Kind,
)
from headwater.providers.models import Prompt
from headwater.providers.replies import find_request_id, read_retry_after
from headwater.providers.vendors import KEYLESS, VENDORS, Target

KNOB_NAMED = re.compile(rf"(?<!\w)(?:{'|'.join(KNOBS)})(?!\w)")
TOKEN = re.compile(r"[\w.:/-]{1,64}\Z")
SHOWN_CHARS, PROMPT_WINDOW, KEY_WINDOW = 300, 24, 6
CLIENT_ERROR, SERVER_ERROR = 400, 500
UNUSABLE = frozenset({400, 422})
"""The statuses that say that the request itself is at fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a vendor said of its failure."""

    status: int = 0
    words: tuple[str, ...] = ()
    message: str = ""
    parameter: str = ""
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
    code = next((word for word in said.words if TOKEN.match(word)), "")
    details = {
        "request_id": shown(request_id or said.request_id, target.key, prompt),
        "status": str(said.status) if said.status else "",
        "vendor_code": shown(code, target.key, prompt),
        "vendor_message": words,
    }
    named, remedy = _particulars(kind, target, said)
    quoted = f": {words}{'' if words[-1] in '.!?…' else '.'}" if words else "."
    return Problem(
        kind.code,
        kind.reason,
        f"The vendor {target.vendor!r} {kind.says}{named}{quoted}",
        remedy,
        retry_after_seconds=said.retry_after_seconds if kind.passing else None,
        metadata={**metadata, **{name: value for name, value in details.items() if value}},
    )


def read_body(body: Any, *, status: int = 0, message: str = "", headers: Mapping[str, str] | None = None) -> Said:
    """Reads the body of an error in any of the vendors' forms."""
    outer = _mapping(_decoded(body))
    inner = outer.get("error", outer)
    inside = _mapping(inner)
    code = inside.get("code")
    if (
        isinstance(code, int)
        and not isinstance(code, bool)
        and CLIENT_ERROR <= code < SERVER_ERROR + 100
        and not status
    ):
        status = code  # OpenRouter and vLLM tell the status in the body
    details = _mapping(inside.get("details"))
    nested = _mapping(inside.get("innererror"))
    words = (code, details.get("error_code"), nested.get("code"), inside.get("type"), outer.get("code"))
    text = inside.get("message") or outer.get("message") or outer.get("detail")
    if not isinstance(text, str):
        text = inner if isinstance(inner, str) else message
    parameter = inside.get("param")
    request_id = outer.get("request_id") or inside.get("request_id")
    headers = headers or {}
    return Said(
        status=status,
        words=tuple(word for word in words if isinstance(word, str) and word),
        message=text,
        parameter=parameter if isinstance(parameter, str) else "",
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
    if by_words is FAILED and (said.status in STATUSES or CLIENT_ERROR <= said.status < SERVER_ERROR):
        by_words = None  # a word for "something went wrong" tells less than the status
    if by_words in {None, FAILED, DENIED} and said.status < SERVER_ERROR:
        by_saying = next((kind for pattern, kind in SAYINGS if pattern.search(said.message)), None)
        # How much a minute is too much may be told in tokens: that passes, and is no question that is too long.
        if by_saying is not None and STATUSES.get(said.status) is not RATE:
            return by_saying
    if by_words is None and said.status in UNUSABLE and _knob(said):
        return KNOB
    if by_words is not None:
        return by_words
    if said.status in STATUSES:
        return STATUSES[said.status]
    if CLIENT_ERROR <= said.status < SERVER_ERROR or (not said.status and "invalid_request_error" in said.words):
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


def _knob(said: Said) -> str:
    """Returns the parameter that a vendor refuses; "" where it names none that is known."""
    if said.parameter in KNOBS:
        return said.parameter
    named = KNOB_NAMED.search(said.message)
    return named[0] if named else ""


def _particulars(kind: Kind, target: Target, said: Said) -> tuple[str, str]:
    """Returns what the kind's words are about, and the remedy for just that."""
    if kind is KEY:
        variables = " or ".join(VENDORS[target.vendor].keys)
        return "", f"Check the key in {variables} where the service runs, {KEYLESS}."
    if kind is MODEL:
        return f" {target.model!r}", kind.remedy
    if kind is KNOB:
        knob = _knob(said)
        setting = KNOBS.get(knob, "")
        change = f"Change {setting} or leave it out; another model may take it." if setting else kind.remedy
        return f" the {knob!r} that was sent to the model {target.model!r}", change
    return "", kind.remedy


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

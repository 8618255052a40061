"""Chooses in which form an answer is given, and where in a run a reader wants to go on."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headwater.errors import Code, invalid, problem
from headwater.gateway.exchange import Refusal


class Format(enum.Enum):
    """A form of the events; the value is the media type of the answer."""

    SSE = "text/event-stream"
    NDJSON = "application/x-ndjson"
    JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a reader goes on: strictly after a sequence; `run` is empty if the cursor did not name one."""

    run: str
    after: int


STREAMED = (Format.SSE, Format.NDJSON, Format.JSON)
"""What a stream is offered in; the first is given to whoever takes anything."""
PLAIN = (Format.JSON,)
"""What anything else is offered in."""


def format_of(accept: str, alt: str | None, offered: Sequence[Format]) -> Format:
    """Chooses by `?alt=`, else by the Accept header (RFC 9110, 12.5.1).

    Of equally wanted forms the one that was named wins over one that a wildcard allows, then the one offered first.
    Raises Refusal 406 if none of the offered forms will do.
    """
    if alt is not None:
        chosen = _ALT.get(alt)
        if chosen is None:
            message = f"alt={alt!r} is no form of an answer."
            raise invalid("UNKNOWN_ALT", "alt", message, f"Use one of {', '.join(_ALT)}.")
        wanted = [chosen] if chosen in offered else []
    else:
        ranges = _ranges(accept)
        weighed = [(_weight(each, ranges), -index, each) for index, each in enumerate(offered)]
        wanted = [each for (quality, _), _, each in sorted(weighed, key=lambda it: it[:2]) if quality > 0]
    if not wanted:
        forms = ", ".join(each.value for each in offered)
        told = problem(
            Code.INVALID_ARGUMENT, "NOT_ACCEPTABLE", "There is no such form.", f"Accept {forms}.", offered=forms
        )
        raise Refusal(406, told)
    return wanted[-1]


def cursor_of(header: str, query: Mapping[str, str]) -> Cursor | None:
    """Reads the cursor: `Last-Event-ID`, else `last_event_id`, else `after`; None for the beginning.

    The header comes first, since EventSource repeats the URL's cursor and adds its own newer one. The forms are
    `<run>.<sequence>` and `<sequence>`; the sequence -1 is the beginning, of a new run where no run is named.
    """
    given = [("Last-Event-ID", header), *((name, query.get(name, "")) for name in CURSORS)]
    source, text = next(((name, value) for name, value in given if value), ("", ""))
    if not text or text == "-1":
        return None
    found = _CURSOR.fullmatch(text)
    if found is None or int(found["after"]) > _LAST_SEQUENCE:
        message = f"{source} is no cursor."
        raise invalid("BAD_CURSOR", source, message, "Give <run>.<sequence> or a sequence; -1 is the beginning.")
    return Cursor(run=found["run"] or "", after=max(0, int(found["after"])))


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Splits an Accept header into media ranges and their weights; no header accepts everything."""
    found: list[tuple[str, float]] = []
    for each in (accept or "*/*").split(","):
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        if name:
            # A weight that is none is taken as the highest: the range was named after all.
            found.append((name, float(quality) if _QUALITY.fullmatch(quality) else 1.0))
    return found


def _weight(form: Format, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Returns the quality of the most specific range that matches, and how specific it is."""
    kind = form.value.partition("/")[0]
    names = {**dict.fromkeys((form.value, *_ALIASES.get(form, ())), 3), f"{kind}/*": 2, "*/*": 1}
    matching = [(names[name], quality) for name, quality in ranges if name in names]
    specific, quality = max(matching, default=(0, 0.0))
    return quality, specific


CURSORS = ("last_event_id", "after")
"""Parameters that hold a cursor."""
_ALT: Mapping[str, Format] = {"sse": Format.SSE, "ndjson": Format.NDJSON, "json": Format.JSON}
_ALIASES: Mapping[Format, tuple[str, ...]] = {
    Format.NDJSON: ("application/ndjson", "application/jsonl", "application/x-jsonlines")
}
_CURSOR = re.compile(r"(?:(?P<run>[A-Za-z0-9_-]{1,128})\.)?(?P<after>-1|[0-9]{1,10})")
_QUALITY = re.compile(r"[01](?:\.[0-9]{0,3})?")
_LAST_SEQUENCE = 2**31 - 1

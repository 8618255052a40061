"""How the events read that every run has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from headwater.show.pen import Json, Lines, Pen


def _queued(fields: Json, pen: Pen) -> Lines:
    yield pen.text((f"Queued: {place(fields)}", "dim"))


def _reset(fields: Json, pen: Pen) -> Lines:
    yield pen.text((f"Attempt {fields.get('attempt', 0)}: {fields.get('message', '')}", "yellow"))


def _warning(fields: Json, pen: Pen) -> Lines:
    yield pen.text(("! ", "yellow"), _sentence(fields), (f" [{fields.get('reason', '')}]", "dim"))


def _error(fields: Json, pen: Pen) -> Lines:
    status: Json = fields.get("error", {})
    message = fields.get("message") or status.get("message", "")
    return failure(message, fields.get("remedy", ""), fields.get("reason", ""), pen)


def failure(message: str, remedy: str, reason: str, pen: Pen, violations: Sequence[tuple[str, str]] = ()) -> Lines:
    """Says why something was refused or failed."""
    yield pen.text((f"{pen.sign('bad')} {message}", "bold red"))
    for field, description in violations:
        yield pen.text(f"  {field}: {description}")
    if remedy:
        yield pen.text(f"  {remedy}")
    if reason:
        yield pen.text((f"  {reason}", "dim"))


def _cancelled(fields: Json, pen: Pen) -> Lines:
    message = fields.get("message", "")
    yield pen.text(
        (f"{pen.sign('bad')} Cancelled by {fields.get('origin', '')}", "bold yellow"), message and f": {message}"
    )


def _sentence(fields: Json) -> str:
    return " ".join(filter(None, (fields.get("message", ""), fields.get("remedy", ""))))


def place(fields: Json) -> str:
    """Says where in the queue a run is."""
    return f"place {fields.get('place', 0)} of {fields.get('waiting', 0)}"


LINES: Mapping[str, Callable[[Json, Pen], Lines]] = {
    "queued": _queued,
    "reset": _reset,
    "warning": _warning,
    "error": _error,
    "cancelled": _cancelled,
}

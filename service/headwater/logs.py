"""Writes the log: one JSON object a line, or lines for a person at a terminal.

Modules log with `structlog.get_logger()`: an event in a few words, the variable parts as fields. What the libraries
log goes the same way. Whatever the way, no secret and none of the user's source gets into a log: fields named like one
are masked, secrets are cut out of texts, unknown objects are named by their type only, and tracebacks quote no code.
"""

from __future__ import annotations

import enum
import logging
import math
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any, TextIO, cast
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from headwater.errors import Code, problem


def configure(level: str = "info", *, json: bool | None = None, stream: TextIO | None = None) -> None:
    """Sets logging up for the process; calling it again replaces what was set up.

    `level` is debug, info, warning, error or critical. `json=None` chooses lines for a person when the stream, stderr
    by default, is a terminal. Servers that bring their own logging must be told not to (uvicorn: `log_config=None`).
    Raises Problem INVALID_ARGUMENT (`LOG_LEVEL_UNKNOWN`).
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if not number:
        raise problem(
            Code.INVALID_ARGUMENT,
            "LOG_LEVEL_UNKNOWN",
            f"There is no log level {level!r}.",
            "Choose debug, info, warning, error or critical.",
            level=level,
        )
    target = sys.stderr if stream is None else stream
    as_json = not target.isatty() if json is None else json
    structlog.configure(
        processors=[*_SHARED, *_CLEANING, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # loggers made before a second call follow it too
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in _CHATTY:  # they say in INFO what the service says itself
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    for name in _OWN_HANDLERS:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True


def of_run(run: str, **fields: str) -> AbstractContextManager[None]:
    """Puts the run's id, and other fields, on every line that is logged inside, by whoever.

    Not to be held over a `yield`: an abandoned generator is closed in another context, where it cannot be undone.
    """
    return structlog.contextvars.bound_contextvars(run=run, **fields)


def redact(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """Masks what must not be logged; a structlog processor."""
    return {name: _masked(name, value, _DEPTH) for name, value in event.items()}


def describe_exception(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """Turns `exc_info` into types, messages and places, without the lines of code; a structlog processor."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = cast("tuple[Any, ...]", info)[1]
    if isinstance(info, BaseException):
        event["exception"] = [_described(error) for error in _chain(info)]
    return event


def _formatter(*, as_json: bool) -> logging.Formatter:
    rendering: list[Processor] = [structlog.processors.JSONRenderer()]
    if not as_json:
        rendering = [_told, structlog.dev.ConsoleRenderer(pad_event_to=40)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder(), *_CLEANING],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
    )


def _told(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """Writes described exceptions as lines, for a person."""
    if isinstance(chain := event.get("exception"), list):
        described = cast("list[dict[str, Any]]", chain)
        event["exception"] = "\n".join(
            "\n  ".join([f"{each['type']}: {each['message']}", *each["frames"]]) for each in described
        )
    return event


def _masked(name: str, value: object, depth: int) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, enum.Enum)):
        return value if value is None or math.isfinite(value) else str(value)  # JSON has no word for infinity
    words = [word.lower() for word in _WORDS.findall(name)]
    if _SECRETS.intersection(words) and words[-1] not in _MEASURES:
        return _MASK
    return _plain(value, depth)


def _plain(value: object, depth: int) -> Any:
    """Turns a value into one that JSON can hold, and that says no more than it should."""
    if depth and isinstance(value, Mapping):
        fields = cast("Mapping[object, object]", value)
        return {_clean(str(key)): _masked(str(key), each, depth - 1) for key, each in fields.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        items = cast("list[object]", value)
        return [_masked("", each, depth - 1) for each in items]
    return _clean(_worded(value))


def _worded(value: object) -> str:
    match value:
        case enum.Enum():
            return value.name
        case str() | PurePath() | UUID() | date() | timedelta():
            return str(value)
        case bytes() | bytearray():
            return f"<{len(value)} bytes>"
        case BaseException():
            return f"{type(value).__name__}: {value}"
        case _:
            return f"<{type(value).__name__}>"


def _clean(text: str) -> str:
    """Cuts secrets out of a text, control characters, and what is too long to be a message."""
    for pattern, replacement in _CUTS:
        text = pattern.sub(replacement, text)
    return text if len(text) <= _TEXT_LENGTH else f"{text[:_TEXT_LENGTH]}… ({len(text)} characters)"


def _described(error: BaseException) -> dict[str, object]:
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    return {"type": type(error).__name__, "message": _clean(str(error)), "frames": frames[-_FRAMES:]}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yields an exception, then what caused it or was being handled."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_CLEANING: tuple[Processor, ...] = (describe_exception, redact)  # early: no other handler gets to see more
_OWN_HANDLERS = ("uvicorn", "uvicorn.access", "uvicorn.error", "uvicorn.asgi", "grpc", "grpc._cython")
_CHATTY = ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "anthropic", "asyncio", "uvicorn.error")
_DEPTH = 6
_FRAMES = 30
_TEXT_LENGTH = 2000
_MASK = "***"
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LETS_IN = frozenset(  # what lets one in, …
    {
        "apikey",
        "auth",
        "authorization",
        "cookie",
        "credential",
        "credentials",
        "dsn",
        "jwt",
        "key",
        "passphrase",
        "passwd",
        "password",
        "secret",
        "token",
    }
)
_OF_THE_USER = frozenset(  # … and what is the user's
    {
        "body",
        "content",
        "contents",
        "diff",
        "draft",
        "files",
        "messages",
        "patch",
        "payload",
        "prompt",
        "request",
        "response",
        "snippet",
        "source",
        "sources",
        "stderr",
        "stdout",
        "text",
    }
)
_SECRETS = _LETS_IN | _OF_THE_USER
_MEASURES = frozenset(  # a field that ends so tells something about it, not the thing itself
    {
        "age",
        "bytes",
        "count",
        "format",
        "hash",
        "id",
        "kind",
        "length",
        "level",
        "lines",
        "name",
        "path",
        "reason",
        "seconds",
        "size",
        "status",
        "type",
        "version",
    }
)
_CUTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b((?:bearer|apikey|basic)\s+)[^\s\"',;]+"), r"\1***"),
    (re.compile(r"(?i)\b([\w-]*(?:token|api[_-]?key|secret|password|signature)=)[^&\s\"']+"), r"\1***"),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^/\s@]+@"), r"\1***@"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "***"),
    (re.compile(r"\bsk-[\w-]{8,}"), "***"),
    (re.compile(r"[\x00-\x08\x0b-\x1f\x7f]"), "\N{REPLACEMENT CHARACTER}"),  # lest a terminal obeys them
)

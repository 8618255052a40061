"""Reads what a guest sends: lines of a stranger, any of which may be anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from headwater.sandbox import Limits
from headwater.sandbox.verdict import Heard

_MESSAGE, _RETURNED, _ERROR, _STARVED = b"m", b"d", b"e", b"o"


class TooMuchError(Exception):
    """Says that a guest sent more than it may."""


class Messages:
    """Cuts a byte stream into messages, within bounds; notes in `heard` what is none."""

    def __init__(self, limits: Limits, heard: Heard) -> None:
        self._limits, self._heard = limits, heard
        self._rest = bytearray()
        self._total = 0

    def feed(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """Yields the messages that this piece completes. Raises TooMuchError."""
        self._total += len(piece)
        if self._total > self._limits.sent_bytes:
            raise TooMuchError(f"messages of more than {self._limits.sent_bytes} bytes together")
        start = len(self._rest)
        self._rest += piece
        while (end := self._rest.find(b"\n", start)) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            start = 0
            self._bound(len(line))
            message = self._read(line)
            if message is not None:
                yield message
        self._bound(len(self._rest))

    def finish(self) -> None:
        """Counts an unfinished last line as broken."""
        if self._rest:
            self._heard.broken += 1

    def _bound(self, size: int) -> None:
        if size > self._limits.message_bytes:
            raise TooMuchError(f"a message of more than {self._limits.message_bytes} bytes")

    def _read(self, line: bytes) -> dict[str, Any] | None:
        kind, body = line[:1], line[1:]
        heard = self._heard
        if heard.returned or heard.error is not None:
            heard.broken += 1  # nothing comes after the end
            return None
        if kind == _RETURNED and not body:
            heard.returned = True
            return None
        value = _json(body)
        if kind == _MESSAGE and isinstance(value, dict):
            return value  # pyright: ignore[reportUnknownVariableType] — a JSON object has string keys
        if kind in {_ERROR, _STARVED} and isinstance(value, str):
            heard.error, heard.starved = value, kind == _STARVED
        else:
            heard.broken += 1
        return None


def _json(body: bytes) -> object:
    """Reads JSON proper: no NaN, no lone surrogates (they become `?`), no nesting past the parser's depth."""
    try:
        value = json.loads(body, parse_constant=_refuse)
        if b"\\ud" in body or b"\\uD" in body:
            clean = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
            value = json.loads(clean)
    except (ValueError, RecursionError):
        return None
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")

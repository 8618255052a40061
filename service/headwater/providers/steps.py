"""Gathers what a vendor's events say into the steps of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from headwater.providers.models import Answer, Finish, ToolCall, Usage


class Steps:
    """What came since the last look; pieces of text that came in one read become one step."""

    __slots__ = ("_answers", "_moved", "_reasoning", "_text", "began", "ended", "finish", "refused", "usage")

    def __init__(self) -> None:
        self._answers: list[Answer] = []
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._moved = False
        self.began = False
        """Whether anything of the answer was seen."""
        self.refused = False
        """Whether the model declined by the vendor's own sign of it."""
        self.finish: Finish | None = None
        self.usage: Usage | None = None
        self.ended = False
        """Whether the vendor's end marker came."""

    def text(self, piece: Any) -> None:
        """Adds text of the answer; None and "" are nothing. Raises TypeError for what is no text."""
        if not piece:
            return
        if not isinstance(piece, str):
            raise TypeError("text is no string")
        if self._reasoning:
            self._flush()
        self._text.append(piece)

    def reasoning(self, piece: Any) -> None:
        """Adds text of the reasoning. Raises TypeError for what is no text."""
        if not piece:
            return
        if not isinstance(piece, str):
            raise TypeError("reasoning is no string")
        if self._text:
            self._flush()
        self._reasoning.append(piece)

    def call(self, call: ToolCall) -> None:
        """Adds a whole tool call."""
        self._flush()
        self._answers.append(Answer(call=call))

    def moved(self) -> None:
        """Notes content that cannot be shown yet, such as a part of a tool call: the answer is not idle."""
        self._moved = True

    def take(self) -> list[Answer]:
        """Returns the steps since the last look; an empty one says that content moved."""
        if self._text or self._reasoning:
            self._flush()
        if not self._answers:
            if self._moved:
                self._moved = False
                return [Answer()]
            return self._answers
        taken, self._answers, self._moved = self._answers, [], False
        self.began = True
        return taken

    def _flush(self) -> None:
        if self._text:
            self._answers.append(Answer(text=self._text[0] if len(self._text) == 1 else "".join(self._text)))
            self._text = []
        if self._reasoning:
            self._answers.append(Answer(reasoning="".join(self._reasoning)))
            self._reasoning = []


@dataclass(slots=True, kw_only=True)
class Part:
    """A tool call in the making, of what the vendor sent; its kind is looked at when it is whole."""

    id: Any = ""
    name: Any = ""
    arguments: list[str] = field(default_factory=list[str])


class Parts:
    """Assembles tool calls from their pieces, in the order in which they began."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: dict[Any, Part] = {}

    def add(self, key: Any, *, id: str | None = None, name: str | None = None, arguments: Any = None) -> None:  # noqa: A002 — the vendors' word
        """Adds a piece to the call `key`; what the vendor repeats or leaves out does no harm."""
        part = self._parts.setdefault(key, Part())
        part.id = part.id or id or ""
        part.name = part.name or name or ""
        if isinstance(arguments, str):
            part.arguments.append(arguments)
        elif arguments is not None:
            part.arguments.append(orjson.dumps(arguments).decode())

    def last(self) -> Any:
        """Returns the key of the call that began last; None when there is none."""
        return next(reversed(self._parts), None)

    def pop(self, key: Any) -> ToolCall | None:
        """Returns the call `key` and forgets it."""
        part = self._parts.pop(key, None)
        return None if part is None else _call(part, key)

    def take(self) -> list[ToolCall]:
        """Returns all calls and forgets them."""
        parts, self._parts = self._parts, {}
        return [_call(part, key) for key, part in parts.items()]


def inside(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Returns an object within an object; an empty one where there is none."""
    return value.get(name) or {}


def count(value: Any) -> int:
    """Reads a count of tokens; None is none. Raises TypeError or ValueError for what is no count."""
    if not isinstance(value, int | float | None):
        raise TypeError("a count is no number")
    return max(0, int(value or 0))


def read_arguments(text: str) -> dict[str, Any]:
    """Reads a call's arguments; what is no object was refused as a call already, and goes back as an empty one."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _call(part: Part, key: Any) -> ToolCall:
    if not part.name or not isinstance(part.name, str) or not isinstance(part.id, str):
        raise ValueError("a tool call has no name")
    return ToolCall(id=part.id or f"call_{key}", name=part.name, arguments="".join(part.arguments) or "{}")

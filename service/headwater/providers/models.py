"""What a language model is asked and how it answers, the same for every vendor.

Three things are kept apart: who is called (`Vendor`: URL, key), which wire they speak (a file of this room: `openai`,
`responses`, `anthropic`, `ollama`), and what a model can do (`Ability`: data). A `Model` is one model of one vendor.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson


class Role(enum.Enum):
    """Who speaks in a conversation."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool that the model wants to be called; `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn. An assistant's turn may hold tool calls; a tool's turn answers the call `call_id`."""

    role: Role
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool on offer; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is asked. None leaves a knob to the vendor; a knob that the model does not have is left out."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Any] | None = None
    """A JSON schema that the answer must fit, by the vendor's own means."""
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    effort: str | None = None
    """How much to reason: low, medium or high."""
    due: float | None = None
    """No turn and no other try is waited for beyond this, by `time.monotonic()`: the answer would come too late."""


def schema_in_words(schema: Mapping[str, Any]) -> str:
    """Says what a schema says, for models that cannot be held to one."""
    return f"Answer with one JSON object that fits this JSON schema:\n{orjson.dumps(dict(schema)).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer. `input` includes cached ones; `estimated` when the vendor did not say."""

    input: int = 0
    cached: int = 0
    cache_written: int = 0
    output: int = 0
    reasoning: int = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        """Adds up two answers; the sum is an estimate if one of them is."""
        return Usage(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            cache_written=self.cache_written + other.cache_written,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
            estimated=self.estimated or other.estimated,
        )


class Finish(enum.Enum):
    """Why an answer ended, by its vendor's end marker."""

    STOP = "stop"
    LENGTH = "length"
    TOOLS = "tool_calls"
    FILTER = "content_filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One step of an answer. `finish` comes exactly once, last, and only if the vendor's end marker came."""

    text: str = ""
    reasoning: str = ""
    call: ToolCall | None = None
    usage: Usage | None = None
    finish: Finish | None = None
    restarted: bool = False
    """Everything of this answer so far is withdrawn: another vendor, or another try, begins anew."""
    model: str = ""
    """Who answers now, `vendor:model`; set by the first step, and by each restart."""
    request_id: str = field(default="")
    """The vendor's id of the request, where it tells one."""


class Model(Protocol):
    """One model of one vendor, or a chain of them."""

    @property
    def name(self) -> str:
        """`vendor:model`."""
        ...

    def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks and yields the answer as it comes.

        Closing the generator ends the vendor's request at once. Raises Problem, with the vendor's request id in its
        metadata: `VENDOR_…` reasons for what the vendor refuses or fails at, never a success without its end marker.
        """
        ...


class Around(ABC):
    """A model around another one, whose name it bears: one concern of a call each."""

    def __init__(self, model: Model) -> None:
        """Takes the model that is asked in the end."""
        self._model = model

    @property
    def name(self) -> str:
        """`vendor:model`."""
        return self._model.name

    @abstractmethod
    def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks and yields the answer as it comes."""

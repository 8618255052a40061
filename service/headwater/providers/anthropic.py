"""The wire of Anthropic's messages. The one place that imports the SDK `anthropic`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from headwater.providers.asking import Wire
from headwater.providers.faults import InBand
from headwater.providers.models import Finish, Message, Prompt, Role, Usage, schema_in_words
from headwater.providers.replies import Reply, read_reply
from headwater.providers.steps import Parts, Steps, count, inside, read_arguments
from headwater.providers.vendors import Target
from headwater.providers.wire import Events

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

FINISHES: Mapping[str, Finish] = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.STOP,
    "pause_turn": Finish.STOP,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.TOOLS,
    "refusal": Finish.FILTER,
}

LISTED = 1000
"""Models of one page of the list: the most that the vendor gives."""


class Anthropic(Wire):
    """A model behind Anthropic's messages."""

    def __init__(self, target: Target, client: AsyncAnthropic | None = None) -> None:
        """Takes whom to ask, and a client to share connections with."""
        import anthropic  # noqa: PLC0415 — the SDK and what it stands on are loaded when a vendor is asked
        import httpx2  # noqa: PLC0415 — likewise

        failures = (anthropic.AnthropicError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError)
        super().__init__(target, failures)
        self._client = client or make_client(target)

    @asynccontextmanager
    async def send(self, prompt: Prompt) -> AsyncGenerator[Reply]:
        """Sends the question.

        The model stands in the extra body too: named as an argument, one that will be retired makes the SDK warn on
        standard error, and the vendor refuses it in time anyway.
        """
        body = messages_body(prompt, self.target)
        create = self._client.messages.with_streaming_response.create
        async with create(model="", messages=[], max_tokens=body["max_tokens"], extra_body=body) as response:
            yield read_reply(response.http_response)

    @asynccontextmanager
    async def listing(self) -> AsyncGenerator[Reply]:
        """Asks which models there are."""
        async with self._client.models.with_streaming_response.list(limit=LISTED) as response:
            yield read_reply(response.http_response)

    def reader(self, steps: Steps) -> tuple[MessageReader, type[Events]]:
        """Makes a reader of one answer."""
        return MessageReader(steps), Events


def make_client(target: Target) -> AsyncAnthropic:
    """Makes a client that neither retries nor keeps time nor traces: all that is done here, for all vendors alike."""
    import anthropic  # noqa: PLC0415 — loaded when a vendor is asked
    import httpx2  # noqa: PLC0415 — likewise

    limits = target.limits
    return anthropic.AsyncAnthropic(
        api_key=target.key,
        base_url=target.url,
        max_retries=0,
        timeout=httpx2.Timeout(None, connect=limits.connect_seconds),
        open_telemetry=False,
        http_client=anthropic.DefaultAsyncHttpxClient(
            limits=httpx2.Limits(max_connections=limits.connections, max_keepalive_connections=limits.idle_connections),
        ),
    )


def messages_body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """Writes a question as Anthropic wants it; there is no temperature and no seed."""
    ability = target.ability
    told = [each.text for each in prompt.messages if each.role is Role.SYSTEM]
    if prompt.schema is not None and not ability.schema:
        told.append(schema_in_words(prompt.schema))
    system = "\n\n".join(told)
    body: dict[str, Any] = {
        "model": target.model,
        "max_tokens": target.most_tokens(prompt.max_tokens),
        "messages": _turns([each for each in prompt.messages if each.role is not Role.SYSTEM]),
    }
    if ability.streams:
        body["stream"] = True
    if system:
        # The system prompt is the same for every segment: the vendor may keep it from call to call.
        body["system"] = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
    if prompt.tools and ability.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}
            for tool in prompt.tools
        ]
    output: dict[str, Any] = {}
    if prompt.schema is not None and ability.schema:
        output["format"] = {"type": "json_schema", "schema": dict(prompt.schema)}
    if prompt.effort is not None and ability.reasons:
        output["effort"] = prompt.effort
        # Thoughts must be handed back, signed, with the calls they led to; they are not kept here, so that a
        # conversation with calls goes on without the vendor being asked for more of them.
        if not any(each.calls for each in prompt.messages):
            body["thinking"] = {"type": "adaptive", "display": "summarized"}
    if output:
        body["output_config"] = output
    return body


def _turns(messages: list[Message]) -> list[dict[str, Any]]:
    """Writes the turns; the answers to several calls of one turn must stand together in the next."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role is Role.ASSISTANT else "user"
        blocks = _blocks(message)
        if not blocks:
            continue  # the vendor refuses a turn that says nothing
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        else:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role is Role.TOOL:
        return [{"type": "tool_result", "tool_use_id": message.call_id, "content": message.text}]
    blocks: list[dict[str, Any]] = []
    if message.text:
        blocks.append({"type": "text", "text": message.text})
    return blocks + [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": read_arguments(call.arguments)}
        for call in message.calls
    ]


class MessageReader:
    """Reads the events of a message."""

    __slots__ = ("_calls", "_reason", "_steps", "_usage")

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._calls = Parts()
        self._reason = ""
        self._usage: dict[str, Any] = {}

    def event(self, payload: bytes) -> None:
        """Reads an event."""
        event: dict[str, Any] = orjson.loads(payload)
        kind = event["type"]
        if kind == "content_block_delta":
            self._delta(event["index"], event["delta"])
        elif kind == "content_block_start":
            self._start(event["index"], event["content_block"])
        elif kind == "content_block_stop":
            self._stop(event["index"])
        elif kind == "message_start":
            self._count(event["message"].get("usage"))
        elif kind == "message_delta":
            self._count(event.get("usage"))
            self._reason = event["delta"].get("stop_reason") or self._reason
        elif kind == "message_stop":
            self._end()
        elif kind == "error":
            raise InBand(event)

    def whole(self, body: Mapping[str, Any]) -> None:
        """Reads a message that was not streamed."""
        if body.get("type") == "error":
            raise InBand(body)
        for index, block in enumerate(body["content"]):
            self._start(index, block)
            self._stop(index)
        self._count(body.get("usage"))
        self._reason = body["stop_reason"]
        self._end()

    def _start(self, index: int, block: Mapping[str, Any]) -> None:
        kind = block["type"]
        if kind == "text":
            self._steps.text(block.get("text"))
        elif kind == "thinking":
            self._steps.reasoning(block.get("thinking"))
        elif kind == "tool_use":
            # A stream begins with an empty input and sends it in pieces; a whole message has it here.
            self._calls.add(index, id=block["id"], name=block["name"], arguments=block.get("input") or None)
            self._steps.moved()

    def _delta(self, index: int, delta: Mapping[str, Any]) -> None:
        kind = delta["type"]
        if kind == "text_delta":
            self._steps.text(delta["text"])
        elif kind == "thinking_delta":
            self._steps.reasoning(delta["thinking"])
            self._steps.moved()
        elif kind == "input_json_delta":
            self._calls.add(index, arguments=delta["partial_json"])
            self._steps.moved()

    def _stop(self, index: int) -> None:
        call = self._calls.pop(index)
        if call is not None:
            self._steps.call(call)

    def _count(self, usage: Mapping[str, Any] | None) -> None:
        """Takes a count; each is of the whole message so far."""
        self._usage.update({name: value for name, value in (usage or {}).items() if value is not None})

    def _end(self) -> None:
        if not self._reason:
            raise ValueError("the message has no reason to stop")
        self._steps.finish = FINISHES.get(self._reason, Finish.STOP)
        self._steps.usage = read_usage(self._usage) if self._usage else None
        self._steps.ended = True


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Reads the usage of a message; the vendor counts cached tokens beside the input."""
    cached, written = count(usage.get("cache_read_input_tokens")), count(usage.get("cache_creation_input_tokens"))
    details = inside(usage, "output_tokens_details")
    return Usage(
        input=count(usage.get("input_tokens")) + cached + written,
        cached=cached,
        cache_written=written,
        output=count(usage.get("output_tokens")),
        reasoning=count(details.get("thinking_tokens") or details.get("reasoning_tokens")),
    )

"""The wire of OpenAI's chat completions, which most vendors speak."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson

from headwater.providers.faults import InBand
from headwater.providers.models import Finish, Message, Prompt, Role, Usage, schema_in_words
from headwater.providers.openai import OpenAI, function_spec, key_headers
from headwater.providers.replies import Reply, read_reply
from headwater.providers.steps import Parts, Steps, count, inside
from headwater.providers.vendors import Target
from headwater.providers.wire import Events

FINISHES: Mapping[str, Finish] = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOLS,
    "function_call": Finish.TOOLS,
    "content_filter": Finish.FILTER,
}
BROKEN = frozenset({"insufficient_system_resource", "error", "abort"})
"""Finish reasons that say that the vendor gave up."""


class Chat(OpenAI):
    """A model behind chat completions."""

    @asynccontextmanager
    async def send(self, prompt: Prompt) -> AsyncGenerator[Reply]:
        """Sends the question."""
        body = chat_body(prompt, self.target)
        messages = body.pop("messages")
        create = self.client.chat.completions.with_streaming_response.create
        async with create(
            model=self.target.model, messages=messages, extra_body=body, extra_headers=key_headers(self.target)
        ) as response:
            yield read_reply(response.http_response)

    def reader(self, steps: Steps) -> tuple[ChatReader, type[Events]]:
        """Makes a reader of one answer."""
        return ChatReader(steps), Events


def chat_body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """Writes a question as chat completions want it."""
    ability, quirks = target.ability, target.quirks
    body: dict[str, Any] = {"messages": [_message(each) for each in prompt.messages]}
    if ability.streams:
        body["stream"] = True
        options = {"include_usage": True} if quirks.usage else {}
        if quirks.obfuscation:
            options["include_obfuscation"] = False
        if options:
            body["stream_options"] = options
    if prompt.tools and ability.tools:
        body["tools"] = [{"type": "function", "function": function_spec(tool)} for tool in prompt.tools]
    if prompt.schema is not None:
        _hold(body, prompt.schema, target)
    if prompt.temperature is not None and ability.temperature:
        body["temperature"] = prompt.temperature
    if prompt.seed is not None and ability.seed:
        body["seed"] = prompt.seed
    body[quirks.max_tokens] = target.most_tokens(prompt.max_tokens)
    if prompt.effort is not None and ability.reasons and quirks.effort:
        body["reasoning_effort"] = quirks.efforts.get(prompt.effort, prompt.effort)
    return body


def _hold(body: dict[str, Any], schema: Mapping[str, Any], target: Target) -> None:
    """Holds the answer to a schema, by the vendor's means."""
    if target.ability.schema and target.quirks.schema == "json_schema":
        held = {"name": "answer", "schema": dict(schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": held}
        return
    # These know no schemas: they are told in words, without which they refuse to write JSON at all.
    body["messages"].append({"role": "system", "content": schema_in_words(schema)})
    body["response_format"] = {"type": "json_object"}


def _message(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role.value, "content": message.text}
    if message.role is Role.TOOL:
        written["tool_call_id"] = message.call_id
    if message.calls:
        written["content"] = message.text or None
        written["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
    return written


class ChatReader:
    """Reads the chunks of a chat completion."""

    __slots__ = ("_calls", "_steps")

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._calls = Parts()

    def event(self, payload: bytes) -> None:
        """Reads a chunk, or the end marker `[DONE]`."""
        if payload == b"[DONE]":
            self._steps.ended = True
            return
        chunk: dict[str, Any] = orjson.loads(payload)
        for choice in chunk.get("choices") or ():
            self._delta(inside(choice, "delta"))
            if reason := choice.get("finish_reason"):
                self._finish(reason)
        if usage := chunk.get("usage"):
            self._steps.usage = read_usage(usage)
        if chunk.get("error"):
            raise InBand(chunk)

    def whole(self, body: Mapping[str, Any]) -> None:
        """Reads a completion that was not streamed."""
        if body.get("error"):
            raise InBand(body)
        choice = body["choices"][0]
        self._delta(choice["message"])
        if reason := choice.get("finish_reason"):
            self._finish(reason)
        if usage := body.get("usage"):
            self._steps.usage = read_usage(usage)
        self._steps.ended = True

    def _delta(self, delta: Mapping[str, Any]) -> None:
        steps = self._steps
        # `reasoning_content` is DeepSeek's, Qwen's and vLLM's word, `reasoning` that of Groq, OpenRouter and LM Studio.
        if reasoning := delta.get("reasoning_content") or delta.get("reasoning"):
            steps.reasoning(reasoning)
        if text := delta.get("content"):
            steps.text(text)
        if delta.get("refusal"):
            steps.refused = True
            steps.moved()
        for call in delta.get("tool_calls") or ():
            function = inside(call, "function")
            # Some servers leave the index out; a piece without an index or a new id continues the last call.
            key = call.get("index")
            if key is None:
                key = call.get("id") or self._calls.last()
            self._calls.add(key, id=call.get("id"), name=function.get("name"), arguments=function.get("arguments"))
            steps.moved()

    def _finish(self, reason: str) -> None:
        if reason in BROKEN:
            raise InBand({"error": {"type": "server_error", "code": reason}})
        calls = self._calls.take()
        for call in calls:
            self._steps.call(call)
        finish = FINISHES.get(reason, Finish.STOP)
        # Some servers end with `stop` after tool calls.
        self._steps.finish = Finish.TOOLS if calls and finish is Finish.STOP else finish


def read_usage(usage: Mapping[str, Any]) -> Usage:
    """Reads the usage of a chat completion; DeepSeek has its own word for cached tokens."""
    prompt, completion = inside(usage, "prompt_tokens_details"), inside(usage, "completion_tokens_details")
    return Usage(
        input=count(usage.get("prompt_tokens")),
        cached=count(prompt.get("cached_tokens") or usage.get("prompt_cache_hit_tokens")),
        cache_written=count(prompt.get("cache_write_tokens")),
        output=count(usage.get("completion_tokens")),
        reasoning=count(completion.get("reasoning_tokens")),
    )

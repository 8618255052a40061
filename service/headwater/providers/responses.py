"""The wire of OpenAI's Responses API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson

from headwater.providers.faults import InBand
from headwater.providers.models import Finish, Message, Prompt, Role, ToolCall, Usage, schema_in_words
from headwater.providers.openai import OpenAI, function_spec, key_headers
from headwater.providers.replies import Reply, read_reply
from headwater.providers.steps import Steps, count, inside
from headwater.providers.vendors import Target
from headwater.providers.wire import Events

CUT: Mapping[str, Finish] = {"content_filter": Finish.FILTER}
"""Why a response is incomplete, where it is not for its length."""


class Responses(OpenAI):
    """A model behind the Responses API."""

    @asynccontextmanager
    async def send(self, prompt: Prompt) -> AsyncGenerator[Reply]:
        """Sends the question."""
        create = self.client.responses.with_streaming_response.create
        body = responses_body(prompt, self.target)
        async with create(model=self.target.model, extra_body=body, extra_headers=key_headers(self.target)) as response:
            yield read_reply(response.http_response)

    def reader(self, steps: Steps) -> tuple[ResponsesReader, type[Events]]:
        """Makes a reader of one answer."""
        return ResponsesReader(steps), Events


def responses_body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """Writes a question as the Responses API wants it; the vendor is told to keep nothing."""
    ability = target.ability
    body: dict[str, Any] = {"input": [item for each in prompt.messages for item in _items(each)], "store": False}
    if ability.streams:
        body["stream"] = True
        if target.quirks.obfuscation:
            body["stream_options"] = {"include_obfuscation": False}
    if prompt.tools and ability.tools:
        body["tools"] = [{"type": "function", **function_spec(tool), "strict": False} for tool in prompt.tools]
    if prompt.schema is not None and not ability.schema:
        body["input"].append({"role": "system", "content": schema_in_words(prompt.schema)})
    elif prompt.schema is not None:
        named = {"type": "json_schema", "name": "answer", "schema": dict(prompt.schema), "strict": True}
        body["text"] = {"format": named}
    if prompt.temperature is not None and ability.temperature:
        body["temperature"] = prompt.temperature
    body["max_output_tokens"] = target.most_tokens(prompt.max_tokens)
    if prompt.effort is not None and ability.reasons:
        body["reasoning"] = {"effort": prompt.effort}
    return body


def _items(message: Message) -> list[dict[str, Any]]:
    if message.role is Role.TOOL:
        return [{"type": "function_call_output", "call_id": message.call_id, "output": message.text}]
    items: list[dict[str, Any]] = []
    if message.text or not message.calls:
        items.append({"role": message.role.value, "content": message.text})
    return items + [
        {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}
        for call in message.calls
    ]


class ResponsesReader:
    """Reads the events of a response."""

    __slots__ = ("_called", "_steps")

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._called = False

    def event(self, payload: bytes) -> None:
        """Reads an event; those that repeat what deltas said are passed over."""
        if payload == b"[DONE]":
            return
        event: dict[str, Any] = orjson.loads(payload)
        kind = event["type"]
        if kind == "response.output_text.delta":
            self._steps.text(event["delta"])
        elif kind in {"response.reasoning_text.delta", "response.reasoning_summary_text.delta"}:
            self._steps.reasoning(event["delta"])
        elif kind == "response.refusal.delta":
            self._steps.refused = True
            self._steps.moved()
        elif kind == "response.function_call_arguments.delta":
            self._steps.moved()
        elif kind == "response.output_item.done":
            self._item(event["item"])
        elif kind in {"response.completed", "response.incomplete", "response.failed"}:
            self._end(event["response"])
        elif kind == "error":
            raise InBand({"error": event.get("error") or {**event, "type": None}})

    def whole(self, body: Mapping[str, Any]) -> None:
        """Reads a response that was not streamed."""
        if "output" not in body and body.get("error"):
            raise InBand(body)
        for item in body["output"]:
            self._item(item)
            for part in item.get("content") or () if item["type"] == "message" else ():
                if part["type"] == "refusal":
                    self._steps.refused = True
                else:
                    self._steps.text(part.get("text"))
        self._end(body)

    def _item(self, item: Mapping[str, Any]) -> None:
        if item["type"] == "function_call":
            self._called = True
            call = ToolCall(
                id=str(item["call_id"]), name=str(item["name"]), arguments=str(item.get("arguments") or "{}")
            )
            self._steps.call(call)

    def _end(self, response: Mapping[str, Any]) -> None:
        status = response["status"]
        if status in {"failed", "cancelled"}:
            raise InBand({"error": response.get("error") or {}, "request_id": response.get("id")})
        if status == "incomplete":
            reason = inside(response, "incomplete_details").get("reason", "")
            self._steps.finish = CUT.get(reason, Finish.LENGTH)
        elif status == "completed":
            self._steps.finish = Finish.TOOLS if self._called else Finish.STOP
        else:
            raise ValueError("the response has not ended")
        self._steps.usage = read_usage(inside(response, "usage"))
        self._steps.ended = True


def read_usage(usage: Mapping[str, Any]) -> Usage | None:
    """Reads the usage of a response; None where it tells none."""
    if not usage:
        return None
    given, written = inside(usage, "input_tokens_details"), inside(usage, "output_tokens_details")
    return Usage(
        input=count(usage.get("input_tokens")),
        cached=count(given.get("cached_tokens")),
        cache_written=count(given.get("cache_write_tokens")),
        output=count(usage.get("output_tokens")),
        reasoning=count(written.get("reasoning_tokens")),
    )

"""The wire of OpenAI's chat completions, which most vendors speak.

Also the one place that imports the SDK `openai`: `make_client` serves the Responses wire too.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from headwater.providers.asking import ask
from headwater.providers.faults import InBand
from headwater.providers.models import Answer, Finish, Message, Prompt, Role, ToolSpec, Usage
from headwater.providers.replies import Reply, read_reply
from headwater.providers.steps import Parts, Steps, count, inside
from headwater.providers.vendors import Target
from headwater.providers.wire import Events

if TYPE_CHECKING:
    from openai import AsyncOpenAI

FINISHES: Mapping[str, Finish] = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOLS,
    "function_call": Finish.TOOLS,
    "content_filter": Finish.FILTER,
}
BROKEN = frozenset({"insufficient_system_resource", "error", "abort"})
"""Finish reasons that say that the vendor gave up."""


class OpenAI:
    """A model behind chat completions."""

    def __init__(self, target: Target, client: AsyncOpenAI | None = None) -> None:
        """Takes whom to ask, and a client to share connections with."""
        self.target = target
        self._client = client or make_client(target)
        self.failures = failures()

    @property
    def name(self) -> str:
        """`vendor:model`."""
        return self.target.name

    def answer(self, prompt: Prompt) -> AsyncGenerator[Answer, None]:
        """Asks and yields the answer as it comes."""
        return ask(self, prompt)

    @asynccontextmanager
    async def send(self, prompt: Prompt) -> AsyncGenerator[Reply]:
        """Sends the question."""
        body = chat_body(prompt, self.target)
        messages = body.pop("messages")
        create = self._client.chat.completions.with_streaming_response.create
        async with create(
            model=self.target.model, messages=messages, extra_body=body, extra_headers=key_headers(self.target)
        ) as response:
            yield read_reply(response.http_response)

    def listing(self) -> AbstractAsyncContextManager[Reply]:
        """Asks which models there are."""
        return list_models(self._client, self.target)

    def reader(self, steps: Steps) -> tuple[ChatReader, type[Events]]:
        """Makes a reader of one answer."""
        return ChatReader(steps), Events


def make_client(target: Target) -> AsyncOpenAI:
    """Makes a client that neither retries nor keeps time: both are done here, for every vendor alike."""
    import httpx2  # noqa: PLC0415 — the SDK and what it stands on are loaded when a vendor is asked
    import openai  # noqa: PLC0415 — likewise

    limits = target.limits
    client = openai.AsyncOpenAI(
        api_key=target.key or "none",
        base_url=target.url,
        max_retries=0,
        timeout=httpx2.Timeout(None, connect=limits.connect_seconds),
        http_client=openai.DefaultAsyncHttpxClient(
            limits=httpx2.Limits(max_connections=limits.connections, max_keepalive_connections=limits.idle_connections),
        ),
    )
    if not target.quirks.organization:
        # The SDK reads OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS: they are meant for OpenAI alone.
        client.organization = client.project = None
        client._custom_headers = {}  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return client


def failures() -> tuple[type[BaseException], ...]:
    """Returns what the SDK and its HTTP library raise."""
    import httpx2  # noqa: PLC0415 — loaded when a vendor is asked
    import openai  # noqa: PLC0415 — likewise

    return (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError)


@asynccontextmanager
async def list_models(client: AsyncOpenAI, target: Target) -> AsyncGenerator[Reply]:
    """Asks which models there are."""
    async with client.models.with_streaming_response.list(extra_headers=key_headers(target)) as response:
        yield read_reply(response.http_response)


def key_headers(target: Target) -> dict[str, Any]:
    """Leaves the key's header out where there is no key."""
    import openai  # noqa: PLC0415 — loaded when a vendor is asked

    return {} if target.key else {"Authorization": openai.Omit()}


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
    if prompt.max_tokens is not None:
        body[quirks.max_tokens] = min(prompt.max_tokens, ability.output)
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
    told = f"Answer with one JSON object that fits this JSON schema:\n{orjson.dumps(dict(schema)).decode()}"
    body["messages"].append({"role": "system", "content": told})
    body["response_format"] = {"type": "json_object"}


def function_spec(tool: ToolSpec) -> dict[str, Any]:
    """Writes a tool as OpenAI and Ollama want it."""
    return {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}


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

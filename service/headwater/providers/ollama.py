"""The wire of Ollama: chat, and generate for models without a chat template. The one place that imports its SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import orjson

from headwater.providers.asking import Wire
from headwater.providers.faults import InBand
from headwater.providers.models import Finish, Message, Prompt, Role, ToolCall, Usage
from headwater.providers.openai import function_spec
from headwater.providers.replies import HttpResponse, Reply, read_reply
from headwater.providers.steps import Steps, count, read_arguments
from headwater.providers.vendors import Target
from headwater.providers.wire import Lines

if TYPE_CHECKING:
    from ollama import AsyncClient

Opened = AbstractAsyncContextManager[HttpResponse]
FINISHES: Mapping[str, Finish] = {"stop": Finish.STOP, "length": Finish.LENGTH}


class Ollama(Wire):
    """A model behind Ollama."""

    def __init__(self, target: Target, client: AsyncClient | None = None) -> None:
        """Takes whom to ask, and a client to share connections with."""
        import httpx  # noqa: PLC0415 — the SDK and what it stands on are loaded when a vendor is asked
        import ollama  # noqa: PLC0415 — likewise

        said = (ollama.ResponseError, ollama.RequestError)
        super().__init__(target, (*said, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError))
        self._client = client or make_client(target)

    @asynccontextmanager
    async def send(self, prompt: Prompt) -> AsyncGenerator[Reply]:
        """Sends the question."""
        target, client = self.target, cast("Any", self._client)
        knobs = _knobs(prompt, target)
        if target.quirks.generate:
            system = "\n\n".join(each.text for each in prompt.messages if each.role is Role.SYSTEM)
            text = "\n\n".join(each.text for each in prompt.messages if each.role is not Role.SYSTEM)
            opened = await client.generate(target.model, text, system=system, **knobs)
        else:
            tools = [{"type": "function", "function": function_spec(tool)} for tool in prompt.tools]
            messages = [_message(each, prompt) for each in prompt.messages]
            opened = await client.chat(target.model, messages, tools=tools if target.ability.tools else None, **knobs)
        async with cast("Opened", opened) as response:
            yield read_reply(response)

    @asynccontextmanager
    async def listing(self) -> AsyncGenerator[Reply]:
        """Asks which models there are."""
        opened = await cast("Any", self._client).list()
        async with cast("Opened", opened) as response:
            yield read_reply(response)

    def reader(self, steps: Steps) -> tuple[LineReader, type[Lines]]:
        """Makes a reader of one answer."""
        return LineReader(steps), Lines


def make_client(target: Target) -> AsyncClient:
    """Makes a client whose `chat` and `generate` return the response itself, to be read as it comes."""
    import httpx  # noqa: PLC0415 — loaded when a vendor is asked
    import ollama  # noqa: PLC0415 — likewise

    class Raw(ollama.AsyncClient):
        async def _request(self, cls: Any, *args: Any, stream: bool = False, **kwargs: Any) -> Any:
            del cls, stream
            return _opened(self, *args, **kwargs)

    @asynccontextmanager
    async def _opened(client: Any, *args: Any, **kwargs: Any) -> AsyncGenerator[httpx.Response]:
        http: httpx.AsyncClient = client._client  # noqa: SLF001 — the SDK reads lines and types them, one by one
        async with http.stream(*args, **kwargs) as response:
            if response.is_error:
                await response.aread()
                error = ollama.ResponseError(response.text, response.status_code)
                setattr(error, "response", response)  # noqa: B010 — for its headers, which the SDK drops
                raise error
            yield response

    limits = target.limits
    client = Raw(
        host=target.url,
        timeout=httpx.Timeout(None, connect=limits.connect_seconds),
        headers={"Authorization": f"Bearer {target.key}"} if target.key else None,
        limits=httpx.Limits(max_connections=limits.connections, max_keepalive_connections=limits.idle_connections),
    )
    if not target.key:
        # The SDK reads OLLAMA_API_KEY itself: what is sent is said by the settings alone.
        client._client.headers.pop("authorization", None)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return client


def _knobs(prompt: Prompt, target: Target) -> dict[str, Any]:
    ability = target.ability
    # Ollama cuts what is longer than its context of 4,096 tokens in silence, unless it is told the model's own.
    options: dict[str, Any] = {"num_ctx": ability.context}
    if prompt.temperature is not None and ability.temperature:
        options["temperature"] = prompt.temperature
    if prompt.seed is not None and ability.seed:
        options["seed"] = prompt.seed
    options["num_predict"] = target.most_tokens(prompt.max_tokens)
    knobs: dict[str, Any] = {"stream": ability.streams, "options": options}
    if prompt.schema is not None and ability.schema:
        knobs["format"] = dict(prompt.schema)
    if prompt.effort is not None and ability.reasons:
        knobs["think"] = prompt.effort if target.model.startswith("gpt-oss") else True
    return knobs


def _message(message: Message, prompt: Prompt) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role.value, "content": message.text}
    if message.role is Role.TOOL:
        calls = [call for each in prompt.messages for call in each.calls if call.id == message.call_id]
        written["tool_name"] = calls[-1].name if calls else ""
    if message.calls:
        written["tool_calls"] = [
            {"function": {"name": call.name, "arguments": read_arguments(call.arguments)}} for call in message.calls
        ]
    return written


class LineReader:
    """Reads the lines of an answer; the last one says `done`."""

    __slots__ = ("_calls", "_steps")

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._calls = 0

    def event(self, payload: bytes) -> None:
        """Reads a line."""
        self.whole(orjson.loads(payload))

    def whole(self, body: Mapping[str, Any]) -> None:
        """Reads an answer that was not streamed: one line that says all."""
        if "error" in body:
            raise InBand(body)
        message = body.get("message")
        if message is None:
            self._steps.reasoning(body.get("thinking"))
            self._steps.text(body["response"])
        else:
            self._steps.reasoning(message.get("thinking"))
            self._steps.text(message.get("content"))
            for call in message.get("tool_calls") or ():
                self._call(call)
        if body.get("done"):
            self._end(body)

    def _call(self, call: Mapping[str, Any]) -> None:
        function = call["function"]
        arguments = orjson.dumps(function.get("arguments") or {}).decode()
        identity = call.get("id") or f"call_{self._calls}"
        self._calls += 1
        self._steps.call(ToolCall(id=str(identity), name=str(function["name"]), arguments=arguments))

    def _end(self, body: Mapping[str, Any]) -> None:
        finish = FINISHES.get(body.get("done_reason") or "", Finish.STOP)
        self._steps.finish = Finish.TOOLS if self._calls and finish is Finish.STOP else finish
        if "eval_count" in body or "prompt_eval_count" in body:
            # The count of the question is left out where all of it was cached.
            self._steps.usage = Usage(input=count(body.get("prompt_eval_count")), output=count(body.get("eval_count")))
        self._steps.ended = True

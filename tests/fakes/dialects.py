"""What the fake vendors say, each in its wire's own words: the events of a stream, a whole answer, an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tests.fakes.plays import Call, Play


class Dialect(Protocol):
    """One wire."""

    content_type: str

    def begin(self) -> list[bytes]: ...
    def body(self) -> Iterator[bytes]: ...
    def end(self) -> list[bytes]: ...
    def whole(self) -> bytes: ...


def encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def data(value: Any) -> bytes:
    return b"data: " + encode(value) + b"\n\n"


class Chat:
    """OpenAI's chat completions."""

    content_type = "text/event-stream"
    ping = b": keep-alive\n\n"
    malformed = b'data: {"id":"chatcmpl-1","choi\n\n'
    wrong_shape = b'data: {"choices":[7]}\n\n'

    def __init__(self, play: Play, model: str) -> None:
        self.play = play
        self.head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}

    def begin(self) -> list[bytes]:
        return [self._delta({"role": "assistant", "content": ""})]

    def body(self) -> Iterator[bytes]:
        for piece in self.play.reasoning:
            yield self._delta({"reasoning_content": piece})
        for piece in self.play.pieces():
            yield self._delta({"content": piece})
        for index, call in enumerate(self.play.calls):
            yield self._delta(
                {"tool_calls": [{"index": index, "id": call.id, "function": {"name": call.name, "arguments": ""}}]}
            )
            for half in halves(call.arguments):
                yield self._delta({"tool_calls": [{"index": index, "function": {"arguments": half}}]})

    def end(self) -> list[bytes]:
        last = {**self.head, "choices": [{"index": 0, "delta": {}, "finish_reason": self.play.finish}]}
        usage = [data({**self.head, "choices": [], "usage": self._usage()})] if self.play.usage else []
        return [data(last), *usage, b"data: [DONE]\n\n"]

    def whole(self) -> bytes:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self.play.pieces())}
        if self.play.reasoning:
            message["reasoning_content"] = "".join(self.play.reasoning)
        if self.play.calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.play.calls
            ]
        choice = {"index": 0, "message": message, "finish_reason": self.play.finish}
        usage = {"usage": self._usage()} if self.play.usage else {}
        return encode({**self.head, "choices": [choice], **usage})

    @staticmethod
    def error(status: int) -> dict[str, Any]:
        words = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
        return {"error": {"message": f"the fake's {status}", "type": "error", "param": None, "code": words.get(status)}}

    @staticmethod
    def broken() -> bytes:
        return data({"error": {"message": "the fake broke", "type": "server_error", "param": None, "code": None}})

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return data({**self.head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    def _usage(self) -> dict[str, Any]:
        play = self.play
        return {
            "prompt_tokens": play.input,
            "completion_tokens": play.output,
            "total_tokens": play.input + play.output,
            "prompt_tokens_details": {"cached_tokens": play.cached},
            "completion_tokens_details": {"reasoning_tokens": play.thought},
        }


class Responses:
    """OpenAI's Responses API."""

    content_type = "text/event-stream"
    ping = b": keep-alive\n\n"
    malformed = b'event: response.output_text.delta\ndata: {"type":"response.outp\n\n'
    wrong_shape = b'data: {"type":"response.output_text.delta","delta":7}\n\n'

    def __init__(self, play: Play, model: str) -> None:
        self.play = play
        self.model = model
        self.count = 0

    def begin(self) -> list[bytes]:
        return [self._event("response.created", response=self._response("in_progress"))]

    def body(self) -> Iterator[bytes]:
        for piece in self.play.reasoning:
            yield self._event("response.reasoning_summary_text.delta", item_id="rs_1", delta=piece)
        for piece in self.play.pieces():
            yield self._event("response.output_text.delta", item_id="msg_1", output_index=0, delta=piece)
        for call in self.play.calls:
            item = self._call(call)
            yield self._event("response.output_item.added", item={**item, "arguments": ""})
            for half in halves(call.arguments):
                yield self._event("response.function_call_arguments.delta", item_id=item["id"], delta=half)
            yield self._event("response.output_item.done", item=item)

    def end(self) -> list[bytes]:
        status = "completed" if self.play.finish in {"stop", "tool_calls"} else "incomplete"
        return [self._event(f"response.{status}", response=self._response(status))]

    def whole(self) -> bytes:
        return encode(self._response("completed" if self.play.finish in {"stop", "tool_calls"} else "incomplete"))

    error = staticmethod(Chat.error)

    @staticmethod
    def broken() -> bytes:
        failed = {"id": "resp_1", "status": "failed", "error": {"code": "server_error", "message": "the fake broke"}}
        return data({"type": "response.failed", "sequence_number": 9, "response": failed})

    def _event(self, kind: str, **fields: Any) -> bytes:
        self.count += 1
        return b"event: " + kind.encode() + b"\n" + data({"type": kind, "sequence_number": self.count, **fields})

    def _call(self, call: Call) -> dict[str, Any]:
        return {
            "type": "function_call",
            "id": f"fc_{call.id}",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }

    def _response(self, status: str) -> dict[str, Any]:
        play = self.play
        text = {"type": "output_text", "text": "".join(play.pieces()), "annotations": []}
        reason = {"length": "max_output_tokens"}.get(play.finish, play.finish)
        return {
            "id": "resp_1",
            "object": "response",
            "model": self.model,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": reason} if status == "incomplete" else None,
            "output": [{"type": "message", "role": "assistant", "content": [text]}, *map(self._call, play.calls)]
            if status != "in_progress"
            else [],
            "usage": {
                "input_tokens": play.input,
                "input_tokens_details": {"cached_tokens": play.cached},
                "output_tokens": play.output,
                "output_tokens_details": {"reasoning_tokens": play.thought},
            }
            if play.usage and status != "in_progress"
            else None,
        }


class Messages:
    """Anthropic's messages."""

    content_type = "text/event-stream"
    ping = b'event: ping\ndata: {"type":"ping"}\n\n'
    malformed = b'event: content_block_delta\ndata: {"type":"content_bl\n\n'
    wrong_shape = b'data: {"type":"content_block_delta","index":0,"delta":[]}\n\n'
    reasons = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}  # noqa: RUF012 — never changed

    def __init__(self, play: Play, model: str) -> None:
        self.play = play
        self.model = model

    def begin(self) -> list[bytes]:
        message = {**self._message(), "content": [], "stop_reason": None}
        return [self._event("message_start", message=message), self.ping]

    def body(self) -> Iterator[bytes]:
        index = 0
        if self.play.reasoning:
            yield self._event(
                "content_block_start", index=index, content_block={"type": "thinking", "thinking": "", "signature": ""}
            )
            for piece in self.play.reasoning:
                delta = {"type": "thinking_delta", "thinking": piece}
                yield self._event("content_block_delta", index=index, delta=delta)
            signature = {"type": "signature_delta", "signature": "c2ln"}
            yield self._event("content_block_delta", index=index, delta=signature)
            yield self._event("content_block_stop", index=index)
            index += 1
        if pieces := self.play.pieces():
            started = self._event("content_block_start", index=index, content_block={"type": "text", "text": ""})
            for piece in pieces:
                delta = {"type": "text_delta", "text": piece}
                yield started + self._event("content_block_delta", index=index, delta=delta)
                started = b""
            yield self._event("content_block_stop", index=index)
            index += 1
        for call in self.play.calls:
            block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            yield self._event("content_block_start", index=index, content_block=block)
            for half in halves(call.arguments):
                delta = {"type": "input_json_delta", "partial_json": half}
                yield self._event("content_block_delta", index=index, delta=delta)
            yield self._event("content_block_stop", index=index)
            index += 1

    def end(self) -> list[bytes]:
        delta = {"stop_reason": self.reasons[self.play.finish], "stop_sequence": None}
        usage = {"usage": self._usage()} if self.play.usage else {}
        return [self._event("message_delta", delta=delta, **usage), self._event("message_stop")]

    def whole(self) -> bytes:
        return encode(self._message())

    @staticmethod
    def error(status: int) -> dict[str, Any]:
        words = {
            400: "invalid_request_error",
            401: "authentication_error",
            402: "billing_error",
            422: "invalid_request_error",
            403: "permission_error",
            404: "not_found_error",
            429: "rate_limit_error",
            529: "overloaded_error",
        }
        kind = words.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": f"the fake's {status}"}, "request_id": "req_body"}

    @staticmethod
    def broken() -> bytes:
        error = {"type": "overloaded_error", "message": "Overloaded"}
        return b"event: error\n" + data({"type": "error", "error": error})

    def _event(self, kind: str, **fields: Any) -> bytes:
        return b"event: " + kind.encode() + b"\n" + data({"type": kind, **fields})

    def _message(self) -> dict[str, Any]:
        play = self.play
        content: list[dict[str, Any]] = []
        if play.reasoning:
            content.append({"type": "thinking", "thinking": "".join(play.reasoning), "signature": "c2ln"})
        if play.pieces():
            content.append({"type": "text", "text": "".join(play.pieces())})
        content += [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
            for call in play.calls
        ]
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": self.reasons[play.finish],
            **({"usage": self._usage()} if play.usage else {}),
        }

    def _usage(self) -> dict[str, Any]:
        play = self.play
        return {
            "input_tokens": play.input - play.cached,
            "cache_read_input_tokens": play.cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": play.output,
            "output_tokens_details": {"thinking_tokens": play.thought},
        }


class Lines:
    """Ollama's chat and generate."""

    content_type = "application/x-ndjson"
    ping = b"\n"
    malformed = b'{"model":"x","mess\n'
    wrong_shape = b'{"message":{"content":7},"done":false}\n'

    def __init__(self, play: Play, model: str, *, generate: bool = False) -> None:
        self.play = play
        self.head = {"model": model, "created_at": "2026-01-01T00:00:00Z"}
        self.generate = generate

    def begin(self) -> list[bytes]:
        return []

    def body(self) -> Iterator[bytes]:
        for piece in self.play.reasoning:
            yield self._line(thinking=piece)
        for piece in self.play.pieces():
            yield self._line(content=piece)
        for call in self.play.calls:
            function = {"name": call.name, "arguments": json.loads(call.arguments)}
            yield self._line(tool_calls=[{"function": function}])

    def end(self) -> list[bytes]:
        return [self._line(**self._done())]

    def whole(self) -> bytes:
        calls = [{"function": {"name": call.name, "arguments": json.loads(call.arguments)}} for call in self.play.calls]
        said = {"content": "".join(self.play.pieces()), "thinking": "".join(self.play.reasoning), "tool_calls": calls}
        return self._line(**said, **self._done())

    @staticmethod
    def error(status: int) -> dict[str, Any]:
        return {"error": f"the fake's {status}"}

    @staticmethod
    def broken() -> bytes:
        return encode({"error": "the fake broke"}) + b"\n"

    def _done(self) -> dict[str, Any]:
        finish = {"tool_calls": "stop"}.get(self.play.finish, self.play.finish)
        counts = {"prompt_eval_count": self.play.input, "eval_count": self.play.output} if self.play.usage else {}
        return {"done": True, "done_reason": finish, "total_duration": 1, **counts}

    def _line(self, *, content: str = "", thinking: str = "", tool_calls: Any = None, **rest: Any) -> bytes:
        said: dict[str, Any] = {"response": content} if self.generate else {}
        if not self.generate:
            said["message"] = {"role": "assistant", "content": content}
            if tool_calls:
                said["message"]["tool_calls"] = tool_calls
        if thinking:
            said.get("message", said)["thinking"] = thinking
        return encode({**self.head, **said, "done": False, **rest}) + b"\n"


def halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


DIALECTS: dict[str, Callable[[Play, str], Any]] = {
    "/v1/chat/completions": Chat,
    "/v1/responses": Responses,
    "/v1/messages": Messages,
    "/api/chat": Lines,
    "/api/generate": lambda play, model: Lines(play, model, generate=True),
}

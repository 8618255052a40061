"""One HTTP request and its answer, over ASGI.

What is the same for every answer is decided here: the headers that all carry, the bounds of reading and writing, and
that a token in the query is seen by nobody but the dispatcher.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode

from headwater.auth import Credentials
from headwater.errors import Code, Problem, invalid, problem
from headwater.gateway.options import GatewayOptions

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = Sequence[tuple[str, str]]

DROP = "headwater.drop"
"""The ASGI extension that closes the connection without waiting for its reader; see `protocol.py`."""


class Left(Exception):  # noqa: N818 — it says what the client did
    """Says that the client has gone, or does not read."""


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 — a refused request is no error of ours
    """Refuses a request with an HTTP status that no canonical code maps to."""

    status: int
    problem: Problem
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer."""

    status: int = 200
    media_type: str = "application/json"
    body: bytes = b""
    headers: Headers = field(default=())


class Exchange:
    """One request, and the way back to its sender."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, options: GatewayOptions) -> None:
        """Reads the headers; the query is read by `query`, since it may be refused."""
        self._scope = scope
        self._receive = receive
        self._send = send
        self._options = options
        self.verb: str = scope["method"]
        self.path: str = scope["raw_path"].decode("ascii", "replace")
        self.headers: Mapping[str, str] = _headers(scope["headers"])
        self.status = 500
        """What was answered; what the server below will answer for us, as long as nothing was."""
        self.slow = False
        """Whether the connection was dropped because nobody read."""
        self._token = ""
        self._shared = self._shared_headers()

    def query(self) -> list[tuple[str, str]]:
        """Returns the parameters in order, without the token. Raises Problem if they are not UTF-8."""
        raw: bytes = self._scope["query_string"]
        if len(raw) > self._options.max_query_bytes:
            raise Refusal(414, _too_long(self._options.max_query_bytes))
        try:
            pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
        except UnicodeDecodeError as error:
            raise invalid("QUERY_NOT_UTF8", "query", "The query is not UTF-8.", "Percent-encode UTF-8.") from error
        kept = [(name, value) for name, value in pairs if name != "token"]
        if len(kept) < len(pairs):
            self._token = next(value for name, value in pairs if name == "token")
            # The server below writes this scope to its log, if it writes one.
            self._scope["query_string"] = urlencode(kept).encode()
        return kept

    def credentials(self) -> Credentials:
        """Returns what the client says about itself; `query` was called before."""
        key = self.headers.get("x-api-key")
        client = self._scope.get("client")
        return Credentials(
            authorization=self.headers.get("authorization") or (f"ApiKey {key}" if key else ""),
            token=self._token,
            peer=f"{client[0]}:{client[1]}" if client else "",
        )

    async def body(self) -> bytes:
        """Reads the body. Raises Refusal if it is too large or too slow, and Left if it breaks off."""
        limit = self._options.max_body_bytes
        if int(self.headers.get("content-length", "0")) > limit:
            raise Refusal(413, _too_large(limit))
        parts = bytearray()
        try:
            async with asyncio.timeout(self._options.request_seconds):
                while True:
                    message = await self._receive()
                    if message["type"] == "http.disconnect":
                        raise Left
                    parts += message["body"]
                    if len(parts) > limit:
                        raise Refusal(413, _too_large(limit))
                    if not message["more_body"]:
                        return bytes(parts)
        except TimeoutError as error:
            raise Refusal(408, _too_slow(self._options.request_seconds)) from error

    async def left(self) -> None:
        """Waits until the client has gone; what it still sends is thrown away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def answer(self, answer: Answer) -> None:
        """Sends a whole answer, without its body where the request was HEAD."""
        headers = [*answer.headers]
        if answer.status not in _BODILESS:
            headers += [("content-type", answer.media_type), ("content-length", str(len(answer.body)))]
        unread = answer.status in _UNREAD
        if unread:
            headers.append(("connection", "close"))
        await self.start(answer.status, headers)
        await self.write(b"" if self.verb == "HEAD" else answer.body, more=unread)
        if unread:
            await self._linger()

    async def start(self, status: int, headers: Headers) -> None:
        """Sends the status and the headers."""
        self.status = status
        every = [(name.encode(), value.encode("latin-1")) for name, value in (*headers, *self._shared)]
        await self._put({"type": "http.response.start", "status": status, "headers": every})

    async def write(self, data: bytes, *, more: bool = True) -> None:
        """Sends a part of the body. Raises Left, and drops the connection, if its reader is too slow."""
        await self._put({"type": "http.response.body", "body": data, "more_body": more})

    async def _put(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._options.send_seconds):
                await self._send(message)
        except TimeoutError as error:
            self.slow = True
            await self._drop()
            raise Left from error
        except OSError as error:
            raise Left from error

    async def _drop(self) -> None:
        """Closes the connection, where the server below can: what waits to be sent would else wait for ever."""
        extension = self._scope.get("extensions", {}).get(DROP)
        if extension is not None:
            extension["drop"]()
            await self.left()

    async def _linger(self) -> None:
        """Reads on for a moment: a connection that is closed with unread data may lose the answer on its way."""
        try:
            async with asyncio.timeout(self._options.linger_seconds):
                while (message := await self._receive())["type"] != "http.disconnect" and message["more_body"]:
                    pass
        except TimeoutError:
            pass  # whoever still sends has had its time to look at the answer
        await self.write(b"", more=False)

    def _shared_headers(self) -> list[tuple[str, str]]:
        given = self.headers.get("x-request-id", "")
        found = [
            ("x-request-id", given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            *_cors(self.headers.get("origin", ""), self._options.cors_origins),
        ]
        trace = self.headers.get("traceparent", "")
        if _TRACEPARENT.fullmatch(trace):
            found.append(("traceparent", trace))
        return found


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Reads the headers; of a repeated one the values are joined, as RFC 9110 says of lists."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1"), value.decode("latin-1").strip()
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _cors(origin: str, allowed: tuple[str, ...]) -> list[tuple[str, str]]:
    """Says whether a page of this origin may read the answer."""
    if not allowed:
        return []
    exposed = ("access-control-expose-headers", ", ".join(EXPOSED))
    if "*" in allowed:
        return [("access-control-allow-origin", "*"), exposed]
    vary = ("vary", "Origin")
    return [("access-control-allow-origin", origin), exposed, vary] if origin in allowed else [vary]


def _too_long(limit: int) -> Problem:
    message = f"The query is longer than {limit} bytes."
    return problem(Code.INVALID_ARGUMENT, "QUERY_TOO_LONG", message, "Send the request as POST.", limit=str(limit))


def _too_large(limit: int) -> Problem:
    message = f"The body is larger than {limit} bytes."
    return problem(Code.INVALID_ARGUMENT, "BODY_TOO_LARGE", message, "Send less, or an archive.", limit=str(limit))


def _too_slow(seconds: float) -> Problem:
    message = f"The body did not arrive within {seconds:g} seconds."
    return problem(Code.DEADLINE_EXCEEDED, "BODY_TOO_SLOW", message, "Send it again.", seconds=f"{seconds:g}")


LEFT = 499
"""The status under which a request is counted whose sender left before the end of its answer."""
EXPOSED = ("Retry-After", "X-Request-Id", "Content-Location", "Allow", "WWW-Authenticate")
"""Headers that a page of another origin may read."""
_BODILESS = frozenset({204})
_UNREAD = frozenset({408, 413})
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

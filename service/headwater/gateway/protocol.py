"""Serves an app by uvicorn, with what ASGI leaves to the server: limits on the head, and a way to drop a connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from headwater.gateway.exchange import DROP
from headwater.gateway.options import GatewayOptions

if TYPE_CHECKING:
    from collections.abc import Callable


def server_config(app: Callable[..., Any], *, host: str, port: int, options: GatewayOptions) -> uvicorn.Config:
    """Configures uvicorn: httptools, no log of its own (its lines would hold the query), no lifespan."""

    class Bounded(_Bounded):
        __slots__ = ()
        limits = options

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Bounded,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=int(options.idle_seconds),
    )


class _Bounded(HttpToolsProtocol):
    """Bounds the size of a request's head and the time that it may take."""

    # One more entry would double the dict of each connection.
    __slots__ = ("_answering", "_head_bytes", "_head_timer", "_in_head")
    limits: GatewayOptions

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = True
        self._answering = False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self.limits.max_head_bytes:
            if not self._answering or self.cycle.response_complete:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
            else:  # sent ahead, while an answer is under way
                self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._start_timer()
        self.scope["extensions"] = {DROP: {"drop": self.transport.abort}}

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._answering = True
        self._head_bytes = 0
        self._stop_timer()
        super().on_headers_complete()

    def _start_timer(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self.limits.request_seconds, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


_WHY = b"The request line and the headers are too long.\n"
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_WHY), _WHY)
)

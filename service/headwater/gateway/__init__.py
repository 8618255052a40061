"""The HTTP face: every method as JSON over HTTP, and every run as a stream of events.

`make_app` returns a plain ASGI app that calls the dispatcher in the same process. What a request means is read in
`transcode`, the form of its answer is chosen in `negotiate`, and `stream` sends a run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

from google.protobuf.message import Message

from headwater.auth import Credentials
from headwater.errors import Code, Problem, invalid, problem
from headwater.gateway.answers import message_answer, refused
from headwater.gateway.cors import check_site, preflight
from headwater.gateway.exchange import LEFT, Answer, Exchange, Left, Receive, Refusal, Scope, Send
from headwater.gateway.frames import Frames
from headwater.gateway.meter import Meter
from headwater.gateway.negotiate import PLAIN, STREAMED, Cursor, Format, cursor_of, format_of
from headwater.gateway.options import GatewayOptions
from headwater.gateway.pages import PAGE_VERBS, Pages, PageSources
from headwater.gateway.protocol import server_config
from headwater.gateway.stream import Reading, Watch, follow, send_inband, stream_headers
from headwater.gateway.transcode import Route, Routes, apply_headers, check_content_type, read_request
from headwater.methods import Kind, Method

GONE = "CURSOR_TOO_OLD"
"""What is answered with 410: what follows the cursor was there. A cursor ahead of the run is the client's mistake."""

__all__ = ["GatewayOptions", "PageSources", "make_app", "server_config"]


class Dispatch(Protocol):
    """The door to the service: this process's, or one that calls another."""

    @property
    def methods(self) -> Mapping[str, Method]: ...
    async def ask(self, method: Method, request: Message, credentials: Credentials) -> Message: ...
    async def open(
        self, method: Method, request: Message, credentials: Credentials, *, run: str = "", after: int = 0
    ) -> Watch: ...


def make_app(
    dispatch: Dispatch, *, options: GatewayOptions, pages: PageSources, meter: Meter, closing: asyncio.Event
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Makes the ASGI app. Once `closing` is set, streams end with a `reconnect` frame and clients resume elsewhere.

    Raises RuntimeError if the descriptor holds what the gateway cannot carry, such as a field named like the envelope.
    """
    return _Gateway(dispatch, options, pages, meter, closing)


class _Gateway:
    """The ASGI app."""

    def __init__(
        self, dispatch: Dispatch, options: GatewayOptions, pages: PageSources, meter: Meter, closing: asyncio.Event
    ) -> None:
        methods = dispatch.methods.values()
        self._dispatch = dispatch
        self._options = options
        self._closing = closing
        self._meter = meter
        self._routes = Routes(methods)
        self._pages = Pages(self._routes, pages)
        self._frames = {method.name: Frames(method.response) for method in methods if method.kind is Kind.JOB}
        watches = [route for route in self._routes.all if route.method.kind is Kind.WATCH]
        self._location = watches[0].binding.pattern if watches else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"The gateway speaks HTTP, not {scope['type']}.")
        exchange = Exchange(scope, receive, send, self._options)
        began = perf_counter()
        try:
            await self._serve(exchange, began)
        except Left:
            exchange.status = LEFT  # nobody is there to be answered
        except Refusal as refusal:
            told = refused(refusal.problem, self._options, status=refusal.status, headers=refusal.headers)
            await self._refuse(exchange, told)
        except Problem as refusal:
            await self._refuse(exchange, refused(refusal, self._options))
        finally:
            self._meter.http(exchange.verb, exchange.status, perf_counter() - began)

    async def _refuse(self, exchange: Exchange, answer: Answer) -> None:
        with suppress(Left):
            await exchange.answer(answer)

    async def _serve(self, exchange: Exchange, began: float) -> None:
        query = exchange.query()
        page = self._pages.has(exchange.path)
        if exchange.verb == "OPTIONS":
            verbs = PAGE_VERBS if page else self._routes.verbs(exchange.path)
            answer = preflight(verbs, exchange.headers, self._options)
        elif page:
            answer = await self._pages.answer(exchange)
        else:
            route, variables = self._routes.find(exchange.verb, exchange.path)
            call = _Call(exchange=exchange, route=route, variables=variables, query=query, began=began)
            if route.streams:
                return await self._stream(call)
            answer = await self._ask(call)
        return await exchange.answer(answer)

    async def _ask(self, call: _Call) -> Answer:
        call.form(PLAIN)
        request = await self._request(call)
        return message_answer(await self._dispatch.ask(call.route.method, request, call.exchange.credentials()))

    async def _stream(self, call: _Call) -> None:
        form = call.form(STREAMED)
        exchange = call.exchange
        if exchange.verb == "HEAD":
            # Headers only: a look at the URL neither starts a run nor counts as a reader of one.
            await exchange.start(200, stream_headers(form, ""))
            return await exchange.write(b"", more=False)
        try:
            watch = await self._open(call)
        except (Problem, Refusal) as refusal:
            if form is Format.SSE and call.parameter("errors") == "inband":
                return await send_inband(exchange, refusal, self._options)
            raise
        reading = Reading(
            exchange=exchange,
            form=form,
            frames=lambda method: self._frames[method.name],
            location=self._location.replace("{run}", watch.run),
            options=self._options,
            closing=self._closing,
            meter=self._meter,
            method=call.route.method.name,
            began=call.began,
        )
        return await follow(reading, watch)

    async def _open(self, call: _Call) -> Watch:
        """Opens the stream: a new run, the run of the path, or the one that the cursor names."""
        method = call.route.method
        cursor = cursor_of(call.exchange.headers.get("last-event-id", ""), dict(call.query))
        request = await self._request(call)
        run, after = "", 0
        if method.kind is Kind.WATCH:
            request.after = _after(cursor, request.run)
        elif cursor is not None:
            run, after = _resumed(cursor)
        try:
            return await self._dispatch.open(method, request, call.exchange.credentials(), run=run, after=after)
        except Problem as refusal:
            if refusal.reason == GONE:
                raise Refusal(410, refusal) from refusal
            raise

    async def _request(self, call: _Call) -> Any:
        """Reads the request."""
        exchange, route = call.exchange, call.route
        if route.binding.verb != "GET" or route.method.kind is Kind.JOB:
            check_site(exchange.headers, self._options)
        body, media = b"", exchange.headers.get("content-type", "")
        if route.binding.body:
            body = await exchange.body()
            if body:
                check_content_type(media, exchange.headers.get("content-encoding", ""))
        if len(body) < self._options.offload_bytes:
            request = read_request(route, call.variables, call.query, body, media)
        else:
            request = await asyncio.to_thread(read_request, route, call.variables, call.query, body, media)
        apply_headers(request, exchange.headers)
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A request that was routed."""

    exchange: Exchange
    route: Route
    variables: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    began: float

    def parameter(self, name: str) -> str | None:
        """Returns a parameter of the query, the last of several."""
        return dict(self.query).get(name)

    def form(self, offered: Sequence[Format]) -> Format:
        """Chooses the form of the answer."""
        return format_of(self.exchange.headers.get("accept", ""), self.parameter("alt"), offered)


def _after(cursor: Cursor | None, run: str) -> int:
    """Returns the sequence at which a watch goes on. Raises Problem NOT_FOUND if the cursor is another run's."""
    if cursor is None:
        return 0
    if cursor.run not in ("", run):
        message = f"The cursor is of run {cursor.run}, not of {run}."
        raise problem(Code.NOT_FOUND, "CURSOR_OF_ANOTHER_RUN", message, "Watch the run that it is of.", run=run)
    return cursor.after


def _resumed(cursor: Cursor) -> tuple[str, int]:
    """Returns the run that a cursor on a creating URL goes on with."""
    if not cursor.run:
        message = "The cursor does not say of which run it is."
        raise invalid("CURSOR_WITHOUT_RUN", "Last-Event-ID", message, "Give <run>.<sequence>, as in the frames' ids.")
    return cursor.run, cursor.after

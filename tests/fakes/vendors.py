"""Fake vendors on a loopback socket: the wires of OpenAI, Anthropic and Ollama, with pace and faults.

In a test: `async with fake_vendors() as vendors`, with `vendors.play = Play(…)`. As a process of its own:
`python -m tests.fakes.vendors` prints its port; there a model's name says the play: `fake?tokens=100&per_second=20`.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import signal
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

import httptools
import uvloop

from tests.fakes.dialects import DIALECTS, Play, encode

MODELS = {
    "/v1/models": {"object": "list", "data": [{"id": "fake", "object": "model", "created": 1, "owned_by": "fake"}]},
    "/api/tags": {"models": [{"name": "fake:latest", "model": "fake:latest", "size": 1, "digest": "0", "details": {}}]},
}
PACE_STEP = 0.001
GZIP = 16 + zlib.MAX_WBITS


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request, and what became of it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client closed the connection before the answer was done."""
    sent: int = 0
    """Pieces of the answer that were written."""
    done: bool = False


class FakeVendors:
    """What all connections share: the play and the record."""

    def __init__(self) -> None:
        self.play: Play | None = Play()
        self.plays: list[Play] = []
        """One for each of the next requests; then `play`. Without either, the model's name says it."""
        self.asked: list[Asked] = []
        self.arrived = asyncio.Condition()
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next_play(self, model: str) -> Play:
        if self.plays:
            return self.plays.pop(0)
        return self.play if self.play is not None else read_play(model)

    async def request(self, number: int = 1) -> Asked:
        """Waits until so many requests came, and returns the last of them."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.asked) >= number)
        return self.asked[number - 1]


def read_play(model: str) -> Play:
    """Reads a play out of a model's name."""
    kinds = {each.name: type(each.default) for each in dataclasses.fields(Play)}
    given = parse_qsl(model.partition("?")[2])
    headers = {name.replace("_", "-"): value for name, value in given if name == "retry_after"}
    values = {name: kinds[name](value) for name, value in given if name in kinds}
    return Play(**values, headers=headers)


@asynccontextmanager
async def fake_vendors(play: Play | None = None) -> AsyncIterator[FakeVendors]:
    vendors = FakeVendors()
    vendors.play = play or Play()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(vendors), "127.0.0.1", 0)
    vendors.port = server.sockets[0].getsockname()[1]
    try:
        yield vendors
    finally:
        server.close()
        await asyncio.gather(*(task for task in Connection.tasks if not task.done()), return_exceptions=True)


class Connection(asyncio.Protocol):
    """One client's connection; it may ask again on it."""

    tasks: set[asyncio.Task[None]] = set()  # noqa: RUF012 — what is still being answered, for the end of a test

    def __init__(self, vendors: FakeVendors) -> None:
        self.vendors = vendors
        self.parser = httptools.HttpRequestParser(self)
        self.task: asyncio.Task[None] | None = None
        self.asked: Asked | None = None
        self.flowing = asyncio.Event()
        self.flowing.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.vendors.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.flowing.set()
        if self.asked is not None and not self.asked.done:
            self.asked.left.set()
        if self.task is not None:
            self.task.cancel()

    def pause_writing(self) -> None:
        self.flowing.clear()

    def resume_writing(self) -> None:
        self.flowing.set()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.url, self.headers, self.parts = b"", {}, []

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode().lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.parts.append(body)

    def on_message_complete(self) -> None:
        self.task = asyncio.create_task(self.answer())
        self.tasks.add(self.task)
        self.task.add_done_callback(self.tasks.discard)

    async def answer(self) -> None:
        path = self.url.decode().split("?")[0]
        path = path if path.startswith("/api/") else "/v1" + path.rpartition("/v1")[2]
        body = json.loads(b"".join(self.parts) or b"{}")
        asked = self.asked = Asked(path=path, headers=self.headers, body=body)
        async with self.vendors.arrived:
            self.vendors.asked.append(asked)
            self.vendors.arrived.notify_all()
        play = self.vendors.next_play(str(body.get("model", "")))
        if path in MODELS and play.status == 200:
            self.reply(200, encode(MODELS[path]))
        elif play.page:
            self.reply(200, play.page, {"content-type": "text/html"})
        else:
            dialect = DIALECTS.get(path, DIALECTS["/v1/chat/completions"])(play, str(body.get("model", "")))
            if play.first_after:
                await asyncio.sleep(play.first_after)
            if play.status != 200:
                self.reply(play.status, encode(play.error or dialect.error(play.status)), play.headers)
            elif body.get("stream", path.startswith("/api/")):
                await self.stream(dialect, play, asked)
                return
            else:
                self.reply(200, dialect.whole(), play.headers)
        asked.done = True

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        given = {"content-type": "application/json", "x-request-id": "req_1", "request-id": "req_1", **(headers or {})}
        self.head(f"HTTP/1.1 {status} Status", {**given, "content-length": str(len(body))})
        self.transport.write(body)

    def head(self, line: str, headers: dict[str, str]) -> None:
        text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(f"{line}\r\n{text}\r\n".encode("latin-1"))

    async def stream(self, dialect: Any, play: Play, asked: Asked) -> None:
        ids = {"x-request-id": "req_1", "request-id": "req_1"}
        kind = {"content-type": dialect.content_type, "transfer-encoding": "chunked"}
        if play.gzip:
            kind["content-encoding"] = "gzip"
            self.packer = zlib.compressobj(wbits=GZIP)
        self.head("HTTP/1.1 200 OK", {**ids, **kind, **play.headers})
        held: list[bytes] = dialect.begin()
        if not play.merged:
            self.write(b"".join(held), play)
            held = []
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, piece in enumerate(dialect.body()):
            if play.per_second and (wait := began + number / play.per_second - loop.time()) > PACE_STEP:
                await asyncio.sleep(wait)
            if play.until is not None and number == play.at:
                await play.until.wait()
            if play.fault and number == play.at and not await self.fault(dialect, play, asked):
                return
            if play.pings and number % play.pings == 0:
                held.append(dialect.ping)
            held.append(piece)
            asked.sent += 1
            if not play.merged:
                self.write(b"".join(held), play)
                held = []
                await self.flowing.wait()
                if not play.per_second and number % 64 == 0:
                    await asyncio.sleep(0)  # so that a client that leaves is noticed
        self.write(b"".join([*held, *dialect.end()]), play)
        asked.done = True
        self.transport.write(b"0\r\n\r\n")

    async def fault(self, dialect: Any, play: Play, asked: Asked) -> bool:
        """Does what goes wrong; returns whether the stream goes on."""
        if play.fault == "stall":
            while play.ping_every:
                await asyncio.sleep(play.ping_every)
                self.write(dialect.ping, play)
            await asked.left.wait()
            return False
        if play.fault in {"malformed", "wrong_shape"}:
            self.write(getattr(dialect, play.fault), play)
            return True
        asked.done = True
        if play.fault == "in_band":
            self.write(dialect.broken() if play.in_band is None else b"data: " + encode(play.in_band) + b"\n\n", play)
        if play.fault in {"cut", "in_band"}:
            self.transport.write(b"0\r\n\r\n")
        elif play.fault == "close":
            self.transport.close()
        else:
            self.transport.abort()
        return False

    def write(self, data: bytes, play: Play) -> None:
        if self.transport.is_closing():
            return
        data = data.replace(b"\n", play.line_end) if play.line_end != b"\n" else data
        if play.gzip and data:
            data = self.packer.compress(data) + self.packer.flush(zlib.Z_SYNC_FLUSH)
        for at in range(0, len(data), play.split or len(data) or 1):
            piece = data[at : at + (play.split or len(data))]
            self.transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))


async def serve() -> None:
    vendors = FakeVendors()
    vendors.play = None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(vendors), "127.0.0.1", 0, backlog=4096)
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended.wait()
    server.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(serve())

"""The servers that `streams` measures: ours with paced orchestrators, and bare ones as the baseline.

`python -m tests.bench.paced ours|bare EVENTS PER_SECOND` prints `GRPC_PORT HTTP_PORT` and serves until it is ended.
Ours is the whole service — journal in a file, auth, metrics, both faces — whose GenerateTests emits chunks at a steady
pace instead of writing tests. The bare ones stream the same bytes at the same pace and do nothing else.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
from dataclasses import replace
from typing import Any

import grpc.aio
import uvicorn
import uvloop

from headwater.config import load_settings
from headwater.logs import configure
from headwater.methods import load_methods
from headwater.server import running
from headwater.v1 import generate_tests_pb2 as pb

METHOD = "/headwater.v1.HeadwaterService/GenerateTests"
KEY = "bench:0123456789abcdef0123456789abcdef"
TEXT = "    assert total([1, 2, 3], discount=0.25) == 4.5  # what one streamed piece of test code looks like\n"


class Pace:
    """Steady ticks: event number `i` is due at `began + i / per_second`, late or not."""

    def __init__(self, events: int, per_second: float) -> None:
        self.events = events
        self._interval = 1 / per_second

    async def ticks(self) -> Any:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(self.events):
            wait = began + number * self._interval - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            yield number


async def ours(pace: Pace) -> None:
    async def generate_tests(request: Any, emit: Any, tools: Any) -> None:
        del request, tools
        await emit(pb.GenerateTestsEvent(start=pb.GenerateTestsStart(module="bench")))
        async for number in pace.ticks():
            await emit(pb.GenerateTestsEvent(chunk=pb.Chunk(content=TEXT, offset=number * len(TEXT))))
        await emit(pb.GenerateTestsEvent(complete=pb.GenerateTestsComplete(success=True)))

    methods = load_methods()
    methods = {**methods, "GenerateTests": replace(methods["GenerateTests"], handler=generate_tests)}
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            grpc_port=0,
            http_port=0,
            store=f"sqlite://{folder}/bench.db",
            api_keys=KEY,
            max_runs=2000,
            sandbox="process",
        )
        async with running(settings, methods=methods) as ports:
            await serve_until_ended(ports.grpc, ports.http)


async def bare(pace: Pace) -> None:
    def item(number: int) -> bytes:
        event = pb.GenerateTestsEvent(sequence=number + 2, run="0" * 26)
        event.chunk.content, event.chunk.offset = TEXT, number * len(TEXT)
        return event.SerializeToString()

    class Handler(grpc.GenericRpcHandler):
        def service(self, details: Any) -> Any:
            return grpc.unary_stream_rpc_method_handler(stream) if details.method == METHOD else None

    async def stream(_request: bytes, context: Any) -> None:
        async for number in pace.ticks():
            await context.write(item(number))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for number in pace.ticks():
            body = b'id: %d\nevent: chunk\ndata: {"content":"%s","offset":%d}\n\n' % (
                number,
                TEXT.encode()[:-1],
                number,
            )
            await send({"type": "http.response.body", "body": body, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Handler(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    http = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, http="httptools"))
    serving = asyncio.create_task(http.serve([listening]))
    await serve_until_ended(port, listening.getsockname()[1])
    http.should_exit = True
    await asyncio.gather(serving, server.stop(0))


async def serve_until_ended(grpc_port: int, http_port: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    print(grpc_port, http_port, flush=True)
    await ended.wait()


if __name__ == "__main__":
    kind, events, per_second = sys.argv[1:]
    configure("error")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    uvloop.run({"ours": ours, "bare": bare}[kind](Pace(int(events), float(per_second))))

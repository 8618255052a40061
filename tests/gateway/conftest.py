"""A gateway on a real uvicorn server and a real port, before a dispatcher in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn

from headwater.errors import Code
from headwater.gateway import GatewayOptions, PageSources, make_app, server_config
from headwater.methods import Kind
from headwater.metrics import Metrics, Rpc
from tests.gateway.desk import Desk


@dataclass(kw_only=True)
class Bench:
    """A gateway under test."""

    desk: Desk
    metrics: Metrics
    closing: asyncio.Event
    http: httpx.AsyncClient
    port: int
    parts: dict[str, str] = field(default_factory=lambda: {"store": "ok"})

    @asynccontextmanager
    async def raw(self, request: bytes) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Opens a bare connection and sends what is given."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        try:
            writer.write(request)
            await writer.drain()
            yield reader, writer
        finally:
            writer.transport.abort()

    def count(self, metric: str, **labels: Any) -> float:
        found = self.metrics.registry.get_sample_value(metric, {key: str(value) for key, value in labels.items()})
        assert found is not None, f"no such sample: {metric} {labels}"
        return found


Start = Callable[..., Any]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts gateways with the options given; they end with the test."""
    async with AsyncExitStack() as stack:

        async def begin(**options: Any) -> Bench:
            return await stack.enter_async_context(serving(GatewayOptions(**options)))

        yield begin


@pytest.fixture
async def bench(start: Start) -> Bench:
    """A gateway with the usual options."""
    return await start()


@asynccontextmanager
async def serving(options: GatewayOptions) -> AsyncIterator[Bench]:
    desk, closing = Desk(), asyncio.Event()
    rpcs = [Rpc(service=m.service, name=m.name, streams=m.kind is not Kind.QUERY) for m in desk.methods.values()]
    metrics = Metrics(rpcs=rpcs, version="0")
    parts = {"store": "ok"}

    async def ready() -> Mapping[str, str]:
        return parts

    pages = PageSources(metrics=metrics.page, ready=ready, version="1.2.3")
    app = make_app(desk, options=options, pages=pages, meter=metrics, closing=closing)
    config = server_config(app, host="127.0.0.1", port=0, options=options)
    config.load()
    server = uvicorn.Server(config)
    # What `serve` does, without its clock of 100 ms and without the wait of `shutdown`.
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=False) as client:
            yield Bench(desk=desk, metrics=metrics, closing=closing, http=client, port=port, parts=parts)
    finally:
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await asyncio.gather(*server.server_state.tasks)
        for each in server.servers:
            each.close()
            await each.wait_closed()


def assert_refused(answer: httpx.Response, status: int, reason: str) -> dict[str, Any]:
    """Checks a refusal's form (AIP-193), and returns its error."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert error["code"] == status
    assert error["status"] in Code.__members__
    info = error["details"][0]
    assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert info["reason"] == reason, error
    return error


def fields_of(error: Mapping[str, Any]) -> dict[str, str]:
    """Returns what BadRequest says, by field."""
    found = [each for each in error["details"] if each["@type"].endswith("BadRequest")]
    return {each["field"]: each["description"] for detail in found for each in detail["field_violations"]}

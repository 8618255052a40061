"""Answers one call in this process, without a server: what the CLI does when it is given none."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from google.protobuf.message import Message

from headwater.auth import Credentials
from headwater.config import Settings, load_settings
from headwater.dispatch import Dispatch
from headwater.logs import configure
from headwater.sandbox import Sandbox
from headwater.service import build_service
from headwater.v1 import runs_pb2


@asynccontextmanager
async def opened(settings: Settings, *, runs_code: bool = True) -> AsyncGenerator[Local]:
    """Opens the service for as long as the context lasts; without a sandbox where no code is going to run."""
    service = await build_service(settings)
    try:
        await service.open(runs_code=runs_code)
        yield Local(service.dispatch, service.sandbox)
    finally:
        await service.close()


@asynccontextmanager
async def streamed(
    method: str, request: Message, *, runs_code: bool = True, **settings: Any
) -> AsyncGenerator[tuple[AsyncIterator[Message], Callable[[str, str], Awaitable[object]]]]:
    """Opens the stream of one new run, with what cancels it, in a service that lives no longer than it."""
    configure("warning")
    chosen = load_settings(store="sqlite://:memory:", on_disconnect="cancel", **settings)
    async with opened(chosen, runs_code=runs_code) as local, aclosing(local.stream(method, request)) as events:
        yield events, local.cancel


class Local:
    """The RPCs of a service in this process."""

    def __init__(self, dispatch: Dispatch, sandbox: Sandbox | None) -> None:
        """Calls `dispatch`, as every face does; `sandbox` is the service's own."""
        self._dispatch = dispatch
        self.sandbox = sandbox

    async def stream(self, method: str, request: Message) -> AsyncGenerator[Message]:
        """Starts a run and yields its events. Raises the Problem with which it is refused."""
        watch = await self._dispatch.open(self._dispatch.methods[method], request, Credentials())
        try:
            while not watch.ended:
                for row in await watch.read():
                    yield watch.method.response.FromString(row.payload)
        finally:
            await watch.close()

    async def cancel(self, run: str, reason: str) -> Message:
        """Cancels a run; its stream goes on to the last event."""
        request = runs_pb2.CancelRunRequest(run=run, reason=reason)
        return await self._dispatch.ask(self._dispatch.methods["CancelRun"], request, Credentials())


async def ask(settings: Settings, method: str, request: Message) -> Message:
    """Answers one QUERY. Raises the Problem with which it is refused."""
    service = await build_service(settings)
    service.journal.start()
    try:
        return await service.dispatch.ask(service.dispatch.methods[method], request, Credentials())
    finally:
        await service.close()

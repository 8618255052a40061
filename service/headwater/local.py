"""Answers one call in this process, without a server: what the CLI does when it is given none."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from google.protobuf.message import Message

from headwater.auth import Credentials
from headwater.config import Settings
from headwater.dispatch import Dispatch
from headwater.service import build_service


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Local]:
    """Opens the service for as long as the context lasts."""
    service = await build_service(settings)
    try:
        await service.open()
        yield Local(service.dispatch)
    finally:
        await service.close()


class Local:
    """The RPCs of a service in this process."""

    def __init__(self, dispatch: Dispatch) -> None:
        """Calls `dispatch`, as every face does."""
        self._dispatch = dispatch

    async def stream(self, method: str, request: Message) -> AsyncIterator[Message]:
        """Starts a run and yields its events. Raises the Problem with which it is refused."""
        watch = await self._dispatch.open(self._dispatch.methods[method], request, Credentials())
        try:
            while not watch.ended:
                for row in await watch.read():
                    yield watch.method.response.FromString(row.payload)
        finally:
            await watch.close()


async def ask(settings: Settings, method: str, request: Message) -> Message:
    """Answers one QUERY. Raises the Problem with which it is refused."""
    service = await build_service(settings)
    service.journal.start()
    try:
        return await service.dispatch.ask(service.dispatch.methods[method], request, Credentials())
    finally:
        await service.close()

"""A served journal and clients of it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from headwater_client import AsyncClient, Backoff

from .service import Service


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    served = Service()
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def connect(service: Service) -> AsyncIterator[Callable[..., AsyncClient]]:
    """Makes clients of the service; short pauses, for the tests' sake."""
    clients: list[AsyncClient] = []

    def make(**options: Any) -> AsyncClient:
        quick: dict[str, Any] = {"backoff": Backoff(first=0.01, longest=0.05), "max_resume_seconds": 20.0}
        clients.append(AsyncClient(service.target, **{**quick, **options}))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()

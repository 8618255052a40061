"""Gives a test each store in turn, empty and open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from headwater.store import Store, open_store
from tests.fixtures.postgres import postgres, postgres_url

__all__ = ["database", "postgres", "postgres_url", "store", "url"]

KINDS = ("file", "memory", "postgres")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store of each kind."""
    match request.param:
        case "file":
            return f"sqlite://{tmp_path}/store.db"
        case "memory":
            return "sqlite://:memory:"
        case _:
            return request.getfixturevalue("postgres_url")


@pytest.fixture(params=[kind for kind in KINDS if kind != "memory"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store of each kind that outlives its process."""
    return f"sqlite://{tmp_path}/store.db" if request.param == "file" else request.getfixturevalue("postgres_url")


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await open_store(url, holder="test")
    yield opened
    await opened.close()

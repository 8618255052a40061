"""Servers for the tests: one that is shared, one that asks who calls, and as many of their own as they want."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .identities import ENVIRONMENT
from .server import SECONDS, Server
from .sources import write_scripts

Start = Callable[..., Server]


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of recorded answers."""
    return write_scripts(tmp_path_factory.mktemp("recorded") / "scripts")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that servers may read, with a file, a way out of it, and what lies outside."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "allowed").mkdir()
    (folder / "allowed" / "inside.py").write_text("def one():\n    return 1\n")
    (folder / "outside.py").write_text("def secret():\n    return 'outside'\n")
    (folder / "allowed" / "link.py").symlink_to(folder / "outside.py")
    return folder


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, scripts: Path, project: Path) -> Iterator[Server]:
    """The server of all tests that leave it as it is."""
    options = ("--scripts", str(scripts), "--allow-root", str(project / "allowed"), "--max-runs", "2")
    server = Server(tmp_path_factory.mktemp("shared"), *options, environment={"HEADWATER_IMPORT_SECONDS": "3"})
    yield from _served(server)


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory, scripts: Path) -> Iterator[Server]:
    """A server that wants a key or a token."""
    server = Server(tmp_path_factory.mktemp("guarded"), "--scripts", str(scripts), environment=ENVIRONMENT)
    yield from _served(server)


@pytest.fixture
def start(tmp_path: Path, scripts: Path) -> Iterator[Start]:
    """Starts servers of the test's own, and ends them."""
    servers: list[Server] = []

    def begin(*options: str, environment: dict[str, str] | None = None) -> Server:
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        servers.append(Server(folder, "--scripts", str(scripts), *options, environment=environment))
        return servers[-1].start()

    yield begin
    for server in servers:
        server.close()


@pytest.fixture
def http(shared: Server) -> Iterator[httpx.Client]:
    """An HTTP client of the shared server."""
    with httpx.Client(base_url=shared.http, timeout=SECONDS) as client:
        yield client


def _served(server: Server) -> Iterator[Any]:
    try:
        yield server.start()
        assert server.stop() == 0
        assert server.leftovers() == []
    finally:
        server.close()

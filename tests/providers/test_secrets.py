"""A key goes to its vendor and nowhere else: not into the journal, the logs, the events, the errors or the metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from headwater.providers.vendors import VENDORS
from tests.end_to_end.server import SECONDS, Server
from tests.fakes.dialects import Play
from tests.fakes.vendors import FakeVendors
from tests.providers.asking import WIRES, secrets_for

PLANTED = "sk-planted7f3a9c51e2"
SOURCE = "def half(number):\n    return number / 2\n"
ECHOED = f"Incorrect key provided: {PLANTED}. Bearer {PLANTED} was sent."
ECHOES = {
    "refused": Play(status=401, error={"error": {"message": ECHOED, "code": PLANTED, "type": PLANTED}}),
    "failed": Play(status=500, error={"error": ECHOED}, headers={"x-request-id": PLANTED, "request-id": PLANTED}),
    "in the stream": Play(fault="in_band", in_band={"type": "error", "error": {"message": ECHOED, "code": PLANTED}}),
    "odd": Play(page=ECHOED.encode()),
}


@pytest.fixture
async def server(vendors: FakeVendors, tmp_path: Path) -> AsyncIterator[Server]:
    """A server whose vendors' keys are all the planted one, and which logs all that it can."""
    secrets = {name: value if "://" in value else PLANTED for name, value in secrets_for(vendors).items()}
    served = Server(tmp_path, environment=secrets)
    try:
        yield await asyncio.to_thread(served.start)
    finally:
        await asyncio.to_thread(served.close)


async def test_a_key_is_told_to_its_vendor_alone(server: Server, vendors: FakeVendors, tmp_path: Path) -> None:
    """Through every wire, with an answer and with failures that repeat the key."""
    told: list[str] = []
    async with httpx.AsyncClient(base_url=server.http, timeout=SECONDS) as client:
        for wire in WIRES:
            for play in (Play(), *ECHOES.values()):
                vendors.play = play
                body = {"source": {"path": "halves.py", "content": SOURCE}, "provider": [wire]}
                answer = await client.post(
                    "/v1/tests:generate", json=body, headers={"accept": "text/event-stream"}, params={"alt": "sse"}
                )
                told.append(answer.text)
            vendors.play = ECHOES["refused"]
            told.append((await client.get("/v1/providers", params={"check": "true", "provider": wire})).text)
        told += [(await client.get(path)).text for path in ("/v1/runs", "/metrics", "/readyz")]
    assert {asked.headers["authorization"] for asked in vendors.asked} == {f"Bearer {PLANTED}"}
    assert len(vendors.asked) >= len(WIRES) * (len(ECHOES) + 1)
    assert [text for text in told if "VENDOR_KEY_REJECTED" in text or "rejected the key" in text]
    await asyncio.to_thread(server.stop)
    assert "debug" in server.log
    written = files(tmp_path)
    assert sum(b"halves.py" in each for each in written), "the journal was looked at"
    for text in (*told, *(each.decode("utf-8", "replace") for each in written)):
        assert PLANTED not in text
        assert PLANTED[:12] not in text
    assert all(PLANTED not in str(vendor) for vendor in VENDORS.values())


def files(folder: Path) -> list[bytes]:
    """Reads all that a server left behind: its journal, its log, its home."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]

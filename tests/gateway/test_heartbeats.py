"""A stream on which nothing happens shows that it lives."""

from __future__ import annotations

import json

from tests.gateway.conftest import Bench, Start
from tests.gateway.test_streams import CREATE, NDJSON, some


async def test_an_idle_ndjson_stream_shows_life_and_every_line_stays_an_object(start: Start) -> None:
    """No proxy cuts it, and a reader that parses each line needs to know nothing of it."""
    bench: Bench = await start(heartbeat_seconds=0.01)
    async with bench.http.stream("POST", CREATE, json={}, headers=NDJSON) as answer:
        pieces = answer.aiter_raw()
        text = b""
        while not text.endswith(b"\n  "):
            text += await anext(pieces)
        bench.desk.run("r1").add(complete={"success": True})
        text += b"".join([piece async for piece in pieces])
    assert [json.loads(line)["type"] for line in text.splitlines()] == ["start", "complete"]


async def test_an_idle_stream_carries_comments_without_an_id(start: Start) -> None:
    """So that no proxy cuts it, and no reader takes one for an event."""
    bench: Bench = await start(heartbeat_seconds=0.01)
    async with bench.raw(b"GET /v1/tests:generate HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n") as (r, _):
        got = b"".join([await some(r, b": hb\n\n"), await some(r, b": hb\n\n")])
        assert b"id: r1.1" in got
        assert got.count(b"\nid: ") == 1
        bench.desk.run("r1").add(complete={})
        assert b"event: complete" in await some(r, b"0\r\n\r\n")
    assert bench.count("sse_heartbeats_total") >= 2

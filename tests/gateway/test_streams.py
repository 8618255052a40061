"""A run is streamed whole, in order and once; it can be taken up again; and whoever leaves is let go at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from headwater.errors import Code, Problem, problem
from headwater.gateway.frames import Frames
from headwater.status import status_of
from headwater.store import EventRow
from headwater.v1.generate_tests_pb2 import GenerateTestsEvent
from headwater.v1.runs_pb2 import Run as RunMessage
from tests.gateway.conftest import Bench, Start, assert_refused
from tests.gateway.desk import Run

SSE = {"accept": "text/event-stream"}
NDJSON = {"accept": "application/x-ndjson"}
JSON = {"accept": "application/json"}
CREATE = "/v1/tests:generate"
CUT = problem(Code.UNAVAILABLE, "STORE_AWAY", "The store is away.")


def frames(text: str) -> list[dict[str, str]]:
    """Splits an SSE stream into its frames; comments under `:`."""
    found: list[dict[str, str]] = []
    for block in text.split("\n\n"):
        pairs = [line.partition(":") for line in block.split("\n") if line]
        if pairs:
            found.append({name: value.removeprefix(" ") for name, _, value in pairs})
    return found


def whole(run: Run) -> None:
    run.add(start={"module": "cart"})
    run.add(chunk={"content": "def test_ü():\n    pass\n", "offset": 0})
    run.add(progress={"count": 1, "total": 2, "percent": 50.0, "message": "half"})
    run.add(complete={"success": True, "total": 1})


async def some(reader: asyncio.StreamReader, until: bytes) -> bytes:
    return await asyncio.wait_for(reader.readuntil(until), 20)


async def test_a_frame_has_the_composite_id_the_kind_and_the_payload_beside_the_envelope(bench: Bench) -> None:
    """Every event of the run comes, in order, and the stream ends after the terminal one."""
    bench.desk.begin = whole
    answer = await bench.http.post(CREATE, json={}, headers=SSE)
    assert answer.status_code == 200
    opening, *events = frames(answer.text)
    assert 1000 <= int(opening["retry"]) <= 3000
    assert [each["id"] for each in events] == ["r1.1", "r1.2", "r1.3", "r1.4"]
    assert [each["event"] for each in events] == ["start", "chunk", "progress", "complete"]
    assert json.loads(events[1]["data"]) == {
        "type": "chunk",
        "sequence": 2,
        "run": "r1",
        "time": "2026-01-31T12:00:00.002Z",
        "content": "def test_ü():\n    pass\n",
        "offset": 0,
    }
    assert (await bench.desk.watch()).closed.is_set()
    assert bench.count("run_stream_open") == 0


async def test_the_headers_of_a_stream_keep_proxies_from_holding_it(bench: Bench) -> None:
    """It is not stored, not changed, not gathered, and it says where the run's events are."""
    bench.desk.begin = whole
    answer = await bench.http.post(CREATE, json={}, headers={**SSE, "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-location"] == "/v1/runs/r1/events"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["traceparent"] == f"00-{'a' * 32}-{'b' * 16}-01"
    assert answer.headers["x-request-id"]


async def test_all_forms_hold_the_same_objects(bench: Bench) -> None:
    """NDJSON has one object a line, and the final answer is the last of them."""
    bench.desk.begin = whole
    sse = await bench.http.post(CREATE, json={}, headers=SSE)
    lines = await bench.http.get("/v1/runs/r1/events", headers=NDJSON)
    final = await bench.http.get("/v1/runs/r1/events", headers=JSON)
    objects = [json.loads(each["data"]) for each in frames(sse.text) if "data" in each]
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == objects
    assert final.headers["content-location"] == "/v1/runs/r1/events"
    assert final.json() == objects[-1]


async def test_an_event_is_sent_when_it_happens(bench: Bench) -> None:
    """The first one at once, before there is a second."""
    async with bench.http.stream("POST", CREATE, json={}, headers=NDJSON) as answer:
        lines = answer.aiter_lines()
        assert json.loads(await anext(lines))["type"] == "start"
        bench.desk.run("r1").add(chunk={"content": "x"})
        assert json.loads(await anext(lines))["content"] == "x"
        bench.desk.run("r1").add(cancelled={"origin": "client"})
        assert [json.loads(line)["type"] async for line in lines] == ["cancelled"]


async def test_a_long_journal_comes_whole_in_many_batches(start: Start) -> None:
    """Ten thousand events, in order, with other requests answered meanwhile."""
    bench: Bench = await start(batch_events=7)

    def long(run: Run) -> None:
        for number in range(9_999):
            run.add(chunk={"content": f"line {number}\n", "offset": number})
        run.add(complete={"success": True})

    bench.desk.begin = long
    answer, alive = await asyncio.gather(
        bench.http.post(CREATE, json={}, headers=NDJSON), bench.http.get("/healthz", headers=JSON)
    )
    assert [json.loads(line)["sequence"] for line in answer.text.splitlines()] == list(range(1, 10_001))
    assert alive.status_code == 200


async def test_a_failed_run_is_an_error_event_in_a_stream_and_a_status_without_one(bench: Bench) -> None:
    """The event carries the HTTP status; the single answer has it, in the form of AIP-193."""
    failure = Problem(Code.RESOURCE_EXHAUSTED, "QUOTA", "Too much.", "Wait.", retry_after_seconds=2)

    def fail(run: Run) -> None:
        run.add(start={})
        run.add(error={"error": status_of(failure), "reason": "QUOTA", "message": "Too much.", "retryable": True})

    bench.desk.begin = fail
    stream = await bench.http.post(CREATE, json={}, headers=SSE)
    last = json.loads(frames(stream.text)[-1]["data"])
    assert (last["type"], last["reason"], last["http_status"], last["error"]["code"]) == ("error", "QUOTA", 429, 8)
    single = await bench.http.post(CREATE, json={}, headers=JSON)
    error = assert_refused(single, 429, "QUOTA")
    assert error["status"] == "RESOURCE_EXHAUSTED"
    assert error["details"] == last["error"]["details"]


async def test_a_cancelled_run_is_499_without_a_stream(bench: Bench) -> None:
    """With who cancelled it."""

    def cancelled(run: Run) -> None:
        run.add(start={})
        run.add(cancelled={"origin": "deadline", "message": "It took too long."})

    bench.desk.begin = cancelled
    error = assert_refused(await bench.http.post(CREATE, json={}, headers=JSON), 499, "RUN_CANCELLED")
    assert error["details"][0]["metadata"] == {"run": "r1", "origin": "deadline"}


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/v1/runs/r1/events", {"last-event-id": "r1.2"}),
        ("/v1/runs/r1/events", {"last-event-id": "2"}),
        ("/v1/runs/r1/events?last_event_id=r1.2", {}),
        ("/v1/runs/r1/events?after=2", {}),
        ("/v1/runs/r1/events?after=1", {"last-event-id": "r1.2"}),
        (CREATE, {"last-event-id": "r1.2"}),
        (f"{CREATE}?last_event_id=r1.2", {}),
    ],
)
async def test_a_cursor_resumes_strictly_after_it(bench: Bench, url: str, headers: dict[str, str]) -> None:
    """On the run's URL and on the one that created it, where no other run is started."""
    whole(bench.desk.run("r1"))
    answer = await bench.http.get(url, headers={**SSE, **headers})
    assert [each["id"] for each in frames(answer.text)[1:]] == ["r1.3", "r1.4"]
    assert list(bench.desk.runs) == ["r1"]


@pytest.mark.parametrize("url", ["/v1/runs/r1/events", CREATE])
async def test_a_run_that_was_read_to_its_end_is_204(bench: Bench, url: str) -> None:
    """Which tells EventSource to stop coming back."""
    whole(bench.desk.run("r1"))
    answer = await bench.http.get(url, headers={**SSE, "last-event-id": "r1.4"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await bench.desk.watch()).closed.is_set()


@pytest.mark.parametrize(
    "url", ["/v1/runs/r1/events?after=-1", "/v1/runs/r1/events?after=r1.-1", f"{CREATE}?after=r1.-1"]
)
async def test_minus_one_is_the_beginning(bench: Bench, url: str) -> None:
    """With the run before it also on the creating URL, where no other run is started."""
    whole(bench.desk.run("r1"))
    answer = await bench.http.get(url, headers=SSE)
    assert len(frames(answer.text)) == 5
    assert list(bench.desk.runs) == ["r1"]


@pytest.mark.parametrize(
    "cursor", ["now", "r1.x", "x", "-2", "r1.99999999999", "a b.1", "r1.2.3", "1e3", "r/1.2", "r1.-2", "r1.-"]
)
async def test_a_malformed_cursor_is_refused(bench: Bench, cursor: str) -> None:
    whole(bench.desk.run("r1"))
    answer = await bench.http.get("/v1/runs/r1/events", headers={**SSE, "last-event-id": cursor})
    assert_refused(answer, 400, "BAD_CURSOR")


async def test_a_cursor_must_be_of_the_run_it_is_used_for(bench: Bench) -> None:
    """Another run's is 404; one without a run does not say what a creating URL is to go on with."""
    whole(bench.desk.run("r1"))
    other = await bench.http.get("/v1/runs/r1/events", headers={**SSE, "last-event-id": "r2.1"})
    assert_refused(other, 404, "CURSOR_OF_ANOTHER_RUN")
    bare = await bench.http.get(CREATE, headers={**SSE, "last-event-id": "3"})
    assert_refused(bare, 400, "CURSOR_WITHOUT_RUN")
    assert not bench.desk.watches


async def test_a_cursor_that_is_no_longer_kept_is_410(bench: Bench) -> None:
    bench.desk.refusal = problem(Code.OUT_OF_RANGE, "CURSOR_TOO_OLD", "Gone.", oldest="7")
    answer = await bench.http.get("/v1/runs/r1/events?after=2", headers=SSE)
    error = assert_refused(answer, 410, "CURSOR_TOO_OLD")
    assert error["status"] == "OUT_OF_RANGE"


async def test_a_cursor_ahead_of_the_run_is_the_clients_mistake(bench: Bench) -> None:
    """It is 400 as its code says: nothing is gone that was ever there."""
    bench.desk.refusal = problem(Code.OUT_OF_RANGE, "CURSOR_AHEAD", "Not yet.", newest="7")
    answer = await bench.http.get("/v1/runs/r1/events?after=9", headers=SSE)
    error = assert_refused(answer, 400, "CURSOR_AHEAD")
    assert error["status"] == "OUT_OF_RANGE"


@pytest.mark.parametrize("accept", ["text/event-stream", "application/x-ndjson", "application/json"])
async def test_a_reader_who_leaves_is_let_go_at_once(bench: Bench, accept: str) -> None:
    """Though nothing is sent at the time: the run's disconnect policy depends on it."""
    request = f"POST {CREATE} HTTP/1.1\r\nhost: x\r\naccept: {accept}\r\ncontent-length: 0\r\n\r\n"
    async with bench.raw(request.encode()):
        watch = await asyncio.wait_for(bench.desk.watch(), 20)
        assert not watch.closed.is_set()
    await asyncio.wait_for(watch.closed.wait(), 20)
    await bench.http.get("/healthz")
    assert bench.count("http_requests_total", method="post", code=499) == 1


async def test_a_reader_who_closes_its_half_has_left(bench: Bench) -> None:
    """A half-closed connection cannot be told from one that was closed."""
    async with bench.raw(b"GET /v1/tests:generate HTTP/1.1\r\nhost: x\r\n\r\n") as (_, writer):
        watch = await asyncio.wait_for(bench.desk.watch(), 20)
        writer.write_eof()
        await asyncio.wait_for(watch.closed.wait(), 20)


async def test_a_reader_who_does_not_read_is_dropped(start: Start) -> None:
    """Its connection is cut and its watch closed, however much the run still has to say; nothing piles up."""
    bench: Bench = await start(send_seconds=0.2)
    bench.desk.page = 10

    def endless(run: Run) -> None:
        for _ in range(2000):
            run.add(draft={"content": "x" * 50_000})

    bench.desk.begin = endless
    async with bench.raw(b"GET /v1/tests:generate HTTP/1.1\r\nhost: x\r\n\r\n") as (reader, _):
        watch = await asyncio.wait_for(bench.desk.watch(), 20)
        await asyncio.wait_for(watch.closed.wait(), 60)
        assert watch.behind > 0
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(200_000_000), 20)
    assert bench.count("run_stream_slow_consumer_total") == 1
    assert (await bench.http.get("/healthz")).status_code == 200


async def test_a_server_that_closes_tells_its_readers_to_come_back(bench: Bench) -> None:
    """The last frame has no id and is no terminal event: the run goes on."""
    async with bench.http.stream("POST", CREATE, json={}, headers=SSE) as answer:
        watch = await bench.desk.watch()
        bench.closing.set()
        last = frames((await answer.aread()).decode())[-1]
    assert last["event"] == "reconnect"
    assert "id" not in last
    assert int(last["retry"]) >= 1000
    assert watch.closed.is_set()


async def test_a_server_that_closes_refuses_who_waits_for_the_end(bench: Bench) -> None:
    """With where to read on, and that it may be tried again."""
    asking = asyncio.create_task(bench.http.post(CREATE, json={}, headers=JSON))
    await bench.desk.watch()
    bench.closing.set()
    answer = await asking
    assert_refused(answer, 503, "SERVER_CLOSING")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-location"] == "/v1/runs/r1/events"


async def test_a_journal_that_breaks_cuts_the_stream_and_invents_no_error(bench: Bench) -> None:
    """The run has not failed; whoever comes back is told by a status."""
    async with bench.http.stream("POST", CREATE, json={}, headers=SSE) as answer:
        watch = await bench.desk.watch()
        watch.broken = CUT
        bench.desk.run("r1").grown.set()
        text = (await answer.aread()).decode()
    assert [each["event"] for each in frames(text)[1:]] == ["start", "reconnect"]
    whole_answer = asyncio.create_task(bench.http.get("/v1/runs/r1/events", headers=JSON))
    (await bench.desk.watch(1)).broken = CUT
    bench.desk.run("r1").grown.set()
    assert_refused(await whole_answer, 503, "STORE_AWAY")


async def test_a_refusal_is_a_status_or_an_event_where_that_is_asked_for(bench: Bench) -> None:
    """EventSource shows its page nothing of an answer that is not 200."""
    bench.desk.refusal = Problem(Code.RESOURCE_EXHAUSTED, "QUEUE_FULL", "Full.", "Wait.", retry_after_seconds=1.2)
    plain = await bench.http.get(CREATE, headers=SSE)
    assert_refused(plain, 429, "QUEUE_FULL")
    assert plain.headers["retry-after"] == "2"
    inband = await bench.http.get(f"{CREATE}?errors=inband", headers=SSE)
    assert inband.status_code == 200
    (frame,) = frames(inband.text)
    assert (frame["event"], frame["retry"]) == ("error", "2000")
    told: dict[str, Any] = json.loads(frame["data"])
    assert told["http_status"] == 429
    assert (told["type"], told["reason"], told["remedy"], told["retryable"]) == ("error", "QUEUE_FULL", "Wait.", True)


def test_a_message_that_is_no_event_is_refused_at_the_start() -> None:
    """As is one whose payload would overwrite the envelope: a descriptor that cannot be carried stops the server."""
    with pytest.raises(RuntimeError, match="is no event"):
        Frames(RunMessage)
    with pytest.raises(RuntimeError, match="fields of the envelope: run, type"):
        Frames(clashing_event())


def clashing_event() -> type[Message]:
    """Makes an event whose payload has fields named as those of the envelope."""
    file = descriptor_pb2.FileDescriptorProto(name="clash.proto", package="clash", syntax="proto3")
    payload = file.message_type.add(name="Payload")
    for number, name in enumerate(("run", "type", "fine"), 1):
        payload.field.add(name=name, number=number, type=FieldDescriptor.TYPE_STRING, label=1)
    event = file.message_type.add(name="Event")
    for number, name in enumerate(("sequence", "run", "time"), 1):
        event.field.add(name=name, number=number, type=FieldDescriptor.TYPE_STRING, label=1)
    event.oneof_decl.add(name="event")
    event.field.add(
        name="payload", number=10, type=FieldDescriptor.TYPE_MESSAGE, label=1, type_name=".clash.Payload", oneof_index=0
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("clash.Event"))


def test_an_event_of_a_newer_version_is_passed_on_with_what_is_known_of_it() -> None:
    """A journal may have been written by a version that knows more kinds."""
    row = EventRow(7, "from_the_future", GenerateTestsEvent(sequence=7, run="r1").SerializeToString())
    assert Frames(GenerateTestsEvent).event(row) == {"type": "from_the_future", "sequence": 7, "run": "r1"}


async def test_head_and_options_start_no_run(bench: Bench) -> None:
    """A look at a URL costs nothing."""
    head = await bench.http.head(CREATE, headers=SSE)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == "text/event-stream; charset=utf-8"
    options = await bench.http.options(CREATE)
    assert options.status_code == 204
    assert options.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert not bench.desk.opened


async def test_a_connection_serves_one_request_after_the_other(bench: Bench) -> None:
    """A finished stream leaves its connection usable, also for what was sent ahead."""
    bench.desk.begin = whole
    one = b"GET /v1/tests:generate HTTP/1.1\r\nhost: x\r\naccept: application/json\r\n\r\n"
    async with bench.raw(one + one) as (reader, _):
        assert (await some(reader, b'"sequence":4,"run":"r1"')).startswith(b"HTTP/1.1 200 OK")
        assert b"HTTP/1.1 200 OK" in await some(reader, b'"sequence":4,"run":"r2"')


async def test_many_readers_of_one_run_get_the_same(bench: Bench) -> None:
    bench.desk.run("r1").add(start={})
    asking = [asyncio.create_task(bench.http.get("/v1/runs/r1/events", headers=NDJSON)) for _ in range(20)]
    await bench.desk.watch(19)
    bench.desk.run("r1").add(complete={"success": True})
    answers: list[httpx.Response] = await asyncio.gather(*asking)
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(answers[0].text.splitlines()) == 2

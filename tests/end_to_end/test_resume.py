"""A stream that is cut is taken up at the next event, whatever cut it: nothing is lost, doubled or reordered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from itertools import islice

import httpx
import pytest

from headwater.v1 import runs_pb2, watch_run_pb2
from headwater_client import AsyncClient

from .conftest import Start
from .faces import message, state_of, stub
from .readers import Stalled, Watcher, rest_of
from .server import SECONDS, Server, eventually
from .sources import scripted
from .streams import (
    Event,
    Frame,
    check_order,
    connect,
    cut_after,
    digests,
    events_of,
    frames,
    from_object,
    journal,
    kinds,
    post_frames,
    unwrapped,
    watch_frames,
)


def test_a_cut_stream_is_taken_up_on_both_urls(shared: Server) -> None:
    """Last-Event-ID on the creating URL and on /events goes on behind the cut, in the same run, while it is at work."""
    asked = scripted("brisk")
    with connect(shared) as client:
        read = cut_after(post_frames(client, asked), 3)
    with connect(shared) as client:
        read += cut_after(post_frames(client, asked, {"last-event-id": read[-1].id}), 4)
    with connect(shared) as client:
        read += cut_after(watch_frames(client, read[0].data["run"], read[-1].id), 4)
    with connect(shared) as client:
        read += post_frames(client, asked, {"last-event-id": read[-1].id})
    check_order(events_of(read))
    assert events_of(read) == journal(shared, read[0].data["run"])
    assert events_of(read)[-1].complete.total == 10


def test_the_same_cursor_works_on_every_face(shared: Server) -> None:
    """`after` of WatchRun, `?after=`, `?last_event_id=` and Last-Event-ID all go on strictly after a sequence."""
    with connect(shared) as client:
        whole = events_of(list(post_frames(client, scripted("quick"))))
        run, after = whole[0].run, len(whole) // 2
        for query, headers in (
            ({"after": str(after)}, {}),
            ({"last_event_id": f"{run}.{after}"}, {}),
            ({}, {"last-event-id": str(after)}),
        ):
            answer = client.get(f"/v1/runs/{run}/events", params={"alt": "ndjson", **query}, headers=headers)
            assert [from_object(json.loads(line)) for line in answer.text.splitlines()] == whole[after:]
    with stub(shared) as service:
        watched = service.WatchRun(watch_run_pb2.WatchRunRequest(run=run, after=after), timeout=SECONDS)
        assert [unwrapped(event) for event in watched] == whole[after:]


def test_a_finished_run_that_was_read_is_answered_with_204(shared: Server) -> None:
    """EventSource stops coming back at 204, on the creating URL as on the run's own; gRPC ends the stream at once."""
    asked = scripted("quick")
    with connect(shared) as client:
        read = list(post_frames(client, asked))
        run, last = read[0].data["run"], {"accept": "text/event-stream", "last-event-id": read[-1].id}
        assert client.get(f"/v1/runs/{run}/events", headers=last).status_code == 204
        assert client.post("/v1/tests:generate", json=asked, headers=last).status_code == 204
    with stub(shared) as service:
        request = watch_run_pb2.WatchRunRequest(run=run, after=read[-1].sequence)
        assert list(service.WatchRun(request, timeout=SECONDS)) == []


def test_a_cursor_beyond_the_end_is_refused(shared: Server) -> None:
    """A cursor that no event had is told so, and does not wait for ever."""
    with connect(shared) as client:
        read = list(post_frames(client, scripted("quick")))
        answer = client.get(f"/v1/runs/{read[0].data['run']}/events", params={"after": "9999"})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["reason"] == "CURSOR_AHEAD"


def test_two_readers_see_the_same_run(shared: Server) -> None:
    """A second reader that comes late reads the same events, and neither takes any from the other."""
    with connect(shared) as client, connect(shared) as other:
        first = post_frames(client, scripted("brisk"))
        read = list(islice(first, 6))
        second = list(watch_frames(other, read[0].data["run"], "0"))
        read += first
    check_order(events_of(read))
    assert events_of(second) == events_of(read)


def test_a_slow_reader_slows_nobody_and_loses_nothing(start: Start) -> None:
    """A run ends while a reader stands still; the reader then reads on, or comes back, to the very last event."""
    server = start("--send-seconds", "2", "--max-source-kb", "8192")
    asked = scripted("bulky")
    with Stalled(server, asked) as (stalled, lines):
        read = list(islice(frames(lines), 1))
        run = read[0].data["run"]
        whole = journal(server, run)
        check_order(whole)
        assert whole[-1].HasField("complete"), kinds(whole)
        eventually(lambda: server.metrics()["run_stream_slow_consumer_total"] > 0, "the reader is dropped")
        read += rest_of(stalled, lines)
    assert len(read) < len(whole)
    with connect(server) as client:
        read += watch_frames(client, run, read[-1].id)
    assert digests(events_of(read)) == digests(whole)


def test_a_killed_server_is_resumed_without_a_gap(start: Start) -> None:
    """After kill -9 in the middle of a run and a restart, each kind of reader goes on behind its last event."""
    server = start()
    with connect(server) as client:
        stream = post_frames(client, scripted("steady"))
        read = list(_until(stream, "test"))
        run = read[0].data["run"]
        watcher = Watcher(server, run)
        server.kill()
        with pytest.raises(httpx.HTTPError):
            read += stream
    assert server.leftovers() == []
    server.restart()
    with connect(server) as client:
        read += cut_after(post_frames(client, scripted("steady"), {"last-event-id": read[-1].id}), 3)
        read += watch_frames(client, run, read[-1].id)
    events = events_of(read)
    check_order(events)
    assert events == journal(server, run)
    assert watcher.events() == events
    complete = events[-1].complete
    announced = [event.test.test_case.test_name for event in events if event.HasField("test")]
    assert sorted(announced) == sorted(case.test_name for case in complete.tests)
    assert complete.total == 10
    assert state_of(server, run) == (runs_pb2.RUN_STATE_COMPLETED, 2)


def test_a_run_that_is_killed_too_often_says_so(start: Start) -> None:
    """Where no further attempt is allowed, the run ends with an `error` that says what happened and what to do."""
    server = start("--max-adoptions", "0")
    with connect(server) as client:
        read = list(islice(post_frames(client, scripted("endless")), 6))
        server.kill()
    server.restart()
    with connect(server) as client:
        read += watch_frames(client, read[0].data["run"], read[-1].id)
    events = events_of(read)
    check_order(events)
    assert events[-1].error.reason == "RUN_INTERRUPTED"
    assert events[-1].error.remedy
    assert state_of(server, events[0].run) == (runs_pb2.RUN_STATE_FAILED, 2)


def test_a_run_that_ended_before_the_kill_is_what_it_was(start: Start) -> None:
    """What was read to its terminal event was durable: a crash right after it changes nothing."""
    server = start()
    with connect(server) as client:
        read = list(post_frames(client, scripted("quick")))
        server.kill()
    server.restart()
    assert journal(server, read[0].data["run"]) == events_of(read)


def test_a_reused_idempotency_key_is_refused_for_another_request(shared: Server) -> None:
    """The same key with another body is ALREADY_EXISTS, and names the run that it belongs to."""
    key = {"idempotency_key": "only-once"}
    with connect(shared) as client:
        read = list(post_frames(client, scripted("quick", run_options=key)))
        other = client.post("/v1/tests:generate", json=scripted("quick", run_options=key, seed=7))
        again = list(post_frames(client, scripted("quick", run_options=key)))
    assert again == read
    assert other.status_code == 409
    detail = other.json()["error"]["details"][0]
    assert (detail["reason"], detail["metadata"]["run"]) == ("IDEMPOTENCY_KEY_REUSED", read[0].data["run"])


def test_requests_at_the_same_moment_with_one_key_are_one_run(shared: Server) -> None:
    """Two faces that ask at once with one key get the same run."""
    asked = scripted("quick", run_options={"idempotency_key": "at-once"})
    seen: list[list[Event]] = []

    def ask() -> None:
        with connect(shared) as client:
            seen.append(events_of(list(post_frames(client, asked))))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    with stub(shared) as service:
        expected = list(service.GenerateTests(message(asked), timeout=SECONDS))
    for thread in threads:
        thread.join()
    assert seen == [expected] * 4


async def test_the_python_client_leaves_and_comes_back(shared: Server) -> None:
    """Breaking out of the loop leaves the call; watch_run goes on after the stream's sequence."""
    async with AsyncClient(shared.grpc) as client:
        stream = client.generate_tests(request=message(scripted("brisk")))
        read: list[Event] = []
        async for event in stream:
            read.append(event)
            if event.HasField("test"):
                break
        read += [event async for event in client.watch_run(stream.run, after=stream.sequence)]
    check_order(read)
    assert read[-1].HasField("complete")


def _until(stream: Iterator[Frame], kind: str) -> Iterator[Frame]:
    for frame in stream:
        yield frame
        if frame.name == kind:
            return

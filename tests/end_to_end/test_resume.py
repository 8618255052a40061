"""A stream that is cut is taken up at the next event, whatever cut it: nothing is lost, doubled or reordered."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
from contextlib import suppress
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from subprocess import PIPE
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from headwater.v1 import runs_pb2, watch_run_pb2
from headwater_client import AsyncClient, Client, HeadwaterError

from .conftest import Start
from .faces import message, stub
from .server import SECONDS, Server, clean_environment, command_line, eventually
from .sources import STEPS, scripted
from .streams import (
    Event,
    Frame,
    check_order,
    digests,
    frames,
    from_object,
    journal,
    kinds,
    payload,
    post_frames,
    unwrapped,
)


def connect(server: Server) -> httpx.Client:
    """Opens a client whose connections end with the block that it is used in."""
    return httpx.Client(base_url=server.http, timeout=SECONDS)


def events_of(found: Sequence[Frame]) -> list[Event]:
    return [from_object(frame.data) for frame in found]


def cut_after(stream: Iterator[Frame], count: int) -> list[Frame]:
    """Reads so many events and closes the connection."""
    read = list(islice(stream, count))
    stream.close()  # type: ignore[attr-defined]
    return read


def watch_frames(client: httpx.Client, run: str, last: str) -> Iterator[Frame]:
    """Takes the stream up on the run's own URL."""
    headers = {"accept": "text/event-stream", "last-event-id": last}
    with client.stream("GET", f"/v1/runs/{run}/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        yield from frames(answer.iter_lines())


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
    assert answer.status_code == 410
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
    with _stalled(server, asked) as (stalled, lines):
        read = list(islice(frames(lines), 1))
        run = read[0].data["run"]
        whole = journal(server, run)
        check_order(whole)
        assert whole[-1].HasField("complete"), kinds(whole)
        eventually(lambda: server.metrics()["run_stream_slow_consumer_total"] > 0, "the reader is dropped")
        read += _rest(stalled, lines)
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
        watcher = _Watcher(server, run)
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
    assert _state(server, run) == (runs_pb2.RUN_STATE_COMPLETED, 2)


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
    assert _state(server, events[0].run) == (runs_pb2.RUN_STATE_FAILED, 2)


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


def test_on_disconnect_cancel_ends_the_run(shared: Server) -> None:
    """A run whose only reader leaves is cancelled by `disconnect` where the request says so, on both faces."""
    asked = scripted("endless", run_options={"on_disconnect": "ON_DISCONNECT_CANCEL"})
    with connect(shared) as client:
        read = cut_after(post_frames(client, asked), 5)
    with stub(shared) as service:
        call = service.GenerateTests(message(asked), timeout=SECONDS)
        second = next(iter(call)).run
        call.cancel()
    for run in (read[0].data["run"], second):
        assert _cancelled_by(shared, run) == "disconnect"


def test_on_disconnect_detach_lets_the_run_go_on(shared: Server) -> None:
    """A detached run goes on to its end with nobody reading; one whose grace is over is cancelled."""
    detach = {"on_disconnect": "ON_DISCONNECT_DETACH", "detach_grace": "60s"}
    with connect(shared) as client:
        left = cut_after(post_frames(client, scripted("brisk", run_options=detach)), 3)
    with connect(shared) as client:
        brief = {**detach, "detach_grace": "0.3s"}
        given_up = cut_after(post_frames(client, scripted("endless", run_options=brief)), 3)
    run = left[0].data["run"]
    eventually(lambda: _state(shared, run)[0] == runs_pb2.RUN_STATE_COMPLETED, "the detached run ends")
    assert _cancelled_by(shared, given_up[0].data["run"]) == "disconnect"


def test_cancel_run_ends_the_stream_with_cancelled(shared: Server) -> None:
    """CancelRun by gRPC and by HTTP ends every reader's stream by `cancelled`, with the reason; again changes nothing."""
    with connect(shared) as client:
        stream = post_frames(client, scripted("endless"))
        read = list(islice(stream, 4))
        run = read[0].data["run"]
        answer = httpx.post(f"{shared.http}/v1/runs/{run}:cancel", json={"reason": "enough"}, timeout=SECONDS)
        read += stream
    assert answer.json()["state"] == "RUN_STATE_CANCELLED"
    events = events_of(read)
    check_order(events)
    assert (events[-1].cancelled.origin, events[-1].cancelled.message) == ("client", "enough")
    with stub(shared) as service:
        call = service.GenerateTests(message(scripted("endless")), timeout=SECONDS)
        seen = [next(iter(call))]
        cancelled = service.CancelRun(runs_pb2.CancelRunRequest(run=seen[0].run), timeout=SECONDS)
        seen += call
        again = service.CancelRun(runs_pb2.CancelRunRequest(run=seen[0].run), timeout=SECONDS)
    assert cancelled.state == again.state == runs_pb2.RUN_STATE_CANCELLED
    assert again.last_sequence == len(seen)
    check_order(seen)
    assert seen[-1].HasField("cancelled")


@pytest.mark.parametrize("moment", ["embedded", "with a server"])
def test_ctrl_c_cancels_the_run_of_the_command_line(moment: str, shared: Server, scripts: Path, tmp_path: Path) -> None:
    """SIGINT ends `headwater tests` with 130; the run that it had started ends cancelled, not some time later."""
    (tmp_path / "steps.py").write_text(STEPS)
    options = ["--provider", "scripted", "--model", "endless", "--budget", "60", "--json"]
    options += ["--server", shared.grpc] if moment == "with a server" else []
    environment = clean_environment(tmp_path.with_name(f"{tmp_path.name}-home")) | {"HEADWATER_SCRIPTS": str(scripts)}
    command = [sys.executable, "-m", "headwater", "tests", "steps.py", *options]
    process = psutil.Popen(command, cwd=tmp_path, env=environment, stdout=PIPE, stderr=PIPE, text=True)
    try:
        read = [from_object(json.loads(line)) for line in islice(process.stdout, 5)]
        family = process.children(recursive=True)
        process.send_signal(signal.SIGINT)
        rest, complaint = process.communicate(timeout=SECONDS)
    finally:
        if process.is_running():
            process.kill()
    assert process.returncode == 130, complaint
    assert "Traceback" not in complaint
    read += [from_object(json.loads(line)) for line in rest.splitlines()]
    if moment == "with a server":
        assert _cancelled_by(shared, read[0].run, within=10) in ("client", "disconnect")
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_the_command_line_cancels_a_run(shared: Server, tmp_path: Path) -> None:
    """`headwater runs cancel` ends a run, `runs show` and `runs list` say so, and `runs watch` exits with 130."""
    runs = ("runs", "--server", shared.grpc)
    with connect(shared) as client:
        stream = post_frames(client, scripted("endless"))
        read = list(islice(stream, 3))
        run = read[0].data["run"]
        done = command_line(tmp_path, *runs, "cancel", run, "--reason", "changed my mind")
        read += stream
    assert (done.returncode, "cancelled" in done.stdout) == (0, True), done.stderr
    assert read[-1].data["message"] == "changed my mind"
    assert "cancelled" in command_line(tmp_path, *runs, "show", run).stdout
    assert run in command_line(tmp_path, *runs, "list").stdout
    watched = command_line(tmp_path, *runs, "watch", run, "--after", "2", "--json")
    assert watched.returncode == 130
    assert [from_object(json.loads(line)) for line in watched.stdout.splitlines()] == events_of(read)[2:]


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


class _Watcher:
    """Reads a run by the synchronous client in a thread, over whatever happens to the server."""

    def __init__(self, server: Server, run: str) -> None:
        self._found: list[Event] = []
        self._failure: list[BaseException] = []
        begun = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(server.grpc, run, begun.set))
        self._thread.start()
        assert begun.wait(SECONDS)

    def events(self) -> list[Event]:
        self._thread.join(SECONDS)
        assert not self._failure, self._failure
        return self._found

    def _read(self, target: str, run: str, begun: Callable[[], None]) -> None:
        try:
            with Client(target) as client:
                for event in client.watch_run(run):
                    self._found.append(event)
                    begun()
        except HeadwaterError as failure:
            self._failure.append(failure)
            begun()


class _stalled:  # noqa: N801 — used as a context
    """A reader with a small buffer that sends a request and reads the answer line by line, or not at all."""

    def __init__(self, server: Server, asked: Any) -> None:
        place = urlsplit(server.http)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(SECONDS)
        self._socket.connect((place.hostname, place.port))
        body = json.dumps(asked).encode()
        # HTTP/1.0: the answer is not chunked, so that its lines are the stream's.
        head = "POST /v1/tests:generate HTTP/1.0\r\nhost: localhost\r\naccept: text/event-stream\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> tuple[socket.socket, Iterator[str]]:
        while self._file.readline() not in (b"\r\n", b""):
            pass
        return self._socket, (line.decode().rstrip("\n") for line in self._file)

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()


def _rest(stalled: socket.socket, lines: Iterator[str]) -> list[Frame]:
    """Reads what still comes before the connection breaks; a frame that is not whole does not count."""
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    found: list[Frame] = []
    with suppress(ConnectionResetError, json.JSONDecodeError):
        for frame in frames(lines):
            found.append(frame)  # noqa: PERF402 — what came before the break is kept
    return found


def _until(stream: Iterator[Frame], kind: str) -> Iterator[Frame]:
    for frame in stream:
        yield frame
        if frame.name == kind:
            return


def _state(server: Server, run: str) -> tuple[int, int]:
    with stub(server) as service:
        found = service.GetRun(runs_pb2.GetRunRequest(run=run), timeout=SECONDS)
    return found.state, found.attempt


def _cancelled_by(server: Server, run: str, within: float = SECONDS) -> str:
    eventually(lambda: _state(server, run)[0] == runs_pb2.RUN_STATE_CANCELLED, f"run {run} is cancelled", within)
    events = journal(server, run)
    check_order(events)
    return payload(events[-1]).origin

"""The synchronous client: the same streams without an event loop, from any thread."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from headwater_client import Client, HeadwaterError, StreamCut, kind

from .service import RUN, Service, ends_after, fails_after


class Served:
    """The service in a thread with an event loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.service = Service()
        self.run(self.service.start())

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def stop(self) -> None:
        self.run(self.service.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    yield made
    made.stop()


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.service.target) as made:
        yield made


def test_a_run_is_streamed(served: Served, client: Client) -> None:
    """A plain loop sees what an asynchronous one sees, across cuts."""
    served.service.script = [ends_after(2), fails_after(1, grpc.StatusCode.UNAVAILABLE)]
    events = list(client.generate_tests(source="x = 1\n"))
    assert events == served.service.events
    assert kind(events[-1]) == "complete"


def test_every_method_is_there(served: Served, client: Client) -> None:
    """The plain calls return what the asynchronous ones return."""
    assert client.get_run(RUN).run == RUN
    assert [run.run for run in client.list_runs()] == [run.run for run in served.service.runs]
    assert client.cancel_run(RUN).run == RUN
    assert client.generate_tests(source="x = 1\n", seed=3).complete().success
    stream = client.watch_run(RUN, after=3)
    assert next(stream).sequence == 4
    assert (stream.run, stream.sequence) == (RUN, 4)
    assert [each.sequence for each in stream] == [5]
    assert next(stream, None) is None


def test_errors_are_the_same(served: Served, client: Client) -> None:
    """Refusals and cuts are raised in the thread that called."""
    with pytest.raises(HeadwaterError, match="RUN_NOT_FOUND"):
        client.get_run("another")
    served.service.script = [ends_after(1)]
    with Client(served.service.target, resume=False) as brittle, pytest.raises(StreamCut):
        brittle.generate_tests(source="x = 1\n").complete()


def left(served: Served) -> None:
    served.run(served.service.left.wait())


def leave_by_break(client: Client) -> Any:
    events = client.watch_run(RUN)
    for _ in events:
        break
    return events


def leave_by_close(client: Client) -> Any:
    events = client.watch_run(RUN)
    next(events)
    events.close()
    return events


def leave_by_with(client: Client) -> Any:
    with client.watch_run(RUN) as events:
        next(events)
    return events


def leave_by_forgetting(client: Client) -> Any:
    next(client.watch_run(RUN))
    gc.collect()


@pytest.mark.parametrize("leave", [leave_by_break, leave_by_close, leave_by_with, leave_by_forgetting])
def test_leaving_a_stream_leaves_the_call(served: Served, client: Client, leave: Callable[[Client], Any]) -> None:
    """However a stream is left, the RPC is cancelled, and the client goes on to work."""
    served.service.script = [served.service.held_after(2)]
    kept = leave(client)
    left(served)
    assert client.get_run(RUN).run == RUN
    assert kept is None or kept.sequence == 1


def test_many_threads_share_a_client(client: Client) -> None:
    """Streams of several threads do not mix."""

    def work(after: int) -> list[int]:
        return [each.sequence for each in client.watch_run(RUN, after=after)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, [0, 1, 2, 3] * 4))
    assert results == [[1, 2, 3, 4, 5], [2, 3, 4, 5], [3, 4, 5], [4, 5]] * 4


def test_many_clients_live_side_by_side(served: Served, capfd: pytest.CaptureFixture[str]) -> None:
    """Each client has a loop of its own; they do not get in each other's way, nor complain."""

    def work(_: int) -> bool:
        with Client(served.service.target) as each:
            return each.generate_tests(source="x = 1\n").complete().success

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(12)))
    assert capfd.readouterr().err == ""


def test_closing_ends_what_other_threads_wait_for(served: Served) -> None:
    """A thread that reads while the client is closed gets an error and does not hang; later calls are refused."""
    served.service.script = [served.service.held_after(1)]
    client = Client(served.service.target)
    stream = client.watch_run(RUN)
    next(stream)
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(stream.complete)
        client.close()
        with pytest.raises(HeadwaterError, match="CLIENT_CLOSED"):
            reader.result()
    client.close()
    stream.close()
    with pytest.raises(HeadwaterError, match="CLIENT_CLOSED"):
        client.get_run(RUN)
    assert not [thread for thread in threading.enumerate() if thread.name == "headwater-client"]


INTERRUPTED = """
import sys
from headwater_client import Client
with Client(sys.argv[1]) as client:
    try:
        for event in client.watch_run("x"):
            print(event.sequence, flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def test_an_interrupt_cancels_the_call(served: Served) -> None:
    """Ctrl-C in the middle of a stream raises KeyboardInterrupt in the loop and cancels the RPC."""
    served.service.script = [served.service.held_after(1)]
    arguments = [sys.executable, "-c", INTERRUPTED, served.service.target]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "1\n"
        os.kill(program.pid, signal.SIGINT)
        left(served)
        out, err = program.communicate()
    assert (out, err, program.returncode) == ("interrupted\n", "", 0)

"""How a server ends: drained, at once, or killed; it leaves nothing behind."""

from __future__ import annotations

import signal
import sqlite3
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from headwater.v1 import runs_pb2
from headwater_client import Client

from .conftest import Start
from .faces import SERVICE, message, state_of, stub
from .server import SECONDS, Server, eventually
from .sources import request, scripted
from .streams import Event, check_order, connect, events_of, kinds, post_frames, watch_frames

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


def test_sigterm_drains(start: Start) -> None:
    """Health says NOT_SERVING, new runs are refused, the run under way ends properly, and the exit code is 0."""
    server = start("--drain-seconds", "60")
    with stub(server) as service, grpc.insecure_channel(server.grpc) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        watched = health.Watch(health_pb2.HealthCheckRequest(service=SERVICE), timeout=SECONDS)
        assert next(watched).status == SERVING
        call = service.GenerateTests(message(scripted("slow")), timeout=SECONDS)
        read: list[Event] = list(islice(call, 4))
        server.tell(signal.SIGTERM)
        assert next(watched).status == NOT_SERVING
        with pytest.raises(grpc.RpcError, match="UNAVAILABLE"):
            list(service.GenerateTests(message(scripted("quick")), timeout=SECONDS))
        ready = httpx.get(f"{server.http}/readyz", timeout=SECONDS)
        assert (ready.status_code, ready.json()["parts"]["runs"]) == (503, "draining")
        assert httpx.get(f"{server.http}/healthz", timeout=SECONDS).status_code == 200
        read += call
        watched.cancel()
    assert server.ended() == 0
    check_order(read)
    assert read[-1].complete.total == 10
    assert server.leftovers() == []


def test_a_drain_that_is_over_cancels_the_run(start: Start) -> None:
    """A run that outlasts the drain ends with `cancelled` by `shutdown`, which its reader gets, and the store keeps."""
    server = start("--drain-seconds", "0.5")
    with stub(server) as service:
        call = service.GenerateTests(message(scripted("endless")), timeout=SECONDS)
        read: list[Event] = list(islice(call, 4))
        server.tell(signal.SIGTERM)
        read += call
    assert server.ended() == 0
    check_order(read)
    assert read[-1].cancelled.origin == "shutdown", kinds(read)
    server.restart()
    with Client(server.grpc) as client:
        assert list(client.watch_run(read[0].run)) == read


def test_no_program_outlives_its_run_or_holds_up_the_end(start: Start) -> None:
    """A text that takes the formatter minutes ends at the run's deadline, and the server ends when it is told to."""
    server = start("--drain-seconds", "0.5")
    asked = scripted("laborious", run_options={"deadline": "2s"})
    with stub(server) as service:
        read = list(service.GenerateTests(message(asked), timeout=SECONDS))
    check_order(read)
    assert kinds(read)[-1] in ("complete", "error")
    assert server.stop() == 0
    assert server.leftovers() == []


def test_a_second_signal_ends_at_once(start: Start) -> None:
    """Whoever asks twice does not want to wait for the drain."""
    server = start("--drain-seconds", "3600")
    with stub(server) as service:
        call = service.GenerateTests(message(scripted("endless")), timeout=SECONDS)
        next(iter(call))
        server.tell(signal.SIGINT)
        eventually(lambda: '"draining"' in server.log, "the server drains")
        server.tell(signal.SIGINT)
        server.ended()
        call.cancel()
    assert server.leftovers() == []
    assert "Traceback" not in server.log


def test_a_sqlite_file_is_left_whole(start: Start) -> None:
    """After a kill and a restart the journal passes SQLite's own check."""
    server = start("--drain-seconds", "0.5")
    with stub(server) as service:
        call = service.GenerateTests(message(scripted("endless")), timeout=SECONDS)
        next(iter(call))
        server.kill()
        call.cancel()
    server.restart()
    assert server.stop() == 0
    with sqlite3.connect(server.store.removeprefix("sqlite://")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_a_killed_server_leaves_no_process_and_no_lock(start: Start) -> None:
    """What it ran in the sandbox ends with it, and the next server opens the store at once."""
    server = start("--drain-seconds", "0.5")
    with stub(server) as service:
        call = service.GenerateTests(message(request(LOOPING, "looping.py", limits={"budget": "30s"})), timeout=SECONDS)
        names = (each.WhichOneof("event") for each in call)
        assert next(name for name in names if name == "progress")
        server.kill()
        call.cancel()
    assert server.leftovers() == []
    began = time.monotonic()
    server.restart()
    assert time.monotonic() - began < SECONDS


def test_a_fault_of_the_store_ends_the_server_with_1_and_its_runs_go_on(start: Start) -> None:
    """No reader is left waiting, the log says why in one line, and the next server takes the runs up."""
    server = start("--max-runs", "2")
    with stub(server) as service, connect(server) as client:
        call = service.GenerateTests(message(scripted("slow")), timeout=SECONDS)
        stream = post_frames(client, scripted("slow"))
        read: list[Event] = list(islice(call, 4))
        seen = list(islice(stream, 4))
        _rename(server, "headwater_events", "headwater_gone")
        with pytest.raises(grpc.RpcError, match="starts again") as told:
            read += call
        assert told.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined] — it is a call, too
        seen += stream
    assert server.ended() == 1
    assert server.leftovers() == []
    assert server.log.count('"runs_stopped"') == 1
    assert "no such table" in next(line for line in server.log.splitlines() if '"runs_stopped"' in line)
    last = seen.pop()
    assert (last.name, last.data["reason"]) == ("reconnect", "RUNS_STOPPED")
    _rename(server, "headwater_gone", "headwater_events")
    server.restart()
    with connect(server) as client:
        seen += watch_frames(client, seen[0].data["run"], seen[-1].id)
    with Client(server.grpc) as other:
        read += other.watch_run(read[0].run, after=read[-1].sequence)
    for events in (read, events_of(seen)):
        check_order(events)
        assert state_of(server, events[0].run) == (runs_pb2.RUN_STATE_COMPLETED, 2)


def _rename(server: Server, table: str, name: str) -> None:
    """Breaks the database of a server, or mends it."""
    with closing(sqlite3.connect(server.store.removeprefix("sqlite://"), timeout=SECONDS)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


LOOPING = "import time\n\n\ndef slow(n: int) -> int:\n    time.sleep(0.2)\n    return n + 1\n"


def test_the_folder_for_temporary_files_stays_what_it_was(start: Start) -> None:
    """A service makes folders of its own there, and neither closes nor opens the one that all share."""
    shared = Path(tempfile.gettempdir())
    before = oct(shared.stat().st_mode)
    start()
    assert oct(shared.stat().st_mode) == before

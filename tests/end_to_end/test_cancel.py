"""A run ends when it is cancelled: by a call, by Ctrl-C, or because nobody reads it."""

from __future__ import annotations

import json
import signal
import sys
from itertools import islice
from pathlib import Path
from subprocess import PIPE

import httpx
import psutil
import pytest

from headwater.v1 import runs_pb2

from .faces import message, state_of, stub
from .server import SECONDS, Server, clean_environment, command_line, eventually
from .sources import STEPS, scripted
from .streams import (
    check_order,
    connect,
    cut_after,
    events_of,
    from_object,
    journal,
    payload,
    post_frames,
)


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
    eventually(lambda: state_of(shared, run)[0] == runs_pb2.RUN_STATE_COMPLETED, "the detached run ends")
    assert _cancelled_by(shared, given_up[0].data["run"]) == "disconnect"


def test_cancel_run_ends_the_stream_with_cancelled(shared: Server) -> None:
    """CancelRun by gRPC and by HTTP ends every reader's stream by `cancelled`, with the reason."""
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
        with process.stdout as lines, process.stderr as complaints:
            read = [from_object(json.loads(line)) for line in islice(lines, 5)]
            family = process.children(recursive=True)
            process.send_signal(signal.SIGINT)
            read += [from_object(json.loads(line)) for line in lines]
            complaint = complaints.read()
        process.wait(SECONDS)
    finally:
        if process.is_running():
            process.kill()
    assert process.returncode == 130, complaint
    assert "Traceback" not in complaint
    if moment == "with a server":
        assert _cancelled_by(shared, read[0].run, within=SECONDS / 2) in ("client", "disconnect")
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


def _cancelled_by(server: Server, run: str, within: float = SECONDS) -> str:
    eventually(lambda: state_of(server, run)[0] == runs_pb2.RUN_STATE_CANCELLED, f"run {run} is cancelled", within)
    events = journal(server, run)
    check_order(events)
    return payload(events[-1]).origin

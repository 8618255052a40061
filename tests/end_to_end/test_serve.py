"""A server's life: what keeps it from starting, what it says of itself, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from headwater_client import Client

from .conftest import Start
from .faces import SERVICE, grpcurl, message, run, stub
from .identities import ANNA, ENVIRONMENT, token
from .server import SECONDS, Server, command_line, eventually
from .sources import request, scripted
from .streams import check_order, kinds

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def taken() -> Iterator[str]:
    """A port of the loopback that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


def refused(folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> str:
    """Tries to serve, and returns the one line with which that is refused."""
    folder.mkdir(exist_ok=True)
    ports = ("--grpc-port", "0", "--http-port", "0", "--store", f"sqlite://{folder}/journal.db")
    done = command_line(folder, "serve", *ports, "--log-level", "error", *options, environment=environment)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("headwater: "), lines[0]
    return lines[0]


@pytest.mark.parametrize("face", ["grpc", "http"])
def test_a_port_in_use_is_said_in_one_line(face: str, tmp_path: Path, taken: str) -> None:
    """The line names the port and the option that chooses another."""
    line = refused(tmp_path / "server", f"--{face}-port", taken)
    assert taken in line
    assert f"--{face}-port" in line


BAD_SETTINGS: Mapping[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "no number": (("--grpc-port", "many"), {}, "--grpc-port"),
    "no port": (("--http-port", "70000"), {}, "--http-port"),
    "no level": (("--log-level", "loud"), {}, "--log-level"),
    "from the environment": ((), {"HEADWATER_MAX_RUNS": "0"}, "HEADWATER_MAX_RUNS"),
    "no folder": (("--allow-root", "/no/such/folder"), {}, "/no/such/folder"),
    "no such sandbox": (("--sandbox", "cardboard"), {}, "--sandbox"),
    "no such store": (("--store", "carrier-pigeon://x"), {}, "sqlite:///"),
    "short secret": ((), {"HEADWATER_JWT_SECRET": "short"}, "HEADWATER_JWT_SECRET"),
    "key without a name": ((), {"HEADWATER_API_KEYS": ":key"}, "HEADWATER_API_KEYS"),
    "no JWKS": ((), {"HEADWATER_JWT_JWKS": "/no/such/keys.json"}, "/no/such/keys.json"),
    "open to all": (("--host", "0.0.0.0"), {}, "HEADWATER_API_KEYS"),
    "unknown address": (("--host", "192.0.2.1"), {"HEADWATER_API_KEYS": "a:b"}, "192.0.2.1"),
    "no certificate": (("--tls-certificate", "/no/such/cert.pem", "--tls-key", "/no/key.pem"), {}, "/no/such/cert.pem"),
    "certificate without a key": (("--tls-certificate", __file__), {}, "tls"),
    "no PEM": (("--tls-certificate", __file__, "--tls-key", __file__), {}, "PEM"),
    "unwritable store": (("--store", "sqlite:///proc/nowhere/journal.db"), {}, "/proc/nowhere"),
}


@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_a_bad_setting_is_said_in_one_line(case: str, tmp_path: Path) -> None:
    """The line names where the setting came from, or its value; nothing is started."""
    options, environment, named = BAD_SETTINGS[case]
    assert named in refused(tmp_path / "server", *options, environment=environment)


def test_a_store_that_another_server_holds_is_said_in_one_line(shared: Server, tmp_path: Path) -> None:
    """Two servers on one SQLite file would both carry its runs: the second does not start."""
    assert "journal.db" in refused(tmp_path / "second", "--store", shared.store)


def test_a_store_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    """A file that is no database is left as it is."""
    other = tmp_path / "notes.txt"
    other.write_text("dear diary " * 200)
    assert "notes.txt" in refused(tmp_path / "server", "--store", f"sqlite://{other}")
    assert other.read_text() == "dear diary " * 200


def test_a_store_of_a_newer_version_is_said_in_one_line(start: Start, tmp_path: Path) -> None:
    """What a newer version wrote is not touched by an older one."""
    server = start()
    assert server.stop() == 0
    path = server.store.removeprefix("sqlite://")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO headwater_schema (number, title) VALUES (9999, 'of the future')")
    connection.close()
    assert "9999" in refused(tmp_path / "second", "--store", server.store)


def test_an_unknown_option_is_said_with_the_usage(tmp_path: Path) -> None:
    """As every command line does: usage on stderr and exit code 2."""
    done = command_line(tmp_path, "serve", "--prot", "1")
    assert done.returncode == 2
    assert "--prot" in done.stderr
    assert "Traceback" not in done.stderr


def test_sigterm_drains(start: Start) -> None:
    """Health says NOT_SERVING, new runs are refused, the run under way ends properly, and the exit code is 0."""
    server = start("--drain-seconds", "60")
    with stub(server) as service, grpc.insecure_channel(server.grpc) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        watched = health.Watch(health_pb2.HealthCheckRequest(service=SERVICE), timeout=SECONDS)
        assert next(watched).status == SERVING
        call = service.GenerateTests(message(scripted("steady")), timeout=SECONDS)
        read = list(islice(call, 4))
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
    """A run that outlasts the drain ends with `cancelled` by `shutdown`, which its reader still gets; so says the store."""
    server = start("--drain-seconds", "0.5")
    with stub(server) as service:
        call = service.GenerateTests(message(scripted("endless")), timeout=SECONDS)
        read = list(islice(call, 4))
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
    asked = scripted("laborious", run_options={"deadline": "4s"})
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
        with pytest.raises(grpc.RpcError):
            list(call)
            raise grpc.RpcError
    server.ended()
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


def test_the_journal_lies_in_the_state_folder_by_default(tmp_path: Path) -> None:
    """Without --store it is a file under the user's state folder, which no one else can read."""
    server = Server(tmp_path)
    server.store = ""
    try:
        server.start()
        found = list((tmp_path / "home" / ".local" / "state" / "headwater").glob("headwater.db"))
        assert len(found) == 1
        assert found[0].stat().st_mode & 0o077 == 0
    finally:
        server.close()


def test_memory_is_a_store_too(start: Start) -> None:
    """`sqlite://:memory:` keeps nothing and serves as well."""
    server = start("--store", "sqlite://:memory:")
    with stub(server) as service:
        assert list(service.GenerateTests(message(scripted("quick")), timeout=SECONDS))[-1].HasField("complete")


def test_reflection_lists_the_service(shared: Server) -> None:
    """grpcurl finds the service, its methods and their comments without a proto file."""
    probe = grpcurl(shared, "GetRun", {"run": "x"})
    assert "RUN_NOT_FOUND" in probe.stderr
    program = probe.args[0]
    listed = run([program, "-plaintext", shared.grpc, "list"])
    assert {SERVICE, "grpc.health.v1.Health"} <= set(listed.stdout.split()), listed.stderr
    described = run([program, "-plaintext", shared.grpc, "describe", SERVICE])
    for name in ("GenerateTests", "GetRun", "ListRuns", "WatchRun", "CancelRun"):
        assert f"rpc {name} " in described.stdout


@pytest.mark.parametrize("service", ["", SERVICE])
def test_health_is_checked_by_grpc(shared: Server, service: str) -> None:
    """The server as a whole and its service say SERVING; an unknown one is NOT_FOUND."""
    with grpc.insecure_channel(shared.grpc) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest(service=service), timeout=SECONDS).status == SERVING
        with pytest.raises(grpc.RpcError, match="NOT_FOUND"):
            health.Check(health_pb2.HealthCheckRequest(service="nonesuch"), timeout=SECONDS)


def test_the_pages_answer(shared: Server) -> None:
    """/healthz, /readyz with each part, /openapi.json with each route."""
    with httpx.Client(base_url=shared.http, timeout=SECONDS) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        ready = client.get("/readyz").json()
        assert ready["status"] == "ok"
        assert all(state.startswith("ok") for state in ready["parts"].values()), ready
        described = client.get("/openapi.json").json()
        assert described["openapi"].startswith("3.")
        assert {"/v1/tests:generate", "/v1/runs", "/v1/runs/{run}", "/v1/runs/{run}/events"} <= set(described["paths"])
        assert "/v1/tests:generate" in client.get("/").text


@pytest.fixture(scope="module")
def numbers(shared: Server) -> dict[str, float]:
    """The metrics after a run by gRPC, one by SSE, a resumed one and a refused call."""
    with stub(shared) as service:
        read = list(service.GenerateTests(message(request()), timeout=SECONDS))
        with pytest.raises(grpc.RpcError):
            list(service.GenerateTests(message(request(framework="nose")), timeout=SECONDS))
    with httpx.Client(base_url=shared.http, timeout=SECONDS, headers={"accept": "text/event-stream"}) as client:
        client.post("/v1/tests:generate", json=request())
        client.get(f"/v1/runs/{read[0].run}/events?after=3")
    return shared.metrics()


def test_metrics_have_their_names(numbers: dict[str, float]) -> None:
    """The conventional names of gRPC servers, and ours for streams, journal and sandbox."""
    found = {name.partition("{")[0] for name in numbers}
    assert METRICS - found == set()


def test_metrics_have_sensible_values(numbers: dict[str, float]) -> None:
    """They count what was done, and times lie where times can lie."""
    labels = f'grpc_method="GenerateTests",grpc_service="{SERVICE}",grpc_type="server_stream"'
    one = 'method="GenerateTests"'
    assert numbers[f"grpc_server_started_total{{{labels}}}"] >= 2
    assert numbers[_with(numbers, "grpc_server_handled_total", "GenerateTests", 'grpc_code="OK"')] >= 1
    assert numbers[_with(numbers, "grpc_server_handled_total", "GenerateTests", 'grpc_code="InvalidArgument"')] >= 1
    assert numbers[f"grpc_server_msg_sent_total{{{labels}}}"] >= 10
    assert numbers[_with(numbers, "grpc_server_handling_seconds_bucket", "GenerateTests", 'le="600.0"')] >= 2
    assert numbers["run_stream_open"] == 0
    assert numbers['run_stream_resume_total{result="replayed"}'] >= 1
    assert numbers["run_stream_replayed_events_total"] >= 5
    assert 0 < numbers[f"run_stream_first_event_seconds_sum{{{one}}}"] < 60
    assert numbers[f'run_seconds_count{{{one},outcome="complete"}}'] >= 2
    for stage in ("load_prompts", "generate", "format", "validate"):
        assert numbers[f'run_stage_seconds_count{{{one},stage="{stage}"}}'] >= 2
    assert numbers["run_log_commit_batch_size_sum"] >= numbers["run_log_commit_batch_size_count"] >= 5
    assert sum(value for name, value in numbers.items() if name.startswith("sandbox_seconds_sum")) > 0
    assert sum(value for name, value in numbers.items() if name.startswith("sandbox_level{")) == 1
    assert all(value >= 0 for value in numbers.values())


def _with(numbers: Mapping[str, float], name: str, *parts: str) -> str:
    (found,) = (each for each in numbers if each.startswith(f"{name}{{") and all(part in each for part in parts))
    return found


METRICS = frozenset(
    {
        "grpc_server_started_total",
        "grpc_server_handled_total",
        "grpc_server_msg_received_total",
        "grpc_server_msg_sent_total",
        "grpc_server_handling_seconds_bucket",
        "run_stream_open",
        "run_stream_resume_total",
        "run_stream_replayed_events_total",
        "run_stream_first_event_seconds_bucket",
        "run_stream_event_gap_seconds_bucket",
        "run_stream_lag_events_bucket",
        "run_stream_slow_consumer_total",
        "run_orphaned_total",
        "run_seconds_bucket",
        "run_stage_seconds_bucket",
        "run_queue_seconds_bucket",
        "run_log_append_seconds_bucket",
        "run_log_commit_batch_size_bucket",
        "sse_heartbeats_total",
        "sandbox_seconds_bucket",
        "sandbox_level",
        "event_loop_lag_seconds_bucket",
        "process_resident_memory_bytes",
    }
)
"""The names that dashboards stand on."""


def test_the_log_is_json_and_keeps_secrets(start: Start) -> None:
    """Each line is an object; those of a run carry its id; no source, no key and no token is in any of them."""
    server = start(environment=ENVIRONMENT)
    markers = {"source": "xyzzy_marker_7731", "text": "plugh marker 9942", "raised": "frotz-marker-5150"}
    content = f"def {markers['source']}(n):\n    return '{markers['text']}'\n"
    doomed = f"raise RuntimeError('{markers['raised']}')\n"
    signed = token("carol")
    runs: list[str] = []
    with httpx.Client(base_url=server.http, timeout=SECONDS, headers={"accept": "application/x-ndjson"}) as client:
        for body in (content, doomed):
            answer = client.post(f"/v1/tests:generate?token={signed}", json=request(body, "marked.py"))
            runs.append(json.loads(answer.text.splitlines()[0])["run"])
        client.get(f"/v1/runs/{runs[0]}/events?token=wrong-{ANNA}")
        client.get(f"/v1/runs/{runs[0]}", headers={"x-api-key": ANNA})
        client.post(
            "/v1/tests:generate", json=request("def (:\n" + content), headers={"authorization": f"Bearer {ANNA}"}
        )
    with stub(server) as service:
        metadata = (("authorization", f"Bearer {signed}"),)
        list(service.GenerateTests(message(request(content, "marked.py")), metadata=metadata, timeout=SECONDS))
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.log.splitlines()]
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    assert set(runs) <= {line.get("run") for line in lines}
    for secret in (*markers.values(), *ENVIRONMENT.values(), ANNA, signed, signed.rpartition(".")[2]):
        assert secret not in server.log
    assert not re.search(r"\\u001b|\x1b|�", server.log), "colours of a terminal in a log of JSON"


def test_a_killed_server_leaves_no_process_and_no_lock(start: Start) -> None:
    """What it ran in the sandbox ends with it, and the next server opens the store at once."""
    server = start()
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


def test_a_full_queue_says_when_to_come_back(start: Start) -> None:
    """One run works, one waits and is told its place; the third is RESOURCE_EXHAUSTED, or 429, with a delay."""
    server = start("--max-runs", "1", "--queue-length", "1", "--drain-seconds", "0.5")
    with stub(server) as service:
        working = service.GenerateTests(message(scripted("endless")), timeout=SECONDS)
        next(each for each in working if each.HasField("test"))
        waiting = service.GenerateTests(message(scripted("quick")), timeout=SECONDS)
        told = list(islice(waiting, 2))
        assert kinds(told) == ["start", "queued"]
        assert (told[1].queued.place, told[1].queued.waiting) == (1, 1)
        answer = httpx.post(f"{server.http}/v1/tests:generate", json=scripted("quick"), timeout=SECONDS)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        kinds_of_details = [each["@type"].rpartition(".")[2] for each in answer.json()["error"]["details"]]
        assert {"ErrorInfo", "RetryInfo", "QuotaFailure"} <= set(kinds_of_details)
        working.cancel()
        with Client(server.grpc) as client:
            client.cancel_run(next(each.run for each in client.list_runs() if each.run != told[0].run))
        told += waiting
    check_order(told)
    assert told[-1].HasField("complete")


LOOPING = "import time\n\n\ndef slow(n: int) -> int:\n    time.sleep(0.2)\n    return n + 1\n"

"""What a server says of itself while it serves: reflection, health, pages, metrics, log, queue."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from headwater_client import Client

from .conftest import Start
from .faces import SERVICE, grpcurl, message, run, stub
from .identities import ANNA, ENVIRONMENT, token
from .server import SECONDS, Server, eventually
from .sources import request, scripted
from .streams import Event, check_order, kinds

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


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
        health: Any = health_pb2_grpc.HealthStub(channel)
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

    def settled() -> dict[str, float] | None:
        found = shared.metrics()
        return None if found["run_stream_open"] else found

    return eventually(settled, "every reader is let go")


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


def test_a_full_queue_says_when_to_come_back(start: Start) -> None:
    """One run works, one waits and is told its place; the third is RESOURCE_EXHAUSTED, or 429, with a delay."""
    server = start("--max-runs", "1", "--queue-length", "1", "--drain-seconds", "0.5")
    with stub(server) as service:
        working = service.GenerateTests(message(scripted("endless")), timeout=SECONDS)
        next(each for each in working if each.HasField("test"))
        waiting = service.GenerateTests(message(scripted("quick")), timeout=SECONDS)
        told: list[Event] = list(islice(waiting, 2))
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

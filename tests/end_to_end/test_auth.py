"""Who may call, shown in every way that there is, and nobody sees another's runs."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from headwater.v1 import headwater_pb2_grpc, runs_pb2, watch_run_pb2
from headwater_client import AsyncClient, Client, HeadwaterError, Tls

from .certificates import Authority
from .conftest import Start
from .faces import grpcurl, message, stub
from .identities import ANNA, BERT, token
from .server import SECONDS, Server, command_line
from .sources import SMALL, request, scripted
from .streams import Event, check_order, frames, from_grpcurl, from_object, journal

WAYS: Mapping[str, dict[str, str]] = {
    "bearer key": {"authorization": f"Bearer {ANNA}"},
    "ApiKey": {"authorization": f"ApiKey {ANNA}"},
    "x-api-key": {"x-api-key": ANNA},
    "token of HS256": {"authorization": f"Bearer {token('anna')}"},
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_lets_in(way: str, guarded: Server) -> None:
    """Keys and tokens are taken from gRPC metadata and from HTTP headers alike."""
    with stub(guarded) as service:
        read = list(
            service.GenerateTests(message(scripted("quick")), metadata=tuple(WAYS[way].items()), timeout=SECONDS)
        )
    check_order(read)
    assert journal(guarded, read[0].run, WAYS[way]) == read


@pytest.mark.parametrize("secret", [ANNA, token("anna")])
def test_eventsource_shows_its_token_in_the_query(secret: str, guarded: Server) -> None:
    """`?token=` takes a key or a token, since EventSource can send no header; the answer does not repeat it."""
    query = {"token": secret, "source.path": "small.py", "source.content": SMALL, "limits.executions": "500"}
    answer = httpx.get(
        f"{guarded.http}/v1/tests:generate", params=query, headers={"accept": "text/event-stream"}, timeout=SECONDS
    )
    assert answer.status_code == 200, answer.text
    check_order([from_object(frame.data) for frame in frames(answer.text.splitlines())])
    assert secret not in answer.text
    assert secret not in str(answer.headers)


def test_grpcurl_and_the_clients_show_it(guarded: Server, tmp_path: Path) -> None:
    """A header of grpcurl, `token=` and `api_key=` of the client, `--token` and HEADWATER_TOKEN of the command line."""
    done = grpcurl(guarded, "GenerateTests", scripted("quick"), "-H", f"authorization: Bearer {ANNA}")
    read = from_grpcurl(done.stdout)
    for client in (Client(guarded.grpc, token=ANNA), Client(guarded.grpc, api_key=ANNA)):
        with client:
            assert list(client.watch_run(read[0].run)) == read
    watch = ("watch", read[0].run, "--json")
    by_option = command_line(tmp_path, "runs", "--server", guarded.grpc, "--token", ANNA, *watch)
    by_variable = command_line(
        tmp_path, "runs", "--server", guarded.grpc, *watch, environment={"HEADWATER_TOKEN": ANNA}
    )
    for shown in (by_option, by_variable):
        assert [from_object(json.loads(line)) for line in shown.stdout.splitlines()] == read, shown.stderr


def test_pages_that_hold_no_runs_need_no_key(guarded: Server) -> None:
    """Probes and Prometheus carry no credentials; calls do."""
    with httpx.Client(base_url=guarded.http, timeout=SECONDS) as client:
        for page in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
            assert client.get(page).status_code == 200
        assert client.get("/v1/runs").status_code == 401
        assert "Bearer" in client.get("/v1/runs").headers["www-authenticate"]


@pytest.fixture(scope="module")
def annas(guarded: Server) -> list[Event]:
    """A run of Anna's."""
    with stub(guarded) as service:
        asked = message(scripted("quick", run_options={"idempotency_key": "mine"}))
        return list(service.GenerateTests(asked, metadata=metadata(ANNA), timeout=SECONDS))


def metadata(secret: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {secret}"),)


OTHERS: Mapping[str, str] = {"other key": BERT, "token of the same name": token("anna"), "token": token("carol")}


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_sees_anothers_run_by_grpc(who: str, guarded: Server, annas: list[Event]) -> None:
    """Get, Watch and Cancel say NOT_FOUND, as if there were none; List leaves it out."""
    run, mine = annas[0].run, metadata(OTHERS[who])
    with stub(guarded) as service:
        calls: tuple[Any, ...] = (
            lambda: service.GetRun(runs_pb2.GetRunRequest(run=run), metadata=mine, timeout=SECONDS),
            lambda: list(service.WatchRun(watch_run_pb2.WatchRunRequest(run=run), metadata=mine, timeout=SECONDS)),
            lambda: service.CancelRun(runs_pb2.CancelRunRequest(run=run), metadata=mine, timeout=SECONDS),
        )
        for call in calls:
            with pytest.raises(grpc.RpcError, match="NOT_FOUND"):
                call()
        listed = service.ListRuns(runs_pb2.ListRunsRequest(), metadata=mine, timeout=SECONDS)
    assert run not in {each.run for each in listed.runs}


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_sees_anothers_run_by_http(who: str, guarded: Server, annas: list[Event]) -> None:
    """404 on each route, and on the creating URL with another's cursor; the same idempotency key is another run."""
    run, headers = annas[0].run, {"authorization": f"Bearer {OTHERS[who]}"}
    with httpx.Client(base_url=guarded.http, headers=headers, timeout=SECONDS) as client:
        cursor = {"last-event-id": f"{run}.2"}
        answers = (
            client.get(f"/v1/runs/{run}"),
            client.get(f"/v1/runs/{run}/events"),
            client.post(f"/v1/runs/{run}:cancel", json={}),
            client.post("/v1/tests:generate", json=scripted("quick"), headers=cursor),
        )
        assert [answer.status_code for answer in answers] == [404] * 4
        assert run not in {each["run"] for each in client.get("/v1/runs").json()["runs"]}
        asked = scripted("quick", run_options={"idempotency_key": "mine"})
        theirs = client.post("/v1/tests:generate?alt=json", json=asked).json()
    assert (theirs["type"], theirs["run"] == run) == ("complete", False)


def test_nobody_sees_anothers_run_by_client_and_command_line(
    guarded: Server, annas: list[Event], tmp_path: Path
) -> None:
    """The Python client raises NOT_FOUND, and the command line prints it."""
    run = annas[0].run
    with Client(guarded.grpc, token=BERT) as client:
        with pytest.raises(HeadwaterError, match="RUN_NOT_FOUND"):
            list(client.watch_run(run))
        assert run not in {each.run for each in client.list_runs()}
    for command in ("show", "watch", "cancel"):
        done = command_line(tmp_path, "runs", "--server", guarded.grpc, "--token", BERT, command, run)
        assert (done.returncode, done.stdout) == (1, "")
        assert "RUN_NOT_FOUND" in done.stderr
    with Client(guarded.grpc, token=ANNA) as client:
        assert list(client.watch_run(run)) == annas
        assert run in {each.run for each in client.list_runs()}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority")


async def test_tls_is_served_on_both_faces(start: Start, authority: Authority) -> None:
    """Whoever trusts the authority gets in, by gRPC and by HTTPS; who speaks plain text does not."""
    certificate, key = authority.issue("server")
    server = start("--tls-certificate", str(certificate), "--tls-key", str(key))
    assert server.http.startswith("https://")
    async with AsyncClient(server.grpc, tls=Tls(roots=authority.path.read_bytes())) as client:
        read = [event async for event in client.generate_tests(request=message(scripted("quick")))]
    check_order(read)
    trusting = ssl.create_default_context(cafile=str(authority.path))
    with httpx.Client(base_url=server.http, verify=trusting, timeout=SECONDS) as client:
        shown = client.get(f"/v1/runs/{read[0].run}/events?alt=ndjson").text
        assert [from_object(json.loads(line)) for line in shown.splitlines()] == read
    with httpx.Client(timeout=SECONDS) as client, pytest.raises(httpx.TransportError):
        client.get(f"{server.http}/healthz")
    with httpx.Client(timeout=SECONDS) as client, pytest.raises(httpx.TransportError):
        client.get(f"{server.http.replace('https', 'http')}/healthz")


async def test_mtls_lets_in_those_whom_the_authority_signed(start: Start, authority: Authority, tmp_path: Path) -> None:
    """A client without a certificate, or with one by somebody else, is turned away at the door on both faces."""
    certificate, key = authority.issue("server")
    options = ("--tls-certificate", str(certificate), "--tls-key", str(key), "--tls-client-ca", str(authority.path))
    server = start(*options)
    other = Authority(tmp_path, "stranger")
    for name, pair, welcome in (
        ("friend", authority.issue("friend"), True),
        ("nobody", None, False),
        ("foe", other.issue("foe"), False),
    ):
        assert _gets_in_by_grpc(server, authority, pair) is welcome, name
        assert _gets_in_by_https(server, authority, pair) is welcome, name


def _gets_in_by_grpc(server: Server, authority: Authority, pair: tuple[Path, Path] | None) -> bool:
    certificate, key = (path.read_bytes() for path in pair) if pair else (None, None)
    credentials = grpc.ssl_channel_credentials(authority.path.read_bytes(), key, certificate)
    with grpc.secure_channel(server.grpc, credentials) as channel:
        service: Any = headwater_pb2_grpc.HeadwaterServiceStub(channel)
        call = service.ListRuns.future(runs_pb2.ListRunsRequest(), timeout=SECONDS)
        assert call.code() in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE)
        return call.code() is grpc.StatusCode.OK


def _gets_in_by_https(server: Server, authority: Authority, pair: tuple[Path, Path] | None) -> bool:
    context = ssl.create_default_context(cafile=str(authority.path))
    if pair:
        context.load_cert_chain(*pair)
    with httpx.Client(base_url=server.http, verify=context, timeout=SECONDS) as client:
        try:
            return client.get("/v1/runs").status_code == 200
        except httpx.TransportError:
            return False


def test_a_server_off_loopback_serves_with_a_key(start: Start) -> None:
    """With keys configured, a bind that others can reach is allowed, and calls need the key."""
    server = start("--host", "0.0.0.0", environment={"HEADWATER_API_KEYS": f"anna:{ANNA}"})
    assert httpx.get(f"{server.http}/v1/runs", timeout=SECONDS).status_code == 401
    with Client(server.grpc, api_key=ANNA) as client:
        complete = client.generate_tests(request=message(request())).complete()
    assert complete.total

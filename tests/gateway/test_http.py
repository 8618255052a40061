"""What HTTP itself asks for: routes and verbs, forms, headers, origins, and an answer to whatever is sent."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from headwater.errors import Code, problem
from tests.gateway.conftest import Bench, Start, assert_refused
from tests.gateway.desk import Run as DeskRun

CREATE = "/v1/tests:generate"
NDJSON = {"accept": "application/x-ndjson"}


def ended(run: DeskRun) -> None:
    run.add(complete={"success": True})


@pytest.fixture(autouse=True)
def short(bench: Bench) -> None:
    """Every run of these tests ends at once."""
    bench.desk.begin = ended


@pytest.mark.parametrize("path", ["/v1/test:generate", "/v1/runs/r1:stop", "/v1/runs/", "/v2", "/v1/runs/r1/events/"])
async def test_an_unknown_path_is_told_what_there_is(bench: Bench, path: str) -> None:
    error = assert_refused(await bench.http.get(path), 404, "NO_SUCH_ROUTE")
    assert "/v1/" in error["message"]
    assert (await bench.http.options(path)).status_code == 404


@pytest.mark.parametrize(
    ("verb", "path", "allow"),
    [
        ("DELETE", CREATE, "GET, HEAD, OPTIONS, POST"),
        ("POST", "/v1/runs", "GET, HEAD, OPTIONS"),
        ("GET", "/v1/runs/r1:cancel", "OPTIONS, POST"),
        ("HEAD", "/v1/runs/r1:cancel", "OPTIONS, POST"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_wrong_verb_is_told_the_right_ones(bench: Bench, verb: str, path: str, allow: str) -> None:
    answer = await bench.http.request(verb, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


@pytest.mark.parametrize(
    ("accept", "alt", "form"),
    [
        (None, "", "text/event-stream"),
        ("*/*", "", "text/event-stream"),
        ("text/*", "", "text/event-stream"),
        ("application/*", "", "application/x-ndjson"),
        ("application/json", "", "application/json"),
        ("application/json, text/plain, */*", "", "application/json"),
        ("text/event-stream;q=0.1, application/x-ndjson;q=0.9", "", "application/x-ndjson"),
        ("*/*;q=0.5, application/json;q=0", "", "text/event-stream"),
        ("application/jsonl", "", "application/x-ndjson"),
        ("text/html, */*;q=0.1", "", "text/event-stream"),
        ("text/event-stream", "?alt=json", "application/json"),
        ("text/html", "?alt=ndjson", "application/x-ndjson"),
    ],
)
async def test_the_form_is_negotiated(bench: Bench, accept: str | None, alt: str, form: str) -> None:
    """By quality, then by how exactly it was named; `alt` goes before the header."""
    request = bench.http.build_request("GET", f"{CREATE}{alt}")
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    answer = await bench.http.send(request)
    assert answer.headers["content-type"].partition(";")[0] == form


async def test_a_form_that_does_not_exist_is_refused(bench: Bench) -> None:
    """A single answer has one form only; nothing is started for a reader who could not read it."""
    assert_refused(await bench.http.get(CREATE, headers={"accept": "text/html"}), 406, "NOT_ACCEPTABLE")
    assert_refused(await bench.http.get(CREATE, headers={"accept": "*/*;q=0"}), 406, "NOT_ACCEPTABLE")
    assert_refused(await bench.http.get("/v1/runs", headers={"accept": "text/event-stream"}), 406, "NOT_ACCEPTABLE")
    assert_refused(await bench.http.get("/v1/runs?alt=sse"), 406, "NOT_ACCEPTABLE")
    assert_refused(await bench.http.get(f"{CREATE}?alt=xml"), 400, "UNKNOWN_ALT")
    assert not bench.desk.opened


async def test_credentials_reach_the_dispatcher_and_nothing_else(bench: Bench) -> None:
    """From the header, the API key or the query, and not into any answer."""
    await bench.http.get("/v1/runs", headers={"authorization": "Bearer abc"})
    await bench.http.get("/v1/runs", headers={"x-api-key": "k"})
    answer = await bench.http.get("/v1/runs?%74oken=hush%20hush&nope=1")
    await bench.http.get("/v1/runs?token=s")
    found = [(each.authorization, each.token) for each in bench.desk.credentials]
    assert found == [("Bearer abc", ""), ("ApiKey k", ""), ("", "s")]
    assert all(each.peer.startswith("127.0.0.1:") for each in bench.desk.credentials)
    assert "hush" not in answer.text
    bench.desk.refusal = problem(Code.UNAUTHENTICATED, "NO_CREDENTIALS", "Who are you?")
    refused = await bench.http.get("/v1/runs")
    assert_refused(refused, 401, "NO_CREDENTIALS")
    assert refused.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (Code.CANCELLED, 499),
        (Code.UNKNOWN, 500),
        (Code.INVALID_ARGUMENT, 400),
        (Code.DEADLINE_EXCEEDED, 504),
        (Code.NOT_FOUND, 404),
        (Code.ALREADY_EXISTS, 409),
        (Code.PERMISSION_DENIED, 403),
        (Code.UNAUTHENTICATED, 401),
        (Code.RESOURCE_EXHAUSTED, 429),
        (Code.FAILED_PRECONDITION, 400),
        (Code.ABORTED, 409),
        (Code.OUT_OF_RANGE, 400),
        (Code.UNIMPLEMENTED, 501),
        (Code.INTERNAL, 500),
        (Code.UNAVAILABLE, 503),
        (Code.DATA_LOSS, 500),
    ],
)
async def test_every_code_has_its_status(bench: Bench, code: Code, status: int) -> None:
    bench.desk.refusal = problem(code, "WHY", "So.")
    error = assert_refused(await bench.http.get("/v1/runs"), status, "WHY")
    assert error["status"] == code.name
    assert bench.count("http_requests_total", method="get", code=status) == 1


async def test_headers_say_what_the_request_leaves_open(bench: Bench) -> None:
    """The idempotency key and the deadline of a run; what stands in the request goes before."""
    headers = {**NDJSON, "idempotency-key": "k1", "grpc-timeout": "1500m"}
    await bench.http.post(CREATE, json={}, headers=headers)
    assert bench.desk.request()["run_options"] == {"idempotency_key": "k1", "deadline": "1.500s"}
    body = {"run_options": {"idempotency_key": "k0", "deadline": "9s"}}
    await bench.http.post(CREATE, json=body, headers=headers)
    assert bench.desk.request()["run_options"] == {"idempotency_key": "k0", "deadline": "9s"}
    await bench.http.post(CREATE, json={}, headers={**NDJSON, "request-timeout": "2.5"})
    assert bench.desk.request()["run_options"] == {"deadline": "2.500s"}
    for name, value in [("grpc-timeout", "5"), ("grpc-timeout", "123456789S"), ("request-timeout", "-1")]:
        assert_refused(await bench.http.post(CREATE, json={}, headers={name: value}), 400, "BAD_TIMEOUT")


async def test_a_request_id_is_kept_or_made(bench: Bench) -> None:
    assert (await bench.http.get("/healthz", headers={"x-request-id": "abc-1"})).headers["x-request-id"] == "abc-1"
    made = [(await bench.http.get("/healthz", headers={"x-request-id": "a b"})).headers["x-request-id"] for _ in "12"]
    assert made[0] != made[1]
    assert all(len(each) == 16 for each in made)


async def test_pages_of_allowed_origins_may_read(start: Start) -> None:
    """An origin that is not listed gets no leave, nor does one that looks alike."""
    bench: Bench = await start(cors_origins=("https://app.test",))
    ask = {"access-control-request-method": "POST", "access-control-request-headers": "last-event-id"}
    allowed = await bench.http.options(CREATE, headers={**ask, "origin": "https://app.test"})
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "https://app.test"
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert "Last-Event-ID" in allowed.headers["access-control-allow-headers"]
    assert allowed.headers["access-control-max-age"] == "7200"
    other = await bench.http.options(CREATE, headers={**ask, "origin": "https://app.test.evil"})
    assert not [name for name in other.headers if name.startswith("access-control")]
    assert other.headers["vary"] == "Origin"
    refused = await bench.http.get("/v1/nope", headers={"origin": "https://app.test"})
    assert refused.headers["access-control-allow-origin"] == "https://app.test"
    assert "Retry-After" in refused.headers["access-control-expose-headers"]


async def test_a_strange_site_starts_nothing(bench: Bench, start: Start) -> None:
    """The URL of an image must not start a run on a developer's machine, though nobody could read the answer."""
    image = {"sec-fetch-site": "cross-site"}
    for headers in (image, {"origin": "https://evil.test"}, {"origin": "null"}):
        assert_refused(await bench.http.get(CREATE, headers=headers), 403, "STRANGE_ORIGIN")
        assert_refused(await bench.http.post("/v1/runs/r1:cancel", headers=headers), 403, "STRANGE_ORIGIN")
    assert not bench.desk.opened
    own = {"origin": f"http://127.0.0.1:{bench.port}", "sec-fetch-site": "same-origin"}
    assert (await bench.http.get(CREATE, headers=own)).status_code == 200
    open_to_all: Bench = await start(cors_origins=("*",))
    open_to_all.desk.begin = ended
    answer = await open_to_all.http.get(CREATE, headers={"origin": "https://any.test"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")


async def test_a_page_of_the_server_itself_is_known_behind_a_proxy(bench: Bench) -> None:
    """Where the proxy changed the Host, the browser still says who asks; a neighbour on another port is a stranger."""
    page = {"origin": "https://public.test"}
    assert (await bench.http.get(CREATE, headers={**page, "sec-fetch-site": "same-origin"})).status_code == 200
    assert (await bench.http.get(CREATE, headers={"sec-fetch-site": "none"})).status_code == 200
    neighbour = await bench.http.get(CREATE, headers={"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"})
    assert_refused(neighbour, 403, "STRANGE_ORIGIN")


async def test_head_is_the_answer_without_its_body(bench: Bench) -> None:
    get, head = await bench.http.get("/v1/runs"), await bench.http.head("/v1/runs")
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]
    missing: httpx.Response = await bench.http.head("/v1/nope")
    assert (missing.status_code, missing.content) == (404, b"")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /v1/tests:generate HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /v1/tests:generate HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_harms_nobody(bench: Bench, garbage: bytes) -> None:
    async with bench.raw(garbage) as (reader, _):
        assert (await asyncio.wait_for(reader.read(), 20)).startswith(b"HTTP/1.1 400 ")
    assert (await bench.http.get("/healthz")).status_code == 200


async def test_a_head_without_end_is_refused(start: Start) -> None:
    """By its size and by its time: neither holds memory or a connection."""
    narrow: Bench = await start(max_head_bytes=10_000)
    async with narrow.raw(b"GET / HTTP/1.1\r\nx: " + b"y" * 20_000) as (reader, _):
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 431 ")
    bench: Bench = await start(request_seconds=1.0)
    async with bench.raw(b"GET / HTTP/1.1\r\nx: ") as (reader, _):
        assert await asyncio.wait_for(reader.read(), 20) == b""
    async with bench.raw(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nx: ") as (reader, _):
        assert (await asyncio.wait_for(reader.read(), 20)).count(b"HTTP/1.1") == 1

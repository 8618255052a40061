"""A request is read as its route says, and every malformed one is refused with the name of what is wrong."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import replace
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.errors import Code, Problem
from headwater.gateway.decode import fill, parse_json
from headwater.gateway.transcode import Routes, read_request
from headwater.methods import Binding, Kind
from headwater.v1.generate_tests_pb2 import GenerateTestsRequest
from headwater.v1.runs_pb2 import ListRunsResponse, Run
from tests.gateway.conftest import Bench, Start, assert_refused, fields_of
from tests.gateway.desk import Run as DeskRun
from tests.gateway.desk import methods

CREATE = "/v1/tests:generate"
NDJSON = {"accept": "application/x-ndjson"}


def ended(run: DeskRun) -> None:
    run.add(complete={"success": True})


@pytest.fixture(autouse=True)
def short(bench: Bench) -> None:
    """Every run of these tests ends at once."""
    bench.desk.begin = ended


async def test_a_body_fills_the_request(bench: Bench) -> None:
    """By proto names and by camelCase, with every kind of field; null is as if it were left out."""
    body = {
        "source": {"path": "cart.py", "content": "", "files": [{"path": "a.py", "content": "eD0x"}]},
        "target": {"symbols": ["Cart.total", "parse"], "lineStart": 3},
        "coverage_target": 80,
        "seed": "7",
        "limits": {"budget": "1.5s", "max_attempts": 0},
        "run_options": {"on_disconnect": "ON_DISCONNECT_DETACH"},
        "model": None,
    }
    assert (await bench.http.post(CREATE, json=body, headers=NDJSON)).status_code == 200
    assert bench.desk.request() == {
        "source": {"path": "cart.py", "content": "", "files": [{"path": "a.py", "content": "eD0x"}]},
        "target": {"symbols": ["Cart.total", "parse"], "line_start": 3},
        "coverage_target": 80.0,
        "seed": 7,
        "limits": {"budget": "1.500s", "max_attempts": 0},
        "run_options": {"on_disconnect": "ON_DISCONNECT_DETACH"},
    }


@pytest.mark.parametrize("given", ["ON_DISCONNECT_DETACH", "detach", "Detach", "DETACH", 2])
async def test_a_choice_is_named_by_its_own_part(bench: Bench, given: object) -> None:
    """What all values of an enum begin with need not be written; the whole name and the number hold as well."""
    body = {"source": {"path": "cart.py"}, "run_options": {"on_disconnect": given}}
    assert (await bench.http.post(CREATE, json=body, headers=NDJSON)).status_code == 200
    assert bench.desk.request()["run_options"] == {"on_disconnect": "ON_DISCONNECT_DETACH"}


async def test_a_choice_that_there_is_not_is_told_the_others(bench: Bench) -> None:
    """By the names that may be written."""
    answer = await bench.http.post(CREATE, json={"run_options": {"on_disconnect": "vanish"}}, headers=NDJSON)
    assert "expected one of cancel, detach, got another text" in answer.json()["error"]["message"]


async def test_a_query_fills_the_request(bench: Bench) -> None:
    """By dotted paths; a repeated field is given more than once; the gateway's own parameters are no fields."""
    pairs = [
        ("source.content", "def f(): return 'ü'\n"),
        ("target.symbols", "f"),
        ("target.symbols", "g"),
        ("limits.budget", "2s"),
        ("seed", "7"),
        ("coverage_target", "80.5"),
        ("run_options.on_disconnect", "1"),
        ("alt", "ndjson"),
        ("errors", "inband"),
        ("token", "secret"),
    ]
    assert (await bench.http.get(CREATE, params=pairs)).status_code == 200
    assert bench.desk.request() == {
        "source": {"content": "def f(): return 'ü'\n"},
        "target": {"symbols": ["f", "g"]},
        "limits": {"budget": "2s"},
        "seed": 7,
        "coverage_target": 80.5,
        "run_options": {"on_disconnect": "ON_DISCONNECT_CANCEL"},
    }


async def test_a_path_fills_the_request(bench: Bench) -> None:
    """Also of a custom method, and percent-encoded."""
    bench.desk.answers = {"CancelRun": Run(run="r 1"), "GetRun": Run(run="r 1")}
    assert (await bench.http.post("/v1/runs/r%201:cancel", json={"reason": "why"})).json()["run"] == "r 1"
    assert (await bench.http.get("/v1/runs/r%2F1")).status_code == 200
    name, cancel = bench.desk.asked[0]
    assert (name, cancel.run, cancel.reason) == ("CancelRun", "r 1", "why")
    assert bench.desk.asked[1][1].run == "r/1"


async def test_an_answer_is_protojson_with_its_defaults(bench: Bench) -> None:
    bench.desk.answers = {"ListRuns": ListRunsResponse(runs=[Run(run="r1", method="GenerateTests")])}
    answer = await bench.http.get("/v1/runs?page_size=5&state=RUN_STATE_RUNNING")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["runs"][0] == {
        "run": "r1",
        "method": "GenerateTests",
        "state": "RUN_STATE_UNSPECIFIED",
        "last_sequence": 0,
        "first_sequence": 0,
        "attempt": 0,
    }
    assert answer.json()["next_page_token"] == ""


BAD_BODIES: list[tuple[Any, str]] = [
    ({"sauce": {}}, "sauce"),
    ({"source": {"contents": "x"}}, "source.contents"),
    ({"source": "x"}, "source"),
    ({"source": []}, "source"),
    ({"source": {"files": {}}}, "source.files"),
    ({"source": {"files": [{"path": "a"}, {"path": 5}]}}, "source.files[1].path"),
    ({"source": {"files": [None]}}, "source.files[0]"),
    ({"source": {"archive": "not base64!"}}, "source.archive"),
    ({"target": {"symbols": ["a", 1]}}, "target.symbols[1]"),
    ({"target": {"symbols": ["a", None]}}, "target.symbols[1]"),
    ({"target": {"symbols": 7}}, "target.symbols"),
    ({"source": {"files": "a"}}, "source.files"),
    ({"target": {"line_start": 1.5}}, "target.line_start"),
    ({"target": {"line_start": 2**40}}, "target.line_start"),
    ({"target": {"line_start": True}}, "target.line_start"),
    ({"target": {"line_start": 1, "lineStart": 2}}, "target.lineStart"),
    ({"seed": -1}, "seed"),
    ({"coverage_target": "much"}, "coverage_target"),
    ({"limits": {"budget": "soon"}}, "limits.budget"),
    ({"limits": {"budget": 5}}, "limits.budget"),
    ({"run_options": {"on_disconnect": "STAY"}}, "run_options.on_disconnect"),
    ({"run_options": {"on_disconnect": 1.7}}, "run_options.on_disconnect"),
    ([], "body"),
    ("text", "body"),
    (None, "body"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES, ids=[field for _, field in BAD_BODIES])
async def test_an_unusable_field_is_named_by_its_path(bench: Bench, body: Any, field: str) -> None:
    """With what would do; no run is started."""
    answer = await bench.http.post(CREATE, content=orjson.dumps(body), headers={"content-type": "application/json"})
    error = assert_refused(answer, 400, "BAD_REQUEST")
    assert list(fields_of(error)) == [field]
    assert error["message"].startswith(f"{field}: ")
    assert not bench.desk.opened


async def test_all_unusable_fields_are_named_at_once(bench: Bench) -> None:
    """So that a caller need not find them one by one."""
    body = {"sauce": 1, "seed": "x", "target": {"symbols": [1, "a", 2]}}
    error = assert_refused(await bench.http.post(CREATE, json=body), 400, "BAD_REQUEST")
    assert list(fields_of(error)) == ["sauce", "seed", "target.symbols[0]", "target.symbols[2]"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sauce=1", "sauce"),
        ("source.contents=x", "source.contents"),
        ("source.content.x=1", "source.content.x"),
        ("source=x", "source"),
        ("source.files=x", "source.files"),
        ("source.files.path=x", "source.files.path"),
        ("seed=1&seed=2", "seed"),
        ("seed=x", "seed"),
        ("run_options.on_disconnect=STAY", "run_options.on_disconnect"),
        ("=1", ""),
        ("a..b=1", "a..b"),
    ],
)
async def test_an_unusable_parameter_is_named(bench: Bench, query: str, field: str) -> None:
    error = assert_refused(await bench.http.get(f"{CREATE}?{query}"), 400, "BAD_REQUEST")
    assert list(fields_of(error)) == [field]


async def test_fields_of_a_body_are_not_taken_from_the_query(bench: Bench) -> None:
    error = assert_refused(await bench.http.post(f"{CREATE}?seed=1", json={}), 400, "BAD_REQUEST")
    assert fields_of(error) == {"seed": "belongs into the body here"}


async def test_very_many_unusable_fields_make_no_large_answer(bench: Bench) -> None:
    body = {f"x{number}": 1 for number in range(5000)}
    error = assert_refused(await bench.http.post(CREATE, json=body), 400, "BAD_REQUEST")
    assert len(fields_of(error)) == 50
    assert "4999 more" in error["message"]


@pytest.mark.parametrize("text", ["-_8", "-_8=", "+/8=", "+/8"])
async def test_bytes_are_base64_of_either_alphabet(bench: Bench, text: str) -> None:
    """Padded or not, as ProtoJSON says."""
    assert (await bench.http.post(CREATE, json={"source": {"archive": text}}, headers=NDJSON)).status_code == 200
    assert bench.desk.opened[-1][1].source.archive == b"\xfb\xff"


async def test_a_large_archive_arrives_whole(bench: Bench) -> None:
    """It is read beside the event loop, in pieces."""
    archive = bytes(range(256)) * 12_000 + b"end"
    body = {"source": {"archive": b64encode(archive).decode()}}
    assert (await bench.http.post(CREATE, json=body, headers=NDJSON)).status_code == 200
    assert bench.desk.opened[-1][1].source.archive == archive


def test_a_body_may_be_one_field_and_a_path_many_segments() -> None:
    """As google.api.http says; the rest comes from the query."""
    job = methods()["GenerateTests"]
    field = Binding(verb="POST", pattern="/v1/{language}/source", body="source")
    deep = Binding(verb="GET", pattern="/v1/of/{model}/{source.path=**}:test", body="")
    routes = Routes([replace(job, kind=Kind.QUERY, bindings=(field, deep))])
    route, variables = routes.find("POST", "/v1/python/source")
    request = read_request(route, variables, [("seed", "3")], b'{"path": "a.py"}', "")
    assert (request.language, request.source.path, request.seed) == ("python", "a.py", 3)
    route, variables = routes.find("GET", "/v1/of/x/shop/cart%20a.py:test")
    request = read_request(route, variables, [], b"", "")
    assert (request.model, request.source.path) == ("x", "shop/cart a.py")
    with pytest.raises(Problem) as refused:
        read_request(routes.find("POST", "/v1/python/source")[0], {}, [], b'{"file": "a.py"}', "")
    assert refused.value.violations[0].field == "source.file"


def test_a_field_named_like_a_parameter_of_the_gateway_stops_the_start() -> None:
    """Else its value would be taken for the gateway's, and nobody would know."""
    watch = methods()["WatchRun"]
    with pytest.raises(RuntimeError, match="'after'"):
        Routes([replace(watch, kind=Kind.JOB)])


async def test_a_secret_in_a_wrong_place_is_not_repeated(bench: Bench) -> None:
    """A text that does not fit may be a key that was pasted into the wrong field."""
    answer = await bench.http.post(CREATE, json={"seed": "sk-secret", "source": "sk-secret"})
    assert_refused(answer, 400, "BAD_REQUEST")
    assert "sk-secret" not in answer.text


@pytest.mark.parametrize(
    ("body", "reason", "told"),
    [
        (b'{"seed": 1,\n "model" 2}', "BODY_NOT_JSON", "line 2, column"),
        (b'{"seed": ', "BODY_NOT_JSON", "line 1"),
        (b'{"seed": NaN}', "BODY_NOT_JSON", "line 1"),
        (b'{"model": "\\ud800"}', "BODY_NOT_JSON", "line 1"),
        (b'{"model": "\xff"}', "BODY_NOT_UTF8", "byte 11"),
        (b"[" * 5000, "BODY_NOT_JSON", "line 1"),
    ],
)
async def test_a_broken_body_is_told_where(bench: Bench, body: bytes, reason: str, told: str) -> None:
    answer = await bench.http.post(CREATE, content=body, headers={"content-type": "application/json"})
    assert told in assert_refused(answer, 400, reason)["message"]


@pytest.mark.parametrize("body", [b"", b" \n", b"{}"])
async def test_an_empty_body_is_an_empty_request(bench: Bench, body: bytes) -> None:
    assert (await bench.http.post(CREATE, content=body, headers=NDJSON)).status_code == 200
    assert bench.desk.request() == {}


@pytest.mark.parametrize(
    ("content_type", "encoding", "reason"),
    [
        ("multipart/mixed", "", "NOT_JSON"),
        ("text/plain", "", "NOT_JSON"),
        ("application/json; charset=latin-1", "", "NOT_JSON"),
        ("application/json", "gzip", "BODY_ENCODED"),
    ],
)
async def test_only_plain_json_is_read(bench: Bench, content_type: str, encoding: str, reason: str) -> None:
    headers = {"content-type": content_type, **({"content-encoding": encoding} if encoding else {})}
    assert_refused(await bench.http.post(CREATE, content=b"{}", headers=headers), 415, reason)
    fine = {"content-type": 'Application/JSON; charset="UTF-8"', **NDJSON}
    assert (await bench.http.post(CREATE, content=b"{}", headers=fine)).status_code == 200


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([field.name for field in GenerateTestsRequest.DESCRIPTOR.fields])
                | st.sampled_from(["path", "content", "files", "symbols", "line_start", "budget", "onDisconnect", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """No input makes the reader fail in another way; what it takes, the library takes as the same.

    A lone text where a list of texts is due is a list of one to the reader, which the library does not know.
    """
    try:
        parsed = parse_json(orjson.dumps(value))
    except (Problem, TypeError):  # numbers beyond 64 bits are no JSON for orjson
        return
    request = GenerateTestsRequest()
    if not fill(request, parsed):
        assert json_format.ParseDict(with_lists(parsed), GenerateTestsRequest()) == request


def with_lists(value: Any) -> Any:
    """Returns a request in which lone texts of lists of texts stand in lists."""
    if not isinstance(value, dict):
        return value
    listed = {"provider", "symbols"}
    return {
        name: [each] if name in listed and isinstance(each, str) else with_lists(each) for name, each in value.items()
    }


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but a Problem is ever raised, and it is the caller's."""
    try:
        parsed = parse_json(body)
    except Problem as refusal:
        code = refusal.code
    else:
        fill(GenerateTestsRequest(), parsed)
        code = Code.INVALID_ARGUMENT
    assert code is Code.INVALID_ARGUMENT


async def test_a_body_that_is_too_large_is_refused_and_not_read(start: Start) -> None:
    """Whether it says so beforehand or not; the refusal arrives, and the connection is closed."""
    bench: Bench = await start(max_body_bytes=1000)
    told = await bench.http.post(CREATE, content=b"x" * 1001)
    assert_refused(told, 413, "BODY_TOO_LARGE")
    assert told.headers["connection"] == "close"

    async def parts() -> Any:
        for _ in range(100):
            yield b" " * 1000

    assert_refused(await bench.http.post(CREATE, content=parts()), 413, "BODY_TOO_LARGE")
    huge = f"POST {CREATE} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {10**12}\r\n\r\n"
    async with bench.raw(huge.encode()) as (reader, _):
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_does_not_come_is_refused(start: Start) -> None:
    bench: Bench = await start(request_seconds=1.0, linger_seconds=0.1)
    request = f"POST {CREATE} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{{"
    async with bench.raw(request.encode()) as (reader, _):
        assert (await asyncio.wait_for(reader.read(), 20)).startswith(b"HTTP/1.1 408 ")


async def test_a_query_that_is_too_long_is_refused(start: Start) -> None:
    bench: Bench = await start(max_query_bytes=100)
    assert_refused(await bench.http.get(f"{CREATE}?source.content={'x' * 100}"), 414, "QUERY_TOO_LONG")


@pytest.mark.parametrize("path", [f"{CREATE}?source.content=%ff", "/v1/runs/%ff"])
async def test_what_is_not_utf8_is_refused(bench: Bench, path: str) -> None:
    answer = await bench.http.get(path)
    assert answer.json()["error"]["details"][0]["reason"] in {"QUERY_NOT_UTF8", "PATH_NOT_UTF8"}
    assert answer.status_code == 400

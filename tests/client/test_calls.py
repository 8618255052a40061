"""Calls: what is sent, what comes back, and how a refusal reads."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2

from headwater.errors import Code, Problem, Violation
from headwater.status import status_of
from headwater.v1 import generate_tests_pb2, runs_pb2
from headwater_client import AsyncClient, Client, HeadwaterError, Tls
from headwater_client.errors import from_status
from headwater_client.request import generate_tests_request

from .service import RUN, Service, refuses

Connect = Callable[..., AsyncClient]


async def test_runs_are_asked_for_and_cancelled(service: Service, connect: Connect) -> None:
    """`get_run` and `cancel_run` return the run as the server sends it."""
    client = connect()
    assert (await client.get_run(RUN)).state == runs_pb2.RUN_STATE_RUNNING
    assert (await client.cancel_run(RUN, "enough")).state == runs_pb2.RUN_STATE_CANCELLED
    assert service.requests[-1] == runs_pb2.CancelRunRequest(run=RUN, reason="enough")


async def test_runs_are_listed_over_all_pages(service: Service, connect: Connect) -> None:
    """`list_runs` asks for the next page when the one before is used up, with the same filter."""
    listed = [run.run async for run in connect().list_runs(state="failed", method="GenerateTests")]
    assert listed == [run.run for run in service.runs]
    assert service.requests == [
        runs_pb2.ListRunsRequest(page_token=token, state=runs_pb2.RUN_STATE_FAILED, method="GenerateTests")
        for token in ("", "2", "4")
    ]


async def test_credentials_go_with_every_call(service: Service, connect: Connect) -> None:
    """A token is sent as a bearer token, an API key as `x-api-key`, on streams and plain calls."""
    client = connect(token="t0ken", api_key="k3y")
    await client.get_run(RUN)
    await client.generate_tests(source="x = 1\n").complete()
    for metadata in service.metadata:
        assert metadata["authorization"] == "Bearer t0ken"
        assert metadata["x-api-key"] == "k3y"
    assert len(service.metadata) == 2


async def test_a_refusal_carries_every_detail(service: Service, connect: Connect) -> None:
    """Code, reason, message, remedy, violations, retry delay and metadata are read from the status' details."""
    violation = error_details_pb2.BadRequest.FieldViolation(field="source.path", description="no such file")
    service.script = [
        refuses(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "QUEUE_FULL",
            "The queue is full.",
            "Come back later.",
            error_details_pb2.BadRequest(field_violations=[violation]),
            error_details_pb2.RetryInfo(retry_delay=Duration(seconds=2, nanos=500_000_000)),
        )
    ]
    with pytest.raises(HeadwaterError) as caught:
        await connect().generate_tests(source="x = 1\n").complete()
    error = caught.value
    assert (error.code, error.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
    assert (error.message, error.remedy) == ("The queue is full.", "Come back later.")
    assert [(each.field, each.description) for each in error.violations] == [("source.path", "no such file")]
    assert error.retry_after_seconds == 2.5
    assert error.metadata == {"run": "x"}
    assert error.retryable


async def test_a_refused_plain_call_is_the_same_error(connect: Connect) -> None:
    """Plain calls raise what streams raise."""
    with pytest.raises(HeadwaterError, match=r"NOT_FOUND \(RUN_NOT_FOUND\): There is no such run. List the runs."):
        await connect().get_run("another")


@pytest.mark.parametrize("retry_after", [None, 1.25])
def test_the_service_s_problems_are_read_back_whole(retry_after: float | None) -> None:
    """What the service says by `status_of` is what the client's error says."""
    problem = Problem(
        Code.INVALID_ARGUMENT,
        "PATH_INVALID",
        "The path is absolute.",
        "Make it relative.",
        violations=(Violation(field="source.path", description="absolute"),),
        retry_after_seconds=retry_after,
        metadata={"path": "/x"},
    )
    error = from_status(status_of(problem))
    assert error.code.value[0] == problem.code
    assert (error.reason, error.message, error.remedy) == (problem.reason, problem.message, problem.remedy)
    assert [(each.field, each.description) for each in error.violations] == [("source.path", "absolute")]
    assert error.retry_after_seconds == retry_after
    assert error.metadata == problem.metadata


def test_every_field_of_the_request_has_a_keyword() -> None:
    """Each keyword lands in its field."""
    made = generate_tests_request(
        "x = 1\n",
        None,
        {
            "path": "a.py",
            "files": {"b.py": "y = 2\n", "c.bin": b"\x00"},
            "archive": b"zip",
            "root": "/srv/code",
            "python": "/srv/code/.venv/bin/python",
            "symbols": ["f", "C.m"],
            "lines": (3, 9),
            "covered": {"executed_lines": [1, 3], "executed_branches": [[3, 4], [3, -1]], "summary": {}},
            "framework": "pytest",
            "test_type": "unit",
            "language": "python",
            "target_count": 4,
            "coverage_target": 80.5,
            "provider": "embedded",
            "model": "m",
            "seed": 7,
            "budget": 1.5,
            "test_timeout": 2,
            "max_attempts": 0,
            "executions": 5000,
            "idempotency_key": "key",
            "on_disconnect": "detach",
            "detach_grace": 30,
            "deadline": 60,
        },
    )
    source = made.source
    assert (source.content, source.path, source.archive, source.root) == ("x = 1\n", "a.py", b"zip", "/srv/code")
    assert source.python == "/srv/code/.venv/bin/python"
    assert {each.path: each.content for each in source.files} == {"b.py": b"y = 2\n", "c.bin": b"\x00"}
    assert (list(made.target.symbols), made.target.line_start, made.target.line_end) == (["f", "C.m"], 3, 9)
    assert (list(made.covered.lines), [(each.from_line, each.to_line) for each in made.covered.branches]) == (
        [1, 3],
        [(3, 4), (3, -1)],
    )
    assert (made.framework, made.test_type, made.language) == ("pytest", "unit", "python")
    assert (made.target_count, made.coverage_target, list(made.provider), made.model, made.seed) == (
        4,
        80.5,
        ["embedded"],
        "m",
        7,
    )
    assert made.limits.budget.ToTimedelta() == timedelta(seconds=1.5)
    assert made.limits.test_timeout.ToTimedelta() == timedelta(seconds=2)
    assert made.limits.HasField("max_attempts")
    assert made.limits.executions == 5000
    assert made.run_options.idempotency_key == "key"
    assert made.run_options.on_disconnect == runs_pb2.ON_DISCONNECT_DETACH
    assert made.run_options.detach_grace.ToTimedelta() == timedelta(seconds=30)
    assert made.run_options.deadline.ToTimedelta() == timedelta(seconds=60)


def test_what_is_not_said_is_left_to_the_server() -> None:
    """No keyword, no field: absent parts of the request stay absent."""
    assert generate_tests_request(None, None, {}) == generate_tests_pb2.GenerateTestsRequest()
    only_content = generate_tests_request("", None, {})
    assert only_content.source.HasField("content")
    assert not only_content.HasField("target")


def test_what_tests_execute_may_come_as_a_message() -> None:
    """As the field itself has it; that nothing is executed is something else than not to say."""
    covered = generate_tests_pb2.Covered(lines=[1])
    assert generate_tests_request(None, None, {"covered": covered}).covered == covered
    assert generate_tests_request(None, None, {"covered": {"executed_lines": []}}).HasField("covered")


def test_keywords_override_a_whole_request() -> None:
    """A given request is copied, not changed."""
    base = generate_tests_pb2.GenerateTestsRequest(seed=1, provider=["embedded"])
    made = generate_tests_request(None, base, {"seed": 2, "lines": 5})
    assert (made.seed, list(made.provider), made.target.line_start, made.target.line_end) == (2, ["embedded"], 5, 0)
    assert base == generate_tests_pb2.GenerateTestsRequest(seed=1, provider=["embedded"])


def test_a_keyword_that_is_no_field_is_a_mistake_in_the_call() -> None:
    """As everywhere in Python, it is a TypeError."""
    with pytest.raises(TypeError, match="sauce"):
        generate_tests_request(None, None, {"sauce": 1})  # type: ignore[typeddict-unknown-key]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("budget", float("nan"), "seconds"),
        ("budget", float("inf"), "seconds"),
        ("budget", 1e300, "seconds"),
        ("budget", -1, "negative"),
        ("budget", "ten", "seconds"),
        ("seed", -1, "from 0 to 4294967295"),
        ("seed", 2**32, "from 0 to 4294967295"),
        ("seed", "one", "whole number"),
        ("target_count", 2**31, "whole number"),
        ("target_count", "many", "'many'"),
        ("coverage_target", "all", "number"),
        ("source", b"\xff", "text of the code"),
        ("source", Path("cart.py"), "text of the code"),
        ("source", "\ud800", "text of the code"),
        ("path", 5, "text"),
        ("archive", "zip", "bytes"),
        ("files", ["a.py"], "mapping"),
        ("covered", 3, "coverage json"),
        ("covered", {"missing_lines": [1]}, "executed_lines"),
        ("covered", {"executed_lines": ["one"]}, "coverage json"),
        ("covered", {"executed_lines": [1], "executed_branches": [[1, 2, 3]]}, "coverage json"),
        ("files", {"a.py": 5}, "mapping"),
        ("symbols", "f", "sequence of names"),
        ("lines", 0, "count from 1"),
        ("lines", (1, 2, 3), "first and the last"),
        ("provider", 5, "sequence of names"),
        ("on_disconnect", "linger", "cancel, detach"),
        ("request", 5, "GenerateTestsRequest"),
    ],
)
def test_an_unusable_argument_is_refused_before_anything_is_sent(name: str, value: Any, says: str) -> None:
    """The error is the client's own, with the field and what would do; there is no server at all."""
    with Client("127.0.0.1:1") as client, pytest.raises(HeadwaterError, match=re.escape(says)) as caught:
        client.generate_tests(**{name: value})
    error = caught.value
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ARGUMENT_INVALID")
    assert [each.field for each in error.violations] == [name]
    assert error.remedy


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("after", lambda: Client().watch_run("x", "y")),  # type: ignore[arg-type]
        ("run", lambda: Client().get_run(5)),  # type: ignore[arg-type]
        ("reason", lambda: Client().cancel_run("x", 5)),  # type: ignore[arg-type]
        ("page_size", lambda: list(Client().list_runs(page_size=2**31))),
        ("state", lambda: list(Client().list_runs(state="gone"))),  # type: ignore[arg-type]
        ("provider", lambda: Client().list_providers(5)),  # type: ignore[arg-type]
        ("target", lambda: Client("")),
        ("timeout", lambda: Client(timeout=-1)),
        ("token", lambda: Client(token="secret\n")),
        ("api_key", lambda: Client(api_key="schlüssel")),
    ],
)
def test_every_call_refuses_what_it_cannot_send(field: str, call: Callable[[], Any]) -> None:
    """Also what gRPC would stumble over; a credential is not repeated."""
    with pytest.raises(HeadwaterError) as caught:
        call()
    assert caught.value.reason == "ARGUMENT_INVALID"
    assert [each.field for each in caught.value.violations] == [field]
    assert not {"secret", "schlüssel"} & set(re.findall(r"\w+", str(caught.value)))


async def test_nobody_who_answers_is_told_as_such(connect: Connect, service: Service) -> None:
    """A server that is not there is named as the cause, with what to look at."""
    await service.stop()
    with pytest.raises(HeadwaterError, match=r"The server did not answer: ipv4:.*gRPC port.*TLS") as caught:
        await connect().get_run(RUN)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


async def test_tls_is_spoken_with_the_given_authority(tmp_path: Path) -> None:
    """With `tls=Tls(roots=…)` the client trusts that authority; without it, it refuses the server."""
    made = await asyncio.create_subprocess_exec(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=headwater.test"),
        *("-addext", "subjectAltName=DNS:headwater.test", "-keyout", "key.pem", "-out", "cert.pem"),
        cwd=tmp_path,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if await made.wait():
        pytest.skip("openssl cannot make a certificate here")
    key, certificate = (tmp_path / "key.pem").read_bytes(), (tmp_path / "cert.pem").read_bytes()
    service = Service()
    await service.start(grpc.ssl_server_credentials([(key, certificate)]))
    try:
        async with AsyncClient(service.target, tls=Tls(roots=certificate, server_name="headwater.test")) as client:
            assert (await client.get_run(RUN)).run == RUN
        async with AsyncClient(service.target, tls=True, max_resume_seconds=0) as client:
            with pytest.raises(HeadwaterError) as caught:
                await client.get_run(RUN)
        assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    finally:
        await service.stop()


def test_the_client_needs_the_stubs_only() -> None:
    """Importing the client imports nothing of Headwater but the stubs, and none of the service's packages."""
    code = "import sys, headwater_client; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    modules = run.stdout.split()
    ours = {name for name in modules if name.partition(".")[0] == "headwater"}
    assert {name for name in ours if name not in {"headwater", "headwater.v1"}} == {
        name for name in ours if name.startswith("headwater.v1.")
    }
    third = {name.partition(".")[0] for name in modules} & {"pydantic", "structlog", "rich", "orjson", "grpc_status"}
    assert third == set()


def test_an_unfinished_client_does_not_hold_the_program_up() -> None:
    """A program that forgets to close its client ends, and says nothing on the way."""
    code = "from headwater_client import Client; client = Client('127.0.0.1:1'); events = client.watch_run('x')"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True)
    assert run.stderr == ""
    assert Client.__doc__

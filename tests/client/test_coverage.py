"""AnalyzeCoverage by the client: what is sent, what comes back, what is refused before it is sent, and a cut."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

from headwater.v1 import analyze_coverage_pb2 as pb
from headwater.v1 import runs_pb2, watch_run_pb2
from headwater_client import AsyncClient, Client, HeadwaterError, kind
from headwater_client.coverage import analyze_coverage_request

from .service import ANALYSIS, Service, ends_after, refuses

Connect = Callable[..., AsyncClient]


def made(reports: Any = None, base: Any = None, **fields: Any) -> pb.AnalyzeCoverageRequest:
    return analyze_coverage_request(reports, base, fields)  # pyright: ignore — nonsense is tried too


async def test_the_result_comes_back(service: Service, connect: Connect) -> None:
    """Events in order, then the result; the request has a key of its own, so that a retry starts no second run."""
    stream = connect().analyze_coverage(b"<coverage/>", target_coverage=85)
    assert [kind(event) async for event in stream] == ["start", "gap", "complete"]
    assert (await stream.complete()).overall_coverage == 84.99
    (sent,) = service.requests
    assert sent.run_options.idempotency_key
    assert (sent.reports[0].content, sent.target_coverage) == (b"<coverage/>", 85.0)


async def test_the_client_without_a_loop_has_it_too(service: Service) -> None:
    """`Client.analyze_coverage` sends the same and returns the same."""

    def ask() -> list[str]:
        with Client(service.target) as client:
            events = client.analyze_coverage(["a.xml", b"TN:\n"], suggest="none")
            return [kind(event) for event in events] + [str(events.complete().overall_coverage)]

    assert await asyncio.to_thread(ask) == ["start", "gap", "complete", "84.99"]
    assert [each.path or each.content for each in service.requests[0].reports] == ["a.xml", b"TN:\n"]


async def test_a_cut_stream_is_resumed(service: Service, connect: Connect) -> None:
    """What was there is not told again, and nothing is left out."""
    service.script = [ends_after(1)]
    events = [event async for event in connect().analyze_coverage(b"x")]
    assert [event.sequence for event in events] == [1, 2, 3]
    assert service.requests[1] == watch_run_pb2.WatchRunRequest(run=ANALYSIS, after=1)


async def test_a_refusal_is_an_error(service: Service, connect: Connect) -> None:
    """It has the service's reason and remedy."""
    service.script = [refuses(grpc.StatusCode.INVALID_ARGUMENT, "REPORT_UNKNOWN", "It is no report.", "Send one.")]
    with pytest.raises(HeadwaterError) as caught:
        await connect().analyze_coverage(b"x").complete()
    assert (caught.value.reason, caught.value.remedy) == ("REPORT_UNKNOWN", "Send one.")


def test_every_field_of_the_request_can_be_given() -> None:
    """Each argument arrives where the proto has it, in the proto's units."""
    request = made(
        [Path("/data/coverage.xml"), b"TN:\n", pb.CoverageReport(content=b"x", name="n", format="lcov")],
        files={"a.py": "x = 1\n"},
        archive=b"PK",
        root=Path("/src"),
        path="shop",
        include="src/**",
        exclude=["a", "b"],
        target_coverage=85,
        framework="pytest",
        diff="diff",
        git_range="a...b",
        max_gaps=3,
        max_critical_paths=4,
        each_file=True,
        formula="codecov",
        suggest="verified",
        provider="embedded",
        suggest_budget=2.5,
        seed=7,
        weights={"risk": 2, "churn": 0},
        idempotency_key="k",
        on_disconnect="detach",
        detach_grace=3,
        deadline=60,
    )
    told = {field.name for field, _ in request.ListFields()}
    assert told == {field.name for field in request.DESCRIPTOR.fields}
    assert [each.path for each in request.reports] == ["/data/coverage.xml", "", ""]
    assert request.source.root == "/src"
    assert (list(request.include), list(request.exclude)) == (["src/**"], ["a", "b"])
    assert (request.formula, request.suggest) == (pb.COVERAGE_FORMULA_CODECOV, pb.SUGGEST_MODE_VERIFIED)
    assert request.suggest_budget.ToTimedelta() == timedelta(seconds=2.5)
    assert request.weights.HasField("churn")
    assert not request.weights.HasField("crap")
    assert request.run_options.on_disconnect == runs_pb2.ON_DISCONNECT_DETACH


def test_what_is_given_overrides_the_request() -> None:
    """The base is copied and stays as it was; reports that are given replace its own."""
    base = pb.AnalyzeCoverageRequest(reports=[pb.CoverageReport(path="old")], diff="old", seed=3)
    request = made(b"new", base, diff="new")
    assert ([each.content for each in request.reports], request.diff, request.seed) == ([b"new"], "new", 3)
    assert [each.path for each in base.reports] == ["old"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reports", 5),
        ("reports", [None]),
        ("files", ["a"]),
        ("root", 3),
        ("include", [1]),
        ("exclude", 1),
        ("target_coverage", "much"),
        ("diff", b"\xff"),
        ("max_gaps", 2**40),
        ("each_file", "yes"),
        ("formula", "own"),
        ("formula", 3),
        ("suggest", "all"),
        ("suggest_budget", -1),
        ("suggest_budget", float("nan")),
        ("seed", -1),
        ("weights", {"beauty": 1}),
        ("weights", {"risk": "high"}),
        ("weights", 3),
        ("on_disconnect", "stay"),
    ],
)
def test_nonsense_is_refused_before_it_is_sent(name: str, value: Any) -> None:
    """The error names the argument and what would do; nothing is sent."""
    given = {"reports": b"x", name: value}
    with pytest.raises(HeadwaterError) as caught:
        made(given.pop("reports"), **given)
    assert caught.value.reason == "ARGUMENT_INVALID"
    assert caught.value.remedy
    assert caught.value.violations[0].field in {name, "risk"}


def test_a_name_that_is_no_field_is_a_mistake_in_the_program() -> None:
    """As for any function."""
    with pytest.raises(TypeError, match=r"analyze_coverage\(\) got an unexpected keyword argument 'aim'"):
        made(b"x", aim=1)

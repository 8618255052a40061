"""The pages beside the API say how the service fares and what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from headwater.gateway.openapi import describe
from headwater.gateway.transcode import Routes
from tests.gateway.conftest import Bench
from tests.gateway.desk import Desk


async def test_the_service_lives(bench: Bench) -> None:
    answer = await bench.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readiness_names_every_part(bench: Bench) -> None:
    """One part that is not ready makes the service not ready."""
    assert (await bench.http.get("/readyz")).status_code == 200
    bench.parts["sandbox"] = "bubblewrap is not installed"
    answer = await bench.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "parts": {"store": "ok", "sandbox": "bubblewrap is not installed"},
    }


async def test_metrics_are_those_of_the_service(bench: Bench) -> None:
    """The request before is among them, and OpenMetrics is given to who asks for it."""
    await bench.http.get("/healthz")
    plain = await bench.http.get("/metrics")
    assert 'http_requests_total{code="200",method="get"} 1.0' in plain.text
    assert plain.headers["content-type"].startswith("text/plain")
    modern = await bench.http.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert modern.headers["content-type"].startswith("application/openmetrics-text")


async def test_the_index_lists_every_route(bench: Bench) -> None:
    """As text for a person, as JSON for a program."""
    text = (await bench.http.get("/")).text
    listed = (await bench.http.get("/", headers={"accept": "application/json"})).json()
    routes = {(route["verb"], route["path"]) for route in listed["routes"]}
    bound = {(each.verb, each.pattern) for method in bench.desk.methods.values() for each in method.bindings}
    assert bound <= routes
    assert all(route["summary"] for route in listed["routes"])
    assert all(f"{verb:<5}{path}" in text for verb, path in bound)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


async def test_the_description_covers_every_binding_and_refers_to_what_it_has(bench: Bench) -> None:
    """Every operation has its own id, its parameters, and the answers that it gives."""
    document = (await bench.http.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == "1.2.3"
    described = {(verb, path) for path, item in document["paths"].items() for verb in item}
    every = [each for m in bench.desk.methods.values() for each in m.bindings]
    bound = {(each.verb.lower(), re.sub(r"=\*+\}", "}", each.pattern)) for each in every}
    assert described == bound
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known
    for path, item in document["paths"].items():
        for operation in item.values():
            inside = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert inside == set(re.findall(r"\{(\w+)\}", path))


async def test_the_description_of_a_stream_has_all_forms_and_every_event(bench: Bench) -> None:
    document = (await bench.http.get("/openapi.json")).json()
    content = document["paths"]["/v1/tests:generate"]["post"]["responses"]["200"]["content"]
    assert list(content) == ["text/event-stream", "application/x-ndjson", "application/json"]
    schemas = document["components"]["schemas"]
    kinds = set(schemas["GenerateTestsEvent"]["discriminator"]["mapping"])
    assert {"start", "chunk", "test", "complete", "error", "cancelled"} <= kinds
    chunk = schemas["GenerateTestsEvent.chunk"]
    assert list(chunk["properties"]) == ["type", "sequence", "run", "time", "content", "offset"]
    assert chunk["properties"]["content"]["description"] == "The text."


@pytest.mark.parametrize("attempt", [1, 2])
def test_the_description_is_always_the_same(attempt: int) -> None:
    """To the byte, so that a copy of it can be compared."""
    methods = list(Desk().methods.values())
    ordered = methods if attempt == 1 else methods[::-1]
    assert describe(Routes(ordered), version="1") == describe(Routes(methods), version="1")

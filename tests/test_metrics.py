"""What the service measures is complete, correctly named, and readable by Prometheus."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from headwater.errors import Code
from headwater.measures import COUNTERS, GAUGES, HISTOGRAMS, Measure
from headwater.metrics import Metrics, Resume, Rpc

SERVICE = "headwater.v1.HeadwaterService"
GENERATE = {"grpc_type": "server_stream", "grpc_service": SERVICE, "grpc_method": "GenerateTests"}
GET = {"grpc_type": "unary", "grpc_service": SERVICE, "grpc_method": "GetRun"}


@pytest.fixture
def metrics() -> Metrics:
    rpcs = [
        Rpc(service=SERVICE, name="GenerateTests", streams=True),
        Rpc(service=SERVICE, name="GetRun", streams=False),
    ]
    return Metrics(rpcs=rpcs, version="1.2.3", outcomes=["done", "timeout"])


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def measures() -> Iterator[tuple[str, Measure]]:
    for kind, listed in (("counter", COUNTERS), ("gauge", GAUGES), ("histogram", HISTOGRAMS)):
        for measure in listed:
            yield kind, measure


def test_the_list_of_measures_is_what_is_registered(metrics: Metrics) -> None:
    """Name, kind and help of every metric stand in one place; the rest comes from the client library."""
    found = {(metric.type, metric.name, metric.documentation) for metric in metrics.registry.collect()}
    listed = {(kind, measure.name.removesuffix("_total"), measure.help) for kind, measure in measures()}
    assert listed <= found
    assert all(name.startswith(("process_", "python_gc_")) for _, name, _ in found - listed)


def test_every_measure_is_named_once_and_explained() -> None:
    """Counters end in _total, times in _seconds, and each has a sentence of help."""
    names = [measure.name for _, measure in measures()]
    assert len(names) == len(set(names))
    for kind, measure in measures():
        assert measure.help.endswith(".")
        assert measure.name.endswith("_total") == (kind == "counter")
        assert bool(measure.buckets) == (kind == "histogram")
        assert list(measure.buckets) == sorted(set(measure.buckets))


def test_two_do_not_share_anything(metrics: Metrics) -> None:
    """There is no global registry: a second one starts from zero."""
    metrics.heartbeat()
    other = Metrics(rpcs=[], version="1.2.3")
    assert value(metrics, "sse_heartbeats_total") == 1
    assert value(other, "sse_heartbeats_total") == 0


def test_every_method_and_code_is_there_from_the_start(metrics: Metrics) -> None:
    """rate() sees the first error only if there was a zero before it; codes are spelled as Go spells them."""
    spelled = [
        "OK",
        "Canceled",
        "Unknown",
        "InvalidArgument",
        "DeadlineExceeded",
        "NotFound",
        "AlreadyExists",
        "PermissionDenied",
        "ResourceExhausted",
        "FailedPrecondition",
        "Aborted",
        "OutOfRange",
        "Unimplemented",
        "Internal",
        "Unavailable",
        "DataLoss",
        "Unauthenticated",
    ]
    for labels in (GENERATE, GET):
        assert [value(metrics, "grpc_server_handled_total", **labels, grpc_code=code) for code in spelled] == [0] * 17
        for name in ("started_total", "msg_received_total", "msg_sent_total", "handling_seconds_count"):
            assert value(metrics, f"grpc_server_{name}", **labels) == 0
    for result in ("live", "replayed", "expired", "denied"):
        assert value(metrics, "run_stream_resume_total", result=result) == 0
    assert value(metrics, "sandbox_outcome_total", outcome="timeout") == 0


def test_a_call_is_counted_from_start_to_code(metrics: Metrics) -> None:
    """Started, each message, then the code and the time, under the method that was called."""
    call = metrics.call("GenerateTests")
    assert value(metrics, "grpc_server_started_total", **GENERATE) == 1
    call.received()
    call.sent(3)
    call.sent()
    call.ended(Code.CANCELLED)
    metrics.call("GetRun").ended()
    assert value(metrics, "grpc_server_msg_received_total", **GENERATE) == 1
    assert value(metrics, "grpc_server_msg_sent_total", **GENERATE) == 4
    assert value(metrics, "grpc_server_handled_total", **GENERATE, grpc_code="Canceled") == 1
    assert value(metrics, "grpc_server_handling_seconds_count", **GENERATE) == 1
    assert value(metrics, "grpc_server_handled_total", **GET, grpc_code="OK") == 1
    assert value(metrics, "grpc_server_handling_seconds_bucket", **GENERATE, le="600.0") == 1


def test_a_stream_is_timed_to_its_first_event_and_between_deliveries(metrics: Metrics) -> None:
    """Three deliveries are one first event and two gaps; the open gauge goes up and down again."""
    stream = metrics.stream("GenerateTests")
    assert value(metrics, "run_stream_open") == 1
    for behind in (7, 0, 0):
        stream.delivered(behind)
    stream.too_slow()
    stream.closed()
    assert value(metrics, "run_stream_open") == 0
    assert value(metrics, "run_stream_first_event_seconds_count", method="GenerateTests") == 1
    assert value(metrics, "run_stream_event_gap_seconds_count") == 2
    assert value(metrics, "run_stream_slow_consumer_total") == 1
    assert value(metrics, "run_stream_lag_events_sum") == 7


def test_the_first_event_is_timed_from_the_request_where_the_face_knows_it(metrics: Metrics) -> None:
    """`since` counts the admission in, which happens before the stream is opened."""
    stream = metrics.stream("GenerateTests", since=-1e6)
    stream.delivered(0)
    assert (value(metrics, "run_stream_first_event_seconds_sum", method="GenerateTests") or 0) >= 1e6


def test_the_lag_is_sampled_at_every_nth_delivery() -> None:
    """Of 20 deliveries with a sample every 8, the first, ninth and seventeenth are taken."""
    metrics = Metrics(rpcs=[Rpc(service=SERVICE, name="WatchRun", streams=True)], version="1", lag_every=8)
    stream = metrics.stream("WatchRun")
    for behind in range(20):
        stream.delivered(behind)
    assert value(metrics, "run_stream_lag_events_count") == 3
    assert value(metrics, "run_stream_lag_events_sum") == 0 + 8 + 16


def test_every_other_measure_is_fed(metrics: Metrics) -> None:
    """Each narrow method moves the metric that it names."""
    metrics.resumed(Resume.REPLAYED, 12)
    metrics.queue(waiting=4, active=2)
    metrics.dequeued(0.5)
    metrics.run_ended("GenerateTests", "complete", 3.0)
    metrics.stage_ended("GenerateTests", "draft", 1.5)
    metrics.orphaned(2)
    metrics.committed(32, 0.002)
    metrics.sandboxed("pytest", "done", 1.0)
    metrics.http("GET", 200, 0.01)
    metrics.http("BREW", 405, 0.01)
    assert value(metrics, "run_stream_resume_total", result="replayed") == 1
    assert value(metrics, "run_stream_replayed_events_total") == 12
    assert (value(metrics, "run_queue_waiting"), value(metrics, "run_active")) == (4, 2)
    assert value(metrics, "run_queue_seconds_sum") == 0.5
    assert value(metrics, "run_seconds_sum", method="GenerateTests", outcome="complete") == 3
    assert value(metrics, "run_stage_seconds_sum", method="GenerateTests", stage="draft") == 1.5
    assert value(metrics, "run_orphaned_total") == 2
    assert value(metrics, "run_log_append_seconds_sum") == 0.002
    assert value(metrics, "run_log_commit_batch_size_sum") == 32
    assert value(metrics, "sandbox_seconds_count", guest="pytest") == 1
    assert value(metrics, "sandbox_outcome_total", outcome="done") == 1
    assert value(metrics, "http_requests_total", method="get", code="200") == 1
    assert value(metrics, "http_requests_total", method="other", code="405") == 1
    assert value(metrics, "http_request_seconds_count", method="get") == 1


def test_one_sandbox_level_is_shown(metrics: Metrics) -> None:
    """A new level takes the place of the old one."""
    metrics.sandbox_level("landlock")
    metrics.sandbox_level("namespaces")
    assert value(metrics, "sandbox_level", level="landlock") is None
    assert value(metrics, "sandbox_level", level="namespaces") == 1


async def test_the_event_loop_is_watched_until_the_watch_is_cancelled(metrics: Metrics) -> None:
    """Each interval leaves one sample, and none is below zero."""
    watch = asyncio.create_task(metrics.watch_loop(0.0))
    for _ in range(3):  # each turn of the loop is an interval
        await asyncio.sleep(0)
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch
    assert value(metrics, "event_loop_lag_seconds_count") in {1, 2}
    assert (value(metrics, "event_loop_lag_seconds_sum") or 0) >= 0


def test_the_page_can_be_read_in_both_formats(metrics: Metrics) -> None:
    """Plain text by default, OpenMetrics where it is asked for; the same samples, and none about creation."""
    metrics.call("GetRun").ended()
    text, text_type = metrics.page()
    openmetrics, openmetrics_type = metrics.page("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert text_type.startswith("text/plain; version=0.0.4")
    assert openmetrics_type.startswith("application/openmetrics-text; version=1.0.0")
    read = [
        {(s.name, *sorted(s.labels.items())) for family in families for s in family.samples}
        for families in (parse_text(text.decode()), parse_openmetrics(openmetrics.decode()))
    ]
    assert read[0] == read[1]
    assert ("build_info", ("python", platform.python_version()), ("version", "1.2.3")) in read[0]
    assert {"process_resident_memory_bytes", "python_gc_collections_total"} <= {key[0] for key in read[0]}
    assert not any(key[0].endswith("_created") for key in read[0])

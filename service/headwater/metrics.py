"""Counts and times what the service does, for Prometheus.

One `Metrics` is built at the start and handed to whoever measures; there is no global registry. What is counted per
event is counted per delivery, by children that were looked up beforehand.
"""

from __future__ import annotations

import asyncio
import enum
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric

from headwater.errors import Code
from headwater.measures import COUNTERS, GAUGES, HISTOGRAMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpc:
    """A method as its metrics are labelled."""

    service: str
    """With its package: `headwater.v1.HeadwaterService`."""
    name: str
    streams: bool
    """Whether it answers with a stream."""


class Resume(enum.Enum):
    """How an attempt to resume a stream went."""

    LIVE = "live"
    """Nothing was missed."""
    REPLAYED = "replayed"
    """What was missed was sent again."""
    EXPIRED = "expired"
    """The cursor is older than what is kept."""
    DENIED = "denied"
    """The run is another's, or there is none."""


class Metrics:
    """All that is measured. To be used from the event loop's thread; `page` may be called from any."""

    def __init__(self, *, rpcs: Iterable[Rpc], version: str, outcomes: Iterable[str] = (), lag_every: int = 16) -> None:
        """Registers every metric, with zeros for each method, code, result and outcome.

        `outcomes` are those of the sandbox; each `lag_every`-th delivery of a stream samples how far behind it is.
        """
        self.registry = CollectorRegistry()
        self._counters = {m.name: Counter(m.name, m.help, m.labels, registry=self.registry) for m in COUNTERS}
        self._gauges = {m.name: Gauge(m.name, m.help, m.labels, registry=self.registry) for m in GAUGES}
        self._histograms = {
            m.name: Histogram(m.name, m.help, m.labels, registry=self.registry, buckets=m.buckets) for m in HISTOGRAMS
        }
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._gauges["build_info"].labels(version, platform.python_version()).set(1)
        self._rpcs = {rpc.name: self._children(rpc) for rpc in rpcs}
        self._resumes = {each: self._counters["run_stream_resume_total"].labels(each.value) for each in Resume}
        for outcome in outcomes:
            self._counters["sandbox_outcome_total"].labels(outcome)
        self._streams = {
            name: _StreamChildren(
                open=self._gauges["run_stream_open"],
                first=self._histograms["run_stream_first_event_seconds"].labels(name),
                gap=self._histograms["run_stream_event_gap_seconds"],
                lag=self._histograms["run_stream_lag_events"],
                slow=self._counters["run_stream_slow_consumer_total"],
                lag_every=lag_every,
            )
            for name in self._rpcs
        }

    def call(self, method: str) -> Call:
        """Starts to measure an RPC of gRPC."""
        return Call(self._rpcs[method])

    def stream(self, method: str, since: float | None = None) -> Stream:
        """Starts to measure a stream of any face; `since` is the `perf_counter()` of its request, else now."""
        return Stream(self._streams[method], perf_counter() if since is None else since)

    def http(self, verb: str, code: int, seconds: float) -> None:
        """Counts an HTTP request that has ended. Made-up verbs are counted as one, lest they fill the memory."""
        verb = verb.lower() if verb in _VERBS else "other"
        self._counters["http_requests_total"].labels(verb, code).inc()
        self._histograms["http_request_seconds"].labels(verb).observe(seconds)

    def heartbeat(self) -> None:
        """Counts a heartbeat."""
        self._counters["sse_heartbeats_total"].inc()

    def resumed(self, result: Resume, replayed: int = 0) -> None:
        """Counts an attempt to resume, and the events that were sent again."""
        self._resumes[result].inc()
        self._counters["run_stream_replayed_events_total"].inc(replayed)

    def queue(self, *, waiting: int, active: int) -> None:
        """Shows how many runs wait and how many are under way."""
        self._gauges["run_queue_waiting"].set(waiting)
        self._gauges["run_active"].set(active)

    def dequeued(self, seconds: float) -> None:
        """Times the wait of a run whose turn it is."""
        self._histograms["run_queue_seconds"].observe(seconds)

    def run_ended(self, method: str, outcome: str, seconds: float) -> None:
        """Times a run; `outcome` is the kind of its terminal event: complete, error or cancelled."""
        self._histograms["run_seconds"].labels(method, outcome).observe(seconds)

    def stage_ended(self, method: str, stage: str, seconds: float) -> None:
        """Times a stage of a run."""
        self._histograms["run_stage_seconds"].labels(method, stage).observe(seconds)

    def orphaned(self, runs: int = 1) -> None:
        """Counts runs whose process is gone."""
        self._counters["run_orphaned_total"].inc(runs)

    def committed(self, changes: int, seconds: float) -> None:
        """Times a commit of the journal."""
        self._histograms["run_log_append_seconds"].observe(seconds)
        self._histograms["run_log_commit_batch_size"].observe(changes)

    def sandboxed(self, guest: str, outcome: str, seconds: float) -> None:
        """Times a guest program, and counts how it ended."""
        self._histograms["sandbox_seconds"].labels(guest).observe(seconds)
        self._counters["sandbox_outcome_total"].labels(outcome).inc()

    def sandbox_level(self, level: str) -> None:
        """Shows how strangers' code is locked up."""
        self._gauges["sandbox_level"].clear()
        self._gauges["sandbox_level"].labels(level).set(1)

    async def watch_loop(self, interval_seconds: float) -> None:
        """Samples how late the event loop is, until it is cancelled."""
        lag = self._histograms["event_loop_lag_seconds"]
        while True:
            before = perf_counter()
            await asyncio.sleep(interval_seconds)
            lag.observe(max(0.0, perf_counter() - before - interval_seconds))

    def page(self, accept: str = "") -> tuple[bytes, str]:
        """Returns the page that Prometheus reads, and its content type: OpenMetrics where `accept` asks for it."""
        encode, content_type = choose_encoder(accept)
        return encode(_Page(self.registry)), content_type

    def _children(self, rpc: Rpc) -> _RpcChildren:
        labels = ("server_stream" if rpc.streams else "unary", rpc.service, rpc.name)
        handled = self._counters["grpc_server_handled_total"]
        return _RpcChildren(
            started=self._counters["grpc_server_started_total"].labels(*labels),
            received=self._counters["grpc_server_msg_received_total"].labels(*labels),
            sent=self._counters["grpc_server_msg_sent_total"].labels(*labels),
            handling=self._histograms["grpc_server_handling_seconds"].labels(*labels),
            handled={code: handled.labels(*labels, _go_spelling(code)) for code in (None, *Code)},
        )


class Call:
    """Measures one RPC, from its start to its code."""

    __slots__ = ("_began", "_rpc")

    def __init__(self, rpc: _RpcChildren) -> None:
        self._rpc = rpc
        self._began = perf_counter()
        rpc.started.inc()

    def received(self, messages: int = 1) -> None:
        """Counts messages that came."""
        self._rpc.received.inc(messages)

    def sent(self, messages: int = 1) -> None:
        """Counts messages that went."""
        self._rpc.sent.inc(messages)

    def ended(self, code: Code | None = None) -> None:
        """Counts the end, once: None is OK."""
        self._rpc.handled[code].inc()
        self._rpc.handling.observe(perf_counter() - self._began)


class Stream:
    """Measures one stream, from its opening to its close."""

    __slots__ = ("_children", "_count", "_last")

    def __init__(self, children: _StreamChildren, since: float) -> None:
        self._children = children
        self._count = 0
        self._last = since
        children.open.inc()

    def delivered(self, behind: int) -> None:
        """Times a delivery, of one event or several; `behind` is how many more are there to be read."""
        now = perf_counter()
        children = self._children
        (children.gap if self._count else children.first).observe(now - self._last)
        if self._count % children.lag_every == 0:
            children.lag.observe(behind)
        self._count += 1
        self._last = now

    def too_slow(self) -> None:
        """Counts that the stream is dropped because its reader did not keep up."""
        self._children.slow.inc()

    def closed(self) -> None:
        """Counts the stream as open no longer; to be called once."""
        self._children.open.dec()


@dataclass(frozen=True, slots=True, kw_only=True)
class _RpcChildren:
    started: Counter
    received: Counter
    sent: Counter
    handling: Histogram
    handled: Mapping[Code | None, Counter]


@dataclass(frozen=True, slots=True, kw_only=True)
class _StreamChildren:
    open: Gauge
    first: Histogram
    gap: Histogram
    lag: Histogram
    slow: Counter
    lag_every: int


class _Page:
    """The registry without `_created` samples: they double the page, and the text format calls them gauges."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


def _go_spelling(code: Code | None) -> str:
    """Spells a code as Go's codes.Code does: `OK`, `Canceled`, `InvalidArgument`."""
    if code is None:
        return "OK"
    return "Canceled" if code is Code.CANCELLED else code.name.title().replace("_", "")


_VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

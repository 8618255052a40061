"""Lists every metric of the service: its name, what it means, its labels and buckets.

The names of the gRPC server are those of go-grpc-prometheus, so that dashboards made for it work. `process_*` and
`python_gc_*` come from the client library beside these.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A metric: its full name, its help text, the names of its labels, and for a histogram its upper bounds."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_RPC = ("grpc_type", "grpc_service", "grpc_method")
_FAST = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_CALL = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STREAM = (*_CALL, 30.0, 60.0, 120.0, 300.0, 600.0)
_GAP = (0.0005, 0.001, 0.0025, *_STREAM)
_COUNT = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 5000.0)

COUNTERS: tuple[Measure, ...] = (
    Measure(name="grpc_server_started_total", help="RPCs started.", labels=_RPC),
    Measure(name="grpc_server_handled_total", help="RPCs ended, by code.", labels=(*_RPC, "grpc_code")),
    Measure(name="grpc_server_msg_received_total", help="Messages received by RPCs.", labels=_RPC),
    Measure(name="grpc_server_msg_sent_total", help="Messages sent by RPCs.", labels=_RPC),
    Measure(name="http_requests_total", help="HTTP requests ended, by verb and status.", labels=("method", "code")),
    Measure(
        name="run_stream_resume_total",
        help="Attempts to resume a stream: live, replayed, gap, expired or denied.",
        labels=("result",),
    ),
    Measure(name="run_stream_replayed_events_total", help="Events sent again from the journal to resumed streams."),
    Measure(name="run_stream_slow_consumer_total", help="Streams dropped because their reader did not keep up."),
    Measure(name="run_orphaned_total", help="Runs found without the process that held them."),
    Measure(name="sse_heartbeats_total", help="Heartbeats sent on idle HTTP streams."),
    Measure(name="sandbox_outcome_total", help="Guest programs ended, by outcome.", labels=("outcome",)),
)

GAUGES: tuple[Measure, ...] = (
    Measure(name="run_stream_open", help="Streams open now."),
    Measure(name="run_queue_waiting", help="Runs that wait for their turn."),
    Measure(name="run_active", help="Runs under way."),
    Measure(name="sandbox_level", help="1 for the level that strangers' code is locked up at.", labels=("level",)),
    Measure(name="build_info", help="1, labelled with the versions that run.", labels=("version", "python")),
)

HISTOGRAMS: tuple[Measure, ...] = (
    Measure(
        name="grpc_server_handling_seconds",
        help="Time from the start of an RPC to its end; for a stream, all of it.",
        labels=_RPC,
        buckets=_STREAM,
    ),
    Measure(
        name="http_request_seconds",
        help="Time from an HTTP request to the end of its answer; for a stream, all of it.",
        labels=("method",),
        buckets=_STREAM,
    ),
    Measure(
        name="run_stream_first_event_seconds",
        help="Time from the opening of a stream to its first event.",
        labels=("method",),
        buckets=_GAP,
    ),
    Measure(
        name="run_stream_event_gap_seconds",
        help="Time between two deliveries on a stream; events that come together are one delivery.",
        buckets=_GAP,
    ),
    Measure(
        name="run_stream_lag_events",
        help="Events that a reader is behind the writer, sampled at deliveries.",
        buckets=(0.0, *_COUNT),
    ),
    Measure(
        name="run_seconds",
        help="Time from the start of a run to its end, by how it ended.",
        labels=("method", "outcome"),
        buckets=_STREAM,
    ),
    Measure(name="run_stage_seconds", help="Time in a stage of a run.", labels=("method", "stage"), buckets=_GAP),
    Measure(name="run_queue_seconds", help="Time that a run waited for its turn.", buckets=_STREAM),
    Measure(name="run_log_append_seconds", help="Time to commit a batch of changes to the journal.", buckets=_FAST),
    Measure(name="run_log_commit_batch_size", help="Changes in a commit of the journal.", buckets=_COUNT),
    Measure(name="sandbox_seconds", help="Time of a guest program.", labels=("guest",), buckets=_STREAM),
    Measure(name="event_loop_lag_seconds", help="Time that a sampled timer of the event loop was late.", buckets=_FAST),
)

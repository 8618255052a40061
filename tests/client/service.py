"""A real server on loopback that keeps one run's journal and fails in the ways that a test asks for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeAlias

import grpc.aio
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from headwater.proof.places import free_port
from headwater.v1 import analyze_coverage_pb2 as coverage_pb2
from headwater.v1 import generate_tests_pb2 as tests_pb2
from headwater.v1 import headwater_pb2_grpc, runs_pb2, watch_run_pb2

RUN = "01jd00000000000000000000aa"
ANALYSIS = "01jd00000000000000000000bb"
"""A run of the other method."""

Context: TypeAlias = Any  # grpc.aio.ServicerContext, which has no usable types
Turn: TypeAlias = Callable[[Sequence[Any], Context], AsyncIterator[Any]]


def journal(*payloads: Message) -> list[tests_pb2.GenerateTestsEvent]:
    """Numbers payloads as the events of a run, with `start` before and `complete` after them."""
    start = tests_pb2.GenerateTestsStart(module="cart", language="python")
    complete = tests_pb2.GenerateTestsComplete(success=True, total=len(payloads), output="def test_it(): ...\n")
    events: list[tests_pb2.GenerateTestsEvent] = []
    for payload in (start, *payloads, complete):
        events.append(event(len(events) + 1, payload))
    return events


def event(sequence: int, payload: Message) -> tests_pb2.GenerateTestsEvent:
    made = tests_pb2.GenerateTestsEvent(sequence=sequence, run=RUN)
    cases = tests_pb2.GenerateTestsEvent.DESCRIPTOR.oneofs_by_name["event"].fields
    name = next(field.name for field in cases if field.message_type is payload.DESCRIPTOR)
    getattr(made, name).CopyFrom(payload)
    return made


def analysis() -> list[coverage_pb2.AnalyzeCoverageEvent]:
    """Returns the events of a run that found one gap."""
    payloads: list[dict[str, Any]] = [
        {"start": coverage_pb2.AnalyzeCoverageStart(reports=["coverage.xml"])},
        {"gap": coverage_pb2.GapFound(gap=coverage_pb2.CoverageGap(file_path="pay.py"))},
        {"complete": coverage_pb2.AnalyzeCoverageComplete(overall_coverage=84.99)},
    ]
    numbered = enumerate(payloads, 1)
    return [coverage_pb2.AnalyzeCoverageEvent(sequence=at, run=ANALYSIS, **each) for at, each in numbered]


def progress(*percents: float) -> list[runs_pb2.Progress]:
    return [runs_pb2.Progress(percent=percent) for percent in percents]


class Service(headwater_pb2_grpc.HeadwaterServiceServicer):
    """Answers each stream by the next turn of the script, and with the whole journal when the script is over."""

    def __init__(self) -> None:
        self.events = journal(*progress(10, 20, 30))
        self.analysis = analysis()
        self.script: list[Turn] = []
        self.requests: list[Any] = []
        self.metadata: list[dict[str, str | bytes]] = []
        self.left = asyncio.Event()
        """Set when a client left a stream that was held open."""
        self.runs = [runs_pb2.Run(run=f"run-{number}") for number in range(5)]
        self.port = free_port()
        """One that the system gives to no connection while the server is down."""
        self._server: grpc.aio.Server | None = None

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self, credentials: grpc.ServerCredentials | None = None) -> None:
        self._server = grpc.aio.server()
        headwater_pb2_grpc.add_HeadwaterServiceServicer_to_server(self, self._server)
        address = f"127.0.0.1:{self.port}"
        add = self._server.add_insecure_port
        self.port = self._server.add_secure_port(address, credentials) if credentials else add(address)
        await self._server.start()

    async def stop(self) -> None:
        """Kills every call under way, as the end of the process would."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None

    async def GenerateTests(  # noqa: N802 — the name of the RPC
        self, request: tests_pb2.GenerateTestsRequest, context: Context
    ) -> AsyncIterator[tests_pb2.GenerateTestsEvent]:
        self._note(request, context)
        async for each in self._turn()(self.events, context):
            yield each

    async def AnalyzeCoverage(  # noqa: N802 — the name of the RPC
        self, request: coverage_pb2.AnalyzeCoverageRequest, context: Context
    ) -> AsyncIterator[coverage_pb2.AnalyzeCoverageEvent]:
        self._note(request, context)
        async for each in self._turn()(self.analysis, context):
            yield each

    async def WatchRun(  # noqa: N802 — the name of the RPC
        self, request: watch_run_pb2.WatchRunRequest, context: Context
    ) -> AsyncIterator[watch_run_pb2.WatchRunEvent]:
        self._note(request, context)
        covers = request.run == ANALYSIS
        events = self.analysis if covers else self.events
        async for each in self._turn()(events[request.after :], context):
            yield watch_run_pb2.WatchRunEvent(**{"analyze_coverage" if covers else "generate_tests": each})

    async def GetRun(self, request: runs_pb2.GetRunRequest, context: Context) -> runs_pb2.Run:  # noqa: N802
        self._note(request, context)
        if request.run != RUN:
            await refuse(context, grpc.StatusCode.NOT_FOUND, "RUN_NOT_FOUND", "There is no such run.", "List the runs.")
        return runs_pb2.Run(run=RUN, state=runs_pb2.RUN_STATE_RUNNING)

    async def ListRuns(  # noqa: N802
        self, request: runs_pb2.ListRunsRequest, context: Context
    ) -> runs_pb2.ListRunsResponse:
        self._note(request, context)
        begin, size = int(request.page_token or 0), request.page_size or 2
        following = str(begin + size) if begin + size < len(self.runs) else ""
        return runs_pb2.ListRunsResponse(runs=self.runs[begin : begin + size], next_page_token=following)

    async def CancelRun(self, request: runs_pb2.CancelRunRequest, context: Context) -> runs_pb2.Run:  # noqa: N802
        self._note(request, context)
        return runs_pb2.Run(run=request.run, state=runs_pb2.RUN_STATE_CANCELLED)

    def held_after(self, count: int) -> Turn:
        """Streams `count` events and then nothing, until the client leaves or the server dies."""

        async def turn(events: Sequence[Any], _: Context) -> AsyncIterator[Any]:
            try:
                for each in events[:count]:
                    yield each
                await asyncio.Event().wait()
            finally:
                self.left.set()

        return turn

    def _note(self, request: Message, context: Context) -> None:
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata() or ()))

    def _turn(self) -> Turn:
        return self.script.pop(0) if self.script else whole


async def whole(events: Sequence[Any], _: Context) -> AsyncIterator[Any]:
    for each in events:
        yield each


def ends_after(count: int) -> Turn:
    """Ends the call as if all were well after `count` events: a proxy's cut."""

    async def turn(events: Sequence[Any], _: Context) -> AsyncIterator[Any]:
        for each in events[:count]:
            yield each

    return turn


def fails_after(count: int, code: grpc.StatusCode) -> Turn:
    """Ends the call with a status that has no details after `count` events."""

    async def turn(events: Sequence[Any], context: Context) -> AsyncIterator[Any]:
        for each in events[:count]:
            yield each
        await context.abort(code, "cut on the way")

    return turn


def streams(*events: Any) -> Turn:
    """Streams these events, whatever was asked for."""

    async def turn(_: Sequence[Any], __: Context) -> AsyncIterator[Any]:
        for each in events:
            yield each

    return turn


def refuses(code: grpc.StatusCode, reason: str, message: str, remedy: str, *details: Message) -> Turn:
    """Refuses the call in the form of AIP-193."""

    async def turn(_: Sequence[Any], context: Context) -> AsyncIterator[Any]:
        await refuse(context, code, reason, message, remedy, *details)
        yield  # makes this a generator

    return turn


async def refuse(
    context: Context,
    code: grpc.StatusCode,
    reason: str,
    message: str,
    remedy: str,
    *details: Message,
) -> None:
    info = error_details_pb2.ErrorInfo(reason=reason, domain="test", metadata={"remedy": remedy, "run": "x"})
    status = status_pb2.Status(code=code.value[0], message=f"{message} {remedy}")
    for detail in (info, *details):
        packed = Packed()
        packed.Pack(detail)
        status.details.append(packed)
    await context.abort(code, status.message, (("grpc-status-details-bin", status.SerializeToString()),))

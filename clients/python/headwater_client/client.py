"""The client for code with an event loop."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from types import TracebackType
from typing import Any, Literal, Self, Unpack

from headwater.v1 import (
    analyze_coverage_pb2,
    generate_project_pb2,
    generate_tests_pb2,
    list_providers_pb2,
    projects_pb2,
    runs_pb2,
    watch_run_pb2,
)
from headwater_client.backoff import Backoff
from headwater_client.channel import Call, Channel, ChannelOptions, Tls
from headwater_client.coverage import AnalyzeCoverageFields, Report, analyze_coverage_request
from headwater_client.errors import client_closed
from headwater_client.fields import check_options, enum_value, make
from headwater_client.project import GenerateProjectFields, generate_project_request
from headwater_client.request import GenerateTestsFields, generate_tests_request
from headwater_client.stream import EventStream, Policy

DEFAULT_TARGET = "localhost:50051"

StateName = Literal["queued", "running", "completed", "failed", "cancelled"]


class AsyncClient:
    """Calls a Headwater server. Use it as `async with AsyncClient(…) as client:`, or `await close()` at the end.

    `token` is sent as a bearer token, `api_key` as `x-api-key`. `tls` is True for the host's authorities or a `Tls`.
    `timeout` bounds each call in seconds, a stream with all its resumptions included. A stream that is cut is resumed
    until `max_resume_seconds` have passed without a new event (`resume=False`: not at all). With `raise_on_error` the
    terminal events `error` and `cancelled` are raised instead of handed out. `channel_options` are gRPC's.

    Every failure is a `HeadwaterError`; an unusable argument is one too, before anything is sent.
    """

    def __init__(
        self,
        target: str = DEFAULT_TARGET,
        *,
        token: str | None = None,
        api_key: str | None = None,
        tls: bool | Tls = False,
        timeout: float | None = None,
        resume: bool = True,
        max_resume_seconds: float = 60.0,
        backoff: Backoff | None = None,
        raise_on_error: bool = False,
        channel_options: ChannelOptions = (),
    ) -> None:
        check_options(target, token, api_key, timeout)
        self._open_channel = lambda: Channel(target, token=token, api_key=api_key, tls=tls, options=channel_options)
        self._channel: Channel | None = None
        self._closed = False
        self._timeout = timeout
        self._policy = Policy(
            resume=resume,
            max_resume_seconds=max_resume_seconds,
            backoff=backoff or Backoff(),
            timeout=timeout,
            raise_on_error=raise_on_error,
        )

    def generate_tests(
        self,
        source: str | None = None,
        *,
        request: generate_tests_pb2.GenerateTestsRequest | None = None,
        **fields: Unpack[GenerateTestsFields],
    ) -> EventStream[generate_tests_pb2.GenerateTestsEvent, generate_tests_pb2.GenerateTestsComplete]:
        """Starts a run that generates tests, once the stream is read.

        `source` is the text of the file under test. A `request` may say everything; what else is given overrides it.
        """
        made = generate_tests_request(source, request, fields)
        _give_key(made.run_options)
        return self._stream(lambda seconds: self._calls().generate_tests(made, seconds))

    def analyze_coverage(
        self,
        reports: Report | Sequence[Report] | None = None,
        *,
        request: analyze_coverage_pb2.AnalyzeCoverageRequest | None = None,
        **fields: Unpack[AnalyzeCoverageFields],
    ) -> EventStream[analyze_coverage_pb2.AnalyzeCoverageEvent, analyze_coverage_pb2.AnalyzeCoverageComplete]:
        """Starts a run that analyses coverage reports, once the stream is read.

        A report is its bytes, or the path of a file on the server. A `request` may say everything; what else is given
        overrides it.
        """
        made = analyze_coverage_request(reports, request, fields)
        _give_key(made.run_options)
        return self._stream(lambda seconds: self._calls().analyze_coverage(made, seconds))

    def generate_project(
        self,
        requirements: str | None = None,
        *,
        request: generate_project_pb2.GenerateProjectRequest | None = None,
        **fields: Unpack[GenerateProjectFields],
    ) -> EventStream[generate_project_pb2.GenerateProjectEvent, generate_project_pb2.GenerateProjectComplete]:
        """Starts a run that generates a project, once the stream is read.

        A `request` may say everything; what else is given overrides it.
        """
        made = generate_project_request(requirements, request, fields)
        _give_key(made.run_options)
        return self._stream(lambda seconds: self._calls().generate_project(made, seconds))

    async def get_project(self, project: str) -> projects_pb2.Project:
        """Returns a project: its phases, its manifest and its proof, as far as they have come."""
        return await self._calls().get_project(make(projects_pb2.GetProjectRequest, project=project), self._timeout)

    async def get_project_file(self, project: str, path: str) -> bytes:
        """Returns one file of a project."""
        request = make(projects_pb2.GetProjectFileRequest, project=project, path=path)
        return (await self._calls().get_project_file(request, self._timeout)).data

    async def get_project_archive(self, project: str) -> bytes:
        """Returns all files of a project as a zip archive."""
        request = make(projects_pb2.GetProjectArchiveRequest, project=project)
        return (await self._calls().get_project_archive(request, self._timeout)).data

    def watch_run(self, run: str, after: int = 0) -> EventStream[Any, Any]:
        """Streams a run's events after a sequence: first what happened, then what happens, to the terminal event."""
        make(watch_run_pb2.WatchRunRequest, run=run, after=after)  # refuses what cannot be sent

        def open_call(run: str, after: int, seconds: float | None) -> Call:
            return self._calls().watch_run(run, after, seconds)

        return EventStream(open_call, self._policy, run=run, after=after)

    async def list_providers(self, provider: str = "", *, check: bool = False) -> list[list_providers_pb2.Provider]:
        """Returns who can write tests on the server; `check` asks each configured vendor for its models now."""
        request = make(list_providers_pb2.ListProvidersRequest, provider=provider, check=check)
        return list((await self._calls().list_providers(request, self._timeout)).providers)

    async def get_run(self, run: str) -> runs_pb2.Run:
        """Returns the state of a run."""
        return await self._calls().get_run(make(runs_pb2.GetRunRequest, run=run), self._timeout)

    async def list_runs(
        self, *, state: StateName | None = None, method: str = "", page_size: int = 0
    ) -> AsyncGenerator[runs_pb2.Run, None]:
        """Iterates over the caller's runs, newest first, and asks for further pages as it goes."""
        wanted = enum_value(runs_pb2.RunState, "state", state) if state else runs_pb2.RUN_STATE_UNSPECIFIED
        request = make(runs_pb2.ListRunsRequest, page_size=page_size, state=wanted, method=method)
        while True:
            page = await self._calls().list_runs(request, self._timeout)
            for run in page.runs:
                yield run
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def cancel_run(self, run: str, reason: str = "") -> runs_pb2.Run:
        """Cancels a run and returns its state; a run that has ended stays as it is."""
        return await self._calls().cancel_run(make(runs_pb2.CancelRunRequest, run=run, reason=reason), self._timeout)

    async def close(self) -> None:
        """Ends the calls under way and closes the connection."""
        self._closed = True
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _stream(self, start: Callable[[float | None], Call]) -> EventStream[Any, Any]:
        """Streams a new run, which `start` starts and a resumption watches."""

        def open_call(run: str, after: int, seconds: float | None) -> Call:
            return self._calls().watch_run(run, after, seconds) if run else start(seconds)

        return EventStream(open_call, self._policy)

    def _calls(self) -> Channel:
        # Opened on first use: a channel belongs to the event loop that runs when it is made.
        if self._closed:
            raise client_closed()
        if self._channel is None:
            self._channel = self._open_channel()
        return self._channel


def _give_key(options: runs_pb2.RunOptions) -> None:
    """Without a key, a retry of a request whose answer was lost would start a second run."""
    options.idempotency_key = options.idempotency_key or uuid.uuid4().hex

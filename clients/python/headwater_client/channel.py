"""Opens the channel and makes the calls, with types: the generated stub has none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import grpc
import grpc.aio
from google.api.httpbody_pb2 import HttpBody

from headwater import __version__
from headwater.v1 import (
    analyze_coverage_pb2,
    generate_project_pb2,
    generate_tests_pb2,
    headwater_pb2_grpc,
    list_providers_pb2,
    projects_pb2,
    runs_pb2,
    watch_run_pb2,
)
from headwater_client.errors import from_call
from headwater_client.events import Event

_T = TypeVar("_T")

ChannelOptions: TypeAlias = Sequence[tuple[str, Any]]

Message: TypeAlias = Event | watch_run_pb2.WatchRunEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Says whom to trust, and who the client is. All PEM; the host's authorities when `roots` is absent.

    `certificate` and `key` go together (mutual TLS). `server_name` is the name to expect in the server's certificate
    where it differs from the target's.
    """

    roots: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = None
    server_name: str = ""


class Call(Protocol):
    """A stream of messages that can be left."""

    def __aiter__(self) -> AsyncIterator[Message]:
        """Reads the messages; raises grpc.aio.AioRpcError at the end if the call failed."""
        ...

    def cancel(self) -> bool:
        """Leaves the stream."""
        ...


class Channel:
    """One connection to a server, which gRPC opens on the first call and reopens by itself."""

    def __init__(
        self, target: str, *, token: str | None, api_key: str | None, tls: bool | Tls, options: ChannelOptions
    ) -> None:
        self._metadata = _metadata(token, api_key)
        every_option = [*_OPTIONS, *options]
        if tls is False:
            self._channel: Any = grpc.aio.insecure_channel(target, options=every_option)
        else:
            settings = Tls() if tls is True else tls
            if settings.server_name:
                every_option.append(("grpc.ssl_target_name_override", settings.server_name))
            credentials = grpc.ssl_channel_credentials(settings.roots, settings.key, settings.certificate)
            self._channel = grpc.aio.secure_channel(target, credentials, options=every_option)
        self._stub: Any = headwater_pb2_grpc.HeadwaterServiceStub(self._channel)

    def generate_tests(self, request: generate_tests_pb2.GenerateTestsRequest, seconds: float | None) -> Call:
        """Starts a run and streams its events."""
        return self._stub.GenerateTests(request, timeout=seconds, metadata=self._metadata)

    def analyze_coverage(self, request: analyze_coverage_pb2.AnalyzeCoverageRequest, seconds: float | None) -> Call:
        """Starts a run and streams its events."""
        return self._stub.AnalyzeCoverage(request, timeout=seconds, metadata=self._metadata)

    def generate_project(self, request: generate_project_pb2.GenerateProjectRequest, seconds: float | None) -> Call:
        """Starts a run and streams its events."""
        return self._stub.GenerateProject(request, timeout=seconds, metadata=self._metadata)

    def watch_run(self, run: str, after: int, seconds: float | None) -> Call:
        """Streams a run's events after a sequence."""
        request = watch_run_pb2.WatchRunRequest(run=run, after=after)
        return self._stub.WatchRun(request, timeout=seconds, metadata=self._metadata)

    async def list_providers(
        self, request: list_providers_pb2.ListProvidersRequest, seconds: float | None
    ) -> list_providers_pb2.ListProvidersResponse:
        """Returns who can write tests."""
        return await _answer(self._stub.ListProviders(request, timeout=seconds, metadata=self._metadata))

    async def get_project(self, request: projects_pb2.GetProjectRequest, seconds: float | None) -> projects_pb2.Project:
        """Returns a project."""
        return await _answer(self._stub.GetProject(request, timeout=seconds, metadata=self._metadata))

    async def get_project_file(self, request: projects_pb2.GetProjectFileRequest, seconds: float | None) -> HttpBody:
        """Returns a file of a project."""
        return await _answer(self._stub.GetProjectFile(request, timeout=seconds, metadata=self._metadata))

    async def get_project_archive(
        self, request: projects_pb2.GetProjectArchiveRequest, seconds: float | None
    ) -> HttpBody:
        """Returns all files of a project."""
        return await _answer(self._stub.GetProjectArchive(request, timeout=seconds, metadata=self._metadata))

    async def get_run(self, request: runs_pb2.GetRunRequest, seconds: float | None) -> runs_pb2.Run:
        """Returns the state of a run."""
        return await _answer(self._stub.GetRun(request, timeout=seconds, metadata=self._metadata))

    async def list_runs(self, request: runs_pb2.ListRunsRequest, seconds: float | None) -> runs_pb2.ListRunsResponse:
        """Returns a page of runs."""
        return await _answer(self._stub.ListRuns(request, timeout=seconds, metadata=self._metadata))

    async def cancel_run(self, request: runs_pb2.CancelRunRequest, seconds: float | None) -> runs_pb2.Run:
        """Asks for a run to end."""
        return await _answer(self._stub.CancelRun(request, timeout=seconds, metadata=self._metadata))

    async def close(self) -> None:
        """Ends the calls under way and closes the connection."""
        await self._channel.close()


_OPTIONS: ChannelOptions = (
    ("grpc.primary_user_agent", f"headwater-client/{__version__}"),
    # gRPC's own pauses grow to two minutes, and every call fails meanwhile: too long to resume a stream.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Finds out about a peer that went away without a word; servers of Headwater allow a ping every 10 s.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # A run's last event holds the whole test file and every dropped test, or every gap.
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    # Each client has its own connection, and its own reconnect state.
    ("grpc.use_local_subchannel_pool", 1),
)
"""Defaults; a caller's option of the same name comes later and wins."""


def _metadata(token: str | None, api_key: str | None) -> tuple[tuple[str, str], ...]:
    metadata: list[tuple[str, str]] = []
    if token:
        metadata.append(("authorization", f"Bearer {token}"))
    if api_key:
        metadata.append(("x-api-key", api_key))
    return tuple(metadata)


async def _answer(call: Awaitable[_T]) -> _T:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise from_call(error) from error

"""The client for code without an event loop: the asynchronous one, run in a thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypedDict, TypeVar, Unpack

from headwater.v1 import (
    analyze_coverage_pb2,
    generate_project_pb2,
    generate_tests_pb2,
    list_providers_pb2,
    projects_pb2,
    runs_pb2,
)
from headwater_client.backoff import Backoff
from headwater_client.channel import ChannelOptions, Tls
from headwater_client.client import DEFAULT_TARGET, AsyncClient, StateName
from headwater_client.coverage import AnalyzeCoverageFields, Report
from headwater_client.errors import client_closed
from headwater_client.events import Event
from headwater_client.project import GenerateProjectFields
from headwater_client.request import GenerateTestsFields
from headwater_client.stream import EventStream

_T = TypeVar("_T")
_E = TypeVar("_E", bound=Event)
_C = TypeVar("_C")


class ClientOptions(TypedDict, total=False):
    """What `AsyncClient` takes beside the target, and means there."""

    token: str | None
    api_key: str | None
    tls: bool | Tls
    timeout: float | None
    resume: bool
    max_resume_seconds: float
    backoff: Backoff | None
    raise_on_error: bool
    channel_options: ChannelOptions


class Client:
    """Calls a Headwater server; `AsyncClient` for code without an event loop, and with the same options.

    May be used from several threads. Use it as `with Client(…) as client:`, or `close()` it at the end. An interrupt
    (Ctrl-C) while a call is under way cancels the call.
    """

    def __init__(self, target: str = DEFAULT_TARGET, **options: Unpack[ClientOptions]) -> None:
        self._client = AsyncClient(target, **options)
        self._thread = _LoopThread(self._client)
        # Also runs when the client is forgotten, and at the exit of the program.
        self._finalizer = weakref.finalize(self, self._thread.close)

    def generate_tests(
        self,
        source: str | None = None,
        *,
        request: generate_tests_pb2.GenerateTestsRequest | None = None,
        **fields: Unpack[GenerateTestsFields],
    ) -> Events[generate_tests_pb2.GenerateTestsEvent, generate_tests_pb2.GenerateTestsComplete]:
        """Starts a run that generates tests, once the events are read; see `AsyncClient.generate_tests`."""
        return Events(self, self._thread, self._client.generate_tests(source, request=request, **fields))

    def analyze_coverage(
        self,
        reports: Report | Sequence[Report] | None = None,
        *,
        request: analyze_coverage_pb2.AnalyzeCoverageRequest | None = None,
        **fields: Unpack[AnalyzeCoverageFields],
    ) -> Events[analyze_coverage_pb2.AnalyzeCoverageEvent, analyze_coverage_pb2.AnalyzeCoverageComplete]:
        """Starts a run that analyses coverage, once the events are read; see `AsyncClient.analyze_coverage`."""
        return Events(self, self._thread, self._client.analyze_coverage(reports, request=request, **fields))

    def generate_project(
        self,
        requirements: str | None = None,
        *,
        request: generate_project_pb2.GenerateProjectRequest | None = None,
        **fields: Unpack[GenerateProjectFields],
    ) -> Events[generate_project_pb2.GenerateProjectEvent, generate_project_pb2.GenerateProjectComplete]:
        """Starts a run that generates a project, once the events are read; see `AsyncClient.generate_project`."""
        return Events(self, self._thread, self._client.generate_project(requirements, request=request, **fields))

    def get_project(self, project: str) -> projects_pb2.Project:
        """Returns a project: its phases, its manifest and its proof, as far as they have come."""
        return self._thread.run(self._client.get_project(project))

    def get_project_file(self, project: str, path: str) -> bytes:
        """Returns one file of a project."""
        return self._thread.run(self._client.get_project_file(project, path))

    def get_project_archive(self, project: str) -> bytes:
        """Returns all files of a project as a zip archive."""
        return self._thread.run(self._client.get_project_archive(project))

    def watch_run(self, run: str, after: int = 0) -> Events[Any, Any]:
        """Streams a run's events after a sequence, to the terminal event."""
        return Events(self, self._thread, self._client.watch_run(run, after))

    def list_providers(self, provider: str = "", *, check: bool = False) -> list[list_providers_pb2.Provider]:
        """Returns who can write tests on the server."""
        return self._thread.run(self._client.list_providers(provider, check=check))

    def get_run(self, run: str) -> runs_pb2.Run:
        """Returns the state of a run."""
        return self._thread.run(self._client.get_run(run))

    def list_runs(
        self, *, state: StateName | None = None, method: str = "", page_size: int = 0
    ) -> Iterator[runs_pb2.Run]:
        """Iterates over the caller's runs, newest first, and asks for further pages as it goes."""
        # A generator, which holds this object: a client that nobody else holds would be closed.
        yield from self._thread.pull(self._client.list_runs(state=state, method=method, page_size=page_size))

    def cancel_run(self, run: str, reason: str = "") -> runs_pb2.Run:
        """Cancels a run and returns its state; a run that has ended stays as it is."""
        return self._thread.run(self._client.cancel_run(run, reason))

    def close(self) -> None:
        """Ends the calls under way, closes the connection and ends the thread; may be called again."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Events(Generic[_E, _C]):
    """Streams the events of one run: `EventStream` for code without an event loop."""

    def __init__(self, client: Client, thread: _LoopThread, stream: EventStream[_E, _C]) -> None:
        self._client = client  # lives as long as its streams do
        self._thread = thread
        self._stream = stream

    @property
    def run(self) -> str:
        """The run's id; empty until the first event of a new run arrived."""
        return self._stream.run

    @property
    def sequence(self) -> int:
        """The sequence of the last event that was handed out."""
        return self._stream.sequence

    def complete(self) -> _C:
        """Reads to the end and returns the result. Raises HeadwaterError if the run failed or was cancelled."""
        return self._thread.run(self._stream.complete())

    def close(self) -> None:
        """Leaves the stream; may be called again, and while another thread reads."""
        self._thread.soon(self._stream.close)

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[_E]:
        # A generator, which holds this object: dropping it before its end would leave the stream.
        yield from self._thread.pull(aiter(self._stream))

    def __next__(self) -> _E:
        event = self._thread.run(_next(self._stream))
        if event is None:
            raise StopIteration
        return event


class _LoopThread:
    """A thread that runs an event loop for a client, and the door to it for the other threads."""

    def __init__(self, client: AsyncClient) -> None:
        started: concurrent.futures.Future[asyncio.AbstractEventLoop] = concurrent.futures.Future()
        self._stop = asyncio.Event()
        # Reentrant: a collection inside may drop an `Events`, which comes back for the lock.
        self._lock = threading.RLock()
        self.closed = False
        serve = self._serve(client, started)
        self._thread = threading.Thread(target=asyncio.run, args=(serve,), name="headwater-client", daemon=True)
        self._thread.start()
        self._loop = started.result()

    async def _serve(self, client: AsyncClient, started: concurrent.futures.Future[asyncio.AbstractEventLoop]) -> None:
        started.set_result(asyncio.get_running_loop())
        await self._stop.wait()
        await client.close()

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Runs a coroutine to its end; whatever ends the wait earlier, such as KeyboardInterrupt, cancels it."""
        with self._lock:
            if self.closed:
                coroutine.close()
                raise client_closed()
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise client_closed() from None
        finally:
            future.cancel()

    def soon(self, callback: Callable[[], None]) -> None:
        """Has the loop call something; nothing happens once it is closed, for then all is."""
        with self._lock:
            if not self.closed:
                self._loop.call_soon_threadsafe(callback)

    def pull(self, items: AsyncIterator[_T]) -> Generator[_T, None, None]:
        """Iterates over what the loop makes. Dropped early, it drops `items`, which their loop then closes."""
        while (item := self.run(_next(items))) is not None:
            yield item

    def close(self) -> None:
        """Closes the client and ends the loop; what still runs in it is cancelled."""
        with self._lock:
            if not self.closed:
                self.closed = True
                self._loop.call_soon_threadsafe(self._stop.set)
        if threading.current_thread() is not self._thread:
            self._thread.join()


async def _next(items: AsyncIterator[_T]) -> _T | None:
    return await anext(items, None)

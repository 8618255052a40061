"""Starts the faces on a service, and drains it on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
import uvicorn

from headwater import __version__
from headwater.auth import check_bind
from headwater.config import Settings
from headwater.errors import Code, Problem, problem
from headwater.gateway import GatewayOptions, PageSources, make_app, server_config
from headwater.grpc_face import GrpcFace
from headwater.methods import Method
from headwater.service import Service, build_service
from headwater.tls import check_tls, grpc_credentials, secure_http

LOG = structlog.get_logger(__name__)

FAILED = 1
"""The exit code after a fault of the service itself."""
GOODBYE_SECONDS = 2.0
"""How long streams may still be written when everything has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the faces listen."""

    grpc: int
    http: int


async def serve(settings: Settings, announce: Callable[[Ports], None]) -> None:
    """Serves until SIGTERM or SIGINT, then drains; a second signal ends at once.

    `announce` is told the ports once both faces accept calls. Raises the Problem of a setting that does not hold: a
    port in use, a locked store, a bind that needs auth. Exits with 1 after a fault that ended the runs: whoever
    supervises the process starts it again, and it then takes them up.
    """
    stopping = asyncio.Event()
    with _signals(stopping):
        async with _served(settings, None) as (ports, service):
            announce(ports)
            failed = asyncio.create_task(service.failed())
            await _first(failed, asyncio.create_task(stopping.wait()))
            LOG.info("draining", seconds=settings.drain_seconds)
    if failed.done() and not failed.cancelled():
        raise SystemExit(FAILED)


@asynccontextmanager
async def running(settings: Settings, methods: Mapping[str, Method] | None = None) -> AsyncGenerator[Ports]:
    """Runs a server for as long as the context lasts, and drains it at its end.

    `methods` replaces those of the descriptor, for whoever measures the faces with an orchestrator of its own.
    """
    async with _served(settings, methods) as (ports, _):
        yield ports


@asynccontextmanager
async def _served(settings: Settings, methods: Mapping[str, Method] | None) -> AsyncGenerator[tuple[Ports, Service]]:
    check_bind(settings.host, auth_required=settings.auth_required)
    check_tls(settings)
    http_socket = _bind(settings.host, settings.http_port, "http_port")
    service = await build_service(settings, methods)
    faces = _Faces(service, http_socket)
    try:
        ports = await faces.open()
        await service.open()
        await faces.serving(True)
        LOG.info("serving", grpc_port=ports.grpc, http_port=ports.http, version=__version__)
        yield ports, service
        await faces.serving(False)
        await service.drain()
    finally:
        async with AsyncExitStack() as ending:
            ending.callback(http_socket.close)
            ending.push_async_callback(service.close)
            await faces.close()
        LOG.info("stopped")


async def _first(*tasks: asyncio.Task[Any]) -> None:
    """Waits for the first to be done, and cancels the others."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


class _Faces:
    """The listening servers of a service."""

    def __init__(self, service: Service, http_socket: socket.socket) -> None:
        settings = service.settings
        self._settings = settings
        self._grpc = GrpcFace(service.dispatch, service.metrics, message_bytes=settings.max_upload_mb << 20)
        self._closing = asyncio.Event()
        self._http_socket = http_socket
        self._http = _make_http(service, http_socket, self._closing)
        self._serving: asyncio.Task[None] | None = None

    async def open(self) -> Ports:
        """Listens on both ports."""
        port = self._add_grpc_port()
        await self._grpc.serving(False)
        await self._grpc.server.start()
        self._serving = asyncio.create_task(self._http.serve(sockets=[self._http_socket]), name="http")
        while not self._http.started and not self._serving.done():  # noqa: ASYNC110 — uvicorn tells by a flag only
            await asyncio.sleep(0.005)
        return Ports(grpc=port, http=self._http_socket.getsockname()[1])

    async def serving(self, yes: bool) -> None:
        """Tells health checks whether to send calls here."""
        await self._grpc.serving(yes)

    async def close(self) -> None:
        """Ends what is still streamed and stops listening."""
        self._closing.set()
        self._http.should_exit = True
        await self._grpc.server.stop(GOODBYE_SECONDS)
        if self._serving is not None:
            await asyncio.wait([self._serving], timeout=GOODBYE_SECONDS)
            self._http.force_exit = True
            await self._serving

    def _add_grpc_port(self) -> int:
        settings = self._settings
        address = (
            f"[{settings.host}]:{settings.grpc_port}"
            if ":" in settings.host
            else f"{settings.host}:{settings.grpc_port}"
        )
        try:
            if settings.tls_certificate is not None:
                return self._grpc.server.add_secure_port(address, grpc_credentials(settings))
            return self._grpc.server.add_insecure_port(address)
        except RuntimeError:
            raise _port_taken("grpc_port", settings.host, settings.grpc_port, "the port is in use") from None


def _make_http(service: Service, http_socket: socket.socket, closing: asyncio.Event) -> uvicorn.Server:
    settings = service.settings
    options = GatewayOptions(
        cors_origins=settings.cors_origins,
        heartbeat_seconds=settings.heartbeat_seconds,
        max_body_bytes=settings.max_upload_mb << 20,
        send_seconds=settings.send_seconds,
    )
    pages = PageSources(metrics=service.metrics.page, ready=service.ready, version=__version__)
    app = make_app(service.dispatch, options=options, pages=pages, meter=service.metrics, closing=closing)
    config = server_config(app, host=settings.host, port=http_socket.getsockname()[1], options=options)
    secure_http(config, settings)
    return _Http(config)


class _Http(uvicorn.Server):
    """A uvicorn server that leaves the signals to us: both faces are drained together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Captures none."""
        yield


def _bind(host: str, port: int, setting: str) -> socket.socket:
    """Takes the port before anything is started. Raises Problem FAILED_PRECONDITION `PORT_UNUSABLE`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        why = "the port is in use" if error.errno == errno.EADDRINUSE else (error.strerror or str(error))
        raise _port_taken(setting, host, port, why) from None


def _port_taken(setting: str, host: str, port: int, why: str) -> Problem:
    message = f"Cannot listen on {host}:{port}: {why}."
    remedy = f"Stop what listens there, or choose another with --{setting.replace('_', '-')} (0 takes a free one)."
    return problem(Code.FAILED_PRECONDITION, "PORT_UNUSABLE", message, remedy, port=str(port))


@contextlib.contextmanager
def _signals(stopping: asyncio.Event) -> Generator[None]:
    """Sets the event at the first SIGTERM or SIGINT, and cancels the caller at the second."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def stop() -> None:
        if stopping.is_set() and task is not None:
            task.cancel()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

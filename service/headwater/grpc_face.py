"""The gRPC face: serves every method of the descriptor, with reflection and health. Decodes, encodes, decides nothing.

Stream items leave as the bytes that are in the journal: they were serialized once, when they were emitted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from headwater.auth import Credentials
from headwater.dispatch import Dispatch
from headwater.errors import Code, Problem, problem
from headwater.methods import Kind, Method
from headwater.metrics import Call, Metrics, Stream
from headwater.status import status_of
from headwater.v1 import watch_run_pb2

KEEPALIVE = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    # Two servers on one port would share its connections by chance: a taken port is an error, not a lottery.
    ("grpc.so_reuseport", 0),
)


class GrpcFace:
    """A gRPC server with every method, reflection and health."""

    def __init__(self, dispatch: Dispatch, metrics: Metrics, *, message_bytes: int) -> None:
        """Serves `dispatch`; a message that comes may have `message_bytes`."""
        sizes = (("grpc.max_receive_message_length", message_bytes), ("grpc.max_send_message_length", -1))
        self.server = grpc.aio.server(options=(*KEEPALIVE, *sizes))
        self.server.add_generic_rpc_handlers((_Methods(dispatch, metrics),))
        self._services = sorted({method.service for method in dispatch.methods.values()})
        # grpc_health's type stubs do not know of its half for asyncio.
        self._health: Any = vars(health)["aio"].HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.server)
        names = (*self._services, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self.server)

    async def serving(self, yes: bool) -> None:
        """Tells health checks of the server as a whole (the empty name) and of each service whether to send calls."""
        status = health_pb2.HealthCheckResponse.SERVING if yes else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", *self._services):
            await self._health.set(name, status)


class _Methods(grpc.GenericRpcHandler):
    """Finds the handler of a call by its path."""

    def __init__(self, dispatch: Dispatch, metrics: Metrics) -> None:
        self._handlers: Mapping[str, Any] = {
            method.path: _handler(dispatch, metrics, method) for method in dispatch.methods.values()
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return self._handlers.get(handler_call_details.method)


def _handler(dispatch: Dispatch, metrics: Metrics, method: Method) -> grpc.RpcMethodHandler[bytes, bytes]:
    """Makes the handler of a method. Without serializers, it is given and gives bytes."""
    if method.kind is Kind.QUERY:

        async def answer(data: bytes, context: Any) -> bytes | None:
            call = metrics.call(method.name)
            return await _measured(call, context, _answer(dispatch, method, data, context, call))

        return grpc.unary_unary_rpc_method_handler(answer)

    async def stream(data: bytes, context: Any) -> None:
        call, meter = metrics.call(method.name), metrics.stream(method.name)
        try:
            await _measured(call, context, _stream(dispatch, method, data, context, call=call, meter=meter))
        finally:
            meter.closed()

    return grpc.unary_stream_rpc_method_handler(stream)


async def _measured(call: Call, context: Any, work: Awaitable[bytes | None]) -> bytes | None:
    """Does the work, refuses with the Problem that it raises, and counts how it ended."""
    call.received()
    code: Code | None = Code.CANCELLED
    try:
        answer = await work
        code = None
    except Problem as refusal:
        code = refusal.code
        return await context.abort_with_status(rpc_status.to_status(status_of(refusal)))
    else:
        return answer
    finally:
        call.ended(code)


async def _answer(dispatch: Dispatch, method: Method, data: bytes, context: Any, call: Call) -> bytes:
    response = await dispatch.ask(method, _parse(method, data), _credentials(context))
    call.sent()
    return response.SerializeToString()


async def _stream(dispatch: Dispatch, method: Method, data: bytes, context: Any, *, call: Call, meter: Stream) -> None:
    watch = await dispatch.open(method, _parse(method, data), _credentials(context))
    context.set_trailing_metadata((("headwater-run", watch.run),))
    wrap = _wrapper(watch.method) if method.kind is Kind.WATCH else None
    try:
        while not watch.ended:
            rows = await watch.read()
            for row in rows:
                await context.write(row.payload if wrap is None else wrap(row.payload))
            call.sent(len(rows))
            meter.delivered(watch.behind)
    except grpc.aio.InternalError:
        # A client that leaves while a write waits for its window shows as a failed batch, not as a cancellation.
        raise asyncio.CancelledError from None
    finally:
        await watch.close()


def _wrapper(method: Method) -> Callable[[bytes], bytes]:
    """Makes the function that puts a serialized event of `method` into a serialized WatchRunEvent."""
    fields = watch_run_pb2.WatchRunEvent.DESCRIPTOR.fields
    name = next(field.name for field in fields if field.message_type is method.response.DESCRIPTOR)

    def wrap(payload: bytes) -> bytes:
        event: Any = {name: method.response.FromString(payload)}
        return watch_run_pb2.WatchRunEvent(**event).SerializeToString()

    return wrap


def _parse(method: Method, data: bytes) -> Message:
    try:
        return method.request.FromString(data)
    except DecodeError:
        message = f"The bytes are no {method.request.DESCRIPTOR.name}."
        remedy = "Use stubs made from this server's protos; reflection serves them."
        raise problem(Code.INVALID_ARGUMENT, "REQUEST_MALFORMED", message, remedy) from None


def _credentials(context: Any) -> Credentials:
    found = {key: value for key, value in context.invocation_metadata() or () if key in {"authorization", "x-api-key"}}
    key = found.get("x-api-key")
    return Credentials(
        authorization=found.get("authorization") or (f"ApiKey {key}" if key else ""), peer=context.peer()
    )

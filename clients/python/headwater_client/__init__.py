"""The Python client of Headwater: streams that resume after a cut, errors that say what to do.

    async with AsyncClient("localhost:50051") as client:
        async for event in client.generate_tests(source=code):
            print(kind(event), payload(event))

`Client` is the same for code without an event loop. Needs grpcio, protobuf, googleapis-common-protos and the stubs in
`headwater.v1`.
"""

from headwater_client.backoff import Backoff
from headwater_client.channel import Tls
from headwater_client.client import AsyncClient
from headwater_client.coverage import AnalyzeCoverageFields
from headwater_client.errors import HeadwaterError, RunCancelled, StreamCut, StreamGap, Violation
from headwater_client.events import Event, kind, payload, raise_for_error
from headwater_client.project import GenerateProjectFields
from headwater_client.request import GenerateTestsFields
from headwater_client.stream import EventStream
from headwater_client.sync import Client, Events

__all__ = [
    "AnalyzeCoverageFields",
    "AsyncClient",
    "Backoff",
    "Client",
    "Event",
    "EventStream",
    "Events",
    "GenerateProjectFields",
    "GenerateTestsFields",
    "HeadwaterError",
    "RunCancelled",
    "StreamCut",
    "StreamGap",
    "Tls",
    "Violation",
    "kind",
    "payload",
    "raise_for_error",
]

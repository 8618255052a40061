"""Readers that live through what happens to a server, and readers that do not read."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from headwater_client import Client, HeadwaterError

from .server import SECONDS, Server
from .streams import (
    Event,
    Frame,
    frames,
)


class Watcher:
    """Reads a run by the synchronous client in a thread, over whatever happens to the server."""

    def __init__(self, server: Server, run: str) -> None:
        self._found: list[Event] = []
        self._failure: list[BaseException] = []
        begun = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(server.grpc, run, begun.set))
        self._thread.start()
        assert begun.wait(SECONDS)

    def events(self) -> list[Event]:
        self._thread.join(SECONDS)
        assert not self._failure, self._failure
        return self._found

    def _read(self, target: str, run: str, begun: Callable[[], None]) -> None:
        try:
            with Client(target) as client:
                for event in client.watch_run(run):
                    self._found.append(event)
                    begun()
        except HeadwaterError as failure:
            self._failure.append(failure)
            begun()


class Stalled:
    """A reader with a small buffer that sends a request and reads the answer line by line, or not at all."""

    def __init__(self, server: Server, asked: Any) -> None:
        place = urlsplit(server.http)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(SECONDS)
        self._socket.connect((place.hostname, place.port))
        body = json.dumps(asked).encode()
        # HTTP/1.0: the answer is not chunked, so that its lines are the stream's.
        head = "POST /v1/tests:generate HTTP/1.0\r\nhost: localhost\r\naccept: text/event-stream\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> tuple[socket.socket, Iterator[str]]:
        while self._file.readline() not in (b"\r\n", b""):
            pass
        return self._socket, (line.decode().rstrip("\n") for line in self._file)

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()


def rest_of(stalled: socket.socket, lines: Iterator[str]) -> list[Frame]:
    """Reads what still comes before the connection breaks; a frame that is not whole does not count."""
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    found: list[Frame] = []
    with suppress(ConnectionResetError, json.JSONDecodeError):
        for frame in frames(lines):
            found.append(frame)  # noqa: PERF402 — what came before the break is kept
    return found

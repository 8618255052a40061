"""A dispatcher in memory for the tests of the gateway: runs are lists of real events, which a test adds to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from headwater.auth import Credentials
from headwater.errors import Code, Problem, problem
from headwater.methods import Kind, Method, _method
from headwater.store import EventRow
from headwater.v1 import headwater_pb2
from headwater.v1.generate_tests_pb2 import GenerateTestsEvent

TERMINAL = ("complete", "error", "cancelled")


def methods() -> Mapping[str, Method]:
    """The service's methods, from the descriptor; what their orchestrators do is not the gateway's concern."""
    service = headwater_pb2.DESCRIPTOR.services_by_name["HeadwaterService"]
    return {each.name: _method(service, each, _unused) for each in service.methods}


def _unused() -> None:
    """Stands for an orchestrator; the desk calls none."""


def event(run: str, sequence: int, **payload: Any) -> EventRow:
    """Makes a journaled event, such as `event("r1", 2, chunk={"content": "x"})`."""
    message = GenerateTestsEvent(sequence=sequence, run=run, **payload)
    message.time.FromJsonString(f"2026-01-31T12:00:00.{sequence:03}Z")
    kind = message.WhichOneof("event")
    assert kind is not None
    return EventRow(sequence, kind, message.SerializeToString())


class Run:
    """One run's journal, and those who wait for it to grow."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[EventRow] = []
        self.grown = asyncio.Event()

    def add(self, **payload: Any) -> None:
        self.rows.append(event(self.name, len(self.rows) + 1, **payload))
        self.grown.set()


class DeskWatch:
    """One reader, as the dispatcher's."""

    def __init__(self, run: Run, method: Method, after: int, page: int) -> None:
        self.run = run.name
        self.method = method
        self.after = after
        self.closed = asyncio.Event()
        self._run = run
        self._page = page
        self.broken: Problem | None = None

    @property
    def ended(self) -> bool:
        rows = self._run.rows
        return bool(rows) and rows[-1].kind in TERMINAL and self.after >= len(rows)

    @property
    def behind(self) -> int:
        return len(self._run.rows) - self.after

    async def read(self, wait_seconds: float | None = None) -> Sequence[EventRow]:
        while not self.ended:
            if self.broken is not None:
                raise self.broken
            rows = self._run.rows[self.after : self.after + self._page]
            if rows:
                self.after = rows[-1].sequence
                return rows
            self._run.grown.clear()
            try:
                await asyncio.wait_for(self._run.grown.wait(), wait_seconds)
            except TimeoutError:
                return ()
        return ()

    async def close(self) -> None:
        self.closed.set()


class Desk:
    """Hands out watches, and remembers what it was asked."""

    def __init__(self) -> None:
        self.methods = methods()
        self.runs: dict[str, Run] = {}
        self.watches: list[DeskWatch] = []
        self.opened: list[tuple[str, Any, str, int]] = []
        self.asked: list[tuple[str, Any]] = []
        self.credentials: list[Credentials] = []
        self.answers: dict[str, Message] = {}
        self.refusal: Problem | None = None
        self.begin: Callable[[Run], None] = lambda run: run.add(start={"module": "cart"})
        self.page = 500
        self._watched = asyncio.Condition()

    def run(self, name: str) -> Run:
        return self.runs.setdefault(name, Run(name))

    def request(self) -> dict[str, Any]:
        """Returns the newest request of a stream."""
        return json_format.MessageToDict(self.opened[-1][1], preserving_proto_field_name=True)

    async def watch(self, index: int = 0) -> DeskWatch:
        """Waits for the n-th watch that was handed out."""
        async with self._watched:
            await self._watched.wait_for(lambda: len(self.watches) > index)
        return self.watches[index]

    async def ask(self, method: Method, request: Message, credentials: Credentials) -> Message:
        self.asked.append((method.name, request))
        self._check(credentials)
        return self.answers.get(method.name) or method.response()

    async def open(
        self, method: Method, request: Message, credentials: Credentials, *, run: str = "", after: int = 0
    ) -> DeskWatch:
        self.opened.append((method.name, request, run, after))
        self._check(credentials)
        if not run and method.kind is Kind.JOB:
            began = self.run(f"r{len(self.runs) + 1}")
            self.begin(began)
            return await self._hand_out(began, after)
        asked: Any = request
        name, after = (run, after) if run else (asked.run, asked.after)
        if name not in self.runs:
            raise problem(Code.NOT_FOUND, "RUN_NOT_FOUND", f"There is no run {name!r}.", run=name)
        return await self._hand_out(self.runs[name], after)

    async def _hand_out(self, run: Run, after: int) -> DeskWatch:
        watch = DeskWatch(run, self.methods["GenerateTests"], after, self.page)
        self.watches.append(watch)
        async with self._watched:
            self._watched.notify_all()
        return watch

    def _check(self, credentials: Credentials) -> None:
        self.credentials.append(credentials)
        if self.refusal is not None:
            raise self.refusal

"""Runs: starts them, resumes their readers, cancels them, and adopts what a crash left behind."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from google.protobuf.message import DecodeError, Message

from headwater.errors import Code, Problem, invalid, problem
from headwater.journal import KEY_TAKEN, Journal, Log
from headwater.live import Live, interrupted, unreadable
from headwater.methods import Method
from headwater.metrics import Metrics
from headwater.policy import RunPolicy
from headwater.rpc import Tools
from headwater.store import Claim, Prune, Renew, RunQuery, RunRow, State, Store
from headwater.store.ids import new_run_id
from headwater.store.queries import check_texts
from headwater.turns import Turns
from headwater.v1 import runs_pb2
from headwater.watch import Watch, cursor_ahead, cursor_too_old, kept_events

LOG = structlog.get_logger(__name__)

ORPHANS_AT_ONCE = 100
LONGEST_KEY = 128
"""Characters of an idempotency key, as the proto says."""


class RunService:
    """The runs of this process, and the `Runs` of the orchestrators."""

    def __init__(
        self,
        *,
        store: Store,
        journal: Journal,
        turns: Turns,
        methods: Mapping[str, Method],
        policy: RunPolicy,
        holder: str,
        metrics: Metrics,
    ) -> None:
        """Carries runs of `methods`; `holder` names this process in the store."""
        self._store = store
        self._journal = journal
        self._turns = turns
        self._methods = methods
        self._policy = policy
        self._holder = holder
        self._metrics = metrics
        self._tools: Tools | None = None
        self._live: dict[str, Live] = {}
        self._starting: dict[tuple[str, str], asyncio.Lock] = {}
        self._draining = False

    def equip(self, tools: Tools) -> None:
        """Hands over what orchestrators work with, once it is built; until then new runs are refused."""
        self._tools = tools

    async def start(self, method: Method, request: Message, owner: str) -> Watch:
        """Starts a run and returns a watch on it, once its first event is durable.

        The same idempotency key attaches to the run that it started. Raises the Problem with which the orchestrator
        refuses the request, RESOURCE_EXHAUSTED `QUEUE_FULL`, ALREADY_EXISTS `IDEMPOTENCY_KEY_REUSED` and
        UNAVAILABLE `NOT_SERVING`.
        """
        key = _options(request).idempotency_key
        if len(key) > LONGEST_KEY:
            message = f"The idempotency key has {len(key)} characters; the most are {LONGEST_KEY}."
            raise invalid("OUT_OF_BOUNDS", "run_options.idempotency_key", message, "Use a UUID.")
        if not key:
            return await self._start(method, request, owner, "")
        lock = self._starting.setdefault((owner, key), asyncio.Lock())
        try:
            async with lock:
                return await self._attach(method, request, owner, key) or await self._start(method, request, owner, key)
        except Problem as lost:
            # Another process, or a caller behind another lock, was faster by a moment: its run is the one.
            taken = lost.reason == KEY_TAKEN and await self._attach(method, request, owner, key)
            if not taken:
                raise
            return taken
        finally:
            if not lock.locked():
                self._starting.pop((owner, key), None)

    async def watch(self, run: str, owner: str, after: int) -> Watch:
        """Returns a watch on a run that is there.

        Raises Problem NOT_FOUND `RUN_NOT_FOUND`, OUT_OF_RANGE `CURSOR_TOO_OLD` and `CURSOR_AHEAD`.
        """
        row = await self.find(run, owner)
        if after > row.last_sequence:
            # Who reads from the store may see a commit before this process, which made it, hears that it was made.
            (row,) = await self._store.runs(RunQuery(run=run, limit=1, lean=True)) or (row,)
        if after > row.last_sequence:
            raise cursor_ahead(run, after, row.last_sequence)
        if after + 1 < row.first_sequence:
            raise cursor_too_old(run, after, row.first_sequence)
        return self._watch(row, after)

    async def find(self, run: str, owner: str) -> RunRow:
        """Returns a run. Raises Problem NOT_FOUND `RUN_NOT_FOUND`."""
        live = self._live.get(run)
        rows = [live.log.row] if live is not None else await self._store.runs(RunQuery(run=run, limit=1, lean=True))
        if not rows or rows[0].owner != owner:
            message = f"There is no run {run!r}."
            raise problem(Code.NOT_FOUND, "RUN_NOT_FOUND", message, "ListRuns shows your runs.", run=run)
        return rows[0]

    async def list(self, query: RunQuery) -> Sequence[RunRow]:
        """Returns the runs that the query asks for, newest first."""
        return await self._store.runs(query)

    async def events(self, run: str, owner: str) -> Sequence[Message]:
        """Returns the events of a run that are kept, oldest first. Raises Problem NOT_FOUND `RUN_NOT_FOUND`."""
        response = self._methods[(await self.find(run, owner)).method].response
        return [response.FromString(each.payload) async for each in kept_events(self._store, run)]

    async def cancel(self, run: str, owner: str, reason: str) -> RunRow:
        """Cancels a run and returns it as it then is. Raises Problem NOT_FOUND, UNAVAILABLE `RUN_ELSEWHERE`."""
        row = await self.find(run, owner)
        live = self._live.get(run)
        if live is not None:
            await live.stop("client", reason)
            return live.log.row
        if not row.state.ended:
            remedy = "Try again: the call must reach the process that carries the run."
            raise problem(Code.UNAVAILABLE, "RUN_ELSEWHERE", f"Another process carries run {run}.", remedy, run=run)
        return row

    async def adopt(self, *, everything: bool) -> None:
        """Takes over the runs of dead processes: all that have not ended, or those whose lease ran out."""
        at = float("inf") if everything else time.time()
        await self._take_over(await self._store.runs(RunQuery(orphaned_at=at, limit=ORPHANS_AT_ONCE, lean=True)))

    async def tend(self) -> None:
        """Renews the leases, adopts orphans and deletes what is too old, until cancelled.

        A fault that time does not mend, here or in the journal, ends every run towards its readers, and is raised: the
        process is of no more use, and the next one adopts the runs.
        """
        policy = self._policy
        works = (
            self._journal.stopped(),
            self._repeat(self._renew, policy.lease_seconds / 3),
            self._repeat(self._look_after, policy.lease_seconds / 2),
            self._repeat(self._prune, policy.prune_seconds),
        )
        tasks = [asyncio.create_task(work) for work in works]
        try:
            (first, *_), _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        fault = first.exception()
        if fault is not None:
            LOG.error("runs_stopped", cause=f"{type(fault).__name__}: {fault}", runs=len(self._live), exc_info=fault)
            self._fail()
            raise fault

    def _fail(self) -> None:
        """Refuses new runs, and ends those at work towards their readers."""
        self._draining = True
        message = "The server met a fault and starts again."
        told = Problem(Code.UNAVAILABLE, "RUNS_STOPPED", message, "Watch the run again.", retry_after_seconds=1.0)
        for live in list(self._live.values()):
            live.fail(told)

    async def _repeat(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await work()
            except Problem as failure:
                if failure.code is not Code.UNAVAILABLE:
                    raise
                # The store is away for now: the next round tries again, and /readyz says so meanwhile.
                LOG.warning("store_unreachable", reason=failure.reason, message=failure.message)
            await asyncio.sleep(seconds)

    async def _renew(self) -> None:
        until = time.time() + self._policy.lease_seconds
        await self._store.commit([Renew(holder=self._holder, lease_until=until)])

    async def _look_after(self) -> None:
        """Adopts the runs of dead processes, and our own that a store that was away too long has cut off."""
        await self.adopt(everything=False)
        ours = [each for each in await self._open_runs() if each.holder == self._holder]
        await self._take_over([each for each in ours if each.created < time.time() - self._policy.lease_seconds])

    async def _open_runs(self) -> Sequence[RunRow]:
        found: list[RunRow] = []
        query = RunQuery(orphaned_at=float("inf"), limit=ORPHANS_AT_ONCE, lean=True)
        while page := await self._store.runs(query):
            found += page
            query = replace(query, before=page[-1].run)
        return found

    async def _take_over(self, rows: Sequence[RunRow]) -> None:
        for row in rows:
            if row.run not in self._live and row.method in self._methods and self._tools and not self._draining:
                await self._adopt(row, self._tools)

    async def drain(self, seconds: float) -> None:
        """Refuses new runs, lets those at work finish for `seconds`, then cancels the rest."""
        self._draining = True
        live = list(self._live.values())
        await asyncio.gather(*(each.done(seconds) for each in live))
        await asyncio.gather(*(each.stop("shutdown", "The server shut down.") for each in self._live.values()))

    @property
    def draining(self) -> bool:
        """Whether new runs are refused because the server ends."""
        return self._draining

    async def _start(self, method: Method, request: Message, owner: str, key: str) -> Watch:
        tools = self._tools
        if self._draining or tools is None:
            message = "The server shuts down." if self._draining else "The server is not ready yet."
            raise Problem(Code.UNAVAILABLE, "NOT_SERVING", message, "Try again.", retry_after_seconds=1.0)
        grace, seconds = self._policy.grace(_options(request)), self._policy.seconds(_options(request))
        # What no database can hold would else be found in the commit, together with the events of other runs.
        check_texts((owner, key))
        self._turns.admit()
        now = time.time()
        row = RunRow(
            run=new_run_id(now),
            method=method.name,
            owner=owner,
            request=request.SerializeToString(),
            request_hash=_digest(method, request),
            idempotency_key=key,
            state=State.RUNNING,
            holder=self._holder,
            created=now,
            lease_until=now + self._policy.lease_seconds,
        )
        log = Log(row, window=self._policy.window_events, fresh=True)
        live = self._live_run(method, request, log, (), seconds=seconds, grace=grace)
        live.begin(tools, self._ended)
        await live.first_event()
        return self._watch(live.log.row, 0, live)

    def _live_run(
        self,
        method: Method,
        request: Message,
        log: Log,
        past: Sequence[Message],
        *,
        seconds: float,
        grace: float | None,
    ) -> Live:
        live = Live(
            method=method,
            request=request,
            log=log,
            journal=self._journal,
            turns=self._turns,
            past=past,
            run_seconds=seconds,
            grace_seconds=grace,
        )
        self._live[log.row.run] = live
        return live

    def _ended(self, live: Live, kind: str, seconds: float) -> None:
        self._live.pop(live.log.row.run, None)
        self._metrics.run_ended(live.method.name, kind or "refused", seconds)

    async def _attach(self, method: Method, request: Message, owner: str, key: str) -> Watch | None:
        """Returns a watch on the run that the key started before, from its beginning; None if there is none."""
        rows = await self._store.runs(RunQuery(owner=owner, idempotency_key=key, limit=1, lean=True))
        if not rows:
            return None
        row = rows[0]
        if row.request_hash != _digest(method, request):
            message = f"The idempotency key belongs to run {row.run}, which had another request."
            remedy = "Choose another key, or send the same request."
            raise problem(Code.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED", message, remedy, run=row.run)
        if row.first_sequence > 1:
            raise cursor_too_old(row.run, 0, row.first_sequence)
        return self._watch(row, 0)

    def _watch(self, row: RunRow, after: int, live: Live | None = None) -> Watch:
        live = live or self._live.get(row.run)
        watch = Watch(
            store=self._store,
            method=self._methods[row.method],
            row=row,
            log=live.log if live is not None else None,
            after=after,
            poll_seconds=self._policy.poll_seconds,
            rejoin=self._rejoin,
            leave=self._leave,
        )
        if live is not None:
            live.join(watch)
        return watch

    def _rejoin(self, watch: Watch) -> Log | None:
        """Makes a watch on a run of another process one on ours, once we have taken the run over."""
        live = self._live.get(watch.run)
        if live is None or live.log.lost is not None:
            return None
        live.join(watch)
        return live.log

    async def _leave(self, watch: Watch) -> None:
        live = self._live.get(watch.run)
        if live is not None and not self._draining:
            await live.leave(watch)

    async def _adopt(self, row: RunRow, tools: Tools) -> None:
        until = time.time() + self._policy.lease_seconds
        claim = Claim(run=row.run, epoch=row.epoch, holder=self._holder, lease_until=until)
        (made,) = await self._store.commit([claim])
        if not made:
            return
        # Read only now that it is ours: until then another process may have written to it.
        (mine,) = await self._store.runs(RunQuery(run=row.run, limit=1))
        self._metrics.orphaned()
        LOG.warning("run_adopted", run=row.run, attempt=mine.epoch)
        method = self._methods[row.method]
        doom = interrupted(row) if row.epoch > self._policy.max_adoptions else None
        request: Any = method.request()
        past: list[Message] = []
        try:
            request.ParseFromString(mine.request)
            past += [method.response.FromString(each.payload) async for each in kept_events(self._store, row.run)]
        except DecodeError:
            request, doom = method.request(), unreadable(row)
        options = _options(request)
        seconds, grace = self._policy.seconds(options), self._policy.grace(options)
        self._turns.admit(adopted=True)
        log = Log(mine, window=self._policy.window_events, fresh=False)
        live = self._live_run(method, request, log, past, seconds=seconds, grace=grace)
        live.begin(tools, self._ended, doom)
        live.abandon(self._policy.detach_seconds)

    async def _prune(self) -> None:
        policy, now = self._policy, time.time()
        change = Prune(runs_before=now - policy.keep_runs_seconds, events_before=now - policy.keep_events_seconds)
        await self._store.commit([change])


def _options(request: Any) -> runs_pb2.RunOptions:
    return request.run_options


def _digest(method: Method, request: Message) -> str:
    """Identifies what a request asks for, so that a reused idempotency key is noticed."""
    return hashlib.sha256(method.name.encode() + b"\0" + request.SerializeToString(deterministic=True)).hexdigest()

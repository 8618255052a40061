"""The service without its faces: what serves a call, built from the settings and taken down again.

With server.py the composition root: nothing else builds tools.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import structlog

from headwater import __version__
from headwater.auth import make_auth
from headwater.config import Settings, read_variables
from headwater.dispatch import Dispatch
from headwater.errors import Problem
from headwater.journal import Journal
from headwater.methods import Kind, Method, load_methods
from headwater.metrics import Metrics, Rpc
from headwater.pipeline.guest import RUNNER
from headwater.policy import RunPolicy
from headwater.providers.vendors import VENDORS
from headwater.proving import make_prove, make_rehearse
from headwater.rpc import CoverageLimits, Desk, JobLimits, Tools
from headwater.runs import RunService
from headwater.sandbox import Level, Limits, Outcome, Sandbox
from headwater.sandbox.folders import claim, remove_tree, sweep
from headwater.sandbox.opening import open_sandbox
from headwater.store import RunQuery, Store
from headwater.store.opening import open_store
from headwater.synthesis import guest as search
from headwater.turns import Turns
from headwater.vendor_metrics import VendorMetrics
from headwater.watched import WatchedSandbox
from headwater.writers import Writers, make_writers

LOG = structlog.get_logger(__name__)

MOST_PENDING = 2000
"""Events of one run that may wait for their commit before the run has to."""

SCRATCH = "headwater-scratch-"
"""How the folder begins in which runs put what does not fit into memory."""

LOOP_LAG_SECONDS = 0.25

GUESTS_PER_RUN = 2
"""A run searches and judges at the same time."""


class Service:
    """Everything behind the faces."""

    def __init__(
        self, settings: Settings, store: Store, methods: Mapping[str, Method], *, holder: str, exclusive: bool
    ) -> None:
        """Builds on an open store; `exclusive` says that no other process can hold one of its runs."""
        self.settings = settings
        self.metrics = _metrics(methods)
        self.journal = Journal(
            store,
            commit_seconds=settings.commit_ms / 1000,
            max_pending=MOST_PENDING,
            retry_seconds=settings.lease_seconds / 2,
            observe=self.metrics.committed,
        )
        turns = Turns(slots=settings.max_runs, queue=settings.queue_length, metrics=self.metrics)
        self.runs = RunService(
            store=store,
            journal=self.journal,
            turns=turns,
            methods=methods,
            policy=_policy(settings),
            holder=holder,
            metrics=self.metrics,
        )
        secrets = read_variables(name for vendor in VENDORS.values() for name in (*vendor.keys, vendor.url_variable))
        self._writers = make_writers(settings, secrets, VendorMetrics(self.metrics.registry))
        desk = Desk(runs=self.runs, models=self._writers.models, secrets=secrets)
        auth = _auth(settings)
        self.dispatch = Dispatch(methods=methods, auth=auth, runs=self.runs, desk=desk, metrics=self.metrics)
        self.sandbox: Sandbox | None = None
        self._store = store
        self._exclusive = exclusive
        place = _work_folder(settings.allow_root)
        sweep(place, SCRATCH)
        self._scratch, self._claim = claim(place, SCRATCH)
        self._tasks: list[asyncio.Task[None]] = []
        self._tending: asyncio.Task[None] | None = None

    async def open(self, *, runs_code: bool = True) -> None:
        """Starts the journal and probes the sandbox; runs are accepted when this returns.

        Without `runs_code` nothing is probed, and whatever wants to run code is refused.
        """
        self.journal.start()
        self.sandbox = sandbox = await open_sandbox(
            folder=self._scratch / "sandbox",
            wanted=self.settings.sandbox if runs_code else Level.NONE.value,
            max_guests=GUESTS_PER_RUN * self.settings.max_runs,
            preload=(RUNNER, Path(search.__file__).parent),
        )
        self.metrics.sandbox_level(sandbox.level.value)
        LOG.info("sandbox_open", locked_by=sandbox.level.value)
        watched = WatchedSandbox(sandbox, self.metrics.sandboxed)
        self.runs.equip(_tools(self.settings, watched, self._writers, self.metrics, self._scratch))
        await self.runs.adopt(everything=self._exclusive)
        self._tending = asyncio.create_task(self.runs.tend(), name="tend")
        self._tasks = [
            self._tending,
            asyncio.create_task(self.metrics.watch_loop(LOOP_LAG_SECONDS), name="loop lag"),
        ]

    async def failed(self) -> None:
        """Waits until the runs cannot go on in this process: it has to be started again."""
        if self._tending is not None:
            await asyncio.wait([self._tending])

    async def ready(self) -> Mapping[str, str]:
        """Says of each part `ok`, or what is wrong with it."""
        return {
            "journal": "ok" if self.journal.alive else "stopped",
            "store": await self._store_state(),
            "runs": "draining" if self.runs.draining else "ok",
            "sandbox": self._sandbox_state(),
        }

    async def drain(self) -> None:
        """Lets the runs at work finish, as long as the settings allow."""
        await self.runs.drain(self.settings.drain_seconds)

    async def close(self) -> None:
        """Ends what is left, in the reverse order of the start; what fails to end keeps nothing else from it."""
        async with AsyncExitStack() as ending:
            ending.callback(os.close, self._claim)
            ending.push_async_callback(asyncio.to_thread, remove_tree, self._scratch)
            ending.push_async_callback(self._store.close)
            ending.push_async_callback(self.journal.close)
            ending.push_async_callback(self._writers.models.close)
            if self.sandbox is not None:
                ending.push_async_callback(self.sandbox.close)
            ending.push_async_callback(self._stop_tasks)
            await self.runs.drain(0)

    async def _stop_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _sandbox_state(self) -> str:
        if self.sandbox is None:
            return "starting"
        return "unavailable" if self.sandbox.level is Level.NONE else f"ok ({self.sandbox.level.value})"

    async def _store_state(self) -> str:
        try:
            await self._store.runs(RunQuery(limit=1, lean=True))
        except Problem as failure:
            return failure.reason
        return "ok"


def _work_folder(roots: Sequence[Path]) -> Path:
    """Finds where runs put what lies on disk: outside of what guests may read, or a root that holds it is refused."""
    temporary = Path(tempfile.gettempdir()).resolve()
    places = (temporary, Path("/var/tmp"), Path("/dev/shm"), Path.home())  # noqa: S108 — a fresh folder in it is made
    usable = [each for each in places if os.access(each, os.W_OK) and not any(_within(each, root) for root in roots)]
    return usable[0] if usable else temporary


def _within(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


async def build_service(settings: Settings, methods: Mapping[str, Method] | None = None) -> Service:
    """Opens the store and builds the service on it. Raises the Problem of a setting that does not hold."""
    holder = f"{socket.gethostname()}-{secrets.token_hex(4)}"
    store = await open_store(settings.store, holder=holder)
    try:
        return Service(
            settings, store, methods or load_methods(), holder=holder, exclusive=settings.store.startswith("sqlite")
        )
    except Problem:
        await store.close()
        raise


def _metrics(methods: Mapping[str, Method]) -> Metrics:
    rpcs = [Rpc(service=each.service, name=each.name, streams=each.kind is not Kind.QUERY) for each in methods.values()]
    return Metrics(rpcs=rpcs, version=__version__, outcomes=[each.value for each in Outcome])


def _auth(settings: Settings) -> Any:
    return make_auth(
        api_keys=[key.get_secret_value() for key in settings.api_keys],
        jwt_secret=settings.jwt_secret.get_secret_value(),
        jwt_jwks=settings.jwt_jwks,
        jwt_issuer=settings.jwt_issuer,
        jwt_audience=settings.jwt_audience,
    )


def _policy(settings: Settings) -> RunPolicy:
    return RunPolicy(
        run_seconds=settings.run_seconds,
        detach=settings.on_disconnect == "detach",
        detach_seconds=settings.detach_seconds,
        window_events=settings.window_events,
        lease_seconds=settings.lease_seconds,
        max_adoptions=settings.max_adoptions,
        keep_events_seconds=settings.keep_events_hours * 3600,
        keep_runs_seconds=settings.keep_runs_days * 86400,
    )


def _tools(settings: Settings, sandbox: Sandbox, writers: Writers, metrics: Metrics, scratch: Path) -> Tools:
    limits = JobLimits(
        budget_seconds=settings.budget_seconds,
        max_budget_seconds=settings.max_budget_seconds,
        import_seconds=settings.import_seconds,
        test_seconds=settings.test_seconds,
        max_test_seconds=settings.max_test_seconds,
        max_attempts=settings.max_attempts,
        file_bytes=settings.max_source_kb << 10,
        unpacked_bytes=settings.max_unpacked_mb << 20,
        files=settings.max_files,
        sandbox=Limits(
            memory_bytes=settings.sandbox_memory_mb << 20,
            processes=settings.sandbox_processes,
            file_bytes=settings.sandbox_file_mb << 20,
            output_bytes=settings.sandbox_output_kb << 10,
        ),
    )
    return Tools(
        sandbox=sandbox,
        provider=writers.make,
        model=writers.ask,
        prove=make_prove(settings, sandbox),
        rehearse=make_rehearse(settings, sandbox),
        cost=writers.models.prices.cost,
        limits=limits,
        coverage=_coverage_limits(settings),
        scratch=scratch,
        allowed_roots=settings.allow_root,
        stage_seconds=metrics.stage_ended,
    )


def _coverage_limits(settings: Settings) -> CoverageLimits:
    return CoverageLimits(
        report_bytes=settings.max_report_mb << 20,
        memory_bytes=settings.analysis_memory_mb << 20,
        source_files=settings.max_measured_files,
        gaps=settings.gaps,
        most_gaps=settings.max_gaps,
        weights=settings.gap_weights,
    )

"""The one door: who calls, what for, and how long it took. Every face calls it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from google.protobuf.message import Message

from headwater.auth import Auth, Credentials
from headwater.errors import Code, Problem
from headwater.methods import Method
from headwater.metrics import Metrics, Resume
from headwater.rpc import Desk
from headwater.runs import RunService
from headwater.watch import Watch

LOG = structlog.get_logger(__name__)


class Dispatch:
    """Answers calls of any face."""

    def __init__(
        self, *, methods: Mapping[str, Method], auth: Auth, runs: RunService, desk: Desk, metrics: Metrics
    ) -> None:
        """Lets in whom `auth` knows; `desk` is what a QUERY may ask."""
        self.methods = methods
        self._auth = auth
        self._runs = runs
        self._desk = desk
        self._metrics = metrics

    async def ask(self, method: Method, request: Any, credentials: Credentials) -> Message:
        """Answers a QUERY. Raises the Problem with which it is refused."""
        caller = await self._auth.identify(credentials)
        return await method.handler(request, caller.owner, self._desk)

    async def open(
        self, method: Method, request: Message, credentials: Credentials, *, run: str = "", after: int = 0
    ) -> Watch:
        """Opens a stream: of a new run (JOB), of the run that the request names (WATCH), or of `run` after `after`.

        Raises the Problem with which the call is refused.
        """
        caller = await self._auth.identify(credentials)
        if method.starts_run and not run:
            watch = await self._runs.start(method, request, caller.owner)
            LOG.info("run_started", run=watch.run, method=method.name, caller=caller.name, peer=credentials.peer)
            return watch
        run, after = (run, after) if run else method.handler(request)
        return await self._resume(run, caller.owner, after)

    async def _resume(self, run: str, owner: str, after: int) -> Watch:
        try:
            watch = await self._runs.watch(run, owner, after)
        except Problem as refusal:
            self._metrics.resumed(Resume.DENIED if refusal.code is Code.NOT_FOUND else Resume.EXPIRED)
            raise
        self._metrics.resumed(Resume.REPLAYED if watch.behind else Resume.LIVE, watch.behind)
        return watch

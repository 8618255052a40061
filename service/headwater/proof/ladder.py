"""Climbs the ladder: runs one rung after the other and tells of each, whatever became of those before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from headwater.errors import Problem
from headwater.proof import Extent, Limits, Rung, Status, Subject, Tools
from headwater.proof.authorisation import AUTHORISATION
from headwater.proof.backend import LINT, MIGRATIONS, TESTS, TYPES
from headwater.proof.browser import BROWSER
from headwater.proof.checks import Check, Finding, Ground, not_run
from headwater.proof.conformance import CONFORMANCE
from headwater.proof.deployment import DEPLOYMENT
from headwater.proof.frontend import BUILD, FRONTEND_TESTS, FRONTEND_TYPES
from headwater.proof.mutants import MUTANTS
from headwater.proof.places import inside
from headwater.proof.postgres import POSTGRES
from headwater.proof.reading import AGAIN, FILES
from headwater.sandbox import Sandbox
from headwater.synthesis.project.files import Plan

LADDER: tuple[Check, ...] = (
    FILES,
    AGAIN,
    DEPLOYMENT,
    LINT,
    MIGRATIONS,
    AUTHORISATION,
    TESTS,
    TYPES,
    POSTGRES,
    CONFORMANCE,
    FRONTEND_TYPES,
    FRONTEND_TESTS,
    BUILD,
    BROWSER,
    MUTANTS,
)
"""The rungs, those first that say the most in the least time."""


async def prove(
    subject: Subject,
    plan: Plan,
    extent: Extent,
    *,
    sandbox: Sandbox,
    tools: Tools,
    limits: Limits | None = None,
    ladder: Sequence[Check] = LADDER,
) -> AsyncGenerator[Rung]:
    """Yields the rungs of a proof as they end, in the order of the ladder; closing early ends what still runs.

    A rung that fails does not stop the ladder. At FAST all of them share `Limits.fast_seconds`: what does not fit is
    not run. Raises nothing for what is wrong with the project.
    """
    known = limits or Limits()
    deadline = time.monotonic() + known.fast_seconds if extent is Extent.FAST else None
    chosen = [each for each in ladder if each.fast or extent is Extent.FULL]
    async with AsyncExitStack() as held:
        try:
            place = await held.enter_async_context(inside(sandbox, subject.files, tools, known))
        except Problem as problem:
            for check in chosen:
                yield _rung(check, not_run(str(problem)), 0.0, known)
            return
        ground = Ground(plan=plan, subject=subject, tools=tools, limits=known, place=place, seconds=float("inf"))
        async for rung in _climb(chosen, ground, deadline):
            yield rung


async def _climb(chosen: Sequence[Check], ground: Ground, deadline: float | None) -> AsyncGenerator[Rung]:
    for check in chosen:
        began = time.monotonic()
        left = ground.seconds if deadline is None else deadline - began
        finding = await _found(check, replace(ground, seconds=left))
        spent = time.monotonic() - began
        if (
            finding.status is Status.FAILED
            and finding.exit_code is None
            and spent >= left - ground.limits.least_seconds
        ):
            finding = not_run(_full(ground.limits), finding)
        yield _rung(check, finding, spent, ground.limits)


async def _found(check: Check, ground: Ground) -> Finding:
    """Runs a rung within what is left of the time."""
    if ground.seconds < ground.limits.least_seconds:
        return not_run(_full(ground.limits))
    try:
        async with asyncio.timeout(ground.seconds if ground.seconds != float("inf") else None):
            return await check.run(ground)
    except TimeoutError:
        return not_run(_full(ground.limits))
    except Problem as problem:
        return not_run(str(problem))


def _full(limits: Limits) -> str:
    return f"It did not end within the {limits.fast_seconds:g} s that a fast proof may take."


def _rung(check: Check, finding: Finding, seconds: float, limits: Limits) -> Rung:
    return Rung(
        name=check.name,
        command=check.command,
        status=finding.status,
        exit_code=finding.exit_code,
        seconds=seconds,
        reason=finding.reason,
        evidence=finding.said[-limits.evidence_chars :],
        sha256=finding.digest,
        artefacts=finding.artefacts,
    )

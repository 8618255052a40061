"""Makes what proves rendered projects, from the settings and what this machine has: part of the composition root."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial

from headwater.config import Settings
from headwater.projects.phases import render
from headwater.proof import Extent, Rung, Subject, Tools
from headwater.proof.checks import Check
from headwater.proof.ladder import prove
from headwater.proof.machine import found
from headwater.proof.rehearsal import rehearse
from headwater.sandbox import Sandbox
from headwater.synthesis.project.files import File, Plan

Rehearse = Callable[[Sequence[File], Plan, Sequence[Check]], Awaitable[Rung]]
Prove = Callable[[Sequence[File], Plan, str], AsyncGenerator[Rung]]


def make_rehearse(settings: Settings, sandbox: Sandbox) -> Rehearse:
    """Makes what tries the hooks of a project, always in the sandbox."""
    return partial(rehearse, sandbox=sandbox, tools=found(modules=settings.proof_node_modules))


def make_prove(settings: Settings, sandbox: Sandbox) -> Prove:
    """Makes the prover of a service; its programs are looked up once."""
    tools = found(modules=settings.proof_node_modules, outside=settings.proof_outside)
    return partial(_prove, sandbox, tools)


async def _prove(sandbox: Sandbox, tools: Tools, files: Sequence[File], plan: Plan, level: str) -> AsyncGenerator[Rung]:
    subject = Subject(files=tuple(files), again=lambda: (file for _, file in render(plan)))
    async with aclosing(prove(subject, plan, Extent(level), sandbox=sandbox, tools=tools)) as rungs:
        async for rung in rungs:
            yield rung

"""Makes what proves rendered projects, from the settings and what this machine has: part of the composition root."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path

from headwater.config import Settings
from headwater.projects.phases import render
from headwater.proof import Extent, Rung, Subject, Tools
from headwater.proof.ladder import prove
from headwater.sandbox import Sandbox
from headwater.synthesis.project.files import File, Plan

Prove = Callable[[Sequence[File], Plan, str], AsyncGenerator[Rung]]
POSTGRES = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version."""


def make_prove(settings: Settings, sandbox: Sandbox) -> Prove:
    """Makes the prover of a service; its programs are looked up once."""
    return partial(_prove, sandbox, _tools(settings))


async def _prove(sandbox: Sandbox, tools: Tools, files: Sequence[File], plan: Plan, level: str) -> AsyncGenerator[Rung]:
    subject = Subject(files=tuple(files), again=lambda: (file for _, file in render(plan)))
    async with aclosing(prove(subject, plan, Extent(level), sandbox=sandbox, tools=tools)) as rungs:
        async for rung in rungs:
            yield rung


def _tools(settings: Settings) -> Tools:
    return Tools(
        ruff=_ruff(),
        pyright=settings.proof_pyright,
        node=_program("node"),
        modules=settings.proof_node_modules,
        postgres=_postgres(),
        chromium=_program("chromium") or _program("chromium-browser") or _program("google-chrome"),
        outside=settings.proof_outside,
    )


def _ruff() -> Path | None:
    """Finds the ruff that came with the service, which need not be on the path."""
    beside = Path(sysconfig.get_path("scripts")) / "ruff"
    return beside if beside.is_file() else _program("ruff")


def _program(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


def _postgres() -> Path | None:
    """Finds the folder of initdb: the newest of Debian's, or that of the one on the path."""
    versions = sorted(POSTGRES.glob("*/bin/initdb"), key=lambda path: path.parts[-3].zfill(4))
    if versions:
        return versions[-1].parent
    found = _program("initdb")
    return found.resolve().parent if found else None

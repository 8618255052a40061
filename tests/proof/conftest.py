"""A sandbox, and projects that are rendered once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from headwater.projects.phases import render
from headwater.projects.planning import plan, read
from headwater.proof import Extent, Limits, Rung, Subject, Tools
from headwater.proof.checks import Check
from headwater.proof.ladder import LADDER, prove
from headwater.proof.machine import found
from headwater.sandbox.opening import OpenSandbox
from headwater.synthesis.project.files import File, Options, Plan

SMALL = "A note has a title, at most 50 characters, and a text."
BLOG = "Build a blog with authentication and comments"
PATIENT = Limits(fast_seconds=300.0)
"""Time enough for a machine that is busy with other things."""


class Project:
    """A plan and the files that were rendered for it; each change makes another."""

    def __init__(self, known: Plan, files: tuple[File, ...]) -> None:
        self.plan, self.files = known, files

    @classmethod
    def of(cls, requirements: str) -> Project:
        planned = plan(read(requirements, "sample", ""), Options(frontend=False))
        return cls(planned, tuple(file for _, file in render(planned)))

    def changed(self, path: str, change: Callable[[str], str]) -> Project:
        before = {each.path: each.text for each in self.files}[path]
        assert change(before) != before, f"{path} is as it was"
        files = [replace(each, text=change(each.text)) if each.path == path else each for each in self.files]
        return Project(self.plan, tuple(files))

    def with_file(self, path: str, text: str) -> Project:
        return Project(self.plan, (*self.files, File(path=path, text=text)))

    async def proven(
        self,
        sandbox: OpenSandbox,
        *names: str,
        extent: Extent = Extent.FAST,
        limits: Limits = PATIENT,
        tools: Tools | None = None,
    ) -> dict[str, Rung]:
        """Climbs the ladder, or those rungs of it that are named."""
        chosen: list[Check] = [each for each in LADDER if not names or each.name in names]
        subject = Subject(files=self.files, again=lambda: self.files)
        climbed = prove(subject, self.plan, extent, sandbox=sandbox, tools=tools or TOOLS, limits=limits, ladder=chosen)
        return {rung.name: rung async for rung in climbed}


TOOLS = Tools(ruff=found().ruff)


@pytest.fixture(scope="session")
def small() -> Project:
    """A project without accounts."""
    return Project.of(SMALL)


@pytest.fixture(scope="session")
def blog() -> Project:
    """A project with accounts, and rows that belong to them."""
    return Project.of(BLOG)

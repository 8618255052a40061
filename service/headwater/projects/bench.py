"""Tries a hook in the project that it is for: without it, and with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from headwater.proof import Rung
from headwater.proof.checks import Check
from headwater.proof.rehearsal import REHEARSED, green, red, starts
from headwater.synthesis.project.files import File, Hook, Plan
from headwater.synthesis.project.hooks import TESTS, modules, test_names

Rehearse = Callable[[Sequence[File], Plan, Sequence[Check]], Awaitable[Rung]]
"""Runs checks on a project, and returns the one that decided."""


class Bench:
    """A project that hooks are tried in, one at a time, beside those that are kept already."""

    def __init__(self, files: Sequence[File], plan: Plan, rehearse: Rehearse, seconds: float) -> None:
        """Takes the files of the project without hooks, and how long the tests of one hook may run."""
        self._files = {each.path: each for each in files}
        self._plan, self._rehearse, self._seconds = plan, rehearse, seconds

    async def starts(self) -> Rung:
        """Tries whether the project can be run here at all."""
        return await self._run((), (starts(self._seconds),))

    async def red(self, hook: Hook, kept: Sequence[Hook]) -> Rung:
        """Tries whether the tests of a hook fail without it, because of what they check."""
        return await self._run((*kept, replace(hook, code="")), (red(test_names(hook), TESTS, self._seconds),))

    async def green(self, hook: Hook, kept: Sequence[Hook]) -> Rung:
        """Tries whether the tests of a hook pass with it, and all else that held before still holds."""
        return await self._run((*kept, hook), (green(test_names(hook), TESTS, self._seconds), *REHEARSED))

    async def _run(self, hooks: Sequence[Hook], checks: Sequence[Check]) -> Rung:
        plan = replace(self._plan, hooks=tuple(hooks))
        filled = {path: File(path=path, text=text, custom=True) for path, text in modules(plan)}
        return await self._rehearse(tuple((self._files | filled).values()), plan, checks)

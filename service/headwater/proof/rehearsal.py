"""Rehearses a hook before it is kept: its tests fail without it and pass with it, and nothing else breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from headwater.proof import Extent, Rung, Status, Subject, Tools
from headwater.proof.authorisation import AUTHORISATION
from headwater.proof.backend import BACKEND, LINT, TESTS, TYPES, environment
from headwater.proof.checks import Check, Finding, Ground, judged
from headwater.proof.ladder import prove
from headwater.proof.places import Done, Program, python
from headwater.sandbox import Sandbox
from headwater.synthesis.project.files import File, Plan

Judge = Callable[[Done], Finding]
FAILED = re.compile(r"^(FAILED|ERROR) \S+(?: - (.*))?$", re.MULTILINE)
ASSERTED = ("assert", "AssertionError", "Failed: DID NOT RAISE")
"""How the reason of a test begins that failed by what it checks, and not by a mistake of its own."""
WIDE = "400"
"""Columns: pytest cuts reasons where a line ends."""
REHEARSED = (TESTS, LINT, AUTHORISATION, TYPES)
"""What must still hold of a project with a hook, beside the hook's own tests."""


async def rehearse(
    files: Sequence[File], plan: Plan, checks: Sequence[Check], *, sandbox: Sandbox, tools: Tools
) -> Rung:
    """Runs checks on a project one after the other; returns the first that is decided against it, or else the last.

    A check that could not be run decides as well, unless it is one of programs that not every machine has.
    """
    passed: Rung | None = None
    climbed = prove(Subject(files=tuple(files)), plan, Extent.FULL, sandbox=sandbox, tools=tools, ladder=checks)
    async with aclosing(climbed) as rungs:
        async for rung in rungs:
            spared = rung.status is Status.NOT_RUN and rung.name in {LINT.name, TYPES.name}
            if not spared and rung.status is not Status.PASSED:
                return rung
            passed = passed if spared and passed else rung
    if passed is None:
        raise ValueError("there is nothing to rehearse")
    return passed


def starts(seconds: float) -> Check:
    """Returns the check that the tests of a project can be run at all."""
    return _check("starts", ("tests/custom",), seconds, lambda done: judged(done, "the application does not start"))


def red(names: Sequence[str], path: str, seconds: float) -> Check:
    """Returns the check that some of the tests fail, by what they check."""
    return _check("red", _nodes(names, path), seconds, _red)


def green(names: Sequence[str], path: str, seconds: float) -> Check:
    """Returns the check that tests pass."""
    return _check("green", _nodes(names, path), seconds, lambda done: judged(done, "the tests fail with the hook"))


def _nodes(names: Sequence[str], path: str) -> tuple[str, ...]:
    relative = path.removeprefix(f"{BACKEND}/")
    return tuple(f"{relative}::{name}" for name in names)


def _red(done: Done) -> Finding:
    found = judged(done)
    if done.code == 0:
        return replace(found, status=Status.FAILED, reason="the tests pass without the hook: they do not test the rule")
    failures = FAILED.findall(done.output)
    if done.code != 1 or not failures:
        return replace(found, reason=done.why or "the tests could not be run")
    mistaken = [reason for kind, reason in failures if kind == "ERROR" or not reason.startswith(ASSERTED)]
    if mistaken:
        return replace(found, reason=f"a test fails by a mistake of its own: {mistaken[0] or 'see below'}")
    return replace(found, status=Status.PASSED, reason="")


def _check(name: str, nodes: Sequence[str], seconds: float, judge: Judge) -> Check:
    async def run(ground: Ground) -> Finding:
        words = ("-m", "pytest", "-p", "no:cacheprovider", "-rfE", "--tb=short", *nodes)
        return judge(
            await ground.place.run(
                Program(
                    argv=[python(ground.tools), *words],
                    cwd=BACKEND,
                    seconds=ground.at_most(seconds),
                    environment=environment(COLUMNS=WIDE),
                )
            )
        )

    return Check(name=name, command=f"cd backend && pytest {' '.join(nodes)}", run=run)

"""Proves the frontend of a project: its types, its tests, and that it builds."""

from __future__ import annotations

from headwater.proof.checks import Check, Finding, Ground, judged, not_run
from headwater.proof.places import Done, Program

FRONTEND = "frontend"
BUILT = f"{FRONTEND}/dist"
MODULES = f"{FRONTEND}/node_modules"
QUIET = {"CI": "true", "NO_COLOR": "1", "NODE_OPTIONS": "--disable-wasm-trap-handler"}
"""Without the handler V8 does not reserve ten gigabytes of addresses for each WebAssembly memory."""


def lacking(ground: Ground) -> Finding | None:
    """Returns the finding where there is nothing to run, or nothing to run it with."""
    if not ground.plan.options.frontend:
        return not_run("The project has no frontend.")
    if ground.tools.node is None:
        return not_run("Node was not found.")
    if ground.tools.modules is None:
        return not_run("The packages of npm that frontends stand on were not found.")
    return None


async def run(ground: Ground, script: str, *words: str) -> Done:
    """Runs a program of a package of npm in the folder of the frontend."""
    assert ground.tools.node is not None
    assert ground.tools.modules is not None
    return await ground.place.run(
        Program(
            argv=[str(ground.tools.node), f"node_modules/{script}", *words],
            cwd=FRONTEND,
            seconds=ground.at_most(ground.limits.build_seconds),
            environment=QUIET,
            links={MODULES: ground.tools.modules},
            memory_bytes=ground.limits.frontend_memory_bytes,
        )
    )


async def _types(ground: Ground) -> Finding:
    return lacking(ground) or judged(await run(ground, "typescript/bin/tsc", "-b"))


async def _build(ground: Ground) -> Finding:
    return lacking(ground) or judged(await run(ground, "vite/bin/vite.js", "build"))


async def _tests(ground: Ground) -> Finding:
    return lacking(ground) or judged(await run(ground, "vitest/vitest.mjs", "run"))


FRONTEND_TYPES = Check(name="frontend types", command="cd frontend && npx tsc -b", run=_types)
BUILD = Check(name="frontend build", command="cd frontend && npx vite build", run=_build)
FRONTEND_TESTS = Check(name="frontend tests", command="cd frontend && npx vitest run", run=_tests)

"""Proves the backend of a project: lint and types, migrations, its own tests, and that it keeps to its interface."""

from __future__ import annotations

import secrets

from headwater.proof.checks import Check, Finding, Ground, judged, not_run
from headwater.proof.places import GUESTS, Done, Program, python

BACKEND = "backend"
SCRIPTS = ".proof"
"""Where the programs of the proof lie below the backend."""


def environment(**more: str) -> dict[str, str]:
    """Returns the environment of a rendered application: a secret of this proof alone."""
    return {"APP_SECRET_KEY": secrets.token_urlsafe(48), "APP_FILES": "proof-files", **more}


async def script(
    ground: Ground, name: str, *words: str, seconds: float = 0, memory_bytes: int = 0, **files: str
) -> Done:
    """Runs one of the programs that look at an application, beside it."""
    return await ground.place.run(
        Program(
            argv=[python(ground.tools), f"{SCRIPTS}/{name}", *words],
            cwd=BACKEND,
            seconds=ground.at_most(seconds or ground.limits.rung_seconds),
            memory_bytes=memory_bytes,
            environment=environment(PYTHONPATH="."),
            files={
                f"{BACKEND}/{SCRIPTS}/{name}": (GUESTS / name).read_text(encoding="utf-8"),
                **{f"{BACKEND}/{SCRIPTS}/{stem}.json": text for stem, text in files.items()},
            },
        )
    )


async def _lint(ground: Ground) -> Finding:
    if ground.tools.ruff is None:
        return not_run("ruff was not found.")
    both = f'"{ground.tools.ruff}" check --no-cache . && "{ground.tools.ruff}" format --no-cache --check .'
    return judged(await _shell(ground, both, ground.limits.rung_seconds))


async def _types(ground: Ground) -> Finding:
    if ground.tools.pyright is None or ground.tools.node is None:
        return not_run("pyright was not found." if ground.tools.node else "Node was not found.")
    argv = [str(ground.tools.node), str(ground.tools.pyright / "index.js"), "--pythonpath", python(ground.tools), "app"]
    return judged(
        await ground.place.run(
            Program(
                argv=argv,
                cwd=BACKEND,
                seconds=ground.at_most(ground.limits.rung_seconds),
                memory_bytes=ground.limits.frontend_memory_bytes,
            )
        )
    )


async def _migrations(ground: Ground) -> Finding:
    return judged(await script(ground, "migrations.py", "sqlite:///./proof.db"))


async def _tests(ground: Ground) -> Finding:
    command = (
        f'"{python(ground.tools)}" -m coverage run --source=app/generated -m pytest -q -p no:cacheprovider && '
        f'"{python(ground.tools)}" -m coverage report --skip-covered --fail-under={ground.limits.coverage_percent}'
    )
    return judged(await _shell(ground, command, ground.limits.rung_seconds))


async def _shell(ground: Ground, command: str, seconds: float) -> Done:
    return await ground.place.run(
        Program(
            argv=["/bin/sh", "-ec", command],
            cwd=BACKEND,
            seconds=ground.at_most(seconds),
            environment=environment(),
        )
    )


LINT = Check(name="lint", command="cd backend && ruff check . && ruff format --check .", run=_lint, fast=True)
TYPES = Check(name="types", command="cd backend && pyright app", run=_types, fast=True)
MIGRATIONS = Check(
    name="migrations on SQLite",
    command="cd backend && alembic upgrade heads && alembic check && alembic downgrade base && alembic upgrade heads",
    run=_migrations,
    fast=True,
)
TESTS = Check(
    name="tests",
    command="cd backend && coverage run --source=app/generated -m pytest && coverage report --fail-under=90",
    run=_tests,
    fast=True,
)

"""Walks through the running application with a browser, page by page. Runs outside of the sandbox: it needs sockets."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from headwater.proof import Status
from headwater.proof.backend import BACKEND, environment
from headwater.proof.checks import Check, Finding, Ground, judged, not_run
from headwater.proof.frontend import lacking, run
from headwater.proof.places import GUESTS, Done, Outside, Program, free_port, outside, python
from headwater.proof.postgres import NO_SOCKETS
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.frontend.walk import description
from headwater.synthesis.project.spec import Standing

EMAIL = "walker@example.com"
PICTURES = "pictures"
LISTENING_SECONDS = 0.1
"""How often the application is asked whether it answers already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """Who walks: the role, and what the account was made with; no password where nobody signs in."""

    role: str
    password: str = ""


class StartError(Exception):
    """Says why there is nothing to walk through."""

    def __init__(self, done: Done) -> None:
        """Takes how the program ended that was to make it."""
        super().__init__(done.why or f"exit code {done.code}")
        self.done = done


async def _walk(ground: Ground) -> Finding:
    missing = lacking(ground)
    if missing is not None:
        return missing
    if ground.tools.chromium is None:
        return not_run("Chromium was not found.")
    if not ground.tools.outside:
        return not_run(NO_SOCKETS)
    walker = _walker(ground.plan)
    if walker is None:
        return not_run("There is no role that a command gives an account for.")
    async with outside(ground.subject.files, ground.limits) as place:
        try:
            return await _walked(replace(ground, place=place), place, walker)
        except StartError as error:
            return judged(error.done, f"The application was not there to walk through: {error}")


def _walker(plan: Plan) -> Walker | None:
    """Returns who may do the most; None where people sign in, and nobody can be made who may do everything."""
    if plan.spec.account is None:
        return Walker(role=next(each.name for each in plan.spec.roles))
    admin = next((each.name for each in plan.spec.roles if each.standing is Standing.ADMIN), None)
    return Walker(role=admin, password=secrets.token_urlsafe(12)) if admin else None


async def _walked(ground: Ground, place: Outside, walker: Walker) -> Finding:
    described: dict[str, Any] = dict(description(ground.plan, walker.role))
    _passed(await run(ground, "vite/bin/vite.js", "build"))
    static = place.folder / "frontend" / "dist"
    known = environment(APP_STATIC=str(static), APP_RATE_LIMIT="0", APP_FILES=str(place.folder / "files"))
    _passed(await _command(ground, known, "migrate"))
    if walker.password:
        fields = [f"{name}={value}" for name, value in _account(described)]
        told = [word for each in fields for word in ("--set", each)]
        _passed(await _command(ground, {**known, "PASSWORD": walker.password}, "create-admin", EMAIL, *told))
        described |= {"email": EMAIL, "password": walker.password}
    port = free_port()
    pictures = place.folder / PICTURES
    pictures.mkdir()
    described |= {
        "base": f"http://127.0.0.1:{port}",
        "modules": str(ground.tools.modules),
        "chromium": str(ground.tools.chromium),
        "pictures": str(pictures),
    }
    async with _serving(ground, place, known, port):
        done = await ground.place.run(
            Program(
                argv=[str(ground.tools.node), "walk.mjs", "walk.json"],
                seconds=ground.at_most(ground.limits.build_seconds),
                files={
                    "walk.mjs": (GUESTS / "walk.mjs").read_text(encoding="utf-8"),
                    "walk.json": json.dumps(described),
                },
            )
        )
    return await asyncio.to_thread(_found, done, pictures)


async def _command(ground: Ground, known: Mapping[str, str], *words: str) -> Done:
    """Runs a command of the application; the password comes from the standard input."""
    argv = ["/bin/sh", "-c", 'printf "%s\\n" "$PASSWORD" | exec "$@"', "sh", python(ground.tools), "-m", "app", *words]
    seconds = ground.at_most(ground.limits.rung_seconds)
    return await ground.place.run(Program(argv=argv, cwd=BACKEND, seconds=seconds, environment=known))


def _account(described: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yields what the account is made with besides the address and the password."""
    for each in cast("list[Mapping[str, Any]]", described.get("register") or []):
        if each["required"] and each["name"] not in {"email", "password"} and each["value"] is not None:
            yield str(each["name"]), each["value"]


@asynccontextmanager
async def _serving(ground: Ground, place: Outside, known: Mapping[str, str], port: int) -> AsyncGenerator[None]:
    """Serves the application, and ends it."""
    seconds = ground.limits.build_seconds + ground.limits.rung_seconds
    argv = [python(ground.tools), "-m", "app", "serve", "--port", str(port)]
    program = Program(argv=argv, cwd=BACKEND, seconds=seconds, environment=known)
    serving = asyncio.create_task(place.run(program))
    try:
        async with asyncio.timeout(ground.limits.rung_seconds):
            while not await _answers(port):
                if serving.done():
                    raise StartError(serving.result())
                await asyncio.sleep(LISTENING_SECONDS)
        yield
    finally:
        serving.cancel()
        await asyncio.wait([serving])


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False  # not yet
    writer.close()
    return True


def _passed(done: Done) -> None:
    if done.code != 0:
        raise StartError(done)


def _found(done: Done, pictures: Path) -> Finding:
    """Reads the lines of the walk: a page each, with its faults."""
    pages: list[dict[str, Any]] = [json.loads(line) for line in done.output.splitlines() if line.startswith("{")]
    faults = [f"{each['window']}, {each['step']}: {fault}" for each in pages for fault in each["faults"]]
    failed = done.code != 0 or bool(faults) or not pages
    told = faults or [f"{len(pages)} pages, no fault"] if pages else [done.output]
    reason = f"{len(faults)} faults on {len(pages)} pages" if faults else done.why or "the walk did not begin"
    return Finding(
        status=Status.FAILED if failed else Status.PASSED,
        said="\n".join(told),
        reason=reason if failed else "",
        exit_code=done.code,
        sha256=done.sha256,
        artefacts=tuple((each.name, each.read_bytes()) for each in sorted(pictures.iterdir())),
    )


BROWSER = Check(name="browser", command="walk over every page with Chromium and axe", run=_walk)

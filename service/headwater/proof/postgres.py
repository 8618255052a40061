"""Proves a project on a Postgres of its own: its migrations both ways, then its tests. Runs outside of the sandbox."""

from __future__ import annotations

import asyncio
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from headwater.proof.backend import BACKEND, environment, script
from headwater.proof.checks import Check, Finding, Ground, judged, not_run
from headwater.proof.places import Program, free_port, outside, python

OTHERS = ("postgres", "nobody")
"""Whom root becomes, for Postgres refuses root: the first of them that exists."""
NO_SOCKETS = "The sandbox has no sockets, and nothing may run outside of it here."

TOLD = 500
"""Characters of what a program says that go into the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running Postgres."""

    user: str
    secret: str
    port: int

    @property
    def url(self) -> str:
        """How an application reaches it."""
        return f"postgresql+pg8000://{self.user}:{self.secret}@127.0.0.1:{self.port}/postgres"


class StartError(Exception):
    """Says why Postgres did not start."""


async def _postgres(ground: Ground) -> Finding:
    if ground.tools.postgres is None:
        return not_run("Postgres was not found.")
    if not ground.tools.outside:
        return not_run(NO_SOCKETS)
    async with outside(ground.subject.files, ground.limits) as place:
        try:
            async with _server(ground.tools.postgres, ground.limits.rung_seconds) as server:
                return await _proven(replace(ground, place=place), server)
        except StartError as error:
            return not_run(f"Postgres did not start: {error}")


async def _proven(ground: Ground, server: Server) -> Finding:
    migrated = await script(ground, "migrations.py", server.url)
    if migrated.code != 0:
        return judged(migrated)
    tested = await ground.place.run(
        Program(
            argv=[python(ground.tools), "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=BACKEND,
            seconds=ground.at_most(ground.limits.rung_seconds),
            environment=environment(APP_TEST_DATABASE_URL=server.url, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
        )
    )
    return judged(replace(tested, output=f"{migrated.output}\n{tested.output}"))


@asynccontextmanager
async def _server(programs: Path, seconds: float) -> AsyncGenerator[Server]:
    """Starts a server in a folder of its own, on a port that was free; stops it and removes the folder."""
    user, secret = _user(), secrets.token_hex(16)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="headwater-postgres-"))
    words = folder / "secret"
    words.touch(0o600)
    words.write_text(secret)
    for each in (folder, words):
        os.chown(each, user.pw_uid, user.pw_gid)
    options = ("-U", user.pw_name, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync")
    server = Server(user=user.pw_name, secret=secret, port=free_port())
    listening = f"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    run = partial(_run, user, folder, seconds)
    control = (str(programs / "pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log"), "-w")
    try:
        await run(str(programs / "initdb"), "-D", str(folder / "data"), f"--pwfile={words}", *options)
        await run(*control, "-o", listening, "start")
        try:
            yield server
        finally:
            await run(*control, "-m", "immediate", "stop")
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _run(user: pwd.struct_passwd, folder: Path, seconds: float, *command: str) -> None:
    """Runs a command to its end, also where it is cancelled meanwhile: what it leaves behind has to be cleared away."""
    running = asyncio.ensure_future(asyncio.to_thread(_command, user, folder, seconds, command))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _command(user: pwd.struct_passwd, folder: Path, seconds: float, command: Sequence[str]) -> None:
    """Runs a command as somebody else, which the loop's own processes cannot; raises StartError with what it said."""
    mine = user.pw_uid == os.geteuid()
    other: Any = {} if mine else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # The output goes to a file: a pipe would stay open as long as the server that the command leaves behind.
    said = folder / "output"
    with said.open("ab") as output:
        try:
            code = subprocess.call(  # noqa: S603 — the programs of Postgres
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=seconds,
                **other,
            )
        except subprocess.TimeoutExpired as error:
            raise StartError(f"{Path(command[0]).name} did not end within {seconds:g} s.") from error
    if code:
        raise StartError(said.read_text(errors="replace")[-TOLD:])


def _user() -> pwd.struct_passwd:
    """Returns whom the server runs as: Postgres refuses root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in OTHERS if name in known)


POSTGRES = Check(
    name="Postgres",
    command="APP_DATABASE_URL=postgresql+pg8000://… alembic upgrade, check, downgrade, upgrade; pytest",
    run=_postgres,
)

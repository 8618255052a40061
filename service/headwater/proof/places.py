"""Runs programs where a project was laid out: in a room of the sandbox, or in a folder outside of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any, Protocol

from headwater.errors import Code, problem
from headwater.proof import Limits, Tools
from headwater.sandbox import NOT_STARTED, Ended, Guest, Outcome, Room, Sandbox, Workspace
from headwater.sandbox import Limits as Bounds
from headwater.synthesis.project.files import File

GUESTS = Path(__file__).parent / "guest"
PROGRAMS = GUESTS / "programs.py"
PORTS = range(20_000, 32_768)
"""Below those that systems give to connections by themselves."""
MORE_SECONDS = 5.0
"""How much longer than its program a guest may take, so that it is the guest who tells of a program that hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run: words, the folder below the project's, what stands in the environment, and files to write before.

    `links` are folders to make, with a link to each entry of a folder of the host.
    """

    argv: Sequence[str]
    seconds: float
    cwd: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    links: Mapping[str, Path] = field(default_factory=dict[str, Path])
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a program ended. `code` is None where it was ended; `why` then says by what."""

    code: int | None
    seconds: float
    output: str
    sha256: str
    why: str = ""


class Place(Protocol):
    """Where programs of a project run."""

    async def run(self, program: Program) -> Done:
        """Runs a program to its end, or to the end of its time."""
        ...


class Inside:
    """A room of the sandbox."""

    def __init__(self, room: Room, limits: Limits) -> None:
        """Takes a room in which the project is laid out."""
        self._room, self._limits = room, limits

    async def run(self, program: Program) -> Done:
        """Runs a program, as `Place.run`. Raises Problem UNAVAILABLE `SANDBOX_BUSY`."""
        request: dict[str, Any] = {
            "argv": list(program.argv),
            "cwd": program.cwd,
            "environment": dict(program.environment),
            "seconds": program.seconds,
            "output_bytes": self._limits.output_bytes,
            "links": {made: str(source) for made, source in program.links.items()},
        }
        files = {path: text.encode() for path, text in program.files.items()}
        wall = program.seconds + MORE_SECONDS
        bounds = Bounds(
            wall_seconds=wall,
            cpu_seconds=ceil(4 * wall),
            memory_bytes=max(program.memory_bytes, self._limits.memory_bytes),
            processes=self._limits.processes,
            file_bytes=self._limits.file_bytes,
            open_files=1024,
        )
        guest = Guest(path=PROGRAMS, request=request, files=files, limits=bounds)
        told: Mapping[str, Any] = {}
        async with aclosing(self._room.run(guest)) as messages:
            async for message in messages:
                if isinstance(message, Ended):
                    return _done(told, message, program)
                told = message
        raise AssertionError("a guest's stream ends with how it ended")


def _done(told: Mapping[str, Any], ended: Ended, program: Program) -> Done:
    if ended.detail.startswith(NOT_STARTED):
        raise problem(Code.UNAVAILABLE, "SANDBOX_BUSY", f"The sandbox could not start: {ended.detail}.", "Try again.")
    if not told:
        said = ended.output or ended.detail
        why = ended.detail if ended.outcome is not Outcome.DONE else "the sandbox ended it"
        return Done(code=None, seconds=ended.seconds, output=said, sha256=_digest(said.encode()), why=why)
    # Strangers' code ran beside the writer of the message, so nothing of it is taken for granted.
    code, seconds = told.get("code"), told.get("seconds")
    return Done(
        code=code if isinstance(code, int) else None,
        seconds=float(seconds) if isinstance(seconds, int | float) else ended.seconds,
        output=str(told.get("output") or ""),
        sha256=str(told.get("sha256") or ""),
        why="" if isinstance(code, int) else f"it ran longer than {program.seconds:.0f} s",
    )


class Outside:
    """A folder of the host, without locks; for what needs sockets, where that is allowed."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Takes a folder in which the project is laid out."""
        self.folder, self._limits = folder, limits

    async def run(self, program: Program) -> Done:
        """Runs a program, as `Place.run`."""
        _write(self.folder, program.files.items())
        for made, source in program.links.items():
            await asyncio.to_thread(_link, self.folder / made, source)
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *program.argv,
            cwd=self.folder / program.cwd,
            env={**_environment(self.folder), **program.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        said = bytearray()
        code: int | None = None
        try:
            async with asyncio.timeout(program.seconds):
                assert process.stdout is not None
                while piece := await process.stdout.read(1 << 16):
                    said += piece[: self._limits.output_bytes - len(said)]
                code = await process.wait()
        except TimeoutError:
            code = None
        finally:
            with contextlib.suppress(ProcessLookupError):  # all of it has ended
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        return Done(
            code=code,
            seconds=time.monotonic() - began,
            output=said.decode(errors="replace").replace(f"{self.folder}/", ""),
            sha256=_digest(bytes(said)),
            why="" if code is not None else f"it ran longer than {program.seconds:.0f} s",
        )


@asynccontextmanager
async def inside(sandbox: Sandbox, files: Iterable[File], tools: Tools, limits: Limits) -> AsyncGenerator[Inside]:
    """Lays a project out in the sandbox."""
    room = await sandbox.room(
        Workspace(
            python=tools.python,
            roots=tuple(each for each in (tools.modules, tools.pyright) if each is not None),
            files={each.path: each.text.encode() for each in files},
        )
    )
    try:
        yield Inside(room, limits)
    finally:
        await room.close()


@asynccontextmanager
async def outside(files: Iterable[File], limits: Limits) -> AsyncGenerator[Outside]:
    """Lays a project out in a temporary folder."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="headwater-proof-"))
    try:
        _write(folder, ((each.path, each.text) for each in files))
        yield Outside(folder, limits)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def free_port() -> int:
    """Returns a port of this machine that nobody listens on, nor any connection takes before somebody does."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


def python(tools: Tools) -> str:
    """Returns the interpreter that rendered code runs under."""
    return str(tools.python or sys.executable)


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    for path, text in files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _link(made: Path, source: Path) -> None:
    made.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.name.startswith("."):
            continue  # what tools keep beside the packages, and write to
        with contextlib.suppress(FileExistsError):
            (made / entry.name).symlink_to(entry)


def _environment(folder: Path) -> Mapping[str, str]:
    return {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8", "TMPDIR": tempfile.gettempdir()}


def _digest(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()

"""Finds out by trying whether a level holds: the host sets traps, a guest walks into them, the host looks at both."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headwater.errors import Problem
from headwater.sandbox import Ended, Guest, Level, Limits, Outcome, Workspace
from headwater.sandbox.rooms import Rooms
from headwater.sandbox.zygotes import INSIDE

_LIMITS = Limits(wall_seconds=10, cpu_seconds=5, memory_bytes=256 << 20, processes=12, output_bytes=1 << 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one level stood up to the probes."""

    level: Level
    probes: Mapping[str, bool] = field(default_factory=dict[str, bool])
    """Which of the attempts were refused, by name."""
    why: str = ""
    """What went wrong, for a person; empty when the level holds."""

    @property
    def holds(self) -> bool:
        """Whether every attempt was made and refused."""
        return not self.why


async def try_level(rooms: Rooms) -> Trial:
    """Runs the probes at the level of these rooms. Raises Problem where the service's own interpreter is unusable."""
    with tempfile.TemporaryDirectory(dir=rooms.setup.folder) as name, _traps(Path(name)) as traps:
        request = {"probes": traps.attempts}
        found: dict[str, bool] = {}
        complaints: list[str] = []
        try:
            async with asyncio.timeout(rooms.setup.warmth.start_seconds):
                room = await rooms.room(Workspace())
                async for said in room.run(Guest(path=INSIDE / "probe.py", request=request, limits=_LIMITS)):
                    if isinstance(said, Ended):
                        if said.outcome is not Outcome.DONE:
                            complaints.append(said.detail)
                    else:
                        found[str(said.get("probe"))] = said.get("held") is True
                        if said.get("held") is not True:
                            complaints.append(str(said.get("detail")))
                await room.close()
        except (OSError, TimeoutError) as error:
            complaints.append(str(error) or "the probes did not end in time")
        except Problem as error:
            if rooms.level is not Level.BUBBLEWRAP:
                raise
            complaints.append(error.message)  # the shell does not work here; the interpreter did before
        complaints += traps.sprung()
        complaints += [f"{each} was not tried" for each in traps.attempts if each not in found and not complaints]
    return Trial(level=rooms.level, probes=found, why="; ".join(complaints))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traps:
    attempts: Mapping[str, list[Any]]
    listeners: tuple[socket.socket, ...]
    planted: Path

    def sprung(self) -> list[str]:
        """Tells what happened on the host, whatever the guest says."""
        happened = [f"{self.planted.name} was written"] if self.planted.exists() else []
        for listener in self.listeners:
            try:
                listener.accept()[0].close()
            except BlockingIOError:
                continue  # nobody came, as it should be
            happened.append(f"somebody connected to {listener.getsockname()}")
        return happened


@contextmanager
def _traps(folder: Path) -> Generator[_Traps]:
    folder.chmod(0o755)
    secret, planted, path = folder / "secret", folder / "planted", folder / "socket"
    secret.write_text("a secret that anybody on this host may read")
    secret.chmod(0o644)
    with socket.socket(socket.AF_INET) as inet, socket.socket(socket.AF_UNIX) as unix:
        inet.bind(("127.0.0.1", 0))
        # Its own path may be longer than a socket's may be.
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            unix.bind(f"/proc/self/fd/{at}/socket")
        finally:
            os.close(at)
        path.chmod(0o777)
        for each in (inet, unix):
            each.setblocking(False)
            each.listen()
        attempts: dict[str, list[Any]] = {
            "network": list(inet.getsockname()),
            "unix_socket": [str(path)],
            "read_secret": [str(secret)],
            "read_environment": [os.getpid(), "PATH="],
            "write_outside": [str(planted)],
            "change_outside": [str(secret)],
            "bound_host": [os.getpid()],
            "signal_host": [os.getpid()],
            "fork_bomb": [_LIMITS.processes + 4],
            "memory": [_LIMITS.memory_bytes * 2],
            "privilege": [],
        }
        yield _Traps(attempts=attempts, listeners=(inet, unix), planted=planted)

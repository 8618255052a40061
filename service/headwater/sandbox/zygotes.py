"""Keeps one warm process per interpreter, and forks guests from it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import socket
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from weakref import WeakValueDictionary

from headwater.errors import Code, Problem, problem

INSIDE = Path(__file__).parent / "guest"
"""What is loaded on the inside."""

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "PYTHONHASHSEED": "0",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
_HELLO_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmth:
    """What a zygote loads before it forks: modules that must be there, and trusted guest programs."""

    needs: tuple[str, ...] = ()
    preload: tuple[Path, ...] = ()
    start_seconds: float = 20.0
    """How long a zygote may take to warm up, and to fork."""


class Zygote:
    """One warm process. `paths` is what must be readable for its interpreter to work."""

    def __init__(self, process: asyncio.subprocess.Process, link: socket.socket, hello: Mapping[str, Any]) -> None:
        self._process, self._link = process, link
        self.paths: tuple[str, ...] = tuple(hello["paths"])
        self.executable: str = hello["executable"]
        self.landlock: int = hello["landlock"]
        self.guests = 0
        """How many guests hang on it; where a shell surrounds it they end with it."""

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    def fork(self, descriptors: Sequence[int]) -> None:
        """Has it fork a keeper that takes these descriptors. Raises OSError where it is gone or stuck."""
        socket.send_fds(self._link, [b"f"], list(descriptors))

    def kill(self) -> None:
        """Ends it at once; keepers that it forked live on until their guests end."""
        self._link.close()
        if self.alive:
            self._process.kill()

    async def gone(self) -> None:
        """Waits until the process is buried."""
        await self._process.wait()


class Zygotes:
    """The warm processes, the least recently used let go first."""

    def __init__(self, warmth: Warmth, most: int) -> None:
        self._warmth, self._most = warmth, most
        self._kept: OrderedDict[tuple[str, ...], Zygote] = OrderedDict()
        self._ending: list[Zygote] = []
        self._starting: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = WeakValueDictionary()

    async def get(self, python: Path, shell: Sequence[str] = ()) -> Zygote:
        """Returns the zygote of an interpreter, started behind `shell` (such as bwrap's command), warm.

        Raises Problem FAILED_PRECONDITION `INTERPRETER_UNUSABLE`.
        """
        key = (*shell, str(python))
        turn = self._starting.setdefault(key, asyncio.Lock())
        async with turn:
            kept = self._kept.get(key)
            if kept is not None and not kept.alive:
                self.drop(kept)
                kept = None
            if kept is None:
                kept = self._kept[key] = await _start(python, shell, self._warmth)
            self._kept.move_to_end(key)
        idle = [each for each in self._kept.values() if each is not kept and each.guests == 0]
        for each in idle[: max(0, len(self._kept) - self._most)]:
            self.drop(each)
        return kept

    def drop(self, zygote: Zygote) -> None:
        """Ends a zygote that is dead or stuck, or whose room is gone; the next `get` starts another."""
        for key in [key for key, each in self._kept.items() if each is zygote]:
            del self._kept[key]
        zygote.kill()
        self._ending = [each for each in (*self._ending, zygote) if each.alive]

    async def close(self) -> None:
        """Ends all, and waits until those that were dropped before are buried too."""
        for each in list(self._kept.values()):
            self.drop(each)
        for each in self._ending:
            await each.gone()


async def _start(python: Path, shell: Sequence[str], warmth: Warmth) -> Zygote:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, tempfile.TemporaryFile() as complaints:
        try:
            process = await asyncio.create_subprocess_exec(
                *shell,
                str(python),
                *("-s", "-B", "-X", "utf8", str(INSIDE), str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=complaints,
                env=_ENVIRONMENT,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise _unusable(python, error.strerror or str(error)) from error
        theirs.close()
        try:
            async with asyncio.timeout(warmth.start_seconds):
                return Zygote(process, ours, await _greet(ours, warmth))
        except (OSError, ValueError, TimeoutError) as error:
            raise _unusable(python, _last_line(complaints) or str(error) or "it did not start in time") from error
        finally:
            if sys.exc_info()[0] is not None:  # refused or cancelled
                ours.close()
                if process.returncode is None:
                    process.kill()
                await process.wait()


async def _greet(link: socket.socket, warmth: Warmth) -> Mapping[str, Any]:
    loop = asyncio.get_running_loop()
    order = {
        "needs": warmth.needs,
        "preload": [str(each) for each in warmth.preload],
        "behind": _own_packages(warmth.needs),
        "tag": sys.implementation.cache_tag,
    }
    await loop.sock_sendall(link, json.dumps(order).encode() + b"\n")
    hello = bytearray()
    while not hello.endswith(b"\n"):
        piece = await loop.sock_recv(link, 65536)
        if not piece or len(hello) > _HELLO_BYTES:
            raise ConnectionResetError("it ended before it was warm")
        hello += piece
    return json.loads(hello)


def _own_packages(needs: Sequence[str]) -> list[str]:
    """Lists the folders in which the service itself finds what guests need; none where something is missing."""
    specs = [importlib.util.find_spec(each) for each in needs]
    origins = [each.origin for each in specs if each is not None and each.origin]
    if len(origins) < len(needs):
        return []
    return list(dict.fromkeys(str(Path(each).parent.parent) for each in origins))


def _unusable(python: Path, why: str) -> Problem:
    return problem(
        Code.FAILED_PRECONDITION,
        "INTERPRETER_UNUSABLE",
        f"{python} cannot run tests: {why}.",
        "Name a Python of 3.9 or later that has pytest and coverage installed.",
        python=str(python),
        why=why,
    )


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0, os.SEEK_END)
    complaints.seek(max(0, complaints.tell() - 8192))
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip().rstrip(".") if lines else ""

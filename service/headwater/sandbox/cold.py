"""Locks up by bubblewrap: the shell of a room's zygote, and single commands of any language."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from headwater.errors import Code, problem
from headwater.sandbox import Ended, Limits, Outcome
from headwater.sandbox.folders import outermost, remove_tree
from headwater.sandbox.groups import Group
from headwater.sandbox.guest.seccomp import program
from headwater.sandbox.guest.watch import descendants, memory
from headwater.sandbox.people import NAME, accounts, inner_identity
from headwater.sandbox.verdict import Heard, judge

_PIECE = 1 << 16
_TICK_SECONDS = 0.1
"""How often the memory of a whole tree is looked at."""
_SCRATCH_BYTES = str(16 << 20)
_ROOTS_NEED = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL")
"""What root keeps inside, to become the room's user and to end its processes; the guest itself keeps nothing."""


def bubblewrap(
    readable: Iterable[str], writable: Iterable[str], placed: Mapping[str, Path], scratch: Path | None = None
) -> list[str]:
    """Returns the command that shows these paths and nothing else, in namespaces of its own; append yours.

    `placed` are files to show, read-only, at another path than their own; `scratch` is a folder to be /tmp, which is
    small and in memory without one. Empty where bubblewrap is not installed.
    """
    found = shutil.which("bwrap")
    if found is None:
        return []
    command = [found, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"]
    if os.geteuid() == 0:
        command += [word for each in _ROOTS_NEED for word in ("--cap-add", each)]
    else:
        command += ["--unshare-user"]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for volatile in ("/tmp", "/dev/shm"):  # noqa: S108 — the guest's own
        command += ["--size", _SCRATCH_BYTES, "--perms", "1777", "--tmpfs", volatile]
    if scratch is not None:
        command += ["--bind", str(scratch), "/tmp"]  # noqa: S108 — likewise
    shown, kept = outermost(readable), list(writable)
    for parent in sorted({str(each) for path in (*shown, *kept, *placed) for each in Path(path).parents} - {"/"}):
        command += ["--perms", "0755", "--dir", parent]  # bwrap itself would close them to all but root
    for path in shown:
        if Path(path).is_symlink() and Path(path).parent == Path("/"):
            command += ["--symlink", str(Path(path).readlink()), path]  # /bin -> usr/bin and its like
        else:
            command += ["--ro-bind-try", path, path]
    for path in kept:
        command += ["--bind", path, path]
    for path, file in placed.items():
        command += ["--ro-bind", str(file), path]
    return [*command, "--remount-ro", "/", "--remount-ro", "/dev"]


def place(texts: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """Writes files for `bubblewrap` to place; returns where they are."""
    placed: dict[str, Path] = {}
    for path, text in texts.items():
        file = placed[path] = folder / Path(path).name
        file.write_text(text)
        file.chmod(0o644)  # whatever the umask is
    return placed


async def run_command(
    argv: Sequence[str],
    *,
    work: Path,
    readable: Sequence[str],
    environment: Mapping[str, str],
    limits: Limits,
    uid: int | None = None,
    group: Group | None = None,
) -> AsyncGenerator[bytes | Ended]:
    """Runs one command in `work` and yields what it prints, then exactly one `Ended`; closing early kills it.

    `uid` is the user to become where the service is root (`work` must belong to it). Its home is `work` unless
    `environment` names another; what it writes to /tmp lies beside `work` as long as it runs. Raises Problem
    FAILED_PRECONDITION `SANDBOX_UNAVAILABLE` without bubblewrap.
    """
    if shutil.which("bwrap") is None:
        raise problem(
            Code.FAILED_PRECONDITION, "SANDBOX_UNAVAILABLE", "bubblewrap is not installed.", "Install bubblewrap."
        )
    started = time.monotonic()
    home = environment.get("HOME", str(work))
    environment = {"HOME": home, "USER": NAME, "LOGNAME": NAME, **environment}
    async with _beside(work) as folder:
        placed = place(accounts(*inner_identity(uid, namespaces=False), home), folder)
        shell = bubblewrap(readable, [str(work)], placed, folder / "tmp")
        process = await _start([*shell, "--chdir", str(work)], environment, [*_bounds(limits, uid), *argv])
        try:
            _join(group, limits, process.pid)
            watched = group is None or group.memory is None
            printed = _Printed(process, started + limits.wall_seconds, limits, watched=watched)
            async for piece in printed:
                yield piece
            yield _end(printed.stopped, process.returncode, limits, time.monotonic() - started)
        finally:
            if process.returncode is None:
                process.kill()
                # Reads what is left as well: a pipe that is paused because it was full never tells of its end.
                await process.communicate()


@asynccontextmanager
async def _beside(work: Path) -> AsyncGenerator[Path]:
    """Makes a folder beside the work folder, with a `tmp` that every user may write to, and removes both."""
    folder = Path(tempfile.mkdtemp(prefix=f".{work.name}-", dir=work.parent))
    try:
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)
        yield folder
    finally:
        await asyncio.to_thread(remove_tree, folder)


async def _start(
    shell: Sequence[str], environment: Mapping[str, str], command: Sequence[str]
) -> asyncio.subprocess.Process:
    with tempfile.TemporaryFile() as filter_:
        filter_.write(program(platform.machine()))
        filter_.seek(0)
        return await asyncio.create_subprocess_exec(
            *(*shell, "--new-session", "--seccomp", str(filter_.fileno()), "--clearenv"),
            *(word for name, value in environment.items() for word in ("--setenv", name, value)),
            *("--", *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=[filter_.fileno()],
        )


class _Printed:
    """Iterates over what a process prints, to its end or to a bound; `stopped` then says which."""

    def __init__(self, process: asyncio.subprocess.Process, deadline: float, limits: Limits, *, watched: bool) -> None:
        self._process, self._deadline, self._limits = process, deadline, limits
        self._watched, self._next_look = watched, time.monotonic() + _TICK_SECONDS
        self._left = limits.output_bytes
        self.stopped: tuple[Outcome, str] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._left < 0:
            self.stopped = Outcome.OUTPUT, f"printed more than {self._limits.output_bytes} bytes"
            raise StopAsyncIteration
        piece = await self._read()
        if not piece:
            raise StopAsyncIteration
        shown = piece[: self._left]
        self._left -= len(piece)
        return shown

    async def _read(self) -> bytes:
        """Reads a piece; none at the end, whoever brings it."""
        assert self._process.stdout is not None
        while (now := time.monotonic()) < self._deadline:
            if self._watched and now >= self._next_look:
                self._next_look = now + _TICK_SECONDS
                if await asyncio.to_thread(self._starving):
                    self.stopped = judge({"why": "memory"}, Heard(), self._limits, starved=False)
                    return b""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(self._deadline - now, _TICK_SECONDS)):
                    piece = await self._process.stdout.read(_PIECE)
                    if not piece:
                        await self._process.wait()
                    return piece
        self.stopped = Outcome.TIMEOUT, f"{self._limits.wall_seconds:g} s of wall time"
        return b""

    def _starving(self) -> bool:
        """Whether all its processes together hold more than they may; each by itself is bounded by the kernel."""
        most = self._limits.memory_bytes
        return memory(descendants(self._process.pid), most) > most


def _end(ended: tuple[Outcome, str] | None, code: int | None, limits: Limits, seconds: float) -> Ended:
    if ended is None:
        assert code is not None
        # bwrap passes a signal on as 128 and its number.
        status = code - 128 if code > 128 else (-code if code < 0 else code << 8)  # noqa: PLR2004 — the shells' rule
        ended = judge({"status": status}, Heard(returned=True), limits, starved=False)
    outcome, detail = ended
    return Ended(outcome=outcome, detail=detail, seconds=seconds)


def _bounds(limits: Limits, uid: int | None) -> list[str]:
    """Returns the words that bound a command, by the tools of util-linux, which every distribution has."""
    become = [] if uid is None else ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return [
        *become,
        "prlimit",
        f"--cpu={limits.cpu_seconds}:{limits.cpu_seconds + 1}",
        f"--data={limits.memory_bytes}",  # not of address space: V8 and Go reserve far more than they ever use
        f"--fsize={limits.file_bytes}",
        f"--nofile={limits.open_files}",
        f"--nproc={limits.processes}",
        "--core=0",
        "--",
    ]


def _join(group: Group | None, limits: Limits, process: int) -> None:
    if group is None:
        return
    for each in group.bound(limits):
        with os.fdopen(each, "w") as joins:
            joins.write(str(process))

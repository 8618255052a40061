"""Locks up by bubblewrap: the shell of a room's zygote, and single commands of any language."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from headwater.errors import Code, problem
from headwater.sandbox import Ended, Limits, Outcome
from headwater.sandbox.folders import outermost
from headwater.sandbox.groups import Group
from headwater.sandbox.guest.seccomp import program
from headwater.sandbox.verdict import Heard, judge

_PIECE = 1 << 16
_SCRATCH_BYTES = str(16 << 20)
_ROOTS_NEED = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL")
"""What root keeps inside, to become the room's user and to end its processes; the guest itself keeps nothing."""


def bubblewrap(readable: Iterable[str], writable: Iterable[str]) -> list[str]:
    """Returns the command that shows these paths and nothing else, in namespaces of its own; append yours.

    Empty where bubblewrap is not installed.
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
    for scratch in ("/tmp", "/dev/shm"):  # noqa: S108 — the guest's own
        command += ["--size", _SCRATCH_BYTES, "--perms", "1777", "--tmpfs", scratch]
    shown, kept = outermost(readable), list(writable)
    for parent in sorted({str(each) for path in (*shown, *kept) for each in Path(path).parents} - {"/"}):
        command += ["--perms", "0755", "--dir", parent]  # bwrap itself would close them to all but root
    for path in shown:
        if Path(path).is_symlink() and Path(path).parent == Path("/"):
            command += ["--symlink", str(Path(path).readlink()), path]  # /bin -> usr/bin and its like
        else:
            command += ["--ro-bind-try", path, path]
    for path in kept:
        command += ["--bind", path, path]
    return [*command, "--remount-ro", "/", "--remount-ro", "/dev"]


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

    `uid` is the user to become where the service is root (`work` must belong to it). Raises Problem
    FAILED_PRECONDITION `SANDBOX_UNAVAILABLE` without bubblewrap.
    """
    shell = bubblewrap(readable, [str(work)])
    if not shell:
        raise problem(
            Code.FAILED_PRECONDITION, "SANDBOX_UNAVAILABLE", "bubblewrap is not installed.", "Install bubblewrap."
        )
    started = time.monotonic()
    with tempfile.TemporaryFile() as filter_:
        filter_.write(program(platform.machine()))
        filter_.seek(0)
        process = await asyncio.create_subprocess_exec(
            *shell,
            *("--new-session", "--seccomp", str(filter_.fileno()), "--chdir", str(work), "--clearenv"),
            *(word for name, value in environment.items() for word in ("--setenv", name, value)),
            *("--", *_bounds(limits, uid), *argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=[filter_.fileno()],
        )
    try:
        _join(group, limits, process.pid)
        printed = _Printed(process, started + limits.wall_seconds, limits)
        async for piece in printed:
            yield piece
        yield _end(printed.stopped, process.returncode, limits, time.monotonic() - started)
    finally:
        if process.returncode is None:
            process.kill()
            # Reads what is left as well: a pipe that is paused because it was full never tells of its end.
            await process.communicate()


class _Printed:
    """Iterates over what a process prints, to its end or to a bound; `stopped` then says which."""

    def __init__(self, process: asyncio.subprocess.Process, deadline: float, limits: Limits) -> None:
        self._process, self._deadline, self._limits = process, deadline, limits
        self._left = limits.output_bytes
        self.stopped: tuple[Outcome, str] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        assert self._process.stdout is not None
        if self._left < 0:
            self.stopped = Outcome.OUTPUT, f"printed more than {self._limits.output_bytes} bytes"
            raise StopAsyncIteration
        try:
            async with asyncio.timeout(max(0, self._deadline - time.monotonic())):
                piece = await self._process.stdout.read(_PIECE)
                if not piece:
                    await self._process.wait()
        except TimeoutError:
            self.stopped = Outcome.TIMEOUT, f"{self._limits.wall_seconds:g} s of wall time"
            raise StopAsyncIteration from None
        if not piece:
            raise StopAsyncIteration
        shown = piece[: self._left]
        self._left -= len(piece)
        return shown


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
        f"--as={limits.memory_bytes}",
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

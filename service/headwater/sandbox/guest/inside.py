"""Locks this process up, step by step, and then runs the guest program in it.

A step that fails ends the guest; nothing is left out silently. `report` is closed before the first line of a stranger.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import threading
import traceback
from types import ModuleType
from typing import Any, Callable, NoReturn

from . import kernel, landlock, seccomp
from .program import load

_FIRST_FREE = 3


def run(spec: dict[str, Any], report: int, descriptors: list[int], guests: dict[str, ModuleType]) -> NoReturn:
    """Never returns: the process ends with status 0 where `main` returned, else 1."""
    try:
        messages = _prepare(spec, descriptors)
        _limit(spec["limits"], spec["processes_before"], spec["bytes_before"])
        if spec["lock"]:
            _lock(spec)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # now, since changing the user undoes it
    except BaseException as error:  # noqa: BLE001 — whatever failed, the guest does not start
        os.write(report, json.dumps({"failed": str(error)}).encode() + b"\n")
        os._exit(1)
    os.close(report)
    status = 1  # a guest that closed the pipe, or broke what the call below needs
    try:
        status = _call(spec, messages, guests)
    finally:
        os._exit(status)


def become(uid: int | None) -> None:
    """Turns into the guest's own user, where there is one, and gives up every capability."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.drop_capabilities()


def _prepare(spec: dict[str, Any], descriptors: list[int]) -> int:
    os.setsid()
    messages, output, *groups = descriptors
    for group in groups:
        os.write(group, b"0")
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in enumerate((nothing, output, output)):
        os.dup2(source, target)
    os.chdir(spec["work"])
    os.environ.clear()
    os.environ.update(spec["environment"])
    tempfile.tempdir = None
    sys.path[:0] = [spec["work"], *spec["roots"]]
    sys.argv[:] = ["guest"]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 — stands for the descriptor
    sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    return messages


def _limit(limits: dict[str, Any], processes_before: int, bytes_before: int) -> None:
    cpu = limits["cpu_seconds"]
    _at_most(resource.RLIMIT_CPU, cpu, cpu + 1)  # SIGXCPU first, which tells why; SIGKILL for who ignores it
    _at_most(resource.RLIMIT_AS, bytes_before + max(limits["memory_bytes"], limits["address_bytes"]))
    _at_most(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _at_most(resource.RLIMIT_NOFILE, limits["open_files"])
    _at_most(resource.RLIMIT_NPROC, limits["processes"] + processes_before)
    _at_most(resource.RLIMIT_CORE, 1)  # less than a page writes none, and 1 alone keeps it from a host's collector too
    _at_most(resource.RLIMIT_MEMLOCK, 0)
    _at_most(resource.RLIMIT_MSGQUEUE, 0)


def _at_most(which: int, soft: int, hard: int | None = None) -> None:
    _now, ceiling = resource.getrlimit(which)
    hard = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        hard = min(hard, ceiling)
    resource.setrlimit(which, (min(soft, hard), hard))


def _lock(spec: dict[str, Any]) -> None:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    become(spec["uid"])
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # lost with the old user; without it /proc/self is closed
    if spec["landlock"]:
        own = ["/proc", "/dev/shm"] if spec["namespaces"] else [f"/proc/{os.getpid()}"]  # noqa: S108 — its own tmpfs
        devices = ["/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/fd"]
        writable = [spec["work"], spec["home"], "/dev/null"]
        if spec["namespaces"]:
            writable += ["/dev/shm", "/tmp"]  # noqa: S108 — both are its own
        landlock.confine([*spec["readable"], *own, *devices], writable, spec["landlock"])
    seccomp.install(among_others=not spec["namespaces"], as_owner=spec["as_owner"])


def _call(spec: dict[str, Any], messages: int, guests: dict[str, ModuleType]) -> int:
    process = os.getpid()
    messages = _only(messages)
    try:
        guest = guests.get(spec["guest"])
        if guest is None:
            guest = load(spec["guest"])
        guest.main(spec["request"], _sender(messages))
    except SystemExit as leaving:
        status = _status(leaving.code)
        _flush()
        return status
    except BaseException as error:  # noqa: BLE001 — a stranger's program may raise anything
        traceback.print_exc()
        _flush()
        if os.getpid() == process:
            kind = b"o" if isinstance(error, MemoryError) else b"e"
            last = traceback.format_exception_only(type(error), error)[-1].strip()
            _write(messages, kind + json.dumps(last[:2000]).encode() + b"\n")
        return 1
    _flush()
    if os.getpid() == process:  # a fork of the guest that came back here does not speak for it
        _write(messages, b"d\n")
    return 0


def _only(messages: int) -> int:
    """Closes every descriptor but the standard three and the message pipe, which becomes the fourth."""
    if messages != _FIRST_FREE:
        os.dup2(messages, _FIRST_FREE, inheritable=False)
    os.closerange(_FIRST_FREE + 1, os.sysconf("SC_OPEN_MAX"))
    return _FIRST_FREE


def _sender(messages: int) -> Callable[[dict[str, Any]], None]:
    turn = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        """Sends one JSON object to the host; waits while the host is busy."""
        line = b"m" + json.dumps(message, separators=(",", ":")).encode() + b"\n"
        with turn:
            _write(messages, line)

    return send


def _write(descriptor: int, line: bytes) -> None:
    left = memoryview(line)
    while left:
        left = left[os.write(descriptor, left) :]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue  # the guest closed or replaced it


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write(f"{code}\n")
    return 1

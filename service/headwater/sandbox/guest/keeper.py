"""Keeps one guest: starts it behind its locks, holds the clock, ends its whole tree, and tells the host how it went.

The keeper stays outside the locks. The host closes the control socket to end the guest at once; what the keeper writes
there is one JSON line when a guest's process is about to start, and one when nothing of it is left.
"""

# Paths are strings here, from the order to the system call.

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import time
from types import ModuleType
from typing import Any, NoReturn

from . import inside, kernel, view, watch

_TICK_SECONDS = 0.1
_REAP_SECONDS = 0.002
_LENGTH_BYTES = 8
_WARDEN_AND_GUEST = 2
_NOBODY = 65534
_NAMESPACES = kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET


def keep(descriptors: list[int], guests: dict[str, ModuleType]) -> NoReturn:
    """Runs in a fork of the zygote. Descriptors: control socket, messages, output, then control groups to join."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for each in descriptors:
        os.set_inheritable(each, False)
    control = socket.socket(fileno=descriptors[0])
    try:
        _keep(control, descriptors[1:], guests)
    except OSError:
        # The host hung up while the order was still coming in: nothing was started.
        os._exit(1)
    os._exit(0)


def _keep(control: socket.socket, descriptors: list[int], guests: dict[str, ModuleType]) -> None:
    spec = json.loads(_exactly(control, int.from_bytes(_exactly(control, _LENGTH_BYTES), "big")))
    spec["identity"] = [os.geteuid(), os.getegid()]
    others = watch.tasks_of(os.geteuid() if spec["uid"] is None else spec["uid"]) if spec["count_tasks"] else 0
    spec["processes_before"] = _WARDEN_AND_GUEST + others
    spec["bytes_before"] = watch.reserved()
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    os.setsid()
    facts, report = os.pipe()
    started = time.monotonic()
    try:
        process = _fork(spec)
    except OSError as error:
        _tell(control, {"failed": str(error)})
        return
    if process == 0:
        os.close(facts)
        control.close()
        _warden(spec, report, descriptors, guests)
    os.close(report)
    for each in descriptors:
        os.close(each)
    _tell(control, {"started": process})
    told, why = _watch(control, facts, spec, process, started)
    _end_all()
    _tell(control, {**told, "why": why, "seconds": time.monotonic() - started})


def _fork(spec: dict[str, Any]) -> int:
    if not spec["namespaces"]:
        return os.fork()
    return kernel.fork_into(_NAMESPACES | (kernel.CLONE_NEWUSER if spec["uid"] is None else 0))


def _watch(
    control: socket.socket, facts: int, spec: dict[str, Any], warden: int, started: float
) -> tuple[dict[str, Any], str | None]:
    """Waits for the end, whoever brings it. Returns what the warden told, and why the keeper ended it, if it did."""
    limits = spec["limits"]
    deadline = started + limits["wall_seconds"]
    written = watch.Written([spec["work"], spec["home"]], spec["disk_bytes"], spec["disk_files"])
    own = watch.memory([os.getpid()], limits["memory_bytes"])  # what a fork of this begins with
    told = b""
    waiting = select.poll()
    waiting.register(control, select.POLLIN | select.POLLRDHUP)
    waiting.register(facts, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return {}, "wall"
        for descriptor, _event in waiting.poll(min(left, _TICK_SECONDS) * 1000):
            if descriptor == control.fileno():
                return {}, "host"
            piece = os.read(facts, 65536)
            told += piece
            if not piece:
                return _merge(told), None
        if time.monotonic() - started < _TICK_SECONDS:
            continue
        if not spec["total_bound"]:
            ceiling = limits["memory_bytes"] + own
            if watch.memory(set(watch.descendants(os.getpid())) - {warden}, ceiling) > ceiling:
                return {}, "memory"
        if written.over():
            return {}, "files"


def _merge(told: bytes) -> dict[str, Any]:
    """Puts the facts together; what the guest's process told of a failed step comes before the warden's."""
    whole: dict[str, Any] = {}
    for line in told.splitlines():
        whole.update(json.loads(line))
    return whole


def _end_all() -> None:
    """Kills every descendant until there is none; the tree may still be growing, within its bound of processes."""
    while True:
        for each in watch.descendants(os.getpid()):
            try:
                os.kill(each, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue  # it ended meanwhile, or its number already belongs to somebody else
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(_REAP_SECONDS)


def _warden(spec: dict[str, Any], report: int, descriptors: list[int], guests: dict[str, ModuleType]) -> NoReturn:
    """Is process 1 of the guest's namespace, whose end is the end of all in it; buries what dies, reports the guest."""
    try:
        _enter(spec)
        process = os.fork()
        if process == 0:
            inside.run(spec, report, descriptors, guests)
        for each in descriptors:
            os.close(each)
        if spec["lock"]:
            inside.become(spec["uid"])
            kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        status, used = _bury_until(process)
        _write(report, {"status": status, "cpu": used.ru_utime + used.ru_stime})
    except BaseException as error:  # noqa: BLE001 — it must not come back into the keeper's code
        _write(report, {"failed": str(error)})
    os._exit(0)


def _enter(spec: dict[str, Any]) -> None:
    if not spec["namespaces"]:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        return
    if spec["uid"] is None:
        user, group = spec["identity"]
        # Nobody shall take itself for root: where the service is root of a container, its guests are not.
        users, groups = f"{user or _NOBODY} {user} 1", f"{group or _NOBODY} {group} 1"
        for name, text in (("setgroups", "deny"), ("uid_map", users), ("gid_map", groups)):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as setting:
                setting.write(text)
    view.build(spec["view"], spec["shown"], [spec["work"], spec["home"]], spec["placed"])


def _bury_until(process: int) -> tuple[int, resource.struct_rusage]:
    while True:
        dead, status, used = os.wait4(-1, 0)
        if dead == process:
            return status, used


def _tell(control: socket.socket, facts: dict[str, Any]) -> None:
    try:
        control.sendall(json.dumps(facts).encode() + b"\n")
    except OSError:
        return  # the host hung up: it does not want to know


def _write(report: int, facts: dict[str, Any]) -> None:
    os.write(report, json.dumps(facts).encode() + b"\n")


def _exactly(control: socket.socket, size: int) -> bytes:
    whole = bytearray(size)
    at = memoryview(whole)
    while at:
        got = control.recv_into(at)
        if not got:
            raise ConnectionResetError("the host hung up")
        at = at[got:]
    return bytes(whole)

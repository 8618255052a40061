"""Builds a file system of which a guest sees only what it needs, each thing at its own path.

A tmpfs with read-only binds becomes the root of the mount namespace. The folders above a bind are new and open to all,
so an interpreter inside somebody's closed home is reachable, and nothing else in that home is there.
"""

# Paths are strings here, from the order to the system call.

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from . import kernel

_DEVICES = ("null", "zero", "full", "random", "urandom")
_SCRATCH = "mode=1777,size=16m,nr_inodes=1024"
"""Of /tmp and /dev/shm, for code that names them; TMPDIR leads to the room's own folder on disk."""


def build(at: str, readable: Iterable[str], writable: Iterable[str], placed: Mapping[str, str]) -> None:
    """Makes the view at the empty folder `at` and enters it.

    No readable path lies in another; `placed` are files to show, read-only, at another path than their own. Needs
    mount and pid namespaces of its own, as their first process.
    """
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", at, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m,nr_inodes=4096")
    _scratch(f"{at}/tmp")  # noqa: S108 — the guest's own
    for path in readable:
        _show(at, path, writable=False)
    for path in writable:
        _show(at, path, writable=True)
    for path, file in placed.items():
        _touch(at + path)
        _bind(file, at + path, writable=False)
    _devices(at)
    _processes(at)
    os.chdir(at)
    kernel.pivot_here()
    kernel.restrict_mount("/", kernel.MOUNT_ATTR_RDONLY, deep=False)


def _show(at: str, path: str, *, writable: bool) -> None:
    target = at + path
    if os.path.islink(path) and os.path.dirname(path) == "/":
        os.symlink(os.readlink(path), target)  # /bin -> usr/bin and its like
        return
    try:
        if os.path.isdir(path):
            os.makedirs(target, mode=0o755, exist_ok=True)
        elif os.path.exists(path):
            _touch(target)
        else:
            return
    except OSError as error:
        raise OSError(error.errno, f"view {path}: {error.strerror}") from error
    _bind(path, target, writable=writable)


def _bind(path: str, target: str, *, writable: bool) -> None:
    kernel.mount(path, target, "", kernel.MS_BIND | kernel.MS_REC)
    closed = kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV | (0 if writable else kernel.MOUNT_ATTR_RDONLY)
    kernel.restrict_mount(target, closed, deep=True)


def _touch(target: str) -> None:
    os.makedirs(os.path.dirname(target), mode=0o755, exist_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))


def _devices(at: str) -> None:
    for name in _DEVICES:
        _touch(f"{at}/dev/{name}")
        kernel.mount(f"/dev/{name}", f"{at}/dev/{name}", "", kernel.MS_BIND)
    _scratch(f"{at}/dev/shm")  # noqa: S108 — likewise
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink("/proc/self/fd" + target, f"{at}/dev/{name}")


def _scratch(target: str) -> None:
    os.mkdir(target)
    kernel.mount("tmpfs", target, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, _SCRATCH)


def _processes(at: str) -> None:
    """Shows the namespace's own processes; a container that masks /proc forbids that, and then there is none."""
    os.mkdir(f"{at}/proc")
    try:
        kernel.mount("proc", f"{at}/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV)
    except PermissionError:
        return
    kernel.restrict_mount(f"{at}/proc", kernel.MOUNT_ATTR_RDONLY, deep=False)

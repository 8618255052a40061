"""Bounds whole process trees by control groups, where the kernel lets this process make them.

An extra: locks hold without it, by limits of each process and by looking at the tree. With it, memory and processes are
bounded by the kernel for the guest as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headwater.sandbox import Limits

_MOUNTS = Path("/proc/self/mountinfo")
_OWN = Path("/proc/self/cgroup")
_PREFIX = "headwater-"
_CONTROLLERS = ("pids", "memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The control groups of one seat, used by one guest after the other; empty where there are none."""

    pids: Path | None = None
    memory: Path | None = None

    def bound(self, limits: Limits) -> list[int]:
        """Sets the bounds and opens the files by which a process joins; the caller closes them."""
        if self.pids:
            (self.pids / "pids.max").write_text(str(limits.processes))
        if self.memory:
            for name, value in _memory_settings(self.memory, limits.memory_bytes):
                (self.memory / name).write_text(value)
        return [os.open(each / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC) for each in self.folders()]

    def memory_kills(self) -> int:
        """Counts the processes that the kernel killed here for want of memory, ever."""
        if self.memory is None:
            return 0
        for name in ("memory.events", "memory.oom_control"):
            counts = self.memory / name
            if counts.exists():
                pairs = dict(line.split() for line in counts.read_text().splitlines())
                return int(pairs.get("oom_kill", 0))
        return 0

    def folders(self) -> list[Path]:
        """Lists the folders, each once (version 2 has one for all)."""
        return list(dict.fromkeys(each for each in (self.pids, self.memory) if each))


class Groups:
    """Makes groups as seats are first taken, and keeps them for the next who sits there."""

    def __init__(self) -> None:
        try:
            self._parents = _parents()
        except OSError:
            self._parents: dict[str, Path] = {}  # no /proc to tell
        for parent in self._parents.values():
            _sweep(parent)
        self._made: list[Group] = []
        self._free: list[Group] = []

    def take(self) -> Group:
        """Takes a group that nobody uses; an empty one where control groups are closed to this process."""
        if not self._free:
            group = self._make(len(self._made))
            self._made.append(group)
            return group
        return self._free.pop()

    def give_back(self, group: Group) -> None:
        """Gives a group back, with nothing left in it."""
        self._free.append(group)

    def remove(self) -> None:
        """Removes all; one that is still busy is left to whoever cleans the host."""
        for folder in [each for group in self._made for each in group.folders()]:
            try:
                folder.rmdir()
            except OSError:
                continue  # busy or already gone

    def _make(self, serial: int) -> Group:
        folders: dict[str, Path] = {}
        for controller, parent in self._parents.items():
            folder = parent / f"{_PREFIX}{os.getpid()}-{id(self):x}-{serial}"
            try:
                folder.mkdir(exist_ok=True)
            except OSError:
                continue  # read-only or not ours, as in most containers
            folders[controller] = folder
        return Group(pids=folders.get("pids"), memory=folders.get("memory"))


def _memory_settings(folder: Path, limit: int) -> list[tuple[str, str]]:
    if (folder / "memory.limit_in_bytes").exists():
        return [("memory.force_empty", "0"), ("memory.limit_in_bytes", str(limit))]
    settings = [("memory.max", str(limit)), ("memory.swap.max", "0"), ("memory.oom.group", "1")]
    return [(name, value) for name, value in settings if (folder / name).exists()]


def _parents() -> dict[str, Path]:
    """Finds this process's own group of each controller, where groups can be made below it."""
    lines = [line.split(":", 2) for line in _OWN.read_text().splitlines()]
    own = {name: path for _, names, path in lines for name in names.split(",")}
    found: dict[str, Path] = {}
    for kind, root, point, options in _mounts():
        for controller in _CONTROLLERS:
            path = own.get(controller if kind == "cgroup" else "")
            if path is None or (kind == "cgroup" and controller not in options):
                continue
            folder = Path(point + (path if root == "/" else path.removeprefix(root)))
            if kind == "cgroup" or controller in _handed_down(folder):
                found[controller] = folder
    return found


def _handed_down(folder: Path) -> list[str]:
    """Lists what version 2 lets the groups below this one bound."""
    try:
        return (folder / "cgroup.subtree_control").read_text().split()
    except OSError:
        return []


def _mounts() -> Iterator[tuple[str, str, str, list[str]]]:
    for line in _MOUNTS.read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _source, options = after.split(" ", 2)
        if kind in {"cgroup", "cgroup2"}:
            fields = before.split()
            yield kind, fields[3], fields[4], options.split(",")


def _sweep(parent: Path) -> None:
    """Removes what a process that is gone left behind."""
    for each in parent.glob(f"{_PREFIX}*-*"):
        if not Path("/proc", each.name.split("-")[1]).exists():
            try:
                each.rmdir()
            except OSError:
                continue  # something still runs in it

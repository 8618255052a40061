"""Bounds whole process trees by control groups, where the kernel lets this process make them.

An extra: locks hold without it, by limits of each process and by looking at the tree. With it, memory and processes are
bounded by the kernel for the guest as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from headwater.sandbox import Limits

_MOUNTS = Path("/proc/self/mountinfo")
_OWN = Path("/proc/self/cgroup")


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

    def remove(self) -> None:
        """Gives the groups back; one that is still busy is left to whoever cleans the host."""
        for each in self.folders():
            try:
                each.rmdir()
            except OSError:
                continue  # busy or already gone


def make_groups(count: int) -> list[Group]:
    """Makes the groups of `count` seats; of empty ones where control groups are closed to this process."""
    parents = _parents()
    made: list[Group] = []
    for seat in range(count):
        folders: dict[str, Path] = {}
        for controller, parent in parents.items():
            folder = parent / f"headwater-{os.getpid()}-{seat}"
            try:
                folder.mkdir(exist_ok=True)
                usable = (folder / f"{controller}.{_PROOF[controller][0]}").exists() or (
                    folder / f"{controller}.{_PROOF[controller][1]}"
                ).exists()
            except OSError:
                continue  # read-only, as in most containers
            if usable:
                folders[controller] = folder
            elif folder not in folders.values():
                folder.rmdir()
        made.append(Group(pids=folders.get("pids"), memory=folders.get("memory")))
    return made


_PROOF = {"pids": ("max", "max"), "memory": ("max", "limit_in_bytes")}


def _memory_settings(folder: Path, limit: int) -> list[tuple[str, str]]:
    if (folder / "memory.max").exists():
        settings = [("memory.max", str(limit))]
        return [*settings, ("memory.swap.max", "0")] if (folder / "memory.swap.max").exists() else settings
    return [("memory.force_empty", "0"), ("memory.limit_in_bytes", str(limit))]


def _parents() -> Mapping[str, Path]:
    """Finds this process's own group of each controller, version 1 before 2 (a controller is in one of them)."""
    try:
        own = {names: path for _, names, path in (line.split(":", 2) for line in _OWN.read_text().splitlines())}
        mounts = list(_mounts())
    except OSError:
        return {}
    found: dict[str, Path] = {}
    for kind, root, point, controllers in mounts:
        for controller in ("pids", "memory"):
            named = next((path for names, path in own.items() if controller in names.split(",")), None)
            path = named if kind == "cgroup" and controller in controllers else own.get("")
            if path is None or (kind == "cgroup" and controller not in controllers):
                continue
            if kind == "cgroup" or controller not in found:
                found[controller] = Path(point + (path.removeprefix(root) if root != "/" else path))
    return found


def _mounts() -> Iterator[tuple[str, str, str, list[str]]]:
    for line in _MOUNTS.read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _source, options = after.split(" ", 2)
        if kind in {"cgroup", "cgroup2"}:
            fields = before.split()
            yield kind, fields[3], fields[4], options.split(",")

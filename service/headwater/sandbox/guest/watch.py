"""Looks at a process tree from outside: who belongs to it, how much memory it holds, how much it wrote."""

# Paths are strings here, from the order to the system call.

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Iterator

_PAGE = os.sysconf("SC_PAGE_SIZE")
_WMEM_MAX = 212_992
"""What `net.core.wmem_max` is where nobody has set it."""


def descendants(root: int) -> list[int]:
    """Lists every process below `root`, parents first."""
    found: list[int] = []
    pending = [root]
    while pending:
        children = list(_children(pending.pop()))
        found += children
        pending += children
    return found


def tasks_of(user: int) -> int:
    """Counts a user's threads, by which the bound on processes is used up where the kernel counts them all together."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    total += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue  # it ended meanwhile
    return total


def reserved() -> int:
    """Tells how much address space this process, and so a fork of it, has to begin with."""
    with open("/proc/self/statm", encoding="ascii") as sizes:
        return int(sizes.read().split()[0]) * _PAGE


def memory(processes: Iterable[int], ceiling: int) -> int:
    """Adds up the memory of some processes, in bytes, and what the kernel may hold for their sockets.

    Shared pages are counted in each process, since that is cheap, and only past the `ceiling` once: what forks share
    with the zygote would otherwise be taken for theirs.
    """
    listed = list(processes)
    buffers = len(_sockets(listed)) * _socket_bytes()
    resident = buffers + sum(_resident(each) for each in listed)
    return resident if resident <= ceiling else buffers + sum(_proportional(each) for each in listed)


class Written:
    """Tells when folders of one disk together grew past their bounds; cheap as long as the disk stays calm."""

    def __init__(self, folders: list[str], bytes_: int, files: int) -> None:
        self._folders, self._bytes, self._files = folders, bytes_, files
        self._free = self._measure()

    def over(self) -> bool:
        """Counts what they hold once the whole file system lost a quarter of what they may."""
        now = self._measure()
        space, inodes = self._free[0] - now[0], self._free[1] - now[1]
        if space < self._bytes // 4 and inodes < self._files // 4:
            return False
        return _exceeds(self._folders, self._bytes, self._files)

    def _measure(self) -> tuple[int, int]:
        now = os.statvfs(self._folders[0])
        return now.f_bavail * now.f_frsize, now.f_ffree


def _exceeds(folders: list[str], bytes_: int, files: int) -> bool:
    total, count, pending = 0, 0, list(folders)
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    count += 1
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    if total > bytes_ or count > files:
                        return True
        except OSError:
            continue  # removed meanwhile, closed to us, or a path too long: the guest lives on, its time is bounded
    return False


def _children(process: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{process}/task")
        for thread in threads:
            with open(f"/proc/{process}/task/{thread}/children", encoding="ascii") as listed:
                yield from map(int, listed.read().split())
    except (FileNotFoundError, ProcessLookupError):
        return  # it ended meanwhile; its children are somebody else's now and show up at the next look


def _sockets(processes: Iterable[int]) -> set[str]:
    """Names the sockets that some processes hold open; one that several of them hold is one."""
    found: set[str] = set()
    for process in processes:
        try:
            names = os.listdir(f"/proc/{process}/fd")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        except PermissionError:  # it hides them, such as by running a file that it may not read
            if not _has_ended(process):
                found.update(f"hidden:{process}.{number}" for number in range(_most_files(process)))
            continue
        for name in names:
            target = _target(f"/proc/{process}/fd/{name}")
            if target.startswith("socket:"):
                found.add(target)
    return found


def _has_ended(process: int) -> bool:
    """Whether no thread of it has memory any more: what only waits to be buried is closed to all but root, too."""
    try:
        threads = os.listdir(f"/proc/{process}/task")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return not any(_resident(f"{process}/task/{thread}") for thread in threads)


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""  # closed meanwhile


def _socket_bytes() -> int:
    """Tells how much may wait in a socket to be read, once its buffer is set to the most that the kernel allows."""
    try:
        with open("/proc/sys/net/core/wmem_max", encoding="ascii") as setting:
            most = int(setting.read())
    except FileNotFoundError:
        most = _WMEM_MAX  # older kernels do not tell inside a network namespace
    return 2 * most  # it grants twice what is asked for


def _most_files(process: int) -> int:
    """Tells how many files a process may have open."""
    try:
        return resource.prlimit(process, resource.RLIMIT_NOFILE)[0]
    except ProcessLookupError:
        return 0  # it ended meanwhile


def _resident(process: int | str) -> int:
    try:
        with open(f"/proc/{process}/statm", encoding="ascii") as sizes:
            return int(sizes.read().split()[1]) * _PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it ended meanwhile


def _proportional(process: int) -> int:
    try:
        with open(f"/proc/{process}/smaps_rollup", encoding="ascii") as sizes:
            for line in sizes:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it ended meanwhile
    except PermissionError:
        return _resident(process)
    return 0

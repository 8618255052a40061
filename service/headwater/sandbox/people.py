"""Hands out the users that guests run as, where the service is root.

The bound on processes does not bind root, so nothing of a stranger runs as root; and one user per room keeps rooms
apart once more. A service that is not root has one user only, its own.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from headwater.errors import exhausted

NAME = "sandbox"
"""What the user is called on the inside."""
PASSWD, GROUP = "/etc/passwd", "/etc/group"
NOBODY = 65534
"""For whom root of a container is mapped where it has no other user to give."""
_NO_HOME, _NO_SHELL = "/nonexistent", "/usr/sbin/nologin"
_COUNTED_BY_NAMESPACE_SINCE = (5, 14)


class People:
    """The users of rooms; with `one_user`, and where the service cannot become others, every room runs as its own."""

    def __init__(self, first: int, count: int, *, one_user: bool) -> None:
        self._first, self._count = first, count
        self._one_user = one_user or os.geteuid() != 0 or not _exist(first, count)
        self._taken: set[int] = set()
        self._next = os.getpid() % count  # two services on one host rarely share a user

    def enter(self) -> int | None:
        """Takes a user that no open room has; None for the service's own."""
        if self._one_user:
            return None
        for offset in range(self._count):
            uid = self._first + (self._next + offset) % self._count
            if uid not in self._taken:
                self._taken.add(uid)
                self._next = uid - self._first + 1
                return uid
        raise exhausted("TOO_MANY_ROOMS", f"All {self._count} rooms are taken.", "Try again later.", 5.0)

    def leave(self, uid: int | None) -> None:
        """Gives a user back."""
        if uid is not None:
            self._taken.discard(uid)


def accounts(uid: int, gid: int, home: str) -> dict[str, str]:
    """Writes the files by which a guest's user has a name and a home on the inside, by their paths."""
    users = {
        0: f"root:x:0:0:root:{_NO_HOME}:{_NO_SHELL}",
        NOBODY: f"nobody:x:{NOBODY}:{NOBODY}:nobody:{_NO_HOME}:{_NO_SHELL}",
    }
    groups = {0: "root:x:0:", NOBODY: f"nogroup:x:{NOBODY}:"}
    users[uid] = f"{NAME}:x:{uid}:{gid}:{NAME}:{home}:/bin/sh"
    groups[gid] = f"{NAME}:x:{gid}:"
    return {PASSWD: "\n".join([*users.values(), ""]), GROUP: "\n".join([*groups.values(), ""])}


def inner_identity(uid: int | None, *, namespaces: bool) -> tuple[int, int]:
    """Returns the user and the group that a guest takes itself for; `uid` is its own user, if it has one."""
    if uid is not None:
        return uid, uid
    user, group = os.geteuid(), os.getegid()
    return (user or NOBODY, group or NOBODY) if namespaces else (user, group)


def _exist(first: int, count: int) -> bool:
    """Whether these users are mapped here: root of a container may be the only one there is."""
    spans = [[int(word) for word in line.split()] for line in Path("/proc/self/uid_map").read_text().splitlines()]
    return any(start <= first and first + count <= start + length for start, _outer, length in spans)


def counted_by_namespace() -> bool:
    """Whether the kernel counts a user's processes for each user namespace by itself."""
    numbers = platform.release().split("-")[0].split(".")
    return tuple(int(each) for each in numbers[:2] if each.isdigit()) >= _COUNTED_BY_NAMESPACE_SINCE

"""Calls the kernel where Python has no word for it.

Everything here raises OSError with the name of the call, so that a step that fails says which one it was.
"""

from __future__ import annotations

import ctypes
import os
import platform

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000
CLONE_NEWCGROUP = 0x0200_0000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

MS_NOSUID = 2
MS_NODEV = 4
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_RDONLY = 1
MOUNT_ATTR_NOSUID = 2
MOUNT_ATTR_NODEV = 4

_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_SIGCHLD = 17
_CAPABILITY_VERSION_3 = 0x20080522

_NUMBERS = {
    "x86_64": {"clone": 56, "capset": 126, "pivot_root": 155},
    "aarch64": {"clone": 220, "capset": 91, "pivot_root": 41},
}
_SAME_EVERYWHERE = {
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
_LIBC = ctypes.CDLL(None, use_errno=True)


def machine() -> str:
    """Names the processor family, as the tables of this package do."""
    return platform.machine()


def syscall(name: str, *arguments: object) -> int:
    """Makes a system call by name. Numbers are passed as longs; buffers by reference."""
    number = _SAME_EVERYWHERE.get(name)
    if number is None:
        try:
            number = _NUMBERS[machine()][name]
        except KeyError:
            raise OSError(38, f"{name} is not known for {machine()}") from None
    _LIBC.syscall.restype = ctypes.c_long
    longs = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(name, _LIBC.syscall(ctypes.c_long(number), *longs))


def prctl(option: int, value: int, pointer: object = 0) -> None:
    """Sets one attribute of this process."""
    third = ctypes.c_ulong(pointer) if isinstance(pointer, int) else pointer
    _checked("prctl", _LIBC.prctl(option, ctypes.c_ulong(value), third, ctypes.c_ulong(0), ctypes.c_ulong(0)))


def fork_into(flags: int) -> int:
    """Forks into new namespaces: 0 in the child, which is process 1 of a new pid namespace.

    The caller must have one thread only. The child must fork again before it runs anything of weight, since the C
    library still believes in the parent's thread id.
    """
    return syscall("clone", flags | _SIGCHLD, 0, 0, 0, 0)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mounts a file system, or binds what is mounted already."""
    done = _LIBC.mount(os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _checked(f"mount {target}", done)


def restrict_mount(target: str, attributes: int, *, deep: bool) -> None:
    """Adds MOUNT_ATTR_* to a mount, or to it and all below it."""
    wanted = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    path = ctypes.c_char_p(os.fsencode(target))
    syscall("mount_setattr", _AT_FDCWD, path, _AT_RECURSIVE if deep else 0, ctypes.byref(wanted), 32)


def pivot_here() -> None:
    """Makes the working directory, a mount, the root, and lets go of the old one."""
    dot = ctypes.c_char_p(b".")
    syscall("pivot_root", dot, dot)
    _checked("umount2", _LIBC.umount2(b".", MNT_DETACH))
    os.chdir("/")


def drop_capabilities() -> None:
    """Gives up every capability; with no_new_privs they never come back."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    syscall("capset", ctypes.byref(header), ctypes.byref(nothing))


def _checked(name: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result

"""Confines this process to a few paths, without network, and to signals within itself.

Landlock asks for no privilege and cannot be undone. What a kernel lacks is left out; the caller decides by `version`
whether that is enough.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from . import kernel

SCOPED_SINCE = 6
"""The version that scopes signals and abstract sockets."""

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_MAKE_CHAR = 1 << 6
_MAKE_SOCK = 1 << 9
_MAKE_BLOCK = 1 << 11
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_IOCTL_DEV = 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_BITS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}
_BITS_NOW = 16
_RULE_PATH_BENEATH = 1
_CREATE_RULESET_VERSION = 1


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Tells which Landlock the kernel has; 0 means none."""
    try:
        return kernel.syscall("landlock_create_ruleset", 0, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def confine(readable: Iterable[str], writable: Iterable[str], now: int) -> None:
    """Allows reading and running below `readable`, all but device and socket files below `writable`, nothing else.

    `now` is the Landlock version. Paths that do not exist are left out.
    """
    everything = (1 << _BITS_BY_VERSION.get(now, _BITS_NOW)) - 1
    network, scopes = (0b11 if now >= 4 else 0), (0b11 if now >= SCOPED_SINCE else 0)  # noqa: PLR2004 — the version
    attributes = (ctypes.c_uint64 * 3)(everything, network, scopes)
    size = 24 if scopes else 16 if network else 8
    ruleset = kernel.syscall("landlock_create_ruleset", ctypes.byref(attributes), size, 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ & everything)
        for path in writable:
            _allow(ruleset, path, everything & ~(_MAKE_CHAR | _MAKE_BLOCK | _MAKE_SOCK))
        kernel.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            rights &= _OF_A_FILE
        rule = _PathBeneath(rights, beneath)
        kernel.syscall("landlock_add_rule", ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(beneath)

"""Takes system calls away: sockets, tracing, mounts, namespaces, keys, BPF, io_uring and what else tests never need.

A classic BPF program, written by hand so that no library is asked for. Refused calls answer EPERM; calls of a foreign
architecture kill. `socketpair` stays, so asyncio works; its datagram forms do not (raw is one of them), since such a
socket can send to any named socket on the machine. Reserving disk would take any amount of it at once, past the bound
of a file and before anybody looks; it answers as a file system that cannot, and the C library writes instead.
"""

from __future__ import annotations

import ctypes
import struct

from . import kernel

_REFUSED = {  # name: (x86_64, aarch64); None where it does not exist
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "memfd_create": (319, 279),  # memory that no process's size shows
    "memfd_secret": (447, 447),
    "shmget": (29, 194),  # likewise
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}
_REFUSED_AMONG_OTHERS = {  # where the host's processes and memory have numbers that a guest can name
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_unlink": (241, 181),
    "inotify_add_watch": (254, 27),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "ioprio_set": (251, 30),
}
_ONLY_ITSELF = {  # likewise; the first argument is a process, 0 the caller
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
}
_REFUSED_TO_THE_OWNER = {  # where the guest's user owns files of the host; Landlock does not watch these
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH_*
_CLONE, _CLONE3, _SOCKETPAIR, _IOCTL, _SETPRIORITY = (56, 220), (435, 435), (53, 199), (16, 29), (141, 140)
_FALLOCATE = (285, 47)

_NEW_NAMESPACES = 0x7E02_0000
_AF_UNIX, _SOCK_TYPES, _SOCK_STREAM, _SOCK_SEQPACKET = 1, 0xF, 1, 5
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_FS_IOC_RESVSP, _FS_IOC_RESVSP64, _FS_IOC_ZERO_RANGE = 0x4030_5828, 0x4030_582A, 0x4030_5839
_X32 = 0x4000_0000

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF_0000, 0x8000_0000, 0x0005_0001, 0x0005_0026
_EOPNOTSUPP = 0x0005_005F

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


def program(machine: str, *, among_others: bool = False, as_owner: bool = False) -> bytes:
    """Assembles the filter for a processor family, as an array of `struct sock_filter`.

    `among_others` says that the guest shares its processes' namespace with others, `as_owner` that the host has files
    in its sight that belong to its user; each refuses more.
    """
    if machine not in _ARCHITECTURES:
        raise OSError(38, f"seccomp: no table for {machine}")
    column, architecture = _ARCHITECTURES[machine]
    refused = {
        **_REFUSED,
        **(_REFUSED_AMONG_OTHERS if among_others else {}),
        **(_REFUSED_TO_THE_OWNER if as_owner else {}),
    }
    numbers = [pair[column] for pair in refused.values()]
    code = [_line(_LOAD, _ARCHITECTURE_AT), _line(_EQUAL, architecture, 1, 0), _line(_RETURN, _KILL)]
    code += [_line(_LOAD, _NUMBER_AT), _line(_AT_LEAST, _X32, 0, 1), _line(_RETURN, _ENOSYS)]
    for number in numbers:
        if number is not None:
            code += [_line(_EQUAL, number, 0, 1), _line(_RETURN, _EPERM)]
    code += [_line(_EQUAL, _FALLOCATE[column], 0, 1), _line(_RETURN, _EOPNOTSUPP)]
    # Its flags lie in memory, where a filter cannot look; libraries fall back to clone.
    code += [_line(_EQUAL, _CLONE3[column], 0, 1), _line(_RETURN, _ENOSYS)]
    code += _when(_CLONE[column], [_argument(0), _line(_ANY_BIT, _NEW_NAMESPACES, 0, 1), _line(_RETURN, _EPERM)])
    code += _when(
        _SOCKETPAIR[column],
        [
            _argument(0),
            _line(_EQUAL, _AF_UNIX, 1, 0),
            _line(_RETURN, _EPERM),
            _argument(1),
            _line(_AND, _SOCK_TYPES),
            _line(_EQUAL, _SOCK_STREAM, 2, 0),
            _line(_EQUAL, _SOCK_SEQPACKET, 1, 0),
            _line(_RETURN, _EPERM),
        ],
    )
    code += _when(
        _IOCTL[column],
        [
            _argument(1),
            _line(_EQUAL, _TIOCSTI, 4, 0),
            _line(_EQUAL, _TIOCLINUX, 3, 0),
            _line(_EQUAL, _FS_IOC_RESVSP, 2, 0),
            _line(_EQUAL, _FS_IOC_RESVSP64, 1, 0),
            _line(_EQUAL, _FS_IOC_ZERO_RANGE, 0, 1),
            _line(_RETURN, _EPERM),
        ],
    )
    if among_others:
        for pair in _ONLY_ITSELF.values():
            code += _when(pair[column], [_argument(0), _line(_EQUAL, 0, 1, 0), _line(_RETURN, _EPERM)])
        itself = [_argument(0), _line(_EQUAL, 0, 0, 2), _argument(1), _line(_EQUAL, 0, 1, 0), _line(_RETURN, _EPERM)]
        code += _when(_SETPRIORITY[column], itself)
    return b"".join([*code, _line(_RETURN, _ALLOW)])


def install(*, among_others: bool, as_owner: bool) -> None:
    """Puts the filter on this process for good; no_new_privs must be set."""
    code = program(kernel.machine(), among_others=among_others, as_owner=as_owner)
    held = ctypes.create_string_buffer(code, len(code))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held)))
    kernel.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(header))


def _when(number: int, body: list[bytes]) -> list[bytes]:
    """Runs the body for one call only, and allows it where the body did not refuse."""
    return [_line(_EQUAL, number, 0, len(body) + 1), *body, _line(_RETURN, _ALLOW)]


def _argument(index: int) -> bytes:
    return _line(_LOAD, _ARGUMENTS_AT + 8 * index)  # the low half; both machines are little-endian


def _line(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", operation, if_true, if_false, value)

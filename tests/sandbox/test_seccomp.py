"""The filter refuses what it names, on both processors, and nothing that ordinary programs need."""

from __future__ import annotations

import struct

import pytest

from headwater.sandbox.guest import seccomp

pytestmark = pytest.mark.alone

ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL, EPERM, ENOSYS, EOPNOTSUPP = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026, 0x0005005F
NEW_USER, NEW_NET, THREAD = 0x10000000, 0x40000000, 0x3D0F00
UNIX, INET, STREAM, DATAGRAM, RAW, SEQPACKET, CLOEXEC = 1, 2, 1, 2, 3, 5, 0o2000000


def answer(machine: str, number: int, *arguments: int, architecture: int | None = None, strict: bool = False) -> int:
    """Runs the program on one call, as the kernel would; every jump must land inside."""
    code = list(struct.iter_unpack("HBBI", seccomp.program(machine, among_others=strict, as_owner=strict)))
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, ARCHITECTURE[machine] if architecture is None else architecture, 0, *padded)
    at, value = 0, 0
    while True:
        operation, if_true, if_false, constant = code[at]
        at += 1
        match operation:
            case 0x20:
                (value,) = struct.unpack_from("<I", data, constant)
            case 0x54:
                value &= constant
            case 0x06:
                return constant
            case 0x15:
                at += if_true if value == constant else if_false
            case 0x35:
                at += if_true if value >= constant else if_false
            case 0x45:
                at += if_true if value & constant else if_false
            case _:
                raise AssertionError(operation)


CALLS = {
    "x86_64": {"read": 0, "socket": 41, "connect": 42, "socketpair": 53, "clone": 56, "execve": 59, "ptrace": 101},
    "aarch64": {
        "read": 63,
        "socket": 198,
        "connect": 203,
        "socketpair": 199,
        "clone": 220,
        "execve": 221,
        "ptrace": 117,
    },
}
OTHERS = {
    "x86_64": {"ioctl": 16, "mount": 165, "unshare": 272, "fallocate": 285},
    "aarch64": {"ioctl": 29, "mount": 40, "unshare": 97, "fallocate": 47},
}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("read", (), ALLOW),
        ("execve", (), ALLOW),
        ("socket", (UNIX, STREAM), EPERM),
        ("socket", (INET, STREAM), EPERM),
        ("connect", (), EPERM),
        ("ptrace", (), EPERM),
        ("mount", (), EPERM),
        ("unshare", (NEW_USER,), EPERM),
        ("clone", (THREAD,), ALLOW),
        ("clone", (17,), ALLOW),
        ("clone", (NEW_USER | 17,), EPERM),
        ("clone", (NEW_NET,), EPERM),
        ("socketpair", (UNIX, STREAM | CLOEXEC), ALLOW),
        ("socketpair", (UNIX, SEQPACKET), ALLOW),
        ("socketpair", (UNIX, DATAGRAM), EPERM),
        ("socketpair", (UNIX, RAW | CLOEXEC), EPERM),
        ("socketpair", (INET, STREAM), EPERM),
        ("ioctl", (1, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), EPERM),
        ("ioctl", (1, 0x541C), EPERM),
        ("ioctl", (1, 0x40305828), EPERM),
        ("ioctl", (1, 0x4030582A), EPERM),
        ("ioctl", (1, 0x40305839), EPERM),
        ("ioctl", (1, 0x5413), ALLOW),
        ("fallocate", (1, 0, 0, 4096), EOPNOTSUPP),
        ("fallocate", (1, 1, 0, 4096), EOPNOTSUPP),
    ],
)
def test_a_call_gets_its_answer(machine: str, call: str, arguments: tuple[int, ...], expected: int) -> None:
    """Sockets, namespaces, tracing and reserved disk are refused; reading, threads and stream pairs are not."""
    number = {**CALLS[machine], **OTHERS[machine]}[call]
    assert answer(machine, number, *arguments) == expected


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_clone3_is_unknown_so_that_libraries_use_clone(machine: str) -> None:
    """Its flags lie where a filter cannot look."""
    assert answer(machine, 435) == ENOSYS


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_foreign_architecture_kills(machine: str) -> None:
    """32-bit calls have other numbers, which the table would misread."""
    assert answer(machine, 0, architecture=0x40000003) == KILL


def test_the_x32_numbers_are_unknown() -> None:
    """The second number of each call must not be a way around the first."""
    assert answer("x86_64", 0x40000000 | 41) == ENOSYS


def test_an_unknown_processor_is_refused() -> None:
    """Without a table there is no filter, and without a filter no guest."""
    with pytest.raises(OSError, match="no table for riscv64"):
        seccomp.program("riscv64")


@pytest.mark.parametrize(
    ("machine", "number", "arguments", "expected"),
    [
        ("x86_64", 90, (), EPERM),
        ("aarch64", 53, (), EPERM),
        ("x86_64", 302, (0, 7), ALLOW),
        ("x86_64", 302, (4711, 7), EPERM),
        ("aarch64", 261, (4711, 7), EPERM),
        ("x86_64", 141, (0, 0, 5), ALLOW),
        ("x86_64", 141, (0, 4711, 5), EPERM),
        ("x86_64", 141, (2, 0, 5), EPERM),
        ("x86_64", 30, (), EPERM),
        ("x86_64", 0, (), ALLOW),
    ],
)
def test_among_the_hosts_processes_and_files_more_is_refused(
    machine: str, number: int, arguments: tuple[int, ...], expected: int
) -> None:
    """Without namespaces a guest could name others; without them nothing of this is taken away."""
    assert answer(machine, number, *arguments, strict=True) == expected
    assert answer(machine, number, *arguments) == ALLOW

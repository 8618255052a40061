"""A command of any language runs behind bubblewrap, within bounds, and leaves nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from headwater.sandbox import Ended, Limits, Outcome
from headwater.sandbox.cold import run_command
from headwater.sandbox.groups import Groups
from headwater.sandbox.rooms import SYSTEM
from tests.sandbox.inside import below

pytestmark = pytest.mark.alone

UID = 60_599
LIMITS = Limits(wall_seconds=20, processes=16, output_bytes=10_000, file_bytes=1 << 20, memory_bytes=1 << 28)


@pytest.fixture(autouse=True)
def bubblewrap() -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, UID, UID)
    return folder


def start(
    work: Path,
    argv: Sequence[str],
    limits: Limits = LIMITS,
    readable: Sequence[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncGenerator[bytes | Ended]:
    uid = UID if os.geteuid() == 0 else None
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(work), **settings}
    shown = [*SYSTEM, *readable]
    return run_command(argv, work=work, readable=shown, environment=environment, limits=limits, uid=uid)


def put(work: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (work / name).write_text(text)


async def run(
    work: Path,
    argv: Sequence[str],
    limits: Limits = LIMITS,
    readable: Sequence[str] = (),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> tuple[bytes, Ended]:
    *pieces, ended = [each async for each in start(work, argv, limits, readable, settings)]
    assert isinstance(ended, Ended)
    return b"".join(each for each in pieces if isinstance(each, bytes)), ended


async def test_a_command_prints_and_writes_in_its_folder(work: Path) -> None:
    """What it prints is yielded, what it writes stays."""
    printed, ended = await run(work, ["sh", "-c", "echo here > note; pwd; echo $HOME; echo bad >&2"])
    assert printed.decode().split() == [str(work), str(work), "bad"]
    assert ended.outcome is Outcome.DONE
    assert (work / "note").read_text() == "here\n"


@pytest.mark.parametrize(
    ("command", "outcome", "detail"),
    [
        ("exit 3", Outcome.CRASHED, "exit status 3"),
        ("kill -SEGV $$", Outcome.CRASHED, "SIGSEGV"),
        ("sleep 60", Outcome.TIMEOUT, "1 s of wall time"),
        ("while :; do echo xxxxxxxxxxxxxxxx; done", Outcome.OUTPUT, "printed more than 10000 bytes"),
        ("head -c 2000000 /dev/zero > big", Outcome.OUTPUT, "a file of more than 1048576 bytes"),
    ],
)
async def test_its_end_is_told(work: Path, command: str, outcome: Outcome, detail: str) -> None:
    """Bounds and exit statuses give the verdicts that guests get."""
    seconds = 1 if outcome is Outcome.TIMEOUT else LIMITS.wall_seconds
    limits = Limits(wall_seconds=seconds, output_bytes=10_000, file_bytes=1 << 20)
    printed, ended = await run(work, ["sh", "-c", command], limits)
    assert (ended.outcome, detail in ended.detail) == (outcome, True), ended
    assert len(printed) <= 10_000


async def test_it_reaches_nothing_of_the_host(work: Path, tmp_path: Path) -> None:
    """No network, no file beside its folder, no process of the host, no privilege."""
    (tmp_path / "secret").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        program = (
            "import os, socket\n"
            f"try: socket.create_connection(('127.0.0.1', {port}))\nexcept OSError: print('alone')\n"
            f"print(os.path.exists('{tmp_path}/secret'), os.path.exists('/proc/{os.getpid()}/environ'), os.getuid())\n"
        )
        printed, _ = await run(work, ["/usr/bin/python3", "-c", program])
        with pytest.raises(BlockingIOError):
            server.accept()
    user = UID if os.geteuid() == 0 else os.getuid()
    assert printed.decode().split() == ["alone", "False", "False", str(user)]


async def test_memory_is_bounded_for_the_whole_tree(work: Path) -> None:
    """Several processes, each within its bound, are too many together; reserved address space counts for nothing."""
    program = (
        "import mmap, os, time\n"
        "mmap.mmap(-1, 1 << 30, prot=mmap.PROT_READ)\n"
        "print('reserved', flush=True)\n"
        "for _ in range(4): os.fork()\n"
        "held = bytearray(os.urandom(1 << 20) * 100)\n"
        "time.sleep(60)\n"
    )
    printed, ended = await run(work, ["/usr/bin/python3", "-c", program], replace(LIMITS, processes=32))
    assert printed == b"reserved\n"
    assert (ended.outcome, ended.detail) == (Outcome.MEMORY, "more than 256 MiB of memory")


async def test_temporary_files_are_gone_with_the_command(work: Path) -> None:
    """Its /tmp holds what a compiler writes, and is nowhere afterwards."""
    limits = replace(LIMITS, file_bytes=64 << 20)
    printed, ended = await run(work, ["sh", "-c", "head -c 40000000 /dev/zero > /tmp/big; wc -c < /tmp/big"], limits)
    assert (printed, ended.outcome) == (b"40000000\n", Outcome.DONE)
    assert [each.name for each in work.parent.iterdir()] == ["work"]


async def test_its_user_has_a_name(work: Path) -> None:
    """Programs that ask who they are get an answer, with the command's home."""
    printed, ended = await run(work, ["sh", "-c", "id -un; id -gn; echo $USER ~sandbox"])
    assert ended.outcome is Outcome.DONE
    assert printed.decode().split() == ["sandbox", "sandbox", "sandbox", str(work)]


NODE = {
    "total.mjs": "export const total = (prices) => prices.reduce((a, b) => a + b, 0);\n",
    "total.test.mjs": (
        "import test from 'node:test';\nimport assert from 'node:assert';\nimport { total } from './total.mjs';\n"
        "test('adds', () => assert.equal(total([1, 2]), 3));\n"
        "test('is wrong', () => assert.equal(total([1, 2]), 4));\n"
    ),
}
GO = {
    "go.mod": "module total\n\ngo 1.18\n",
    "total.go": "package total\n\nfunc Total(a, b int) int { return a + b }\n",
    "total_test.go": (
        'package total\n\nimport "testing"\n\n'
        "func TestAdds(t *testing.T) {\n\tif Total(1, 2) != 3 {\n\t\tt.Fail()\n\t}\n}\n\n"
        "func TestIsWrong(t *testing.T) {\n\tif Total(1, 2) != 4 {\n\t\tt.Fail()\n\t}\n}\n"
    ),
}
TOOLCHAIN = Limits(wall_seconds=100, cpu_seconds=200)


async def test_tests_of_node_run_and_fail_as_they_should(work: Path) -> None:
    """V8 reserves address space, threads and pages that become code; the bounds and the filter leave it those."""
    if shutil.which("node", path="/usr/bin:/usr/local/bin") is None:
        pytest.skip("node is not installed for all users")
    put(work, NODE)
    printed, ended = await run(work, ["node", "--test", "--test-reporter=tap"], TOOLCHAIN)
    assert (ended.outcome, ended.detail) == (Outcome.CRASHED, "exit status 1"), printed
    assert b"ok 1 - adds" in printed
    assert b"not ok 2 - is wrong" in printed


async def test_tests_of_go_are_compiled_run_and_fail_as_they_should(work: Path) -> None:
    """The compiler finds its own library, a cache that it may write, and room for its files; it asks no network."""
    go = shutil.which("go", path="/usr/bin:/usr/local/bin:/usr/local/go/bin")
    if go is None:
        pytest.skip("go is not installed for all users")
    put(work, GO)
    settings = {"GOCACHE": f"{work}/.cache", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    root = str(Path(go).resolve().parents[1])  # noqa: ASYNC240 — nothing else runs here
    printed, ended = await run(work, [go, "test", "-v", "./..."], TOOLCHAIN, readable=[root], settings=settings)
    assert (ended.outcome, ended.detail) == (Outcome.CRASHED, "exit status 1"), printed
    assert b"--- PASS: TestAdds" in printed
    assert b"--- FAIL: TestIsWrong" in printed


async def test_closing_early_kills_it_with_its_children(work: Path) -> None:
    """Nothing runs on, however detached."""
    async with contextlib.aclosing(start(work, ["sh", "-c", "setsid sleep 600 & echo up; sleep 600"])) as said:
        assert await anext(said) == b"up\n"
    assert [each for each in below() if _runs(each)] == []


def test_a_group_bounds_a_tree_as_a_whole() -> None:
    """Where control groups can be made, the bound on processes holds for the whole tree."""
    groups = Groups()
    group = groups.take()
    try:
        if group.pids is None:
            pytest.skip("no control group for processes can be made here")
        joins = group.bound(LIMITS)
        for each in joins:
            os.close(each)
        assert (group.pids / "pids.max").read_text() == "16\n"
    finally:
        groups.remove()
    assert not group.pids.exists()


def _runs(process: int) -> bool:
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{process}/cmdline").read_text())
    return False

"""A command of any language runs behind bubblewrap, within bounds, and leaves nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from headwater.sandbox import Ended, Limits, Outcome
from headwater.sandbox.cold import run_command
from headwater.sandbox.groups import Groups
from headwater.sandbox.rooms import SYSTEM
from tests.sandbox.inside import below

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


def start(work: Path, argv: Sequence[str], limits: Limits = LIMITS) -> AsyncGenerator[bytes | Ended]:
    uid = UID if os.geteuid() == 0 else None
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(work)}
    return run_command(argv, work=work, readable=SYSTEM, environment=environment, limits=limits, uid=uid)


async def run(work: Path, argv: Sequence[str], limits: Limits = LIMITS) -> tuple[bytes, Ended]:
    *pieces, ended = [each async for each in start(work, argv, limits)]
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
    printed, ended = await run(
        work, ["sh", "-c", command], Limits(wall_seconds=1, output_bytes=10_000, file_bytes=1 << 20)
    )
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

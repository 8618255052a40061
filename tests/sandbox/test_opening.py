"""A sandbox opens at a level that holds, for every interpreter that can run tests, and outlives what it is built on."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

import pytest

from headwater.errors import Code, Problem
from headwater.sandbox import Ended, Guest, Level, Limits, Outcome, Workspace, open_sandbox
from headwater.sandbox.folders import ROOMS
from headwater.sandbox.guest import watch
from headwater.sandbox.opening import OpenSandbox
from headwater.sandbox.rooms import Rooms, Setup
from headwater.sandbox.zygotes import Warmth, Zygotes
from tests.sandbox.inside import GUESTS, PATIENCE, gone, parent_of, run, runs, script, settled, zygotes_now

pytestmark = pytest.mark.alone


def find_python(version: str, without: str = "") -> Path | None:
    """Finds an interpreter of this version that runs, in the usual places of version managers too."""
    managed = sorted(Path("~").expanduser().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for each in (*managed, shutil.which(f"python{version}")):
        # A shim of a version that is not chosen is found, and does not run.
        if each and subprocess.run([each, "-c", ""], capture_output=True, check=False).returncode == 0:
            found = Path(each)
            return None if without and list(found.parents[1].glob(f"lib/python*/site-packages/{without}")) else found
    return None


# What a host has of other Pythons is what can be tried there: nothing of ours could install them.
OLD = find_python("3.8")
OTHER = find_python("3.12", without="pytest")
NEWER = {version: path for version in ("3.9", "3.10", "3.12", "3.13") if (path := find_python(version))}
REAL = os.path.realpath(sys.executable)
UNFIT = [kind for kind, python in (("too old", OLD), ("without pytest", OTHER)) if python]
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"

HOST = """
import asyncio, pathlib, sys
from headwater.sandbox import Guest, Workspace, open_sandbox

async def main():
    sandbox = await open_sandbox(folder=pathlib.Path(sys.argv[1]))
    room = await sandbox.room(Workspace())
    code = "import os, time\\nos.setsid() if os.fork() == 0 else send({})\\ntime.sleep(600)"
    async for _ in room.run(Guest(path=pathlib.Path(sys.argv[2]), request={"code": code})):
        print("up", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "kind",
    ["absent", "no Python", "fails", "silent", *(["too old"] if OLD else []), *(["without pytest"] if OTHER else [])],
)
async def test_an_interpreter_that_cannot_run_tests_is_refused(sandbox: OpenSandbox, tmp_path: Path, kind: str) -> None:
    """The refusal says what is wrong and what to do."""
    python = tmp_path / "python"
    scripts = {
        "no Python": "just text",
        "fails": "#!/bin/sh\necho broken >&2\nexit 3",
        "silent": "#!/bin/sh\nexit 0",
    }
    if kind in scripts:
        python.write_text(scripts[kind])
        python.chmod(0o755)
    elif kind in {"too old", "without pytest"}:
        python = (OLD if kind == "too old" else OTHER) or python
    with pytest.raises(Problem) as raised:
        await sandbox.room(Workspace(python=python))
    problem = raised.value
    assert (problem.code, problem.reason) == (Code.FAILED_PRECONDITION, "INTERPRETER_UNUSABLE")
    assert "Name a Python of 3.9 or later" in problem.remedy
    assert str(python) in problem.message
    if kind == "fails":
        assert "broken" in problem.message


async def test_an_environment_of_the_same_python_borrows_pytest(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """What the user's interpreter lacks comes from the service's packages, behind the user's own path."""
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    room = await sandbox.room(Workspace(python=python))
    messages, _ = await run(room, script("import sys, pytest\nsend({'prefix': sys.prefix, 'pytest': pytest.__name__})"))
    assert messages == [{"prefix": str(tmp_path / "venv"), "pytest": "pytest"}]


@pytest.mark.parametrize("version", [THIS, *NEWER])
async def test_every_python_from_3_9_on_runs_guests(tmp_path: Path, version: str) -> None:
    """What is loaded on the inside needs nothing newer."""
    sandbox = await open_sandbox(folder=tmp_path / "sandbox", needs=())
    if sandbox.level is Level.NONE:
        pytest.skip("no level holds here")
    room = await sandbox.room(Workspace(python=NEWER.get(version, Path(sys.executable))))
    messages, ended = await run(room, script("import sys\nsend({'version': '%d.%d' % sys.version_info[:2]})"))
    await sandbox.close()
    assert (messages, ended.outcome) == ([{"version": version}], Outcome.DONE)


async def test_what_lies_beside_an_interpreter_is_not_shown(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """A link to Python in somebody's home opens nothing of that home."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "secret").write_text("secret")
    (home / "python").symlink_to(REAL)
    room = await sandbox.room(Workspace(python=home / "python"))
    code = (
        f"import subprocess, sys\ntry: open({str(home / 'secret')!r}); send({{'read': True}})\n"
        "except OSError: send({'refused': True})\n"
        "send({'child': subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True, text=True).stdout})"
    )
    messages, ended = await run(room, script(code))
    assert messages == [{"refused": True}, {"child": "1\n"}], ended


async def test_few_zygotes_are_kept_warm(tmp_path: Path) -> None:
    """The interpreter that was used least recently makes room for the next."""
    setup = Setup(folder=tmp_path / "sandbox")
    zygotes = Zygotes(setup.warmth, 2)
    pythons = [tmp_path / f"python{each}" for each in range(3)]
    for each in pythons:
        each.symlink_to(sys.executable)
        await zygotes.get(each)
    assert len(await settled(2)) == 2
    await zygotes.close()
    assert await gone(set()) == []


async def test_a_service_that_was_killed_leaves_no_folders_to_the_next(tmp_path: Path) -> None:
    """Folders whose owner died are removed when the next sandbox opens; those of the living and the newborn stay."""
    folder = tmp_path / "sandbox"
    dead, young = (folder / f"{ROOMS}{name}" for name in ("dead", "young"))
    for each in (dead, young):
        (each / "room" / "work").mkdir(parents=True)
    os.utime(dead, (0, 0))
    one = await open_sandbox(folder=folder, wanted="process")
    other = await open_sandbox(folder=folder, wanted="process")
    assert len(list(folder.iterdir())) == 3
    assert not dead.exists()
    await one.close()
    await other.close()
    assert list(folder.iterdir()) == [young]


async def test_a_service_that_is_killed_takes_everything_along(tmp_path: Path) -> None:
    """Zygotes and guests notice that their host is gone, and end."""
    host = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOST, str(tmp_path / "sandbox"), str(GUESTS / "script.py")),
        stdout=asyncio.subprocess.PIPE,
    )
    assert host.stdout is not None
    assert await host.stdout.readline() == b"up\n"
    below = watch.descendants(host.pid)
    assert len(below) >= 3  # a zygote, a keeper, a guest
    host.kill()
    await host.wait()
    deadline = time.monotonic() + PATIENCE
    while left := [each for each in below if runs(each)]:
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.01)


async def test_where_nothing_holds_every_room_is_refused_with_the_remedy() -> None:
    """Strangers' code stays locked up, or is not run."""
    sandbox = OpenSandbox(None, Zygotes(Warmth(), 1), ())
    assert sandbox.level is Level.NONE
    with pytest.raises(Problem) as raised:
        await sandbox.room(Workspace())
    assert (raised.value.code, raised.value.reason) == (Code.FAILED_PRECONDITION, "SANDBOX_UNAVAILABLE")
    assert "--sandbox=process" in raised.value.remedy
    await sandbox.close()


async def test_a_level_is_named_right_or_refused(tmp_path: Path) -> None:
    """A typing error does not choose a weaker lock."""
    with pytest.raises(Problem) as raised:
        await open_sandbox(folder=tmp_path, wanted="namespace")
    assert raised.value.reason == "SANDBOX_LEVEL_UNKNOWN"


async def test_the_report_names_every_probe(sandbox: OpenSandbox) -> None:
    """What was tried at start, and that it was refused, is there for health and metrics."""
    chosen = sandbox.report.trials[-1]
    assert chosen.level is sandbox.level
    assert chosen.holds
    assert set(chosen.probes) >= {"network", "read_secret", "write_outside", "signal_host", "fork_bomb", "memory"}
    assert all(chosen.probes.values())


def test_it_runs_on_uvloop_too(tmp_path: Path) -> None:
    """The service's loop is uvloop; the tests' is asyncio's own."""
    uvloop = pytest.importorskip("uvloop")

    async def once() -> tuple[list[dict[str, Any]], Ended]:
        sandbox = await open_sandbox(folder=tmp_path / "sandbox", wanted="process", needs=())
        room = await sandbox.room(Workspace())
        said = await run(room, script("for n in range(1000): send({'n': n})\nprint('x' * 100000)"))
        await sandbox.close()
        return said

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        messages, ended = runner.run(once())
    assert [each["n"] for each in messages] == list(range(1000))
    assert (ended.outcome, len(ended.output)) == (Outcome.DONE, 100_001)


async def test_a_dead_zygote_is_replaced_and_running_guests_come_to_an_end(sandbox: OpenSandbox) -> None:
    """Killing the warm process costs a warm-up, not a verdict."""
    room = await sandbox.room(Workspace())
    said = room.run(script("import time\nsend({'up': 1})\ntime.sleep(0.2)"))
    assert await anext(said) == {"up": 1}
    for each in zygotes_now():
        os.kill(each, signal.SIGKILL)
    rest = [each async for each in said]
    assert isinstance(rest[-1], Ended)
    assert (await run(room, script("send({'fine': 1})")))[0] == [{"fine": 1}]


async def test_a_stuck_zygote_is_replaced(tmp_path: Path) -> None:
    """A warm process that does not answer in time is killed, and a fresh one runs the guest."""
    setup = Setup(folder=tmp_path / "sandbox", warmth=Warmth(start_seconds=2.0))
    zygotes = Zygotes(Warmth(), 1)
    rooms = Rooms(setup, Level.PROCESS, zygotes)
    room = await rooms.room(Workspace())
    (stuck,) = zygotes_now()
    os.kill(stuck, signal.SIGSTOP)
    assert (await run(room, script("send({'fine': 1})")))[0] == [{"fine": 1}]
    assert zygotes_now() != {stuck}
    await rooms.close()
    await zygotes.close()
    assert await gone(set()) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_lost_keeper_does_not_hang_the_caller(tmp_path: Path, how: signal.Signals) -> None:
    """Whoever kills or stops the process that watches a guest, the guest's stream comes to an end."""
    setup = Setup(folder=tmp_path / "sandbox", warmth=Warmth(start_seconds=2.0))
    zygotes = Zygotes(Warmth(), 1)
    rooms = Rooms(setup, Level.PROCESS, zygotes)
    room = await rooms.room(Workspace())
    request = {"code": "import os, time\nsend({'keeper': os.getppid()})\ntime.sleep(60)"}
    limits = Limits(wall_seconds=4)
    said = room.run(Guest(path=GUESTS / "script.py", request=request, limits=limits))
    first = await anext(said)
    assert isinstance(first, dict)
    keeper = parent_of(first["keeper"])  # its parent is the warden, whose parent is the keeper
    os.kill(keeper, how)
    rest = [each async for each in said]
    assert isinstance(rest[-1], Ended)
    assert (rest[-1].outcome, rest[-1].detail) == (Outcome.CRASHED, "its keeper was lost")
    if how == signal.SIGSTOP:
        os.kill(keeper, signal.SIGCONT)
    await rooms.close()
    await zygotes.close()
    assert await gone(set()) == []

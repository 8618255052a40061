"""A room runs guests one after the other or side by side, yields what they send, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from pathlib import Path

import pytest

from headwater.errors import Code, Problem
from headwater.sandbox import Ended, Guest, Level, Outcome, Workspace, open_sandbox
from headwater.sandbox.opening import OpenSandbox
from tests.sandbox.inside import GUESTS, LIMITS, gone, run, script, zygotes_now

pytestmark = pytest.mark.alone


async def test_messages_come_in_order_and_the_end_comes_last(sandbox: OpenSandbox) -> None:
    """What is sent arrives whole, and what is printed is in the end."""
    room = await sandbox.room(Workspace())
    code = (
        "for n in range(200): send({'n': n, 'text': 'ü' * n})\nprint('out'); import sys; print('err', file=sys.stderr)"
    )
    messages, ended = await run(room, script(code))
    assert messages == [{"n": n, "text": "ü" * n} for n in range(200)]
    assert ended.outcome is Outcome.DONE
    assert ended.output == "out\nerr\n"
    assert ended.detail == ""
    assert ended.seconds > 0


async def test_a_guest_sees_a_bare_environment_and_its_own_folder_first(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """Nothing of the host's environment is inside; modules come from the work folder, then the roots."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "both.py").write_text("WHERE = 'root'")
    (root / "lib.py").write_text("WHERE = 'root'")
    files = {"both.py": b"WHERE = 'work'", "zygote.py": b"WHERE = 'work'", "guest/__init__.py": b"", "json_.py": b""}
    room = await sandbox.room(Workspace(roots=(root,), files=files))
    code = (
        "import os, sys, both, lib, zygote\n"
        "send({'names': sorted(os.environ), 'both': both.WHERE, 'lib': lib.WHERE, 'own': zygote.WHERE,\n"
        "      'here': os.getcwd() == sys.path[0] == os.path.realpath('.'), 'tty': os.isatty(0)})"
    )
    ((told,), ended) = await run(room, script(code))
    assert ended.outcome is Outcome.DONE
    assert (told["both"], told["lib"], told["own"], told["here"], told["tty"]) == ("work", "root", "work", True, False)
    expected = {"HOME", "LANG", "PATH", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED"}
    assert set(told["names"]) - {"LC_CTYPE"} == expected | {"TMPDIR", "USER", "LOGNAME"}


async def test_roots_are_read_only_and_the_work_folder_is_not(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """A guest may change its files; what it wrote is there for the next guest of the room, and for no other room."""
    root = tmp_path / "root"
    root.mkdir()
    one, other = [await sandbox.room(Workspace(roots=(root,), files={"a.txt": b"1"})) for _ in range(2)]
    code = (
        "open('a.txt', 'w').write('2')\n"
        "try:\n    open(request['root'] + '/b', 'w')\nexcept OSError: send({'refused': True})"
    )
    guest = Guest(path=GUESTS / "script.py", request={"code": code, "root": str(root)}, limits=LIMITS)
    assert (await run(one, guest))[0] == [{"refused": True}]
    read = "send({'a': open('a.txt').read()})"
    assert (await run(one, script(read)))[0] == [{"a": "2"}]
    assert (await run(other, script(read)))[0] == [{"a": "1"}]
    assert (await run(one, script(read, a__txt=b"3")))[0] == [{"a": "3"}]
    assert list(root.iterdir()) == []


async def test_a_closed_root_is_readable_all_the_same(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """The room's user is not the service's; a folder that only the service may enter is shown to it entry by entry."""
    if sandbox.level is Level.LANDLOCK and os.geteuid() == 0:
        pytest.skip("without a view of its own, another user stays outside")
    root = tmp_path / "closed"
    (root / "package").mkdir(parents=True)
    (root / "module.py").write_text("X = 1")
    (root / "package" / "__init__.py").write_text("Y = 2")
    for each in (root / "package", root):
        each.chmod(0o700)
    room = await sandbox.room(Workspace(roots=(root,)))
    messages, ended = await run(room, script("import module, package\nsend({'x': module.X, 'y': package.Y})"))
    assert (messages, ended.outcome) == ([{"x": 1, "y": 2}], Outcome.DONE), ended


async def test_guests_of_one_room_run_side_by_side(sandbox: OpenSandbox) -> None:
    """Two guests that wait for each other both end."""
    room = await sandbox.room(Workspace())
    code = (
        "import os, time\nopen(request['mine'], 'w').close()\n"
        "while not os.path.exists(request['theirs']): time.sleep(0.01)"
    )
    guests = [
        Guest(path=GUESTS / "script.py", request={"code": code, "mine": mine, "theirs": theirs}, limits=LIMITS)
        for mine, theirs in (("a", "b"), ("b", "a"))
    ]
    ends = await asyncio.gather(*(run(room, each) for each in guests))
    assert [ended.outcome for _, ended in ends] == [Outcome.DONE, Outcome.DONE]


async def test_no_more_guests_run_than_there_are_seats_and_the_first_waits_least(tmp_path: Path) -> None:
    """With one seat, guests run one after the other, in the order in which they came."""
    sandbox = await open_sandbox(folder=tmp_path / "sandbox", max_guests=1, needs=())
    if sandbox.level is Level.NONE:
        pytest.skip("no level holds here")
    room = await sandbox.room(Workspace())
    code = "import time\nsend({'from': time.monotonic()})\ntime.sleep(0.02)\nsend({'to': time.monotonic()})"
    ends = await asyncio.gather(*(run(room, script(code)) for _ in range(4)))
    await sandbox.close()
    spans = [(messages[0]["from"], messages[1]["to"]) for messages, _ in ends]
    assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(spans))


@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_an_iterator_that_is_left_early_leaves_nothing(sandbox: OpenSandbox, how: str) -> None:
    """Closing the iterator, or cancelling who reads it, kills the guest with its detached children."""
    room = await sandbox.room(Workspace())
    await run(room, script("pass"))
    assert await gone(zygotes_now()) == []
    code = "import os, time\nif os.fork() == 0: os.setsid(); os.fork()\nelse: send({'up': 1})\ntime.sleep(600)"
    up = asyncio.Event()

    async def read() -> None:
        async with contextlib.aclosing(room.run(script(code))) as said:  # type: ignore[type-var]
            async for _ in said:
                up.set()
                if how == "close":
                    return

    reader = asyncio.create_task(read())
    await up.wait()
    if how == "cancel":
        reader.cancel()
    await asyncio.wait([reader])
    assert await gone(zygotes_now()) == []
    assert (await run(room, script("send({'fine': 1})")))[0] == [{"fine": 1}]


async def test_closing_a_room_ends_its_guests_and_removes_its_folder(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """Who reads gets an end, not an exception; afterwards the room runs nothing."""
    room = await sandbox.room(Workspace())
    said = room.run(script("import time\nsend({'up': 1})\ntime.sleep(600)"))
    assert await anext(said) == {"up": 1}
    await room.close()
    rest = [each async for each in said]
    assert len(rest) == 1
    assert isinstance(rest[0], Ended)
    assert rest[0].outcome is Outcome.CRASHED
    assert list((tmp_path / "sandbox").rglob("work")) == []
    assert (await run(room, script("pass")))[1].detail == "the room is closed"


async def test_preloaded_guests_are_warm(sandbox: OpenSandbox) -> None:
    """A trusted guest is loaded and warmed up once, before the forks, under a name of its own."""
    room = await sandbox.room(Workspace())
    for _ in range(2):
        messages, _ = await run(room, Guest(path=GUESTS / "warmed", request={}, limits=LIMITS))
        assert messages == [{"found": ["warm"], "name": "_headwater_guest_warmed"}]


@pytest.mark.parametrize("path", ["../up.py", "/etc/up.py", "a/../../up.py", "", "a\0b"])
async def test_files_stay_inside(sandbox: OpenSandbox, path: str) -> None:
    """A path that leads outside is refused by name."""
    with pytest.raises(Problem) as raised:
        await sandbox.room(Workspace(files={path: b""}))
    assert (raised.value.code, raised.value.reason) == (Code.INVALID_ARGUMENT, "FILE_PATH_INVALID")


async def test_the_sandbox_does_not_lie_in_what_the_code_may_read(sandbox: OpenSandbox, tmp_path: Path) -> None:
    """A root that holds the sandbox's folder would show every room to every other."""
    with pytest.raises(Problem) as raised:
        await sandbox.room(Workspace(roots=(tmp_path,)))
    assert raised.value.reason == "SANDBOX_UNAVAILABLE"

"""A test that fails because of the sandbox says so, and no message shows a path that exists on the inside only."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from headwater.pipeline.guest import RUNNER
from headwater.sandbox import Guest, Room, Workspace
from headwater.sandbox.opening import OpenSandbox
from tests.sandbox.inside import LIMITS, run

pytestmark = pytest.mark.alone

RESTRICTED = """
    import os, socket, subprocess, threading, urllib.request
    import pytest, thing

    def test_connects(): socket.create_connection(("127.0.0.1", 9))
    def test_asks_for_a_name(): socket.getaddrinfo("example.org", 80)
    def test_downloads(): urllib.request.urlopen("http://127.0.0.1:9/")
    def test_traces():
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(0, 0, 0, 0) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    def test_writes_outside(): open("/usr/planted", "w")
    def test_forks_on():
        children = []
        try:
            for _ in range(100):
                child = os.fork()
                if child == 0:
                    while True: threading.Event().wait()
                children.append(child)
        finally:
            for child in children: os.kill(child, 9)
    def test_allocates(): bytearray(2 << 30)
    def test_opens_much():
        held = [open("/dev/null") for _ in range(1000)]
    def test_writes_much():
        with open("/dev/shm/big" if False else "big", "wb") as big:
            big.truncate(100 << 20)
    def test_refuses(): raise PermissionError("not for you")
    def test_is_refused():
        os.mkdir("closed", 0)
        open("closed/file")
    def test_is_wrong(): assert thing.VALUE == 2
    def test_runs_out_of_memory_by_itself(): raise MemoryError("simulated")
    def test_recurses(): test_recurses()
    def test_misses(): open("absent")
"""
FORBIDDEN = {
    "test_connects": "network access",
    "test_asks_for_a_name": "network access",
    "test_downloads": "network access",
    "test_traces": "this system call",
    "test_writes_outside": "access to /usr/planted",
    "test_forks_on": "so many processes",
    "test_allocates": "so much memory",
    "test_opens_much": "so many open files",
    "test_writes_much": "files of that size",
    "test_refuses": "",
    "test_is_refused": "",
    "test_is_wrong": "",
    "test_runs_out_of_memory_by_itself": "",
    "test_recurses": "",
    "test_misses": "",
}

TELLING = """
    import os, tempfile
    import pytest

    def test_fails(): raise ValueError(os.getcwd())
    def test_asserts(): assert os.path.abspath("data.txt") == 1
    def test_misses(): open(os.path.abspath("absent.txt"))
    def test_misses_at_home(): open(os.path.expanduser("~/absent.txt"))
    def test_misses_among_its_own(tmp_path): open(tmp_path / "absent.txt")
    def test_misses_a_temporary(): open(os.path.join(tempfile.gettempdir(), "absent.txt"))
    def test_skips(): pytest.skip(os.getcwd() + "/x")
    def test_warns():
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.warn(ResourceWarning(os.getcwd()))
"""
SHOWN = {
    "test_fails": "ValueError: .",
    "test_asserts": "'data.txt' == 1",
    "test_misses": "'absent.txt'",
    "test_misses_at_home": "'~/absent.txt'",
    "test_misses_among_its_own": "'/tmp/test_misses_among_its_own",
    "test_misses_a_temporary": "'/tmp/absent.txt'",
    "test_skips": "x",
    "test_warns": "ResourceWarning: .",
}


@pytest.fixture
async def room(sandbox: OpenSandbox) -> AsyncIterator[Room]:
    room = await sandbox.room(Workspace(files={"thing.py": b"VALUE = 1\n"}))
    yield room
    await room.close()


async def items(room: Room, tests: str, names: list[str]) -> dict[str, dict[str, Any]]:
    request = {"tests": "test_thing.py", "module": "thing", "source": "thing.py", "judge": names, "rounds": 0}
    files = {"test_thing.py": textwrap.dedent(tests).encode()}
    messages, ended = await run(
        room, Guest(path=RUNNER, request=request, files=files, limits=replace(LIMITS, wall_seconds=60))
    )
    assert ended.output == ""
    return {each["name"]: each["items"][0] for each in messages if each["event"] == "alone"}


async def test_what_the_sandbox_forbids_is_told_from_what_is_wrong(room: Room) -> None:
    """What the kernel refused or bounded carries the mark, in a field and in words; errors of the code do not."""
    found = await items(room, RESTRICTED, list(FORBIDDEN))
    marks = {name: item["restricted"].removeprefix("the sandbox forbids ") for name, item in found.items()}
    assert marks == FORBIDDEN
    for name, item in found.items():
        assert item["outcome"] == "failed"
        assert ("(the sandbox forbids " in item["detail"]) == bool(FORBIDDEN[name])


async def test_messages_show_paths_that_the_reader_knows(room: Room) -> None:
    """Failures, skips and warnings of the work folder, the home and temporary files read as they would outside."""
    found = await items(room, TELLING, list(SHOWN))
    for name, item in found.items():
        assert SHOWN[name] in item["detail"]
        assert "headwater-" not in item["detail"]
        assert ".scratch" not in item["detail"]


async def test_the_end_of_a_guest_shows_no_path_of_the_inside(room: Room) -> None:
    """What an import prints, and the error that ends it, are cleaned as well."""
    files = {"thing.py": b"import os, sys\nprint(os.getcwd() + '/x')\nsys.stdout.flush()\nos._exit(3)\n"}
    request = {"tests": "test_thing.py", "module": "thing", "source": "thing.py"}
    messages, ended = await run(room, Guest(path=RUNNER, request=request, files=files, limits=LIMITS))
    assert (messages, ended.detail, ended.output) == ([], "exit status 3", "x\n")

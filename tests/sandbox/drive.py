"""Hosts a sandbox in a process of its own, so that hostile guests can be tried as any user and by any interpreter.

Needs the standard library only. Arguments: the level, and a folder that it may write to. Says one line of JSON when it
is open; then takes one line of JSON per guest, and answers each with what happened.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import resource
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
sys.path[:0] = [str(REPOSITORY / "service")]

from headwater.sandbox import Ended, Guest, Limits, Room, Workspace, open_sandbox  # noqa: E402 — by path
from headwater.sandbox.guest import watch  # noqa: E402 — by path

HOSTILE = Path(__file__).parent / "hostile"
PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 60.0
TRAPPED = ("next/a.txt", "next.txt", "folder.txt", "pipe.txt")


class Traps:
    """What a guest of these tests tries to reach on the host, and a look at whether it did."""

    def __init__(self, folder: Path, held: ExitStack) -> None:
        self.secrets = [folder / "secret", Path.home() / f".headwater-secret-{os.getpid()}"]
        self.folder = folder
        for secret in self.secrets:
            secret.write_text("secret")
            secret.chmod(0o644)
        held.callback(self.secrets[1].unlink)
        self.abstract = f"headwater-{os.getpid()}"
        names = {
            "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "stream_path": (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "stream")),
            "datagram_path": (socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagram")),
            "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract),
            "abstract_datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, "\0" + self.abstract + "d"),
        }
        self.sockets: dict[str, socket.socket] = {}
        for name, (family, kind, address) in names.items():
            trap = self.sockets[name] = held.enter_context(socket.socket(family, kind))
            trap.bind(address)
            trap.setblocking(False)
            if kind == socket.SOCK_STREAM:
                trap.listen()
        for name in ("stream", "datagram"):
            (folder / name).chmod(0o777)
        self.before = self._state()

    def request(self) -> dict[str, Any]:
        """Tells the guest where everything is."""
        return {
            "tcp": self.sockets["tcp"].getsockname()[1],
            "udp": self.sockets["udp"].getsockname()[1],
            "stream_path": str(self.folder / "stream"),
            "datagram_path": str(self.folder / "datagram"),
            "abstract": self.abstract,
            "secrets": [str(each) for each in self.secrets],
            "folders": [str(self.folder), str(self.folder / "sandbox"), *self.claimed()],
            "root": str(self.folder / "root"),
            "host": os.getpid(),
            "marker": os.environ["HEADWATER_MARKER"],
        }

    def claimed(self) -> list[str]:
        return [str(each) for each in (self.folder / "sandbox").iterdir()]

    def sprung(self) -> list[str]:
        """Names what happened to the host."""
        happened = [] if self._state() == self.before else [f"the host changed: {self._state()}"]
        for name, trap in self.sockets.items():
            try:
                trap.recv(100) if trap.type == socket.SOCK_DGRAM else trap.accept()[0].close()
            except BlockingIOError:
                continue
            happened.append(f"somebody called {name}")
        return happened

    def _state(self) -> Any:
        listed = sorted(f"{path.name} {oct(path.stat().st_mode)}" for path in self.folder.glob("*"))
        knobs = [
            resource.getrlimit(resource.RLIMIT_NOFILE),
            os.getpriority(os.PRIO_PROCESS, 0),
            os.sched_getaffinity(0),
        ]
        return (
            listed,
            str(knobs),
            [each.read_text() for each in self.secrets],
            sorted(each.name for each in HOSTILE.glob("*")),
        )


async def attempt(room: Room, name: str, request: dict[str, Any], limits: Limits, **files: bytes) -> dict[str, Any]:
    """Runs one guest and returns what it said and how it ended."""
    said: list[Any] = []
    ended: Ended | None = None
    guest = Guest(path=HOSTILE / f"{name}.py", request=request, limits=limits, files=files)
    async for each in room.run(guest):
        if isinstance(each, Ended):
            ended = each
        elif len(said) < 100:
            said.append(each)
    assert ended is not None
    outcome = {"outcome": ended.outcome.value, "detail": ended.detail, "seconds": ended.seconds}
    return {**outcome, "said": said, "printed": len(ended.output), "output": ended.output[-2000:]}


async def settled() -> set[int]:
    """Waits until no process comes or goes for a moment; what then stands are the zygotes and their shells."""
    before: set[int] = set()
    while before != (now := set(watch.descendants(os.getpid()))):
        before = now
        await asyncio.sleep(0.05)
    return now


async def left_over(allowed: set[int]) -> list[str]:
    """Waits until all but the allowed processes are gone; names those that stay."""
    deadline = time.monotonic() + GRACE_SECONDS
    while others := [each for each in set(watch.descendants(os.getpid())) - allowed if command_of(each)]:
        if time.monotonic() > deadline:
            return [command_of(each) for each in others]
        await asyncio.sleep(0.01)
    return []


def command_of(process: int) -> str:
    """Returns the end of its command line; nothing for a dead one that only waits to be buried."""
    try:
        return (Path("/proc") / str(process) / "cmdline").read_text().replace("\0", " ")[-120:]
    except OSError:
        return ""


async def serve(level: str, folder: Path, held: ExitStack) -> None:
    """Opens the sandbox and two rooms, then answers line by line."""
    (folder / "root").mkdir()
    sandbox = await open_sandbox(
        folder=folder / "sandbox", wanted=level, needs=(), max_zygotes=8, disk_bytes=64 << 20, disk_files=3000
    )
    print(json.dumps({"level": sandbox.level.value, "report": str(sandbox.report)}), flush=True)
    if sandbox.level.value != level:
        return
    traps = Traps(folder, held)
    workspace = Workspace(roots=(folder / "root",), files={"given.py": b"GIVEN = 1\n"})
    rooms = [await sandbox.room(workspace) for _ in range(2)]
    for line in sys.stdin:
        order = json.loads(line)
        limits = Limits(**order["limits"])
        for room in rooms:
            await attempt(room, "harmless", {}, limits)
            if level == "bubblewrap":  # what it keeps warm is of one room and one program
                await attempt(room, order["guest"], {**traps.request(), "zygotes": []}, Limits(wall_seconds=0))
        standing = await settled()
        request = {**traps.request(), "zygotes": sorted(standing), "processes": limits.processes}
        answer = await attempt(rooms[0], order["guest"], request, limits)
        answer["left"] = await left_over(standing)
        answer["sprung"] = traps.sprung()
        answer["lost"] = sorted(standing - set(watch.descendants(os.getpid())))
        after = dict.fromkeys(TRAPPED, b"a") if order["guest"] == "link_trap" else {}
        answer["after"] = [await attempt(room, "harmless", {}, Limits(), **after) for room in rooms]
        if order["guest"] in ("deep_tree", "many_files", "big_files"):
            await rooms[0].close()
            rooms[0] = await sandbox.room(workspace)
        answer["sprung"] += traps.sprung()
        print(json.dumps(answer), flush=True)
    await sandbox.close()
    rest = await left_over(set())
    kept = sorted(path.name for path in (folder / "sandbox").iterdir())
    print(json.dumps({"left": rest, "kept": kept}), flush=True)


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with ExitStack() as stack:
        asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), stack))

"""Makes rooms at one level of the sandbox, and runs guests in them."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from headwater.errors import Code, problem
from headwater.sandbox import NOT_STARTED, Ended, Guest, Level, Outcome, Workspace
from headwater.sandbox.cold import bubblewrap, place
from headwater.sandbox.folders import claim, opened, outermost, remove_tree, sweep, write_files
from headwater.sandbox.groups import Group, Groups
from headwater.sandbox.people import NAME, People, accounts, counted_by_namespace, inner_identity
from headwater.sandbox.running import LostError, Running
from headwater.sandbox.zygotes import INSIDE, Warmth, Zygote, Zygotes

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/timezone"),
    *("/etc/alternatives", "/etc/ssl/certs", "/etc/mime.types", "/etc/nsswitch.conf"),
)
"""What programs need of the host besides the interpreter; holds no secrets on a sane machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How a sandbox is set up; each bound is here."""

    folder: Path
    max_guests: int = 2
    max_zygotes: int = 3
    warmth: Warmth = field(default_factory=Warmth)
    disk_bytes: int = 1 << 30
    """What the folders of one room may hold, and in how many files."""
    disk_files: int = 50_000
    first_uid: int = 60_600
    """From here on, one user per room where the service is root: a range that no system hands out."""
    uids: int = 500


class Rooms:
    """Rooms at one level, forked from zygotes that levels share. What holds is for `opening` to find out."""

    def __init__(self, setup: Setup, level: Level, zygotes: Zygotes) -> None:
        self.level = level
        self.setup = setup
        self.zygotes = zygotes
        self.people = People(setup.first_uid, setup.uids, one_user=level is Level.PROCESS)
        self._seats = asyncio.Semaphore(setup.max_guests)
        self._groups = Groups()
        self._rooms: set[LockedRoom] = set()
        setup.folder.mkdir(parents=True, exist_ok=True)
        setup.folder.chmod(0o711)  # the users of rooms pass through, and see nothing
        sweep(setup.folder)
        self.folder, self._claim = claim(setup.folder)
        self.view = self.folder / "view"
        self.view.mkdir()

    async def room(self, workspace: Workspace) -> LockedRoom:
        """Makes a room, as `Sandbox.room`."""
        for root in workspace.roots:
            if self.setup.folder.resolve().is_relative_to(root.resolve()):
                raise problem(
                    Code.FAILED_PRECONDITION,
                    "SANDBOX_UNAVAILABLE",
                    f"The sandbox's folder {self.setup.folder} lies inside {root}, which the code may read.",
                    "Move the service's data out of the folders under test.",
                    root=str(root),
                )
        room = LockedRoom(self, workspace)
        self._rooms.add(room)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(room.close)
            await room.open()
            undo.pop_all()
        return room

    async def close(self) -> None:
        """Ends every guest and removes what they left."""
        for room in list(self._rooms):
            await room.close()
        self._groups.remove()
        await asyncio.to_thread(remove_tree, self.folder)
        os.close(self._claim)

    @asynccontextmanager
    async def seat(self) -> AsyncGenerator[Group]:
        """Waits for one of the `max_guests` seats, first come, first served."""
        async with self._seats:
            group = self._groups.take()
            try:
                yield group
            finally:
                self._groups.give_back(group)

    def forget(self, room: LockedRoom) -> None:
        """Strikes a closed room off."""
        self._rooms.discard(room)


class LockedRoom:
    """A `Room`: a work folder and a home of its own, and a user of its own where the service is root."""

    def __init__(self, rooms: Rooms, workspace: Workspace) -> None:
        self._rooms, self._setup = rooms, rooms.setup
        self._python = workspace.python or Path(sys.executable)
        self._files = workspace.files
        self._roots = tuple(str(each.resolve()) for each in workspace.roots)
        self.folder = rooms.folder / secrets.token_hex(8)
        self.work, self._home = self.folder / "work", self.folder / "home"
        self._uid: int | None = None
        self._running: set[Running] = set()
        self._shelled: dict[Path, Zygote] = {}
        self._accounts: dict[str, Path] = {}
        self._closed = False

    async def open(self) -> None:
        """Makes the folders, writes the files, and warms the zygote."""
        self._uid = self._rooms.people.enter()
        self.folder.mkdir()
        self.folder.chmod(0o711)  # whatever the umask is: other users pass, and see nothing
        for each in (self.work, self._home):
            each.mkdir()
            each.chmod(0o700)
            if self._uid is not None:
                os.chown(each, self._uid, self._uid)
        await asyncio.to_thread(write_files, self.work, self._files, self._uid)
        await asyncio.to_thread(self._write_accounts)
        await self._zygote(INSIDE)

    async def run(self, guest: Guest) -> AsyncGenerator[dict[str, Any] | Ended]:
        """Runs a guest, as `Room.run`."""
        async with self._rooms.seat() as group:
            if self._closed:
                yield Ended(outcome=Outcome.CRASHED, detail="the room is closed")
                return
            kills = group.memory_kills()
            try:
                if guest.files:
                    await asyncio.to_thread(write_files, self.work, guest.files, self._uid)
                running = await self._start(guest, group)
            except (OSError, LostError) as error:
                yield Ended(outcome=Outcome.CRASHED, detail=self._known(f"{NOT_STARTED}: {error}"))
                return
            self._running.add(running)
            try:
                async with aclosing(running.messages()) as messages:
                    async for message in messages:
                        yield message
                seconds = await running.gone()
                ended = await running.ended(seconds=seconds, starved=group.memory_kills() > kills)
                yield replace(ended, detail=self._known(ended.detail), output=self._known(ended.output))
            finally:
                self._running.discard(running)
                await running.close()

    async def close(self) -> None:
        """Ends what runs here and removes the folders."""
        self._closed = True
        await asyncio.gather(*(each.close() for each in list(self._running)))
        for zygote in self._shelled.values():
            self._rooms.zygotes.drop(zygote)
        await asyncio.to_thread(remove_tree, self.folder)
        self._rooms.people.leave(self._uid)
        self._uid = None
        self._rooms.forget(self)

    def _known(self, text: str) -> str:
        """Replaces paths of the inside by what the reader knows."""
        names = {f"{self.work}/": "", str(self.work): ".", str(self._home): "~", str(self._rooms.view): ""}
        for inside, outside in names.items():
            text = text.replace(inside, outside)
        return text

    def _write_accounts(self) -> None:
        if self._rooms.level not in {Level.NAMESPACES, Level.BUBBLEWRAP}:
            return  # nothing but the host's own can be shown without a view
        identity = inner_identity(self._uid, namespaces=self._rooms.level is Level.NAMESPACES)
        self._accounts = place(accounts(*identity, str(self._home)), self.folder)

    async def _start(self, guest: Guest, group: Group) -> Running:
        """Starts a guest; with a fresh zygote, once, where the warm one turns out to be dead or stuck."""
        for attempt in range(2):
            zygote = await self._zygote(guest.path)
            joins = group.bound(guest.limits)
            try:
                spec = self._spec(guest, zygote, total_bound=group.memory is not None)
                return await Running.start(zygote, spec, guest.limits, joins, self._setup.warmth.start_seconds)
            except LostError:
                self._rooms.zygotes.drop(zygote)
                if attempt:
                    raise
            finally:
                for each in joins:
                    os.close(each)
        raise LostError("unreachable")

    async def _zygote(self, program: Path) -> Zygote:
        """Returns the interpreter's zygote; this room's own where a shell (bwrap) is what keeps rooms apart."""
        zygotes = self._rooms.zygotes
        plain = await zygotes.get(self._python)
        if self._rooms.level is not Level.BUBBLEWRAP:
            return plain
        shell = bubblewrap(self._shown(plain, program), [str(self.work), str(self._home)], self._accounts)
        zygote = self._shelled[program] = await zygotes.get(self._python, shell)
        return zygote

    def _readable(self, zygote: Zygote, program: Path) -> list[str]:
        preload = [str(each) for each in self._setup.warmth.preload]
        return [*SYSTEM, *zygote.paths, str(INSIDE), *preload, str(program), *self._roots]

    def _shown(self, zygote: Zygote, program: Path) -> list[str]:
        readable = outermost(self._readable(zygote, program))
        return readable if self._uid is None else [each for path in readable for each in opened(path)]

    def _spec(self, guest: Guest, zygote: Zygote, *, total_bound: bool) -> Mapping[str, Any]:
        namespaces = self._rooms.level is Level.NAMESPACES
        own_count = namespaces and (self._uid is not None or counted_by_namespace())
        locked = self._rooms.level is not Level.PROCESS
        return {
            "guest": str(guest.path),
            "request": guest.request,
            "work": str(self.work),
            "home": str(self._home),
            "roots": self._roots,
            "readable": [*self._readable(zygote, guest.path), *self._accounts],
            "shown": self._shown(zygote, guest.path),
            "placed": {path: str(file) for path, file in self._accounts.items()},
            "view": str(self._rooms.view),
            "environment": self._environment(zygote),
            "limits": asdict(guest.limits),
            "count_tasks": not own_count,
            "disk_bytes": self._setup.disk_bytes,
            "disk_files": self._setup.disk_files,
            "total_bound": total_bound,
            "uid": self._uid,
            "lock": locked,
            "namespaces": namespaces,
            "as_owner": self._rooms.level is Level.LANDLOCK and self._uid is None,
            "landlock": zygote.landlock if locked else 0,
        }

    def _environment(self, zygote: Zygote) -> Mapping[str, str]:
        return {
            "PATH": f"{Path(zygote.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self._home),
            "USER": NAME,
            "LOGNAME": NAME,
            "TMPDIR": str(self._home),
            "LANG": "C.UTF-8",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
        }

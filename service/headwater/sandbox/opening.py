"""Opens the sandbox at the strongest level that holds here, found by trying."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from headwater.errors import Code, invalid, problem
from headwater.sandbox import Level, Room, Workspace
from headwater.sandbox.probes import Trial, try_level
from headwater.sandbox.rooms import Rooms, Setup
from headwater.sandbox.zygotes import Warmth, Zygotes

_STRONGEST_FIRST = (Level.NAMESPACES, Level.BUBBLEWRAP, Level.LANDLOCK)
_AUTO = "auto"
_REMEDY = (
    "Allow unprivileged user namespaces (user.max_user_namespaces above 0, and no AppArmor restriction on them), or "
    "install bubblewrap, or use Linux 6.12 or later with Landlock; for code that you trust there is --sandbox=process."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the sandbox found out at start, for health and metrics: the levels tried, strongest first."""

    level: Level
    trials: tuple[Trial, ...]


class OpenSandbox:
    """A `Sandbox`; at level NONE it refuses every room."""

    def __init__(self, rooms: Rooms | None, zygotes: Zygotes, trials: Sequence[Trial]) -> None:
        self._rooms, self._zygotes = rooms, zygotes
        level = Level.NONE if rooms is None else rooms.level
        self.report = Report(level=level, trials=tuple(trials))

    @property
    def level(self) -> Level:
        """How strangers' code is locked up."""
        return self.report.level

    async def room(self, workspace: Workspace) -> Room:
        """Prepares a workspace, as `Sandbox.room`."""
        if self._rooms is None:
            tried = "; ".join(f"{each.level.value}: {each.why}" for each in self.report.trials)
            raise problem(
                Code.FAILED_PRECONDITION,
                "SANDBOX_UNAVAILABLE",
                f"Nothing on this host locks strangers' code up, so none is run ({tried}).",
                _REMEDY,
                tried=tried,
            )
        return await self._rooms.room(workspace)

    async def close(self) -> None:
        """Ends every zygote and guest."""
        if self._rooms is not None:
            await self._rooms.close()
        await self._zygotes.close()


async def open_sandbox(
    *,
    folder: Path,
    wanted: str = _AUTO,
    max_guests: int = 2,
    preload: Sequence[Path] = (),
    needs: Sequence[str] = ("pytest", "coverage"),
    max_zygotes: int = 3,
    disk_bytes: int = 1 << 30,
    disk_files: int = 50_000,
) -> OpenSandbox:
    """Opens the sandbox in a folder of its own.

    `wanted` names a level, or `auto` for the strongest; a level that does not hold here is not used, and then every
    room is refused, as it is with `none`, where nothing is tried. `preload` are trusted guest programs to keep warm,
    `needs` the modules that every interpreter must have. At most `max_guests` run at a time, and `max_zygotes`
    interpreters are kept warm. A room whose folders hold more than `disk_bytes` or `disk_files` loses its guest.

    Raises Problem FAILED_PRECONDITION `INTERPRETER_UNUSABLE` where the service's own Python lacks what guests need.
    """
    levels = _levels(wanted)
    setup = Setup(
        folder=folder,
        max_guests=max_guests,
        max_zygotes=max_zygotes,
        disk_bytes=disk_bytes,
        disk_files=disk_files,
        warmth=Warmth(needs=tuple(needs), preload=tuple(preload)),
    )
    zygotes = Zygotes(setup.warmth, max_zygotes)
    trials: list[Trial] = []
    async with AsyncExitStack() as undo:
        undo.push_async_callback(zygotes.close)
        chosen = await _choose(levels, setup, zygotes, trials)
        undo.pop_all()
    return OpenSandbox(chosen, zygotes, trials)


async def _choose(levels: Sequence[Level], setup: Setup, zygotes: Zygotes, trials: list[Trial]) -> Rooms | None:
    """Tries one level after the other until one holds; a level that is only asked for is not put to the test."""
    for level in levels:
        rooms = Rooms(setup, level, zygotes)
        if level is Level.PROCESS:
            return rooms
        async with AsyncExitStack() as undo:
            undo.push_async_callback(rooms.close)
            trial = await try_level(rooms)
            trials.append(trial)
            if trial.holds:
                undo.pop_all()
                return rooms
    return None


def _levels(wanted: str) -> tuple[Level, ...]:
    if wanted == _AUTO:
        return _STRONGEST_FIRST
    if wanted == Level.NONE.value:
        return ()
    named = {each.value: each for each in (*_STRONGEST_FIRST, Level.PROCESS)}
    if wanted not in named:
        raise invalid("SANDBOX_LEVEL_UNKNOWN", "sandbox", f"{wanted!r} is no level.", f"Use auto, {', '.join(named)}.")
    return (named[wanted],)

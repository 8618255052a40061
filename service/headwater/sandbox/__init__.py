"""Runs strangers' code behind locks, or not at all.

`open_sandbox` probes what the kernel allows and picks the strongest level; a `Room` is one workspace inside it, in
which guest programs run. A guest program is a Python file or package of the standard library only (3.9 and later) with

    def main(request: dict, send: Callable[[dict], None]) -> None

It runs in a fork of a warm zygote under the *user's* interpreter, gets the request, and sends JSON objects. What it
sends is a stranger's word: the host checks its size and that it is JSON; the caller checks its shape.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class Level(enum.Enum):
    """How strangers' code is locked up, strongest first."""

    NAMESPACES = "namespaces"
    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"
    PROCESS = "process"
    """Only rlimits, a cleared environment and a session of its own: never chosen, only asked for."""
    NONE = "none"
    """Nothing holds: every run is refused."""


class Outcome(enum.Enum):
    """How a guest program ended."""

    DONE = "done"
    """It returned."""
    CRASHED = "crashed"
    """It raised, exited or was killed by a signal that nobody here sent."""
    TIMEOUT = "timeout"
    """It ran past its wall or CPU time."""
    MEMORY = "memory"
    """It asked for more memory than it may have."""
    OUTPUT = "output"
    """It printed or sent more than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one guest program with everything that it starts."""

    wall_seconds: float = 30.0
    cpu_seconds: int = 30
    memory_bytes: int = 1 << 30
    address_bytes: int = 0
    """Of each process's address space, where it reserves more than the memory that all may use; 0 is no more."""
    processes: int = 64
    file_bytes: int = 64 << 20
    open_files: int = 256
    output_bytes: int = 1 << 20
    """Of stdout and stderr together; what is sent has its own bound."""
    message_bytes: int = 16 << 20
    """Of one sent message."""
    sent_bytes: int = 256 << 20
    """Of all sent messages together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What the code sees: an interpreter, folders to import from (read-only), and files of its own."""

    python: Path | None = None
    """The user's interpreter; the service's own when None."""
    roots: tuple[Path, ...] = ()
    """Host folders that are put on the import path behind the work folder; readable, never writable."""
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Written into the work folder, by relative path; it is the working directory and first on the import path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A program that runs inside: the package or file at `path`, whose `main` is called."""

    path: Path
    request: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Written into the work folder before the start, over what is there."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The last thing that a guest's stream yields: how it ended, and what it printed (bounded; for a person)."""

    outcome: Outcome
    detail: str = ""
    """Such as `SIGSEGV`, `exit status 3`, `30 s of wall time`, or the last line of a traceback."""
    output: str = ""
    seconds: float = 0.0


NOT_STARTED = "not started"
"""How the detail of an `Ended` begins where the host could not start the guest: nothing of it ran."""


class Room(Protocol):
    """One workspace in the sandbox. Guests of one room may run one after the other or at the same time."""

    def run(self, guest: Guest) -> AsyncGenerator[dict[str, Any] | Ended, None]:
        """Runs a guest and yields what it sends, then exactly one `Ended`.

        Closing the iterator early kills the guest with everything that it started. Raises Problem only for what is
        the host's: FAILED_PRECONDITION (`SANDBOX_UNAVAILABLE`, `INTERPRETER_UNUSABLE`).
        """
        ...

    async def close(self) -> None:
        """Removes the work folder and whatever still runs in it."""
        ...


class Sandbox(Protocol):
    """Where strangers' code runs."""

    @property
    def level(self) -> Level:
        """How it is locked up."""
        ...

    async def room(self, workspace: Workspace) -> Room:
        """Prepares a workspace: writes its files and warms a zygote for its interpreter.

        Raises Problem FAILED_PRECONDITION: `SANDBOX_UNAVAILABLE` (no layer holds; names the remedy),
        `INTERPRETER_UNUSABLE` (not an interpreter, too old, or without pytest and coverage where the service's own
        do not fit it).
        """
        ...

    async def close(self) -> None:
        """Ends every zygote and guest."""
        ...


from headwater.sandbox.opening import open_sandbox  # noqa: E402 — it builds on the types above

__all__ = [
    "NOT_STARTED",
    "Ended",
    "Guest",
    "Level",
    "Limits",
    "Outcome",
    "Room",
    "Sandbox",
    "Workspace",
    "open_sandbox",
]

"""Has programs of other languages run in the sandbox, one after the other, and hears of each how it ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any, cast

from headwater.errors import Code, Problem, invalid, problem
from headwater.pipeline import Job
from headwater.sandbox import NOT_STARTED, Ended, Guest

GUEST = Path(__file__).parent / "guest" / "steps.py"
ENV = "/usr/bin/env"
MEMORY = 3 << 30
"""Bytes that the toolchains may use, with all that they start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One program. `quiet` are folders that it may write into; whatever else appears counts as left behind."""

    name: str
    argv: Sequence[str]
    seconds: float
    cwd: str = ""
    write: Mapping[str, str] = field(default_factory=dict[str, str])
    collect: Sequence[str] = ()
    quiet: Sequence[str] = ()
    counted: str = ""
    """The end of the path of the file whose counts by V8 are wanted."""
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a step ended: passed, failed, crashed or timeout. `files` are those that were collected."""

    name: str
    outcome: str
    code: int = 0
    seconds: float = 0.0
    output: str = ""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    left: Sequence[str] = ()
    v8: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where programs run. `top` is the folder of the host that is laid out first; None where the files are sent.

    `memory_bytes` is what it may use, `address_bytes` the address space that each program of it asks for, used or not.
    """

    environment: Mapping[str, str]
    top: Path | None = None
    left_out: Sequence[str] = ("node_modules", "dist", "build", "coverage", "__pycache__", "venv")
    most_files: int = 5000
    most_bytes: int = 64 << 20
    """How much is laid out; a larger folder is refused."""
    memory_bytes: int = MEMORY
    address_bytes: int = 0
    processes: int = 256
    output_bytes: int = 256 << 10
    """Of what one program prints, and of each file that is collected; the end is kept."""
    spare_seconds: float = 20.0
    """For laying out the files, over all steps."""


async def run(job: Job, place: Place, steps: Sequence[Step]) -> AsyncGenerator[Done]:
    """Yields how each step ended. One that the sandbox ended, with all behind it, is not among them.

    Raises Problem: UNAVAILABLE `SANDBOX_BUSY`, INVALID_ARGUMENT `SOURCE_TOO_LARGE`.
    """
    if not steps:
        return
    environment = [f"{name}={value}" for name, value in place.environment.items()]
    wall = sum(step.seconds for step in steps) + place.spare_seconds
    limits = replace(
        job.limits,
        wall_seconds=wall,
        cpu_seconds=ceil(2 * wall) + 1,
        memory_bytes=max(job.limits.memory_bytes, place.memory_bytes),
        address_bytes=max(job.limits.address_bytes, place.address_bytes),
        processes=max(job.limits.processes, place.processes),
    )
    request = {
        "copy": str(place.top) if place.top is not None else "",
        "left_out": list(place.left_out),
        "most_files": place.most_files,
        "most_bytes": place.most_bytes,
        "output_bytes": place.output_bytes,
        "steps": [{**asdict(step), "argv": [ENV, *environment, *step.argv]} for step in steps],
    }
    async with aclosing(job.room.run(Guest(path=GUEST, request=request, limits=limits))) as messages:
        async for message in messages:
            if isinstance(message, Ended):
                _ended(job, message)
            elif message.get("event") == "step":
                yield _done(message)
            elif message.get("event") == "too_large":
                raise _too_large(place)


def _ended(job: Job, ended: Ended) -> None:
    job.sandbox_seconds += ended.seconds
    if ended.detail.startswith(NOT_STARTED):
        raise problem(Code.UNAVAILABLE, "SANDBOX_BUSY", f"The sandbox could not start: {ended.detail}.", "Try again.")


def _too_large(place: Place) -> Problem:
    most = f"{place.most_files} files of {place.most_bytes >> 20} MiB"
    return invalid(
        "SOURCE_TOO_LARGE",
        "source.root",
        f"The folder holds more than {most}, without packages and hidden folders.",
        "Name the folder of the project itself, or of one package of it.",
    )


def _done(message: Mapping[str, Any]) -> Done:
    """Reads a message; strangers' code ran beside its writer, so nothing of it is taken for granted."""
    files: Any = message.get("files")
    left: Any = message.get("left")
    v8: Any = message.get("v8")
    seconds: Any = message.get("seconds")
    code: Any = message.get("code")
    return Done(
        name=str(message.get("name")),
        outcome=str(message.get("outcome")),
        code=code if isinstance(code, int) else 0,
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
        output=str(message.get("output") or ""),
        files={str(k): str(v) for k, v in cast("dict[Any, Any]", files).items()} if isinstance(files, dict) else {},
        left=tuple(str(each) for each in _items(left)),
        v8=tuple(cast("Mapping[str, Any]", each) for each in _items(v8) if isinstance(each, dict)),
    )


def _items(value: Any) -> Sequence[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else ()

"""Runs the guest program `pytest_runner`, and reads its words with care.

The code under test runs in the same process: what comes is a stranger's word, and every field is checked before it is
believed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any, cast

from headwater.errors import Code, Problem, problem
from headwater.importing import import_died, not_importable
from headwater.pipeline import Arc, Job
from headwater.sandbox import NOT_STARTED, Ended, Guest

RUNNER = Path(__file__).parents[1] / "sandbox" / "guest" / "pytest_runner"


async def messages(
    job: Job, text: str, names: Sequence[str], *, seconds: float, **request: Any
) -> AsyncGenerator[Mapping[str, Any] | Ended]:
    """Runs the tests of `text` as `request` says, and yields what is said of them, and how it ended last.

    Adds the sandbox's time to the job's. Raises Problem FAILED_PRECONDITION when the module under test cannot be
    imported (`MODULE_NOT_IMPORTABLE`, `IMPORT_TIMEOUT`, `IMPORT_CRASHED`), UNAVAILABLE `SANDBOX_BUSY`.
    """
    aim = job.aim
    asked = {
        "tests": job.test_file,
        "module": aim.module,
        "source": aim.file,
        "judge": list(names),
        "seed": aim.seed,
        "test_seconds": aim.test_seconds,
        **request,
    }
    wall = aim.import_seconds + seconds
    limits = replace(job.limits, wall_seconds=wall, cpu_seconds=ceil(wall) + 1)
    guest = Guest(path=RUNNER, request=asked, files={job.test_file: text.encode()}, limits=limits)
    imported = False
    async with aclosing(job.room.run(guest)) as said:
        async for message in said:
            if isinstance(message, Ended):
                job.sandbox_seconds += message.seconds
                if not imported:
                    raise _died(job, message)
                yield message
            elif message.get("event") != "import":
                yield message
            elif message.get("ok") is True:
                imported = True
            else:
                raise _not_importable(job, message)


def items(value: Any) -> Sequence[Any]:
    """Reads a list; what is none is empty."""
    return cast("list[Any]", value) if isinstance(value, list) else ()


def numbers(value: Any) -> frozenset[int]:
    """Reads a list of numbers."""
    return frozenset(each for each in items(value) if isinstance(each, int))


def arcs(value: Any) -> frozenset[Arc]:
    """Reads a list of pairs of numbers."""
    pairs = [tuple(items(each)) for each in items(value)]
    return frozenset(cast("Arc", pair) for pair in pairs if len(pair) == 2 and all(isinstance(n, int) for n in pair))  # noqa: PLR2004 — a pair


def _died(job: Job, ended: Ended) -> Problem:
    if ended.detail.startswith(NOT_STARTED):
        return problem(Code.UNAVAILABLE, "SANDBOX_BUSY", f"The sandbox could not start: {ended.detail}.", "Try again.")
    aim = job.aim
    return import_died(aim.module, outcome=ended.outcome.value, detail=ended.detail, seconds=aim.import_seconds)


def _not_importable(job: Job, message: Mapping[str, Any]) -> Problem:
    kind, detail = str(message.get("kind", "")), str(message.get("detail", "")).strip()
    missing = str(message.get("name") or "") if kind == "ModuleNotFoundError" else ""
    first = detail.partition("\n")[0]
    return not_importable(job.aim.module, kind=kind, detail=first, missing=missing, line=message.get("line"))

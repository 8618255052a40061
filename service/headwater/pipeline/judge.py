"""Runs tests in the sandbox and reads what came of it.

One call of the guest program `pytest_runner` imports the module under test, collects the file, runs each judged test
alone in a fork of its own, and then all tests together several times in shuffled order. Its messages are a stranger's
word (the code under test runs in the same process): every field is checked before it is believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any, cast

from headwater.errors import Code, Problem, problem
from headwater.importing import import_died, not_importable
from headwater.pipeline import Arc, Coverage, Job
from headwater.pipeline.judgement import ROUNDS, Alone, Judgement, Told
from headwater.sandbox import NOT_STARTED, Ended, Guest

RUNNER = Path(__file__).parents[1] / "sandbox" / "guest" / "pytest_runner"

SLOWER = 4.0
"""How many times its own time a test may take in a round."""
NEW_AT_LENGTH = 10
"""How many new tests of a round may take as long as a test may."""


async def judge(
    job: Job, text: str, names: Sequence[str] = (), *, rounds: int = ROUNDS, told: Told | None = None
) -> Judgement:
    """Runs the tests of `text`: those in `names` alone, and all of them together in so many rounds.

    `told` hears of each test that was run alone. Raises Problem FAILED_PRECONDITION when the module under test cannot
    be imported: `MODULE_NOT_IMPORTABLE`, `IMPORT_TIMEOUT` or `IMPORT_CRASHED`.
    """
    aim = job.aim
    known = sum(case.seconds for case in job.accepted)
    # A round runs what is known, several times as slow as alone on a busy machine, and what is new.
    round_seconds = aim.test_seconds * 2 + SLOWER * known + aim.test_seconds * min(len(names), NEW_AT_LENGTH)
    request = {
        "tests": job.test_file,
        "module": aim.module,
        "source": aim.file,
        "judge": list(names),
        "rounds": rounds,
        "seed": aim.seed,
        "test_seconds": aim.test_seconds,
        "round_seconds": round_seconds,
    }
    wall = aim.import_seconds + aim.test_seconds * len(names) + round_seconds * rounds
    limits = replace(job.limits, wall_seconds=wall, cpu_seconds=ceil(wall) + 1)
    guest = Guest(path=RUNNER, request=request, files={job.test_file: text.encode()}, limits=limits)
    found = Judgement()
    async with aclosing(job.room.run(guest)) as messages:
        async for message in messages:
            if isinstance(message, Ended):
                found.ended = message
            else:
                _read(found, message, job)
                if told is not None and message.get("event") == "alone":
                    await told(len(found.alone), len(names))
    job.sandbox_seconds += found.ended.seconds
    if not found.imported:
        outcome, detail = found.ended.outcome.value, found.ended.detail
        if detail.startswith(NOT_STARTED):
            raise problem(Code.UNAVAILABLE, "SANDBOX_BUSY", f"The sandbox could not start: {detail}.", "Try again.")
        raise import_died(aim.module, outcome=outcome, detail=detail, seconds=aim.import_seconds)
    return found


def _read(found: Judgement, message: Mapping[str, Any], job: Job) -> None:
    match message.get("event"):
        case "import" if message.get("ok") is True:
            found.imported = True
        case "import":
            raise _not_importable(job, message)
        case "baseline":
            statements, branches = _numbers(message.get("statements")), _arcs(message.get("branches"))
            empty = Coverage(statements=statements, branches=branches)
            found.baseline = empty.plus(_numbers(message.get("lines")), _arcs(message.get("taken")))
        case "collected":
            found.collected = frozenset(str(each.get("name")) for each in _objects(message.get("tests")))
            errors = _objects(message.get("errors"))
            found.collection_errors = tuple(str(each.get("detail") or each.get("kind")) for each in errors)
        case "alone":
            found.alone[str(message.get("name"))] = _alone(message)
        case "round":
            _round(found, message)
        case "coverage":
            found.lines, found.taken = _numbers(message.get("lines")), _arcs(message.get("branches"))
        case _:
            # Whatever else the code under test wrote into the pipe says nothing about the tests.
            return


def _alone(message: Mapping[str, Any]) -> Alone:
    items = _objects(message.get("items"))
    details = [str(each.get("detail")) for each in items if each.get("detail")]
    return Alone(
        outcome=str(message.get("outcome")),
        detail=details[0] if details else str(message.get("detail") or ""),
        items=tuple((str(each.get("outcome")), str(each.get("detail") or "")) for each in items),
        seconds=_seconds(message.get("seconds")),
        lines=_numbers(message.get("lines")),
        branches=_arcs(message.get("branches")),
        leaks=tuple(str(each) for each in _items(message.get("leaks"))),
    )


def _round(found: Judgement, message: Mapping[str, Any]) -> None:
    found.rounds += 1
    failed = _objects(message.get("failed"))
    for each in failed:
        item = str(each.get("item"))
        found.unsteady.setdefault(item.partition("[")[0], str(each.get("detail") or ""))
    if message.get("outcome") in {"timeout", "crashed"} and not failed:
        found.unsteady.setdefault("", str(message.get("detail") or message.get("outcome")))


def _items(value: Any) -> Sequence[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else ()


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [cast("Mapping[str, Any]", each) for each in _items(value) if isinstance(each, dict)]


def _numbers(value: Any) -> frozenset[int]:
    return frozenset(each for each in _items(value) if isinstance(each, int))


def _arcs(value: Any) -> frozenset[Arc]:
    pairs = [tuple(_items(each)) for each in _items(value)]
    return frozenset(cast("Arc", pair) for pair in pairs if len(pair) == 2 and all(isinstance(n, int) for n in pair))  # noqa: PLR2004 — a pair


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _not_importable(job: Job, message: Mapping[str, Any]) -> Problem:
    kind, detail = str(message.get("kind", "")), str(message.get("detail", "")).strip()
    missing = str(message.get("name") or "") if kind == "ModuleNotFoundError" else ""
    first = detail.partition("\n")[0]
    return not_importable(job.aim.module, kind=kind, detail=first, missing=missing, line=message.get("line"))

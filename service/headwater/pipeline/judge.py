"""Runs tests in the sandbox and reads what came of it.

One call of the guest program `pytest_runner` imports the module under test, collects the file, runs each judged test
alone in a fork of its own, and then all tests together several times in shuffled order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from headwater.pipeline import Coverage, Job
from headwater.pipeline.guest import arcs, items, messages, numbers
from headwater.pipeline.judgement import ROUNDS, Alone, Judgement, Told
from headwater.sandbox import Ended

SLOWER = 4.0
"""How many times its own time a test may take in a round."""
NEW_AT_LENGTH = 10
"""How many new tests of a round may take as long as a test may."""


async def judge(
    job: Job, text: str, names: Sequence[str] = (), *, rounds: int = ROUNDS, told: Told | None = None
) -> Judgement:
    """Runs the tests of `text`: those in `names` alone, and all of them together in so many rounds.

    `told` hears of each test that was run alone. Raises what `messages` raises.
    """
    aim = job.aim
    known = sum(case.seconds for case in job.accepted)
    # A round runs what is known, several times as slow as alone on a busy machine, and what is new.
    round_seconds = aim.test_seconds * 2 + SLOWER * known + aim.test_seconds * min(len(names), NEW_AT_LENGTH)
    seconds = aim.test_seconds * len(names) + round_seconds * rounds
    request = {"rounds": rounds, "round_seconds": round_seconds}
    found = Judgement(imported=True)
    async with aclosing(messages(job, text, names, seconds=seconds, **request)) as said:
        async for message in said:
            if isinstance(message, Ended):
                found.ended = message
            else:
                _read(found, message)
                if told is not None and message.get("event") == "alone":
                    await told(len(found.alone), len(names))
    return found


def _read(found: Judgement, message: Mapping[str, Any]) -> None:
    match message.get("event"):
        case "baseline":
            statements, branches = numbers(message.get("statements")), arcs(message.get("branches"))
            empty = Coverage(statements=statements, branches=branches)
            found.baseline = empty.plus(numbers(message.get("lines")), arcs(message.get("taken")))
        case "collected":
            found.collected = frozenset(str(each.get("name")) for each in _objects(message.get("tests")))
            errors = _objects(message.get("errors"))
            found.collection_errors = tuple(str(each.get("detail") or each.get("kind")) for each in errors)
        case "alone":
            found.alone[str(message.get("name"))] = _alone(message)
        case "round":
            _round(found, message)
        case "coverage":
            found.lines, found.taken = numbers(message.get("lines")), arcs(message.get("branches"))
        case _:
            # Whatever else the code under test wrote into the pipe says nothing about the tests.
            return


def _alone(message: Mapping[str, Any]) -> Alone:
    cases = _objects(message.get("items"))
    details = [str(each.get("detail")) for each in cases if each.get("detail")]
    return Alone(
        outcome=str(message.get("outcome")),
        detail=details[0] if details else str(message.get("detail") or ""),
        items=tuple((str(each.get("outcome")), str(each.get("detail") or "")) for each in cases),
        seconds=_seconds(message.get("seconds")),
        lines=numbers(message.get("lines")),
        branches=arcs(message.get("branches")),
        leaks=tuple(str(each) for each in items(message.get("leaks"))),
    )


def _round(found: Judgement, message: Mapping[str, Any]) -> None:
    found.rounds += 1
    failed = _objects(message.get("failed"))
    for each in failed:
        item = str(each.get("item"))
        found.unsteady.setdefault(item.partition("[")[0], str(each.get("detail") or ""))
    if message.get("outcome") in {"timeout", "crashed"} and not failed:
        found.unsteady.setdefault("", str(message.get("detail") or message.get("outcome")))


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    return [cast("Mapping[str, Any]", each) for each in items(value) if isinstance(each, dict)]


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0

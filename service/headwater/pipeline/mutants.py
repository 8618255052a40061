"""Tries the tests on mutants of the module: which small changes of it they notice, and which assertions do.

The mutants are made and run inside the sandbox by the guest program `pytest_runner`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from headwater.pipeline import Arc, Job
from headwater.pipeline.guest import arcs, items, messages, numbers
from headwater.sandbox import Ended

OUTCOMES = frozenset({"killed", "survived", "timeout", "skipped"})
MOST = 5000
"""Mutants of one module that are tried at most."""
WHAT_CHARS = 200
"""Of what a mutant changed, as much as is kept."""
UNMUTATED_RUNS = 4
"""How often a test may take its whole time before the first mutant, and in the one that is at work when time is up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One small change of the module, and which tests noticed it.

    The outcome is killed, survived, timeout (the change runs on without an end, which counts as noticed) or skipped
    (it could not be made to take effect). Ids are the same for the same source.
    """

    id: int
    line: int
    function: str
    what: str
    outcome: str
    killed_by: tuple[str, ...] = ()

    @property
    def is_killed(self) -> bool:
        """Tells whether a test noticed."""
        return self.outcome in {"killed", "timeout"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a test that passed executed, without a mutant."""

    lines: frozenset[int] = frozenset()
    branches: frozenset[Arc] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """What mutants showed of the tests.

    `tests` took part: they passed alone and with the others. `uncovered` mutants no test runs, `equivalent` ones are no
    change, and `left` ones were not tried for want of time. Without a matrix each mutant names one test only: the first
    that notices it, in the order of the names that were given.
    """

    mutants: tuple[Mutant, ...] = ()
    tests: Mapping[str, Ran] = field(default_factory=dict[str, Ran])
    matrix: bool = False
    uncovered: int = 0
    equivalent: int = 0
    left: int = 0

    @property
    def score(self) -> float:
        """How many of the tried mutants were noticed, in percent."""
        tried = [each for each in self.mutants if each.outcome != "skipped"]
        return round(100 * sum(each.is_killed for each in tried) / len(tried), 2) if tried else 100.0

    @property
    def only_by(self) -> Mapping[str, frozenset[int]]:
        """The mutants that a test alone kills, by its name; of a matrix."""
        alone = [each for each in self.mutants if each.outcome == "killed" and len(each.killed_by) == 1]
        return {name: frozenset(each.id for each in alone if each.killed_by == (name,)) for name in self.tests}

    def of(self, name: str) -> frozenset[int]:
        """Returns the mutants that a test is told to kill. One that never ends is nobody's merit."""
        return frozenset(each.id for each in self.mutants if each.outcome == "killed" and name in each.killed_by)


async def kill(
    job: Job,
    text: str,
    names: Sequence[str],
    *,
    seconds: float,
    lines: Iterable[int] | None = None,
    ids: Iterable[int] | None = None,
    matrix: bool = False,
    most: int = MOST,
) -> Kills:
    """Tries mutants of the lines that the tests in `names` cover, for at most so many seconds, the most telling first.

    `lines` and `ids` narrow down which. With `matrix` each mutant is tried on every test that covers it, else up to the
    first of `names` that notices. Raises Problem as `judge` does where the module cannot be imported.
    """
    aim = job.aim
    mutation = {
        "seconds": seconds,
        "lines": None if lines is None else sorted(lines),
        "numbers": None if ids is None else sorted(ids),
        "matrix": matrix,
        "most": min(most, MOST),
        "killers": len(names),
    }
    wall = aim.test_seconds * (len(names) + UNMUTATED_RUNS) + seconds
    heard = _Heard(frozenset(names))
    async with aclosing(messages(job, text, names, seconds=wall, rounds=0, mutation=mutation)) as said:
        async for message in said:
            if not isinstance(message, Ended):
                heard.read(message)
    return heard.kills(matrix=matrix)


class _Heard:
    """What the guest said so far, of what makes sense."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._ran: dict[str, Ran] = {}
        self._mutants: dict[int, Mutant] = {}
        self._end: Mapping[str, Any] = {}

    def read(self, message: Mapping[str, Any]) -> None:
        """Takes a message."""
        match message:
            case {"event": "alone", "outcome": "passed", "name": str(name)} if name in self._names:
                lines, branches = numbers(message.get("lines")), arcs(message.get("branches"))
                self._ran[name] = Ran(lines=lines, branches=branches)
            case {"event": "mutant", "id": int(number), "line": int(line), "outcome": str(outcome)} if (
                outcome in OUTCOMES and number not in self._mutants and len(self._mutants) < MOST
            ):
                self._mutants[number] = Mutant(
                    id=number,
                    line=line,
                    function=str(message.get("function", ""))[:WHAT_CHARS],
                    what=str(message.get("what", ""))[:WHAT_CHARS],
                    outcome=outcome,
                    killed_by=tuple(
                        dict.fromkeys(each for each in map(str, items(message.get("killed_by"))) if each in self._ran)
                    ),
                )
            case {"event": "mutants"}:
                self._end = message
            case _:
                # Whatever else the code under test wrote into the pipe says nothing about mutants.
                return

    def kills(self, *, matrix: bool) -> Kills:
        """Sums up. A guest that was ended before its end has told of fewer mutants."""
        unfit = {str(each) for each in items(self._end.get("unfit"))}
        return Kills(
            mutants=tuple(self._mutants.values()),
            tests={name: ran for name, ran in self._ran.items() if name not in unfit},
            matrix=matrix,
            uncovered=_count(self._end.get("uncovered")),
            equivalent=_count(self._end.get("equivalent")),
            left=_count(self._end.get("left")),
        )


def _count(value: Any) -> int:
    return max(value, 0) if isinstance(value, int) else 0

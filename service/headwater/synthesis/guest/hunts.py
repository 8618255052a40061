"""Holds what the search for one target remembers from round to round, and when it leaves the target."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, List, Set, Tuple

from .calls import Call, Played
from .candidates import EXPECTED
from .observing import Observation
from .odds import Odds
from .tracing import Arc, TooLong

REASONS = 2
"""How many examples of one reason for leaving something out are worth reporting."""
HEEDED = 4
"""How often the same exception leads to calls that give what it asks for."""
LOOKED = 20
"""How often a mishap at one place, which reaches nothing new, is looked into."""
PAIRS = 200
"""How many pairs of values that were compared are fed back."""
WAY = 3
"""By how many of the lines that led to an exception its place is known again."""
SAID = 80
"""By how much of its text an exception is known again."""
STUCK_SECONDS = 0.2
"""A call that was cut after so long waited; the limit on steps cuts one that runs much sooner."""
STUCK_CALLS = 3
"""So many calls that wait are enough to leave a target."""
STUCK_PART = 20
"""Unless they are fewer than one in so many."""


@dataclass(frozen=True)
class Effort:
    """Limits of the search for one target."""

    executions: int
    """Calls at most."""
    stall: int
    """Calls without anything new after which the search ends."""
    shrink: int
    """Calls spent on making one kept call smaller."""
    variety: int
    """Calls kept for another behaviour though they reach no new branch."""
    sequence: int
    """Calls made on an object before the one that is watched."""
    share: float = 1.0
    """The part of the time that is left which the target may take, where its calls are slow."""
    least_seconds: float = 0.0
    """What the target may take though its share is less."""

    def patience(self, *, is_open: bool) -> int:
        """Returns how many calls without anything new are borne; few where only variety is left to find."""
        return self.stall if is_open else self.stall // 4 if self.variety else 0


@dataclass(frozen=True)
class Kept:
    """A call that is worth a test, and why its outcome is right."""

    call: Call
    observation: Observation
    basis: str
    basis_detail: str
    fresh: FrozenSet[Arc]
    telling: bool = False
    """Whether it notices a change of the code that no call kept before does."""


@dataclass(frozen=True)
class Suspected:
    """A call that seems to show a bug: what it should have done, what it raised instead, and why it is suspected."""

    reason: str
    call: Call
    hoped: Observation
    raised: str


@dataclass
class Found:
    """What one round of the search for one target brought."""

    kept: List[Kept] = field(default_factory=list[Kept])
    left_out: Dict[str, Call] = field(default_factory=dict[str, Call])
    """Reasons with an example of each."""
    suspected: List[Suspected] = field(default_factory=list[Suspected])

    @property
    def returning(self) -> int:
        """How many of the kept calls return."""
        return sum(not each.observation.error for each in self.kept)


@dataclass
class Hunt:
    """What the search for one target remembers."""

    seen: Set[Arc]
    """What its calls have reached, kept or not."""
    tried: Set[Call] = field(default_factory=set[Call])
    corpus: List[Call] = field(default_factory=list[Call])
    """Calls that reached something new."""
    solved: List[Call] = field(default_factory=list[Call])
    """Calls that a solver found."""
    odds: Odds = field(default_factory=lambda: Odds(EXPECTED))
    waits: bool = False
    """Whether its calls wait for somebody else: then it is left for good."""
    heard: Dict[str, int] = field(default_factory=dict[str, int])
    """How often each exception was seen."""
    told: Dict[str, Set[str]] = field(default_factory=dict[str, Set[str]])
    suspected: Set[Tuple[object, ...]] = field(default_factory=set[Tuple[object, ...]])
    """What has been told of bugs."""
    mishaps: Dict[Tuple[object, ...], int] = field(default_factory=dict[Tuple[object, ...], int])
    """How often each mishap was looked into."""
    fed: Set[Tuple[str, str]] = field(default_factory=set[Tuple[str, str]])
    """Operands that were fed back."""

    def digests(self, operands: Tuple[object, object]) -> bool:
        """Whether what was compared is worth feeding back: a pair once, and no more pairs than are worth it."""
        pair = repr(operands[0])[:SAID], repr(operands[1])[:SAID]
        if pair in self.fed or len(self.fed) >= PAIRS:
            return False
        self.fed.add(pair)
        return True

    def looks_into(self, place: Tuple[object, ...]) -> bool:
        """Whether a mishap is worth another look: not once the same was seen often enough."""
        self.mishaps[place] = self.mishaps.get(place, 0) + 1
        return self.mishaps[place] <= LOOKED

    def heeds(self, error: BaseException) -> bool:
        """Whether what an exception asks for is worth trying: not once it has said the same there a few times."""
        way = [line for _, line in traceback.walk_tb(error.__traceback__)][-WAY:]
        said = f"{type(error).__name__}: {error}"[:SAID] + f" {way}"
        self.heard[said] = self.heard.get(said, 0) + 1
        return self.heard[said] <= HEEDED

    def complain(self, reason: str, call: Call, found: Found) -> None:
        """Reports why a call is no test, a few of each kind."""
        told = self.told.setdefault(reason.partition(":")[0], set())
        if reason not in told and len(told) < REASONS:
            told.add(reason)
            found.left_out[reason] = call


class Pace:
    """Ends a round for a target that costs more time than its share, or whose calls wait for somebody else."""

    def __init__(self, deadline: float, effort: Effort) -> None:
        """Takes when all must end, and what part of the time until then the target may take."""
        now = time.monotonic()
        self._end = min(deadline, now + max(effort.least_seconds, (deadline - now) * effort.share))
        self._calls = self._stuck = 0

    def note(self, played: Played) -> None:
        """Counts a call; one is stuck if the clock ended it and not the limit on its steps."""
        self._calls += 1
        self._stuck += isinstance(played.error, TooLong) and played.seconds > STUCK_SECONDS

    def waits(self) -> bool:
        """Whether most calls wait for somebody else."""
        return self._stuck >= STUCK_CALLS and self._stuck * STUCK_PART > self._calls

    def is_over(self) -> bool:
        """Whether it is another target's turn."""
        return time.monotonic() > self._end

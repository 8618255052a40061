"""Looks for calls that would notice a small change of the code, where the calls that are kept so far would not.

Each change of a function is put into the running module. First the kept calls are made on it, then neighbours of them:
one that does something else than on the unchanged code is worth a test.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import itertools
import math
import random
import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Dict, FrozenSet, Iterator, List, Optional, Sequence, Set, Tuple

from .calls import Call, Played
from .changes import Change, Changes
from .hunts import Effort, Kept
from .observing import Observation, Observer
from .search import Search
from .stage import Stage
from .tracing import Arc, TooLong

WITNESSES = 10
"""How many kept calls are made on one change, those that come to it by the shortest way."""
CONTENDERS = 60
"""How many calls of one function are held ready the first time, beside those that are kept; twice as many each time."""
TRIALS = 4
"""How many calls are made for each that is held ready: many do not come to the function, or do what another does."""
ALIKE = 2
"""How many of those that do the same are held ready."""
CONFIRMED = 3
"""How many calls that differ are looked at closely for one change."""
MOST = 8
"""How many calls are kept for the changes of one function each time."""
TIMES = 5
"""How often calls are looked for that notice what is left."""
GENEROUS = 2
"""How many times its even share one function may take: most need less."""


@dataclass(frozen=True)
class Contender:
    """A call that was seen to come to a function: what it did there, and which statements it ran."""

    call: Call
    glance: Tuple[object, ...]
    lines: FrozenSet[int]


@dataclass
class Bounds:
    """When a search ends: by the clock, and by the number of calls."""

    stage: Stage
    deadline: float
    executions: int

    @property
    def over(self) -> bool:
        """Whether it ends."""
        return self.stage.executions > self.executions or time.monotonic() > self.deadline

    def share(self, part: float) -> Bounds:
        """Returns the bounds of a part of what is left."""
        now, done = time.monotonic(), self.stage.executions
        part = min(1.0, part)
        return Bounds(self.stage, now + (self.deadline - now) * part, done + math.ceil((self.executions - done) * part))


@dataclass
class Quarry:
    """The changes of one function: those that are not tried yet, and those that no call is known to notice."""

    untried: List[Any]
    unnoticed: List[Change] = field(default_factory=list[Change])
    calls: Set[Call] = field(default_factory=set[Call])
    """Calls that were made in vain or are known."""

    @property
    def size(self) -> int:
        """How much there is to do."""
        return len(self.untried) + len(self.unnoticed)


@dataclass
class Killing:
    """The search for calls that notice changes."""

    search: Search
    stage: Stage
    observer: Observer
    changes: Changes
    effort: Effort
    _known: Dict[Call, Optional[Kept]] = field(default_factory=dict[Call, Optional[Kept]])

    def rounds(self, rng: random.Random, deadline: float, executions: int) -> Iterator[List[Kept]]:
        """Yields the calls to be kept, function by function, then again for what is left, with more effort."""
        bounds = Bounds(self.stage, deadline, executions)
        quarries = [Quarry(each) for each in self.changes.by_function()]
        for number in range(TIMES):
            quarries = [each for each in quarries if each.size]
            for index, quarry in enumerate(quarries):
                if bounds.over:
                    return
                size = sum(each.size for each in quarries[index:])
                yield self._function(quarry, rng, bounds.share(GENEROUS * quarry.size / size), CONTENDERS << number)

    def _function(self, quarry: Quarry, rng: random.Random, bounds: Bounds, most: int) -> List[Kept]:
        """Returns calls for the changes of one function that no kept call notices."""
        lines = frozenset(itertools.chain.from_iterable(map(self.changes.lines, quarry.untried)))
        lines = lines.union(*(each.lines for each in quarry.unnoticed))
        witnesses = [each for each in self.search.kept if _lines(each.observation.played) & lines]
        if not witnesses or not self._is_steady(witnesses[0]):
            quarry.untried, quarry.unnoticed = [], []
            return []
        self._try(quarry, witnesses, bounds)
        quarry.calls.update(each.call for each in witnesses)
        witnesses.sort(key=lambda each: -len(_lines(each.observation.played) & lines))
        near = self.search.neighbours([each.call for each in witnesses], self.effort, rng)
        contenders = self._contenders(quarry, near, lines, bounds, most) if quarry.unnoticed else []
        found: List[Kept] = []
        left: List[Change] = []
        for change in quarry.unnoticed:
            if bounds.over or len(found) == MOST:
                left.append(change)
                continue
            if self._is_noticed(change, found):
                continue
            kept = self._duel(change, contenders)
            if kept is None:
                left.append(change)
            else:
                found.append(kept)
        quarry.unnoticed = left
        if not self._is_steady(witnesses[0]):
            return []
        self.search.kept += found
        return found

    def _try(self, quarry: Quarry, witnesses: Sequence[Kept], bounds: Bounds) -> None:
        """Makes the kept calls on the changes that were not tried yet."""
        while quarry.untried and not bounds.over:
            for change in self.changes.prepared([quarry.untried.pop(0)]):
                near = [each for each in witnesses if _lines(each.observation.played) & change.lines]
                if near and not self._is_noticed(change, near):
                    quarry.unnoticed.append(change)

    def _is_steady(self, kept: Kept) -> bool:
        """Whether a kept call still does what it did: the changes left nothing behind."""
        return not self._differs(kept)

    def _is_noticed(self, change: Change, witnesses: Sequence[Kept]) -> bool:
        """Whether one of the kept calls notices a change."""
        quickest = sorted(witnesses, key=lambda each: len(each.observation.played.arcs))[:WITNESSES]
        with self.changes.applied(change):
            return any(map(self._differs, quickest))

    def _differs(self, kept: Kept) -> bool:
        """Whether what a test asserts of a call no longer holds."""
        try:
            return _is_refuted(kept.observation, self.observer.once(kept.call))
        except Exception:  # noqa: BLE001 — what a change makes of an object may raise anything when looked at
            return True

    def _contenders(
        self, quarry: Quarry, calls: Iterator[Call], lines: FrozenSet[int], bounds: Bounds, most: int
    ) -> List[Contender]:
        """Returns those of some calls that come to a function and do different things, the short ones first."""
        found: List[Contender] = []
        alike: Dict[object, int] = {}
        trials = most * TRIALS
        for call in itertools.islice(calls, trials * TRIALS):
            if len(found) == most or not trials or bounds.over:
                break
            if call in quarry.calls:
                continue
            quarry.calls.add(call)
            trials -= 1
            contender = self._contender(call, self.stage.play(call))
            if contender is None or not contender.lines & lines:
                continue
            alike[contender.glance] = alike.get(contender.glance, 0) + 1
            if alike[contender.glance] <= ALIKE:
                found.append(contender)
        return sorted(found, key=lambda each: (each.call.is_arranged, each.call.size))

    def _contender(self, call: Call, played: Played) -> Optional[Contender]:
        if not played.built or played.outside or isinstance(played.error, TooLong):
            return None
        glance = self._glance(call, played)
        return Contender(call, glance, _lines(played)) if glance is not None else None

    def _glance(self, call: Call, played: Played) -> Optional[Tuple[object, ...]]:
        """Returns what a call did, as far as a test could assert it; None where looking at it fails."""
        try:
            return self.observer.glance(call, played)
        except Exception:  # noqa: BLE001 — what a change makes of an object may raise anything when looked at
            return None

    def _duel(self, change: Change, contenders: Sequence[Contender]) -> Optional[Kept]:
        """Returns the first call that does something else on a change, and whose test would notice."""
        confirmed = 0
        for each in contenders:
            if not each.lines & change.lines:
                continue
            with self.changes.applied(change):
                played = self.stage.play(each.call)
                same = played.built and self._glance(each.call, played) == each.glance
            kept = None if same else self._kept(each.call)
            if kept is None:
                continue
            if self._is_noticed(change, [kept]):
                easiest = self.search.easiest(kept, lambda other: self._is_noticed(change, [other]), self.effort)
                return replace(easiest, telling=True)
            confirmed += 1
            if confirmed == CONFIRMED:
                return None
        return None

    def _kept(self, call: Call) -> Optional[Kept]:
        """Returns what a test of a call asserts; None where the call is no test."""
        if call not in self._known:
            self._known[call] = self.search.kept_as_it_is(call)
        return self._known[call]


def _is_refuted(hoped: Observation, now: Observation) -> bool:
    """Whether one observation lacks something that another asserts."""
    printed = bool(hoped.output) and hoped.output != now.output
    printed = printed or (bool(hoped.errors) and hoped.errors != now.errors)
    if hoped.error or now.error:
        return printed or hoped.error != now.error or hoped.message not in now.message
    return printed or any(check not in now.checks for check in hoped.checks)


@lru_cache(maxsize=4096)
def _run(arcs: FrozenSet[Arc]) -> FrozenSet[int]:
    return frozenset(end for _, end in arcs if end > 0)


def _lines(played: Played) -> FrozenSet[int]:
    """Returns the statements that a call ran."""
    return _run(played.arcs)

"""Looks for the calls of one target that are worth a test.

Calls are tried in the order: what docstrings show, every value of every pool, mixtures, then mutations of what reached
something new. What reaches branches that no kept call reaches is shrunk, observed and kept; so are a few that show
another behaviour. Executions bound the search; the clock only where they are slow.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Dict, FrozenSet, List, Mapping, Optional, Sequence, Set, Tuple

from . import basis
from .calls import Call, Played, Stage, act_text
from .candidates import Candidates, pools_of, receivers_of
from .examples import Example, examples
from .inputs import Larder
from .inventory import Target
from .misuse import is_misuse
from .observing import Observation, Observer, Unfit
from .repair import repaired
from .shrinking import shrink
from .tracing import Arc, TooLong, taken

REASONS = 2
"""How many examples of one reason for leaving something out are worth reporting."""
OBJECTS = 2
"""How many calls are kept for variety where each needs a test of its own: objects, output, earlier calls."""
COMFORTABLE = 24
"""A call of this size is read at a glance; it is not made smaller."""
SLOW = 150
"""How many calls without news one that takes too long counts as."""
BUILTIN_KINDS = frozenset(
    {"str", "int", "float", "bool", "list", "dict", "tuple", "set", "NoneType", "function", "type"}
)


@dataclass(frozen=True)
class Effort:
    """Limits of the search for one target."""

    executions: int
    """Calls at most."""
    stall: int
    """Calls without anything new after which mutation ends."""
    shrink: int
    """Calls spent on making one kept call smaller."""
    variety: int
    """Calls kept for another behaviour though they reach no new branch."""
    sequence: int
    """Calls made on an object before the one that is watched."""


@dataclass(frozen=True)
class Kept:
    """A call that is worth a test, and why its outcome is right."""

    call: Call
    observation: Observation
    basis: str
    basis_detail: str
    fresh: FrozenSet[Arc]


@dataclass
class Found:
    """What the search for one target brought."""

    kept: List[Kept] = field(default_factory=list[Kept])
    left_out: Dict[str, Call] = field(default_factory=dict[str, Call])
    """Reasons with an example of each."""


class Search:
    """The search over one module; it remembers what was reached from target to target."""

    def __init__(
        self,
        stage: Stage,
        observer: Observer,
        larder: Larder,
        *,
        ways: Mapping[int, int],
        lines: FrozenSet[int],
        reached: FrozenSet[Arc],
        missing: Optional[Tuple[FrozenSet[Arc], FrozenSet[int]]],
        folder: str,
        deadline: float,
    ) -> None:
        """Takes the tools, the branches and lines of the file, what importing it reaches, and when to stop.

        `missing` are the arcs and lines that an earlier attempt did not reach; None asks for all.
        """
        self._stage = stage
        self._observer = observer
        self._larder = larder
        self._ways = ways
        self._lines = lines
        self._missing = missing
        self._folder = folder
        self._deadline = deadline
        self._moves: Dict[str, List[str]] = {}
        self._reach: Dict[Tuple[str, str], Tuple[Mapping[int, int], FrozenSet[int]]] = {}
        self._corpora: Dict[Tuple[str, str], List[Call]] = {}
        self._seen: Set[Arc] = set(reached)
        self.reached: Set[Arc] = set(reached)

    @property
    def covered(self) -> int:
        """How many branches of the file are reached by importing it and by kept calls."""
        return taken(frozenset(self.reached), self._ways)

    def explore(self, target: Target, effort: Effort, rng: random.Random) -> Found:
        """Searches for calls of one target."""
        found = Found()
        key = (target.symbol, target.style)
        candidates = Candidates(
            target=target,
            larder=self._larder,
            pools=pools_of(target, self._larder),
            receivers=receivers_of(target, self._larder),
            corpus=self._corpora.setdefault(key, []),
            moves=self._moves.setdefault(target.owner, []),
            mended=[],
            sequence=effort.sequence,
        )
        if target.owner and not candidates.receivers:
            return found
        shown = {each.call: each for each in examples(target, [target.docstring])}
        tried: Set[Call] = set()
        limit = self._stage.executions + effort.executions
        idle = checked = 0
        for call in candidates.every(list(shown), rng):
            if self._stage.executions >= limit or time.monotonic() > self._deadline:
                break
            if call is None:
                if idle > effort.stall or (checked != len(self.reached) and not self.is_open(target)):
                    break
                checked = len(self.reached)
                idle += 1
                continue
            if call in tried:
                continue
            tried.add(call)
            played = self._stage.play(call)
            if not played.built or isinstance(played.error, TooLong):
                idle += SLOW if played.built else 1
                continue
            if played.error is not None and len(tried) < effort.stall:
                candidates.mended.extend(repaired(call, played, self._larder.mining.of(target).strings[:12]))
            if not played.arcs <= self._seen:
                self._seen |= played.arcs
                idle = 0
                candidates.corpus.append(call)
            self._consider(call, played, found, effort, shown.get(call))
        self._prune(found)
        return found

    def _wanted(self, arcs: FrozenSet[Arc]) -> FrozenSet[Arc]:
        """Narrows arcs to those that are still asked for, where some were measured to be missing."""
        missing = self._missing
        return arcs if missing is None else frozenset(arc for arc in arcs if arc in missing[0] or arc[1] in missing[1])

    def is_open(self, target: Target) -> bool:
        """Whether a line or branch of the target, or of what it calls, is still to be reached."""
        ways, lines = self._within_reach(target)
        if self._missing is not None:
            left = {arc for arc in self._missing[0] if arc[0] in ways} - self.reached
            return bool(left or (lines & self._missing[1]) - {end for _, end in self.reached})
        short = taken(frozenset(self.reached), ways) < sum(ways.values())
        return short or not lines <= {end for _, end in self.reached}

    def _within_reach(self, target: Target) -> Tuple[Mapping[int, int], FrozenSet[int]]:
        """Returns the branches and lines of the target and of what it calls."""
        known = self._reach.get((target.symbol, target.style))
        if known is None:
            ranges = self._larder.mining.reach(target)
            ways = {line: number for line, number in self._ways.items() if _within(line, ranges)}
            known = (ways, frozenset(line for line in self._lines if _within(line, ranges)))
            self._reach[target.symbol, target.style] = known
        return known

    def _consider(self, call: Call, played: Played, found: Found, effort: Effort, shown: Optional[Example]) -> None:
        """Keeps the call if it reaches something that no kept one does, or does something else."""
        self._learn(call, played)
        fresh = self._wanted(played.arcs - self.reached)
        kinds = {each.observation.played.kind for each in found.kept}
        plain = not call.target.owner and call.target.style == "call" and not call.before and not played.output
        enough = effort.variety if plain else OBJECTS
        another = played.kind not in kinds or (len(found.kept) < enough and played.error is None)
        if not fresh and not shown and not (effort.variety and another and not is_misuse(call, self._larder.inventory)):
            return
        try:
            kept = self._keep(call, played, fresh, effort, shown)
        except Unfit as unfit:
            if is_misuse(call, self._larder.inventory):
                return
            kind = str(unfit).partition(":")[0]
            if sum(reason.startswith(kind) for reason in found.left_out) < REASONS:
                found.left_out.setdefault(str(unfit), call)
            return
        outcome = _outcome(kept)
        if not kept.fresh and not shown and any(_outcome(each) == outcome for each in found.kept):
            return
        found.kept.append(kept)
        self.reached |= kept.observation.played.arcs
        if call.receiver and call.target.style == "call" and not kept.observation.error:
            self._moves.setdefault(call.target.owner, []).append(act_text(kept.call, "{self}", list(kept.call.args)))

    def _keep(
        self, call: Call, played: Played, fresh: FrozenSet[Arc], effort: Effort, shown: Optional[Example]
    ) -> Kept:
        """Shrinks and observes a call. Raises Unfit."""
        observation = self._observer.observe(call)
        self._judge(call, observation, shown)
        if shown is None:
            kind = played.kind

            def still(smaller: Call) -> bool:
                again = self._stage.play(smaller)
                return again.kind == kind and fresh <= again.arcs

            smaller = shrink(call, still, effort.shrink) if fresh and call.size > COMFORTABLE else call
            if smaller != call:
                try:
                    observation, call = self._observer.observe(smaller), smaller
                except Unfit:
                    smaller = call
        ground, detail = self._judge(call, observation, shown)
        return Kept(call, observation, ground, detail, fresh & observation.played.arcs)

    def _judge(self, call: Call, observation: Observation, shown: Optional[Example]) -> Tuple[str, str]:
        if observation.error:
            return basis.of_error(call.target, observation, self._folder)
        if shown is not None and shown.want and not observation.wrap:
            if repr(observation.played.value) == shown.want:
                return basis.CONTRACT, f">>> {shown.source} {shown.want}"
            raise Unfit(f"looks like a bug: the docstring promises {shown.want[:80]} but it returned something else")
        return basis.of_value(call.target, observation)

    def _learn(self, call: Call, played: Played) -> None:
        """Remembers how an object was made, for parameters and methods that need one."""
        kind = type(played.value)
        if played.error is not None or kind.__name__ in BUILTIN_KINDS or call.before or played.wrap:
            return
        name = self._larder.names.refer(kind)
        if name is None or name not in self._larder.inventory.classes:
            return
        if all(len(each) < 120 for each in call.args):  # noqa: PLR2004 — past reading
            self._larder.keep(name, act_text(call, call.receiver, list(call.args)))

    @staticmethod
    def _prune(found: Found) -> None:
        """Drops calls whose branches and behaviour the others show as well, the largest first."""
        for each in sorted(found.kept, key=lambda kept: -kept.call.size):
            rest = [other for other in found.kept if other is not each]
            arcs = set(itertools.chain.from_iterable(other.observation.played.arcs for other in rest))
            same = [other for other in rest if other.observation.played.kind == each.observation.played.kind]
            plenty = len(same) > 5  # noqa: PLR2004 — a table of half a dozen cases is enough
            if each.fresh and each.fresh <= arcs and plenty and each.basis != basis.CONTRACT:
                found.kept = rest


def _within(line: int, ranges: Sequence[Tuple[int, int]]) -> bool:
    return any(start <= line <= end for start, end in ranges)


def _outcome(kept: Kept) -> Tuple[object, ...]:
    observation = kept.observation
    return (observation.checks, observation.error, observation.output)

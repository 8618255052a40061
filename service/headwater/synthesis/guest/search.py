"""Looks for the calls of one target that are worth a test.

Calls are tried in the order: what docstrings show, every value of every pool, mixtures, then mutations of what reached
something new. What reaches branches that no kept call reaches is shrunk, observed and kept; so are a few that show
another behaviour. Executions bound the search; the clock only where they are slow.
"""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass, field, replace
from typing import Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from . import basis
from .calls import OMITTED, Call, Played, Stage, act_text
from .examples import Example, examples
from .inventory import EMPTY, Target
from .inputs import Larder, pool
from .mutation import mutate
from .observing import Observation, Observer, Unfit
from .repair import repaired, with_argument
from .shrinking import shrink
from .tracing import Arc, TooLong, taken

CONTENTS = ('"abc\\n"', '""', "'{\"a\": 1}'", '"a = 1\\nb = 2\\n"', '"[section]\\nkey = value\\n"')
"""What files hold that a call may read."""
REASONS = 2
"""How many examples of one reason for leaving something out are worth reporting."""
FAR = 0.5
"""Which part of the module's other strings a search mixes in."""
SLOW = 20
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

    kept: List[Kept] = field(default_factory=list)
    left_out: Dict[str, Call] = field(default_factory=dict)
    """Reasons with an example of each."""


class Search:
    """The search over one module; it remembers what was reached from target to target."""

    def __init__(  # noqa: PLR0913 — the parts of one search
        self,
        stage: Stage,
        observer: Observer,
        larder: Larder,
        *,
        ways: Mapping[int, int],
        lines: FrozenSet[int],
        reached: FrozenSet[Arc],
        folder: str,
        deadline: float,
    ) -> None:
        """Takes the tools, the branches and lines of the file, those reached by importing it, and when to stop at the latest."""
        self._stage = stage
        self._observer = observer
        self._larder = larder
        self._ways = ways
        self._lines = lines
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
        pools = [pool(self._larder, each, target) for each in target.parameters]
        receivers = self._receivers(target)
        if target.owner and not receivers:
            return found
        corpus = self._corpora.setdefault((target.symbol, target.style), [])
        mended: List[Call] = []
        shown = {each.call: each for each in examples(target, [target.docstring])}
        seeds = self._seeds(target, pools, receivers, list(shown))
        mutants = self._mutants(target, pools, receivers, corpus, effort, rng)
        tried: Set[Tuple[object, ...]] = set()
        limit = self._stage.executions + effort.executions
        idle = checked = 0
        for call in _interleaved(seeds, mended, mutants):
            if self._stage.executions >= limit or time.monotonic() > self._deadline:
                break
            if call is None:
                if idle > effort.stall or (checked != len(self.reached) and not self.is_open(target)):
                    break
                checked = len(self.reached)
                idle += 1
                continue
            key = (call.args, call.receiver, call.before)
            if key in tried:
                continue
            tried.add(key)
            played = self._stage.play(call)
            if isinstance(played.error, TooLong):
                idle += SLOW
            if not played.built or isinstance(played.error, TooLong):
                continue
            if played.error is not None and len(tried) < effort.stall:
                mended.extend(repaired(call, played, self._larder.mining.of(target).strings[:12]))
            if not played.arcs <= self._seen:
                self._seen |= played.arcs
                idle = 0
                corpus.append(call)
            self._consider(call, played, found, effort, shown.get(call))
        self._prune(found)
        return found

    def is_open(self, target: Target) -> bool:
        """Whether a line or branch of the target, or of what it calls, is still to be reached."""
        ways, lines = self._within_reach(target)
        return taken(frozenset(self.reached), ways) < sum(ways.values()) or not lines <= {
            end for _, end in self.reached
        }

    def _within_reach(self, target: Target) -> Tuple[Mapping[int, int], FrozenSet[int]]:
        """Returns the branches and lines of the target and of what it calls."""
        known = self._reach.get((target.symbol, target.style))
        if known is None:
            ranges = self._larder.mining.reach(target)
            ways = {line: number for line, number in self._ways.items() if _within(line, ranges)}
            known = (ways, frozenset(line for line in self._lines if _within(line, ranges)))
            self._reach[target.symbol, target.style] = known
        return known

    def _seeds(
        self, target: Target, pools: Sequence[Sequence[str]], receivers: Sequence[str], shown: Sequence[Call]
    ) -> Iterator[Call]:
        """Yields the calls that need no luck: one value changed at a time, then the values side by side."""
        yield from shown
        plain = tuple(
            (texts[0] if texts else "None") if each.required or each.how == "star" else OMITTED
            for each, texts in zip(target.parameters, pools)
        )
        start = Call(target, plain, receivers[0] if receivers else "")
        yield start
        for receiver in receivers[1:]:
            yield replace(start, receiver=receiver)
        for index, texts in enumerate(pools):
            yield from (with_argument(start, index, text) for text in texts)
        yield from self._prepared(start, pools)
        widest = max(map(len, pools), default=0)
        for row in range(1, widest):
            yield replace(start, args=tuple(texts[row % len(texts)] if texts else "None" for texts in pools))

    def _prepared(self, start: Call, pools: Sequence[Sequence[str]]) -> Iterator[Call]:
        """Yields calls that something else comes before: calls of the same object, files that are there."""
        moves = list(dict.fromkeys(self._moves.get(start.target.owner, ()))) if start.receiver else []
        for move in moves[:8]:
            yield replace(start, before=(move,))
            for index, texts in enumerate(pools):
                yield from (replace(with_argument(start, index, text), before=(move,)) for text in texts[:12])
        for move, other in itertools.product(moves[:6], repeat=2):
            yield replace(start, before=(move, other))
        for name in self._larder.mining.of(start.target).environment:
            yield from (
                replace(start, before=(f'monkeypatch.setenv({name!r}, "{value}")',)) for value in ("1", "abc", "")
            )
        for index, texts in enumerate(pools):
            for path in (text for text in texts if "tmp_path /" in text):
                for content in CONTENTS:
                    write = f'(tmp_path / "file.txt").write_text({content})'
                    yield replace(with_argument(start, index, path), before=(write,))

    def _mutants(  # noqa: PLR0913, PLR0917 — the parts of one search
        self,
        target: Target,
        pools: Sequence[Sequence[str]],
        receivers: Sequence[str],
        corpus: List[Call],
        effort: Effort,
        rng: random.Random,
    ) -> Iterator[Optional[Call]]:
        """Yields changed calls without end, each after a None that asks whether to go on."""
        mined = self._larder.mining.of(target)
        near = [each for each in mined.strings if each]
        near += [mark for pattern in mined.patterns for mark in _literals(pattern)]
        tokens = [*near, *[each for each in self._larder.mining.strings if rng.random() < FAR or not near]]
        moves = self._moves.setdefault(target.owner, []) if target.owner else []
        if not target.parameters and not receivers:
            return
        while True:
            yield None
            if not corpus:
                return
            call = corpus[-1] if rng.random() < 0.3 else rng.choice(corpus)  # noqa: PLR2004 — the newest more often
            yield _mutant(call, pools, receivers, moves, tokens, effort, rng)

    def _receivers(self, target: Target) -> List[str]:
        if not target.owner:
            return []
        cls = self._larder.inventory.classes[target.owner]
        kinds = [cls, *[each for each in self._larder.inventory.classes.values() if cls in each.__mro__[1:]]]
        texts = [text for kind in kinds for text in self._larder.objects(kind, 0)]
        if getattr(cls, "__members__", None):
            texts += [f"{self._larder.names.refer(cls)}.{name}" for name in list(vars(cls)["__members__"])[:8]]
        return list(dict.fromkeys(texts))

    def _consider(self, call: Call, played: Played, found: Found, effort: Effort, shown: Optional[Example]) -> None:
        """Keeps the call if it reaches something that no kept one does, or does something else."""
        self._learn(call, played)
        fresh = played.arcs - self.reached
        kinds = {each.observation.played.kind for each in found.kept}
        another = played.kind not in kinds or (len(found.kept) < effort.variety and played.error is None)
        if not fresh and not shown and not (effort.variety and another):
            return
        try:
            kept = self._keep(call, played, fresh, effort, shown)
        except Unfit as unfit:
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

            smaller = shrink(call, still, effort.shrink) if fresh else call
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


def _interleaved(
    seeds: Iterator[Call], mended: List[Call], mutants: Iterator[Optional[Call]]
) -> Iterator[Optional[Call]]:
    """Yields the seeds, then what was mended of them, then the mutants, mended ones between them."""
    yield from seeds
    while True:
        while mended:
            yield mended.pop(0)
        try:
            yield next(mutants)
        except StopIteration:
            return


def _mutant(  # noqa: PLR0913, PLR0917 — the parts of one move
    call: Call,
    pools: Sequence[Sequence[str]],
    receivers: Sequence[str],
    moves: Sequence[str],
    tokens: Sequence[str],
    effort: Effort,
    rng: random.Random,
) -> Call:
    places = [index for index, texts in enumerate(pools) if texts]
    if call.receiver and (not places or rng.random() < 0.4):  # noqa: PLR2004 — the object's state as often as an argument
        if moves and rng.random() < 0.8 and len(call.before) < effort.sequence:  # noqa: PLR2004
            return replace(call, before=(*call.before, rng.choice(list(moves))))
        return replace(call, receiver=rng.choice(list(receivers)), before=call.before[: rng.randint(0, 2)])
    if not places:
        return call
    for _ in range(rng.choice((1, 1, 2, 3))):
        index = rng.choice(places)
        given = call.args[index] or pools[index][0]
        call = with_argument(call, index, mutate(given, tokens, pools[index], rng))
    return call


def _literals(pattern: str) -> List[str]:
    """Returns the characters of a pattern that stand for themselves."""
    return [mark for mark in dict.fromkeys(pattern) if not mark.isalnum() and mark not in "\\^$|?*+()[]{}"]

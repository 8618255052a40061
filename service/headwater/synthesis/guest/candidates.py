"""Proposes calls of one target: what docstrings show, each value in turn, mixtures, then changes of what worked."""

from __future__ import annotations

import ast
import itertools
import random
import re
from dataclasses import dataclass, field, replace
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .calls import OMITTED, Call
from .feeding import nudged
from .inputs import Larder, pool
from .inputs.objects import construction
from .inventory import Target
from .mutation import Replaced, mutate
from .odds import Odds
from .repair import with_argument
from .worlds import World

EXPECTED = {"argument": 0.3, "object": 0.1, "move": 0.1, "state": 0.05, "before": 0.05, "world": 0.03}
"""Which part of the changes of each kind is expected to bring something, before it is known."""
FAR = 0.5
"""Which part of the module's other strings a search mixes in."""
MARKS = 2
"""How many times more often than other strings a single character is mixed in: it is what structure is made of."""
MEMBERS = 8
"""How many members of an enumeration are tried one by one."""
BATCH = 6
"""How many mended calls are tried before something else has its turn."""
STATES = 40
"""How many states are tried one by one."""
NEAR = 12
"""How many plain values stand in for each argument of a call whose neighbours are asked for."""
FIRST_MOVES = 8
"""How many of the calls that change an object are tried one by one before each value."""


@dataclass(frozen=True)
class Candidates:
    """The calls of one target that are worth trying.

    `corpus` holds the calls that reached something new, `moves` the calls that change an object of the target's class,
    `twins` the same with another value, to be made after them,
    `states` what else its methods look at, `worlds` what it looks at in its surroundings, `mended` what exceptions
    asked for, `tokens` what texts are made of; these grow while the search goes on.
    """

    target: Target
    larder: Larder
    pools: Sequence[Sequence[str]]
    receivers: Sequence[str]
    corpus: List[Call]
    moves: List[str]
    twins: Mapping[str, str]
    states: Sequence[str]
    worlds: Sequence[World]
    mended: List[Call]
    tokens: List[str]
    odds: Odds
    sequence: int
    """Calls made on an object before the one that is watched, at most."""
    options: Dict[Tuple[str, str], Sequence[str]] = field(default_factory=dict[Tuple[str, str], Sequence[str]])
    """The pools of the parameters of constructors, as far as they were asked for."""

    def every(self, shown: Sequence[Call], rng: random.Random) -> Iterator[Optional[Call]]:
        """Yields the seeds, then changed calls without end, each after a None that asks whether to go on."""
        yield from shown
        start = self._start()
        yield from self._first(start)
        rest = self._seeds(start)
        self.tokens.extend(self._tokens(rng))
        while True:
            for _ in range(min(len(self.mended), BATCH)):
                yield self.mended.pop(0)
            yield None
            seed = next(rest, None)
            if seed is not None:
                yield seed
            if self.corpus and (self.target.parameters or self.receivers):
                call = self.corpus[-1] if rng.random() < 0.3 else rng.choice(self.corpus)  # noqa: PLR2004 — the newest more often
                yield self._changed(call, rng)
            elif seed is None:
                return

    def near(self, calls: Sequence[Call], rng: random.Random) -> Iterator[Call]:
        """Yields neighbours of calls without end: each plain value in turn on the first, what led on, then by chance.

        Those of the first calls come more often.
        """
        first = calls[0]
        yield from nudged(first)
        for index, texts in enumerate(self.pools):
            yield from (with_argument(first, index, text) for text in texts[:NEAR])
        yield from self.corpus
        for call in calls[1:NEAR]:
            yield from nudged(call)
        known = [*calls, *self.corpus]
        if not self.tokens:
            self.tokens.extend(self._tokens(rng))
        while True:
            call = known[int(len(known) * rng.random() ** 2)]
            places = [index for index, texts in enumerate(self.pools) if texts]
            way = rng.random()
            if way < 0.3 and places:  # noqa: PLR2004 — some plain values among the changed ones
                index = rng.choice(places)
                yield with_argument(call, index, rng.choice(self.pools[index]))
            elif way < 0.5 and call.receiver:  # noqa: PLR2004 — and some with the object of another
                yield replace(call, receiver=rng.choice([*(each.receiver for each in known), *self.receivers]))
            else:
                yield self._changed(call, rng)

    def beside(self, call: Call) -> Iterator[Call]:
        """Yields the call with another plain value for the last argument that it gives: to be made after it."""
        for place in reversed(range(len(call.args))):
            kind = _kind(call.args[place])
            texts = [each for each in self.pools[place] if _kind(each) is kind and each != call.args[place]]
            if kind is not None and texts:
                yield with_argument(call, place, texts[0])
                return

    def _tokens(self, rng: random.Random) -> List[str]:
        """Lists the strings that the target looks for, and some of the module's others."""
        mined, said = self.larder.mining.of(self.target), self.larder.messages
        near = [each for each in mined.strings if each and each not in said]
        near += [mark for pattern in mined.patterns for mark in _literals(pattern)]
        near += [each for each in near if len(each) == 1] * MARKS
        far = [each for each in self.larder.mining.strings if each not in said]
        return [*near, *[each for each in far if rng.random() < FAR or not near]]

    def notice(self, call: Call, texts: Sequence[str]) -> None:
        """Takes in texts that the code turned out to look for: as tokens, and each as an argument or a key of one."""
        self.tokens.extend(texts)
        for index, given in enumerate(call.args):
            if given.startswith(("'", '"')):
                self.mended.extend(with_argument(call, index, repr(text)) for text in texts)
            elif given.startswith("{"):
                self.mended.extend(with_argument(call, index, repr({text: 1})) for text in texts)

    def _start(self) -> Call:
        """Returns the plainest call."""
        plain = tuple(
            (texts[0] if texts else "None") if each.required or each.how == "star" else OMITTED
            for each, texts in zip(self.target.parameters, self.pools)
        )
        return Call(self.target, plain, self.receivers[0] if self.receivers else "")

    def _first(self, start: Call) -> Iterator[Call]:
        """Yields the calls that need no luck: the plainest, and one value changed at a time."""
        yield start
        for index, texts in enumerate(self.pools):
            yield from (with_argument(start, index, text) for text in texts)

    def _seeds(self, start: Call) -> Iterator[Call]:
        """Yields calls of other objects, after other calls, in other surroundings, with other values side by side."""
        others = (replace(start, receiver=receiver) for receiver in self.receivers[1:])
        ways = [others, self._after_moves(start), self._in_surroundings(start), self._side_by_side(start)]
        for row in itertools.zip_longest(*ways):
            yield from (call for call in row if call is not None)

    def _side_by_side(self, start: Call) -> Iterator[Call]:
        """Yields calls with values from one row of the pools, where they may belong together, then from several.

        Two that are the same tell nothing of which is which.
        """
        rows = range(1, max(map(len, self.pools), default=0))
        for step, row in itertools.product((0, 1), rows):
            args = [texts[(row + step * at) % len(texts)] if texts else "None" for at, texts in enumerate(self.pools)]
            if len(set(args)) == len(args) or step:
                yield replace(start, args=tuple(args))

    def is_plain(self, call: Call) -> bool:
        """Whether a call's arguments are values that somebody might write down, and not what a search came upon."""
        odd = self.larder.odd
        return all(text == OMITTED or (text in texts and text not in odd) for text, texts in zip(call.args, self.pools))

    def unknown(self, call: Call) -> Iterator[str]:
        """Yields the arguments of a call that no pool holds."""
        yield from (text for text, texts in zip(call.args, self.pools) if text not in texts)

    def after_moves(self) -> Iterator[Call]:
        """Yields the plain calls of an object that another call has changed."""
        return self._after_moves(self._start())

    def _after_moves(self, start: Call) -> Iterator[Call]:
        """Yields calls of an object that another call has changed."""
        moves = list(dict.fromkeys(self.moves))[:FIRST_MOVES] if start.receiver else []
        for move in moves:
            yield replace(start, before=(move,))
            for index, texts in enumerate(self.pools):
                yield from (replace(with_argument(start, index, text), before=(move,)) for text in texts[:12])
        for move, other in itertools.product(moves, repeat=2):
            yield replace(start, before=(move, self.twins.get(move, move) if move == other else other))
        for state in self.states[:STATES]:
            yield replace(start, before=(state,))

    def _in_surroundings(self, start: Call) -> Iterator[Call]:
        """Yields calls in an environment with variables that are read, and with files that are there."""
        for world in self.worlds:
            yield replace(start, before=world)

    def _changed(self, call: Call, rng: random.Random) -> Call:
        """Returns a neighbour of a call: another argument, object, earlier call or surrounding."""
        places = [index for index, texts in enumerate(self.pools) if texts]
        room = len(call.before) < self.sequence
        possible = {
            "argument": bool(places),
            "object": bool(call.receiver),
            "move": bool(call.receiver and self.moves and room),
            "state": bool(call.receiver and self.states and room),
            "before": bool(call.before),
            "world": bool(self.worlds and room),
        }
        move = self.odds.choose([name for name, holds in possible.items() if holds] or ["argument"], rng)
        if move == "object":
            return replace(call, receiver=self._receiver(call, rng), before=call.before[: rng.randint(0, 2)])
        if move in {"move", "state"}:
            return replace(call, before=(*call.before, rng.choice(self.moves if move == "move" else self.states)))
        if move == "world":
            return replace(call, before=(*call.before, *rng.choice(self.worlds)))
        if move == "before":
            return replace(call, before=self._changed_move(call.before, rng))
        for _ in range(rng.choice((1, 1, 2, 3)) if places else 0):
            index = rng.choice(places)
            given = call.args[index] or self.pools[index][0]
            call = with_argument(call, index, mutate(given, self.tokens, self.pools[index], rng))
        return call

    def _receiver(self, call: Call, rng: random.Random) -> str:
        """Returns another object: one that is known, one made with another option, or one a little changed."""
        way = rng.random()
        if way < 0.4:  # noqa: PLR2004
            return rng.choice(self.receivers)
        changed = self._made_otherwise(call.receiver, rng) if way < 0.7 else ""  # noqa: PLR2004
        return changed or mutate(call.receiver, self.tokens, self.receivers, rng)

    def _made_otherwise(self, text: str, rng: random.Random) -> str:
        """Returns an object with another option of one of the calls that make it; empty where there is none."""
        tree = ast.parse(text, mode="eval")
        calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
        node = rng.choice(calls) if calls else None
        target = self.larder.maker(ast.unparse(node.func)) if node is not None else None
        options = [each for each in target.parameters if each.how in ("positional", "keyword")] if target else []
        if node is None or target is None or not options:
            return ""
        chosen = rng.choice(options)
        texts = self._option(target, chosen.name)
        names = [each.name for each in target.parameters]
        given = {name: ast.unparse(each) for name, each in zip(names, node.args)}
        given.update((each.arg, ast.unparse(each.value)) for each in node.keywords if each.arg)
        made = construction(target, ast.unparse(node.func), {**given, chosen.name: rng.choice(texts)}) if texts else ""
        return ast.unparse(Replaced(node, ast.parse(made, mode="eval").body).visit(tree)) if made else ""

    def _option(self, constructor: Target, name: str) -> Sequence[str]:
        """Returns the pool of a parameter of a constructor, worked out once."""
        known = self.options.get((constructor.symbol, name))
        if known is None:
            parameter = next(each for each in constructor.parameters if each.name == name)
            known = self.options[constructor.symbol, name] = pool(self.larder, parameter, constructor)
        return known

    def _changed_move(self, before: Sequence[str], rng: random.Random) -> Tuple[str, ...]:
        """Returns the calls made first, one of them a little changed."""
        index = rng.randrange(len(before))
        changed = mutate(before[index].replace("{self}", "self"), self.tokens, (), rng)
        text = re.sub(r"\bself\b", "{self}", changed)
        return (*before[:index], text, *before[index + 1 :])


def _kind(text: str) -> Optional[type]:
    """Returns the type of a number or text; None for what is neither."""
    try:
        value = ast.literal_eval(text) if text else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return type(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None


def pools_of(target: Target, larder: Larder) -> List[List[str]]:
    """Returns the pool of each parameter of a target."""
    return [pool(larder, each, target) for each in target.parameters]


def receivers_of(target: Target, larder: Larder) -> List[str]:
    """Returns expressions for the objects on which a target can be called."""
    cls = larder.inventory.classes.get(target.owner)
    if cls is None:
        return larder.handed.of(target.owner)
    kinds = [cls, *[each for each in larder.inventory.classes.values() if cls in each.__mro__[1:]]]
    texts = [text for kind in kinds for text in [*larder.objects(kind, 0)]]
    members: Mapping[str, object] = getattr(cls, "__members__", {})
    texts += [f"{larder.names.refer(cls)}.{name}" for name in list(members)[:MEMBERS]]
    return list(dict.fromkeys(texts))


def _literals(pattern: str) -> List[str]:
    """Returns the characters of a pattern that stand for themselves."""
    return [mark for mark in dict.fromkeys(pattern) if not mark.isalnum() and mark not in "\\^$|?*+()[]{}"]

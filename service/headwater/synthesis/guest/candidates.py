"""Proposes calls of one target: what docstrings show, each value in turn, mixtures, then changes of what worked."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, replace
from typing import Iterator, List, Mapping, Optional, Sequence

from .calls import OMITTED, Call
from .inputs import Larder, pool
from .inventory import Target
from .mutation import mutate
from .repair import with_argument

CONTENTS = ('"abc\\n"', '""', "'{\"a\": 1}'", '"a = 1\\nb = 2\\n"', '"[section]\\nkey = value\\n"')
"""What files hold that a call may read."""
FAR = 0.5
"""Which part of the module's other strings a search mixes in."""
MEMBERS = 8
"""How many members of an enumeration are tried one by one."""
FIRST_MOVES = 8
"""How many of the calls that change an object are tried one by one before each value."""


@dataclass(frozen=True)
class Candidates:
    """The calls of one target that are worth trying.

    `corpus` holds the calls that reached something new, `moves` the calls that change an object of the target's class,
    `mended` what exceptions asked for; all three grow while the search goes on.
    """

    target: Target
    larder: Larder
    pools: Sequence[Sequence[str]]
    receivers: Sequence[str]
    corpus: List[Call]
    moves: List[str]
    mended: List[Call]
    sequence: int
    """Calls made on an object before the one that is watched, at most."""

    def every(self, shown: Sequence[Call], rng: random.Random) -> Iterator[Optional[Call]]:
        """Yields the seeds, then changed calls without end, each after a None that asks whether to go on."""
        yield from shown
        yield from self._seeds()
        tokens = self._tokens(rng)
        while True:
            while self.mended:
                yield self.mended.pop(0)
            yield None
            if not self.corpus or not (self.target.parameters or self.receivers):
                return
            call = self.corpus[-1] if rng.random() < 0.3 else rng.choice(self.corpus)  # noqa: PLR2004 — the newest more often
            yield self._changed(call, tokens, rng)

    def _tokens(self, rng: random.Random) -> List[str]:
        """Lists the strings that the target looks for, and some of the module's others."""
        mined = self.larder.mining.of(self.target)
        near = [each for each in mined.strings if each]
        near += [mark for pattern in mined.patterns for mark in _literals(pattern)]
        return [*near, *[each for each in self.larder.mining.strings if rng.random() < FAR or not near]]

    def _seeds(self) -> Iterator[Call]:
        """Yields the calls that need no luck: one value changed at a time, then the values side by side."""
        plain = tuple(
            (texts[0] if texts else "None") if each.required or each.how == "star" else OMITTED
            for each, texts in zip(self.target.parameters, self.pools)
        )
        start = Call(self.target, plain, self.receivers[0] if self.receivers else "")
        yield start
        for receiver in self.receivers[1:]:
            yield replace(start, receiver=receiver)
        for index, texts in enumerate(self.pools):
            yield from (with_argument(start, index, text) for text in texts)
        yield from self._after_moves(start)
        yield from self._in_surroundings(start)
        for row in range(1, max(map(len, self.pools), default=0)):
            yield replace(start, args=tuple(texts[row % len(texts)] if texts else "None" for texts in self.pools))

    def _after_moves(self, start: Call) -> Iterator[Call]:
        """Yields calls of an object that another call has changed."""
        moves = list(dict.fromkeys(self.moves))[:FIRST_MOVES] if start.receiver else []
        for move in moves:
            yield replace(start, before=(move,))
            for index, texts in enumerate(self.pools):
                yield from (replace(with_argument(start, index, text), before=(move,)) for text in texts[:12])
        for move, other in itertools.product(moves, repeat=2):
            yield replace(start, before=(move, other))

    def _in_surroundings(self, start: Call) -> Iterator[Call]:
        """Yields calls in an environment with variables that are read, and with files that are there."""
        for name in self.larder.mining.of(self.target).environment:
            for value in ("1", "abc", ""):
                yield replace(start, before=(f'monkeypatch.setenv({name!r}, "{value}")',))
        for index, texts in enumerate(self.pools):
            for path in (text for text in texts if "tmp_path /" in text):
                for content in CONTENTS:
                    write = f'(tmp_path / "file.txt").write_text({content})'
                    yield replace(with_argument(start, index, path), before=(write,))

    def _changed(self, call: Call, tokens: Sequence[str], rng: random.Random) -> Call:
        """Returns a neighbour of a call: the object's state as often as an argument."""
        places = [index for index, texts in enumerate(self.pools) if texts]
        if call.receiver and (not places or rng.random() < 0.4):  # noqa: PLR2004
            if self.moves and rng.random() < 0.8 and len(call.before) < self.sequence:  # noqa: PLR2004
                return replace(call, before=(*call.before, rng.choice(self.moves)))
            return replace(call, receiver=rng.choice(self.receivers), before=call.before[: rng.randint(0, 2)])
        for _ in range(rng.choice((1, 1, 2, 3)) if places else 0):
            index = rng.choice(places)
            given = call.args[index] or self.pools[index][0]
            call = with_argument(call, index, mutate(given, tokens, self.pools[index], rng))
        return call


def pools_of(target: Target, larder: Larder) -> List[List[str]]:
    """Returns the pool of each parameter of a target."""
    return [pool(larder, each, target) for each in target.parameters]


def receivers_of(target: Target, larder: Larder) -> List[str]:
    """Returns expressions for the objects on which a target can be called."""
    if not target.owner:
        return []
    cls = larder.inventory.classes[target.owner]
    kinds = [cls, *[each for each in larder.inventory.classes.values() if cls in each.__mro__[1:]]]
    texts = [text for kind in kinds for text in larder.objects(kind, 0)]
    members: Mapping[str, object] = getattr(cls, "__members__", {})
    texts += [f"{larder.names.refer(cls)}.{name}" for name in list(members)[:MEMBERS]]
    return list(dict.fromkeys(texts))


def _literals(pattern: str) -> List[str]:
    """Returns the characters of a pattern that stand for themselves."""
    return [mark for mark in dict.fromkeys(pattern) if not mark.isalnum() and mark not in "\\^$|?*+()[]{}"]

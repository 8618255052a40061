"""What calls what in a source tree: who reaches a function, how central it is, what leads from an entry to a risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from headwater.coverage.outline import Outline, Symbol
from headwater.coverage.outlines import is_test_file
from headwater.coverage.outlines.components import components
from headwater.coverage.outlines.resolving import Resolver

PUBLIC: Final = "public"
STATIC: Final = frozenset({"go"})
"""Languages in which a method of what is embedded never leads to one that hides it."""
DAMPING: Final = 0.85
"""PageRank's: how much of its weight a function hands on (Brin and Page, 1998)."""
ROUNDS, SETTLED = 30, 1e-6
"""PageRank ends after so many rounds, or once nothing changes by more than this part."""
CHUNK: Final = 8192
"""So many callers are followed at once, a bit each, which bounds memory to this many bits a function."""


class CallGraph:
    """The calls of a tree, without its tests. Functions are numbers, in the order of the files."""

    def __init__(self, outlines: Mapping[str, Outline]) -> None:
        """Resolves the calls; what is not evident stays open."""
        code = {path: each for path, each in outlines.items() if not is_test_file(path)}
        self.nodes: Final[Sequence[tuple[str, Symbol]]] = [
            (path, symbol) for path, each in code.items() for symbol in each.symbols
        ]
        self._numbers = {(path, symbol.name): number for number, (path, symbol) in enumerate(self.nodes)}
        self.guessed: Final[set[tuple[int, int]]] = set()
        """Calls that are known only by a name that nothing else in the tree has."""
        self.calls: Final[Sequence[Sequence[int]]] = self._resolve(code)
        self.called: Final[Sequence[Sequence[int]]] = _reversed(self.calls)

    def callers(self, path: str, symbol: str) -> int:
        """Counts the functions that reach it by calls, near and far."""
        number = self._numbers.get((path, symbol))
        return self._callers[number] if number is not None else 0

    def rank(self, path: str, symbol: str) -> float:
        """Returns its PageRank among the functions of the tree, from 0 to 1 for the first."""
        number = self._numbers.get((path, symbol))
        return self._ranks[number] if number is not None else 0.0

    def is_critical(self, path: str, symbol: str) -> bool:
        """Whether it lies on a way from an entry point to a risk."""
        return self._numbers.get((path, symbol)) in self._critical

    @cached_property
    def entries(self) -> Mapping[int, str]:
        """What makes a function an entry point; a public one that nothing in the tree calls is the tree's interface."""
        return {
            number: symbol.entry or PUBLIC
            for number, (_, symbol) in enumerate(self.nodes)
            if symbol.kind != "class"
            and (
                symbol.entry not in {"", PUBLIC}
                or (_is_function(symbol) and symbol.public and all(map(self._is_dead_promise, self.called[number])))
            )
        }

    def _is_dead_promise(self, number: int) -> bool:
        """Whether it is a method of an interface that nothing calls."""
        symbol = self.nodes[number][1]
        return symbol.kind == "method" and not _is_function(symbol) and not self.called[number]

    @cached_property
    def risky(self) -> Sequence[int]:
        """Functions that put something at risk themselves."""
        return [number for number, (_, symbol) in enumerate(self.nodes) if symbol.risks]

    def _resolve(self, outlines: Mapping[str, Outline]) -> list[list[int]]:
        resolver = Resolver(outlines, self.nodes)
        calls: list[dict[int, None]] = [{} for _ in self.nodes]
        for number, (path, symbol) in enumerate(self.nodes):
            own = calls[number]
            if symbol.kind == "class":
                own.update(dict.fromkeys(resolver.constructors(number)))
                if outlines[path].language not in STATIC:
                    self._overrides(resolver, number, calls)
                continue
            for call in symbol.calls:
                found, by_name = resolver.resolve(path, symbol, call.callee)
                own.update(dict.fromkeys(found))
                if by_name:
                    self.guessed.update((number, each) for each in found)
            own.pop(number, None)
        return [list(each) for each in calls]

    def _overrides(self, resolver: Resolver, klass: int, calls: Sequence[dict[int, None]]) -> None:
        """Lets a method lead to those that stand for it in classes below: what is called may be any of them."""
        bases = resolver.bases(klass)
        path, owner = self.nodes[klass]
        for name in self._methods.get((path, owner.name), ()) if bases else ():
            mine = self._numbers[path, f"{owner.name}.{name}"]
            for above in resolver.method(bases, name):
                calls[above][mine] = None

    @cached_property
    def _methods(self) -> Mapping[tuple[str, str], Sequence[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for path, symbol in self.nodes:
            owner, _, name = symbol.name.rpartition(".")
            if symbol.kind == "method" and not (name.startswith("__") or name == "constructor"):
                found.setdefault((path, owner), []).append(name)
        return found

    @cached_property
    def _critical(self) -> frozenset[int]:
        return frozenset(reach(self.entries, self.calls) & reach(self.risky, self.called))

    @cached_property
    def _callers(self) -> Sequence[int]:
        """Counts exactly: cycles are one, and sets of callers are bits that flow along the calls, a chunk at a time."""
        groups, group_of = components(self.calls)
        weights = [sum(1 for each in group if _is_function(self.nodes[each][1])) for group in groups]
        below = [
            list({group_of[target] for each in group for target in self.calls[each]} - {number})
            for number, group in enumerate(groups)
        ]
        counts = [0] * len(groups)
        for chunk in _chunks(weights):
            _flow(chunk, weights, below, counts)
        return [
            counts[group_of[number]] + weights[group_of[number]] - _is_function(symbol)
            for number, (_, symbol) in enumerate(self.nodes)
        ]

    @cached_property
    def _ranks(self) -> Sequence[float]:
        """PageRank along the calls: who is called by many, or by who matters, matters."""
        size = len(self.nodes)
        ranks = [1.0] * size
        edges = [(number, targets) for number, targets in enumerate(self.calls) if targets]
        for _ in range(ROUNDS):
            fresh = [1.0 - DAMPING] * size
            for number, targets in edges:
                share = DAMPING * ranks[number] / len(targets)
                for target in targets:
                    fresh[target] += share
            change = max((abs(new - old) for new, old in zip(fresh, ranks, strict=True)), default=0.0)
            ranks = fresh
            if change < SETTLED:
                break
        least, most = 1.0 - DAMPING, max(ranks, default=0.0)
        # What nobody calls has the least of all, and is 0.
        return [(rank - least) / (most - least) if most > least else 0.0 for rank in ranks]


def reach(starts: Iterable[int], edges: Sequence[Sequence[int]]) -> set[int]:
    """Returns all that is reached from some, themselves among it."""
    seen = set(starts)
    pending = list(seen)
    while pending:
        for target in edges[pending.pop()]:
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return seen


def _is_function(symbol: Symbol) -> bool:
    """Whether it has a body: not a registration, nor a method of an interface."""
    return symbol.kind in {"function", "method"} and symbol.body <= symbol.last


def _reversed(edges: Sequence[Sequence[int]]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in edges]
    for number, targets in enumerate(edges):
        for target in targets:
            found[target].append(number)
    return found


def _chunks(weights: Sequence[int]) -> Iterable[range]:
    """Cuts the groups into ranges of about so many functions as are followed at once."""
    start, held = 0, 0
    for number, weight in enumerate(weights):
        held += weight
        if held >= CHUNK:
            yield range(start, number + 1)
            start, held = number + 1, 0
    if held:
        yield range(start, len(weights))


def _flow(chunk: range, weights: Sequence[int], below: Sequence[Sequence[int]], counts: list[int]) -> None:
    """Counts how many functions of a chunk of groups reach each group; groups come before those that they call."""
    bits: dict[int, int] = {}
    offset = 0
    for number in chunk:
        if weights[number] and below[number]:
            bits[number] = ((1 << weights[number]) - 1) << offset
            offset += weights[number]
    own = dict(bits)
    for number in sorted(reach(bits, below)):
        mine = bits.pop(number)
        counts[number] += (mine & ~own.get(number, 0)).bit_count()
        for target in below[number]:
            bits[target] = bits.get(target, 0) | mine

"""Finds the ways from entry points to what is at risk that lack coverage, and says why they matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from headwater.coverage import Count
from headwater.coverage.calls.graph import PUBLIC, CallGraph
from headwater.coverage.findings import PathFound
from headwater.coverage.gaps.severity import CALLERS_HALF, RISKS, band
from headwater.coverage.outline import MODULE, Symbol

DOES = {
    "money": "moves money",
    "auth": "decides who may do what",
    "database": "works on the database",
    "network": "speaks over the network",
    "subprocess": "starts a program",
    "file": "works on files",
    "deserialisation": "makes objects of foreign data",
}
"""What a function does that holds a risk."""
SHOWN_HOPS = 6
"""So many functions of a chain are told in words."""


def critical_paths(
    graph: CallGraph,
    counts: Mapping[tuple[str, str], Count],
    gaps: Mapping[tuple[str, str], Sequence[str]],
    limit: int,
) -> tuple[PathFound, ...]:
    """Returns the worst ways, at most so many: one for each function that puts something at risk.

    score = 100 × centrality × risk × (1 − coverage of the chain); `counts` are the covered lines by file and symbol.
    """
    if not counts:
        return ()
    measured = _Measured(graph, counts, gaps)
    found = sorted(measured.paths(), key=lambda path: (-path.score, path.path))
    return tuple(found[:limit])


class _Measured:
    """The graph with the coverage of its functions."""

    def __init__(
        self,
        graph: CallGraph,
        counts: Mapping[tuple[str, str], Count],
        gaps: Mapping[tuple[str, str], Sequence[str]],
    ) -> None:
        self._graph = graph
        self._counts = counts
        self._gaps = gaps
        self._files = {path for path, _ in counts}

    def paths(self) -> Iterator[PathFound]:
        """Yields a way to each function at risk; one from a route or a command before one from the public API."""
        graph = self._graph
        entered = [number for number, kind in graph.entries.items() if kind != PUBLIC]
        public = [number for number, kind in graph.entries.items() if kind == PUBLIC]
        ways, others = self._ways(entered), self._ways(public)
        for number in graph.risky:
            chain = _chain(number, ways) or _chain(number, others)
            if chain:
                found = self._path(chain)
                if found is not None:
                    yield found

    def _ways(self, starts: Iterable[int]) -> dict[int, int]:
        """Finds the caller of each function on a shortest way to it; of equal ones the one that is covered least."""
        before = dict.fromkeys(starts, -1)
        level = list(before)
        while level:
            level.sort(key=self._share)
            fresh: list[int] = []
            for number in level:
                for target in self._graph.calls[number]:
                    if target not in before:
                        before[target] = number
                        fresh.append(target)
            level = fresh
        return before

    def _share(self, number: int) -> float:
        count = self._count(number)
        return count.covered / count.total if count.total else 1.0

    def _count(self, number: int) -> Count:
        """The covered lines of a function; a file that no report names counts as not covered at all."""
        path, symbol = self._graph.nodes[number]
        found = self._counts.get((path, symbol.name))
        if found is not None:
            return found
        unseen = path not in self._files and symbol.kind in {"function", "method"}
        return Count(total=max(symbol.last - symbol.body + 1, 0)) if unseen else Count()

    def _path(self, chain: Sequence[int]) -> PathFound | None:
        nodes = self._graph.nodes
        whole = Count()
        for number in chain:
            # The file's own level holds every line that is in no function; it says nothing of the way.
            whole = whole.plus(self._count(number)) if nodes[number][1].name != MODULE else whole
        gaps = tuple(gap for number in chain for gap in self._gaps.get((nodes[number][0], nodes[number][1].name), ()))
        if whole.covered == whole.total and not gaps:
            return None
        path, symbol = nodes[chain[-1]]
        kind, line, text = max(symbol.risks, key=lambda each: (RISKS.get(each[0], 0.0), -each[1]))
        callers = self._graph.callers(path, symbol.name)
        reach = callers / (callers + CALLERS_HALF)
        centrality = 0.5 + 0.5 * max(reach, self._graph.rank(path, symbol.name))
        lack = 1 - whole.percent / 100 if whole.total else 0.0
        score = 100 * centrality * RISKS.get(kind, 0.0) * max(lack, 0.05 if gaps else 0.0)
        return PathFound(
            path=f"{path}::{symbol.name}",
            impact=band(score),
            why=self._why(chain, (kind, line, text)),
            chain=tuple(f"{nodes[number][0]}::{nodes[number][1].name}" for number in chain),
            entry=self._graph.entries[chain[0]].partition(" ")[0],
            risk=kind,
            score=score,
            line_percent=whole.percent,
            gaps=gaps,
        )

    def _why(self, chain: Sequence[int], risk: tuple[str, int, str]) -> str:
        kind, line, text = risk
        nodes = self._graph.nodes
        symbol = nodes[chain[-1]][1]
        start, skip = _entry(self._graph.entries[chain[0]], [nodes[number][1] for number in chain])
        does = DOES.get(kind, kind)
        by_name = text == symbol.name.rpartition(".")[2] and line == symbol.first
        shown = f"by its name, line {line}" if by_name else f"`{text}`, line {line}"
        rest = [nodes[number][1].name for number in chain[skip:]]
        if not rest:
            said = f"{start} {does} ({shown})"
        else:
            through = _through(rest[:-1])
            said = f"{start} reaches `{rest[-1]}`{through}, which {does} ({shown})"
        open_calls = [pair for pair in pairwise(chain) if pair in self._graph.guessed]
        if open_calls:
            named = ", ".join(f"`{nodes[target][1].name}`" for _, target in open_calls)
            said = f"{said}; that {named} is meant is known only from its name, which nothing else here has"
        count = self._count(chain[-1])
        covered = f"{count.covered} of {count.total} lines of the chain's last function are covered"
        return f"{said}; {covered}" if count.total else said


def _chain(number: int, before: Mapping[int, int]) -> list[int]:
    """Follows a way back to its entry point."""
    if number not in before:
        return []
    chain = [number]
    while before[chain[-1]] >= 0:
        chain.append(before[chain[-1]])
    return chain[::-1]


def _entry(entry: str, symbols: Sequence[Symbol]) -> tuple[str, int]:
    """Words an entry point, and says how many symbols of the chain it takes."""
    kind, _, place = entry.partition(" ")
    registered = symbols[0].last < symbols[0].first and len(symbols) > 1
    function = symbols[1].name if registered else symbols[0].name
    taken = 2 if registered else 1
    if kind == "main" and function == MODULE:
        return "Running the file", taken
    words = {"main": "The program's", "public": "The public function"}
    if kind in words:
        return f"{words[kind]} `{function}`", taken
    return (f"{place} ({kind} `{function}`)" if place and place != function else f"The {kind} `{function}`"), taken


def _through(names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = [f"`{name}`" for name in names[:SHOWN_HOPS]]
    more = len(names) - len(shown)
    return f" through {', '.join(shown)}{f' and {more} more' if more else ''}"

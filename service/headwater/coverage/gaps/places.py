"""Says what each line of a file lies in: its function, and the handler of errors that was never reached."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headwater.coverage import LINE_BOUND, FileCoverage, Function
from headwater.coverage.outline import Outline, Symbol

HANDLES = frozenset({"except", "catch"})
"""Kinds of decisions that head a handler of errors."""
DEFINED = frozenset({"python"})
"""Languages in which the head of a function is a statement: it runs where the function is defined."""
_CALLABLE = frozenset({"function", "method"})
_END = LINE_BOUND + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What lines have around them."""

    symbol: Symbol | None = None
    uncalled: bool = False
    """Whether the symbol is a function of which nothing ran; what is nested in it is part of it."""
    handler: bool = False
    """Whether the lines are those of a handler that was never reached."""


class Places:
    """The places of a file, in the order of its lines."""

    def __init__(
        self,
        symbols: Sequence[tuple[int, int, bool]],
        handlers: Sequence[tuple[int, int]],
        name: Callable[[int], Symbol],
    ) -> None:
        """Takes the spans of symbols with whether they were uncalled, and those of handlers, outer ones first."""
        self._symbols = symbols
        self._starts, self._owners = _segments(symbols)
        self._handler_starts, self._handlers = _segments([(first, last, False) for first, last in handlers])
        self._name = name
        self._known: dict[tuple[int, bool], Place] = {}

    def at(self, line: int) -> tuple[Place, int]:
        """Returns the place of a line, and the first line after it that may lie in another."""
        owner, end = _find(self._starts, self._owners, line)
        uncalled = owner >= 0 and self._symbols[owner][2]
        handler = -1
        if self._handlers and not uncalled:
            handler, until = _find(self._handler_starts, self._handlers, line)
            end = min(end, until)
        place = self._known.get((owner, handler >= 0))
        if place is None:
            symbol = self._name(owner) if owner >= 0 else None
            place = self._known[owner, handler >= 0] = Place(symbol=symbol, uncalled=uncalled, handler=handler >= 0)
        return place, end


def places(file: FileCoverage, outline: Outline | None, order: Sequence[int], ran: Sequence[int]) -> Places:
    """Finds the places of a file from its outline, else from the functions that the report names.

    `order` are its executable lines and `ran` those that did, in their order.
    """
    return _reported(file, ran) if outline is None else _outlined(file, outline, order, ran)


def _outlined(file: FileCoverage, outline: Outline, order: Sequence[int], ran: Sequence[int]) -> Places:
    lines = file.lines
    symbols = sorted(outline.symbols, key=lambda each: (each.first, -each.last))
    if outline.language in DEFINED:
        # What was never defined is part of the block that would have defined it.
        symbols = [each for each in symbols if lines.get(each.first, 1)]
    spans = [
        (
            each.first,
            each.last,
            each.kind in _CALLABLE and not _any(ran, each.body, each.last) and _any(order, each.body, each.last),
        )
        for each in symbols
    ]
    heads = {each.true: each.line for each in outline.decisions if each.kind in HANDLES}
    handlers = sorted(
        (heads.get(first, first) if not lines.get(heads.get(first, first), 1) else first, last)
        for first, last in outline.handlers
        if not _any(ran, first, last)
    )
    return Places(spans, handlers, lambda number: symbols[number])


def _reported(file: FileCoverage, ran: Sequence[int]) -> Places:
    functions = sorted(file.functions.values(), key=lambda each: each.first)
    spans: list[tuple[int, int, bool]] = []
    end = max(file.lines, default=0)
    for each in reversed(functions):
        last = each.last or end
        spans.append((each.first, last, not each.hits and not _any(ran, each.first + 1, last)))
        end = min(end, each.first - 1)
    spans.reverse()

    def name(number: int) -> Symbol:
        function: Function = functions[number]
        first, last, _ = spans[number]
        return Symbol(name=function.name, kind="function", first=first, last=last, body=first)

    return Places(spans, (), name)


def _any(lines: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(lines, first)
    return place < len(lines) and lines[place] <= last


def _segments(spans: Sequence[tuple[int, int, bool]]) -> tuple[list[int], list[int]]:
    """Cuts the lines where the innermost span changes: the starts of the pieces, and the span of each; -1 is none.

    Spans come by their first line, outer ones first; in one that is closed, none opens.
    """
    starts: list[int] = []
    owners: list[int] = []
    stack: list[int] = []

    def leave(before: int) -> None:
        while stack and spans[stack[-1]][1] < before:
            start = spans[stack.pop()][1] + 1
            while stack and spans[stack[-1]][1] < start:
                stack.pop()
            starts.append(start)
            owners.append(stack[-1] if stack else -1)

    for number, (first, last, _) in enumerate(spans):
        leave(first)
        if last < first or (stack and spans[stack[-1]][2]):
            continue
        starts.append(first)
        owners.append(number)
        stack.append(number)
    leave(_END)
    return starts, owners


def _find(starts: Sequence[int], owners: Sequence[int], line: int) -> tuple[int, int]:
    number = bisect_right(starts, line)
    end = starts[number] if number < len(starts) else _END
    return (owners[number - 1] if number else -1), end

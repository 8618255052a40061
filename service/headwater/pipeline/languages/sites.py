"""Finds the statements and branches of a file, and tells which of them ran from any tool's counts of its ranges.

Tools of JavaScript and Go count ranges of text, and which ranges they name may change from run to run. The sites are
found in the text itself: they stay the same, whoever counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tree_sitter import Node

from headwater.pipeline import Arc, Coverage
from headwater.pipeline.languages.trees import lines, parse, text, walk

LOOPS = ("for_statement", "for_in_statement", "while_statement", "do_statement")
PARTS: Mapping[str, Sequence[str]] = dict.fromkeys((*LOOPS, "catch_clause", "arrow_function"), ("body",)) | {
    "ternary_expression": ("consequence", "alternative"),
    "binary_expression": ("right",),
}
"""Which parts of an expression or statement may be passed over."""
CASES = frozenset(
    {"switch_case", "switch_default", "expression_case", "default_case", "type_case", "communication_case"}
)
LOGICAL = frozenset({"&&", "||", "??"})
STATEMENTS = frozenset(
    {
        *("short_var_declaration", "var_declaration", "const_declaration", "lexical_declaration"),
        *("variable_declaration", "public_field_definition", "field_definition"),
    }
)
NO_STATEMENTS = frozenset({"statement_block", "import_statement", "export_statement", "empty_statement"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One way on from a line. `at` is where it leads, in bytes; where it has no code, what decides."""

    arc: Arc
    at: int
    instead_of: int = -1
    """Where the other way leads, if this one has no code: it was taken where more came to `at` than went there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """The statements and branches of a file, by byte offsets. Lines count from 1."""

    statements: Sequence[tuple[int, int]]
    branches: Sequence[Branch]

    def empty(self) -> Coverage:
        """Returns what there is, with nothing of it executed."""
        return self.measured(lambda _: 0)

    def measured(self, count: Callable[[int], int]) -> Coverage:
        """Returns what ran by the count of each byte offset."""
        return Coverage(
            statements=frozenset(line for line, _ in self.statements),
            branches=frozenset(each.arc for each in self.branches),
            lines=frozenset(line for line, at in self.statements if count(at) > 0),
            taken=frozenset(each.arc for each in self.branches if _is_taken(each, count)),
        )


Place = TypeVar("Place", int, tuple[int, int])


class Ranges(Generic[Place]):
    """Counted ranges of a text, one within the other; places are offsets, or lines with columns."""

    def __init__(self, counted: Iterable[tuple[Place, Place, int]]) -> None:
        """Lays the ranges over one another: what is left is where the count changes, and to what."""
        self._changes: list[tuple[Place, int]] = []
        around: list[tuple[Place, int]] = []
        for start, end, count in sorted(counted, key=lambda each: (each[0], _reversed(each[1]))):
            self._leave(around, start)
            self._changes.append((start, count))
            around.append((min(end, around[-1][0]) if around else end, count))
        self._leave(around, None)

    def count(self, place: Place) -> int:
        """Returns how often the innermost range around a place ran."""
        index = bisect_right(self._changes, place, key=lambda each: each[0])
        return self._changes[index - 1][1] if index else 0

    def _leave(self, around: list[tuple[Place, int]], start: Place | None) -> None:
        """Ends the ranges that end before a place; all of them where there is none."""
        while around and (start is None or around[-1][0] <= start):
            end, _ = around.pop()
            self._changes.append((end, around[-1][1] if around else 0))


def sites(code: str, dialect: str) -> Sites:
    """Finds the sites of a file."""
    root = parse(code, dialect)
    statements: dict[int, int] = {}
    found: list[tuple[int, int, int, int]] = []
    for node in walk(root):
        if _is_statement(node):
            statements.setdefault(lines(node)[0], node.start_byte)
        found += _ways(node)
    return Sites(statements=sorted(statements.items()), branches=list(_named(found)))


def _ways(node: Node) -> Iterator[tuple[int, int, int, int]]:
    """Yields the ways on: the line that decides, the line that is reached, where, and instead of what."""
    line = lines(node)[0]
    if node.type == "if_statement":
        yield from _ways_of_if(node)
    elif node.type in CASES:
        inside = [each for each in node.named_children if _is_statement(each) or each.type.endswith("block")]
        yield from ((line, lines(each)[0], each.start_byte, -1) for each in inside[:1])
    elif node.type != "binary_expression" or text(node.child_by_field_name("operator")) in LOGICAL:
        for name in PARTS.get(node.type, ()):
            way = node.child_by_field_name(name)
            if way is not None and (node.type != "arrow_function" or way.type != "statement_block"):
                yield line, *_first(way), -1


def _ways_of_if(node: Node) -> Iterator[tuple[int, int, int, int]]:
    line = lines(node)[0]
    yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
    if yes is not None:
        yield line, *_first(yes), -1
        yield (line, *_first(no), -1) if no is not None else (line, line, node.start_byte, _first(yes)[1])


def _first(node: Node) -> tuple[int, int]:
    """Returns line and offset of the first thing inside of a block, or of what stands in the place of one."""
    while node.type in {"else_clause", "statement_block", "block", "statement_list"}:
        inner = [each for each in node.named_children if each.type != "comment"]
        if not inner:
            return lines(node)[0], node.start_byte + 1
        node = inner[0]
    return lines(node)[0], node.start_byte


def _is_statement(node: Node) -> bool:
    if not node.is_named or node.type in NO_STATEMENTS:
        return False
    return node.type.endswith("_statement") or node.type in STATEMENTS


def _named(found: Iterable[tuple[int, int, int, int]]) -> Iterator[Branch]:
    """Gives each way an arc of its own: minus its number on the line where it leads to no line of its own."""
    known: set[Arc] = set()
    numbers: dict[int, int] = {}
    for line, reached, at, instead_of in found:
        numbers[line] = numbers.get(line, 0) + 1
        arc = (line, reached)
        if reached == line or arc in known:
            arc = (line, -numbers[line])
        known.add(arc)
        yield Branch(arc=arc, at=at, instead_of=instead_of)


def _is_taken(branch: Branch, count: Callable[[int], int]) -> bool:
    if branch.instead_of < 0:
        return count(branch.at) > 0
    return count(branch.at) > count(branch.instead_of)


def _reversed(place: int | tuple[int, int]) -> tuple[int, int]:
    return (-place, 0) if isinstance(place, int) else (-place[0], -place[1])

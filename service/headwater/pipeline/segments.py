"""Cuts a Python file into segments: what one conversation with a model is about."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headwater.pipeline import Arc
from headwater.pipeline.pieces import parse

MODULE = "<module>"
"""The name of the segment of the code that stands in no function and no class."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLimits:
    """What is one segment."""

    whole_lines: int = 60
    """A file of at most so many lines is one segment."""
    class_lines: int = 50
    """A class of at most so many lines is one segment; of a longer one, each method is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Code that belongs together, and what of it no test reaches yet.

    `first` and `last` include decorators. `heads` are the classes around it, outermost first.
    """

    name: str
    first: int
    last: int
    lines: tuple[int, ...] = ()
    branches: tuple[Arc, ...] = ()
    heads: tuple[str, ...] = ()

    @property
    def gain(self) -> int:
        """How many lines and branches it may still give."""
        return len(self.lines) + len(self.branches)

    @property
    def of_interest(self) -> frozenset[int]:
        """The lines that a reader must find: those that are missing, and both ends of missing branches."""
        ends = {line for arc in self.branches for line in arc if line > 0}
        return frozenset({*self.lines, *ends} & set(range(self.first, self.last + 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """Lines that no test of the module can run, and why."""

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be covered: None for what was not measured, which then is all that an import does not run."""

    lines: Sequence[int] | None = None
    branches: Sequence[Arc] | None = None
    symbols: Sequence[str] = ()
    line_range: tuple[int, int] | None = None


@dataclass(slots=True, kw_only=True)
class _Unit:
    """A segment in the making."""

    name: str
    first: int
    last: int
    heads: tuple[str, ...] = ()
    lines: list[int] = field(default_factory=list[int])
    branches: list[Arc] = field(default_factory=list[Arc])


def segments(source: str, wanted: Wanted, limits: SegmentLimits | None = None) -> list[Segment]:
    """Returns the segments that something is missing of, those that may give most first.

    Lines that no test can run belong to none of them. The source must parse.
    """
    limits = limits or SegmentLimits()
    tree = parse(source)
    count = len(source.splitlines())
    beyond = {line for each in unreachable(tree) for line in range(each.first, each.last + 1)}
    allowed = _allowed(tree, wanted, count) - beyond
    missing = _unexecuted(tree) if wanted.lines is None else wanted.lines
    units = [*_units(tree.body, "", (), limits)]
    whole = _Unit(name=MODULE, first=1, last=count)
    owners: Mapping[int, _Unit] = {}
    if count > limits.whole_lines:
        owners = {line: unit for unit in units for line in range(unit.first, unit.last + 1)}
    for line in missing:
        if line in allowed:
            owners.get(line, whole).lines.append(line)
    for start, end in wanted.branches or ():
        if start in allowed and end not in beyond:
            owners.get(start, whole).branches.append((start, end))
    found = [_settled(unit) for unit in [*units, whole] if unit.lines or unit.branches]
    return sorted(found, key=lambda each: (-each.gain, each.first))


def unreachable(tree: ast.Module) -> Iterator[Beyond]:
    """Yields what a test cannot run by importing the module: what is for type checkers, or for running as a script."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.If):
            continue
        test = ast.unparse(node.test)
        last = node.body[-1].end_lineno or node.body[-1].lineno
        if test in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"}:
            yield Beyond(first=node.body[0].lineno, last=last, reason="Only type checkers read it.")
        elif isinstance(node.test, ast.Compare) and test.startswith("__name__ =="):
            yield Beyond(first=node.body[0].lineno, last=last, reason="It runs only where the file is run as a script.")


def spans(source: str) -> Mapping[str, tuple[int, int]]:
    """Returns the first and last line of every function and class, by qualified name."""
    return {name: (first_line(node), node.end_lineno or node.lineno) for name, node in definitions(parse(source))}


def definitions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Yields functions, classes and methods with their qualified names, also those under `if` and `try`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                yield from definitions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from definitions(child, prefix)


def first_line(node: Definition) -> int:
    """Returns the line of the first decorator, else of the definition."""
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _units(body: Iterable[ast.AST], prefix: str, heads: tuple[str, ...], limits: SegmentLimits) -> Iterator[_Unit]:
    """Yields outer units before those inside of them."""
    for node in body:
        if isinstance(node, Definition):
            first, last = first_line(node), node.end_lineno or node.lineno
            name = prefix + node.name
            yield _Unit(name=name, first=first, last=last, heads=heads)
            if isinstance(node, ast.ClassDef) and last - first >= limits.class_lines:
                yield from _units(node.body, f"{name}.", (*heads, name), limits)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _units(ast.iter_child_nodes(node), prefix, heads, limits)


def _settled(unit: _Unit) -> Segment:
    lines, branches = tuple(sorted(set(unit.lines))), tuple(sorted(set(unit.branches)))
    return Segment(name=unit.name, first=unit.first, last=unit.last, lines=lines, branches=branches, heads=unit.heads)


def _allowed(tree: ast.Module, wanted: Wanted, count: int) -> set[int]:
    """Returns the lines that the symbols and the range leave."""
    start, end = wanted.line_range or (1, count)
    lines = set(range(start, end + 1))
    if not wanted.symbols:
        return lines
    asked = set(wanted.symbols)
    named = {
        line
        for name, node in definitions(tree)
        if name in asked
        for line in range(first_line(node), (node.end_lineno or node.lineno) + 1)
    }
    return lines & named


def _unexecuted(tree: ast.Module) -> list[int]:
    """Estimates what an import does not run: the statements in functions, without their docstrings."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = {
        node.lineno
        for function in functions
        for statement in function.body[_has_docstring(function) :]
        for node in ast.walk(statement)
        if isinstance(node, ast.stmt)
    }
    return sorted(found)


def _has_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None

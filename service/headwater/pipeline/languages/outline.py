"""Finds the functions, classes and methods of a file in another language, and cuts it into segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from headwater.pipeline import Arc
from headwater.pipeline.languages.trees import lines, parse, text
from headwater.pipeline.segments import MODULE, Segment, SegmentLimits, Wanted

FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration", "method_definition"})
CLASSES = frozenset({"class_declaration", "abstract_class_declaration"})
VALUES = frozenset({"arrow_function", "function_expression", "class"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A function, class or method: its qualified name, its first and last line."""

    name: str
    first: int
    last: int
    is_class: bool = False


@dataclass(slots=True, kw_only=True)
class _Unit:
    name: str
    first: int
    last: int
    lines: list[int] = field(default_factory=list[int])
    branches: list[Arc] = field(default_factory=list[Arc])


def definitions(source: str, dialect: str) -> list[Definition]:
    """Lists what a file defines, classes before their methods."""
    return list(_definitions(parse(source, dialect)))


def segments(source: str, dialect: str, wanted: Wanted, limits: SegmentLimits) -> list[Segment]:
    """Returns the segments that something is missing of, those that may give most first."""
    known = definitions(source, dialect)
    count = len(source.splitlines())
    allowed = _allowed(known, wanted, count)
    whole = _Unit(name=MODULE, first=1, last=count)
    units = [_Unit(name=each.name, first=each.first, last=each.last) for each in known if _is_unit(each, known, limits)]
    owners = {line: unit for unit in units for line in range(unit.first, unit.last + 1)}
    if count <= limits.whole_lines:
        owners = {}
    for line in wanted.lines or ():
        if line in allowed:
            owners.get(line, whole).lines.append(line)
    for arc in wanted.branches or ():
        if arc[0] in allowed:
            owners.get(arc[0], whole).branches.append(arc)
    found = [_settled(unit) for unit in [*units, whole] if unit.lines or unit.branches]
    return sorted(found, key=lambda each: (-each.gain, each.first))


def _definitions(root: Node) -> Iterator[Definition]:
    """Yields definitions in the order of the text; what is nested without end is no reason to recurse."""
    pending = [(root, "")]
    while pending:
        node, prefix = pending.pop()
        found = _definition(node, prefix)
        if found is not None:
            yield found
        if found is None or node.type in CLASSES:
            below = f"{found.name}." if found is not None else prefix
            pending += [(child, below) for child in reversed(node.named_children)]


def _definition(node: Node, prefix: str) -> Definition | None:
    first, last = lines(node)
    name = text(node.child_by_field_name("name"))
    if node.type in FUNCTIONS:
        return Definition(name=prefix + name, first=first, last=last)
    if node.type in CLASSES or node.type == "type_spec":
        return Definition(name=prefix + name, first=first, last=last, is_class=True)
    if node.type == "method_declaration":  # of Go, beside its type
        receiver = text(node.child_by_field_name("receiver")).strip("()").split(" ")[-1].lstrip("*")
        return Definition(name=f"{receiver.partition('[')[0]}.{name}", first=first, last=last)
    value = node.child_by_field_name("value") if node.type == "variable_declarator" else None
    is_function = value is not None and value.type in VALUES
    return Definition(name=prefix + name, first=first, last=last) if is_function else None


def _is_unit(each: Definition, known: Sequence[Definition], limits: SegmentLimits) -> bool:
    """Whether a definition is one segment: not a method of a short class, and not a long class that has methods."""
    if each.is_class:
        return each.last - each.first < limits.class_lines
    around = [other for other in known if other.is_class and other.first <= each.first and each.last <= other.last]
    return all(other.last - other.first >= limits.class_lines for other in around)


def _allowed(known: Sequence[Definition], wanted: Wanted, count: int) -> set[int]:
    start, end = wanted.line_range or (1, count)
    allowed = set(range(start, end + 1))
    if wanted.symbols:
        allowed &= {line for each in known if each.name in wanted.symbols for line in range(each.first, each.last + 1)}
    return allowed


def _settled(unit: _Unit) -> Segment:
    return Segment(
        name=unit.name,
        first=unit.first,
        last=unit.last,
        lines=tuple(sorted(set(unit.lines))),
        branches=tuple(sorted(set(unit.branches))),
    )

"""Writes the part of a file that a model is shown: the segment, and what it takes to understand it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from headwater.pipeline import Arc
from headwater.pipeline.pieces import bound_names, parse
from headwater.pipeline.segments import MODULE, Segment, definitions, first_line
from headwater.pipeline.symbols import absolute, package_of

WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptLimits:
    """How much is shown."""

    constant_lines: int = 12
    """Of a module's constant; a longer one is cut."""
    constructor_lines: int = 20
    """Of `__init__` in the head of a class; a longer one is left out."""
    around_lines: int = 8
    """On each side of a line of interest, in code of the module's own level and in very long functions."""
    segment_lines: int = 300
    """A segment of more lines is shown only around its lines of interest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    source: str
    lines: Sequence[str]
    tree: ast.Module
    package: str
    limits: ExcerptLimits


def excerpt(source: str, segment: Segment, *, path: str, module: str, limits: ExcerptLimits | None = None) -> str:
    """Returns the text of the segment with its surroundings; only lines of interest are numbered.

    Before it stand the imports and constants that it uses (also conditional imports), and the heads of the classes
    around it.
    """
    package = package_of(module, is_package=path.endswith("__init__.py"))
    file = _File(
        source=source,
        lines=source.splitlines(),
        tree=parse(source),
        package=package,
        limits=limits or ExcerptLimits(),
    )
    shown = _shown(file, segment)
    heads = [*_heads(file, segment)]
    text = "\n".join([*heads, *(file.lines[number - 1] for number in shown)])
    context = [*_context(file, set(WORD.findall(text)), set(shown))]
    margin = len(str(segment.last))
    above = [_indented(part, " " * (margin + 2)) for part in [*context, *([""] if context else []), *heads]]
    return "\n".join([*above, *_numbered(file, segment, shown, margin)])


def ranges(numbers: Iterable[int]) -> str:
    """Writes line numbers in short: `3, 7-9`."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(start) if start == end else f"{start}-{end}" for start, end in found)


def arrows(branches: Iterable[Arc]) -> str:
    """Writes branches in short: `4->6, 9->exit`."""
    return ", ".join(f"{start}->{end if end > 0 else 'exit'}" for start, end in sorted(set(branches)))


def _shown(file: _File, segment: Segment) -> list[int]:
    """Returns the lines of the segment that are shown."""
    every = range(segment.first, segment.last + 1)
    whole = segment.name != MODULE and len(every) <= file.limits.segment_lines
    if whole or (segment.name == MODULE and _spans_all(file, segment)):
        return list(every)
    around = file.limits.around_lines
    near = {number for line in segment.of_interest for number in range(line - around, line + around + 1)}
    head = range(segment.first, segment.first + around) if segment.name != MODULE else ()
    return sorted({*near, *head} & set(every))


def _spans_all(file: _File, segment: Segment) -> bool:
    """Whether the segment stands for the whole file, its functions included."""
    inside = [range(first_line(node), (node.end_lineno or node.lineno) + 1) for _, node in definitions(file.tree)]
    return not inside or any(line in span for span in inside for line in segment.lines)


def _numbered(file: _File, segment: Segment, shown: Sequence[int], margin: int) -> Iterator[str]:
    previous = segment.first - 1
    for number in shown:
        if number > previous + 1:
            yield " " * (margin + 2) + "..."
        mark = f"{number:>{margin}}: " if number in segment.of_interest else " " * (margin + 2)
        yield (mark + file.lines[number - 1]).rstrip()
        previous = number


def _context(file: _File, used: set[str], shown: set[int]) -> Iterator[str]:
    """Yields the module's imports and constants that are used, and what those use."""
    candidates = [
        (statement, set(bound_names(statement)))
        for statement in file.tree.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and statement.lineno not in shown
    ]
    wanted, reached = list[ast.stmt](), set[str]()
    names = set(used)
    while names - reached:
        reached |= names
        for statement, bound in candidates:
            if bound & names and statement not in wanted:
                wanted.append(statement)
                if not isinstance(statement, ast.Import | ast.ImportFrom):
                    names |= set(WORD.findall(ast.unparse(statement)))
    for statement in sorted(wanted, key=lambda each: each.lineno):
        yield from _statement(file, statement, reached)


def _statement(file: _File, statement: ast.stmt, used: set[str]) -> Iterator[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield from _import(file, statement, used)
        return
    lines = file.lines[statement.lineno - 1 : statement.end_lineno]
    most = file.limits.constant_lines
    yield "\n".join([*lines[:most], "..."] if len(lines) > most else lines)


def _import(file: _File, node: ast.Import | ast.ImportFrom, used: set[str]) -> Iterator[str]:
    """Yields an import as a test would write it: absolute, and with the names that are used."""
    kept = [each for each in node.names if each.name == "*" or (each.asname or each.name.partition(".")[0]) in used]
    if isinstance(node, ast.Import):
        yield ast.unparse(ast.Import(names=kept))
    elif node.module != "__future__":
        yield ast.unparse(ast.ImportFrom(module=absolute(node, file.package), names=kept, level=0))


def _heads(file: _File, segment: Segment) -> Iterator[str]:
    """Yields, for each class around the segment, its first lines, its attributes and a short constructor."""
    known = dict(definitions(file.tree))
    for name in segment.heads:
        node = known[name]
        if isinstance(node, ast.ClassDef):
            yield "\n".join(_head(file, node, segment))


def _head(file: _File, node: ast.ClassDef, segment: Segment) -> Iterator[str]:
    yield from file.lines[first_line(node) - 1 : node.body[0].lineno - 1] or [file.lines[node.lineno - 1]]
    for child in node.body:
        lines = file.lines[child.lineno - 1 : child.end_lineno]
        is_shown = segment.first <= child.lineno <= segment.last
        if not is_shown and len(lines) <= _room(child, file.limits):
            yield from lines
    yield " " * node.col_offset + "    ..."


def _room(node: ast.stmt, limits: ExcerptLimits) -> int:
    """Returns of how many lines a part of a class may be to stand in its head."""
    match node:
        case ast.Assign() | ast.AnnAssign():
            return limits.constant_lines
        case ast.FunctionDef(name="__init__"):
            return limits.constructor_lines
        case _:
            return 0


def _indented(text: str, pad: str) -> str:
    return "\n".join((pad + line).rstrip() for line in text.splitlines())

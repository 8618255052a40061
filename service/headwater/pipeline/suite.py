"""Makes one test module of pieces: what a test needs, and how all of it is put together."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from headwater.pipeline.cases import assertions, rename, without_cases
from headwater.pipeline.pieces import Piece, Splitter, bound_names, is_fixture, parse, read_piece
from headwater.pipeline.tidy import tidy

__all__ = [
    "Piece",
    "Splitter",
    "assertions",
    "compose",
    "needs",
    "pieces_of",
    "rename",
    "tests_of",
    "tidy",
    "without_cases",
]

IMPLICIT = re.compile(r"pytestmark|pytest_plugins|(?:setup|teardown)_(?:module|function)")
"""What pytest uses though no test names it."""
WORD = re.compile(r"[^\W\d]\w*")


class Cutter(Protocol):
    """Cuts text into pieces."""

    def feed(self, text: str) -> list[Piece]:
        """Takes text; returns the pieces that it completed."""
        ...

    def close(self) -> list[Piece]:
        """Returns the pieces that are left."""
        ...


def pieces_of(code: str) -> Mapping[str, str]:
    """Returns the code of each test in a module that parses, by name."""
    return tests_of(Splitter(), code)


def tests_of(cutter: Cutter, code: str) -> Mapping[str, str]:
    """Returns the code of each test that the cutter finds, by name."""
    return {piece.name: piece.code for piece in [*cutter.feed(code), *cutter.close()] if piece.kind == "test"}


def needs(piece: Piece, helpers: Sequence[Piece]) -> set[str]:
    """Returns the names of the helpers that a piece cannot run without: fixtures, what it uses, and what those need."""
    return {helper.name for helper in _needed([parse(piece.code)], [(each, parse(each.code)) for each in helpers])}


def compose(header: str, imports: Sequence[str], helpers: Sequence[str], tests: Sequence[str]) -> str:
    """Returns a whole module: the header as a comment, imports, helpers before their use, tests.

    Imports are merged and sorted; imports and helpers that nothing uses are left out. All parts must parse, and no two
    of them may bind the same name.
    """
    trees = [parse(test) for test in tests]
    known = [(piece, parse(piece.code)) for piece in map(read_piece, dict.fromkeys(helpers)) if piece]
    kept = _needed(trees, known)
    used = set[str]().union(*(_used(tree) for tree in [*trees, *(tree for piece, tree in known if piece in kept)]))
    comment = "\n".join(f"# {line}".rstrip() for line in header.strip().splitlines())
    blocks = [comment, _imports(imports, used), *(piece.code for piece in kept), *tests]
    return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def _needed(trees: Iterable[ast.Module], helpers: Sequence[tuple[Piece, ast.Module]]) -> list[Piece]:
    """Returns the helpers that the trees need, each behind those that it needs itself, else in their order."""
    owners = {name: index for index, (_, tree) in enumerate(helpers) for name in _provided(tree)}
    wanted = {index for index, (piece, tree) in enumerate(helpers) if _is_implicit(piece, tree)}
    wanted |= {owners[name] for tree in trees for name in _used(tree) & owners.keys()}
    order: dict[int, None] = {}
    entered: set[int] = set()
    stack = [(index, False) for index in sorted(wanted, reverse=True)]
    while stack:
        index, done = stack.pop()
        if done:
            order[index] = None
        elif index not in entered:
            entered.add(index)
            below = {owners[name] for name in _used(helpers[index][1]) & owners.keys()}
            stack += [(index, True), *((other, False) for other in sorted(below, reverse=True))]
    return [helpers[index][0] for index in order]


def _provided(tree: ast.Module) -> Iterator[str]:
    """Yields the names under which a helper can be asked for."""
    for statement in tree.body:
        yield from bound_names(statement)
        if is_fixture(statement):
            yield from (str(value) for key, value in _fixture_options(statement) if key == "name")


def _is_implicit(piece: Piece, tree: ast.Module) -> bool:
    if not piece.names or any(IMPLICIT.fullmatch(name) for name in piece.names):
        return True
    fixtures = filter(is_fixture, tree.body)
    return any(key == "autouse" and value for fixture in fixtures for key, value in _fixture_options(fixture))


def _fixture_options(fixture: ast.stmt) -> Iterator[tuple[str, object]]:
    assert isinstance(fixture, ast.FunctionDef | ast.AsyncFunctionDef)
    for decorator in fixture.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg and isinstance(keyword.value, ast.Constant):
                yield keyword.arg, keyword.value.value


def _used(tree: ast.Module) -> set[str]:
    """Returns the names that code may mean: as names, as fixtures' parameters, and as words of a text."""
    names: set[str] = set()
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                names.add(name)
            case ast.Constant(value=str() as text) if node not in docstrings:
                names.update(WORD.findall(text))  # usefixtures("client"), an annotation in quotes
            case _:
                pass
    return names


def _imports(imports: Iterable[str], used: set[str]) -> str:
    plain: set[tuple[str, str]] = set()
    members: dict[str, set[tuple[str, str]]] = {}
    for node in (statement for code in imports for statement in parse(code).body):
        if isinstance(node, ast.Import):
            plain |= {(each.name, each.asname or "") for each in node.names if _is_used(each, used)}
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            kept = {each for each in node.names if source == "__future__" or _is_used(each, used)}
            members.setdefault(source, set()).update((each.name, each.asname or "") for each in kept)
    lines = [(name, f"import {_alias(name, other)}") for name, other in plain]
    lines += [(source, f"from {source} import {_members(kept)}") for source, kept in members.items() if kept]
    groups: dict[int, list[str]] = {}
    for name, line in sorted(lines, key=lambda each: (_group(each[0]), each[1].startswith("from"), each)):
        groups.setdefault(_group(name), []).append(line)
    return "\n\n".join("\n".join(group) for group in groups.values())


def _members(kept: set[tuple[str, str]]) -> str:
    return ", ".join(_alias(name, other) for name, other in sorted(kept))


def _is_used(alias: ast.alias, used: set[str]) -> bool:
    return alias.name == "*" or (alias.asname or alias.name.partition(".")[0]) in used


def _alias(name: str, other: str) -> str:
    return f"{name} as {other}" if other else name


def _group(module: str) -> int:
    """Sorts the future first, then the standard library, others, and the package's own."""
    if module.startswith("."):
        return 3
    top = module.partition(".")[0]
    return 0 if top == "__future__" else 1 if top in sys.stdlib_module_names else 2

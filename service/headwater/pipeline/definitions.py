"""Finds the definitions of Python names by reading files, never by importing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.pipeline.lookup import Read
from headwater.pipeline.pieces import bound_names, parse
from headwater.pipeline.segments import definitions, first_line
from headwater.pipeline.symbols import Symbols, read_symbols


class Definitions:
    """Follows a name through imports, re-exports and base classes to where it is defined."""

    def __init__(self, read: Read, *, path: str, module: str, hops: int) -> None:
        """Begins in the file under test, at `path`, which is imported as `module`; follows so many `hops`."""
        self._read = read
        self._home = _Place(path=path, module=module)
        self._hops = hops

    def find(self, name: str) -> str | None:
        """Returns the definition with its place, a class with its methods cut to their signatures."""
        return self._find(self._home, name, self._hops) or self._by_module(name)

    def _by_module(self, name: str) -> str | None:
        """Reads the name as one that begins with a module."""
        parts = name.split(".")
        for end in range(len(parts), 0, -1):
            place = self._place(".".join(parts[:end]))
            if place is not None:
                rest = ".".join(parts[end:])
                return self._find(place, rest, self._hops) if rest else self._outline(place)
        return None

    def _find(self, place: _Place, name: str, hops: int) -> str | None:
        file = self._file(place)
        if file is None or not hops:
            return None
        tree, text, symbols = file
        known = dict(definitions(tree))
        if name in known:
            return _shown(place.path, text, known[name])
        first, _, rest = name.partition(".")
        if first in symbols.imported:
            return self._follow(*symbols.imported[first], rest, hops)
        owner = known.get(first)
        if rest and isinstance(owner, ast.ClassDef):
            parents = (ast.unparse(base).partition("[")[0] for base in owner.bases)
            return next(filter(None, (self._find(place, f"{each}.{rest}", hops - 1) for each in parents)), None)
        return _constant(place.path, text, tree, first)

    def _follow(self, module: str, member: str, rest: str, hops: int) -> str | None:
        """Looks where an import leads; a member may be a module itself."""
        submodule = self._place(f"{module}.{member}") if member else None
        place = submodule or self._place(module)
        if place is None:
            return None
        name = ".".join(filter(None, (member if submodule is None else "", rest)))
        return self._find(place, name, hops - 1) if name else self._outline(place)

    def _outline(self, place: _Place) -> str | None:
        file = self._file(place)
        if file is None:
            return None
        tree = file[0]
        heads = (f"{_head(node)} ..." for name, node in definitions(tree) if "." not in name)
        return "\n".join([f"# {place.path} defines", *heads])

    def _place(self, module: str) -> _Place | None:
        folder = module.replace(".", "/")
        for path in (f"{folder}.py", f"{folder}/__init__.py"):
            if all(module.split(".")) and self._read(path) is not None:
                return _Place(path=path, module=module)
        return None

    def _file(self, place: _Place) -> tuple[ast.Module, str, Symbols] | None:
        text = self._read(place.path)
        if text is None:
            return None
        try:
            return parse(text), text, read_symbols(text, place.path, place.module)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None  # a file of the code base that is no Python of ours: as good as not there


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    path: str
    module: str


def _shown(path: str, text: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    lines = text.splitlines()
    first, last = first_line(node), node.end_lineno or node.lineno
    place = f"# {path}, lines {first}-{last}"
    body = lines[first - 1 : last] if not isinstance(node, ast.ClassDef) else [*_cut_class(lines, node)]
    return "\n".join([place, *body])


def _cut_class(lines: list[str], node: ast.ClassDef) -> Iterator[str]:
    """Yields a class with its methods cut to their signatures, but for its constructor."""
    yield from lines[first_line(node) - 1 : node.body[0].lineno - 1] or [lines[node.lineno - 1]]
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name not in {"__init__", "__new__"}:
            yield from lines[first_line(child) - 1 : child.lineno - 1]
            yield " " * child.col_offset + f"{_head(child)} ..."
        else:
            yield from lines[child.lineno - 1 : child.end_lineno]


def _head(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    """Returns `def name(…) -> …:` or `class name(…):` in one line."""
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, [*node.bases, *(each.value for each in node.keywords)]))
        return f"class {node.name}({bases}):" if bases else f"class {node.name}:"
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{word} {node.name}({ast.unparse(node.args)}){returns}:"


def _constant(path: str, text: str, tree: ast.Module, name: str) -> str | None:
    for statement in tree.body:
        if name in bound_names(statement):
            lines = text.splitlines()[statement.lineno - 1 : statement.end_lineno]
            return "\n".join([f"# {path}, line {statement.lineno}", *lines])
    return None

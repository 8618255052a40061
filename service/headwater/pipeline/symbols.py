"""Knows the names of a Python file without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from headwater.pipeline.pieces import bound_names, parse

CONDITIONAL = (ast.If, ast.Try, ast.For, ast.While, ast.With)
DYNAMIC = re.compile(r"\bglobals\(\)|\bsys\.modules\[|\bexec\(")
"""What may bind names that the text does not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbols:
    """The names that a module binds at its top level.

    `members` are the attributes of each class, as far as the text shows them. `imported` are names that come from
    elsewhere: the module and the name there, empty for a module itself. `certain` are the names that are bound whatever
    happens; `open` says that there may be more names.
    """

    names: frozenset[str] = frozenset()
    certain: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    imported: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    open: bool = False


def read_symbols(source: str, path: str = "", module: str = "") -> Symbols:
    """Reads the names of a file that parses; `path` and `module` are its own, to which relative imports refer."""
    tree = parse(source)
    statements = list(_top_level(tree.body))
    names = {name for statement in statements for name in bound_names(statement)}
    classes = {node.name: frozenset(_members(node)) for node in statements if isinstance(node, ast.ClassDef)}
    package = package_of(module, is_package=path.endswith("__init__.py"))
    imported = {name: origin for node in statements for name, origin in _imported(node, package)}
    is_open = not names.isdisjoint({"*", "__getattr__"}) or DYNAMIC.search(source) is not None
    certain = {name for node in tree.body if not isinstance(node, CONDITIONAL) for name in bound_names(node)}
    return Symbols(
        names=frozenset(names - {"*"}),
        certain=frozenset(certain - {"*"}),
        members=classes,
        imported=imported,
        open=is_open,
    )


def package_of(module: str, *, is_package: bool) -> str:
    """Returns the package to which a relative import in the module refers."""
    return module if is_package else module.rpartition(".")[0]


def absolute(node: ast.ImportFrom, package: str) -> str:
    """Returns the full name of the module that a `from` import names; empty where it leads out of the package."""
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    if node.level - 1 > len(parts):
        return ""
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yields the statements of the module's own scope, also those under `if`, `try` and the like."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While):
            inner = [child for child in ast.walk(statement) if isinstance(child, ast.stmt) and child is not statement]
            yield from (child for child in inner if isinstance(child, ast.ClassDef | ast.Import | ast.ImportFrom))


def _members(node: ast.ClassDef) -> Iterator[str]:
    """Yields the attributes of a class; private ones as Python itself calls them."""
    for name in _written(node):
        is_private = name.startswith("__") and not name.endswith("__")
        yield f"_{node.name.lstrip('_')}{name}" if is_private else name


def _written(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        yield from bound_names(statement)
    for child in ast.walk(node):
        match child:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def _imported(node: ast.stmt, package: str) -> Iterator[tuple[str, tuple[str, str]]]:
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                name = alias.asname or alias.name.partition(".")[0]
                yield name, (alias.name if alias.asname else name, "")
        case ast.ImportFrom(names=aliases):
            source = absolute(node, package)
            yield from ((alias.asname or alias.name, (source, alias.name)) for alias in aliases if alias.name != "*")
        case _:
            return

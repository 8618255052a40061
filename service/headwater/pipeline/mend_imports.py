"""Corrects the path of the module under test where a test spells it wrong."""

from __future__ import annotations

import ast
import collections
import collections.abc
import re
import sys
from collections.abc import Iterator

from headwater.pipeline.pieces import parse
from headwater.pipeline.symbols import Symbols

PLACEHOLDERS = frozenset({"your_module", "my_module", "mymodule", "module_under_test", "module_name", "your_package"})
"""What stands for the module where its writer did not know the name."""
NO_MODULE = re.compile(r"No module named '([\w.]+)'")
PATCHING = frozenset({"patch", "setattr", "delattr", "dict", "multiple", "import_module"})
"""Calls whose first argument names something by its path."""


def moved_name(name: str, module: str) -> str:
    """Returns the module of the standard library in which a name is that tests seek in its neighbour."""
    if module == "collections" and name in collections.abc.__all__:
        return "collections.abc"
    if module == "collections.abc" and name not in collections.abc.__all__ and name in collections.__all__:
        return "collections"
    return module


def has_wrong_path(code: str, error: str, module: str) -> bool:
    """Whether the code names a module that is meant to be the one under test; quick, and says yes too often."""
    words = {*PLACEHOLDERS, *NO_MODULE.findall(error), module.rpartition(".")[2]}
    return any(word in code for word in words)


def mended_paths(code: str, error: str, module: str, symbols: Symbols) -> str | None:
    """Returns the code with the module's path corrected in imports and in patches' targets. Raises SyntaxError."""
    tree = parse(code)
    wrong = {path for path, names in _paths(tree) if _is_meant(path, names, error, module, symbols)}
    if not wrong:
        return None
    for path in sorted(wrong, key=len, reverse=True):
        code = re.sub(rf"(?<![\w.]){re.escape(path)}(?![\w])(?=\.|\s|['\"]|$)", module, code)
    return code


def _is_meant(path: str, names: frozenset[str], error: str, module: str, symbols: Symbols) -> bool:
    """Whether a path that is not the module's own is meant to be it: by its look, or by what is taken from there."""
    if path == module or path.partition(".")[0] in sys.stdlib_module_names:
        return False
    if path in PLACEHOLDERS or path.endswith(f".{module}"):
        return True
    has_names = bool(names) and names <= symbols.names
    is_end = module.endswith(f".{path}")
    return has_names and (is_end or path in NO_MODULE.findall(error))


def _paths(tree: ast.Module) -> Iterator[tuple[str, frozenset[str]]]:
    """Yields the modules that are named, each with what is taken from it."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(path), names=aliases, level=0):
                yield path, frozenset(alias.name for alias in aliases)
            case ast.Import(names=aliases):
                yield from ((alias.name, frozenset[str]()) for alias in aliases)
            case ast.Call(
                func=ast.Attribute(attr=name) | ast.Name(id=name), args=[ast.Constant(value=str(target)), *_]
            ) if name in PATCHING and "." in target:
                path, _, member = target.rpartition(".")
                yield path, frozenset({member})
            case _:
                pass

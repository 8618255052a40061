"""Resolves annotations, also those that name what is imported for type checkers only."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import typing
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping


def hints_of(function: Any) -> Dict[str, Any]:
    """Returns the annotations of a function, as far as they can be resolved; those of a class are its constructor's."""
    annotated = function.__init__ if isinstance(function, type) else function
    try:
        return typing.get_type_hints(annotated)
    except Exception:  # noqa: BLE001 — an annotation may be any expression; then each is resolved by itself
        return dict(_one_by_one(annotated))


def _one_by_one(function: Any) -> Iterator[typing.Tuple[str, Any]]:
    home = str(getattr(function, "__module__", ""))
    scope = {**vars(sys.modules.get(home, typing)), **for_checkers(home)}
    annotations = getattr(function, "__annotations__", None)
    for name, annotation in annotations.items() if isinstance(annotations, dict) else ():
        try:
            yield name, eval(annotation, scope) if isinstance(annotation, str) else annotation  # noqa: S307 — runs inside the sandbox
        except Exception:  # noqa: BLE001 — as above; unresolved, it stays what the signature says
            yield name, annotation


@lru_cache(maxsize=64)
def for_checkers(name: str) -> Mapping[str, Any]:
    """Returns what a module imports under `if TYPE_CHECKING`."""
    path = str(getattr(sys.modules.get(name), "__file__", None) or "")
    try:
        tree = ast.parse(Path(path).read_bytes()) if path.endswith(".py") else ast.Module(body=[], type_ignores=[])
    except (OSError, SyntaxError, ValueError):
        return {}
    found: Dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for statement in node.body:
                found.update(_imported(statement, name))
    return found


def _imported(statement: ast.stmt, module: str) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for alias in getattr(statement, "names", ()):
        try:
            if isinstance(statement, ast.ImportFrom):
                home = importlib.import_module(_home(statement, module))
                found[alias.asname or alias.name] = getattr(home, alias.name)
            elif isinstance(statement, ast.Import):
                found[alias.asname or alias.name.partition(".")[0]] = importlib.import_module(alias.name)
        except Exception:  # noqa: BLE001, S112 — a stranger's module may raise anything; its names stay unresolved
            continue
    return found


def _home(statement: ast.ImportFrom, module: str) -> str:
    package = str(getattr(sys.modules.get(module), "__package__", "") or "")
    relative = "." * statement.level + (statement.module or "")
    return importlib.util.resolve_name(relative, package) if statement.level else relative

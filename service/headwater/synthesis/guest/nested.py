"""Lists the functions that are defined within others."""

from __future__ import annotations

import ast
from typing import Iterator, List, Set, Tuple, Union

FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef]
NAMELESS = "function"
"""What a lambda is called."""


def nested_functions(symbol: str, node: FunctionNode) -> Iterator[Tuple[str, FunctionNode]]:
    """Yields the functions within one by their symbols; those that share a name are numbered."""
    taken: Set[str] = set()
    for each in _within(node):
        function = each if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) else as_function(each, NAMELESS)
        name, number = f"{symbol}.{function.name}", 2
        while name in taken:
            name, number = f"{symbol}.{function.name}_{number}", number + 1
        taken.add(name)
        yield name, function
        yield from nested_functions(name, function)


def as_function(node: ast.Lambda, name: str) -> ast.FunctionDef:
    """Writes a lambda as the definition of a function."""
    written = ast.parse(f"def {name}(): pass").body[0]
    assert isinstance(written, ast.FunctionDef)
    written.args, written.body = node.args, [ast.copy_location(ast.Return(value=node.body), node)]
    return ast.copy_location(written, node)


def _within(node: FunctionNode) -> Iterator[Union[FunctionNode, ast.Lambda]]:
    """Yields the functions that a function defines itself; what classes within it define belongs to their objects."""
    waiting: List[ast.AST] = [*node.body]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield each
        elif not isinstance(each, ast.ClassDef):
            waiting[:0] = ast.iter_child_nodes(each)

"""Says what one node of a function's body does with each expression in it: calls it, compares it, iterates over it."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Mapping, Optional, Tuple

READING = frozenset({"get", "pop", "setdefault"})
"""Methods of a mapping that look a key up."""
MEASURING: Mapping[str, str] = {
    "len": "iterate", "int": "number", "sorted": "iterate", "enumerate": "iterate", "float": "number", "abs": "number",
    "range": "number", "sum": "iterate", "max": "iterate", "min": "iterate", "any": "iterate", "all": "iterate",
    "iter": "iterate", "list": "iterate", "tuple": "iterate", "set": "iterate", "zip": "iterate",
    "callable": "callable",
}  # fmt: skip
"""What builtins do with what they are given."""


def operations(node: ast.AST) -> Iterator[Tuple[Any, str, Any]]:  # noqa: C901 — one line per kind of node
    """Yields (expression, operation, detail) for what one node does with an expression."""
    if isinstance(node, ast.Attribute):
        yield node.value, "attribute", node.attr
    elif isinstance(node, ast.Call):
        yield from _call_operations(node)
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield node.iter, "iterate", None
    elif isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Constant):
            yield node.value, "key", node.slice.value
        yield node.value, "index", None
    elif isinstance(node, ast.Compare):
        yield from _compare_operations(node)
    elif isinstance(node, (ast.BinOp, ast.UnaryOp, ast.AugAssign)):
        yield from _arithmetic_operations(node)
    elif isinstance(node, ast.JoinedStr):
        yield from ((part.value, "text", None) for part in node.values if isinstance(part, ast.FormattedValue))
    elif isinstance(node, ast.Await):
        yield node.value, "await", None
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        yield from ((item.context_expr, "with", None) for item in node.items)


def _call_operations(node: ast.Call) -> Iterator[Tuple[Any, str, Any]]:
    name, first = dotted(node.func), node.args[0] if node.args else None
    second = node.args[1] if len(node.args) > 1 else None
    yield node.func, "call", None
    if isinstance(node.func, ast.Attribute):
        yield node.func.value, "method", node.func.attr
        if node.func.attr in {"startswith", "endswith"} and first is not None:
            parts = first.elts if isinstance(first, ast.Tuple) else [first]
            yield node.func.value, "compare", [each.value for each in parts if isinstance(each, ast.Constant)]
        if node.func.attr in READING and isinstance(first, ast.Constant):
            yield node.func.value, "key", first.value
    if name in ("isinstance", "issubclass") and second is not None:
        for kind in second.elts if isinstance(second, ast.Tuple) else [second]:
            yield first, "isinstance", dotted(kind)
        if name == "issubclass":
            yield first, "class", None
    if name in ("getattr", "hasattr") and isinstance(second, ast.Constant) and isinstance(second.value, str):
        yield first, "attribute", second.value
    if name in MEASURING and first is not None:
        yield first, MEASURING[name], None
    if name.startswith("re.") and second is not None:
        yield second, "text", None


def _compare_operations(node: ast.Compare) -> Iterator[Tuple[Any, str, Any]]:
    sides = [node.left, *node.comparators]
    constants: List[Any] = []
    for side in sides:
        parts = side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side]
        constants += [part.value for part in parts if isinstance(part, ast.Constant)]
    names = [name for side in sides if (name := dotted(side))]
    for side, operator in zip(sides, [None, *node.ops]):
        kind = _typed(side)
        if kind is not None:
            yield from ((kind, "isinstance", name) for name in names)
        if not isinstance(side, ast.Constant):
            yield side, "compare", constants
            yield from ((side, "named", name) for name in names if name != dotted(side))
        if isinstance(operator, (ast.In, ast.NotIn)):
            yield side, "contain", None
            yield from ((side, "key", value) for value in constants if isinstance(value, str))
        if any(isinstance(each, (ast.Lt, ast.Gt, ast.LtE, ast.GtE)) for each in node.ops):
            yield side, "number", None


def _typed(node: ast.AST) -> Optional[ast.AST]:
    """Returns what `type(…)` is asked of."""
    called = isinstance(node, ast.Call) and dotted(node.func) == "type" and len(node.args) == 1
    return node.args[0] if called else None  # type: ignore[attr-defined]


def _arithmetic_operations(node: Any) -> Iterator[Tuple[Any, str, Any]]:
    number = not isinstance(node.op, (ast.Add, ast.Mod, ast.Not))
    for side in (getattr(node, name, None) for name in ("left", "right", "operand", "target", "value")):
        if number and side is not None and not isinstance(side, ast.Constant):
            yield side, "number", None


def dotted(node: Optional[ast.AST]) -> str:
    """Returns the text of a name or of attributes of one; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""

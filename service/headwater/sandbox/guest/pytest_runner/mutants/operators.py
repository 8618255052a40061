"""What a node of a syntax tree may become: small changes that a good test notices.

An operator takes a node and yields what may stand in its place, with a rank. Replacements share the node's children,
since a tree is only read when it is compiled.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Alternative = tuple[int, ast.AST]
"""A rank and a replacement."""
Operator = Callable[[Any], Iterator[Alternative]]

SUBTLE, PLAIN, COARSE, REMOTE = range(4)
"""Ranks: a boundary tells more about tests than a removed assignment, which nearly any test notices."""

_COMPARISONS: Mapping[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: Mapping[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult, ast.Div),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_WIDE = frozenset({"Exception", "BaseException"})
_MARK = "XX"
"""What a changed text begins with."""


def alternatives(node: ast.AST, owner: ast.AST, field: str) -> Iterator[Alternative]:
    """Yields what may stand in the node's place, which is a field of `owner`, with its rank."""
    for rank, new in _all(node, owner, field):
        yield rank, _located(new, node)


def _all(node: ast.AST, owner: ast.AST, field: str) -> Iterator[Alternative]:
    if (type(owner), field) in _CONDITIONS:
        yield from _condition(node, owner)
    if isinstance(owner, ast.For) and field == "iter":
        yield COARSE, ast.Tuple(elts=[], ctx=ast.Load())
    operator = _OPERATORS.get(type(node))
    if operator is not None:
        yield from operator(node)


def _located(new: ast.AST, old: ast.AST) -> ast.AST:
    """Gives the place of the old node to the new one and to what was made with it; the old one's children have one."""
    if not hasattr(new, "lineno"):
        ast.copy_location(new, old)
    for child in ast.iter_child_nodes(new):
        if isinstance(child, (ast.expr, ast.stmt)) and not hasattr(child, "lineno"):
            _located(child, old)
    return new


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    """Returns a copy of the node with other fields; the children are shared."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _condition(node: Any, owner: ast.AST) -> Iterator[Alternative]:
    if not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):  # Losing its `not` is the same.
        yield PLAIN, ast.UnaryOp(op=ast.Not(), operand=node)
    if isinstance(node, ast.Constant):
        return
    yield PLAIN, ast.Constant(value=False)
    if not isinstance(owner, ast.While):  # It would never end, which costs time and tells nothing.
        yield PLAIN, ast.Constant(value=True)


def _compare(node: ast.Compare) -> Iterator[Alternative]:
    for place, each in enumerate(node.ops):
        for rank, new in enumerate(_COMPARISONS.get(type(each), ())):
            yield SUBTLE + rank, _with(node, ops=[*node.ops[:place], new(), *node.ops[place + 1 :]])


def _boolean(node: ast.BoolOp) -> Iterator[Alternative]:
    yield SUBTLE, _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for place in range(len(node.values)):
        left = [*node.values[:place], *node.values[place + 1 :]]
        yield PLAIN, left[0] if len(left) == 1 else _with(node, values=left)


def _arithmetic(node: ast.BinOp | ast.AugAssign) -> Iterator[Alternative]:
    for rank, new in enumerate(_ARITHMETIC.get(type(node.op), ())):
        yield SUBTLE + rank, _with(node, op=new())


def _augmented(node: ast.AugAssign) -> Iterator[Alternative]:
    yield from _arithmetic(node)
    yield from _removed(node)


def _unary(node: ast.UnaryOp) -> Iterator[Alternative]:
    if not isinstance(node.op, ast.UAdd):
        yield PLAIN, node.operand


def _constant(node: ast.Constant) -> Iterator[Alternative]:
    value = node.value
    if isinstance(value, bool):
        changed: list[Any] = [not value]
    elif isinstance(value, (int, float, complex)):
        changed = [value + 1, value - 1]
    elif isinstance(value, str):
        changed = [_MARK + value, *([""] if value else [])]
    elif isinstance(value, bytes):
        changed = [_MARK.encode() + value, *([b""] if value else [])]
    else:
        changed = []
    for rank, new in enumerate(changed):
        yield SUBTLE + rank, _with(node, value=new)


def _call(node: ast.Call) -> Iterator[Alternative]:
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield PLAIN, _with(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])
    if any(isinstance(each, ast.Starred) for each in node.args):
        return
    if len(node.args) > 1:
        first, second, *rest = node.args
        yield PLAIN, _with(node, args=[second, first, *rest])
    if node.args:
        yield COARSE, _with(node, args=node.args[:-1])


def _slice(node: ast.Slice) -> Iterator[Alternative]:
    for bound in ("lower", "upper", "step"):
        if getattr(node, bound) is not None:
            yield PLAIN, _with(node, **{bound: None})


def _returned(node: ast.Return) -> Iterator[Alternative]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield PLAIN, _with(node, value=ast.Constant(value=None))


def _yielded(node: ast.Yield) -> Iterator[Alternative]:
    if node.value is not None:
        yield PLAIN, _with(node, value=None)


def _removed(node: ast.stmt) -> Iterator[Alternative]:
    del node
    yield COARSE, ast.Pass()


def _assigned(node: ast.Assign | ast.AnnAssign) -> Iterator[Alternative]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if node.value is not None:
        # Without a plain name nearly all that follows fails at once; an attribute or an entry may go unmissed.
        yield REMOTE if isinstance(targets[0], ast.Name) else PLAIN, ast.Pass()


def _called(node: ast.Expr) -> Iterator[Alternative]:
    if isinstance(node.value, (ast.Call, ast.Await)):
        yield PLAIN, ast.Pass()


def _broken(node: ast.Break) -> Iterator[Alternative]:
    del node
    yield PLAIN, ast.Continue()
    yield PLAIN, ast.Pass()


def _continued(node: ast.Continue) -> Iterator[Alternative]:
    del node
    yield PLAIN, ast.Break()
    yield PLAIN, ast.Pass()


def _handled(node: ast.ExceptHandler) -> Iterator[Alternative]:
    if not all(isinstance(each, ast.Pass) for each in node.body):
        yield PLAIN, _with(node, body=[_located(ast.Pass(), node.body[0])])
    if node.type is not None and not (isinstance(node.type, ast.Name) and node.type.id in _WIDE):
        yield REMOTE, _with(node, type=_located(ast.Name(id="Exception", ctx=ast.Load()), node.type))


_CONDITIONS = frozenset(
    {(ast.If, "test"), (ast.While, "test"), (ast.IfExp, "test"), (ast.comprehension, "ifs"), (ast.Assert, "test")}
)
_OPERATORS: Mapping[type, Operator] = {
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.BinOp: _arithmetic,
    ast.AugAssign: _augmented,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.Slice: _slice,
    ast.Return: _returned,
    ast.Yield: _yielded,
    ast.Assign: _assigned,
    ast.AnnAssign: _assigned,
    ast.Expr: _called,
    ast.Delete: _removed,
    ast.Raise: _removed,
    ast.Assert: _removed,
    ast.Break: _broken,
    ast.Continue: _continued,
    ast.ExceptHandler: _handled,
}

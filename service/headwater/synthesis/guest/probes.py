"""Looks closer than branches do: on which side of a comparison a value lies, which part of a condition holds.

A probe is an expression of the file under test that can be worked out again without calling anything of its own. What
it comes to is an arc beside those of the lines: calls that lead to each outcome are kept like calls that reach a
branch, so that a test tells `<` from `<=`.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

import ast
import operator
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

Value = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
Operands = Tuple[Any, Any]
FIRST = 10**8
"""Arcs of probes begin beyond every line number."""
FALSE, TRUE, BELOW, AT, ABOVE, EFFECT = range(6)
"""What a probe comes to: the truth of a part, a number just below, at or above another, a change of a text."""
PLAIN = (int, float, str, bytes, bool, type(None), list, tuple, dict, set, frozenset)
COMPARISONS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ARITHMETIC: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Mult: lambda a, b: _number(a) * _number(b), ast.Div: operator.truediv,
}  # fmt: skip
QUESTIONS = frozenset({
    "startswith", "endswith", "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "istitle", "isnumeric",
    "isdecimal", "isidentifier", "strip", "lstrip", "rstrip", "lower", "upper", "count", "find", "rfind", "get",
})  # fmt: skip
"""Methods of built-in values that change nothing."""
CHANGES = frozenset({"replace", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "removeprefix",
                     "removesuffix", "expandtabs", "swapcase"})  # fmt: skip
"""Methods of texts of which a test should see the effect."""


class _Unknown(Exception):  # noqa: N818 — an answer, not a failure
    """The expression cannot be worked out here."""


@dataclass(frozen=True)
class Probe:
    """One expression: what it asks, and the values to ask it of."""

    number: int
    kind: str
    """`truth`, `distance`, `effect` or `operands`."""
    values: Tuple[Value, ...]

    def outcome(self, scope: Mapping[str, Any], outer: Mapping[str, Any]) -> Tuple[int, Optional[Operands]]:
        """Returns what it comes to, a negative number for nothing, and the operands where they differ."""
        try:
            found = [value(scope, outer) for value in self.values]
        except Exception:  # noqa: BLE001 — a stranger's values may refuse anything; then the probe says nothing
            return -1, None
        if self.kind == "truth":
            return (TRUE if found[0] else FALSE) if isinstance(found[0], PLAIN) else -1, None
        first, second = found
        pair = (first, second) if first is not second and first != second else None
        if self.kind == "effect":
            return EFFECT if pair else -1, None
        return (_distance(first, second) if self.kind == "distance" else -1), pair


def probes_of(tree: ast.Module) -> Dict[int, List[Probe]]:
    """Lists the probes of a file by the line on which they are asked."""
    found: Dict[int, List[Probe]] = {}
    numbers = iter(range(FIRST, 2 * FIRST))
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            tests = {id(each.test) for each in ast.walk(function) if isinstance(each, (ast.If, ast.While))}
            for node in _own(function):
                for kind, parts in _asked(node, tests):
                    values = [_value(part) for part in parts]
                    if all(value is not None for value in values):
                        probe = Probe(next(numbers), kind, tuple(value for value in values if value is not None))
                        found.setdefault(int(getattr(node, "lineno", 0)), []).append(probe)
    return found


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Yields what is in a function, what is in functions and classes within it aside."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def _asked(node: ast.AST, tests: Set[int]) -> Iterator[Tuple[str, Sequence[ast.expr]]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = (node.left, node.comparators[0])
        if isinstance(node.ops[0], ORDERED):
            yield "distance", sides
        elif isinstance(node.ops[0], (ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
            yield "operands", sides
        if id(node) not in tests:
            yield "truth", (node,)
    elif isinstance(node, ast.BoolOp):
        yield from (("truth", (each,)) for each in node.values if not isinstance(each, (ast.Compare, ast.BoolOp)))
    elif isinstance(node, ast.IfExp) and not isinstance(node.test, (ast.Compare, ast.BoolOp)):
        yield "truth", (node.test,)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        yield "effect", (node.func.value, node)


def _distance(first: Any, second: Any) -> int:
    if not all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in (first, second)):
        return -1
    gap = first - second
    return AT if gap == 0 else BELOW if -1 <= gap < 0 else ABOVE if 0 < gap <= 1 else -1


def _value(node: ast.expr) -> Optional[Value]:  # noqa: PLR0911 — one line per kind of expression
    """Returns what works an expression out without running a stranger's code; None where nothing can."""
    if isinstance(node, ast.Constant):
        constant = node.value
        return lambda *_: constant
    if isinstance(node, ast.Name):
        name = node.id
        return lambda scope, outer: scope[name] if name in scope else outer[name]
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        items = [_value(each) for each in node.elts]
        return (lambda scope, outer: [each(scope, outer) for each in items if each]) if all(items) else None
    if isinstance(node, ast.Attribute):
        owner, attribute = _value(node.value), node.attr
        return (lambda scope, outer: _kept(owner(scope, outer), attribute)) if owner else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        inner, change = _value(node.operand), operator.not_ if isinstance(node.op, ast.Not) else operator.neg
        return (lambda scope, outer: change(_plain(inner(scope, outer)))) if inner else None
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        return _joined(ARITHMETIC[type(node.op)], node.left, node.right)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _joined(COMPARISONS[type(node.ops[0])], node.left, node.comparators[0])
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return _joined(operator.getitem, node.value, node.slice)
    return _answer(node) if isinstance(node, ast.Call) and not node.keywords else None


def _joined(function: Callable[[Any, Any], Any], left: ast.expr, right: ast.expr) -> Optional[Value]:
    first, second = _value(left), _value(right)
    if first is None or second is None:
        return None
    return lambda scope, outer: function(_plain(first(scope, outer)), _plain(second(scope, outer)))


def _answer(node: ast.Call) -> Optional[Value]:
    """Returns what works out the length of something, or a question put to a built-in value."""
    given = [_value(each) for each in node.args]
    if not all(given):
        return None
    if isinstance(node.func, ast.Name) and node.func.id == "len" and len(given) == 1:
        (only,) = given
        return (lambda scope, outer: len(_plain(only(scope, outer)))) if only else None
    if isinstance(node.func, ast.Attribute) and node.func.attr in QUESTIONS | CHANGES:
        owner, method = _value(node.func.value), node.func.attr
        if owner is not None:
            return lambda scope, outer: getattr(_plain(owner(scope, outer)), method)(
                *[_plain(each(scope, outer)) for each in given if each]
            )
    return None


def _plain(value: Any) -> Any:
    if type(value) not in PLAIN:
        raise _Unknown
    return value


def _number(value: Any) -> Any:
    if not isinstance(value, (int, float)):
        raise _Unknown  # a text may be repeated a million times
    return value


def _kept(owner: Any, name: str) -> Any:
    """Returns what an object keeps under a name; no property is run."""
    if type(owner).__getattribute__ is not object.__getattribute__:
        raise _Unknown
    return object.__getattribute__(owner, "__dict__")[name]

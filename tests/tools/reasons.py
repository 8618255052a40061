"""Finds every reason with which the service refuses or fails, by reading the code.

A reason is found where it stands beside its code (`Code.NOT_FOUND, "RUN_NOT_FOUND"`), in a call of `invalid` or
`exhausted`, and in calls of functions that hand their own argument on to one of these. One that cannot be traced stops
the search: the list is whole, or there is none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "service" / "headwater"
CODES = {"invalid": "INVALID_ARGUMENT", "exhausted": "RESOURCE_EXHAUSTED"}
"""The constructors in errors.py that know their code."""
REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A reason, the canonical code that it comes with, and the room that raises it."""

    reason: str
    code: str
    room: str


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A function whose caller gives the reason: the code, the reason as an expression of its parameters."""

    code: str
    parameters: Sequence[str]
    reason: ast.expr


def find_reasons() -> list[Found]:
    """Lists every reason of the service, sorted. Raises SystemExit for one that cannot be traced."""
    found: set[Found] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in {"v1", "errors"}:
            found |= {Found(reason, code, parts[0]) for reason, code in _Module(path).reasons()}
    return sorted(found)


class _Module:
    """The reasons of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tree = ast.parse(path.read_text("utf-8"))
        self._names = dict(_bound_strings(self._tree))
        self._wrappers: dict[str, Wrapper] = {}

    def reasons(self) -> Iterator[tuple[str, str]]:
        """Yields each reason with its code."""
        for function, code, reason in _raised(self._tree, None):
            parameters = [each.arg for each in function.args.args] if function is not None else []
            if function is not None and _names_in(reason) & set(parameters):
                self._wrappers[function.name] = Wrapper(code, parameters, reason)
                continue
            values = self._values(reason)
            if not values:
                raise SystemExit(f"{self._path}:{reason.lineno}: no telling which reason this is")
            yield from ((each, code) for each in values)
        yield from self._wrapped()

    def _wrapped(self) -> Iterator[tuple[str, str]]:
        for name, wrapper in self._wrappers.items():
            found = {
                _evaluate(wrapper.reason, arguments)
                for call in ast.walk(self._tree)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name
                for arguments in self._bindings(wrapper, call)
            }
            if not found:
                raise SystemExit(f"{self._path}:{wrapper.reason.lineno}: no call of {name} says which reason this is")
            yield from ((each, wrapper.code) for each in found)

    def _bindings(self, wrapper: Wrapper, call: ast.Call) -> Iterator[Mapping[str, str]]:
        """Yields what the parameters may be that the reason is made of."""
        for parameter, argument in zip(wrapper.parameters, call.args, strict=False):
            if parameter not in _names_in(wrapper.reason):
                continue
            literal = argument.value if isinstance(argument, ast.Constant) else None
            for value in [literal] if isinstance(literal, str) else self._values(argument):
                yield {parameter: value}

    def _values(self, node: ast.expr) -> tuple[str, ...]:
        """Returns the reasons that an expression may be, as far as the file alone tells."""
        match node:
            case ast.Constant(value=str(text)) if REASON.fullmatch(text):
                return (text,)
            case ast.IfExp(body=first, orelse=second):
                return (*self._values(first), *self._values(second))
            case ast.Name(id=name):
                return self._names.get(name, ())
            case _:
                return ()


Function = ast.FunctionDef | ast.AsyncFunctionDef


def _raised(node: ast.AST, function: Function | None) -> Iterator[tuple[Function | None, str, ast.expr]]:
    """Yields, for each place that names a code, the function around it, the code and the reason beside it."""
    for child in ast.iter_child_nodes(node):
        inner = child if isinstance(child, Function) else function
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in CODES:
            yield inner, CODES[child.func.id], child.args[0]
        elements = child.args if isinstance(child, ast.Call) else child.elts if isinstance(child, ast.Tuple) else ()
        for first, second in pairwise(elements):
            code = _code(first)
            if code and _is_text(second):
                yield inner, code, second
        yield from _raised(child, inner)


def _code(node: ast.expr) -> str:
    """Returns the code that `Code.NOT_FOUND` names; empty for anything else."""
    match node:
        case ast.Attribute(value=ast.Name(id="Code"), attr=code):
            return code
        case _:
            return ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.JoinedStr | ast.IfExp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _bound_strings(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yields the names that are bound to reasons: by an assignment, or by a loop over a table of the module."""
    tables = {
        target.id: value
        for node in tree.body
        for target, value in _assigned(node)
        if isinstance(target, ast.Name) and isinstance(value, ast.Tuple)
    }
    for node in ast.walk(tree):
        for target, value in _assigned(node):
            texts = _texts([value.body, value.orelse] if isinstance(value, ast.IfExp) else [value])
            if isinstance(target, ast.Name) and texts:
                yield target.id, texts
        if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple) and isinstance(node.iter, ast.Name):
            rows = [row.elts for row in getattr(tables.get(node.iter.id), "elts", ()) if isinstance(row, ast.Tuple)]
            for index, name in enumerate(node.target.elts):
                texts = _texts([row[index] for row in rows])
                if isinstance(name, ast.Name) and texts:
                    yield name.id, texts


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield node.target, node.value


def _texts(nodes: Sequence[ast.expr]) -> tuple[str, ...]:
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return tuple(value for value in values if isinstance(value, str) and REASON.fullmatch(value))


def _names_in(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _evaluate(expression: ast.expr, arguments: Mapping[str, str]) -> str:
    """Computes a reason such as `f"{field.upper()}_UNKNOWN"` from a caller's arguments."""
    return str(eval(compile(ast.Expression(expression), "<reason>", "eval"), {"__builtins__": {}}, dict(arguments)))

"""Where a module can be mutated, and into what."""

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ..detail import clip
from .operators import REMOTE, alternatives

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)

_PASSED_OVER = frozenset(
    {"annotation", "returns", "type_comment", "type_params", "decorator_list", "bases", "format_spec", "ctx", "names"}
)
"""Fields that say what something is, not what it does."""
_NEVER = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
_TABLES = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_MOST_ENTRIES = 100
"""Of one table, as many are mutated; a few stand for thousands."""
_LOGGERS = frozenset({"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER", "_LOG", "_LOGGER"})
_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "getLogger"})
_NAMED_ALIKE = frozenset({"TypeVar", "ParamSpec", "TypeVarTuple", "NewType"})
_FOR_READERS = frozenset({"__repr__", "__str__", "__rich_repr__"})


@dataclass(frozen=True)
class Unit:
    """What is compiled for a mutant: an outermost function in its classes, or a statement of the module."""

    node: ast.AST
    classes: tuple[ast.ClassDef, ...] = ()


@dataclass(frozen=True)
class Default:
    """The default of a parameter: the function, the list of its arguments that holds it, and where in it."""

    function: ast.FunctionDef | ast.AsyncFunctionDef
    field: str
    index: int

    @property
    def value(self) -> Any:
        """Returns the expression as the tree has it now."""
        return getattr(self.function.args, self.field)[self.index]


@dataclass(frozen=True)
class Mutant:
    """One change of one node. Its number is the same for the same source, whatever the tests."""

    number: int
    line: int
    rank: int
    scope: str
    """The function's qualified name, the class's, or nothing for the module's own statements."""
    unit: Unit
    default: Default | None
    owner: ast.AST
    field: str
    index: int | None
    old: ast.AST
    new: ast.AST

    def what(self, chars: int) -> str:
        """Tells the change in at most so many characters."""
        before, after = clip(_text(self.old), chars // 3), clip(_text(self.new), chars // 3)
        if isinstance(self.new, ast.Pass):
            return f"`{before}` was removed"
        return f"`{before}` became `{after}`"

    @contextmanager
    def applied(self) -> Generator[None, None, None]:
        """Has the tree hold the change meanwhile."""
        self._put(self.new)
        try:
            yield
        finally:
            self._put(self.old)

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.owner, self.field, node)
        else:
            getattr(self.owner, self.field)[self.index] = node


def find(tree: ast.Module) -> list[Mutant]:
    """Returns all mutants of a module, in the order of its text."""
    found: list[Mutant] = []
    for place, statement in enumerate(tree.body):
        scope = _Scope(unit=Unit(statement))
        for each in _slot(statement, tree, "body", place, scope):
            found.append(replace(each, number=len(found)))
    return found


def spread(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Yields mutants so that any beginning samples all functions, and in them all lines, the most telling first."""
    by_scope: dict[str, list[Mutant]] = defaultdict(list)
    for each in mutants:
        by_scope[each.scope].append(each)
    queues = [_within(each) for each in by_scope.values()]
    while queues:
        queues = [queue for queue in queues if queue]
        for queue in queues:
            yield queue.pop()


def _within(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Returns one function's mutants, the first at the end: the best of each line, then the second best of each."""
    by_line: dict[int, list[Mutant]] = defaultdict(list)
    for each in mutants:
        by_line[each.line].append(each)
    rows = [(turn, each) for line in by_line.values() for turn, each in enumerate(sorted(line, key=_telling))]
    rows.sort(key=lambda row: (row[0] + row[1].rank, row[0], _scattered(row[1].line), row[1].number))
    return [each for _, each in reversed(rows)]


def _telling(mutant: Mutant) -> tuple[int, int]:
    return mutant.rank, mutant.number


def _scattered(line: int) -> int:
    """Orders lines so that those next to each other are far apart: by their bits, the lowest first."""
    return int(format(line, "024b")[::-1], 2)


@dataclass(frozen=True)
class _Scope:
    unit: Unit
    names: tuple[str, ...] = ()
    classes: tuple[ast.ClassDef, ...] = ()
    inside: bool = False
    """Whether this is inside a function."""
    default: Default | None = None
    for_readers: bool = False

    def of(self, node: ast.AST) -> _Scope:
        """Returns the scope of what a node holds."""
        if isinstance(node, ast.ClassDef):
            classes = self.classes if self.inside else (*self.classes, node)
            return replace(self, names=(*self.names, node.name), classes=classes)
        if isinstance(node, _Function):
            unit = self.unit if self.inside else Unit(node, self.classes)
            readers = self.for_readers or node.name in _FOR_READERS
            return replace(self, names=(*self.names, node.name), unit=unit, inside=True, for_readers=readers)
        return self


def _slot(node: ast.AST, owner: ast.AST, field: str, index: int | None, scope: _Scope) -> Iterator[Mutant]:
    """Yields the mutants of a node and of all that it holds."""
    if _is_passed_over(node, scope):
        return
    line: int = getattr(node, "lineno", 0)
    for rank, new in alternatives(node, owner, field) if line else ():
        yield Mutant(
            number=0,
            line=line,
            rank=REMOTE if scope.for_readers else rank,
            scope=".".join(scope.names),
            unit=scope.unit,
            default=scope.default,
            owner=owner,
            field=field,
            index=index,
            old=node,
            new=new,
        )
    below = scope.of(node)
    for name, value in ast.iter_fields(node):
        if name == "args" and isinstance(node, _Function) and not scope.inside:
            yield from _defaults(node, below)
        elif name not in _PASSED_OVER and not (name == "keywords" and isinstance(node, ast.ClassDef)):
            yield from _field(value, node, name, below)


def _field(value: Any, owner: ast.AST, name: str, scope: _Scope) -> Iterator[Mutant]:
    if isinstance(value, ast.AST):
        yield from _slot(value, owner, name, None, scope)
    elif isinstance(value, list):
        nodes = list(_nodes(value))
        step = 1 + len(nodes) // _MOST_ENTRIES if isinstance(owner, _TABLES) else 1
        for place, each in enumerate(nodes):
            if each is not None and place % step == 0:
                yield from _slot(each, owner, name, place, scope)


def _nodes(values: Any) -> Iterator[ast.AST | None]:
    yield from (value if isinstance(value, ast.AST) else None for value in values)


def _defaults(function: ast.FunctionDef | ast.AsyncFunctionDef, scope: _Scope) -> Iterator[Mutant]:
    """Yields the mutants of an outermost function's defaults, which are worked out where it is defined."""
    for field in ("defaults", "kw_defaults"):
        for index, value in enumerate(_nodes(getattr(function.args, field))):
            if value is not None:
                default = Default(function, field, index)
                yield from _slot(value, function.args, field, index, replace(scope, default=default))


def _is_passed_over(node: ast.AST, scope: _Scope) -> bool:
    """Tells whether nothing in a node is worth a mutant: no test can notice it, or none should."""
    if isinstance(node, _NEVER):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _is_logging(node.value)
    if isinstance(node, ast.If):
        return _is_for_checkers(node.test) or (not scope.names and _is_main(node.test))
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and not scope.inside:
        if node.value is not None and _is_logging(node.value):
            return True
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return isinstance(target, ast.Name) and target.id.startswith("__") and target.id.endswith("__")
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMED_ALIKE


def _is_logging(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LEVELS):
        return False
    value = node.func.value
    name = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return name in _LOGGERS


def _is_for_checkers(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _text(node: ast.AST) -> str:
    """Returns the first line of a node's text."""
    try:
        text = ast.unparse(node)
    except (ValueError, RecursionError):  # Such as a number that is too long to be written down.
        text = type(node).__name__
    if isinstance(node, ast.ExceptHandler):
        text = " ".join(text.split())
    return text.partition("\n")[0]

"""Looks at code that a model wrote before any of it is run: what it imports and names is on a list, or it is refused.

The sandbox holds whatever happens; this keeps out of the user's project what has no business in a rule.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

PLAIN = frozenset({
    "__future__", "collections", "collections.abc", "datetime", "decimal", "itertools", "math", "re", "typing",
})  # fmt: skip
"""Modules from which anything may be imported."""
SQL = frozenset({"and_", "case", "delete", "exists", "func", "not_", "or_", "select", "update"})
NAMES_OF_HOOKS: Mapping[str, AbstractSet[str]] = {
    "sqlalchemy": SQL,
    "app.generated": {"models"},
    "app.generated.access": {"Action"},
    "app.generated.database": {"now"},
    "app.generated.errors": {"Problem"},
    "app.generated.hooks": {"Write"},
}
NAMES_OF_TESTS: Mapping[str, AbstractSet[str]] = {
    "pytest": {"approx", "mark", "raises"},
    "tests.generated.calling": {"Api", "Caller", "refused"},
    "tests.generated.rows": {"Rows"},
}
WHOLE = {"pytest": NAMES_OF_TESTS["pytest"], "sqlalchemy": SQL}
"""Modules that may be imported as a whole, and what of them may be named."""
BUILTINS = frozenset({
    "breakpoint", "compile", "delattr", "dir", "eval", "exec", "exit", "getattr", "globals", "help", "input", "locals",
    "memoryview", "open", "print", "quit", "setattr", "vars",
})  # fmt: skip
"""What is built in and not needed here."""
ATTRIBUTES = frozenset({
    "bind", "close", "commit", "connection", "format", "format_map", "get_bind", "rollback", "services",
})  # fmt: skip
"""What would end the transaction or lead out of it, unless a value of the application is called so."""


class Kind(enum.Enum):
    """What code is."""

    HOOK = "hook"
    TESTS = "tests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What code must be called, and what is called so already."""

    kind: Kind
    hook: str
    taken: frozenset[str] = field(default_factory=frozenset[str])
    """Names of the other hooks' functions, which share a file."""
    known: frozenset[str] = field(default_factory=frozenset[str])
    """Names of fields and relations of the application."""


def faults(tree: ast.Module, screen: Screen) -> list[str]:
    """Returns what may not be in code, each with its line; none where it may be run."""
    return [*_top(tree, screen), *_names(tree, screen), *_imports(tree, screen), *_everywhere(tree, screen)]


def defined(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yields what a module defines at its top."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((each.id, node) for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node


def _top(tree: ast.Module, screen: Screen) -> Iterator[str]:
    begun = False
    for at, node in enumerate(tree.body):
        imported = isinstance(node, ast.Import | ast.ImportFrom)
        text = at == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if imported and begun:
            yield f"line {node.lineno}: imports stand at the top"
        begun = begun or not (imported or text)
        if not (imported or text or isinstance(node, ast.FunctionDef | ast.Assign | ast.AnnAssign)):
            yield f"line {node.lineno}: only imports, constants and functions stand at the top of the module"
        if screen.kind is Kind.HOOK and isinstance(node, ast.FunctionDef) and node.decorator_list:
            yield f"line {node.lineno}: the hook is registered already; leave decorators out"


def _names(tree: ast.Module, screen: Screen) -> Iterator[str]:
    names = dict(defined(tree))
    for name in sorted(names.keys() & screen.taken):
        yield f"line {names[name].lineno}: another hook has a {name} already; choose another name"
    if screen.kind is Kind.TESTS:
        if not any(isinstance(node, ast.FunctionDef) and name.startswith("test_") for name, node in names.items()):
            yield "there is no function whose name begins with test_"
        return
    hook = names.get(screen.hook)
    if not isinstance(hook, ast.FunctionDef):
        yield f"there is no function {screen.hook}"
    elif len(hook.args.args) != len(("row", "write")) or hook.args.vararg or hook.args.kwonlyargs:
        yield f"{screen.hook} takes two arguments: the row, and the write"
    for name, node in names.items():
        if name != screen.hook and not name.startswith("_") and not name.isupper():
            yield f"line {node.lineno}: {name} is no part of the hook; let its name begin with _"


def _imports(tree: ast.Module, screen: Screen) -> Iterator[str]:
    allowed = NAMES_OF_HOOKS if screen.kind is Kind.HOOK else NAMES_OF_TESTS
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name not in PLAIN and not (each.name in WHOLE and each.name in allowed):
                    yield f"line {node.lineno}: {each.name} may not be imported"
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for each in node.names:
                if node.level or each.name == "*" or (module not in PLAIN and each.name not in allowed.get(module, ())):
                    yield f"line {node.lineno}: {each.name} may not be imported from {'.' * node.level}{module}"


def _everywhere(tree: ast.Module, screen: Screen) -> Iterator[str]:
    whole = {
        (each.asname or each.name): WHOLE[each.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for each in node.names
        if each.name in WHOLE
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and (node.id in BUILTINS or node.id.startswith("__")):
            yield f"line {node.lineno}: {node.id} may not be used"
        elif isinstance(node, ast.Attribute):
            allowed = whole.get(node.value.id) if isinstance(node.value, ast.Name) else None
            if node.attr.startswith("_") or (node.attr in ATTRIBUTES and node.attr not in screen.known):
                yield f"line {node.lineno}: .{node.attr} may not be used"
            elif allowed is not None and node.attr not in allowed:
                yield f"line {node.lineno}: .{node.attr} may not be used; there are {', '.join(sorted(allowed))}"
        elif isinstance(node, ast.AsyncFunctionDef | ast.ClassDef | ast.Global | ast.Nonlocal):
            yield f"line {node.lineno}: neither classes, async functions nor global names are needed here"

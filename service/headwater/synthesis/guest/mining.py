"""Reads from the source what its functions look for: constants, tokens, and how each parameter is used.

A function's findings include those of the functions of the module that it calls, to a bounded depth.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import builtins
import re
import types
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from .inventory import FunctionNode, Inventory, Target

LONGEST = 40
"""A longer string is a message, not something that is looked for."""
DEPTH = 3
"""How many calls deep findings are followed."""


@dataclass
class Use:
    """How a function uses one parameter."""

    attributes: Dict[str, bool] = field(default_factory=dict[str, bool])
    """Attributes touched; True for those that are called."""
    compared: List[Any] = field(default_factory=list[Any])
    """Constants that it, or what is computed from it, is compared with."""
    keys: List[Any] = field(default_factory=list[Any])
    """Constant subscripts."""
    classes: List[str] = field(default_factory=list[str])
    """Dotted names that isinstance and issubclass ask for."""
    operations: Set[str] = field(default_factory=set[str])
    """`iterate`, `number`, `contain`, `call`, `index`, `class`, `text`, `await`, `with`."""

    def merge(self, other: Use) -> None:
        """Adds what another function does with the same value."""
        for name, called in other.attributes.items():
            self.attributes[name] = self.attributes.get(name, False) or called
        self.compared += [each for each in other.compared if each not in self.compared]
        self.keys += [each for each in other.keys if each not in self.keys]
        self.classes += [each for each in other.classes if each not in self.classes]
        self.operations |= other.operations


@dataclass
class Mined:
    """What one function looks for."""

    strings: List[str] = field(default_factory=list[str])
    numbers: List[Any] = field(default_factory=list[Any])
    patterns: List[str] = field(default_factory=list[str])
    uses: Dict[str, Use] = field(default_factory=dict[str, Use])
    environment: List[str] = field(default_factory=list[str])
    """Variables of the environment that are read by a constant name."""


class Mining:
    """Findings for every function of a module, worked out when asked for."""

    def __init__(self, module: types.ModuleType, tree: ast.Module, inventory: Inventory) -> None:
        """Takes the module, its tree and its functions."""
        self._module = module
        self._inventory = inventory
        self._cache: Dict[Tuple[str, int], Mined] = {}
        self._names = {_dotted(node).rpartition(".")[2] for node in ast.walk(tree)}
        docstrings = {id(_docstring(node)) for node in ast.walk(tree)}
        every = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
        values = dict.fromkeys(node.value for node in every if isinstance(node.value, str))
        self.strings = [each for each in values if each and len(each) <= LONGEST]
        """The module's strings, docstrings and long texts aside."""

    def of(self, target: Target) -> Mined:
        """Returns what a target looks for, with what the functions it calls look for."""
        symbol = target.symbol
        if target.style == "construct":
            symbol = f"{symbol}.__init__"
        return self._of(symbol, DEPTH)

    def mentions(self, *names: str) -> bool:
        """Whether the module's code uses one of the names."""
        return bool(self._names & set(names))

    def reach(self, target: Target) -> List[Tuple[int, int]]:
        """Returns the lines of the target and of the functions that it calls."""
        symbol = f"{target.symbol}.__init__" if target.style == "construct" else target.symbol
        found = {symbol: target.lines}
        waiting = [symbol]
        while waiting:
            node = self._inventory.functions.get(waiting.pop())
            for callee, _ in self._calls(symbol, node) if node is not None else ():
                if callee not in found:
                    other = self._inventory.functions[callee]
                    found[callee] = (other.lineno, other.end_lineno or other.lineno)
                    waiting.append(callee)
        return list(found.values())

    def attributes_of(self, owner: str) -> Mapping[str, bool]:
        """Returns the attributes that any method of a class sets on `self`."""
        found: Dict[str, bool] = {}
        for symbol, node in self._inventory.functions.items():
            if symbol.startswith(f"{owner}."):
                for each in ast.walk(node):
                    if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
                        found[each.attr] = True
        return found

    def _of(self, symbol: str, depth: int) -> Mined:
        if (symbol, depth) in self._cache:
            return self._cache[symbol, depth]
        found = self._cache[symbol, depth] = Mined()
        node = self._inventory.functions.get(symbol)
        if node is None:
            return found
        self._constants(node, found)
        _uses(node, found)
        found.environment += _variables(node)
        if depth:
            for callee, arguments in self._calls(symbol, node):
                self._follow(callee, arguments, found, depth)
        return found

    def _follow(self, callee: str, arguments: Mapping[str, str], found: Mined, depth: int) -> None:
        """Adds a called function's findings; `arguments` maps its parameters to this function's."""
        other = self._of(callee, depth - 1)
        found.strings += [each for each in other.strings if each not in found.strings]
        found.numbers += [each for each in other.numbers if each not in found.numbers]
        found.patterns += [each for each in other.patterns if each not in found.patterns]
        found.environment += [each for each in other.environment if each not in found.environment]
        for theirs, ours in arguments.items():
            if theirs in other.uses and ours in found.uses:
                found.uses[ours].merge(other.uses[theirs])

    def _calls(self, symbol: str, node: FunctionNode) -> Iterator[Tuple[str, Mapping[str, str]]]:
        owner = symbol.rpartition(".")[0]
        for each in ast.walk(node):
            if not isinstance(each, ast.Call):
                continue
            name = _dotted(each.func)
            head, _, rest = name.partition(".")
            callee = f"{owner}.{rest}" if head in ("self", "cls") and owner else name
            callee = f"{callee}.__init__" if callee in self._inventory.classes else callee
            other = self._inventory.functions.get(callee)
            if other is None or callee == symbol:
                continue
            names = [arg.arg for arg in other.args.args]
            names = names[1:] if "." in callee and names[:1] in (["self"], ["cls"]) else names
            given = {theirs: _dotted(ours) for theirs, ours in zip(names, each.args)}
            given.update((word.arg, _dotted(word.value)) for word in each.keywords if word.arg)
            yield callee, given

    def _constants(self, node: FunctionNode, found: Mined) -> None:
        values: List[Any] = []
        for each in ast.walk(_without_docstring(node)):
            if isinstance(each, ast.Constant):
                values.append(each.value)
            elif isinstance(each, (ast.Name, ast.Attribute)) and isinstance(each.ctx, ast.Load):
                values += _flatten(self.lookup(_dotted(each)))
        for value in values:
            if isinstance(value, str):
                _add(found.strings, value)
            elif isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                _add(found.patterns, value.pattern)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                _add(found.numbers, value)
        for text in found.strings:
            if _looks_like_pattern(text):
                _add(found.patterns, text)

    def lookup(self, name: str) -> Any:
        """Looks up dotted text from the module, as far as plain attributes lead."""
        head, *rest = name.split(".")
        value = vars(self._module).get(head, getattr(builtins, head, None))
        for part in rest:
            value = getattr(value, "__dict__", {}).get(part)
        return value


def _add(values: List[Any], value: Any) -> None:
    if value not in values and len(values) < 200 and len(str(value)) < 200:  # noqa: PLR2004 — a table of a module's data is no help
        values.append(value)


def _flatten(value: Any) -> List[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *[each for each in value.values() if isinstance(each, (str, int, float))]][:40]
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(value, key=repr)[:40] if isinstance(value, (set, frozenset)) else list(value)[:40]
    return [value] if isinstance(value, (str, int, float, re.Pattern)) else []


def _looks_like_pattern(text: str) -> bool:
    return len(text) > 3 and any(mark in text for mark in ("\\d", "\\w", "\\s", "^", "[", "(?", ".*", "]+"))  # noqa: PLR2004


def _variables(node: ast.AST) -> List[str]:
    """Lists the variables of the environment that are read by a constant name."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    read = [each for each in calls if _dotted(each.func) in ("os.environ.get", "os.getenv", "environ.get")]
    return [str(arg.value) for each in read for arg in each.args[:1] if isinstance(arg, ast.Constant)]


def _docstring(node: ast.AST) -> Optional[ast.AST]:
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    return first.value if isinstance(first, ast.Expr) else None


def _without_docstring(node: FunctionNode) -> ast.AST:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return ast.Module(body=[*body, *[ast.Expr(each) for each in node.args.defaults]], type_ignores=[])


def _dotted(node: Optional[ast.AST]) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def _uses(node: FunctionNode, found: Mined) -> None:
    """Records how each parameter, and each name assigned straight from one, is used."""
    arguments = node.args
    every = [*getattr(arguments, "posonlyargs", []), *arguments.args, *arguments.kwonlyargs]
    found.uses.update((each.arg, Use()) for each in every)
    aliases = {each.arg: each.arg for each in every}
    for each in ast.walk(node):
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Name) and each.value.id in aliases:
            aliases.update((to.id, aliases[each.value.id]) for to in each.targets if isinstance(to, ast.Name))
    for each in ast.walk(node):
        for name, operation, detail in _operations(each):
            if name in aliases:
                _record(found.uses[aliases[name]], operation, detail)


def _record(use: Use, operation: str, detail: Any) -> None:
    if operation == "attribute":
        use.attributes.setdefault(detail, False)
    elif operation == "method":
        use.attributes[detail] = True
    elif operation == "compare":
        use.compared += [each for each in detail if each not in use.compared]
    elif operation == "key":
        use.keys.append(detail)
    elif operation == "isinstance":
        use.classes.append(detail)
    else:
        use.operations.add(operation)


def _operations(node: ast.AST) -> Iterator[Tuple[str, str, Any]]:  # noqa: C901 — one line per kind of node
    """Yields (name, operation, detail) for what one node does with a name."""
    if isinstance(node, ast.Attribute):
        yield _dotted(node.value), "attribute", node.attr
    elif isinstance(node, ast.Call):
        yield from _call_operations(node)
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        yield _dotted(node.iter), "iterate", None
    elif isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Constant):
            yield _dotted(node.value), "key", node.slice.value
        yield _dotted(node.value), "index", None
    elif isinstance(node, ast.Compare):
        yield from _compare_operations(node)
    elif isinstance(node, (ast.BinOp, ast.UnaryOp, ast.AugAssign)):
        yield from _arithmetic_operations(node)
    elif isinstance(node, ast.JoinedStr):
        yield from ((_dotted(part.value), "text", None) for part in node.values if isinstance(part, ast.FormattedValue))
    elif isinstance(node, ast.Await):
        yield _dotted(node.value), "await", None
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        yield from ((_dotted(item.context_expr), "with", None) for item in node.items)


def _call_operations(node: ast.Call) -> Iterator[Tuple[str, str, Any]]:
    name = _dotted(node.func)
    yield name, "call", None
    if isinstance(node.func, ast.Attribute):
        yield _dotted(node.func.value), "method", node.func.attr
    if name in ("isinstance", "issubclass") and len(node.args) == 2:  # noqa: PLR2004
        kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
        yield from ((_dotted(node.args[0]), "isinstance", _dotted(kind)) for kind in kinds)
        if name == "issubclass":
            yield _dotted(node.args[0]), "class", None
    for word, operation in (("len", "iterate"), ("int", "number"), ("sorted", "iterate"), ("enumerate", "iterate")):
        if name == word and node.args:
            yield _dotted(node.args[0]), operation, None
    if name.startswith("re.") and len(node.args) > 1:
        yield _dotted(node.args[1]), "text", None


def _compare_operations(node: ast.Compare) -> Iterator[Tuple[str, str, Any]]:
    sides = [node.left, *node.comparators]
    constants: List[Any] = []
    for side in sides:
        parts = side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side]
        constants += [part.value for part in parts if isinstance(part, ast.Constant)]
    for side, operator in zip(sides, [None, *node.ops]):
        name = _dotted(side)
        yield name, "compare", constants
        if isinstance(operator, (ast.In, ast.NotIn)):
            yield name, "contain", None
        if any(isinstance(each, (ast.Lt, ast.Gt, ast.LtE, ast.GtE)) for each in node.ops):
            yield name, "number", None


def _arithmetic_operations(node: Any) -> Iterator[Tuple[str, str, Any]]:
    number = not isinstance(node.op, (ast.Add, ast.Mod, ast.Not))
    for side in (getattr(node, name, None) for name in ("left", "right", "operand", "target", "value")):
        if number and side is not None:
            yield _dotted(side), "number", None

"""Reads from the source what its functions look for: constants, tokens, and how each parameter is used.

A function's findings include those of the functions of the module that it calls, to a bounded depth.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import builtins
import enum
import inspect
import re
import types
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from .inventory import FunctionNode, Inventory, Target
from .siblings import strings_of
from .uses import Place, Read, Use, dotted, read_uses

LONGEST = 40
"""A longer string is a message, not something that is looked for."""
DEPTH = 3
"""How many calls deep findings are followed."""


@dataclass
class Mined:
    """What one function looks for."""

    strings: List[str] = field(default_factory=list[str])
    numbers: List[Any] = field(default_factory=list[Any])
    patterns: List[str] = field(default_factory=list[str])
    uses: Dict[str, Use] = field(default_factory=dict[str, Use])
    free: Dict[str, Use] = field(default_factory=dict[str, Use])
    """What it does with names of the module."""
    types: List[str] = field(default_factory=list[str])
    """Dotted names of classes that it mentions."""
    environment: List[str] = field(default_factory=list[str])
    """Variables of the environment that are read by a constant name."""
    handled: List[str] = field(default_factory=list[str])
    """Dotted names of the exceptions that it handles."""


class Mining:
    """Findings for every function of a module, worked out when asked for."""

    def __init__(self, module: types.ModuleType, tree: ast.Module, inventory: Inventory) -> None:
        """Takes the module, its tree and its functions."""
        self.module = module.__name__
        """The name of the module."""
        self._module = module
        self._inventory = inventory
        self._reads: Dict[str, Read] = {}
        self._cache: Dict[Tuple[str, int], Mined] = {}
        self._attributes: Dict[str, Mapping[str, bool]] = {}
        self._names = {dotted(node).rpartition(".")[2] for node in ast.walk(tree)}
        self.ranges = [(node.lineno, node.end_lineno or node.lineno) for node in inventory.functions.values()]
        """The lines of each function."""
        docstrings = {id(_docstring(node)) for node in ast.walk(tree)}
        every = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
        values = dict.fromkeys(node.value for node in every if isinstance(node.value, str))
        self.strings = [each for each in values if each and len(each) <= LONGEST]
        """The module's strings, docstrings and long texts aside."""

    def of(self, target: Target) -> Mined:
        """Returns what a target looks for, with what the functions it calls look for."""
        return self._of(self._body(target), DEPTH)

    @staticmethod
    def _body(target: Target) -> str:
        return f"{target.symbol}.__init__" if target.style == "construct" else target.body or target.symbol

    def mentions(self, *names: str) -> bool:
        """Whether the module's code uses one of the names."""
        return bool(self._names & set(names))

    def reach(self, target: Target) -> List[Tuple[int, int]]:
        """Returns the lines of the target and of the functions that it calls."""
        symbol = self._body(target)
        found = {symbol: target.lines}
        waiting = [symbol]
        while waiting:
            current = waiting.pop()
            node = self._inventory.functions.get(current)
            for callee, _ in self._calls(current, node) if node is not None else ():
                if callee not in found:
                    other = self._inventory.functions[callee]
                    found[callee] = (other.lineno, other.end_lineno or other.lineno)
                    waiting.append(callee)
        return list(found.values())

    def docstrings(self, target: Target) -> List[str]:
        """Returns the docstrings beside a target's own that may show it: its class's and the module's."""
        found = [self._module.__doc__ or ""]
        if "." in target.symbol:
            found.append(inspect.getdoc(self._inventory.classes.get(target.symbol.partition(".")[0])) or "")
        return [each for each in found if ">>>" in each]

    def attributes_of(self, owner: str) -> Mapping[str, bool]:
        """Returns the attributes that any method of a class sets on `self`."""
        if owner not in self._attributes:
            self._attributes[owner] = self._set_by_methods(owner)
        return self._attributes[owner]

    def _set_by_methods(self, owner: str) -> Mapping[str, bool]:
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
        read = read_uses(node, vars(self._module))  # its own copy: what callees do is merged into it
        found.uses.update(read.uses)
        found.free.update(read.free)
        found.types += [name for name in read.free if isinstance(self.lookup(name), type)]
        found.environment += _variables(node)
        found.handled += _handled(node)
        if depth:
            for callee, call in self._calls(symbol, node):
                self._follow(callee, _handed(self._inventory.functions[callee], callee, call, read), found, depth)
        self._keep_on(symbol, read, found)
        return found

    def _keep_on(self, symbol: str, read: Read, found: Mined) -> None:
        """Adds what the other methods of the class do with what a method keeps of its parameters."""
        owner = symbol.rpartition(".")[0]
        for other, node in self._inventory.functions.items() if read.stores and owner else ():
            if other != symbol and other.rpartition(".")[0] == owner:
                theirs = self._read(other, node).uses.get("self", Use())
                for attribute, (name, steps) in read.stores.items():
                    if attribute in theirs.parts and name in found.uses:
                        found.uses[name].at(steps).merge(theirs.parts[attribute])

    def _read(self, symbol: str, node: FunctionNode) -> Read:
        if symbol not in self._reads:
            self._reads[symbol] = read_uses(node)
        return self._reads[symbol]

    def _follow(self, callee: str, handed: Mapping[str, Place], found: Mined, depth: int) -> None:
        """Adds a called function's findings; `handed` maps its parameters to parts of this function's."""
        other = self._of(callee, depth - 1)
        found.strings += [each for each in other.strings if each not in found.strings]
        found.numbers += [each for each in other.numbers if each not in found.numbers]
        found.patterns += [each for each in other.patterns if each not in found.patterns]
        found.types += [each for each in other.types if each not in found.types]
        found.environment += [each for each in other.environment if each not in found.environment]
        found.handled += [each for each in other.handled if each not in found.handled]
        for theirs, (ours, steps) in handed.items():
            if theirs in other.uses:
                (found.uses.get(ours) or found.free[ours]).at(steps).merge(other.uses[theirs])
        for name, use in other.free.items():
            found.free.setdefault(name, Use()).merge(use)

    def _calls(self, symbol: str, node: FunctionNode) -> Iterator[Tuple[str, ast.Call]]:
        """Yields the functions of the module that a function calls, each with the call."""
        owner = symbol.rpartition(".")[0]
        made = self._made_in(node)
        for each in ast.walk(node):
            if not isinstance(each, ast.Call):
                continue
            name = dotted(each.func)
            head, _, rest = name.partition(".")
            callee = self._inherited(owner, rest) if head in ("self", "cls") and owner else name
            callee = f"{made[head]}.{rest}" if head in made and rest else callee
            if isinstance(each.func, ast.Attribute) and isinstance(each.func.value, ast.Call):
                callee = f"{dotted(each.func.value.func)}.{each.func.attr}"
            callee = f"{callee}.__init__" if callee in self._inventory.classes else callee
            other = self._inventory.functions.get(callee)
            if other is None or callee == symbol:
                continue
            yield callee, each

    def _made_in(self, node: FunctionNode) -> Mapping[str, str]:
        """Maps the variables of a function that hold objects of the module's classes to the class."""
        found: Dict[str, str] = {}
        for each in ast.walk(node):
            value = each.value if isinstance(each, ast.Assign) else None
            if isinstance(each, ast.Assign) and isinstance(value, ast.Call):
                name = dotted(value.func)
                if name in self._inventory.classes:
                    found.update((target.id, name) for target in each.targets if isinstance(target, ast.Name))
        return found

    def _inherited(self, owner: str, name: str) -> str:
        """Returns the symbol of a method of a class of the module, which another of its classes may define."""
        cls = self._inventory.classes.get(owner)
        homes = [each.__name__ for each in cls.__mro__] if cls is not None else []
        found = (f"{home}.{name}" for home in homes if f"{home}.{name}" in self._inventory.functions)
        return next(found, f"{owner}.{name}")

    def _constants(self, node: FunctionNode, found: Mined) -> None:
        values: List[Any] = []
        siblings: List[str] = []
        for each in ast.walk(_without_docstring(node)):
            if isinstance(each, ast.Constant):
                values.append(each.value)
            elif isinstance(each, (ast.Name, ast.Attribute)) and isinstance(each.ctx, ast.Load):
                named = self.lookup(dotted(each))
                values += _flatten(named)
                siblings += [text for text in strings_of(named, self.module) if len(text) <= LONGEST]
        for value in [*values, *siblings]:
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


def _handed(node: FunctionNode, symbol: str, call: ast.Call, read: Read) -> Mapping[str, Place]:
    """Maps a called function's parameters to what they are given of the caller's."""
    names: List[str] = [arg.arg for arg in node.args.args]
    found: Dict[str, Place] = {}
    if "." in symbol and names[:1] in (["self"], ["cls"]):
        if names[0] in read.uses and dotted(getattr(call.func, "value", None)) == names[0]:
            found[names[0]] = (names[0], ())
        names = names[1:]
    given = next((given for each, given in read.passes if each is call), {})
    for key, place in given.items():
        if isinstance(key, str):
            found[key] = place
        elif key < len(names):
            found[names[key]] = place
    return found


def _add(values: List[Any], value: Any) -> None:
    if value not in values and len(values) < 200 and len(str(value)) < 200:  # noqa: PLR2004 — a table of a module's data is no help
        values.append(value)


def _flatten(value: Any) -> List[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *[each for each in value.values() if isinstance(each, (str, int, float))]][:40]
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return [
            part for member in value for part in (member.value, member.name) if isinstance(part, (str, int, float))
        ][:40]
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(value, key=repr)[:40] if isinstance(value, (set, frozenset)) else list(value)[:40]
    return [value] if isinstance(value, (str, int, float, re.Pattern)) else []


def _looks_like_pattern(text: str) -> bool:
    return len(text) > 3 and any(mark in text for mark in ("\\d", "\\w", "\\s", "^", "[", "(?", ".*", "]+"))  # noqa: PLR2004


def _variables(node: ast.AST) -> List[str]:
    """Lists the variables of the environment that are read by a constant name."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    read = [each for each in calls if dotted(each.func) in ("os.environ.get", "os.getenv", "environ.get")]
    return [str(arg.value) for each in read for arg in each.args[:1] if isinstance(arg, ast.Constant)]


def _handled(node: ast.AST) -> List[str]:
    """Lists the exceptions that a function handles, by name."""
    kinds = [each.type for each in ast.walk(node) if isinstance(each, ast.ExceptHandler) and each.type is not None]
    named = [part for kind in kinds for part in (kind.elts if isinstance(kind, ast.Tuple) else [kind])]
    return list(dict.fromkeys(filter(None, map(dotted, named))))


def _docstring(node: ast.AST) -> Optional[ast.AST]:
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    return first.value if isinstance(first, ast.Expr) else None


def _without_docstring(node: FunctionNode) -> ast.AST:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return ast.Module(body=[*body, *[ast.Expr(each) for each in node.args.defaults]], type_ignores=[])

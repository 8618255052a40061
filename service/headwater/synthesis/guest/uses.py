"""Reads from a function's body what it does with its parameters, and with what it gets out of them.

A `Use` is a tree: what is done with a value, and under `parts` what is done with its attributes (`name`), the results
of its methods (`name()`), its items (`[]`, `['key']`), the keys (`<key>`) and values (`{}`) of a mapping.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Container, Dict, List, Mapping, Optional, Sequence, Set, Tuple, Union

from .operations import READING, dotted, operations

Steps = Tuple[str, ...]
Place = Tuple[str, Steps]
"""A parameter, and the steps into it."""
Given = Mapping[Union[int, str], Place]
"""What a call is given, by position or keyword."""
FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef]
DEEPEST = 4
"""How many steps into a value its use is followed."""
PASSING = frozenset({"iter", "list", "sorted", "reversed", "tuple", "set", "next", "str"})
"""Builtins whose result is about what they were given."""
RESHAPING = frozenset({
    "lower", "upper", "strip", "lstrip", "rstrip", "casefold", "title", "capitalize", "decode", "encode", "copy",
})  # fmt: skip
"""Methods whose result is about the object itself."""


@dataclass
class Use:
    """What a function does with one value."""

    attributes: Dict[str, bool] = field(default_factory=dict[str, bool])
    """Attributes touched; True for those that are called."""
    compared: List[Any] = field(default_factory=list[Any])
    """Constants that it, or what is computed from it, is compared with."""
    keys: List[Any] = field(default_factory=list[Any])
    """Constant subscripts."""
    classes: List[str] = field(default_factory=list[str])
    """Dotted names that isinstance and issubclass ask for."""
    named: List[str] = field(default_factory=list[str])
    """Dotted names that it is compared with."""
    operations: Set[str] = field(default_factory=set[str])
    """`iterate`, `number`, `contain`, `call`, `index`, `class`, `text`, `await`, `with`, `callable`."""
    parts: Dict[str, Use] = field(default_factory=dict[str, "Use"])

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known of it."""
        return not (self.attributes or self.compared or self.keys or self.classes or self.operations or self.named)

    def at(self, steps: Steps) -> Use:
        """Returns the use of a part, a new one where it was not used before."""
        found = self
        for step in steps[:DEEPEST]:
            found = found.parts.setdefault(step, Use())
        return found

    def merge(self, other: Use, depth: int = 0) -> None:
        """Adds what another function does with the same value."""
        if other is self or depth > DEEPEST:
            return
        for name, called in other.attributes.items():
            self.attributes[name] = self.attributes.get(name, False) or called
        for mine, theirs in zip(self._lists(), other._lists()):
            mine += [each for each in theirs if each not in mine]
        self.operations |= other.operations
        for step, part in list(other.parts.items()):
            self.parts.setdefault(step, Use()).merge(part, depth + 1)

    def _lists(self) -> Tuple[List[Any], ...]:
        return (self.compared, self.keys, self.classes, self.named)


@dataclass
class Read:
    """What one function does with its parameters, `self` among them."""

    uses: Dict[str, Use] = field(default_factory=dict[str, Use])
    free: Dict[str, Use] = field(default_factory=dict[str, Use])
    """What it does with names of the module."""
    stores: Dict[str, Place] = field(default_factory=dict[str, "Place"])
    """What it keeps as attributes of `self`: the parameter, and the steps into it."""
    passes: List[Tuple[ast.Call, Given]] = field(default_factory=list[Tuple[ast.Call, "Given"]])
    """Calls that are given a parameter or a part of one, by position or keyword."""


def read_uses(node: FunctionNode, known: Container[str] = ()) -> Read:
    """Reads the body of a function; `known` are the module's names, whose use is read as that of parameters is."""
    arguments = node.args
    every = [*getattr(arguments, "posonlyargs", []), *arguments.args, *arguments.kwonlyargs]
    every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    names = [each.arg for each in every]
    loaded = (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
    free = [name for name in dict.fromkeys(loaded) if name in known and name not in names]
    reader = _Reader([*names, *free])
    for each in node.body:
        reader.visit(each)
    reader.read.free.update((name, reader.read.uses.pop(name)) for name in free)
    return reader.read


class _Reader(ast.NodeVisitor):
    """Walks a body in its order, knowing which names stand for which part of which parameter."""

    def __init__(self, names: Sequence[str]) -> None:
        self.read = Read({name: Use() for name in names})
        self._bound: Dict[str, Place] = {name: (name, ()) for name in names}

    def visit(self, node: ast.AST) -> None:
        """Records what a node does, then what is in it."""
        for expression, operation, detail in operations(node):
            place = self._place(expression)
            if place is not None:
                _record(self.read.uses[place[0]].at(place[1]), operation, detail)
        if isinstance(node, ast.Call):
            self._pass_on(node)
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self._visit_loop(node)
        else:
            self.generic_visit(node)
        self._bind_assigned(node)

    def _bind_assigned(self, node: ast.AST) -> None:
        """Binds what an assignment or a `with` gives names to."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            self._bind(node.target, node.value)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, item.context_expr)

    def _visit_loop(self, node: Union[ast.For, ast.AsyncFor]) -> None:
        """Binds what is iterated before the body is read."""
        self.visit(node.iter)
        self._bind_items(node.target, node.iter)
        for each in [*node.body, *node.orelse]:
            self.visit(each)

    def generic_visit(self, node: ast.AST) -> None:
        """Binds the variables of a comprehension before its element is read."""
        for each in getattr(node, "generators", ()):
            self.visit(each.iter)
            self._bind_items(each.target, each.iter)
        super().generic_visit(node)

    def _place(self, node: Optional[ast.AST]) -> Optional[Place]:
        """Says which part of which parameter an expression is."""
        if isinstance(node, ast.Name):
            return self._bound.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._further(node.value, node.attr)
        if isinstance(node, ast.Subscript):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            return self._further(node.value, "[]" if key is None else f"[{key!r}]")
        if isinstance(node, ast.Call):
            return self._place_of_result(node)
        if isinstance(node, (ast.Await, ast.Starred, ast.NamedExpr)):
            return self._place(node.value)
        return self._place(node.values[0]) if isinstance(node, ast.BoolOp) else None

    def _place_of_result(self, node: ast.Call) -> Optional[Place]:
        function, first = node.func, node.args[0] if node.args else None
        if isinstance(function, ast.Name) and function.id in PASSING:
            return self._place(first)
        if isinstance(function, ast.Attribute):
            if function.attr in RESHAPING:
                return self._place(function.value)
            if function.attr == "values" and not node.args:
                return self._further(function.value, "{}")
            if function.attr in READING and isinstance(first, ast.Constant):
                return self._further(function.value, f"[{first.value!r}]")
            return self._further(function.value, f"{function.attr}()")
        return self._further(function, "()")

    def _further(self, node: ast.AST, step: str) -> Optional[Place]:
        place = self._place(node)
        return None if place is None else (place[0], (*place[1], step))

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        place = self._place(value)
        if isinstance(target, ast.Name):
            if place is not None:
                self._bound[target.id] = place
            else:
                self._bound.pop(target.id, None)
        elif isinstance(target, (ast.Tuple, ast.List)) and place is not None:
            self._unpack(target, place)
        elif isinstance(target, ast.Attribute) and dotted(target.value) == "self" and place is not None:
            self.read.stores[target.attr] = place

    def _unpack(self, target: Any, place: Place) -> None:
        use = self.read.uses[place[0]].at(place[1])
        for index, each in enumerate(target.elts):
            _record(use, "key", index)
            if isinstance(each, ast.Name):
                self._bound[each.id] = (place[0], (*place[1], f"[{index}]"))

    def _bind_items(self, target: ast.AST, iterated: ast.AST) -> None:
        """Binds the variables of a loop."""
        called = iterated if isinstance(iterated, ast.Call) else None
        name = dotted(called.func).rpartition(".")[2] if called is not None else ""
        pair = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        if called is not None and name == "items" and isinstance(called.func, ast.Attribute) and len(pair) == 2:  # noqa: PLR2004
            self._bind_to(pair[0], self._further(called.func.value, "<key>"))
            self._bind_to(pair[1], self._further(called.func.value, "{}"))
        elif called is not None and name == "enumerate" and called.args and len(pair) == 2:  # noqa: PLR2004
            self._bind_to(pair[1], self._further(called.args[0], "[]"))
        elif called is not None and name == "zip":
            for each, given in zip(pair, called.args):
                self._bind_to(each, self._further(given, "[]"))
        else:
            self._bind_to(target, self._further(iterated, "[]"))

    def _bind_to(self, target: ast.AST, place: Optional[Place]) -> None:
        if place is None:
            return
        if isinstance(target, ast.Name):
            self._bound[target.id] = place
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, place)

    def _pass_on(self, node: ast.Call) -> None:
        given: Dict[Union[int, str], Place] = {}
        named: List[Tuple[Union[int, str], ast.expr]] = [(each.arg, each.value) for each in node.keywords if each.arg]
        for key, value in [*enumerate(node.args), *named]:
            place = self._place(value)
            if place is not None:
                given[key] = place
        if given:
            self.read.passes.append((node, given))


def _record(use: Use, operation: str, detail: Any) -> None:
    if operation == "attribute":
        use.attributes.setdefault(detail, False)
    elif operation == "method":
        use.attributes[detail] = True
    elif operation == "compare":
        use.compared += [each for each in detail if each not in use.compared]
    elif operation in ("key", "isinstance", "named"):
        values = {"key": use.keys, "isinstance": use.classes, "named": use.named}[operation]
        values += [detail] if detail not in values else []
    else:
        use.operations.add(operation)

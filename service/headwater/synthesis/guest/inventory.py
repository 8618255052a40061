"""Lists what can be called in a module, in the order in which it stands there.

A target is one way in: a function, a constructor, a method, a property, an operator. Its `callee` is a template of the
call: `{self}` stands for the object, `{0}` and `{1}` for the operands of an operator.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import types
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from .apps import command_arguments, is_command
from .hints import hints_of
from .names import Names
from .nested import FunctionNode, as_function, nested_functions

EMPTY = inspect.Parameter.empty
OPERATORS: Mapping[str, str] = {
    "__len__": "len({self})", "__str__": "str({self})", "__repr__": "repr({self})", "__bool__": "bool({self})",
    "__iter__": "list({self})", "__int__": "int({self})", "__float__": "float({self})", "__abs__": "abs({self})",
    "__hash__": "hash({self}) == hash({self})", "__contains__": "{0} in {self}", "__getitem__": "{self}[{0}]",
    "__eq__": "{self} == {0}", "__ne__": "{self} != {0}", "__lt__": "{self} < {0}", "__le__": "{self} <= {0}",
    "__gt__": "{self} > {0}", "__ge__": "{self} >= {0}", "__add__": "{self} + {0}", "__sub__": "{self} - {0}",
    "__mul__": "{self} * {0}", "__truediv__": "{self} / {0}", "__floordiv__": "{self} // {0}",
    "__mod__": "{self} % {0}", "__pow__": "{self} ** {0}", "__and__": "{self} & {0}", "__or__": "{self} | {0}",
    "__xor__": "{self} ^ {0}", "__radd__": "{0} + {self}", "__rsub__": "{0} - {self}", "__rmul__": "{0} * {self}",
    "__neg__": "-{self}", "__pos__": "+{self}", "__invert__": "~{self}", "__setitem__": "{self}.__setitem__({0}, {1})",
    "__delitem__": "{self}.__delitem__({0})", "__getattr__": "getattr({self}, {0})", "__round__": "round({self})",
    "__next__": "next({self})", "__reversed__": "list(reversed({self}))", "__enter__": "{self}.__enter__()",
    "__exit__": "{self}.__exit__({0}, {1}, {2})", "__missing__": "{self}.__missing__({0})", "__index__": "int({self})",
    "__bytes__": "bytes({self})", "__format__": "format({self}, {0})", "__divmod__": "divmod({self}, {0})",
    "__rtruediv__": "{0} / {self}", "__rfloordiv__": "{0} // {self}", "__rmod__": "{0} % {self}",
    "__rpow__": "{0} ** {self}", "__rand__": "{0} & {self}", "__ror__": "{0} | {self}", "__rxor__": "{0} ^ {self}",
    "__lshift__": "{self} << {0}", "__rshift__": "{self} >> {0}", "__matmul__": "{self} @ {0}",
    "__iadd__": "{self}.__iadd__({0})", "__isub__": "{self}.__isub__({0})", "__ior__": "{self}.__ior__({0})",
    "__iand__": "{self}.__iand__({0})", "__imul__": "{self}.__imul__({0})",
    "__aenter__": "{self}.__aenter__()", "__aexit__": "{self}.__aexit__({0}, {1}, {2})",
    "__aiter__": "{self}.__aiter__()", "__anext__": "{self}.__anext__()",
    "__get__": "{self}.__get__({0}, {1})", "__set__": "{self}.__set__({0}, {1})", "__copy__": "{self}.__copy__()",
    "__deepcopy__": "{self}.__deepcopy__({0})", "__dir__": "dir({self})", "__getstate__": "{self}.__getstate__()",
    "__setattr__": "setattr({self}, {0}, {1})", "__delattr__": "delattr({self}, {0})",
    "__getattribute__": "getattr({self}, {0})", "__complex__": "complex({self})", "__floor__": "math.floor({self})",
    "__ceil__": "math.ceil({self})", "__trunc__": "math.trunc({self})", "__setstate__": "{self}.__setstate__({0})",
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter of a target. `how` is `positional`, `keyword`, `star` or `double`."""

    name: str
    how: str
    annotation: Any = EMPTY
    default: Any = EMPTY
    known: Tuple[str, ...] = ()
    """Expressions that are known to fit."""

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.default is EMPTY and self.how not in ("star", "double")


@dataclass(frozen=True, eq=False)
class Target:
    """One way into the module."""

    symbol: str
    style: str
    """`call`, `construct`, `property` or `operator`."""
    callee: str
    owner: str
    """The name of the class whose object it needs; empty for none."""
    parameters: Tuple[Parameter, ...]
    node: Optional[FunctionNode]
    docstring: str
    lines: Tuple[int, int]
    private: bool
    returns: Any = EMPTY
    looks: Tuple[str, ...] = ()
    """The attributes of what it returns that are worth asserting; none for all."""
    body: str = ""
    """The name of its body among the functions, where that is not the symbol."""

    @property
    def key(self) -> Tuple[str, str]:
        """Tells it from every other target of its module."""
        return self.symbol, self.callee

    @property
    def changes(self) -> bool:
        """Whether calling it may change the object, so that it is worth calling before something else."""
        return self.style == "call" or self.callee.startswith(("{self}.__", "setattr", "delattr"))


@dataclass(frozen=True)
class Inventory:
    """What a module offers."""

    targets: Tuple[Target, ...]
    functions: Mapping[str, FunctionNode] = field(default_factory=dict)
    """Every function and method by its qualified name, also those that are no targets and those within others."""
    classes: Mapping[str, type] = field(default_factory=dict)


def take_inventory(module: types.ModuleType, tree: ast.Module, names: Names) -> Inventory:
    """Lists the functions, classes and methods that the module's own statements define."""
    targets: List[Target] = []
    functions: Dict[str, FunctionNode] = {}
    classes: Dict[str, type] = {}
    for node in [*_definitions(tree.body), *_lambdas(tree.body)]:
        found = vars(module).get(node.name)
        if isinstance(node, ast.ClassDef):
            functions.update((f"{node.name}.{each.name}", each) for each in _methods(node))
            functions.update(_property_changes(node))
            if isinstance(found, type):
                classes[node.name] = found
                targets.extend(_of_class(found, node, names.own(node.name)))
        else:
            functions[node.name] = node
            if is_command(found):
                targets.append(_app(node, found, names))
            elif callable(found) and names.reaches(names.own(node.name), found):
                targets.append(target_of(node.name, "call", names.own(node.name), "", found, node))
    for name, node in [*functions.items()]:
        functions.update(nested_functions(name, node))
    return Inventory(tuple(each for each in targets if each.lines != (0, 0)), functions, classes)


def _app(node: FunctionNode, command: Any, names: Names) -> Target:
    """Returns the way into a command of click's: its command line, run by the runner that click has for tests."""
    runner = names.refer(importlib.import_module("click.testing").CliRunner)
    known = tuple(repr(each) for each in command_arguments(command))
    return Target(
        symbol=node.name,
        style="operator",
        callee=f"{runner}().invoke({names.own(node.name)}, {{0}}, catch_exceptions=False)",
        owner="",
        parameters=(Parameter("args", "positional", List[str], known=known),),
        node=node,
        docstring="",
        lines=(node.lineno, node.end_lineno or node.lineno),
        private=node.name.startswith("_"),
        looks=("exit_code", "output"),
    )


def constructor_of(cls: type, name: str) -> Optional[Target]:
    """Returns the constructor of a class of another module; None where Python cannot tell its signature."""
    parameters = _parameters(cls, bound=False)
    if parameters is None:
        return None
    return Target(name, "construct", name, "", parameters, None, inspect.getdoc(cls) or "", (0, 0), private=False)


def bound_names(tree: ast.Module) -> Set[str]:
    """Names that the module's own statements define or assign; what it imports is not among them."""
    found: Set[str] = {node.name for node in _definitions(tree.body)}
    for node in _statements(tree.body):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found.update(each.id for each in targets if isinstance(each, ast.Name))
    return found


def _statements(body: List[ast.stmt]) -> Iterator[ast.stmt]:
    """Yields statements at module level, also those under `if`, `try` and `with`."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            for name in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, name, []))
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)


def _definitions(body: List[ast.stmt]) -> Iterator[Any]:
    seen: Set[str] = set()
    for node in _statements(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name not in seen:
            seen.add(node.name)
            yield node


def _lambdas(body: List[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """Yields a definition for each lambda that is bound to a name: `double = lambda x: x * 2`."""
    for node in _statements(body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Lambda):
            yield as_function(value, target.id)


def _methods(node: ast.ClassDef) -> Iterator[FunctionNode]:
    seen: Set[str] = set()
    for each in _statements(node.body):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and each.name not in seen:
            seen.add(each.name)
            yield each


def _of_class(cls: type, node: ast.ClassDef, name: str) -> Iterator[Target]:
    """Yields the constructor first, since the methods need what it makes."""
    constructor = next((each for each in _methods(node) if each.name in ("__init__", "__new__")), None)
    made = not (inspect.isabstract(cls) or issubclass(cls, enum.Enum) or getattr(cls, "_is_protocol", False))
    if made:
        yield target_of(node.name, "construct", name, "", cls, constructor, node)
    for each in _methods(node):
        symbol = f"{node.name}.{each.name}"
        static = inspect.getattr_static(cls, each.name, None)
        if each.name.startswith("__") and each.name.endswith("__"):
            template = OPERATORS.get(each.name, "{self}()" if each.name == "__call__" else "")
            style = "call" if each.name == "__call__" else "operator"
            if template:
                yield target_of(symbol, style, template.replace("()", "") if style == "call" else template,
                              node.name, static, each, bound=True)  # fmt: skip
        elif isinstance(static, property) or type(static).__name__ == "cached_property":
            function = getattr(static, "fget", None) or getattr(static, "func", None)
            yield target_of(symbol, "property", f"{{self}}.{each.name}", node.name, function, each, bound=True)
            yield from _changers(node, each.name, static)
        elif isinstance(static, (staticmethod, classmethod)):
            yield target_of(symbol, "call", f"{name}.{each.name}", "", getattr(cls, each.name), each)
        elif callable(static):
            yield target_of(symbol, "call", f"{{self}}.{each.name}", node.name, static, each, bound=True)


def _property_changes(node: ast.ClassDef) -> Iterator[Tuple[str, FunctionNode]]:
    """Yields the bodies of setters and deleters by their names."""
    for each in node.body:
        for kind in ("setter", "deleter"):
            if isinstance(each, ast.FunctionDef) and _is_decorated(each, f"{each.name}.{kind}"):
                yield f"{node.name}.{each.name}.{kind}", each


def _changers(node: ast.ClassDef, name: str, static: Any) -> Iterator[Target]:
    """Yields the setter and the deleter of a property."""
    templates = {"setter": f"setattr({{self}}, {name!r}, {{0}})", "deleter": f"delattr({{self}}, {name!r})"}
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == name:
            kind = next((kind for kind in templates if _is_decorated(each, f"{name}.{kind}")), "")
            function = getattr(static, {"setter": "fset", "deleter": "fdel"}.get(kind, ""), None)
            if function is not None:
                yield replace(
                    target_of(
                        f"{node.name}.{name}", "operator", templates[kind], node.name, function, each, bound=True
                    ),
                    body=f"{node.name}.{name}.{kind}",
                )


def _is_decorated(node: ast.FunctionDef, text: str) -> bool:
    return any(ast.unparse(each) == text for each in node.decorator_list)


def target_of(  # noqa: PLR0917 — the parts of one value
    symbol: str,
    style: str,
    callee: str,
    owner: str,
    function: Any,
    node: Optional[FunctionNode],
    place: Optional[ast.AST] = None,
    *,
    bound: bool = False,
) -> Target:
    """Makes a target of what is called; `place` says where it stands if it has no body of its own."""
    where: Any = node or place
    parameters = _parameters(function, bound=bound)
    last = symbol.rpartition(".")[2]
    return Target(
        symbol=symbol,
        style=style,
        callee=callee,
        owner=owner,
        parameters=parameters or (),
        node=node,
        docstring=inspect.getdoc(function) or "",
        lines=(0, 0) if parameters is None else (where.lineno, where.end_lineno),
        private=any(part.startswith("_") for part in symbol.split(".")) and not last.endswith("__"),
        returns=hints_of(function).get("return", EMPTY),
    )


def _parameters(function: Any, *, bound: bool) -> Optional[Tuple[Parameter, ...]]:
    """Reads a signature; None where Python cannot tell it."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    hints = hints_of(function)
    how = {
        inspect.Parameter.KEYWORD_ONLY: "keyword",
        inspect.Parameter.VAR_POSITIONAL: "star",
        inspect.Parameter.VAR_KEYWORD: "double",
    }
    found = [
        Parameter(each.name, how.get(each.kind, "positional"), hints.get(each.name, each.annotation), each.default)
        for each in signature.parameters.values()
    ]
    return tuple(found[1:] if bound else found)


def gives_back(node: Optional[FunctionNode]) -> bool:
    """Whether a function returns something other than None in some case, so that None says something too."""
    waiting: List[ast.AST] = list(node.body) if node is not None else []
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Return) and not (each.value is None or getattr(each.value, "value", "") is None):
            return True
        if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(each)
    return False

"""Says how an object is called in the text of a test, and evaluates such text.

Every input and every expected value of a test is an expression: text that a reader sees and that builds a fresh object
whenever it is evaluated. What such text may mention stands in one scope: the module's own names bare, the standard
library by module (`datetime.date`), classes of other modules bare once they were met.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import sys
import types
from functools import lru_cache
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Set, Tuple

STANDARD = (
    "asyncio", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "io",
    "itertools", "json", "math", "operator", "pathlib", "re", "string", "types", "typing", "uuid",
)  # fmt: skip
MAKERS = ("dataclasses.make_dataclass", "enum.Enum", "typing.NewType")
"""What expressions make classes with."""
RESERVED = frozenset({"pytest", "tmp_path", "capsys", "result", "expected", "self"})


class Names:
    """The scope in which the expressions of one module's tests are evaluated."""

    def __init__(self, module: types.ModuleType, bound: Set[str]) -> None:
        """Takes the module under test and the names that its own statements bind."""
        self._scope: Dict[str, Any] = {"__builtins__": builtins}
        self._origin: Dict[str, Tuple[str, str]] = {}
        self._by_id: Dict[int, str] = {}
        self._recalled: Dict[Tuple[str, int], Any] = {}
        self._package = module.__name__.partition(".")[0]
        for name in sorted(bound):
            if hasattr(module, name) and not (name.startswith("__") and name.endswith("__")):
                self._add(self._import_name(name), module.__name__, name, getattr(module, name))
        for name in STANDARD:
            if name not in self._scope:
                self._add(name, name, "", importlib.import_module(name))

        if "mock" not in self._scope:
            self._add("mock", "unittest", "mock", importlib.import_module("unittest.mock"))

    @property
    def origins(self) -> Mapping[str, Tuple[str, str]]:
        """Where each name comes from: (module, attribute), the attribute empty for a module itself."""
        return self._origin

    def own(self, attribute: str) -> str:
        """Returns the name under which an attribute of the module under test stands in tests."""
        return self._import_name(attribute)

    def refer(self, value: Any) -> Optional[str]:
        """Returns an expression for a class, function or module-level object; None if it cannot be named."""
        known = self._by_id.get(id(value))
        if known is not None and self._scope[known] is value:
            return known
        name = getattr(value, "__qualname__", None)
        home = getattr(value, "__module__", None)
        if not isinstance(name, str) or not isinstance(home, str) or "<" in name:
            return None
        if getattr(builtins, name, None) is value:
            return None if name in self._scope else name
        head, _, rest = name.partition(".")
        if head not in self._scope and home not in STANDARD:
            self._meet(home, head)
        for candidate in (name, f"{home}.{name}"):
            if self.reaches(candidate, value):
                return candidate
        return self._import_name(head) + (f".{rest}" if rest else "") if self._is_own(head, rest, value) else None

    def reaches(self, text: str, value: Any) -> bool:
        """Whether dotted text leads to the very object."""
        head, *rest = text.split(".")
        found = self._scope.get(head, self)
        for part in rest:
            found = getattr(found, part, self)
        return found is value

    def evaluate(self, text: str, local: Optional[Dict[str, Any]] = None) -> Any:
        """Evaluates an expression: a fresh object each time."""
        return eval(_compiled(text), self._scope, local if local is not None else {})  # noqa: S307 — runs inside the sandbox

    def recall(self, text: str, local: Dict[str, Any], place: int) -> Any:
        """Evaluates an expression like `evaluate`, but makes each class that it makes up once for each place.

        Making a class takes longer than most calls. Who asks what a call truly does must not ask like this: code may
        keep something about a class from call to call.
        """
        code = self._recalled.get((text, place))
        if code is None:
            code = self._recalled[text, place] = self._with_classes(text, place)
        return eval(code, self._scope, local)  # noqa: S307 — runs inside the sandbox

    def _with_classes(self, text: str, place: int) -> Any:
        """Compiles an expression with its classes made."""
        if not any(f"{maker}(" in text for maker in MAKERS):
            return _compiled(text)
        made = _ClassesMade(lambda ordinal, source: self._made(source, place, ordinal))
        return compile(ast.fix_missing_locations(made.visit(ast.parse(text, mode="eval"))), "<expression>", "eval")

    def _made(self, text: str, place: int, ordinal: int) -> str:
        """Returns the name in the scope of a class that is made up; two at different places are different classes."""
        name = f"{text} at {place}.{ordinal}"  # no identifier, so that no expression can mean it
        if name not in self._scope:
            self._scope[name] = self.evaluate(text)
        return name

    def _is_own(self, head: str, rest: str, value: Any) -> bool:
        alias = self._import_name(head)
        return alias in self._scope and self.reaches(f"{alias}.{rest}" if rest else alias, value)

    def _meet(self, home: str, name: str) -> None:
        """Takes in a public name of another module that the code under test returned or asked for."""
        found = getattr(sys.modules.get(home), name, None)
        if found is None or name.startswith("_") or home in {"builtins", "__main__"} or hasattr(builtins, name):
            return
        place = next((each for each in self._homes(home) if getattr(sys.modules.get(each), name, None) is found), "")
        if place:
            self._add(self._import_name(name), place, name, found)

    def _homes(self, home: str) -> Iterator[str]:
        """Yields the modules from which a test may import what a module defines, the best first."""
        parts = home.split(".")
        if not any(part.startswith("_") for part in parts):
            yield home
        ancestors = (".".join(parts[:size]) for size in range(len(parts) - 1, 0, -1))
        yield from (each for each in ancestors if not any(part.startswith("_") for part in each.split(".")))
        if parts[0] == self._package:
            yield home  # a private module beside the one under test

    def _add(self, name: str, home: str, attribute: str, value: Any) -> None:
        self._scope[name] = value
        self._origin[name] = (home, attribute)
        if isinstance(value, (type, types.FunctionType)) or callable(value):
            self._by_id.setdefault(id(value), name)

    @staticmethod
    def _import_name(name: str) -> str:
        """Renames what pytest would collect, or what a test uses for itself."""
        return f"{name}_" if name.lower().startswith("test") or name in RESERVED else name


@lru_cache(maxsize=20000)
def _compiled(text: str) -> Any:
    return compile(text, "<expression>", "eval")


class _ClassesMade(ast.NodeTransformer):
    """Puts the name of a class that is made in the place of the call that makes it."""

    def __init__(self, name_of: Callable[[int, str], str]) -> None:
        self._name_of = name_of
        self._count = 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node.func) not in MAKERS or any(isinstance(each, ast.Lambda) for each in ast.walk(node)):
            return self.generic_visit(node)
        self._count += 1
        return ast.Name(self._name_of(self._count, ast.unparse(node)), ast.Load())

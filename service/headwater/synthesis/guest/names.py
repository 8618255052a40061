"""Says how an object is called in the text of a test, and evaluates such text.

Every input and every expected value of a test is an expression: text that a reader sees and that builds a fresh object
whenever it is evaluated. What such text may mention stands in one scope: the module's own names bare, the standard
library by module (`datetime.date`), classes of other modules bare once they were met.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import types
from functools import lru_cache
from typing import Any, Dict, Mapping, Optional, Set, Tuple

STANDARD = (
    "asyncio", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "io",
    "itertools", "json", "math", "operator", "pathlib", "re", "string", "types", "typing", "uuid",
)  # fmt: skip
RESERVED = frozenset({"pytest", "tmp_path", "capsys", "result", "expected", "self"})


class Names:
    """The scope in which the expressions of one module's tests are evaluated."""

    def __init__(self, module: types.ModuleType, bound: Set[str]) -> None:
        """Takes the module under test and the names that its own statements bind."""
        self._scope: Dict[str, Any] = {"__builtins__": builtins}
        self._origin: Dict[str, Tuple[str, str]] = {}
        self._by_id: Dict[int, str] = {}
        for name in sorted(bound):
            if hasattr(module, name) and not (name.startswith("__") and name.endswith("__")):
                self._add(self._import_name(name), module.__name__, name, getattr(module, name))
        for name in STANDARD:
            if name not in self._scope:
                self._add(name, name, "", importlib.import_module(name))

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

    def _is_own(self, head: str, rest: str, value: Any) -> bool:
        alias = self._import_name(head)
        return alias in self._scope and self.reaches(f"{alias}.{rest}" if rest else alias, value)

    def _meet(self, home: str, name: str) -> None:
        """Takes in a public name of another module that the code under test returned or asked for."""
        found = getattr(sys.modules.get(home), name, None)
        private = name.startswith("_") or any(part.startswith("_") for part in home.split("."))
        if found is not None and not private and home not in {"builtins", "__main__"} and not hasattr(builtins, name):
            self._add(self._import_name(name), home, name, found)

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

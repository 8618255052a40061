"""Makes small changes of the module under test take effect in this process, and undoes them.

What may be changed into what is known to the guest that judges tests by such changes; its catalogue is borrowed, so
that both mean the same.
"""

# The catalogue is loaded by its path: its types are not known here, nor are those of strangers' functions.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import importlib
import importlib.util
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, FrozenSet, Generator, Iterator, List, Mapping, Sequence, Tuple

Swap = Sequence[Tuple[Any, str, Any]]
"""Functions, and what each of their attributes becomes."""
CACHED = type(functools.lru_cache(lambda: None))


@dataclass(frozen=True)
class Change:
    """A small change of a function: what takes its place, and the statements that run it."""

    swap: Swap
    lines: FrozenSet[int]


class Changes:
    """The changes of one module that can take effect without importing it anew."""

    def __init__(
        self,
        catalogue: str,
        tree: ast.Module,
        filename: str,
        first_lines: Mapping[int, int],
    ) -> None:
        """Takes the folder of the catalogue, the module's tree and file, and the first line of each statement."""
        self._sites, units = _borrowed(catalogue)
        self._tree = tree
        self._first_lines = first_lines
        self._units = units.Units(tree, filename)
        self._put = units.put
        self._caches = [each for each in gc.get_objects() if type(each) is CACHED and _home(each) == filename]

    def by_function(self) -> List[List[Any]]:
        """Returns what can be changed in each function, in the order of the text, the most telling first."""
        found: Dict[str, List[Any]] = {}
        for each in self._sites.find(self._tree):
            found.setdefault(each.scope, []).append(each)
        return [list(self._sites.spread(each)) for scope, each in found.items() if scope]

    def lines(self, mutant: Any) -> FrozenSet[int]:
        """Returns the statements that run what is changed: all of the body, where it is a default."""
        if mutant.default is not None:
            return frozenset(each.lineno for each in mutant.default.function.body)
        return frozenset({self._first_lines.get(mutant.line, mutant.line)})

    def prepared(self, mutants: Sequence[Any]) -> Iterator[Change]:
        """Yields the changes that are none twice, and that take effect in what lives here."""
        for mutant in mutants:
            code = self._units.compiled(mutant)
            swap = self._units.swap(mutant, code) if code is not None else None
            if swap:
                yield Change(swap, self.lines(mutant))

    @contextlib.contextmanager
    def applied(self, change: Change) -> Generator[None, None, None]:
        """Has a change take effect meanwhile."""
        before = [(function, name, getattr(function, name)) for function, name, _ in change.swap]
        self._forget()
        self._put(change.swap)
        try:
            yield
        finally:
            self._put(before)
            self._forget()

    def _forget(self) -> None:
        """Empties the caches of the module: what they hold was worked out before a change."""
        for each in self._caches:
            each.cache_clear()


def _home(cached: Any) -> str:
    """Returns the file of the function behind a cache."""
    code = getattr(getattr(cached, "__wrapped__", None), "__code__", None)
    return str(getattr(code, "co_filename", ""))


def _borrowed(folder: str) -> Tuple[types.ModuleType, types.ModuleType]:
    """Loads what knows the places of changes and what puts them in, unless it is there already."""
    name = f"_headwater_guest_{Path(folder).name}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, f"{folder}/__init__.py", submodule_search_locations=[folder]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{folder} is no package")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return importlib.import_module(f"{name}.mutants.sites"), importlib.import_module(f"{name}.mutants.units")

"""Puts mutated code into the functions that live in this process."""

from __future__ import annotations
import __future__

import ast
import copy
import functools
import gc
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from .sites import Default, Mutant, Unit

Swap = list[tuple[FunctionType, str, Any]]
"""Functions, and what each of their attributes becomes."""

_Cached = type(functools.lru_cache(lambda: None))
_Key = tuple[str, int]
"""A code's name and first line."""
_Part = tuple[Unit, "Default | None"]


class Units:
    """Compiles mutants of one module by the smallest part that stands alone, and finds the functions that run it.

    A function is found wherever it lives, in a class, a property, behind decorators or as a closure: the collector of
    garbage knows every function of the process.
    """

    def __init__(self, tree: ast.Module, filename: str) -> None:
        """Looks for the functions now, and has caches around them forget what the import left there."""
        self.tree, self.filename = tree, filename
        self._flags = _future_flags(tree)
        self._live: dict[_Key, list[FunctionType]] = defaultdict(list)
        gc.unfreeze()  # What is frozen is not listed.
        for each in gc.get_objects():
            if type(each) is FunctionType and each.__code__.co_filename == filename:
                self._live[_key(each.__code__)].append(each)
            elif type(each) is _Cached:
                _forget(each, filename)
        gc.freeze()
        self._originals: dict[_Part, CodeType] = {}
        self._seen: dict[_Part, set[CodeType]] = defaultdict(set)

    def compiled(self, mutant: Mutant) -> CodeType | None:
        """Returns the code of the mutant's part of the module; None where it is no code, or no new one."""
        part = mutant.unit, mutant.default
        original = self._original(mutant)
        try:
            with mutant.applied():
                code = self._compile(*part)
        except (SyntaxError, ValueError, TypeError, RecursionError):  # Such as a pattern that may not be an expression.
            return None
        seen = self._seen[part]
        if code == original or code in seen:
            return None
        seen.add(code)
        return code

    def swap(self, mutant: Mutant, code: CodeType) -> Swap | None:
        """Returns what to change in which functions; None where that would not have the mutant's effect."""
        if mutant.default is not None:
            return self._default_swap(mutant)
        if not isinstance(mutant.unit.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        before, after = _codes(self._original(mutant)), _codes(code)
        swap: Swap = []
        for key, olds in before.items():
            for function in self._live.get(key, ()):
                news = after.get(key, ())
                if len(olds) != 1 or len(news) != 1 or olds[0].co_freevars != news[0].co_freevars:
                    return None
                swap.append((function, "__code__", news[0]))
        return swap or None

    def whole(self) -> CodeType:
        """Returns the code of the module as its tree is now."""
        return compile(self.tree, self.filename, "exec", dont_inherit=True)

    def _default_swap(self, mutant: Mutant) -> Swap | None:
        """Returns the change of a default that is a literal; another is worked out where the module is run."""
        default = mutant.default
        assert default is not None
        try:
            with mutant.applied():
                value = ast.literal_eval(default.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return None
        functions = self._live.get(_key_of(default.function), ())
        arguments = default.function.args
        swap: Swap = []
        for function in functions:
            if default.field == "defaults":
                values = list(function.__defaults__ or ())
                values[default.index : default.index + 1] = [value]
                swap.append((function, "__defaults__", tuple(values)))
            else:
                name = arguments.kwonlyargs[default.index].arg
                swap.append((function, "__kwdefaults__", {**(function.__kwdefaults__ or {}), name: value}))
        return swap or None

    def _original(self, mutant: Mutant) -> CodeType:
        part = mutant.unit, mutant.default
        if part not in self._originals:
            self._originals[part] = self._compile(*part)
        return self._originals[part]

    def _compile(self, unit: Unit, default: Default | None) -> CodeType:
        if default is not None:
            whole: Any = ast.Expression(body=default.value)
            return compile(whole, self.filename, "eval", flags=self._flags, dont_inherit=True)
        node: Any = unit.node
        for outer in reversed(unit.classes):
            shell = copy.copy(outer)
            shell.body, shell.decorator_list = [node], []
            node = shell
        whole = ast.Module(body=[node], type_ignores=[])
        return compile(whole, self.filename, "exec", flags=self._flags, dont_inherit=True)


def put(swap: Swap) -> None:
    """Has the functions run the mutant."""
    for function, attribute, value in swap:
        setattr(function, attribute, value)


def _key(code: CodeType) -> _Key:
    return code.co_name, code.co_firstlineno


def _key_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> _Key:
    """Returns a function's key: its code begins with its first decorator."""
    return function.name, min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _codes(code: CodeType) -> dict[_Key, list[CodeType]]:
    """Returns all code inside a code, by name and line."""
    found: dict[_Key, list[CodeType]] = defaultdict(list)
    pending = [code]
    while pending:
        for each in _inside(pending.pop()):
            found[_key(each)].append(each)
            pending.append(each)
    return found


def _inside(code: CodeType) -> Iterator[CodeType]:
    return (each for each in code.co_consts if isinstance(each, CodeType))


def _forget(cached: Any, filename: str) -> None:
    """Empties a cache around a function of the module: a fresh import would have found it empty."""
    code = getattr(getattr(cached, "__wrapped__", None), "__code__", None)
    if code is not None and code.co_filename == filename:
        cached.cache_clear()


def _future_flags(tree: ast.Module) -> int:
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags

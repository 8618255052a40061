"""Makes targets of what calls hand out to be called in turn: inner functions, what hangs on them, context managers.

The object of such a target is the call that handed it out, so that a test reads `retry(3)(fetch)("a")`.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import contextlib
import types
from dataclasses import replace
from typing import Any, Dict, Iterator, List, Set, Tuple

from .calls import Call, Played, act_text
from .inventory import Inventory, Target, target_of
from .nested import NAMELESS, FunctionNode
from .remembered import Remembered

ENTERING = "{self}.__enter__()"
LEAVING = ("{self}.__exit__(None, None, None)", "{self}.__exit__(ValueError, ValueError(), None)")
"""How a context is left: as if nothing had happened, and as if something had gone wrong in it."""
LONGEST = 320
"""A longer expression for what is called is past reading."""


class HandedOut:
    """Knows what calls of one module have handed out, and by which expressions."""

    def __init__(self, filename: str, inventory: Inventory, size: int) -> None:
        """Takes the module's file, its functions, and how many expressions for one thing are remembered."""
        self._filename = filename
        self._symbols = {(_first_line(node), node.name): symbol for symbol, node in inventory.functions.items()}
        self._functions = inventory.functions
        self._own = {each.symbol for each in inventory.targets}
        self._size = size
        self._made: Dict[str, Remembered] = {}
        self._first: Dict[Tuple[str, str], Tuple[str, ...]] = {}
        self._known: Set[Tuple[str, str]] = set()

    def of(self, owner: str) -> List[str]:
        """Returns the expressions that hand out what a target is called on."""
        return self._made[owner].texts() if owner in self._made else []

    def take(self, call: Call, played: Played, *, telling: bool) -> List[Target]:
        """Remembers what a call returned; returns what can be called of it and was not known.

        Of `telling` calls more are remembered of one form.
        """
        if played.error is not None or call.before or played.wrap or call.looped:
            return []
        text = act_text(call, call.receiver, list(call.args))
        found = list(self._targets(call.target, played.value)) if len(text) <= LONGEST else []
        for each in found:
            known = self._made.setdefault(each.owner, Remembered(self._size))
            known.keep(text, self._form(call), twice=telling)
        fresh = [each for each in found if each.key not in self._known]
        self._known.update(each.key for each in fresh)
        return fresh

    def _form(self, call: Call) -> str:
        """Tells calls apart by what they give, and by where they differ from the first of their target."""
        first = self._first.setdefault(call.target.key, call.args)
        given = [f"{each.name}{'' if text == plain else '!'}"
                 for each, text, plain in zip(call.target.parameters, call.args, first) if text]  # fmt: skip
        return f"{call.target.symbol}: {' '.join(given)}"

    def kept_by(self, value: Any) -> Iterator[Tuple[int, int]]:
        """Yields the lines of the module's functions that an object keeps, or that those keep in turn."""
        waiting, seen = list(_parts(value)), {id(value)}
        while waiting:
            part = waiting.pop()
            symbol = self._symbol_of(part)
            if symbol and id(part) not in seen:
                seen.add(id(part))
                yield self._functions[symbol].lineno, self._functions[symbol].end_lineno or 0
                waiting += _parts(part)

    def _targets(self, maker: Target, value: Any) -> Iterator[Target]:
        """Yields what can be called of a value that a call of the module returned."""
        symbol = self._symbol_of(value)
        if symbol and symbol != maker.symbol and symbol not in self._own:
            yield self._target(symbol, symbol, "{self}", value)
            for name, part in vars(value).items():
                other = self._symbol_of(part)
                if other and name != "__wrapped__":
                    yield self._target(other, symbol, f"{{self}}.{name}", part)
        elif self._is_context(value) and maker.node is not None:
            for callee in (ENTERING, *LEAVING):
                name = callee.removeprefix("{self}.").partition("(")[0]
                target = target_of(f"{maker.symbol}.{name}", "operator", callee, maker.symbol, dict, maker.node)
                yield replace(target, parameters=(), docstring="", body=maker.body or maker.symbol)

    def _target(self, symbol: str, owner: str, callee: str, function: types.FunctionType) -> Target:
        return target_of(symbol, "call", callee, owner, _bare(function), self._functions[symbol])

    def _symbol_of(self, value: Any) -> str:
        """Returns the symbol of a function of the module; empty for anything else."""
        code = value.__code__ if isinstance(value, types.FunctionType) else None
        if code is None or code.co_filename != self._filename:
            return ""
        return self._symbols.get((code.co_firstlineno, code.co_name.replace("<lambda>", NAMELESS)), "")

    def _is_context(self, value: Any) -> bool:
        """Whether a value is a context that a generator of the module makes."""
        if not isinstance(value, contextlib.AbstractContextManager):
            return False
        code = getattr(getattr(value, "gen", None), "gi_code", None)
        return isinstance(code, types.CodeType) and code.co_filename == self._filename


def _first_line(node: FunctionNode) -> int:
    """Returns the line on which a function begins for the interpreter: that of its first decorator."""
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _parts(value: Any) -> Iterator[Any]:
    """Yields what an object or a function keeps: attributes, and what an inner function has of the outer."""
    kept = getattr(value, "__dict__", None)
    yield from kept.values() if type(kept) is dict else ()
    for cell in (value.__closure__ or ()) if isinstance(value, types.FunctionType) else ():
        with contextlib.suppress(ValueError):  # it is still empty
            yield cell.cell_contents


def _bare(function: types.FunctionType) -> types.FunctionType:
    """Returns a function without what it took over from another that it wraps: its own parameters count."""
    bare = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    bare.__kwdefaults__ = function.__kwdefaults__
    if not hasattr(function, "__wrapped__"):
        bare.__annotations__, bare.__doc__ = function.__annotations__, function.__doc__
    return bare

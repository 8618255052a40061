"""Makes objects: by what calls have shown to work, by constructors, by subclasses of what cannot be made itself."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import ast
import collections.abc
import inspect
import itertools
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from ..inventory import Inventory, Parameter, Target, constructor_of
from ..names import Names
from ..remembered import Remembered

Pool = Callable[[Parameter, Target, int], List[str]]
DEEPEST = 2
"""How many constructors may stand in one another; deeper objects are past reading."""
VARIANTS = 3
"""In how many ways an object is made before anything is known of it."""
OPTIONS = 2
"""How many values of each optional parameter are tried."""
CONTENTS: Mapping[type, Sequence[str]] = {
    collections.abc.Mapping: ('{"a": "abc"}', "{}", '{"a": 1, "b": None}'),
    list: ("[1, 2, 3]", "[]", '["a", "b"]'),
    tuple: ("(1, 2)", "()"),
    set: ("{1, 2}", "set()"),
    str: ('"abc"', '""'),
    bytes: ('b"abc"', 'b""'),
    int: ("1", "0", "-1"),
    float: ("1.5", "0.0"),
    BaseException: ('"abc"',),
}
"""What a subclass of a built-in class is made of."""


class Objects:
    """Knows how objects of every class can be made."""

    def __init__(self, names: Names, inventory: Inventory, size: int) -> None:
        """Takes the scope, the classes of the module, and how many expressions of one class are remembered."""
        self._names = names
        self._inventory = inventory
        self._size = size
        self._made: Dict[str, Remembered] = {}
        self._constructors: Dict[str, Optional[Target]] = {}
        self._plain: Dict[type, List[str]] = {}

    def keep(self, kind: str, text: str, form: str) -> None:
        """Remembers an expression that makes an object of a class; `form` says which parameters it gives."""
        known = self._made.setdefault(kind, Remembered(self._size))
        first = known.first(form)
        known.keep(text, form, twice=first is not None and _differs_throughout(text, first))

    def of(self, cls: type, depth: int, pool: Pool) -> List[str]:
        """Returns expressions that make objects of a class: known ones, else calls of its constructor."""
        known = [text for made, each in self._made.items() if self._is_kind(made, cls) for text in each.texts()]
        plainest = self._plainest(cls, depth, pool)
        known.sort(
            key=lambda text: (
                "tmp_path" in text,
                self.constructor(text.partition("(")[0]) is None,
                plainest.index(text) if text in plainest else len(plainest),
            )
        )
        return known or list(dict.fromkeys(self._constructions(cls, depth, pool)))

    def _plainest(self, cls: type, depth: int, pool: Pool) -> List[str]:
        """Returns how somebody would make an object of a class: with plain values, and once more with others."""
        if cls not in self._plain:
            self._plain[cls] = []  # should a class ask for itself
            self._plain[cls] = list(itertools.islice(self._constructions(cls, depth, pool), VARIANTS))
        return self._plain[cls]

    def constructor(self, name: str) -> Optional[Target]:
        """Returns the constructor of the class that a name stands for."""
        if name not in self._constructors:
            own = (each for each in self._inventory.targets if each.callee == name and each.style == "construct")
            found = next(own, None)
            if found is None:
                named = all(part.isidentifier() for part in name.split("."))
                try:
                    cls = self._names.evaluate(name) if named else None
                except (NameError, AttributeError, SyntaxError):
                    cls = None
                found = constructor_of(cls, name) if isinstance(cls, type) else None
            self._constructors[name] = found
        return self._constructors[name]

    def _is_kind(self, name: str, cls: type) -> bool:
        found = self._names.evaluate(name)
        try:
            return isinstance(found, type) and issubclass(found, cls)
        except TypeError:
            return False  # A protocol that cannot be asked at run time.

    def _constructions(self, cls: type, depth: int, pool: Pool) -> Iterator[str]:
        if depth > DEEPEST:
            return
        if inspect.isabstract(cls) or getattr(cls, "_is_protocol", False):
            for each in self._concrete(cls):
                yield from self._constructions(each, depth, pool)
            return
        name = self._names.refer(cls)
        if name is None:
            return
        target = self.constructor(name)
        if target is not None and any(each.how == "positional" for each in target.parameters):
            yield from self._calls(target, name, depth, pool)
        contents = next((texts for kind, texts in CONTENTS.items() if issubclass(cls, kind)), ())
        yield from (f"{name}({text})" for text in contents)
        if target is not None or contents:
            yield f"{name}()"

    def _concrete(self, cls: type) -> List[type]:
        """Returns classes that stand for one that cannot be made: those of the module first."""
        own: List[type] = [each for each in self._inventory.classes.values() if cls in each.__mro__[1:]]
        others: List[type] = [] if getattr(cls, "_is_protocol", False) else list(cls.__subclasses__())
        return [each for each in dict.fromkeys([*own, *others]) if not inspect.isabstract(each)][:VARIANTS]

    def _calls(self, target: Target, name: str, depth: int, pool: Pool) -> Iterator[str]:
        """Yields calls with what must be given, then each option in turn."""
        required = [each for each in target.parameters if each.required]
        pools: List[List[str]] = [pool(each, target, depth + 1)[:VARIANTS] or ["None"] for each in required]
        plain: Dict[str, Any] = {}
        for index in range(max((len(each) for each in pools), default=1)):
            texts = {each.name: some[min(index, len(some) - 1)] for each, some in zip(required, pools)}
            plain = plain or texts
            yield construction(target, name, texts)
        for each in target.parameters if depth == 0 else ():
            if not each.required and each.how in ("positional", "keyword"):
                for text in pool(each, target, depth + 1)[:OPTIONS]:
                    yield construction(target, name, {**plain, each.name: text})


def _differs_throughout(text: str, other: str) -> bool:
    """Whether two calls have no argument in common."""
    made, known = (ast.parse(each, mode="eval").body for each in (text, other))
    if not isinstance(made, ast.Call) or not isinstance(known, ast.Call):
        return False
    mine, theirs = ([*each.args, *[named.value for named in each.keywords]] for each in (made, known))
    return all(ast.dump(one) != ast.dump(two) for one, two in zip(mine, theirs))


def construction(target: Target, name: str, given: Mapping[str, str]) -> str:
    """Writes a constructor's call, its arguments by name from the first that is left out."""
    parts: List[str] = []
    skipped = False
    for each in target.parameters:
        if each.name not in given:
            skipped = skipped or each.how == "positional"
        elif each.how == "keyword" or skipped:
            parts.append(f"{each.name}={given[each.name]}")
        else:
            parts.append(given[each.name])
    return f"{name}({', '.join(parts)})"

"""Finds arguments: for each parameter a pool of expressions, the most telling first.

One source of inputs is one function in `SOURCES`: it is given the parameter with all that is known of it, and yields
expressions. To add a source is to add a function.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Sequence

from ..expressions import Expressions
from ..inventory import EMPTY, Inventory, Parameter, Target
from ..mining import Mined, Mining, Use
from ..names import Names
from .annotations import from_annotation
from .boundaries import by_name, numbers_around, paths, texts_from
from .usage import from_use

RECORDS = tuple(
    f'dataclasses.make_dataclass("Sample", [("name", {kind})])'
    for kind in ("int", "str", "typing.Optional[int]", "typing.List[int]", "typing.Dict[str, int]", "typing.Any")
)
"""Classes for functions that take classes apart."""


@dataclass
class Larder:
    """All that sources may draw from: what is known of the module, and what calls have brought in so far."""

    names: Names
    expressions: Expressions
    inventory: Inventory
    mining: Mining
    pool_size: int
    made: Dict[str, List[str]] = field(default_factory=dict)
    """Expressions that are known to make an object, by the name of its class."""
    repairs: Dict[str, List[str]] = field(default_factory=dict)
    """Expressions that an error message asked for, by `symbol parameter`."""

    def keep(self, kind: str, text: str) -> None:
        """Remembers an expression that makes an object of a class."""
        known = self.made.setdefault(kind, [])
        if text not in known and len(known) < self.pool_size:
            known.append(text)

    def objects(self, cls: type, depth: int) -> List[str]:
        """Returns expressions that make objects of a class: known ones, else calls of its constructor."""
        name = self.names.refer(cls)
        if name is None:
            return []
        known = [text for made, texts in self.made.items() if self._is_kind(made, cls) for text in texts]
        return known or list(self._constructions(cls, name, depth))

    def _is_kind(self, name: str, cls: type) -> bool:
        found = self.names.evaluate(name)
        return isinstance(found, type) and issubclass(found, cls)

    def _constructions(self, cls: type, name: str, depth: int) -> Iterator[str]:
        if depth > 2 or inspect.isabstract(cls):  # noqa: PLR2004 — deeper objects are past reading
            return
        target = next(
            (each for each in self.inventory.targets if each.symbol == name and each.style == "construct"), None
        )
        if target is None:
            return
        required = [each for each in target.parameters if each.required]
        pools = [pool(self, each, target, depth + 1)[:3] or ["None"] for each in required]
        for index in range(max((len(each) for each in pools), default=1)):
            texts = [each[min(index, len(each) - 1)] for each in pools]
            parts = [f"{each.name}={text}" if each.how == "keyword" else text for each, text in zip(required, texts)]
            yield f"{name}({', '.join(parts)})"


@dataclass(frozen=True)
class Wanted:
    """A parameter with all that is known of it."""

    parameter: Parameter
    target: Target
    use: Use
    mined: Mined
    larder: Larder
    depth: int


def pool(larder: Larder, parameter: Parameter, target: Target, depth: int = 0) -> List[str]:
    """Returns expressions for one parameter, at most as many as the larder allows."""
    mined = larder.mining.of(target)
    wanted = Wanted(parameter, target, mined.uses.get(parameter.name, Use()), mined, larder, depth)
    found: Dict[str, None] = {}
    for source in SOURCES:
        found.update(dict.fromkeys(source(wanted)))
        if len(found) >= larder.pool_size:
            break
    texts = list(found)[: larder.pool_size]
    if parameter.how in ("positional", "keyword"):
        texts += [text for text in _misfits(wanted) if text not in texts]
    if parameter.how == "star":
        return ["()", *[f"({text},)" for text in texts[:6]], *[f"({a}, {b})" for a, b in zip(texts, texts[1:4])]]  # noqa: RUF007 — pairwise came after Python 3.9
    if parameter.how == "double":
        return ["{}", *[f'{{"{key}": {text}}}' for key, text in zip(("name", "value"), texts)]]
    return texts


def _repairs(wanted: Wanted) -> Iterable[str]:
    return wanted.larder.repairs.get(f"{wanted.target.symbol} {wanted.parameter.name}", [])


def _annotated(wanted: Wanted) -> Iterable[str]:
    if wanted.parameter.annotation in (EMPTY, Any):
        return []
    return from_annotation(wanted.parameter.annotation, wanted.larder, wanted.depth, _telling(wanted))


def _defaulted(wanted: Wanted) -> Iterable[str]:
    default = wanted.parameter.default
    if default is EMPTY or default is None:
        return []
    text = wanted.larder.expressions.text(default)
    kind = from_annotation(type(default), wanted.larder, wanted.depth, _telling(wanted))
    return [*([text] if text else []), *kind] if wanted.parameter.annotation is EMPTY else []


def _used(wanted: Wanted) -> Iterable[str]:
    annotation = wanted.parameter.annotation
    if annotation not in (EMPTY, Any) and not isinstance(annotation, str):
        return []
    return from_use(wanted.use, wanted.larder, wanted.depth, _telling(wanted))


def _named(wanted: Wanted) -> Iterable[str]:
    if wanted.parameter.annotation not in (EMPTY, Any):
        return []
    return by_name(wanted.parameter.name, _telling(wanted))


def _paths(wanted: Wanted) -> Iterable[str]:
    """Offers places for files where a text is called a path."""
    return paths(wanted.parameter.name) if wanted.parameter.annotation is str else []


def _anything(wanted: Wanted) -> Iterable[str]:
    """Offers one of each kind where nothing is known."""
    known = wanted.parameter.annotation is not EMPTY and not re.match(
        r"typing\.Any|~", str(wanted.parameter.annotation)
    )
    if known or wanted.use.attributes or wanted.use.classes:
        return ["None"] if wanted.parameter.annotation is EMPTY else []
    return ["1", '"abc"', "[1, 2, 3]", "None", '{"a": 1}', "0", '""', "[]", "1.5", "True", "(1, 2)", "lambda *args: 1"]


def _records(wanted: Wanted) -> Iterable[str]:
    """Offers dataclasses and objects of them where the module deals in such."""
    if wanted.parameter.annotation not in (EMPTY, Any) or not wanted.larder.mining.mentions("is_dataclass", "fields"):
        return []
    return [text for kind in RECORDS for text in (kind, f"{kind}(1)")]


def _telling(wanted: Wanted) -> Mapping[str, Sequence[str]]:
    """Expressions by kind that this function is likely to tell apart."""
    compared = wanted.use.compared
    texts = [each for each in compared if isinstance(each, str)] + wanted.mined.strings
    numbers = [each for each in compared if isinstance(each, (int, float))] + wanted.mined.numbers
    return {"str": texts_from(texts, wanted.mined.patterns), "int": numbers_around(numbers)}


def _misfits(wanted: Wanted) -> Iterable[str]:
    """Offers what the annotation forbids, for functions that refuse it in words of their own."""
    known = wanted.parameter.annotation not in (EMPTY, Any)
    return ["None", "b''" if wanted.parameter.annotation is int else "1"] if known else []


SOURCES: Sequence[Callable[[Wanted], Iterable[str]]] = (
    _repairs,
    _paths,
    _annotated,
    _records,
    _defaulted,
    _used,
    _named,
    _anything,
    _misfits,
)

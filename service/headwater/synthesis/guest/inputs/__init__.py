"""Finds arguments: for each parameter a pool of expressions, the most telling first.

One source of inputs is one function in `SOURCES`: it is given the parameter with all that is known of it, and yields
expressions. To add a source is to add a function.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import collections.abc
import re
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Mapping, Sequence, Set

from ..apps import CALLED_SO, PARSERS, command_lines
from ..expressions import Expressions
from ..inventory import EMPTY, Inventory, Parameter, Target
from ..mining import Mined, Mining
from ..names import Names
from ..uses import Use
from .annotations import from_annotation
from .boundaries import by_name, in_formats, kind_by_name, numbers_around, paths, texts_from
from .classes import classes, instances, matching, records, takes_classes
from .objects import Objects
from .usage import from_use

TELLING = 4
"""Shorter texts are tried anyway."""


KIN = 3
"""How many objects of the same class an operator is offered."""
BETWEEN = frozenset(f"{{self}} {sign} {{0}}" for sign in ("==", "!=", "<", "<=", ">", ">=", "+", "-", "&", "|", "^"))
"""Operators whose sides are mostly of one class."""


FINITE = ("isfinite", "isinf", "isnan", "is_finite", "is_infinite", "is_nan")
"""Names of what asks whether a number is one."""
BOUNDLESS = ("inf", "nan")


@dataclass
class Larder:
    """All that sources may draw from: what is known of the module, and what calls have brought in so far."""

    names: Names
    expressions: Expressions
    inventory: Inventory
    mining: Mining
    pool_size: int
    made: Objects
    """How objects are made."""
    texts: List[str] = field(default_factory=list[str])
    """Texts that led some function to something new."""
    odd: Set[str] = field(default_factory=set[str])
    """Those of them that a search came upon, and nobody wrote down."""
    answers: Dict[str, List[str]] = field(default_factory=dict[str, List[str]])
    """What the counterpart of a function gave, by the function's symbol: what it is made to be given."""

    def objects(self, cls: type, depth: int) -> List[str]:
        """Returns expressions that make objects of a class."""
        return self.made.of(cls, depth, lambda parameter, target, deeper: pool(self, parameter, target, deeper))

    def remember(self, arguments: Sequence[str]) -> None:
        """Keeps the texts among the arguments of a call for other functions."""
        quoted = [each for each in arguments if each.startswith(("'", '"'))]
        self.texts += [each for each in quoted if len(each) > TELLING and each not in self.texts]


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
    if depth == 0 and any(text.startswith(("'", '"')) for text in texts):
        texts += [text for text in larder.texts[-larder.pool_size :] if text not in found]
    if parameter.how in ("positional", "keyword"):
        texts += [text for text in _misfits(wanted) if text not in texts]
    if parameter.how == "star":
        return ["()", *[f"({text},)" for text in texts[:6]], *[f"({a}, {b})" for a, b in zip(texts, texts[1:4])]]  # noqa: RUF007 — pairwise came after Python 3.9
    if parameter.how == "double":
        return ["{}", *[f'{{"{key}": {text}}}' for key, text in zip(("name", "value"), texts)]]
    return texts


def _known(wanted: Wanted) -> Iterable[str]:
    return wanted.parameter.known


def _kin(wanted: Wanted) -> Iterable[str]:
    """Offers objects of the same class to an operator that says nothing of what stands on its other side."""
    cls = wanted.larder.inventory.classes.get(wanted.target.owner)
    if wanted.target.style != "operator" or cls is None or wanted.parameter.annotation not in (EMPTY, Any, object):
        return []
    return wanted.larder.objects(cls, wanted.depth + 1)[:KIN] if wanted.target.callee in BETWEEN else []


def _answered(wanted: Wanted) -> Iterable[str]:
    """Offers to a function what the one gave that it undoes."""
    first = wanted.parameter is next(iter(wanted.target.parameters), None)
    return wanted.larder.answers.get(wanted.target.symbol, ()) if first else ()


def _command_line(wanted: Wanted) -> Iterable[str]:
    """Offers command lines to what reads them."""
    if wanted.parameter.name not in CALLED_SO or not wanted.larder.mining.mentions(*PARSERS):
        return []
    return [repr(each) for each in command_lines(wanted.mined.strings)]


def _annotated(wanted: Wanted) -> Iterable[str]:
    if wanted.parameter.annotation in (EMPTY, Any):
        return []
    return from_annotation(wanted.parameter.annotation, wanted.larder, wanted.depth, _telling(wanted))


def _filled(wanted: Wanted) -> Iterable[str]:
    """Offers objects of a class that is a container, filled with what is looked for in them."""
    kind = wanted.parameter.annotation
    opening = next(
        (
            mark
            for base, mark in ((collections.abc.Mapping, "{"), (collections.abc.MutableSequence, "["))
            if _is_kind_of(kind, base)
        ),
        "",
    )
    name = wanted.larder.names.refer(kind) if opening else None
    texts = from_use(wanted.use, wanted.larder, wanted.depth, _telling(wanted)) if name else []
    return [f"{name}({text})" for text in texts if text.startswith(opening)]


def _is_kind_of(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base) and kind.__module__ not in {"builtins", "collections.abc"}


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


def _classes(wanted: Wanted) -> Iterable[str]:
    """Offers classes where a parameter seems to hold one, and objects of the classes that the function mentions."""
    if wanted.parameter.annotation not in (EMPTY, Any, type):
        return []
    if takes_classes(wanted.parameter.name, wanted.use):
        return classes(wanted.mined, wanted.larder, with_records=_deals_in_records(wanted))
    known = wanted.use.attributes or wanted.use.classes or not wanted.mined.types
    return [] if known or _deals_in_records(wanted) else instances(wanted.mined, wanted.larder)


def _records(wanted: Wanted) -> Iterable[str]:
    """Offers dataclasses and objects of them where the module deals in such, or what fits the class beside it."""
    named = kind_by_name(wanted.parameter.name)
    if wanted.parameter.annotation not in (EMPTY, Any) or named == "bool" or not _deals_in_records(wanted):
        return []
    others = [each for each in wanted.target.parameters if each.name != wanted.parameter.name]
    beside = any(takes_classes(each.name, wanted.mined.uses.get(each.name, Use())) for each in others)
    if beside or named == "dict":
        return matching(wanted.mined, wanted.larder)
    return [*instances(wanted.mined, wanted.larder), *records(wanted.mined, wanted.larder)]


def _deals_in_records(wanted: Wanted) -> bool:
    return wanted.larder.mining.mentions("is_dataclass", "fields")


def _telling(wanted: Wanted) -> Mapping[str, Sequence[str]]:
    """Expressions by kind that this function is likely to tell apart."""
    compared = wanted.use.compared
    texts = [each for each in compared if isinstance(each, str)]
    texts += [each for each in wanted.mined.strings if each not in wanted.mined.patterns]
    numbers = [each for each in compared if isinstance(each, (int, float)) and not isinstance(each, bool)]
    numbers += wanted.mined.numbers
    formats = [repr(each) for each in in_formats(wanted.larder.mining.mentions)]
    odd = wanted.larder.mining.mentions(*FINITE)
    return {
        "str": [
            *formats,
            *texts_from(texts, wanted.mined.patterns),
            *([repr(each) for each in BOUNDLESS] if odd else []),
        ],
        "int": numbers_around(numbers),
        "float": [f"float({each!r})" for each in BOUNDLESS] if odd else [],
    }


def _misfits(wanted: Wanted) -> Iterable[str]:
    """Offers what the annotation forbids, for functions that refuse it in words of their own."""
    known = wanted.parameter.annotation not in (EMPTY, Any)
    return ["None", "b''" if wanted.parameter.annotation is int else "1"] if known else []


SOURCES: Sequence[Callable[[Wanted], Iterable[str]]] = (
    _known,
    _answered,
    _kin,
    _command_line,
    _paths,
    _filled,
    _annotated,
    _classes,
    _records,
    _defaulted,
    _used,
    _named,
    _anything,
    _misfits,
)

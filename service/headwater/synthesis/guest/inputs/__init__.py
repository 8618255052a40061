"""Finds arguments: for each parameter a pool of expressions, the most telling first.

One source of inputs is one function in `SOURCES`: it is given the parameter with all that is known of it, and yields
expressions. To add a source is to add a function.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import argparse
import ast
import collections.abc
import re
import types
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Optional, Sequence, Set, Tuple

from ..apps import CALLED_SO, PARSERS, command_lines
from ..expressions import Expressions
from ..handed import HandedOut
from ..inventory import EMPTY, Inventory, Parameter, Target
from ..messages import messages_in
from ..mining import Mined, Mining
from ..names import Names
from ..uses import Use, dotted
from .annotations import from_annotation, is_callable
from .boundaries import by_name, in_formats, kind_by_name, numbers_around, paths, texts_from
from .classes import classes, instances, matching, records, takes_classes
from .familiar import Telling, familiar
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
COROUTINES = ("iscoroutinefunction", "iscoroutine", "isawaitable", "Coroutine", "Awaitable")
"""Names of what tells functions that are waited for from others."""
WAITED_FOR = ("functools.partial(asyncio.sleep, 0)", "mock.AsyncMock(return_value=1)", "asyncio.sleep")
"""Functions that are waited for."""
FAILING = ("mock.Mock(side_effect=ValueError)", "mock.Mock(side_effect=[ValueError, 1])")
"""A function that fails, and one that does so at first."""


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
    handed: HandedOut
    """What calls have handed out to be called."""
    texts: List[str] = field(default_factory=list[str])
    """Texts that led some function to something new."""
    odd: Set[str] = field(default_factory=set[str])
    """Those of them that a search came upon, and nobody wrote down."""
    answers: Dict[str, List[str]] = field(default_factory=dict[str, List[str]])
    """What the counterpart of a function gave, by the function's symbol: what it is made to be given."""
    _near: Dict[Tuple[str, str], FrozenSet[str]] = field(default_factory=dict[Tuple[str, str], FrozenSet[str]])
    """The names that the code of a target uses."""

    @cached_property
    def messages(self) -> FrozenSet[str]:
        """Texts that the module says and never looks for."""
        return messages_in(self.inventory.functions.values())

    def mentions_near(self, target: Target, *names: str) -> bool:
        """Whether a target, the functions that it calls, or another method of its class uses one of the names."""
        if target.key not in self._near:
            first = [start for start, _ in self.mining.reach(target)]
            nodes = [
                node
                for symbol, node in self.inventory.functions.items()
                if node.lineno in first or (target.owner and symbol.startswith(f"{target.owner}."))
            ]
            used = (dotted(each).rpartition(".")[2] for node in nodes for each in ast.walk(node))
            self._near[target.key] = frozenset(used)
        return not self._near[target.key].isdisjoint(names)

    def objects(self, cls: type, depth: int) -> List[str]:
        """Returns expressions that make objects of a class."""
        return self.made.of(cls, depth, lambda parameter, target, deeper: pool(self, parameter, target, deeper))

    def maker(self, name: str) -> Optional[Target]:
        """Returns what makes objects under a name: a constructor, or a function of the module."""
        functions = (each for each in self.inventory.targets if each.callee == name and each.style == "call")
        return self.made.constructor(name) or next(functions, None)

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


def _bags(wanted: Wanted) -> Iterable[str]:
    """Offers objects of a class that takes any attributes by name, with those that are looked at."""
    kind = wanted.parameter.annotation
    if kind not in (argparse.Namespace, types.SimpleNamespace):
        return []
    name = wanted.larder.names.refer(kind)
    texts = from_use(wanted.use, wanted.larder, wanted.depth, _telling(wanted))
    bags = [text.partition("(") for text in texts if text.startswith("types.SimpleNamespace(")]
    return [f"{name}({inside}" for _, _, inside in bags]


def _is_kind_of(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base) and kind.__module__ not in {"builtins", "collections.abc"}


def _defaulted(wanted: Wanted) -> Iterable[str]:
    default = wanted.parameter.default
    if default is EMPTY or default is None:
        return []
    text = wanted.larder.expressions.text(default)
    kind = from_annotation(type(default), wanted.larder, wanted.depth, _telling(wanted))
    return [*([text] if text else []), *kind] if wanted.parameter.annotation is EMPTY else []


def _familiar(wanted: Wanted) -> Iterable[str]:
    """Offers what somebody would write for a parameter of this name, if that is what it is used as."""
    if wanted.parameter.annotation not in (EMPTY, Any):
        return []
    telling = _telling(wanted)
    kinds = ("int", "float") if "number" in wanted.use.operations else (kind_by_name(wanted.parameter.name),)
    return [text for kind in kinds for text in familiar(telling.name, kind, telling.beside)]


def _used(wanted: Wanted) -> Iterable[str]:
    annotation = wanted.parameter.annotation
    if annotation not in (EMPTY, Any) and not isinstance(annotation, str):
        return []
    return from_use(wanted.use, wanted.larder, wanted.depth, _telling(wanted))


def _named(wanted: Wanted) -> Iterable[str]:
    if wanted.parameter.annotation not in (EMPTY, Any) or wanted.parameter.how in ("star", "double"):
        return []
    return by_name(wanted.parameter.name, _telling(wanted))


def _functions(wanted: Wanted) -> Iterable[str]:
    """Offers functions that are waited for and such that fail, where they are told from others."""
    parameter, use = wanted.parameter, wanted.use
    called = {"call", "callable"} & use.operations or is_callable(parameter.annotation)
    if not (called or kind_by_name(parameter.name) == "callable"):
        return []
    waiting = wanted.larder.mining.mentions(*COROUTINES) or "await" in use.at(("()",)).operations
    failing = FAILING if wanted.mined.handled else ()
    waited = [each.replace("mock.Mock(", "mock.AsyncMock(") for each in failing] if waiting else []
    return [*(WAITED_FOR if waiting else ()), *failing, *waited]


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
    """Offers classes where a parameter seems to hold one."""
    if not _may_hold_classes(wanted):
        return []
    return classes(wanted.mined, wanted.larder, wanted.depth, with_records=_deals_in_records(wanted))


def _mentioned(wanted: Wanted) -> Iterable[str]:
    """Offers objects of the classes that the function mentions where nothing else tells of a parameter."""
    open_to_all = wanted.parameter.annotation in (EMPTY, Any, type) and not _may_hold_classes(wanted)
    known = wanted.use.attributes or wanted.use.classes or not wanted.mined.types or _deals_in_records(wanted)
    return instances(wanted.mined, wanted.larder, wanted.depth) if open_to_all and not known else []


def _may_hold_classes(wanted: Wanted) -> bool:
    return wanted.parameter.annotation in (EMPTY, Any, type) and takes_classes(wanted.parameter.name, wanted.use)


def _records(wanted: Wanted) -> Iterable[str]:
    """Offers dataclasses and objects of them where the module deals in such, or what fits the class beside it."""
    named = kind_by_name(wanted.parameter.name)
    if wanted.parameter.annotation not in (EMPTY, Any) or named == "bool" or not _deals_in_records(wanted):
        return []
    others = [each for each in wanted.target.parameters if each.name != wanted.parameter.name]
    beside = any(takes_classes(each.name, wanted.mined.uses.get(each.name, Use())) for each in others)
    if beside or named == "dict":
        return matching(wanted.mined, wanted.larder, wanted.depth)
    return [*instances(wanted.mined, wanted.larder, wanted.depth), *records(wanted.mined, wanted.larder, wanted.depth)]


def _deals_in_records(wanted: Wanted) -> bool:
    return wanted.larder.mining.mentions("is_dataclass", "fields")


def _telling(wanted: Wanted) -> Telling:
    """Expressions by kind that this function is likely to tell apart."""
    mentions = wanted.larder.mining.mentions
    compared = wanted.use.compared
    texts = [each for each in compared if isinstance(each, str)]
    no_input = {*wanted.mined.patterns, *wanted.larder.messages}
    texts += [each for each in wanted.mined.strings if each not in no_input]
    numbers = [each for each in compared if isinstance(each, (int, float)) and not isinstance(each, bool)]
    numbers += wanted.mined.numbers
    boundless = BOUNDLESS if mentions(*FINITE) else ()
    target = wanted.target
    beside = [target.symbol, *(each.name for each in target.parameters if each is not wanted.parameter)]
    return Telling(
        {
            "str": [
                *map(repr, in_formats(partial(wanted.larder.mentions_near, target))),
                *texts_from(texts, wanted.mined.patterns),
                *map(repr, in_formats(mentions)),
                *map(repr, boundless),
            ],
            "int": numbers_around(numbers),
            "float": [f"float({each!r})" for each in boundless],
        },
        wanted.parameter.name,
        beside,
    )


def _misfits(wanted: Wanted) -> Iterable[str]:
    """Offers what the annotation forbids, for functions that refuse it in words of their own."""
    annotation = wanted.parameter.annotation
    if annotation in (EMPTY, Any):
        return []
    return ["None", *([] if annotation is bool else ["b''" if annotation is int else "1"])]


SOURCES: Sequence[Callable[[Wanted], Iterable[str]]] = (
    _known,
    _answered,
    _kin,
    _command_line,
    _paths,
    _filled,
    _bags,
    _annotated,
    _familiar,
    _classes,
    _records,
    _defaulted,
    _functions,
    _used,
    _named,
    _mentioned,
    _anything,
    _misfits,
)

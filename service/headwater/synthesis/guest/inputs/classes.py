"""Offers classes, and objects of classes made up on the spot, to functions that take types apart."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

# ruff: noqa: TID252 — the package has another name in the sandbox

from __future__ import annotations

import collections.abc
import enum
import itertools
import re
from typing import Any, Iterator, List, NamedTuple, Sequence, Tuple

from ..mining import Mined
from ..uses import Use
from .annotations import COLOUR, from_annotation

CALLED_SO = re.compile(r"(^|_)(cls|class|type|typ|klass|kind|annotation|tp)_?$")
"""What parameters are called that hold classes."""
TELLING = frozenset({
    "__args__", "__origin__", "__supertype__", "__mro__", "__bases__", "__subclasses__", "__members__", "__fields__",
    "__parameters__", "__dataclass_fields__", "__qualname__", "__annotations__", "mro",
})  # fmt: skip
"""Attributes that only classes and annotations have."""
GENERICS = ("typing.Optional[{}]", "typing.List[{}]", "typing.Dict[str, {}]", "typing.Tuple[{}, ...]", "typing.Set[{}]")
CONTENTS = ("None", "[{}]", '{{"a": {}}}', "({},)", "{{{}}}")
"""A value of each generic, made from one of what it holds."""
MOST = 8
"""How many classes are combined with generics."""
INNER = 'dataclasses.make_dataclass("Inner", [("value", int)])'
"""A dataclass for a field of another."""
LOOSE = ("None", "1", '"abc"', '"1.5"', "[1]", '{"a": 1}', '[{"value": 1}]')
"""What data holds for a field whatever its class."""


class Kind(NamedTuple):
    """A class with values of it; `data` is what stands for such a value where objects are written as plain data."""

    text: str
    values: Sequence[str]
    data: str


def takes_classes(name: str, use: Use) -> bool:
    """Whether a parameter seems to hold a class."""
    return bool("class" in use.operations or CALLED_SO.search(name) or TELLING & set(use.attributes))


def classes(mined: Mined, larder: Any, depth: int, *, with_records: bool) -> List[str]:
    """Returns expressions for classes that a function may tell apart, dataclasses and others in turn."""
    found = _kinds(mined, larder, depth)
    made = [_record(each) for each in found] if with_records else []
    rest = ["typing.List", "typing.Any", "typing.Union[int, str]", 'typing.NewType("Id", int)']
    return [*_in_turn(made, [each.text for each in found]), *rest]


def matching(mined: Mined, larder: Any, depth: int) -> List[str]:
    """Returns values for a parameter beside one that holds a class: each at the place of its class in `classes`."""
    found = _kinds(mined, larder, depth)
    data = [f'{{"name": {each.data}}}' for each in found]
    loose = [f'{{"name": {each}}}' for each in LOOSE]
    return ["{}" if not found else data[0], *_in_turn(data, [each.values[0] for each in found])[1:], *loose, "{}"]


def instances(mined: Mined, larder: Any, depth: int) -> List[str]:
    """Returns expressions for objects of the classes that a function mentions."""
    return [value for each in _plain(mined, larder, depth) for value in each.values[:2]]


def records(mined: Mined, larder: Any, depth: int) -> Iterator[str]:
    """Yields objects of dataclasses with a field of each class, then the first of the classes."""
    found = _kinds(mined, larder, depth)
    yield from (f"{_record(each)}({each.values[0]})" for each in found)
    yield from (_record(each) for each in found[:2])


def _kinds(mined: Mined, larder: Any, depth: int) -> List[Kind]:
    """Lists the classes that are tried: the simple and the mentioned, generics of them, one with an inner record."""
    plain = list(_plain(mined, larder, depth))
    found = plain[:MOST]
    for index, form in enumerate(GENERICS):
        found += [_generic(form, CONTENTS[index], each) for each in _both(plain[0], plain[(index + 2) % len(plain)])]
    inner = Kind(INNER, (f"{INNER}(1)",), '{"value": 1}')
    found += [inner, *[_generic(form, content, inner) for form, content in zip(GENERICS[:3], CONTENTS)]]
    return [*found, Kind("typing.Optional[int]", ("1",), "1"), *plain[MOST:]]


def _generic(form: str, content: str, of: Kind) -> Kind:
    return Kind(form.format(of.text), (content.format(of.values[0]),), content.format(of.data))


def _both(first: Kind, second: Kind) -> List[Kind]:
    return [first, second] if second != first else [first]


def _in_turn(first: Sequence[str], second: Sequence[str]) -> List[str]:
    pairs = itertools.zip_longest(first, second)
    return [text for pair in pairs for text in pair if text is not None]


def _record(kind: Kind) -> str:
    return f'dataclasses.make_dataclass("Sample", [("name", {kind.text})])'


def _plain(mined: Mined, larder: Any, depth: int) -> Iterator[Kind]:
    """Yields the simple classes and those that the function mentions."""
    for text, values in _known(mined, larder, depth):
        yield Kind(text, values, values[0])


def _known(mined: Mined, larder: Any, depth: int) -> Iterator[Tuple[str, Sequence[str]]]:
    """Yields classes with values of them: the simple ones, then those that the function mentions."""
    yield from (("int", ("1", "0")), ("str", ('"abc"', '""')))
    for name in mined.types:
        cls = larder.mining.lookup(name)
        text = larder.names.refer(cls)
        if text is None or issubclass(cls, BaseException):
            continue
        if cls is enum.Enum:
            yield COLOUR, (f"{COLOUR}.RED", "1")
            continue
        abstract = cls.__module__ in {collections.abc.__name__, "typing"}
        values = from_annotation(cls, larder, depth + 1, {}) or ([] if abstract else ["None"])
        if values:
            yield text, values
    yield from (("list", ("[1, 2]", "[]")), ("dict", ('{"a": 1}', "{}")), ("bool", ("True",)), ("float", ("1.5",)))

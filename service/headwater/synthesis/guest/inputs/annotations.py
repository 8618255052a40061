"""Reads arguments off annotations."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import collections.abc
import enum
import itertools
import typing
from typing import Any, Iterable, Iterator, List, Mapping, Sequence

from .familiar import Telling, Told, values_of

PLAIN: Mapping[str, Sequence[str]] = {
    "str": (
        *('"abc"', '"xyz"', '""', '"a"', '"Hello World"', '"123"', '"a,b c"', '"  two  words "', '"é"', '"a\\nb"'),
        '"one two three four five"',
    ),
    "int": ("1", "2", "0", "-1", "10", "100", "5"),
    "float": ("1.5", "2.0", "0.0", "-1.0", "1.0", "100.0"),
    "bool": ("True", "False"),
    "bytes": ('b"abc"', 'b""', 'b"\\x00\\xff"'),
    "bytearray": ('bytearray(b"abc")',),
    "complex": ("1j",),
    "NoneType": ("None",),
    "date": ("datetime.date(2024, 1, 15)", "datetime.date(2024, 2, 29)", "datetime.date(2023, 12, 31)"),
    "datetime": (
        "datetime.datetime(2024, 2, 29, 12, 30)",
        "datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)",
    ),
    "time": ("datetime.time(12, 30)", "datetime.time(0, 0)"),
    "timedelta": ("datetime.timedelta(days=1)", "datetime.timedelta(0)", "datetime.timedelta(seconds=-1)"),
    "Decimal": ('decimal.Decimal("1.5")', 'decimal.Decimal("2")', 'decimal.Decimal("0")', 'decimal.Decimal("-1")'),
    "Fraction": ("fractions.Fraction(1, 2)", "fractions.Fraction(0)"),
    "UUID": ('uuid.UUID("12345678-1234-5678-1234-567812345678")',),
    "Path": ('tmp_path / "file.txt"', "tmp_path", 'pathlib.Path("a/b.txt")'),
    "PurePath": ('pathlib.PurePath("a/b.txt")',),
    "Pattern": ('re.compile("a+")', 're.compile("")'),
    "type": ("int", "str", "list", "typing.List[int]", "typing.Optional[int]", "typing.Dict[str, int]"),
    "exception": ("ValueError", 'ValueError("abc")', "(ValueError, KeyError)"),
    "list": ("[1, 2, 3]", "[]", '["a", "b"]', "[1]", "[[1], [2]]"),
    "tuple": ("(1, 2)", "()", '("a",)'),
    "dict": ('{"a": 1}', "{}", '{"a": {"b": 2}}', '{"a": [1, 2], "b": None}'),
    "set": ("{1, 2}", "set()"),
    "frozenset": ("frozenset({1, 2})", "frozenset()"),
    "object": ("1", '"abc"', "None", "[1]"),
    "StringIO": ('io.StringIO("abc\\n")', 'io.StringIO("")', 'io.StringIO("a\\n\\nb c\\nd")'),
    "BytesIO": ('io.BytesIO(b"abc")', 'io.BytesIO(b"")', 'io.BytesIO(b"a\\n\\nb c\\nd")'),
    "stream": ('io.StringIO("a\\nb\\n")', 'io.BytesIO(b"a\\nb\\n")', 'io.StringIO("")', 'io.BytesIO(b"")'),
    "TextIO": ('io.StringIO("abc\\n")', 'io.StringIO("")'),
    "BinaryIO": ('io.BytesIO(b"abc")',),
    "IO": ('io.StringIO("abc\\n")',),
}
ANYTHING = ("1", '"red"', '{"size": 1}', "[1, 2]", "None")
"""Values of what may be anything."""
COLOUR = 'enum.Enum("Color", {"RED": 1})'
"""An enumeration for functions that take any."""
SEVERAL = 2
"""How many items a list has of which nothing is known: enough to tell the first from the others."""
CALLABLES = (
    "lambda *args: None",
    "lambda *args: args",
    "lambda *args: True",
    "lambda *args: False",
    "lambda value: value > 1",
)
OPENERS: Mapping[Any, str] = {
    list: "[{}]", set: "{{{}}}", frozenset: "frozenset({{{}}})", collections.abc.Set: "{{{}}}",
    collections.abc.Iterator: "iter([{}])", collections.deque: "collections.deque([{}])",
    collections.abc.Iterable: "[{}]", collections.abc.Sequence: "[{}]", collections.abc.Collection: "[{}]",
    collections.abc.MutableSequence: "[{}]", collections.abc.Generator: "(each for each in [{}])",
}  # fmt: skip
AWAITED = (collections.abc.Awaitable, collections.abc.Coroutine)
MAPPINGS = (
    dict,
    collections.abc.Mapping,
    collections.abc.MutableMapping,
    collections.OrderedDict,
    collections.defaultdict,
)


def from_annotation(  # noqa: PLR0911 — one line per kind
    annotation: Any, larder: Any, depth: int, telling: Told
) -> List[str]:
    """Returns expressions for values of an annotation; empty where it says nothing that is understood."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if not arguments and (origin in MAPPINGS or origin in OPENERS):
        return _of_class(origin, larder, depth, telling)
    if origin is not None:
        return list(dict.fromkeys(_generic(origin, arguments, larder, depth, telling)))
    if isinstance(annotation, typing.TypeVar):
        bound = [*annotation.__constraints__, *([annotation.__bound__] if annotation.__bound__ else [])]
        return _mixed([from_annotation(each, larder, depth, telling) for each in bound or (int, str)])
    if annotation is None:
        return ["None"]
    if annotation is Any:
        return []
    if isinstance(annotation, str):
        return values_of(annotation, PLAIN.get(annotation, ()), telling)
    supertype = getattr(annotation, "__supertype__", None)
    if supertype is not None:
        return from_annotation(supertype, larder, depth, telling)
    return _of_class(annotation, larder, depth, telling) if isinstance(annotation, type) else _by_repr(annotation)


def is_callable(annotation: Any) -> bool:
    """Whether an annotation asks for something to be called, or for that among others."""
    if isinstance(annotation, typing.TypeVar):
        annotation = annotation.__bound__
    kinds = (annotation, typing.get_origin(annotation))
    return collections.abc.Callable in kinds or (
        typing.Union in kinds and any(map(is_callable, typing.get_args(annotation)))
    )


def _of_class(cls: type, larder: Any, depth: int, telling: Told) -> List[str]:
    name = larder.names.refer(cls)
    if issubclass(cls, enum.Enum):
        return [f"{name}.{member.name}" for member in cls] if name and list(cls) else [f"{COLOUR}.RED"]
    if cls.__module__ in ("builtins", "datetime", "decimal", "fractions", "uuid", "pathlib", "re", "io", "typing"):
        return _of_builtin(cls, telling)
    if cls in AWAITED:
        return ["asyncio.sleep(0, 1)"]
    if cls in OPENERS or cls in MAPPINGS:
        return list(PLAIN["dict" if cls in MAPPINGS else "list"])
    return list(larder.objects(cls, depth))


def _of_builtin(cls: type, telling: Told) -> List[str]:
    """Returns values of a class of the standard library; where a fraction is asked for, whole numbers tell as well."""
    found = values_of(cls.__name__, PLAIN.get(cls.__name__, ()), telling)
    whole = [repr(float(ast.literal_eval(text))) for text in telling.get("int", ())] if cls is float else []
    return list(dict.fromkeys([*found[:2], *whole, *found[2:]]))


def _generic(origin: Any, arguments: Sequence[Any], larder: Any, depth: int, telling: Told) -> Iterator[str]:
    """Yields values of `Union[…]`, `list[…]`, `Callable[…]` and their like."""
    if origin is typing.Literal:
        yield from map(repr, arguments)
    elif origin is typing.Union or type(origin).__name__ == "UnionType" or str(origin) == "<class 'types.UnionType'>":
        yield from _mixed([from_annotation(each, larder, depth, telling) for each in arguments])
    elif origin is getattr(typing, "Annotated", None) or str(origin).endswith(("ClassVar", "Final")):
        yield from from_annotation(arguments[0], larder, depth, telling)
    elif origin is type:
        names = [larder.names.refer(each) for each in arguments if isinstance(each, type)]
        yield from (name for name in names or ["int", "str", "list"] if name)
    elif origin is collections.abc.Callable:
        yield from _callables(arguments, larder, depth, telling)
    elif origin is tuple:
        yield from _tuples(arguments, larder, depth, telling)
    elif origin in MAPPINGS:
        called = Telling(telling, "key")
        keys = from_annotation(arguments[0], larder, depth + 1, called)[:8] or list(ANYTHING[:2])
        values = from_annotation(arguments[1], larder, depth + 1, telling)[:8] or list(ANYTHING)
        yield from (f"{{{key}: {value}}}" for key, value in zip(keys, itertools.cycle(values)))
        yield "{}"
        yield f"{{{', '.join(f'{key}: {value}' for key, value in zip(keys[:SEVERAL], itertools.cycle(values)))}}}"
    elif origin in OPENERS:
        items = from_annotation(arguments[0], larder, depth + 1, telling)[:8] or ["1", "2", '"a"']
        opener = OPENERS[origin]
        yield opener.format(", ".join(items[:SEVERAL]))
        yield opener.format("") if opener[0] not in "{f" else ("set()" if opener[0] == "{" else "frozenset()")
        yield opener.format(", ".join(reversed(items[:5])))
        yield from (opener.format(item) for item in items)
    elif isinstance(origin, type):
        yield from _of_class(origin, larder, depth, telling)


def _callables(arguments: Sequence[Any], larder: Any, depth: int, telling: Told) -> Iterator[str]:
    given = arguments[0] if arguments else ...
    names = (
        ["*args"]
        if given is ... or not isinstance(given, list)
        else ["value", "other", "third", "fourth"][: len(given)]
    )
    results = from_annotation(arguments[-1], larder, depth + 1, telling)[:3] if len(arguments) > 1 else []
    head = f"lambda {', '.join(names)}".rstrip()
    if names[:1] == ["value"]:
        # What is mapped to itself shows nothing of the mapping; where a certain type is asked for, it may be all.
        yield from () if len(arguments) > 1 and isinstance(arguments[-1], type) else [f"{head}: [value]"]
        yield f"{head}: value"
    if len(names) > 1:
        yield f"{head}: ({', '.join(names)})"
    yield from (f"{head}: {result}" for result in results or ["None", "True", "False"])


def _tuples(arguments: Sequence[Any], larder: Any, depth: int, telling: Told) -> Iterator[str]:
    if len(arguments) == 2 and arguments[1] is ...:  # noqa: PLR2004 — tuple[X, ...]
        items = from_annotation(arguments[0], larder, depth + 1, telling)[:4] or ["1"]
        yield from (f"({', '.join(items[:2])},)", "()", f"({items[0]},)")
        return
    pools = [from_annotation(each, larder, depth + 1, telling)[:4] or ["1"] for each in arguments]
    for index in range(max(map(len, pools), default=0)):
        texts = [each[min(index, len(each) - 1)] for each in pools]
        yield f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _mixed(pools: Iterable[Sequence[str]]) -> List[str]:
    """Takes the first of each pool, then the second of each, and so on."""
    rows = itertools.zip_longest(*pools)
    return list(dict.fromkeys(text for row in rows for text in row if text is not None))


def _by_repr(annotation: Any) -> List[str]:
    """Understands what is no class, such as `typing.Callable` and `typing.List` without arguments."""
    name = str(getattr(annotation, "_name", "") or annotation).rpartition(".")[2]
    if name == "Callable":
        return list(CALLABLES)
    return list(PLAIN.get({"List": "list", "Dict": "dict", "Set": "set", "Tuple": "tuple"}.get(name, name), ()))

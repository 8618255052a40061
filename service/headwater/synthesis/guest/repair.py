"""Reads from an exception what the call lacked, and mends its arguments."""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import Any, Iterator, Sequence, Tuple

from .calls import OMITTED, Call, Played
from .inventory import EMPTY

REMEDIES: Sequence[Tuple[str, Sequence[str]]] = (
    (r"object is not iterable|not an? iterable|argument of type '\w+' is not", ("[1, 2]", '"abc"', '{"a": 1}')),
    (r"object is not callable", ("lambda *args: None", "lambda *args: 1", "str")),
    (r"not subscriptable|does not support item assignment", ("[1, 2]", '{"a": 1}', '"abc"')),
    (r"has no len\(\)", ("[1, 2]", '"abc"')),
    (r"expected string|must be str|expected str|must be a string|not '?(int|list|NoneType)'?$", ('"abc"', '""')),
    (r"bytes-like|must be bytes", ('b"abc"', 'b""')),
    (
        r"concatenate str \(not \"bytes|bytes-like object is required",
        ('io.BytesIO(b"abc\\ndef\\n")', 'io.BytesIO(b"")'),
    ),
    (r"must be (real )?number|unsupported operand|must be an? int|not supported between", ("1", "2.5", "-1")),
    (r"must be a mapping|object is not a mapping", ('{"a": 1}', "{}")),
    (r"is not a (type|class)|arg 1 must be a class|issubclass", ("int", "str")),
    (r"asynchronous context|can't be used in 'await'", ("asyncio.sleep(0, 1)",)),
)
CHANGING = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def repaired(call: Call, played: Played, answers: Sequence[str]) -> Iterator[Call]:
    """Yields the call with one argument changed to what the exception asks for; `answers` are for `input`."""
    message = str(played.error)
    missing = CHANGING.search(message)
    if missing is not None:
        yield from _with_attribute(call, played, missing.group(1), missing.group(2))
    if isinstance(played.error, OSError) and "stdin" in message and not call.before:
        for answer in (*answers, "", "1", "y", "n"):
            patch = f'monkeypatch.setattr("builtins.input", lambda *args: {answer!r})'
            yield replace(call, before=(patch,))
            given = f'monkeypatch.setattr("sys.stdin", io.StringIO({answer + chr(10)!r}))'
            yield replace(call, before=(given,))
    if isinstance(played.error, KeyError) and played.error.args:
        yield from _with_key(call, played, played.error.args[0])
    if isinstance(played.error, (TypeError, AttributeError)):
        for pattern, texts in REMEDIES:
            if re.search(pattern, message):
                yield from (with_argument(call, index, text) for index in _given(call) for text in texts)


def with_argument(call: Call, index: int, text: str) -> Call:
    """Returns the call with another argument in one place."""
    args = (*call.args[:index], text, *call.args[index + 1 :])
    return replace(call, args=args)


def _given(call: Call) -> Iterator[int]:
    for index, (parameter, text) in enumerate(zip(call.target.parameters, call.args)):
        untyped = parameter.annotation in (EMPTY, Any)
        if text != OMITTED and untyped and parameter.how in ("positional", "keyword"):
            yield index


def _with_attribute(call: Call, played: Played, kind: str, name: str) -> Iterator[Call]:
    """Gives an attribute to the arguments of the kind that lacked it."""
    for index in _given(call):
        value = played.arguments[index] if index < len(played.arguments) else None
        if type(value).__name__ != kind:
            continue
        inner = call.args[index][len("types.SimpleNamespace(") : -1] if kind == "SimpleNamespace" else ""
        for text in ("lambda *args, **kwargs: None", "1", '"abc"', "lambda *args, **kwargs: [1]"):
            parts = ", ".join(part for part in (inner, f"{name}={text}") if part)
            if name.isidentifier() and not name.startswith("__"):
                yield with_argument(call, index, f"types.SimpleNamespace({parts})")


def _with_key(call: Call, played: Played, key: object) -> Iterator[Call]:
    """Adds the key that was looked for to the arguments that are dictionaries."""
    for index in _given(call):
        value = played.arguments[index] if index < len(played.arguments) else None
        if not isinstance(value, dict) or not isinstance(key, (str, int)):
            continue
        try:
            known = ast.literal_eval(call.args[index])
        except (ValueError, SyntaxError):
            continue
        if isinstance(known, dict):
            for part in (1, "abc", None, [], {}):
                yield with_argument(call, index, repr({**known, key: part}))

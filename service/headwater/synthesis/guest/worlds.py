"""Proposes the surroundings in which a call is worth making: variables, files, what the module imports replaced."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import types
from typing import Any, Iterator, List, Sequence, Tuple

from .apps import PARSERS, command_lines
from .calls import Call, Played
from .inputs import Larder
from .inputs.usage import BY_KIND, from_use
from .inventory import Target
from .uses import Use

World = Tuple[str, ...]
"""Expressions run before a call."""
HANDLED = 3
"""How many of the exceptions that a target handles are raised by what it calls."""
VALUES = 4
"""How many values of one thing are tried."""
MOST = 60
"""How many surroundings of one target are tried."""
CONTENTS = ("abc\n", "", "a = 1\nb = 2\n", "[section]\nkey = value\n", "a,b\n1,2\n", "{}", "[]")
"""What files hold that a call may read."""
OUTSIDE = frozenset({
    "time", "subprocess", "socket", "requests", "urllib", "getpass", "platform", "shutil", "webbrowser",
    "select", "http", "ftplib", "smtplib", "os", "sys", "signal", "locale", "datetime",
})  # fmt: skip
"""Modules whose answers are the machine's and not the code's."""


def worlds_of(target: Target, larder: Larder) -> List[World]:
    """Returns surroundings that the target looks at."""
    found: List[World] = []
    for name in larder.mining.of(target).environment:
        found += [(f"monkeypatch.setenv({name!r}, {value})",) for value in ('"1"', '"abc"', '""')]
    if larder.mining.mentions(*PARSERS):
        lines = command_lines(larder.mining.of(target).strings)
        found += [(f'monkeypatch.setattr("sys.argv", {["prog", *line]!r})',) for line in lines]
    found += [(text,) for text in _replaced(target, larder)]
    return list(dict.fromkeys(found))[:MOST]


def with_files(call: Call, played: Played, larder: Larder) -> Iterator[World]:
    """Yields the surroundings of a call with the file that it looked for."""
    name = played.missing[0] if played.missing else ""
    if not name or ".." in name or any("write_text" in each for each in call.before):
        return
    first: World = ("monkeypatch.chdir(tmp_path)",) if name.startswith("./") else ()
    name = name.removeprefix("./")
    folder = name.rpartition("/")[0]
    first += (f"(tmp_path / {folder!r}).mkdir(parents=True)",) if folder else ()
    for content in _contents(call.target, larder):
        yield (*call.before, *first, f"(tmp_path / {name!r}).write_text({content!r})")


def _contents(target: Target, larder: Larder) -> List[str]:
    """Returns what a file may hold that a target reads: tables of the keys that are asked for, lines of its words."""
    words = [each for each in larder.mining.of(target).strings if each.isidentifier()][:VALUES]
    tables = [json.dumps({word: value}) for word in words for value in (1, "abc", {"a": 1})]
    lines = [f"{each}\n" for each in larder.mining.of(target).strings if len(each) > 1][:VALUES]
    return list(dict.fromkeys([*CONTENTS[:1], *tables, '{"a": 1}', *lines, *CONTENTS[1:]]))


def _replaced(target: Target, larder: Larder) -> Iterator[str]:
    """Yields patches of what the module's names stand for."""
    for name, use in larder.mining.of(target).free.items():
        value = larder.mining.lookup(name)
        path = f"{larder.mining.module}.{name}"
        if isinstance(value, types.ModuleType):
            yield from _failing(path, value, use, target, larder)
            if value.__name__.partition(".")[0] in OUTSIDE:
                yield from _attributes(path, value, use, larder)
        elif isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
            if getattr(value, "__module__", "") not in (larder.mining.module, "builtins"):
                yield from (_patch(path, text) for text in _failures(target, larder))
                yield from (_patch(path, f"lambda *args, **kwargs: {text}") for text in _results(use, larder))
        elif isinstance(value, (str, int, float, type(None))):
            yield from (_patch(path, text) for text in _texts(use, larder, value) if text != repr(value))
        elif not isinstance(value, type) and not callable(value):
            yield from _attributes(path, value, use, larder)


def _failing(path: str, module: types.ModuleType, use: Use, target: Target, larder: Larder) -> Iterator[str]:
    """Yields patches by which a function of another module raises what the target handles."""
    for name, called in use.attributes.items():
        if called and isinstance(getattr(module, name, None), (types.FunctionType, types.BuiltinFunctionType)):
            yield from (_patch(f"{path}.{name}", text) for text in _failures(target, larder))


def _failures(target: Target, larder: Larder) -> Iterator[str]:
    """Yields functions that raise what a target handles."""
    for name in larder.mining.of(target).handled[:HANDLED]:
        kind = larder.mining.lookup(name)
        text = larder.names.refer(kind) if isinstance(kind, type) and _is_bare(kind) else None
        if text is not None:
            yield f"mock.Mock(side_effect={text})"


def _is_bare(kind: type) -> bool:
    """Whether an exception can be raised by its class alone."""
    try:
        return isinstance(kind(), Exception)
    except Exception:  # noqa: BLE001 — a stranger's exception may want anything
        return False


def _attributes(path: str, value: Any, use: Use, larder: Larder) -> Iterator[str]:
    """Yields patches of what is touched of an object or a module."""
    for name, called in use.attributes.items() if hasattr(value, "__dict__") else ():
        if not hasattr(value, name) or isinstance(getattr(value, name), (type, types.ModuleType)):
            continue
        part = use.parts.get(f"{name}()" if called else name, Use())
        texts = _texts(part, larder, getattr(value, name))
        yield from (_patch(f"{path}.{name}", f"lambda *args, **kwargs: {text}" if called else text) for text in texts)


def _results(use: Use, larder: Larder) -> Sequence[str]:
    return _texts(use.parts.get("()", Use()), larder, None)


def _texts(use: Use, larder: Larder, now: Any) -> List[str]:
    if isinstance(now, bool):
        return [repr(not now)]
    known = [] if use.is_plain else from_use(use, larder, 1, {})
    return [*known[:VALUES], *[each for each in BY_KIND if each not in known]][: VALUES + 1]


def _patch(path: str, text: str) -> str:
    return f"monkeypatch.setattr({path!r}, {text})"

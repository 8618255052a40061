"""What a test left behind: in the process, and in the work folder."""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import builtins
import ctypes
import importlib
import os
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from operator import eq, is_
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SIGNALS = tuple(signal.valid_signals())
# Of the module behind `signal`, since that one turns each answer into a member of an enumeration.
_handler_of = importlib.import_module("_signal").getsignal
_PYTESTS_OWN = "PYTEST_"
_TABLE_AT = dict.__basicsize__ - 2 * ctypes.sizeof(ctypes.c_void_p)
"""Where CPython's dictionary has the address of its table; the last field is that of values kept apart."""
_TABLE_HEAD_BYTES = 32
"""Counters at the head of the table, some of which a mere look-up changes."""


@dataclass(frozen=True)
class Surroundings:
    """The process as it was: what tests share without saying so.

    Looked at once before all tests, and compared after each one with what is there then. Copies are made only where
    something changed: in a fork even a look at an object costs a copy of its page.
    """

    environ: dict[str, str]
    folder: str
    path: list[str]
    modules: _Names
    builtins: _Names
    callables: dict[str, Any]
    """Functions and classes of the module under test, which a patch that was not undone replaces."""
    handlers: list[Any]
    threads: Threads
    module: Any

    @classmethod
    def take(cls, module: Any, tests: str) -> Surroundings:
        """Looks at the process now; `module` is the one under test, `tests` the path of the file of tests."""
        names: dict[str, Any] = getattr(module, "__dict__", {})
        return cls(
            environ=dict(os.environ),
            folder=os.getcwd(),
            path=list(sys.path),
            modules=_Names(sys.modules),
            builtins=_Names(builtins.__dict__),
            callables={name: value for name, value in names.items() if callable(value)},
            handlers=_handlers(),
            threads=Threads(tests),
            module=module,
        )

    def left_behind(self, thread_seconds: float) -> list[str]:
        """Lists what is different now, once threads had a moment to end."""
        threads = self.threads.left(thread_seconds)
        named = getattr(self.module, "__name__", "")
        now: dict[str, Any] = getattr(self.module, "__dict__", {})
        environ = _changed(self.environ, dict(os.environ), eq)
        handlers = zip(_SIGNALS, self.handlers, _handlers())
        return [
            *(f"environ: {key}" for key in environ if not key.startswith(_PYTESTS_OWN)),
            *(["cwd"] if os.getcwd() != self.folder else []),
            *(["sys.path"] if sys.path != self.path else []),
            *(f"sys.modules: {name}" for name in self.modules.changed() if _is_planted(name, self.modules)),
            *(f"builtins: {name}" for name in self.builtins.changed() if name != "_"),
            *(f"patched: {named}.{name}" for name, value in self.callables.items() if now.get(name) is not value),
            *(f"thread: {name}" for name in threads),
            *(f"signal: {_signal_name(number)}" for number, before, after in handlers if before != after),
        ]


class _Names:
    """A large dictionary as it was.

    Comparing values counts references to them, which in a fork copies the page of each. So the table that holds them
    is compared first, as mere memory. The copy keeps the addresses in it from being used again.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._before = dict(names)
        self._table = _table_of(names)

    def __contains__(self, name: str) -> bool:
        return name in self._before

    def changed(self) -> list[str]:
        """Returns the names that came, went or stand for something else."""
        if self._table and self._table == _table_of(self._names):
            return []
        return _changed(self._before, self._names)


def _table_of(names: dict[str, Any]) -> bytes:
    """Returns hashes and addresses as they lie in memory; nothing where that is not known to be so."""
    size = dict.__sizeof__(names) - dict.__basicsize__ - _TABLE_HEAD_BYTES
    if sys.implementation.name != "cpython" or size <= 0:
        return b""
    table = ctypes.c_void_p.from_address(id(names) + _TABLE_AT).value
    return b"" if table is None else ctypes.string_at(table + _TABLE_HEAD_BYTES, size)


class Folder:
    """The files of the work folder, which are put back as they were."""

    def __init__(self, root: str, *, aside: str, kept_bytes: int) -> None:
        """Reads the folder but for `aside`; remembers contents up to `kept_bytes` together."""
        self._root = root
        self._aside = aside
        self._marks = dict(self._scan())
        self._contents: dict[str, bytes] = {}
        for path, mark in self._marks.items():
            if mark is not None and mark[1] <= kept_bytes and not os.path.islink(path):
                with suppress(OSError):  # What cannot be read is not put back.
                    self._contents[path] = Path(path).read_bytes()
                    kept_bytes -= mark[1]

    def put_back(self) -> list[str]:
        """Undoes what a test did to the files; names each."""
        now = dict(self._scan())
        if now == self._marks:
            return []
        new = [path for path in now if path not in self._marks]
        lost = [path for path, mark in self._marks.items() if path not in now or now[path] != mark]
        for path in new:
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):  # It is named all the same.
                    os.unlink(path)
        for path in lost:
            with suppress(OSError):
                self._rewrite(path)
        self._marks = dict(self._scan())
        return [f"file: {os.path.relpath(path, self._root)} in the work folder" for path in [*new, *lost]]

    def _rewrite(self, path: str) -> None:
        if self._marks[path] is None:
            os.makedirs(path, exist_ok=True)
        elif path in self._contents:
            Path(path).write_bytes(self._contents[path])

    def _scan(self) -> Iterator[tuple[str, Any]]:
        """Yields each path with what changes when it is written to; a folder's entries are marks of their own."""
        for folder, folders, files in os.walk(self._root):
            folders[:] = [
                name for name in folders if name != "__pycache__" and os.path.join(folder, name) != self._aside
            ]
            yield from ((os.path.join(folder, name), None) for name in folders)
            for name in files:
                path = os.path.join(folder, name)
                found = os.lstat(path)
                yield path, (found.st_mtime_ns, found.st_size, found.st_ino)


def _handlers() -> list[Any]:
    return [_handler_of(number) for number in _SIGNALS]


def _changed(before: Mapping[Any, Any], now: Mapping[Any, Any], same: Callable[[Any, Any], bool] = is_) -> list[Any]:
    """Returns the keys that came, went or hold something else."""
    if len(before) == len(now) and all(map(same, before.values(), now.values())):
        return []
    nothing = object()
    return [key for key in {**before, **now} if not same(before.get(key, nothing), now.get(key, nothing))]


def _is_planted(name: str, before: _Names) -> bool:
    """Tells whether a module was swapped or removed, or is new and no import made it; a late import is no leak."""
    return name in before or getattr(sys.modules.get(name), "__spec__", None) is None


def _signal_name(number: Any) -> str:
    return number.name if isinstance(number, signal.Signals) else str(number)

"""What a test left behind: in the process, and in the work folder."""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import builtins
import os
import shutil
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from operator import eq, is_
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SIGNALS = tuple(signal.valid_signals())
_PYTESTS_OWN = "PYTEST_"


@dataclass(frozen=True)
class Surroundings:
    """The process as it was: what tests share without saying so."""

    environ: dict[str, str]
    folder: str
    path: list[str]
    modules: dict[str, Any]
    builtins: dict[str, Any]
    callables: dict[str, Any]
    """Functions and classes of the module under test, which a patch that was not undone replaces."""
    handlers: dict[Any, Any]
    threads: frozenset[threading.Thread]
    module: Any

    @classmethod
    def take(cls, module: Any) -> Surroundings:
        """Looks at the process now; `module` is the one under test."""
        return cls(
            environ=dict(os.environ),
            folder=os.getcwd(),
            path=list(sys.path),
            modules=dict(sys.modules),
            builtins=dict(vars(builtins)),
            callables=_callables(module),
            handlers={number: signal.getsignal(number) for number in _SIGNALS},
            threads=frozenset(threading.enumerate()),
            module=module,
        )

    def left_behind(self, thread_seconds: float) -> list[str]:
        """Lists what is different now, once threads had a moment to end."""
        started = [thread for thread in threading.enumerate() if thread not in self.threads]
        ends = monotonic() + thread_seconds
        for thread in started:
            thread.join(max(ends - monotonic(), 0))
        now = Surroundings.take(self.module)
        named = getattr(self.module, "__name__", "")
        return [
            *(f"environ: {key}" for key in _changed(self.environ, now.environ, eq) if not key.startswith(_PYTESTS_OWN)),
            *(["cwd"] if now.folder != self.folder else []),
            *(["sys.path"] if now.path != self.path else []),
            *(f"sys.modules: {name}" for name in _planted(self.modules, now.modules)),
            *(f"builtins: {name}" for name in _changed(self.builtins, now.builtins) if name != "_"),
            *(
                f"patched: {named}.{name}"
                for name, value in self.callables.items()
                if now.callables.get(name) is not value
            ),
            *(f"thread: {thread.name}" for thread in started if thread.is_alive()),
            *(f"signal: {_signal_name(number)}" for number in _changed(self.handlers, now.handlers, eq)),
        ]


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


def _callables(module: Any) -> dict[str, Any]:
    names: dict[str, Any] = getattr(module, "__dict__", {})
    return {name: value for name, value in names.items() if callable(value)}


def _changed(before: Mapping[Any, Any], now: Mapping[Any, Any], same: Callable[[Any, Any], bool] = is_) -> list[Any]:
    """Returns the keys that came, went or hold something else."""
    nothing = object()
    return [key for key in {**before, **now} if not same(before.get(key, nothing), now.get(key, nothing))]


def _planted(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Returns modules that were swapped or removed, and new ones that no import made; a late import is no leak."""
    changed = _changed(before, now)
    return [name for name in changed if name in before or getattr(now.get(name), "__spec__", None) is None]


def _signal_name(number: Any) -> str:
    return number.name if isinstance(number, signal.Signals) else str(number)

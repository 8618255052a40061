"""Puts the process into the state in which a test finds it: its clock, its streams, its folder, its patches."""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
import threading
import warnings
from typing import Any, Callable, List, Mapping

from .outside import SILENCE, Doors
from .tracing import TooLong

PROGRAM = "calls-program"
"""What the program is called while a call is played; a text that says so differs from machine to machine."""


class deadline:  # noqa: N801 — used like a function
    """Raises TooLong in the main thread when the time is up; nothing where there is no alarm clock."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        main = threading.current_thread() is threading.main_thread()
        self._rings = main and hasattr(signal, "setitimer")

    def __enter__(self) -> None:
        if self._rings:
            signal.signal(signal.SIGALRM, _too_long)
            signal.setitimer(signal.ITIMER_REAL, self._seconds, 0.1)

    def __exit__(self, *_: object) -> None:
        if self._rings:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _too_long(_number: int, _frame: Any) -> None:
    raise TooLong


class Patches:
    """What the fixture `monkeypatch` does, as far as generated tests use it."""

    def __init__(self) -> None:
        """Starts with nothing to undo."""
        self._undo: List[Callable[[], None]] = []

    def setattr(self, target: str, value: Any) -> None:
        """Sets an attribute named by dotted text, until `undo`."""
        home, _, name = target.rpartition(".")
        owner = _resolved(home)
        before = getattr(owner, name)
        setattr(owner, name, value)
        self._undo.append(lambda: setattr(owner, name, before))

    def chdir(self, path: Any) -> None:
        """Changes the working directory; the stage sets it for each call."""
        os.chdir(path)

    def setenv(self, name: str, value: str) -> None:
        """Sets an environment variable; the stage puts the environment back."""
        os.environ[name] = value

    def undo(self) -> None:
        """Puts back what was set."""
        while self._undo:
            self._undo.pop()()


def _resolved(dotted: str) -> Any:
    """Returns what dotted text names: a module, or attributes within one."""
    parts = dotted.split(".")
    found = importlib.import_module(parts[0])
    path = parts[0]
    for part in parts[1:]:
        path = f"{path}.{part}"
        if not hasattr(found, part):
            importlib.import_module(path)
        found = getattr(found, part)
    return found


class _Silent(io.TextIOWrapper):
    """Standard input of a test: reading from it is an error, as under pytest."""

    def read(self, *_: Any) -> str:
        raise OSError(SILENCE)

    readline = read  # type: ignore[assignment]


class _CommandLine(List[str]):
    """The command line, which is that of the tests; knows whether more than the name of the program was read."""

    was_read = False

    def __getitem__(self, index: Any) -> Any:
        self.was_read = self.was_read or index != 0
        return super().__getitem__(index)

    def __iter__(self) -> Any:
        self.was_read = True
        return super().__iter__()

    def __len__(self) -> int:
        self.was_read = True
        return super().__len__()


class surroundings:  # noqa: N801 — used like a function
    """Puts the process into the state in which a test finds it, and back after the call."""

    def __init__(self, folder: str, environment: Mapping[str, str], doors: Doors) -> None:
        self._folder = folder
        self._environment = environment
        self._doors = doors
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._argv = sys.argv
        self._path = list(sys.path)
        self._output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
        self._caught = warnings.catch_warnings()
        self._errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
        self.text = ""
        self.errors = ""
        self.outside = ""
        """What makes the outcome one of the surroundings and not of the code."""
        self._given = _CommandLine()

    def __enter__(self) -> surroundings:  # noqa: PYI034 — Self came after Python 3.9
        sys.stdin = _Silent(io.BytesIO())
        sys.stdout = self._output
        sys.stderr = self._errors
        sys.argv = self._given = _CommandLine([PROGRAM])
        self._caught.__enter__()
        warnings.simplefilter("ignore")
        if self._doors.stands != self._folder:
            os.chdir(self._folder)
            self._doors.stands = self._folder
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdin, sys.stdout, sys.stderr = self._streams
        sys.argv = self._argv
        self.outside = "it reads the command line of whoever runs it" if self._given.was_read else ""
        if self._output.closed or self._errors.closed:
            self.outside = "it closes the streams of whoever runs it"
        sys.path[:] = self._path
        self._caught.__exit__(None, None, None)
        if self._doors.environment_changed:
            os.environ.clear()
            os.environ.update(self._environment)
        self.text, self.errors = _written(self._output), _written(self._errors)


def _written(stream: io.TextIOWrapper) -> str:
    """Returns what was written to a stream; nothing where the code under test closed it."""
    return "" if stream.closed else stream.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]

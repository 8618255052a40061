"""Makes calls from expressions and watches what they do.

A `Call` is all that a test needs to repeat it: text. `Stage.play` builds everything afresh, runs the call under the
tracer with a limit on steps and time, and returns what happened.
"""


# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import io
import itertools
import os
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Tuple

from .inventory import Target
from .names import Names
from .tracing import Arc, TooLong, Tracer

STANDING, TEMPORARY = "standing", "temporary"
"""The folders of a call: the working directory, and what `tmp_path` names."""
OMITTED = ""
"""The text of an argument that the call leaves to its default."""


@dataclass(frozen=True)
class Call:
    """A call with all that comes before it, as text."""

    target: Target
    args: Tuple[str, ...]
    """One expression per parameter; `OMITTED` leaves it out. `star` is a tuple, `double` a dict."""
    receiver: str = ""
    """The expression that makes the object, if the target needs one."""
    before: Tuple[str, ...] = ()
    """Expressions run first, in which `{self}` is the object: earlier calls, files written."""

    @property
    def size(self) -> int:
        """How much there is to read."""
        return sum(map(len, self.args)) + len(self.receiver) + sum(20 + len(each) for each in self.before)

    def texts(self) -> Iterator[str]:
        """All expressions of the call."""
        yield from (each for each in (self.receiver, *self.before, *self.args) if each)


@dataclass(frozen=True)
class Played:
    """What a call did. `error` is what it raised; `built` is False if it did not get as far as the call."""

    arcs: FrozenSet[Arc]
    built: bool
    value: Any = None
    wrap: str = ""
    """How the value was drawn from what was returned: `await`, `list`, `async_list` or nothing."""
    error: Optional[BaseException] = None
    output: str = ""
    receiver: Any = None
    arguments: Tuple[Any, ...] = ()

    @property
    def kind(self) -> Tuple[str, ...]:
        """Tells apart what is worth telling apart: the exception, the type, and which constant."""
        if self.error is not None:
            return ("raises", type(self.error).__name__)
        constant = repr(self.value) if self.value is None or isinstance(self.value, bool) else ""
        empty = "empty" if isinstance(self.value, (str, list, tuple, dict, set)) and not self.value else ""
        return ("returns", type(self.value).__name__, constant, empty)


@dataclass(frozen=True)
class Bounds:
    """Limits of one call: seconds, items drawn from an iterator, bytes of a file that a test asserts."""

    seconds: float
    items: int
    file_bytes: int


class Stage:
    """Where calls are played: one module, one tracer."""

    def __init__(self, names: Names, tracer: Tracer, bounds: Bounds) -> None:
        """Takes the scope, the tracer and the limits of one call."""
        self._names = names
        self._tracer = tracer
        self._bounds = bounds
        self._root = tempfile.mkdtemp(prefix="calls-")
        self._folder: Optional[Path] = None
        self._temporary_used = False
        self._patches = Patches()
        self.executions = 0

    def play(self, call: Call, look: Optional[Callable[[Any, Tuple[Any, ...]], None]] = None) -> Played:
        """Plays a call once, with fresh objects. `look` sees the object and the arguments just before the call."""
        self.executions += 1
        found: Dict[str, Any] = {"built": False, "receiver": None, "arguments": (), "wrap": "", "value": None}
        error: Optional[BaseException] = None
        folder = self._fresh_folder(call)
        with _surroundings(str(folder / STANDING)) as output, _deadline(self._bounds.seconds):
            try:
                self._tracer.run(lambda: self._perform(call, folder / TEMPORARY, found, look))
            except BaseException as raised:  # noqa: BLE001 — whatever a stranger's call raises is its outcome
                error = raised
            finally:
                self._patches.undo()
        return Played(self._tracer.arcs, error=error, output=output.text, **found)

    def files(self) -> Dict[str, str]:
        """Returns the small text files below the last call's `tmp_path`, by their path in it."""
        found: Dict[str, str] = {}
        root = self._folder / TEMPORARY if self._folder is not None else Path(self._root)
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.stat().st_size <= self._bounds.file_bytes:
                with contextlib.suppress(UnicodeDecodeError, OSError):
                    found[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8")
        return found

    def strays(self) -> bool:
        """Whether the last call left something in the folder in which it stood."""
        return self._folder is not None and any((self._folder / STANDING).iterdir())

    def close(self) -> None:
        """Removes the temporary folders."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _perform(
        self, call: Call, temporary: Path, found: Dict[str, Any], look: Optional[Callable[[Any, Tuple[Any, ...]], None]]
    ) -> None:
        local: Dict[str, Any] = {"tmp_path": temporary, "monkeypatch": self._patches}
        if call.receiver:
            local["self"] = found["receiver"] = self._names.evaluate(call.receiver, dict(local))
        for text in call.before:
            _draw(self._names.evaluate(text.replace("{self}", "self"), local), self._bounds.items)
        values = tuple(self._names.evaluate(text, dict(local)) if text else None for text in call.args)
        local.update((f"_{index}", value) for index, value in enumerate(values))
        found["arguments"] = values
        if look is not None:
            look(found["receiver"], values)
        found["built"] = True
        value = self._names.evaluate(act_text(call, "self", [f"_{index}" for index in range(len(values))]), local)
        found["wrap"] = _wrap(value)
        found["value"] = _draw(value, self._bounds.items)

    def _fresh_folder(self, call: Call) -> Path:
        """Returns the folder in which a call stands: a new one if it uses `tmp_path` or the last left something."""
        used = any("tmp_path" in text for text in call.texts())
        if self._folder is None or used or self._temporary_used or self.strays():
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = Path(tempfile.mkdtemp(dir=self._root))
            for name in (STANDING, TEMPORARY):
                (self._folder / name).mkdir()
        self._temporary_used = used
        return self._folder


def act_text(call: Call, receiver: str, arguments: List[str]) -> str:
    """Writes the call itself, given the text for its object and for each argument."""
    target = call.target
    if target.style == "property":
        return target.callee.replace("{self}", receiver)
    if target.style == "operator":
        text = target.callee.replace("{self}", receiver)
        for index, argument in enumerate(arguments):
            text = text.replace(f"{{{index}}}", argument)
        return text
    parts: List[str] = []
    skipped = False
    for parameter, given, text in zip(target.parameters, call.args, arguments):
        if given == OMITTED:
            skipped = True
        elif parameter.how == "star":
            parts += _spread(text)
        elif parameter.how == "double":
            parts.append(f"**{text}")
        else:
            parts.append(f"{parameter.name}={text}" if skipped or parameter.how == "keyword" else text)
    return f"{target.callee.replace('{self}', receiver)}({', '.join(parts)})"


def _spread(text: str) -> List[str]:
    """Writes the items of a tuple as arguments of their own."""
    if not text.startswith("("):
        return [f"*{text}"]
    return [ast.unparse(item) for item in ast.parse(text, mode="eval").body.elts]  # type: ignore[attr-defined]


def _wrap(value: Any) -> str:
    """Tells how the test will get at what a call promises."""
    if inspect.iscoroutine(value):
        return "await"
    if hasattr(type(value), "__anext__"):
        return "async_list"
    return "list" if hasattr(type(value), "__next__") and not isinstance(value, io.IOBase) else ""


def _draw(value: Any, items: int) -> Any:
    """Waits for a coroutine and draws from an iterator, as the test will."""
    wrap = _wrap(value)
    if wrap == "await":
        return asyncio.run(value)
    if wrap == "async_list":
        return asyncio.run(_collect(value, items))
    return list(itertools.islice(value, items)) if wrap == "list" else value


async def _collect(values: Any, items: int) -> List[Any]:
    found: List[Any] = []
    async for value in values:
        found.append(value)
        if len(found) == items:
            break
    return found


class _deadline:  # noqa: N801 — used like a function
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
        module = importlib.import_module(home)
        before = getattr(module, name)
        self._undo.append(lambda: setattr(module, name, before))
        setattr(module, name, value)

    def setenv(self, name: str, value: str) -> None:
        """Sets an environment variable; the stage puts the environment back."""
        os.environ[name] = value

    def undo(self) -> None:
        """Puts back what was set."""
        while self._undo:
            self._undo.pop()()


class _Silent(io.TextIOWrapper):
    """Standard input of a test: reading from it is an error, as under pytest."""

    def read(self, *_: Any) -> str:
        raise OSError("reading from stdin while output is captured")

    readline = read  # type: ignore[assignment]


class _surroundings:  # noqa: N801 — used like a function
    """Puts the process into the state in which a test finds it, and back after the call."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._argv = list(sys.argv)
        self._path = list(sys.path)
        self._environment = dict(os.environ)
        self._output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
        self._caught = warnings.catch_warnings()
        self.text = ""

    def __enter__(self) -> _surroundings:  # noqa: PYI034 — Self came after Python 3.9
        sys.stdin = _Silent(io.BytesIO())
        sys.stdout = self._output
        sys.stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        self._caught.__enter__()
        warnings.simplefilter("ignore")
        os.chdir(self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdin, sys.stdout, sys.stderr = self._streams
        sys.argv[:] = self._argv
        sys.path[:] = self._path
        self._caught.__exit__(None, None, None)
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        if not self._output.closed:
            self.text = self._output.buffer.getvalue().decode("utf-8", "replace")  # type: ignore[attr-defined]

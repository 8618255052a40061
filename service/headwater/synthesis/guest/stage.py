"""Plays calls and watches what they do.

`Stage.play` builds everything afresh, runs the call under the tracer with a limit on steps and time, and returns what
happened.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import itertools
import logging
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, Generator, List, Optional, Tuple

from . import loops
from .calls import Call, Played, act_text
from .names import Names
from .outside import Doors, refusal
from .surroundings import Patches, deadline, surroundings
from .tracing import TooLong, Tracer

STANDING, TEMPORARY = "standing", "temporary"
"""The folders of a call: the working directory, and what `tmp_path` names."""
PATIENCE = 0.05
"""Seconds after which something that is awaited is held not to come."""


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
        self._folder = ""
        self._patches = Patches()
        self._environment = dict(os.environ)
        self._doors = Doors(self._root)
        logging.getLogger().addHandler(logging.NullHandler())  # as in a test, where warnings are not for standard error
        self.executions = 0

    @property
    def filename(self) -> str:
        """The file of the module under test."""
        return self._tracer.filename

    @contextlib.contextmanager
    def limited(self) -> Generator[None, None, None]:
        """Ends what is done meanwhile after the time that a call may take. Raises TimeoutError."""
        try:
            with deadline(self._bounds.seconds):
                yield
        except TooLong as error:
            raise TimeoutError from error

    def play(self, call: Call, look: Optional[Callable[[Any, Tuple[Any, ...]], None]] = None) -> Played:
        """Plays a call once, with fresh objects; `look` sees the object and the arguments just before the call.

        Without it, classes that the call makes up are the same from play to play.
        """
        self.executions += 1
        found: Dict[str, Any] = {
            "built": False,
            "receiver": None,
            "arguments": (),
            "wrap": "",
            "value": None,
            "awaited": (),
        }
        error: Optional[BaseException] = None
        folder = self._fresh_folder()
        begun = time.monotonic()
        with (
            surroundings(f"{folder}/{STANDING}", self._environment, self._doors) as output,
            deadline(self._bounds.seconds),
        ):
            self._doors.watch()
            steps = self._steps(call, f"{folder}/{TEMPORARY}", found, look)
            try:
                self._tracer.run(lambda: loops.run(_through(steps)) if call.looped else self._drive(steps))
            except BaseException as raised:  # noqa: BLE001 — whatever a stranger's call raises is its outcome
                error = raised
            finally:
                outside = self._doors.close()
                self._patches.undo()
        outside = outside or output.outside or self._tracer.refused or refusal(error)
        return Played(
            self._tracer.arcs,
            error=error,
            output=output.text,
            errors=output.errors,
            outside=outside,
            seconds=time.monotonic() - begun,
            operands=tuple(self._tracer.operands),
            missing=tuple(_told(path, folder) for path in self._doors.missing),
            **found,
        )

    def files(self) -> Dict[str, str]:
        """Returns the small text files below the last call's `tmp_path`, by their path in it."""
        found: Dict[str, str] = {}
        root = Path(self._folder or self._root, TEMPORARY)
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.stat().st_size <= self._bounds.file_bytes:
                with contextlib.suppress(UnicodeDecodeError, OSError):
                    found[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8")
        return found

    def strays(self) -> bool:
        """Whether the last call left something in the folder in which it stood."""
        return bool(self._folder) and _holds_something(f"{self._folder}/{STANDING}")

    def close(self) -> None:
        """Removes the temporary folders."""
        shutil.rmtree(self._root, ignore_errors=True)

    def _steps(
        self, call: Call, temporary: str, found: Dict[str, Any], look: Optional[Callable[[Any, Tuple[Any, ...]], None]]
    ) -> Generator[Any, Any, None]:
        """Builds and calls; yields each value that is to be drawn from or waited for, and is sent what it gave."""
        local: Dict[str, Any] = {"tmp_path": Path(temporary), "monkeypatch": self._patches}

        def built(text: str, place: int) -> Any:
            quick = look is None
            return self._names.recall(text, dict(local), place) if quick else self._names.evaluate(text, dict(local))

        if call.receiver:
            local["self"] = found["receiver"] = built(call.receiver, len(call.args))
        for text in call.before:
            value = self._names.evaluate(text.replace("{self}", "self"), local)
            drawn = yield value
            found["awaited"] += (call.looped and inspect.isawaitable(value) and drawn is not value,)
        values = tuple(built(text, place) if text else None for place, text in enumerate(call.args))
        local.update((f"_{index}", value) for index, value in enumerate(values))
        found["arguments"] = values
        if look is not None:
            look(found["receiver"], values)
        found["built"] = True
        value = self._names.evaluate(act_text(call, "self", [f"_{index}" for index in range(len(values))]), local)
        found["wrap"] = ("loop_await" if inspect.isawaitable(value) else "loop") if call.looped else _wrap(value)
        found["value"] = yield value
        if call.looped and found["value"] is value:
            found["wrap"] = "loop"

    def _drive(self, steps: Generator[Any, Any, None]) -> None:
        """Goes through a call without an event loop of its own."""
        with contextlib.suppress(StopIteration):
            value = next(steps)
            while True:
                value = steps.send(_draw(value, self._bounds.items))

    def _fresh_folder(self) -> str:
        """Returns the folder in which a call stands: emptied if the last left something."""
        if not self._folder:
            self._folder = tempfile.mkdtemp(dir=self._root)
        for name in (STANDING, TEMPORARY):
            place = f"{self._folder}/{name}"
            if os.path.isdir(place):
                if not _holds_something(place):
                    continue
                shutil.rmtree(place, ignore_errors=True)
                self._doors.stands = "" if name == STANDING else self._doors.stands
            os.makedirs(place, exist_ok=True)
        return self._folder


def _holds_something(folder: str) -> bool:
    with os.scandir(folder) as found:
        return any(found)


def _told(path: str, folder: str) -> str:
    """Writes a path in a call's folder as a test does."""
    below = os.path.relpath(path, f"{folder}/{TEMPORARY}")
    return below if not below.startswith("..") else f"./{os.path.relpath(path, f'{folder}/{STANDING}')}"


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
        return loops.run(value)
    if wrap == "async_list":
        return loops.run(_collect(value, items))
    return list(itertools.islice(value, items)) if wrap == "list" else value


async def _through(steps: Generator[Any, Any, None]) -> None:
    """Goes through a call inside an event loop; what is not there soon never comes."""
    sent: Any = None
    while True:
        try:
            value = steps.send(sent)
        except StopIteration:
            return
        sent = value
        if inspect.isawaitable(value):
            waiting = asyncio.ensure_future(value)
            done, _ = await asyncio.wait({waiting}, timeout=PATIENCE)
            if not done and not isinstance(value, asyncio.Future):
                waiting.cancel()
                raise TooLong
            sent = waiting.result() if done else value


async def _collect(values: Any, items: int) -> List[Any]:
    found: List[Any] = []
    async for value in values:
        found.append(value)
        if len(found) == items:
            break
    return found

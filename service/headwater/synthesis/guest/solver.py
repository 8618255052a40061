"""Asks a solver for inputs that reach what the search did not: CrossHair, where the interpreter has it.

What it answers are calls like any other: they are played, observed and verified before they become tests. It works in
a fork, which is ended when its time is over; the number of paths that it walks ends it sooner, so that it answers the
same each time as long as the clock stays in reserve.
"""

# Values of strangers have any type.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import contextlib
import gc
import importlib.util
import json
import os
import resource
import select
import signal
import time
from dataclasses import dataclass
from typing import Dict, Iterable, List, NoReturn, Sequence, Tuple

from .calls import Call
from .expressions import Expressions
from .names import Names
from .solver_paths import Left, Source, Walker, load
from .solver_templates import Template, readable, templates

MODULES = ("crosshair", "z3")
PIECE = 1 << 16
FIRST_FREE = 3
"""The descriptor behind the standard three, through which the fork speaks."""
MOST_CODE, TOLD = 127, 128
"""How many paths the status of a process can tell, and the bit that says whether one of them led somewhere."""
BARREN = 3
"""After so many times the paths of one question that led nowhere the solver is left alone until the next round."""
TIMES = 3
"""How often the same is asked, each time with twice the paths: what is easy comes first, whatever stands before it."""


@dataclass(frozen=True)
class SolverLimits:
    """What the solver may take."""

    seconds: float
    """For one target."""
    total_seconds: float
    """For all of them; the clock is the reserve of the next."""
    total_paths: int
    paths: int
    """Walked through one call with unknowns, the first time that it is asked."""
    work: int
    """Steps of reasoning for one decision, as Z3 counts them; it gives up the same on every machine."""
    templates: int
    """Calls with unknowns that are made of one target's calls."""
    memory_bytes: int
    """Beyond what the search itself has."""


@dataclass(frozen=True)
class Question:
    """What is left of a target, and the calls of it that led somewhere."""

    calls: Sequence[Call]
    left: Left


@dataclass(frozen=True)
class _Asking:
    templates: Sequence[Template]
    left: Left
    paths: int

    @property
    def size(self) -> int:
        """How much there is to each call: what is simple is solved in a moment, and comes first."""
        return min((len(each.function) for each in self.templates), default=0)


class Solver:
    """Finds calls for one module's targets as long as it has time."""

    def __init__(self, source: Source, names: Names, expressions: Expressions, limits: SolverLimits) -> None:
        """Takes the file, the scope, what writes values down, and what the solver may take."""
        self._walker = Walker(source, names, expressions)
        self._limits = limits
        self._spent = 0.0
        self._walked = 0
        self._asked: Dict[Tuple[object, ...], int] = {}

    @property
    def is_missing(self) -> bool:
        """Whether it is wanted and the interpreter does not have it."""
        return self._limits.seconds > 0 and any(importlib.util.find_spec(each) is None for each in MODULES)

    def answers(self, questions: Iterable[Question], until: float) -> List[List[Call]]:
        """Returns for each question the calls that should reach something of what is left."""
        asked = [self._asking(each) for each in questions]
        seconds = min(self._limits.total_seconds - self._spent, until - time.monotonic())
        found: List[List[Call]] = [[] for _ in asked]
        paths = self._limits.total_paths - self._walked
        if seconds <= 0 or paths <= 0 or self.is_missing or not any(each.templates for each in asked):
            return found
        began = time.monotonic()
        try:
            told = self._fork(asked, began + seconds, paths)
        finally:
            self._spent += time.monotonic() - began
        # The last line says how many paths were walked, unless the fork was ended.
        self._walked += int(told.pop()) if told and told[-1].isdigit() else paths
        for line in told:
            # The code under test ran beside the solver, and may have written into its pipe.
            with contextlib.suppress(ValueError, TypeError, LookupError, SyntaxError):
                place, number, texts = json.loads(line)
                template = asked[place].templates[number]
                plain = {name: readable(text) for name, text in texts.items()}
                found[place] += [template.filled(each) for each in (plain, texts)]
        return found

    def _asking(self, question: Question) -> _Asking:
        """Prepares a question; what was asked so often already has no templates."""
        made = templates(question.calls)[: self._limits.templates] if question.left.ways or question.left.lines else []
        known = (tuple(each.function for each in made), tuple(question.left.ways), question.left.lines)
        times = self._asked[known] = self._asked.get(known, -1) + 1
        return _Asking(made if times < TIMES else [], question.left, self._limits.paths << times)

    def _fork(self, asked: Sequence[_Asking], until: float, paths: int) -> List[bytes]:
        """Has a fork work on all; returns what it told before it was done, or ended."""
        reading, writing = os.pipe()
        process = os.fork()
        if not process:
            self._work(asked, until, paths, writing)
        os.close(writing)
        with contextlib.suppress(OSError):  # it did so itself, or is gone
            os.setpgid(process, process)
        try:
            return _read(reading, until)
        finally:
            os.close(reading)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):  # the code under test may have it buried unseen
                os.waitpid(process, 0)

    def _work(self, asked: Sequence[_Asking], until: float, paths: int, writing: int) -> NoReturn:
        """Is the fork: it loads the solver once and forks again for each question. It never comes back."""
        try:
            _leave_alone(writing, self._limits.memory_bytes)
            load(self._limits.work)
            left, barren = paths, 0
            for place, each in sorted(enumerate(asked), key=lambda pair: pair[1].size):
                seconds = min(self._limits.seconds, until - time.monotonic())
                if each.templates and seconds > 0 and left > 0 and barren < BARREN * each.paths:
                    walked, led = self._walk(place, each, seconds)
                    left, barren = left - walked, 0 if led else barren + walked
            os.write(FIRST_FREE, b"%d\n" % (paths - left))
        except BaseException:  # noqa: BLE001 — whatever a stranger's code or the solver raises ends the fork, nothing else
            os._exit(1)
        os._exit(0)

    def _walk(self, place: int, asked: _Asking, seconds: float) -> Tuple[int, bool]:
        """Forks once more, for one question; returns how many paths it walked, and whether one led somewhere."""
        process = os.fork()
        if process:
            code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            return (code & MOST_CODE, bool(code & TOLD)) if code >= 0 else (asked.paths * len(asked.templates), False)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        left, walked = asked.left, 0
        for number, template in enumerate(asked.templates):

            def tell(texts: Dict[str, str], number: int = number) -> None:
                os.write(FIRST_FREE, json.dumps([place, number, texts]).encode() + b"\n")

            left, paths = self._walker.walk(template, left, asked.paths, tell)
            walked += paths
        os._exit(min(walked, MOST_CODE) | (TOLD if left is not asked.left else 0))


def _leave_alone(writing: int, memory_bytes: int) -> None:
    """Cuts the fork off from the host's pipe and from what is printed, and bounds its memory."""
    gc.disable()  # when it runs depends on all that was before, and the solver reasons by what is alive
    os.setpgid(0, 0)
    os.dup2(writing, FIRST_FREE, inheritable=False)
    os.closerange(FIRST_FREE + 1, os.sysconf("SC_OPEN_MAX"))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(FIRST_FREE):
        os.dup2(nothing, stream)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open("/proc/self/statm", encoding="ascii") as sizes:
        have = int(sizes.read().split()[0]) * resource.getpagesize()
    _now, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = have + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))


def _read(reading: int, until: float) -> List[bytes]:
    """Returns the complete lines that come until then."""
    heard = bytearray()
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(reading, PIECE) if ready else b""
        if not piece:
            return bytes(heard[: heard.rfind(b"\n") + 1]).splitlines()
        heard += piece

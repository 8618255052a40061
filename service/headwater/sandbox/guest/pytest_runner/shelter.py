"""Keeps the runner on its feet while the code under test rearranges the process."""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import builtins
import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from os import chdir, close, dup2, path, read
from os import open as os_open
from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit, setrlimit
from shutil import rmtree
from signal import SIG_DFL, SIGCHLD, getsignal
from signal import signal as set_handler
from typing import TYPE_CHECKING, Any

from .job import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Generator

# Names are bound here, before the module under test can replace what `os` and `signal` hold.
_PAGE = os.sysconf("SC_PAGE_SIZE")
_cancel_timer, _REAL_TIMER = signal.setitimer, signal.ITIMER_REAL


class Shelter:
    """The work folder, a scratch folder inside it, and the process settings that the runner itself stands on."""

    def __init__(self, work: str, scratch: str) -> None:
        """Remembers the import path, the output and the limits as they are now."""
        self.work = work
        self.scratch = scratch
        self._path = list(sys.path)
        self._depth = sys.getrecursionlimit()
        self._null = os.open(os.devnull, os.O_RDWR)
        self._child_handler = getsignal(SIGCHLD)
        self._builtins = dict(vars(builtins))
        self._replaced: dict[str, Any] = {}

    @classmethod
    def build(cls) -> Shelter:
        """Makes the scratch folder, and in it the one for temporary files, so that these count as nobody's leak."""
        work = os.getcwd()
        shelter = cls(work, tempfile.mkdtemp(prefix=SCRATCH, dir=work))
        os.environ["TMPDIR"] = path.join(shelter.scratch, "tmp")
        os.mkdir(os.environ["TMPDIR"])
        tempfile.tempdir = None
        # A bytecode file is trusted by second and size: a source that is rewritten at once would run its old self.
        sys.dont_write_bytecode = True
        return shelter

    def restore(self) -> None:
        """Goes back to the work folder and adds what is missing of the import path."""
        chdir(self.work)
        sys.path[:] = [*self._path, *(entry for entry in sys.path if entry not in self._path)]
        sys.setrecursionlimit(max(self._depth, sys.getrecursionlimit()))

    def set_aside_builtins(self) -> None:
        """Lets pytest start and collect with its own, since the module under test may have replaced `open`."""
        now = builtins.__dict__
        self._replaced = {
            name: now[name] for name, value in self._builtins.items() if now.get(name, value) is not value
        }
        now.update(self._builtins)

    def give_back_builtins(self) -> None:
        """Puts back what the module made of the builtins, for the tests."""
        builtins.__dict__.update(self._replaced)

    @contextmanager
    def undisturbed(self) -> Generator[None, None, None]:
        """Sets aside a user's handler that would reap the runner's forks, and a pending alarm."""
        self._child_handler = getsignal(SIGCHLD)
        set_handler(SIGCHLD, SIG_DFL)
        _cancel_timer(_REAL_TIMER, 0)
        try:
            yield
        finally:
            set_handler(SIGCHLD, self._child_handler or SIG_DFL)

    @contextmanager
    def shared(self, forks: int) -> Generator[None, None, None]:
        """Divides the address space that is left among so many forks; one that needs more gets it when it is alone."""
        whole, most = getrlimit(RLIMIT_AS)
        if whole != RLIM_INFINITY:
            used = _reserved()
            setrlimit(RLIMIT_AS, (used + (whole - used) // forks, most))
        try:
            yield
        finally:
            setrlimit(RLIMIT_AS, (whole, most))

    def hand_over(self) -> None:
        """Gives a fork to the tests: the user's handler is back, and what is printed past pytest goes nowhere."""
        set_handler(SIGCHLD, self._child_handler or SIG_DFL)
        dup2(self._null, 1)
        dup2(self._null, 2)

    def remove(self) -> None:
        """Removes the scratch folder."""
        os.close(self._null)
        rmtree(self.scratch, ignore_errors=True)


def _reserved() -> int:
    """Tells how much address space this process has; nothing where no /proc says so."""
    try:
        sizes = os_open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return 0
    try:
        return int(read(sizes, 100).split()[0]) * _PAGE
    finally:
        close(sizes)

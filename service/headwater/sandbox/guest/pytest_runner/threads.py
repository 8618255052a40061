"""Which threads a test owes an end to."""

from __future__ import annotations

import threading
from gc import collect
from inspect import currentframe
from threading import enumerate as all_threads
from time import monotonic
from typing import Any


class Threads:
    """The threads that were there before, and those that a fork starts.

    A library may keep a daemon thread for itself, such as a progress bar's monitor or a cached pool; it serves all
    tests and ends with the process. What the file of tests itself starts, or is no daemon, must end with its test.
    """

    def __init__(self, tests: str) -> None:
        """Knows the threads of now; `tests` is the path of the file of tests."""
        self._tests = tests
        self._before = frozenset(all_threads())
        self._by_tests: set[Any] = set()

    def watch(self) -> None:
        """Notes from here on which threads the file of tests starts."""
        start = threading.Thread.start

        def noted(thread: threading.Thread) -> None:
            """Starts the thread's activity."""
            here = currentframe()
            if here and here.f_back and here.f_back.f_code.co_filename == self._tests:
                self._by_tests.add(thread)
            start(thread)

        threading.Thread.start = noted  # type: ignore[method-assign]

    def left(self, seconds: float) -> list[str]:
        """Names those that should have ended, once they had a moment to."""
        ends = monotonic() + seconds
        owed = [each for each in all_threads() if each not in self._before and self._owed(each)]
        if owed:
            collect()  # A pool that nobody holds any longer ends its threads.
        for each in owed:
            each.join(max(ends - monotonic(), 0))
        return [each.name for each in owed if each.is_alive()]

    def _owed(self, thread: threading.Thread) -> bool:
        return not thread.daemon or thread in self._by_tests

"""What was executed, counted as coverage.py counts it."""

from __future__ import annotations

import glob
import warnings
from sys import gettrace, settrace
from typing import TYPE_CHECKING, Any

from coverage import Coverage
from coverage.python import PythonFileReporter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping


class Meter:
    """Measures one source file over stretches of a process, and over forks of it.

    The denominators come from coverage's file reporter, which its reports use too; it is asked once, because a report
    parses the source anew each time and a test may take less than that.
    """

    def __init__(self, source: str, *, parse: bool = True) -> None:
        """Reads the source. Raises coverage.exceptions.NotPython when it is none and `parse` is asked for."""
        self._source = source
        self._coverage = Coverage(branch=True, include=[glob.escape(source)], data_file=None, config_file=False)
        self._coverage.get_exclude_list()  # Reads the settings, which the reporter of older versions expects done.
        self._reporter = PythonFileReporter(source, self._coverage)
        self._arcs: set[tuple[int, int]] = set()
        self._flush: Callable[[], object] = _nothing
        self._tracer: Any = None
        self._statements: set[int] = set(self._reporter.lines()) if parse else set()
        self._branches: set[tuple[int, int]] = self._all_branches() if parse else set()
        # Lines marked `no branch` are partial by permission: reports count their arcs as taken.
        unasked = self._reporter.no_branch_lines() if parse else set[int]()
        self._excused: set[tuple[int, int]] = {arc for arc in self._branches if arc[0] in unasked}

    @property
    def saw_anything(self) -> bool:
        """Tells whether any line of the source has run."""
        return bool(self._arcs)

    def start(self) -> None:
        """Measures from here on, forks included; starting anew in each would cost a few milliseconds."""
        self._coverage.start()
        collector: Any = getattr(self._coverage, "_collector")  # noqa: B009 — private, so the checker need not know it
        collector.use_data(_Sink(self._source, self._arcs), None)
        self._flush = collector.flush_data
        self._tracer = gettrace()

    def stop(self) -> None:
        """Measures no more, in this process and in the forks that it makes from here on."""
        self.resume()
        self._coverage.stop()
        self._tracer = None
        self.note()

    def rest(self) -> Any:
        """Measures nothing of this thread until `resume`, or `return_to` what this returns."""
        before = gettrace()
        if self._tracer is not None:  # Python 3.14 is measured by other means, at no cost.
            settrace(None)
        return before

    def resume(self) -> Any:
        """Measures again; `return_to` what this returns ends that."""
        before = gettrace()
        if self._tracer is not None:
            settrace(self._tracer)
        return before

    def return_to(self, before: Any) -> None:
        """Measures or rests as before `rest` or `resume`."""
        if self._tracer is not None:
            settrace(before)

    def statement(self, line: int) -> int:
        """Returns the first line of the statement that this line belongs to, as lines are counted here."""
        return min(self._reporter.translate_lines([line]), default=line)

    def rehearse(self) -> None:
        """Starts and stops, so that what coverage loads and looks up at its first start is there."""
        self.start()
        self.stop()
        self.lines()

    def acquaint(self, files: Iterable[str]) -> None:
        """Has the tracer ask now whether to measure these files: it asks at a first call, and so would each fork."""
        before = self.resume()
        for file in files:
            exec(compile("", file, "exec"), {})  # noqa: S102 — nothing, in the name of that file
        self.return_to(before)

    def note(self) -> None:
        """Adds what ran so far. In a fork, that is what ran in it: the parent's own was added before."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # A user's filter could raise coverage's own warnings here.
            self._flush()

    def totals(self) -> dict[str, Any]:
        """Returns the denominators: `statements` and `branches`."""
        return {"statements": sorted(self._statements), "branches": _pairs(self._branches)}

    def lines(self) -> list[int]:
        """Returns the executed statements."""
        numbers = {line for arc in self._arcs for line in arc if line > 0}
        return sorted(self._reporter.translate_lines(numbers) & self._statements)

    def taken(self) -> list[list[int]]:
        """Returns the branches that were taken."""
        return _pairs(self._branches & {*self._reporter.translate_arcs(self._arcs), *self._excused})

    def _all_branches(self) -> set[tuple[int, int]]:
        exits, excluded = self._reporter.exit_counts(), self._reporter.excluded_lines()
        arcs = self._reporter.arcs()
        return {(start, end) for start, end in arcs if exits.get(start, 0) > 1 and end not in excluded}


class _Sink:
    """Takes what coverage collected of one file, in the place of its database, which takes 2 ms to make and fill."""

    def __init__(self, source: str, arcs: set[tuple[int, int]]) -> None:
        self._source, self._arcs = source, arcs

    def add_arcs(self, arcs: Mapping[str, Collection[tuple[int, int]]]) -> None:
        """Takes arcs by file."""
        self._arcs.update(arcs.get(self._source, ()))

    def set_context(self, context: str | None) -> None:
        """Has no contexts."""

    def add_file_tracers(self, tracers: Mapping[str, str]) -> None:
        """Has no plugins."""


def _nothing() -> None:
    """Is what there is to note before the start."""


def _pairs(arcs: set[tuple[int, int]]) -> list[list[int]]:
    return [list(arc) for arc in sorted(arcs)]

"""Runs the tests that a project has, once, and says what they execute of its modules.

A guest program: it runs under the user's interpreter (3.9 and later) and imports nothing of Headwater. The request:
`folder` to run in, the `tests` and the `sources` (absolute paths), and `seconds` after which no further test begins.

Messages:
    file    for a source, whenever more of it was executed, and once at the end: path; lines and taken as they were
            executed, statements and branches as they are counted
    ended   the last: passed, failed, errors, late (whether time was up), usage (whether pytest could not begin)
"""

from __future__ import annotations

import glob
import os
import sys
import time
from typing import Any, Callable  # noqa: UP035 — runs under 3.9 as well

import pytest
from coverage import Coverage
from coverage.exceptions import CoverageException
from coverage.python import PythonFileReporter

Send = Callable[[dict[str, Any]], None]
OPTIONS = ("-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "-o", "addopts=")
"""What a project adds on its own (coverage, workers, a stop at the first failure) would get in the way."""


def main(request: dict[str, Any], send: Send) -> None:
    """Runs the tests under coverage."""
    os.environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)  # the project's tests may need the plugins that it has
    os.chdir(request["folder"])
    _forget(request["sources"])
    include = [glob.escape(source) for source in request["sources"]]
    measure = Coverage(branch=True, include=include, data_file=None, config_file=False)
    watcher = Watcher(measure, request["sources"], time.monotonic() + request["seconds"], send)
    measure.start()
    code = pytest.main([*OPTIONS, f"--rootdir={request['folder']}", *request["tests"]], plugins=[watcher])
    measure.stop()
    watcher.tell(everything=True)
    usage = code in {pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR}
    send({"event": "ended", **watcher.counts, "late": watcher.late, "usage": usage})


class Watcher:
    """A plugin of pytest that counts tests, tells what was executed after each file of them, and watches the time."""

    def __init__(self, measure: Coverage, sources: list[str], deadline: float, send: Send) -> None:
        """Tells of `sources` by `send`; begins no test after `deadline`."""
        self.counts = {"passed": 0, "failed": 0, "errors": 0}
        self.late = False
        self._measure, self._deadline, self._send = measure, deadline, send
        self._sources = {source: Source(source) for source in sources}
        self._session: Any = None
        self._file = ""

    def pytest_sessionstart(self, session: Any) -> None:
        """Keeps the session, which can be stopped."""
        self._session = session

    def pytest_collectreport(self, report: Any) -> None:
        """Counts files that cannot be collected."""
        self.counts["errors"] += bool(report.failed)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Counts tests."""
        if report.when == "call" and report.outcome in self.counts:
            self.counts[report.outcome] += 1
        elif report.when != "call" and report.failed:
            self.counts["errors"] += 1

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Tells what a file of tests has executed once the next one begins, and stops where time is up."""
        file = nodeid.partition("::")[0]
        if self._file not in {"", file}:
            self.tell()
        self._file = file
        if time.monotonic() > self._deadline and self._session is not None:
            self.late = True
            self._session.shouldstop = "time is up"

    def tell(self, *, everything: bool = False) -> None:
        """Tells of the sources of which more was executed since the last time, or of all."""
        data = self._measure.get_data()
        for source in self._sources.values():
            message = source.grown(self._measure, set(data.arcs(source.path) or ()), everything=everything)
            if message is not None:
                self._send(message)


class Source:
    """A file whose coverage is told, counted as coverage.py counts."""

    def __init__(self, path: str) -> None:
        """Reads nothing yet."""
        self.path = path
        self._seen = -1
        self._reporter: Any = None

    def grown(self, measure: Coverage, arcs: set[tuple[int, int]], *, everything: bool) -> dict[str, Any] | None:
        """Returns what was executed; None where that is no more than before, or the file is no Python."""
        if len(arcs) == max(self._seen, 0) and not everything:
            return None
        self._seen = len(arcs)
        try:
            self._reporter = reporter = self._reporter or PythonFileReporter(self.path, measure)
            statements, exits, excluded = set(reporter.lines()), reporter.exit_counts(), reporter.excluded_lines()
            possible = {arc for arc in reporter.arcs() if exits.get(arc[0], 0) > 1 and arc[1] not in excluded}
        except CoverageException:  # no Python, or gone: whoever tests it will say so
            return None
        lines = reporter.translate_lines({line for arc in arcs for line in arc if line > 0}) & statements
        excused = {arc for arc in possible if arc[0] in reporter.no_branch_lines()}
        taken = possible & {*reporter.translate_arcs(arcs), *(excused if arcs else ())}
        return {
            "event": "file",
            "path": self.path,
            "lines": sorted(lines),
            "taken": sorted(taken),
            "statements": len(statements),
            "branches": len(possible),
        }


def _forget(sources: list[str]) -> None:
    """Drops modules of the project that this process has loaded already, whose import would not be seen."""
    wanted = {os.path.realpath(source) for source in sources}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        top = name.partition(".")[0]
        if file and os.path.realpath(file) in wanted and top not in {"pytest", "_pytest", "pluggy", "coverage"}:
            del sys.modules[name]

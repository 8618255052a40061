"""One pytest session: collects the file of tests once, then hands its items over."""

# Plain os calls, since the code under test may patch pathlib, and each of these runs once per test or file.
from __future__ import annotations

import importlib.util
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .detail import clip, explain
from .items import item_name, test_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .job import Job
    from .shelter import Shelter

Tests = dict[str, list[Any]]
"""Items by the name of their test, in the order of the file."""

_UNUSED = (
    *("cacheprovider", "faulthandler", "unraisableexception", "threadexception"),
    *("pastebin", "setuponly", "setupplan", "stepwise"),
)
"""Plugins of pytest that would write files or output, only warn, or do what options ask for that nobody gives here."""
_ASYNC_PLUGIN = "pytest_asyncio"


def collect(
    job: Job,
    shelter: Shelter,
    plugins: Sequence[object],
    send: Callable[[dict[str, Any]], None],
    then: Callable[[Tests], None],
) -> None:
    """Collects, sends `collected`, and calls `then` inside the session unless nothing was collected."""
    collector = _Collector(job, shelter, send, then)
    printed = io.StringIO()
    streams = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = printed  # The module may have left something there that cannot be written to.
    shelter.set_aside_builtins()
    pytest.main(_arguments(job, shelter), plugins=[collector, *plugins])
    sys.stdout, sys.stderr = streams
    if collector.collected and collector.broken is not None:
        raise collector.broken
    if not collector.collected:
        collector.give_up(printed.getvalue())


def rehearse(tests: str) -> None:
    """Collects a file of trusted tests and runs none, so that what pytest loads and looks up at its first is there."""
    streams, path = (sys.stdout, sys.stderr), list(sys.path)
    sys.stdout = sys.stderr = io.StringIO()
    try:
        folder = os.path.dirname(tests)
        pytest.main(["-c", os.devnull, "--rootdir", folder, "-p", "no:cacheprovider", "--collect-only", tests])
    finally:
        sys.stdout, sys.stderr = streams
        sys.path[:] = path
        sys.modules.pop(os.path.splitext(os.path.basename(tests))[0], None)


class _Collector:
    """A plugin that takes control where pytest would run the tests."""

    def __init__(
        self, job: Job, shelter: Shelter, send: Callable[[dict[str, Any]], None], then: Callable[[Tests], None]
    ) -> None:
        self._job = job
        self._home = os.path.realpath(job.tests)
        self._shelter = shelter
        self._send = send
        self._then = then
        self._errors: list[dict[str, Any]] = []
        self.collected = False
        self.broken: BaseException | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.unregister(name="terminalreporter")

    def pytest_exception_interact(self, call: Any) -> None:
        if not self.collected:
            # pytest wraps what went wrong; the cause has the kind and the frames.
            error = call.excinfo.value
            self._note(error.__cause__ or error)

    def pytest_internalerror(self, excinfo: Any) -> None:
        self.broken = excinfo.value

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        self.broken = excinfo.value

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tests: Tests = {}
        for item in session.items:
            tests.setdefault(test_name(item), []).append(item)
        self._announce(tests)
        if tests:
            self._prime(session)
            self._shelter.give_back_builtins()
            self._then(tests)
        return True

    def give_up(self, printed: str) -> None:
        """Sends `collected` for a session that never came to its tests."""
        if self.broken is not None:
            self._note(self.broken)
        if not self._errors:
            detail = clip(self._job.known(printed.strip()), self._job.detail_chars)
            self._errors.append({"kind": "UsageError", "name": None, "detail": detail, "line": None})
        self._announce({})

    def _prime(self, session: pytest.Session) -> None:
        """Runs an item that does nothing, so that each fork inherits what pytest and coverage look up on their first.

        A conftest.py has hooks of its own, which may run in forks only.
        """
        for each in session.items:
            each.location  # noqa: B018 — looked up once, and kept
        # Made by the first who asks, who removes an older one: forks must not do that to each other.
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined] # noqa: SLF001 — there is no other way
        plugins = session.config.pluginmanager.get_plugins()
        if not any(os.path.basename(getattr(plugin, "__file__", None) or "") == "conftest.py" for plugin in plugins):
            item: Any = _Nothing.from_parent(session, name="nothing")  # pyright: ignore[reportUnknownMemberType]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def _note(self, error: BaseException) -> None:
        self._errors.append(explain(error, self._job, self._home))

    def _announce(self, tests: Tests) -> None:
        self.collected = True
        listed = [{"name": name, "items": [item_name(item) for item in items]} for name, items in tests.items()]
        self._send({"event": "collected", "tests": listed, "errors": self._errors})


class _Nothing(pytest.Item):
    """An item that passes."""

    def runtest(self) -> None:
        """Does nothing."""


def _arguments(job: Job, shelter: Shelter) -> list[str]:
    """Returns pytest's command line: no settings but these, no cache, no output."""
    arguments = ["-c", os.devnull, "--rootdir", shelter.work, "--confcutdir", job.confcutdir]
    arguments += [
        "--basetemp",
        os.path.join(shelter.scratch, "cases"),
        "--capture",
        "sys",
        "--tb",
        "no",
        "-o",
        "addopts=",
    ]
    for name in (*(f"no:{name}" for name in _UNUSED), *job.plugins):
        arguments += ["-p", name]
    if _needs_async_plugin(job):
        arguments += ["-p", f"{_ASYNC_PLUGIN}.plugin", "-o", "asyncio_mode=auto"]
    return [*arguments, job.tests]


def _needs_async_plugin(job: Job) -> bool:
    try:
        text = Path(job.tests).read_bytes()
    except OSError:
        return False  # pytest says what is wrong with the file.
    return b"async def" in text and importlib.util.find_spec(_ASYNC_PLUGIN) is not None

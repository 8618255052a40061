"""What pytest collected: its names, and one run of them inside a fork."""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from .detail import clip, explain

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from .forks import Say
    from .job import Job

_UNSUPPORTED_ASYNC = "async def function"
"""How older pytests begin the reason when they skip a coroutine that no plugin runs."""


def test_name(item: Any) -> str:
    """Returns the name that all cases of a parametrised test share, `TestCart::test_a`."""
    return _qualified(item, getattr(item, "originalname", None) or item.name)


def item_name(item: Any) -> str:
    """Returns the name of one case, `TestCart::test_a[1-2]`."""
    return _qualified(item, item.name)


class Recorder:
    """A plugin that runs items and keeps what pytest reports of each."""

    def __init__(self, job: Job) -> None:
        """Starts with nothing recorded."""
        self._job = job
        self._home = os.path.realpath(job.tests)
        self._reports: list[tuple[Any, Any]] = []

    def run(self, items: Sequence[Any], say: Say) -> None:
        """Runs the items in this order, then tears everything down; says when one begins and how it ended."""
        for item in items[:1]:
            say({"began": item_name(item)})
        for item, following in zip(items, [*items[1:], None]):
            began = monotonic()
            self._reports.clear()
            interrupted: BaseException | None = None
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            except (KeyboardInterrupt, pytest.exit.Exception) as error:
                interrupted = error
            ended = self._failure(interrupted) if interrupted else self._ended()
            said = {"item": item_name(item), **ended, "seconds": monotonic() - began}
            if interrupted or following is None:
                say(said)
                return  # pytest did not tear an interrupted item down, so that no other can be set up after it.
            say(said, {"began": item_name(following)})

    def passes(self, items: Sequence[Any]) -> bool:
        """Runs the items in this order, up to the first that fails; explains nothing."""
        for item, following in zip(items, [*items[1:], None]):
            self._reports.clear()
            item.repr_failure = _unsaid
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            except (KeyboardInterrupt, pytest.exit.Exception):
                return False
            if any(report.outcome == "failed" for report, _ in self._reports):
                return False
        return True

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, call: Any) -> Generator[None, Any, None]:
        """Keeps each report beside what was raised."""
        made = yield
        self._reports.append((made.get_result(), call.excinfo))

    def _ended(self) -> dict[str, Any]:
        for report, raised in self._reports:
            if report.outcome == "failed":
                return self._failed(report, raised)
        for report, raised in self._reports:
            if report.outcome == "skipped":
                return self._skipped(report, raised)
        return {"outcome": "passed", "detail": "", "line": None}

    def _failed(self, report: Any, raised: Any) -> dict[str, Any]:
        if raised is None:  # Such as a strict xfail that passed.
            return {"outcome": "failed", "detail": self._clip(str(report.longrepr)), "line": None}
        return self._failure(raised.value, prefix="" if report.when == "call" else f"in {report.when}: ")

    def _failure(self, error: BaseException, prefix: str = "") -> dict[str, Any]:
        said = explain(error, self._job, self._home)
        return {
            "outcome": "failed",
            "detail": clip(prefix + said["detail"], self._job.detail_chars),
            "line": said["line"],
            "restricted": said["restricted"],
        }

    def _skipped(self, report: Any, raised: Any) -> dict[str, Any]:
        reason = f"xfail: {report.wasxfail}" if hasattr(report, "wasxfail") else str(raised.value if raised else "")
        if reason.startswith(_UNSUPPORTED_ASYNC):
            detail = "the test is an async def function, and pytest-asyncio, which would run it, is not installed"
            return {"outcome": "failed", "detail": detail, "line": None}
        return {"outcome": "skipped", "detail": self._clip(reason), "line": None}

    def _clip(self, text: str) -> str:
        return clip(self._job.known(text), self._job.detail_chars)


def _unsaid(excinfo: Any, style: Any = None) -> str:
    """Explains no failure, which takes longer than most tests."""
    del excinfo, style
    return ""


def _qualified(item: Any, name: str) -> str:
    return "::".join([*(node.name for node in item.listchain() if isinstance(node, pytest.Class)), name])

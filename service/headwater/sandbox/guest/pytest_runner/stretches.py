"""When the meter runs: while the user's code may. Pytest alone takes twice as long measured, for nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.assertion import rewrite

if TYPE_CHECKING:
    from collections.abc import Generator

    from .job import Job
    from .measure import Meter


class Stretches:
    """A plugin around what may call the user's code: the import and collection of a file, and the phases of an item.

    A conftest.py or a plugin of the user's is called in between too, so where there is one the meter never rests.
    """

    def __init__(self, job: Job, meter: Meter) -> None:
        """Looks whether the meter may rest."""
        self._meter = meter
        self._may_rest = not job.plugins and not _has_conftest(job)

    def begin(self) -> None:
        """Lets the meter rest, from here to the first such stretch."""
        if self._may_rest:
            self._meter.rest()
            _rewrite_unmeasured(self._meter)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, None]:
        """Measures a file's import."""
        before = self._meter.resume()
        yield
        self._meter.return_to(before)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_setup(self) -> Generator[None, Any, None]:
        """Measures fixtures."""
        before = self._meter.resume()
        yield
        self._meter.return_to(before)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self) -> Generator[None, Any, None]:
        """Measures the test itself."""
        before = self._meter.resume()
        yield
        self._meter.return_to(before)

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, None]:
        """Measures how fixtures end."""
        before = self._meter.resume()
        yield
        self._meter.return_to(before)


def _has_conftest(job: Job) -> bool:
    """Tells whether pytest will find a conftest.py beside or above the tests."""
    folder, top = os.path.dirname(os.path.abspath(job.tests)), os.path.join(job.confcutdir, "")
    while os.path.join(folder, "").startswith(top):
        if os.path.exists(os.path.join(folder, "conftest.py")):
            return True
        if folder == os.path.dirname(folder):
            break
        folder = os.path.dirname(folder)
    return False


def _rewrite_unmeasured(meter: Meter) -> None:
    """Has the meter rest while pytest rewrites assertions, the longest part of an import."""
    rewritten = rewrite.rewrite_asserts

    def rewrite_asserts(*arguments: Any) -> None:
        before = meter.rest()
        try:
            rewritten(*arguments)
        finally:
            meter.return_to(before)

    rewrite.rewrite_asserts = rewrite_asserts

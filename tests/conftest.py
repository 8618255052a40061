"""What all tests share: a sandbox, no skip where everything must be there, and examples without a time limit."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from headwater.sandbox import Level, open_sandbox
from headwater.sandbox.opening import OpenSandbox

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[OpenSandbox]:
    """A sandbox beside the files of the test; a folder's own takes its place."""
    opened = await open_sandbox(folder=tmp_path / "sandbox")
    if opened.level is Level.NONE:
        pytest.skip(f"no level holds here: {opened.report}")
    yield opened
    await opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Turns a skip into a failure under HEADWATER_REQUIRE_ALL=1: CI installs what every test needs."""
    del item, call
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("HEADWATER_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report

"""A sandbox at the strongest level of this host."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from headwater.sandbox import Level, open_sandbox
from headwater.sandbox.opening import OpenSandbox
from tests.sandbox import inside
from tests.sandbox.inside import GUESTS, gone


@pytest.fixture(autouse=True)
def _others() -> None:
    """Tells the test which processes are not its own."""
    inside.BEFORE.clear()
    inside.BEFORE.update(inside.below())


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[OpenSandbox]:
    opened = await open_sandbox(folder=tmp_path / "sandbox", preload=[GUESTS / "warmed"])
    if opened.level is Level.NONE:
        pytest.skip(f"no level holds here: {opened.report}")
    yield opened
    await opened.close()
    assert await gone(set()) == []

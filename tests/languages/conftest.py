"""What the tests of other languages run with; a missing toolchain skips, with the reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

VARIABLE = "HEADWATER_TEST_NODE_MODULES"


@pytest.fixture
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    return found


@pytest.fixture
def go() -> str:
    found = shutil.which("go")
    if found is None:
        pytest.skip("go is not installed")
    return found


@pytest.fixture
def packages(node: str) -> Path:
    """The folder of packages that .ci/run installs: vitest, jest, tsx and prettier are not fetched by a test."""
    folder = os.environ.get(VARIABLE)
    if not folder or not Path(folder, "vitest").is_dir():
        pytest.skip(f"{VARIABLE} names no node_modules with vitest, jest, tsx and prettier")
    return Path(folder).resolve()

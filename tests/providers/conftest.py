"""Fake vendors for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.vendors import FakeVendors, fake_vendors


@pytest.fixture
async def vendors() -> AsyncIterator[FakeVendors]:
    async with fake_vendors() as running:
        yield running

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]
TEXTS = sorted((Path(__file__).parents[1] / "data" / "requirements").iterdir())


@pytest.fixture(params=TEXTS, ids=lambda path: path.stem)
def requirements(request: pytest.FixtureRequest) -> str:
    """Each of the requirement texts."""
    return request.param.read_text(encoding="utf-8")

"""Writes what sets the backend up: its package, its pinned requirements, its migrations' settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headwater.synthesis.project.backend import packages
from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.python import WIDTH
from headwater.synthesis.project.traits import traits


def setup(plan: Plan) -> Iterator[File]:
    """Yields the files that tools read."""
    pins = packages.runtime(traits(plan))
    yield File(path="backend/pyproject.toml", text=_pyproject(plan, pins))
    yield File(path="backend/requirements.txt", text="-c constraints.txt\n" + packages.pinned(pins))
    yield File(path="backend/requirements-dev.txt", text="-r requirements.txt\n" + packages.pinned(packages.TESTING))
    yield File(path="backend/constraints.txt", text=packages.constraints(pins))
    yield File(path="backend/alembic.ini", text=ALEMBIC)


def _pyproject(plan: Plan, pins: Mapping[str, str]) -> str:
    needed = "".join(f'  "{name}>={version}",\n' for name, version in pins.items())
    return f"""[project]
name = "{plan.spec.name.replace("_", "-")}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = [
{needed}]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
addopts = ["-q", "--strict-markers", "-p", "no:asyncio"] # no test here is asynchronous
filterwarnings = ["error"]

[tool.coverage.run]
source = ["app"]
branch = true

[tool.ruff]
line-length = {WIDTH}
target-version = "py311"
src = ["."]

[tool.ruff.lint]
select = ["E", "F", "W", "I", "B", "UP", "SIM", "RUF", "C4", "PIE", "RET", "PT"]
ignore = ["RUF001", "RUF002", "RUF003"] # texts are written in any language
"""


ALEMBIC = """[alembic]
script_location = %(here)s/migrations
prepend_sys_path = .
path_separator = os
# Those that are written here run before the generated ones that came later: Alembic goes by the names of the files.
file_template = own_%%(rev)s_%%(slug)s
"""

"""Writes what sets the backend up: its package, its pinned requirements, its migrations' settings."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.python import WIDTH
from headwater.synthesis.project.traits import traits

PINS = {
    "alembic": "1.20.1", "email-validator": "2.4.0", "fastapi": "0.165.0", "pg8000": "1.31.6",
    "pwdlib[argon2]": "0.3.1", "pydantic": "2.14.3", "pyjwt": "2.15.1", "python-multipart": "0.0.34",
    "sqlalchemy": "2.1.9", "uvicorn": "0.54.0",
}  # fmt: skip
"""The versions that the application was proven with."""
TESTING = {"httpx": "0.28.1", "httpx2": "2.16.2", "pytest": "9.2.0", "pytest-cov": "7.1.0", "ruff": "0.17.5"}
NEEDED_BY = {"email-validator": "email", "pwdlib[argon2]": "account", "pyjwt": "account", "python-multipart": "files"}
"""Packages that only applications with a trait need."""


def setup(plan: Plan) -> Iterator[File]:
    """Yields the files that tools read."""
    has = traits(plan)
    pins = {name: version for name, version in PINS.items() if NEEDED_BY.get(name, "") in {"", *has}}
    yield File(path="backend/pyproject.toml", text=_pyproject(plan, list(pins)))
    yield File(path="backend/requirements.txt", text=_pinned(pins))
    yield File(path="backend/requirements-dev.txt", text="-r requirements.txt\n" + _pinned(TESTING))
    yield File(path="backend/alembic.ini", text=ALEMBIC)


def _pinned(pins: dict[str, str]) -> str:
    return "".join(f"{name}=={version}\n" for name, version in pins.items())


def _pyproject(plan: Plan, packages: list[str]) -> str:
    needed = "".join(f'  "{name}>={PINS[name]}",\n' for name in packages)
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

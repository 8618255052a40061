"""Writes the workflow that tests an application on each push."""

from __future__ import annotations

from typing import Any

from headwater.synthesis.project.deployment.containers import POSTGRES_IMAGE
from headwater.synthesis.project.deployment.written import documents
from headwater.synthesis.project.files import Plan, Target

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97"
NODE = "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020"
VERSIONS = {CHECKOUT: "v7.0.1", PYTHON: "v7.0.0", NODE: "v7.0.0"}
"""What the commits are called: a tag can be moved, a commit cannot."""
MINUTES = 15
ADDRESS = "postgresql+pg8000://app@127.0.0.1:5432/app"


def workflow(plan: Plan) -> str:
    """Returns the workflow: the backend on both databases, the frontend and the image if there are."""
    jobs: dict[str, Any] = {"backend": _job(*_backend()), "postgres": {**_job(*_postgres()), "services": _server()}}
    if plan.options.frontend:
        jobs["frontend"] = _job(*_frontend())
    if Target.DOCKER in plan.options.targets:
        jobs["image"] = {
            "needs": list(jobs),
            **_job({"run": "docker build --file deploy/Dockerfile --tag application ."}),
        }
    text = documents(
        {
            "name": "ci",
            "on": {"push": {"branches": ["main"]}, "pull_request": {}},
            "permissions": {"contents": "read"},
            "concurrency": {"group": "${{ github.workflow }}-${{ github.ref }}", "cancel-in-progress": True},
            "jobs": jobs,
        }
    )
    for action, version in VERSIONS.items():
        text = text.replace(f"{action}\n", f"{action} # {version}\n")
    return text


def _job(*steps: dict[str, Any]) -> dict[str, Any]:
    first = {"uses": CHECKOUT, "with": {"persist-credentials": False}}
    return {"runs-on": "ubuntu-24.04", "timeout-minutes": MINUTES, "steps": [first, *steps]}


def _backend() -> tuple[dict[str, Any], ...]:
    return (
        *_installed(),
        {"run": "ruff check . && ruff format --check .", "working-directory": "backend"},
        {"run": "python -m pytest", "working-directory": "backend"},
    )


def _postgres() -> tuple[dict[str, Any], ...]:
    """Returns the steps on the database that the containers bring: the migrations both ways, then the tests."""
    ways = "alembic upgrade heads && alembic downgrade base"
    return (
        *_installed(),
        {"run": ways, "working-directory": "backend", "env": {"APP_DATABASE_URL": ADDRESS}},
        {"run": "python -m pytest", "working-directory": "backend", "env": {"APP_TEST_DATABASE_URL": ADDRESS}},
    )


def _installed() -> tuple[dict[str, Any], ...]:
    cached = {"cache": "pip", "cache-dependency-path": "backend/*.txt"}
    return (
        {"uses": PYTHON, "with": {"python-version": "3.12", **cached}},
        {"run": "python -m pip install --requirement backend/requirements-dev.txt"},
    )


def _server() -> dict[str, Any]:
    """Returns a database that lets everybody in: nobody else reaches it, and it is gone after the job."""
    ready = "--health-cmd pg_isready --health-interval 2s --health-timeout 3s --health-retries 15"
    trusting = {"POSTGRES_USER": "app", "POSTGRES_DB": "app", "POSTGRES_HOST_AUTH_METHOD": "trust"}
    return {
        "database": {"image": POSTGRES_IMAGE, "env": trusting, "ports": ["5432:5432"], "options": ready},
    }


def _frontend() -> tuple[dict[str, Any], ...]:
    cached = {"cache": "npm", "cache-dependency-path": "frontend/package-lock.json"}
    return (
        {"uses": NODE, "with": {"node-version": "22", **cached}},
        {"run": "npm ci --no-audit --no-fund", "working-directory": "frontend"},
        {"run": "npm run build", "working-directory": "frontend"},
        {"run": "npm test", "working-directory": "frontend"},
    )

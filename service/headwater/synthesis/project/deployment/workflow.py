"""Writes the workflow that tests an application on each push."""

from __future__ import annotations

from typing import Any

from headwater.synthesis.project.deployment.written import documents
from headwater.synthesis.project.files import Plan, Target

CHECKOUT, PYTHON, NODE = "actions/checkout@v4", "actions/setup-python@v5", "actions/setup-node@v4"
MINUTES = 15


def workflow(plan: Plan) -> str:
    """Returns the workflow: the backend, the frontend if there is one, and the image if one is built."""
    jobs: dict[str, Any] = {"backend": _job(*_backend())}
    if plan.options.frontend:
        jobs["frontend"] = _job(*_frontend())
    if Target.DOCKER in plan.options.targets:
        jobs["image"] = {
            "needs": list(jobs),
            **_job({"run": "docker build --file deploy/Dockerfile --tag application ."}),
        }
    return documents(
        {
            "name": "ci",
            "on": {"push": {"branches": ["main"]}, "pull_request": {}},
            "permissions": {"contents": "read"},
            "concurrency": {"group": "${{ github.workflow }}-${{ github.ref }}", "cancel-in-progress": True},
            "jobs": jobs,
        }
    )


def _job(*steps: dict[str, Any]) -> dict[str, Any]:
    first = {"uses": CHECKOUT, "with": {"persist-credentials": False}}
    return {"runs-on": "ubuntu-24.04", "timeout-minutes": MINUTES, "steps": [first, *steps]}


def _backend() -> tuple[dict[str, Any], ...]:
    return (
        {"uses": PYTHON, "with": {"python-version": "3.12", "cache": "pip"}},
        {"run": "python -m pip install --requirement backend/requirements-dev.txt"},
        {"run": "ruff check . && ruff format --check .", "working-directory": "backend"},
        {"run": "python -m pytest", "working-directory": "backend"},
    )


def _frontend() -> tuple[dict[str, Any], ...]:
    return (
        {"uses": NODE, "with": {"node-version": "22"}},
        {"run": "npm install --no-audit --no-fund", "working-directory": "frontend"},
        {"run": "npm run build", "working-directory": "frontend"},
        {"run": "npm test", "working-directory": "frontend"},
    )

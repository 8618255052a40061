"""Writes how an application is built into an image, and run from it with a database beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headwater.synthesis.project.deployment.written import NOTICE, documents, hyphenated
from headwater.synthesis.project.files import Plan
from headwater.synthesis.project.interface import RouteKind

PYTHON_IMAGE = "python:3.12-slim-bookworm"
NODE_IMAGE = "node:22-bookworm-slim"
POSTGRES_IMAGE = "postgres:17-alpine"
DATABASE_PASSWORD = "POSTGRES_PASSWORD"  # noqa: S105 — the name of the setting
USER = 10001
PORT = 8000
UNPRIVILEGED = ["no-new-privileges:true"]
MEMORY = "512m"
GRACE = "30s"
"""How long requests that are under way have, when a container is stopped."""
CHECK = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=3)"


def dockerfile(plan: Plan) -> str:
    """Returns the Dockerfile: the frontend and the wheels are built in stages of their own."""
    return f"# syntax=docker/dockerfile:1\n{NOTICE}\n" + "\n".join(_dockerfile(plan)) + "\n"


def _dockerfile(plan: Plan) -> Iterator[str]:
    front = plan.options.frontend
    if front:
        yield f"FROM {NODE_IMAGE} AS frontend"
        yield "WORKDIR /build"
        yield "COPY frontend/package.json frontend/package-lock.json ./"
        yield "RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund"
        yield "COPY frontend/ ./"
        yield "RUN npm run build"
        yield ""
    yield f"FROM {PYTHON_IMAGE} AS wheels"
    yield "COPY backend/requirements.txt backend/constraints.txt ./"
    cached = "--mount=type=cache,target=/root/.cache/pip"
    yield f"RUN {cached} pip wheel --wheel-dir /wheels --requirement requirements.txt"
    yield ""
    yield f"FROM {PYTHON_IMAGE}"
    yield "ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1"
    yield f"RUN groupadd --gid {USER} app \\"
    yield f"    && useradd --uid {USER} --gid app --create-home --shell /usr/sbin/nologin app \\"
    yield "    && install --directory --owner app --group app /data"
    yield "# The wheels are mounted: what is copied stays in the image, also when it is removed again."
    yield "RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \\"
    yield "    pip install --no-cache-dir --no-index /wheels/*"
    yield "WORKDIR /srv/backend"
    yield "COPY backend/alembic.ini ./"
    yield "COPY backend/migrations ./migrations"
    yield "COPY backend/app ./app"
    if front:
        yield "COPY --from=frontend /build/dist /srv/static"
        yield "ENV APP_STATIC=/srv/static"
    if plan.interface.route(RouteKind.UPLOAD) is not None:
        yield "ENV APP_FILES=/data/files"
    yield f"USER {USER}:{USER}"
    yield f"EXPOSE {PORT}"
    yield f'HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", "{CHECK}"]'
    yield f'CMD ["python", "-m", "app", "serve", "--host", "0.0.0.0", "--port", "{PORT}"]'


def dockerignore() -> str:
    """Returns what is not sent to the builder: secrets, databases, and what it builds itself."""
    ignored = (".git", ".env", "**/.venv", "**/__pycache__", "**/node_modules", "**/dist", "**/*.db", "backend/files")
    return "".join(f"{each}\n" for each in ignored)


def compose(plan: Plan) -> str:
    """Returns the compose file: the database, a job that migrates it, the application."""
    name = plan.spec.name
    # The password comes from the environment file; compose refuses to start without it.
    password = f"${{{DATABASE_PASSWORD}:?set it in .env}}"
    address = f"postgresql+pg8000://app:{password}@database:5432/{name}"
    image: dict[str, Any] = {
        "image": f"{hyphenated(name)}:${{TAG:-local}}",
        "build": {"context": "..", "dockerfile": "deploy/Dockerfile"},
        "env_file": ["../.env"],
        "environment": {"APP_DATABASE_URL": address, **_served(plan)},
        "read_only": True,
        "tmpfs": ["/tmp"],  # noqa: S108 — the container's own
        "cap_drop": ["ALL"],
        "security_opt": UNPRIVILEGED,
        "mem_limit": MEMORY,
        "volumes": ["data:/data"],
    }
    healthy = {"database": {"condition": "service_healthy"}}
    services = {
        "database": {
            "image": POSTGRES_IMAGE,
            "environment": {
                "POSTGRES_USER": "app",
                "POSTGRES_PASSWORD": password,
                "POSTGRES_DB": name,
            },
            "volumes": ["rows:/var/lib/postgresql/data"],
            "security_opt": UNPRIVILEGED,
            "mem_limit": MEMORY,
            # By its address: while it is being set up it listens, but not there.
            "healthcheck": {
                "test": ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "app", "-d", name],
                "interval": "5s",
                "timeout": "3s",
                "retries": 10,
                "start_period": "30s",
            },
            "stop_grace_period": GRACE,
            "restart": "unless-stopped",
        },
        "migrate": {**image, "command": ["python", "-m", "app", "migrate"], "depends_on": healthy, "restart": "no"},
        "application": {
            **image,
            "depends_on": {**healthy, "migrate": {"condition": "service_completed_successfully"}},
            "ports": [f"127.0.0.1:{PORT}:{PORT}"],
            "stop_grace_period": GRACE,
            "restart": "unless-stopped",
        },
    }
    return documents({"name": hyphenated(name), "services": services, "volumes": {"rows": {}, "data": {}}})


def _served(plan: Plan) -> dict[str, str]:
    """Returns the settings that a path of the image overrides, whatever the environment file says."""
    found = {"APP_STATIC": "/srv/static"} if plan.options.frontend else {}
    return found | ({"APP_FILES": "/data/files"} if plan.interface.route(RouteKind.UPLOAD) is not None else {})

"""Writes what a developer's machine needs: Makefile, settings, ignored files."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.deployment.written import NOTICE
from headwater.synthesis.project.files import Database, Plan
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.spec import Standing


def makefile(plan: Plan) -> str:
    """Returns the Makefile: install, run, test and what lies between."""
    front = plan.options.frontend
    parts = [_HEAD, _install(front=front), _RUN]
    parts += [_ADMIN] if _administered(plan) else []
    parts += [_test(front=front), _CHECKS]
    parts += [_FRONTEND] if front else []
    parts += [_BUILT, _clean(front=front)]
    return NOTICE + "\n".join(parts)


_HEAD = """\
PYTHON ?= python3
BIN = $(CURDIR)/backend/.venv/bin
IN_BACKEND = cd backend && set -a && . ../.env && set +a &&

.PHONY: help install run migrate seed admin test lint openapi frontend clean

help:  ## lists the targets
\t@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\\t/'
"""
_RUN = """\
run: install migrate  ## serves the application on http://localhost:8000
\t$(IN_BACKEND) $(BIN)/python -m app serve

migrate: backend/.venv/installed .env  ## brings the database up to date
\t$(IN_BACKEND) $(BIN)/python -m app migrate

seed: migrate  ## fills an empty database with rows to look at
\t$(IN_BACKEND) $(BIN)/python -m app seed
"""
_ADMIN = """\
admin: migrate  ## makes an administrator: make admin EMAIL=you@example.com
\t$(IN_BACKEND) $(BIN)/python -m app create-admin $(EMAIL)
"""
_CHECKS = """\
lint: backend/.venv/installed  ## checks style and form
\tcd backend && $(BIN)/ruff check . && $(BIN)/ruff format --check .

openapi: backend/.venv/installed  ## writes the description of the API to docs/openapi.json
\tcd backend && $(BIN)/python -m app openapi > ../docs/openapi.json
"""
_FRONTEND = """\
frontend: frontend/dist/index.html  ## builds the frontend

frontend/node_modules: frontend/package.json
\tcd frontend && npm install --no-audit --no-fund
\ttouch $@

frontend/dist/index.html: frontend/node_modules $(shell find frontend/src -type f)
\tcd frontend && npm run build
"""
_BUILT = """\
backend/.venv/installed: backend/requirements.txt backend/requirements-dev.txt
\t$(PYTHON) -m venv backend/.venv
\t$(BIN)/python -m pip install --quiet --requirement backend/requirements-dev.txt
\ttouch $@

.env:
\tumask 077 && sed "s|^APP_SECRET_KEY=$$|&$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(48))')|" \\
\t\t.env.example > .env
"""


def _install(*, front: bool) -> str:
    built = " frontend/dist/index.html" if front else ""
    return f"install: backend/.venv/installed .env{built}  ## sets everything up\n"


def _test(*, front: bool) -> str:
    modules, command = (" frontend/node_modules", "\tcd frontend && npm test\n") if front else ("", "")
    return (
        f"test: backend/.venv/installed{modules}  ## runs all tests\n\tcd backend && $(BIN)/python -m pytest\n{command}"
    )


def _clean(*, front: bool) -> str:
    built = " frontend/node_modules frontend/dist" if front else ""
    return f"clean:  ## removes what was built\n\trm -rf backend/.venv{built}\n"


def environment(plan: Plan) -> str:
    """Returns the example of settings; it holds no secret, and the application does not start without one."""
    return NOTICE + "\n".join(_environment(plan)) + "\n"


def _environment(plan: Plan) -> Iterator[str]:
    if plan.spec.account is not None:
        yield "# Signs the tokens: at least 32 bytes that nobody can guess. `make install` makes one."
        yield "APP_SECRET_KEY="
        yield "# How long somebody stays signed in, in minutes."
        yield "APP_TOKEN_MINUTES=30"
        yield "# Requests per minute that a client may make to register and to sign in."
        yield "APP_RATE_LIMIT=30"
    yield "# Where the rows are kept: sqlite:///./app.db, or postgresql+pg8000://user:password@host:5432/name"
    postgres = plan.options.database is Database.POSTGRES
    address = f"postgresql+pg8000://localhost:5432/{plan.spec.name}" if postgres else "sqlite:///./app.db"
    yield f"APP_DATABASE_URL={address}"
    yield "# Other origins whose pages may call the API, separated by commas."
    yield "APP_CORS_ORIGINS="
    if plan.interface.route(RouteKind.UPLOAD) is not None:
        yield "# The folder of uploads, and the longest upload in bytes."
        yield "APP_FILES=files"
        yield "APP_FILE_BYTES=5242880"
    if plan.options.frontend:
        yield "# The folder of the built frontend."
        yield "APP_STATIC=../frontend/dist"
    yield "APP_LOG_LEVEL=INFO"


def _administered(plan: Plan) -> bool:
    admins = any(each.standing is Standing.ADMIN for each in plan.spec.roles)
    return plan.spec.account is not None and admins


def gitignore() -> str:
    """Returns what git takes no notice of."""
    ignored = (
        ".env",
        ".venv/",
        "__pycache__/",
        "*.db",
        "*.db-*",
        ".coverage",
        "node_modules/",
        "dist/",
        "backend/files/",
    )
    return "".join(f"{each}\n" for each in ignored)

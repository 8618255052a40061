"""Writes what a developer's machine needs: Makefile, settings, ignored files."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.deployment.containers import DATABASE_PASSWORD
from headwater.synthesis.project.deployment.written import NOTICE
from headwater.synthesis.project.files import Database, Plan, Target
from headwater.synthesis.project.interface import RouteKind
from headwater.synthesis.project.spec import Standing


def makefile(plan: Plan) -> str:
    """Returns the Makefile: install, run, test and what lies between."""
    front = plan.options.frontend
    parts = [_HEAD, _install(front=front), _RUN]
    parts += [_ADMIN] if _administered(plan) else []
    parts += [_test(front=front), _CHECKS]
    parts += [_FRONTEND] if front else []
    parts += [_INSTALLED, _environment_made(plan), _clean(front=front)]
    return NOTICE + "\n".join(parts)


_HEAD = """\
PYTHON ?= python3
BIN = $(CURDIR)/backend/.venv/bin
IN_BACKEND = cd backend && set -a && . ../.env && set +a &&

.PHONY: help install run migrate revision seed admin test lint openapi frontend clean

help:  ## lists the targets
\t@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\\t/'
"""
_RUN = """\
run: install migrate  ## serves the application on http://localhost:8000
\t$(IN_BACKEND) $(BIN)/python -m app serve

migrate: backend/.venv/installed .env  ## brings the database up to date
\t$(IN_BACKEND) $(BIN)/python -m app migrate

revision: backend/.venv/installed  ## begins a migration of your own: make revision MESSAGE="adds a view"
\tcd backend && $(BIN)/alembic revision --head heads --message "$(MESSAGE)"
\tcd backend && $(BIN)/ruff format --quiet migrations/versions

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

frontend/node_modules: frontend/package.json frontend/package-lock.json
\tcd frontend && npm ci --no-audit --no-fund
\ttouch $@

frontend/dist/index.html: frontend/node_modules $(shell find frontend/src -type f)
\tcd frontend && npm run build
"""
_INSTALLED = """\
backend/.venv/installed: backend/requirements.txt backend/requirements-dev.txt backend/constraints.txt
\t$(PYTHON) -m venv backend/.venv
\t$(BIN)/python -m pip install --quiet --requirement backend/requirements-dev.txt
\ttouch $@
"""


def _install(*, front: bool) -> str:
    built = " frontend/dist/index.html" if front else ""
    return f"install: backend/.venv/installed .env{built}  ## sets everything up\n"


def _test(*, front: bool) -> str:
    modules, command = (" frontend/node_modules", "\tcd frontend && npm test\n") if front else ("", "")
    return (
        f"test: backend/.venv/installed{modules}  ## runs all tests\n\tcd backend && $(BIN)/python -m pytest\n{command}"
    )


def _environment_made(plan: Plan) -> str:
    """Returns how `.env` is made, which nobody else can read: the example with secrets of its own."""
    random = "&$$($(PYTHON) -c 'import secrets; print(secrets.token_hex(32))')"
    made = " ".join(f'-e "s|^{each}=$$|{random}|"' for each in secrets(plan))
    return f".env:\n\tumask 077 && sed {made or '-n p'} .env.example > .env\n"


def secrets(plan: Plan) -> tuple[str, ...]:
    """Returns the settings that the example leaves empty, and that nothing starts without."""
    wanted = {
        "APP_SECRET_KEY": plan.spec.account is not None,
        DATABASE_PASSWORD: Target.COMPOSE in plan.options.targets,
    }
    return tuple(name for name, holds in wanted.items() if holds)


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
    yield "# Where the rows are kept: sqlite:///./app.db, or postgresql://user:password@host:5432/name"
    postgres = plan.options.database is Database.POSTGRES
    address = f"postgresql+pg8000://localhost:5432/{plan.spec.name}" if postgres else "sqlite:///./app.db"
    yield f"APP_DATABASE_URL={address}"
    yield "# Other origins whose pages may call the API, separated by commas."
    yield "APP_CORS_ORIGINS="
    if DATABASE_PASSWORD in secrets(plan):
        yield "# The password of the database that compose starts: letters and digits. `make install` makes one."
        yield f"{DATABASE_PASSWORD}="
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

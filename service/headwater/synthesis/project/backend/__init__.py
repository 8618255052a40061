"""Renders the backend: a FastAPI application with its models, schemas, routes and permissions."""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.backend.features import about, names
from headwater.synthesis.project.backend.models import models
from headwater.synthesis.project.backend.permissions import permissions
from headwater.synthesis.project.backend.routers import routers
from headwater.synthesis.project.backend.schemas import schemas
from headwater.synthesis.project.backend.setup import setup
from headwater.synthesis.project.backend.source import noticed, source
from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.traits import traits

ALWAYS = (
    "__init__", "access", "callers", "conflicts", "database", "errors", "health", "hooks", "listing", "messages",
    "middleware", "migrating", "openapi", "pages", "rows", "seeding", "services", "settings", "values", "versions",
)  # fmt: skip
"""Modules that every application has."""
SOMETIMES = {
    "account": ("auth", "passwords", "rates", "tokens"),
    "admin": ("accounts",),
    "dashboard": ("dashboard",),
    "export": ("exporting",),
    "files": ("files", "uploads"),
    "history": ("history",),
    "notifications": ("notifications",),
    "search": ("searching",),
}
"""Modules that come with a trait."""
CUSTOM = ("app/custom/__init__.py", "app/custom/hooks.py")


def render(plan: Plan) -> Iterator[File]:
    """Yields the files of the backend, without its tests and migrations."""
    has, filled = traits(plan), names(plan)
    yield from setup(plan)
    for path in ("app/__init__.py", "app/__main__.py", "app/main.py"):
        yield File(path=f"backend/{path}", text=noticed(source(path, has)))
    for path in CUSTOM:
        yield File(path=f"backend/{path}", text=source(path, has, filled), custom=True)
    generated = "backend/app/generated"
    yield File(path=f"{generated}/about.py", text=about(plan))
    if plan.spec.account is not None:
        yield File(path=f"{generated}/permissions.py", text=permissions(plan))
    for name in sorted((*ALWAYS, *(each for trait in has & SOMETIMES.keys() for each in SOMETIMES[trait]))):
        text = noticed(source(f"app/generated/{name}.py", has, filled))
        yield File(path=f"{generated}/{name}.py", text=text)
    for folder, modules in (("models", models), ("schemas", schemas), ("routers", routers)):
        for name, text in modules(plan):
            yield File(path=f"{generated}/{folder}/{name}.py", text=text)

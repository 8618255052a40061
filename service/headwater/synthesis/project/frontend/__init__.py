"""Renders the frontend of a project: React pages over the client of its API, and their tests.

Most files are the same in every application and lie in `source/`; what an entity brings is written by `api`, `models`
and `pages`, and the generic pages read it from there.
"""

from __future__ import annotations

from collections.abc import Iterator

from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.frontend import api, document, ground, models, pages
from headwater.synthesis.project.frontend.source import paths, source
from headwater.synthesis.project.frontend.traits import NEEDED, traits
from headwater.synthesis.project.frontend.typescript import NOTICE

ROOT = "frontend"
GENERATED = "src/generated/"
CUSTOM = "src/custom/"
SCRIPTS = (".ts", ".tsx")


def render(plan: Plan) -> Iterator[File]:
    """Yields the files of the frontend, each once, ordered by their paths; nothing if none is asked for."""
    if plan.options.frontend:
        found = {**dict(_same(plan)), **dict(_own(plan))}
        for path in sorted(found):
            yield File(path=f"{ROOT}/{path}", text=found[path], custom=path.startswith(CUSTOM))


def _own(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields what is written for this application alone."""
    yield from ground.files(plan)
    yield f"{GENERATED}openapi-shapes.json", document.shapes(plan)
    for folder, modules in (("api", api.modules), ("models", models.modules), ("pages/entities", pages.modules)):
        for name, text in modules(plan):
            yield f"{GENERATED}{folder}/{name}{'.tsx' if folder.startswith('pages') else '.ts'}", text


def _same(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields what is the same in every application, but for what only some of them have."""
    had, names = traits(plan), ground.names(plan)
    for path in paths():
        trait = NEEDED.get(path.removeprefix(GENERATED))
        if trait is None or trait in had:
            text = source(path, had, names)
            noted = path.startswith(GENERATED) and path.endswith(SCRIPTS)
            yield path, f"{NOTICE}{text}" if noted else text

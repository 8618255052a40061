"""Says what each phase does and what it brings: the renderers of its files, and the words that go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from headwater.projects import Phase
from headwater.projects.formatting import formatted
from headwater.synthesis.project.backend import render as render_backend
from headwater.synthesis.project.database import render as render_database
from headwater.synthesis.project.deployment import render as render_deployment
from headwater.synthesis.project.files import File, Plan
from headwater.synthesis.project.frontend import render as render_frontend
from headwater.synthesis.project.hooks import HOOKS, TESTS, modules
from headwater.synthesis.project.suite import render as render_suite

Render = Callable[[Plan], Iterator[File]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a phase: what it does, for a person, and what it renders."""

    name: str
    message: str
    render: Render


def _application(plan: Plan) -> Iterator[File]:
    """Yields the backend with the plan's hooks in the file that is theirs."""
    filled = dict(modules(plan))
    for file in formatted(render_backend(plan)):
        yield replace(file, text=filled[HOOKS]) if file.path == HOOKS and HOOKS in filled else file


def _tests(plan: Plan) -> Iterator[File]:
    """Yields the tests of the backend, and those of the plan's hooks."""
    yield from formatted(render_suite(plan))
    yield from (File(path=path, text=text, custom=True) for path, text in modules(plan) if path == TESTS)


def _database(plan: Plan) -> Iterator[File]:
    """Yields the schema, migrations and first data."""
    return formatted(render_database(plan))


STEPS: Mapping[Phase, tuple[Step, ...]] = {
    Phase.DATABASE: (Step(name="schema", message="Writing tables, migrations and first data", render=_database),),
    Phase.BACKEND: (
        Step(name="application", message="Writing routes, models and permissions", render=_application),
        Step(name="tests", message="Writing tests from permissions and constraints", render=_tests),
    ),
    Phase.FRONTEND: (Step(name="pages", message="Writing pages, forms and their tests", render=render_frontend),),
    Phase.DEPLOYMENT: (
        Step(name="deployment", message="Writing what builds, deploys and explains it", render=render_deployment),
    ),
}


def render(plan: Plan) -> Iterator[tuple[Phase, File]]:
    """Yields every file of a project with its phase."""
    for phase, steps in STEPS.items():
        if phase is not Phase.FRONTEND or plan.options.frontend:
            for step in steps:
                yield from ((phase, file) for file in step.render(plan))

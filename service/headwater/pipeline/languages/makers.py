"""Makes the language of a file for one job: with the framework that was asked for, or the project's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from headwater.errors import Problem, invalid
from headwater.pipeline.languages import Language
from headwater.pipeline.languages.go_make import make_go
from headwater.pipeline.languages.project import Project
from headwater.pipeline.languages.python import PYTHON
from headwater.pipeline.languages.script_make import make_script
from headwater.pipeline.languages.trees import fault, parse

Make: TypeAlias = Callable[[Project, str], Language]
"""Makes a language for a project, with the framework that was asked for; empty for the project's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the table: the frameworks of a language, and what makes it."""

    title: str
    frameworks: Sequence[str]
    make: Make
    dialect: Callable[[str], str] | None = None
    """The dialect of a file by its path; None where the file is read by other means."""


def _script_dialect(path: str) -> str:
    suffix = path.rpartition(".")[2]
    return {"ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx"}.get(suffix, "javascript")


LANGUAGES: Mapping[str, Entry] = {
    "python": Entry(title="Python", frameworks=("pytest",), make=lambda _project, _framework: PYTHON),
    "javascript": Entry(
        title="JavaScript", frameworks=("node", "vitest", "jest"), make=make_script, dialect=_script_dialect
    ),
    "typescript": Entry(
        title="TypeScript", frameworks=("vitest", "jest", "node"), make=make_script, dialect=_script_dialect
    ),
    "go": Entry(title="Go", frameworks=("go",), make=make_go, dialect=lambda _: "go"),
}
"""The languages that tests are written in, each with its frameworks."""


def make_language(name: str, project: Project, framework: str) -> Language:
    """Makes a language; blocking, for it asks the toolchain for its version.

    Raises Problem INVALID_ARGUMENT: `FRAMEWORK_UNKNOWN` for one of another language, `SOURCE_SYNTAX` for a file that
    cannot be read.
    """
    entry = LANGUAGES[name]
    check_framework(name, framework)
    if entry.dialect is not None:
        wrong = fault(parse(project.source, entry.dialect(project.path)))
        if wrong:
            raise _syntax(project, entry, wrong)
    return entry.make(project, framework)


def check_framework(language: str, framework: str) -> None:
    """Refuses a framework that the language does not have."""
    entry = LANGUAGES[language]
    if framework and framework not in entry.frameworks:
        message = f"{framework!r} runs no tests in {entry.title}."
        remedy = f"Use one of: {', '.join(entry.frameworks)}; or leave it out for the project's own."
        raise invalid("FRAMEWORK_UNKNOWN", "framework", message, remedy, value=framework[:100])


def _syntax(project: Project, entry: Entry, wrong: str) -> Problem:
    return invalid(
        "SOURCE_SYNTAX",
        "source.content",
        f"{project.path}, {wrong}.",
        f"Put it right; it is read as {entry.title}.",
        path=project.path,
        detail=wrong,
    )

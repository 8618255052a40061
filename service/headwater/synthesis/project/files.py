"""Says what a rendered project is made of: files, and the choices that decide which.

Each renderer is a function `render(plan) -> Iterator[File]`, pure and deterministic: the same plan gives the same
bytes. `Plan` holds everything that a renderer stands on, derived once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import PurePosixPath

from headwater.synthesis.project.interface import Interface
from headwater.synthesis.project.schema import Schema
from headwater.synthesis.project.spec import Spec


class Database(enum.StrEnum):
    """The database an application is set up for; its code and migrations run on both."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


class Target(enum.StrEnum):
    """Where an application is deployed to."""

    DOCKER = "docker"
    COMPOSE = "compose"
    KUBERNETES = "kubernetes"
    CI = "ci"


class License(enum.StrEnum):
    """The licence of a project, by its SPDX identifier; PROPRIETARY keeps all rights."""

    MIT = "MIT"
    APACHE = "Apache-2.0"
    BSD = "BSD-3-Clause"
    PROPRIETARY = "proprietary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is asked for beside the spec. `seed` decides the first data and nothing else."""

    database: Database = Database.SQLITE
    frontend: bool = True
    targets: tuple[Target, ...] = tuple(Target)
    license: License = License.MIT
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A rule of the requirements as code that joins in when rows are written, and the tests that were there first.

    `name` says when it is called: `before_create_booking`. `code` and `tests` are modules of their own.
    """

    name: str
    rule: str
    code: str
    tests: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A valid spec with all that is derived from it, the options, and hooks that were verified.

    `earlier` are the schemas that the project had when it was rendered before, the oldest first: the first migration
    makes the first of them, each further one goes on to the next, and those that were rendered stay as they are.
    """

    spec: Spec
    schema: Schema
    interface: Interface
    options: Options
    earlier: tuple[Schema, ...] = ()
    hooks: tuple[Hook, ...] = ()


class Part(enum.StrEnum):
    """The phase a file belongs to."""

    DATABASE = "database"
    BACKEND = "backend"
    FRONTEND = "frontend"
    DEPLOYMENT = "deployment"


LANGUAGES = {
    ".py": "python", ".ts": "typescript", ".tsx": "tsx", ".css": "css", ".html": "html", ".json": "json",
    ".yaml": "yaml", ".yml": "yaml", ".md": "markdown", ".toml": "toml", ".sql": "sql", ".svg": "svg", ".ini": "ini",
    ".mmd": "mermaid", ".sh": "shell", ".txt": "text", ".cfg": "ini",
}  # fmt: skip
NAMED = {"Dockerfile": "dockerfile", "Makefile": "makefile"}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a project; `path` is relative, with slashes.

    A `custom` one belongs to the user: it is written once, where it is missing, and never again.
    """

    path: str
    text: str
    custom: bool = False

    @property
    def language(self) -> str:
        """The language by the name of the file, `text` where there is none."""
        path = PurePosixPath(self.path)
        return NAMED.get(path.name) or LANGUAGES.get(path.suffix, "text")

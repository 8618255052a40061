"""Makes Go for a project."""

from __future__ import annotations

import posixpath
from pathlib import Path

from headwater.pipeline import Warned
from headwater.pipeline.languages import Language, Runner, reader_of
from headwater.pipeline.languages.definitions import go_definitions
from headwater.pipeline.languages.go import BEGINS, DIALECT, GoGrammar, package_of
from headwater.pipeline.languages.go_cache import warmed
from headwater.pipeline.languages.go_run import GoRunner, GoTools
from headwater.pipeline.languages.project import Program, Project, find_program, outside, unverified
from headwater.pipeline.languages.sites import sites
from headwater.pipeline.languages.speech import PlainSpeech
from headwater.pipeline.languages.steps import Place
from headwater.pipeline.languages.unverified import UnverifiedRunner

GO_SINCE = (1, 20)
WARM_SECONDS = 240.0
"""How long the standard library may take to compile, once."""


def make_go(project: Project, framework: str) -> Language:
    """Makes Go for the package of the file."""
    del framework
    grammar = GoGrammar(package=package_of(project.source))
    go = find_program("go", "version")
    found = sites(project.source, DIALECT)
    warned = _hindrance(project, go)
    cache: list[Path] = []
    runner: Runner = UnverifiedRunner(grammar, found)
    if warned is None and go is not None:
        gofmt = go.path.resolve().with_name("gofmt")
        tools = GoTools(go=str(go.path), gofmt=gofmt if gofmt.exists() else None, cache=cache)
        place = Place(environment=_environment(go.path), top=project.top, left_out=("node_modules", "__pycache__"))
        runner = GoRunner(tools, grammar, place, found, folder=project.folder, made=_made(project, go))
    stem = posixpath.basename(project.path).removesuffix(".go")
    test_file = project.free(f"{stem}_test.go", f"{stem}_generated_test.go")
    return Language(
        name="go",
        title="Go",
        framework="go",
        grammar=grammar,
        runner=runner,
        speech=PlainSpeech(
            dialect=DIALECT,
            grammar=grammar,
            begins=BEGINS,
            system="go_system",
            fence="go",
            values={"language": "Go", "package": grammar.package},
        ),
        test_file=lambda _: test_file,
        counted_by="go cover",
        folders=lambda: _folders(go, cache) if go is not None else (),
        builds=warned is None,
        find=lambda task, hops: go_definitions(reader_of(task), project.files, project.path, hops),
        unverified=warned,
    )


def _folders(go: Program, cache: list[Path]) -> tuple[Path, ...]:
    """Returns the installation, and the compiled standard library, which the runner then knows as well."""
    warm = warmed(go, _environment(go.path), home=Path.home(), seconds=WARM_SECONDS)
    cache[:] = [warm] if warm is not None else []
    return (*outside(go), *cache)


def _hindrance(project: Project, go: Program | None) -> Warned | None:
    if project.refusal is not None:
        return unverified(project.refusal.message, project.refusal.remedy)
    if go is None or go.version < GO_SINCE:
        have = "There is no Go here." if go is None else "The Go here is too old."
        return unverified(have, f"Install Go {GO_SINCE[0]}.{GO_SINCE[1]} or later where the server runs.")
    return None


def _made(project: Project, go: Program) -> dict[str, str]:
    """Makes a go.mod for a snippet, which has none."""
    if project.home("go.mod") is not None:
        return {}
    return {"go.mod": f"module example.com/snippet\n\ngo {go.version[0]}.{go.version[1]}\n"}


def _environment(go: Path) -> dict[str, str]:
    return {
        "PATH": f"{go.parent}:/usr/local/bin:/usr/bin:/bin",
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOFLAGS": "-buildvcs=false",
        "CGO_ENABLED": "0",
        "GOMAXPROCS": "2",
        "TZ": "UTC",
    }

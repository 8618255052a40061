"""Makes JavaScript and TypeScript for a project: its framework, its module system, and where the test file lies."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from headwater.pipeline import Warned
from headwater.pipeline.languages import Language, Runner, reader_of
from headwater.pipeline.languages.definitions import script_definitions
from headwater.pipeline.languages.frameworks import Framework, Jest, Node, Vitest
from headwater.pipeline.languages.project import Program, Project, find_program, outside, unverified
from headwater.pipeline.languages.script_imports import exported, is_commonjs
from headwater.pipeline.languages.script_mend import corrected
from headwater.pipeline.languages.script_run import ScriptRunner
from headwater.pipeline.languages.scripts import ScriptGrammar
from headwater.pipeline.languages.sites import sites
from headwater.pipeline.languages.speech import PlainSpeech
from headwater.pipeline.languages.steps import Place
from headwater.pipeline.languages.trees import parse
from headwater.pipeline.languages.unverified import UnverifiedRunner

BEGINS = re.compile(r"""^(?:test|it)\(\s*(?P<quote>["'`])(?P<name>[^\\\n]*?)(?P=quote)""", re.MULTILINE)
NODE_SINCE = (20, 0)
"""The first node whose test runner tells what Headwater reads."""
STRIPS, STRIPS_IF_ASKED = (22, 18), (22, 6)
"""Since when node reads TypeScript by itself, and since when with an option."""
WASM_SINCE = (20, 15)
"""Since when node can be kept from reserving gigabytes of addresses for WebAssembly."""
TYPED = frozenset({".ts", ".mts", ".cts", ".tsx"})
FORMATTERS = (
    ("prettier", "bin/prettier.cjs", ("--write",)),
    ("@biomejs/biome", "bin/biome", ("format", "--write")),
)
"""The packages that format, where their program lies, and its options."""
RESERVED = {"vitest": 12 << 30}
"""Bytes of addresses that a framework reserves, if more than others: vitest's parser and each WebAssembly memory."""
HEAP_MB = 1536
"""What JavaScript may hold in memory, since addresses bound it too late."""
RICH = ("vitest", "jest")
"""The frameworks that a project brings along, the likelier first."""
ASSERTIONS = {"node": "node:assert/strict", "vitest": "expect", "jest": "expect"}
TITLES = {"node": "the test runner node:test", "vitest": "vitest", "jest": "jest"}


def make_script(project: Project, framework: str) -> Language:
    """Makes the language of a file that node runs."""
    suffix = posixpath.splitext(project.path)[1]
    typed = suffix in TYPED
    name = framework or _own(project, typed=typed)
    grammar = _grammar(project, name, suffix)
    node = find_program("node", "--version")
    found = sites(project.source, grammar.dialect)
    warned = _hindrance(project, name, suffix, node)
    runner: Runner = UnverifiedRunner(grammar, found)
    if warned is None and node is not None:
        runner = _runner(project, name, grammar, node, typed=typed)
    test_file = _test_file(project, grammar, name, suffix)
    title = "TypeScript" if typed else "JavaScript"
    return Language(
        name=title.lower(),
        title=title,
        framework=name,
        grammar=grammar,
        runner=runner,
        speech=_speech(grammar, title),
        test_file=lambda _: test_file,
        counted_by="v8" if name == "node" else "istanbul",
        folders=lambda: outside(node),
        find=lambda task, hops: script_definitions(reader_of(task), project.path, grammar.dialect, hops),
        unverified=warned,
    )


def _own(project: Project, *, typed: bool) -> str:
    """Returns the framework that the project uses: by its manifest, by its packages; else what needs none."""
    manifest = project.manifest()
    named = {name for part in ("devDependencies", "dependencies") for name in _mapping(manifest.get(part))}
    found = [name for name in RICH if name in named] + [name for name in RICH if project.packages(name)]
    if found:
        return found[0]
    return "vitest" if typed and not project.packages("tsx") and not _reads_types() else "node"


def _reads_types() -> bool:
    node = find_program("node", "--version")
    return node is not None and node.version >= STRIPS_IF_ASKED


def _grammar(project: Project, framework: str, suffix: str) -> ScriptGrammar:
    dialect = {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx"}.get(suffix, "javascript")
    root = parse(project.source, dialect)
    base = posixpath.basename(project.path)
    by_text = is_commonjs(root)
    by_name = {".mjs": False, ".cjs": True}.get(suffix)
    by_manifest = {"module": False, "commonjs": True}.get(str(project.manifest().get("type")))
    known = (each for each in (by_name, by_text, by_manifest) if each is not None)
    bare = framework != "node" and suffix in {".ts", ".tsx"}
    return ScriptGrammar(
        dialect=dialect,
        framework=framework,
        path=project.path,
        specifier="./" + (base.removesuffix(suffix) if bare else base),
        commonjs=suffix not in TYPED and framework != "vitest" and next(known, True),
        exports=exported(root),
        correct=lambda specifier: corrected(project.read, project.path, specifier),
    )


def _test_file(project: Project, grammar: ScriptGrammar, framework: str, suffix: str) -> str:
    """Names the test file so that node takes it for the module system that it is written in."""
    stem = posixpath.basename(project.path).removesuffix(suffix)
    ending = suffix
    if framework == "node" and suffix == ".js":
        declared = project.manifest().get("type")
        if grammar.commonjs and declared == "module":
            ending = ".cjs"
        elif not grammar.commonjs and declared != "module":
            ending = ".mjs"
    return project.free(f"{stem}.test{ending}", f"{stem}.generated.test{ending}")


def _hindrance(project: Project, framework: str, suffix: str, node: Program | None) -> Warned | None:
    """Returns why nothing can run the tests."""
    if project.refusal is not None:
        return unverified(project.refusal.message, project.refusal.remedy)
    if node is None or node.version < NODE_SINCE:
        have = "There is no node here." if node is None else "The node here is too old."
        return unverified(have, f"Install Node.js {NODE_SINCE[0]} or later where the server runs.")
    if framework != "node" and not project.packages(framework):
        message = f"The project has no {framework} in its node_modules."
        return unverified(
            message, f"Run npm install --save-dev {_packages(framework)}, and name its folder as source.root."
        )
    if framework == "vitest" and not any(project.packages(f"@vitest/coverage-{kind}") for kind in ("v8", "istanbul")):
        message = "The project has vitest without its coverage."
        return unverified(message, f"Run npm install --save-dev {_packages('vitest')}, of the same version.")
    return _hindrance_of_node(project, suffix, node) if framework == "node" else None


def _hindrance_of_node(project: Project, suffix: str, node: Program) -> Warned | None:
    """Returns why node's own runner cannot read the file."""
    if suffix in {".jsx", ".tsx"}:
        return unverified("node runs no JSX.", "Use vitest: npm install --save-dev vitest @vitest/coverage-v8.")
    if suffix in TYPED and _loader(project, node) is None:
        message = f"Node.js {'.'.join(map(str, node.version))} runs no TypeScript by itself."
        return unverified(message, "Run npm install --save-dev tsx, or use vitest, or install Node.js 22.18 or later.")
    return None


def _packages(framework: str) -> str:
    return "vitest @vitest/coverage-v8" if framework == "vitest" else framework


def _loader(project: Project, node: Program) -> Sequence[str] | None:
    """Returns the options with which node reads TypeScript."""
    if node.version >= STRIPS:
        return ()
    if node.version >= STRIPS_IF_ASKED:
        return ("--experimental-strip-types",)
    return ("--import", "tsx") if project.packages("tsx") else None


def _runner(project: Project, framework: str, grammar: ScriptGrammar, node: Program, *, typed: bool) -> Runner:
    home = project.home("package.json") or ""
    within = posixpath.relpath(project.path, home or ".")
    packages = posixpath.relpath(project.packages(framework) or "node_modules", home or ".")
    program = str(node.path)
    made: Framework
    if framework == "vitest":
        made = Vitest(program=program, folder=packages, path=within, kind=_kind(project))
    elif framework == "jest":
        made = Jest(program=program, folder=packages, path=within)
    else:
        made = Node(program=program, path=within, loader=(_loader(project, node) or ()) if typed else ())
    probe = grammar.compose("", [f'import "{grammar.specifier}";'], [], ['test("loads", () => {});'])
    place = Place(
        environment=_environment(node, counts=framework == "node"),
        top=project.top,
        address_bytes=RESERVED.get(framework, 0),
    )
    return ScriptRunner(
        made,
        grammar,
        place,
        sites(project.source, grammar.dialect),
        cwd=home,
        probe=probe,
        formatter=_formatter(project, program, home),
    )


def _formatter(project: Project, program: str, home: str) -> Sequence[str]:
    """Returns the command of the project's own formatter; empty where it has none that is known."""
    for name, entry, options in FORMATTERS:
        folder = project.packages(name)
        if folder:
            return [program, posixpath.join(posixpath.relpath(folder, home or "."), name, entry), *options]
    return ()


def _kind(project: Project) -> str:
    return "v8" if project.packages("@vitest/coverage-v8") else "istanbul"


def _environment(node: Program, *, counts: bool) -> Mapping[str, str]:
    found = {"PATH": f"{node.path.parent}:/usr/local/bin:/usr/bin:/bin", "CI": "1", "NO_COLOR": "1", "TZ": "UTC"}
    options = [f"--max-old-space-size={HEAP_MB}"]
    options += ["--disable-wasm-trap-handler"] if node.version >= WASM_SINCE else []
    found |= {"NODE_OPTIONS": " ".join(options), "NODE_NO_WARNINGS": "1"}
    return {**found, "NODE_V8_COVERAGE": ".v8"} if counts else found


def _speech(grammar: ScriptGrammar, title: str) -> PlainSpeech:
    modules = "CommonJS (require)" if grammar.commonjs else "ES modules (import)"
    return PlainSpeech(
        dialect=grammar.dialect,
        grammar=grammar,
        begins=BEGINS,
        system="script_system",
        fence="js" if title == "JavaScript" else "ts",
        values={
            "language": title,
            "framework": TITLES[grammar.framework],
            "assertions": ASSERTIONS[grammar.framework],
            "modules": modules,
            "specifier": grammar.specifier,
        },
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}

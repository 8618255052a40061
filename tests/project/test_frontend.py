"""The frontend of a project: what is rendered parses, is safe and the same each time, and its own tests pass."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from headwater.synthesis.project import frontend, interface, schema
from headwater.synthesis.project.files import File, Options, Plan
from headwater.synthesis.project.frontend import typescript, walk
from headwater.synthesis.project.frontend.source import paths
from headwater.synthesis.project.frontend.traits import NEEDED
from headwater.synthesis.project.parsing import parse
from headwater.synthesis.project.spec import (
    Action,
    Entity,
    Feature,
    FeatureKind,
    Field,
    FieldType,
    OnDelete,
    Origin,
    OriginKind,
    Permission,
    Relation,
    RelationKind,
    Role,
    Scope,
    Spec,
    Standing,
)
from tests.project import applications, frontend_tools

HOSTILE = "\"'`</script><img src=x onerror=alert(1)>{{7*7}}${7*7}\\ */ // <!--\u202e\u2028\n\t\0 '); DROP--"
"""What means something in HTML, JSX, templates, comments and SQL, or cannot be seen."""
ORIGIN = Origin(kind=OriginKind.STATED, reason="the test says so")
GRAMMARS = {".ts": tree_sitter_typescript.language_typescript(), ".tsx": tree_sitter_typescript.language_tsx()}


def plan_of(spec: Spec) -> Plan:
    """Everything that is derived from a spec."""
    return Plan(spec=spec, schema=schema.derive(spec), interface=interface.derive(spec), options=Options())


def rendered(plan: Plan) -> dict[str, File]:
    """The files by their paths within the frontend."""
    return {each.path.removeprefix("frontend/"): each for each in frontend.render(plan)}


@pytest.fixture
def blog() -> Plan:
    return plan_of(parse("Build a blog with authentication and comments", name="blog"))


def everything(text: str = "") -> Spec:
    """An application without accounts, with a field of each type and all features that need no account."""
    fields = tuple(
        Field(
            name=f"{kind.value}_field", label=f"{kind.value}{text}", type=kind, origin=ORIGIN,
            required=index % 2 == 0, choices=("first", "second") if kind is FieldType.ENUM else (),
            filtered=True, searched=kind is FieldType.STRING,
            minimum=2 if kind in {FieldType.STRING, FieldType.INTEGER, FieldType.DECIMAL} else None,
        )
        for index, kind in enumerate(each for each in FieldType if each is not FieldType.SECRET)
    )  # fmt: skip
    station = Entity(name="Station", plural="stations", label=f"Station{text}", fields=fields, origin=ORIGIN,
                     description=text, display="string_field")  # fmt: skip
    team = Entity(name="Team", plural="teams", label=f"Team{text}", fields=(fields[1],), origin=ORIGIN)
    relations = (
        Relation(name="teams", source="Station", target="Team", kind=RelationKind.MANY_TO_MANY, inverse="stations",
                 origin=ORIGIN, on_delete=OnDelete.CASCADE, label=f"Teams{text}"),
        Relation(name="parent", source="Station", target="Station", kind=RelationKind.MANY_TO_ONE, inverse="children",
                 origin=ORIGIN, optional=True, on_delete=OnDelete.SET_NULL, label=text),
    )  # fmt: skip
    able = {each.value: Scope.ALL for each in Action}
    kinds = (FeatureKind.SEARCH, FeatureKind.EXPORT, FeatureKind.HISTORY, FeatureKind.DASHBOARD, FeatureKind.UPLOAD)
    return Spec(
        name="stations", title=f"Stations{text}", description=f"All of them{text}", entities=(station, team),
        relations=relations, roles=(Role(name="visitor", label=text, standing=Standing.ANONYMOUS, origin=ORIGIN),),
        permissions=tuple(
            Permission(role="visitor", entity=each, origin=ORIGIN, **able) for each in ("Station", "Team")
        ),
        features=tuple(Feature(kind=each, entities=("Station", "Team"), origin=ORIGIN) for each in kinds),
    )  # fmt: skip


def faults(node: Node) -> Iterator[Node]:
    """The places that are no TypeScript."""
    if node.is_error or node.is_missing:
        yield node
    for each in node.children:
        if each.has_error:
            yield from faults(each)


def assert_parses(files: dict[str, File]) -> None:
    for path, file in files.items():
        suffix = Path(path).suffix
        if suffix in GRAMMARS:
            found = [(each.start_point, each.text) for each in faults(parsed(file.text, suffix))]
            assert not found, f"{path}: {found}"
        elif suffix == ".json":
            json.loads(file.text)


def test_every_file_parses(requirements: str) -> None:
    """Each module of each application is TypeScript, each JSON file is JSON, and no mark is left."""
    files = rendered(plan_of(parse(requirements)))
    assert_parses(files)
    for path, file in files.items():
        assert not re.search(r"@(if|else|end)\b|\$(Account|accounts|hue|\w+Roles)\b", file.text), path


def test_the_same_plan_gives_the_same_bytes(blog: Plan) -> None:
    """Rendering is deterministic, and ordered by paths."""
    once, again = list(frontend.render(blog)), list(frontend.render(blog))
    assert once == again
    assert [each.path for each in once] == sorted(each.path for each in once)


def test_custom_files_are_the_users(blog: Plan) -> None:
    """What lies in custom/ is marked as such, and nothing else is."""
    files = rendered(blog)
    custom = {path for path, file in files.items() if file.custom}
    assert custom == {"src/custom/home.tsx", "src/custom/routes.tsx", "src/custom/theme.css"}


def test_no_frontend_is_rendered_where_none_is_wanted(blog: Plan) -> None:
    """The option turns it off."""
    assert list(frontend.render(dataclasses.replace(blog, options=Options(frontend=False)))) == []


@pytest.mark.parametrize("text", [HOSTILE, "\ud800", "Größe 尺寸 🐝"])
def test_texts_of_users_stay_texts(text: str) -> None:
    """A label, a title or a description ends up as a literal, whatever it holds; nothing else changes by it."""
    plain, files = rendered(plan_of(everything())), rendered(plan_of(everything(text)))
    assert_parses(files)
    changed = {path for path in files if files[path].text != plain[path].text}
    assert all(path.startswith(("src/generated/models/", "src/generated/application.ts")) for path in changed)
    for path in changed:
        tree = Parser(Language(GRAMMARS[".ts"])).parse(files[path].text.encode("utf-8", "surrogatepass"))
        assert outline(tree.root_node) == outline(
            Parser(Language(GRAMMARS[".ts"])).parse(plain[path].text.encode()).root_node
        )


def parsed(text: str, suffix: str = ".ts") -> Node:
    """The tree of a module."""
    return Parser(Language(GRAMMARS[suffix])).parse(text.encode("utf-8", "surrogatepass")).root_node


def outline(node: Node) -> list[str]:
    """The kinds of a tree, but for what is in literals."""
    if node.type == "string":
        return ["string"]
    return [node.type, *(kind for each in node.children for kind in outline(each))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain", '"plain"'), ('say "hi"', "'say \"hi\"'"), ("it's", '"it\'s"'), ("a\\b\n", '"a\\\\b\\n"'),
     ("\u2028\u202e", '"\\u2028\\u202e"'), ("Größe", '"Größe"')],
)  # fmt: skip
def test_literals_are_quoted_as_prettier_does(text: str, expected: str) -> None:
    """Double quotes unless the text holds more of these; what cannot be seen is spelt out."""
    assert typescript.quoted(text) == expected


def test_literals_break_where_a_line_is_full() -> None:
    """Objects and lists stand on one line if they fit, and several objects of several properties never do."""
    assert typescript.literal({"a": 1, "b": ["x"]}) == '{ a: 1, b: ["x"] }'
    assert typescript.literal([{"a": 1, "b": 2}] * 2) == "[\n  { a: 1, b: 2 },\n  { a: 1, b: 2 },\n]"
    assert typescript.literal({"a": "x" * 120}).startswith('{\n  a: "x')


def test_files_belong_to_traits() -> None:
    """Each file that only some applications have is there, and no application has one for what it lacks."""
    assert {f"{frontend.GENERATED}{each}" for each in NEEDED} <= set(paths())
    files = rendered(plan_of(everything()))
    assert not [path for path in files if "Login" in path or "session.test" in path or "auth" in path]
    assert not [path for path, file in files.items() if "sign in" in file.text.lower() and "test" not in path]


def test_permissions_are_mirrored(blog: Plan) -> None:
    """The model of an entity says of each role what its routes say."""
    files = rendered(blog)
    for entity in blog.spec.entities:
        text = files[f"src/generated/models/{entity.plural}.ts"].text
        for name, kind in (("create", "create"), ("delete", "delete"), ("read", "list"), ("update", "update")):
            route = blog.interface.route(interface.RouteKind(kind), entity.name)
            expected = (
                [f'{role}: "{scope}"' for role, scope in route.access if scope is not Scope.NONE] if route else []
            )
            found = re.search(rf"\b{name}: {{ (.*?) }},", text)
            assert (found[1].split(", ") if found else []) == expected


def test_a_walk_is_described(blog: Plan) -> None:
    """The walk goes to each entity that a role may read, with a value for each field that is needed."""
    found = json.loads(json.dumps(walk.description(blog, "admin")))
    assert {each["path"] for each in found["entities"]} == {each.plural for each in blog.spec.entities}
    for entity in found["entities"]:
        assert all(field["value"] is not None for field in entity["fields"] if field["required"])


@pytest.mark.parametrize("name", ["blog", "everything"])
def test_the_frontend_builds_and_its_tests_pass(name: str, blog: Plan, tmp_path: Path) -> None:
    """Types, build, format and the tests of an application pass, with accounts and without."""
    plan = blog if name == "blog" else plan_of(everything(" <b>&amp;\"'{x}"))
    root = frontend_tools.written(plan, tmp_path)
    frontend_tools.run(root, "typescript/bin/tsc", "--noEmit")
    frontend_tools.run(root, "prettier/bin/prettier.cjs", "--check", ".")
    frontend_tools.run(root, "vite/bin/vite.js", "build")
    assert "passed" in frontend_tools.run(root, "vitest/vitest.mjs", "run")
    assert not re.search(r"https?://(?!localhost|react\.dev|reactrouter|www\.w3\.org|tanstack)", built(root))


def built(root: Path) -> str:
    """The built page and its stylesheet: nothing of it is loaded from elsewhere."""
    files = [root / "dist" / "index.html", *(root / "dist" / "assets").glob("*.css")]
    return "\n".join(each.read_text(encoding="utf-8") for each in files)


def test_a_broken_contract_is_found(blog: Plan, tmp_path: Path) -> None:
    """The tests of an application fail when a type of its client is not that of the API."""
    root = frontend_tools.written(blog, tmp_path)
    path = root / "src" / "generated" / "api" / "posts.ts"
    path.write_text(path.read_text(encoding="utf-8").replace("title: string;", "title: number;"), encoding="utf-8")
    with pytest.raises(AssertionError, match="title"):
        frontend_tools.run(root, "vitest/vitest.mjs", "run", "contract")


def test_a_walk_goes_to_every_page(blog: Plan, tmp_path: Path) -> None:
    """A browser creates, changes and deletes a row of each entity; and no page has a fault."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    folder = frontend_tools.modules("playwright-core", "axe-core")
    root = frontend_tools.written(blog, tmp_path)
    frontend_tools.run(root, "vite/bin/vite.js", "build")
    backend = applications.written(blog, tmp_path)
    database = f"sqlite:///{tmp_path / 'walk.db'}"
    settings = {**applications.CHEAP, "APP_DATABASE_URL": database, "APP_STATIC": str(root / "dist")}
    applications.succeeds(backend, "app", "migrate", environment=settings)
    words = ("app", "create-admin", "ada@example.com", "--set", "name=Ada")
    applications.succeeds(backend, *words, environment=settings, answer=applications.PASSWORD + "\n")
    with applications.serving(backend, settings) as client:
        description = {
            **walk.description(blog, "admin"),
            "base": str(client.base_url).rstrip("/"),
            "modules": str(folder),
            "chromium": chromium,
            "email": "ada@example.com",
            "password": applications.PASSWORD,
        }
        steps = frontend_tools.walk(description, tmp_path)
    assert {step["window"] for step in steps} == {"desktop", "phone"}
    assert [step for step in steps if step["faults"]] == []
    assert {f"{each.plural}: delete" for each in blog.spec.entities} <= {step["step"] for step in steps}

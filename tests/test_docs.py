"""The docs say what the code says: tables are generated, examples parse, and whatever is named exists."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
import httpx
import pytest
from google.protobuf import json_format

import headwater_client
from headwater import cli
from headwater.config import PREFIX, Settings
from headwater.gateway.pages import ABOUT as PAGES
from headwater.gateway.transcode import Routes, check_content_type, read_request
from headwater.methods import load_methods
from headwater.pipeline.flow import STAGES
from headwater.v1.generate_tests_pb2 import GenerateTestsEvent
from tests.tools.docs import BLOCK, BLOCKS, DOCS, ROOT, filled, stale_blocks
from tests.tools.reasons import find_reasons

FILES = (*DOCS, "service/CHANGELOG.md")
OURS = ("README.md", "service/ARCHITECTURE.md")
PLACES = (ROOT, ROOT / "service", ROOT / "service" / "headwater", ROOT / "tests", ROOT / "clients" / "python")
"""Where a file that a text names may lie, besides the text's own folder."""
MODULE = ROOT / "tests" / "data" / "demo" / "cart.py"
BEYOND_SETTINGS = {"HEADWATER_TOKEN", "HEADWATER_REQUIRE_ALL"}
CURL_TYPE = "application/x-www-form-urlencoded"
"""The type that curl gives a body of which nothing else is said."""


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def written(name: str) -> str:
    """The part of a text that somebody wrote."""
    return BLOCK.sub("", text(name))


def prose(name: str) -> str:
    return re.sub(r"```.*?```", "", written(name), flags=re.DOTALL)


def fences(name: str, *languages: str) -> list[str]:
    return [
        body for language, body in re.findall(r"```(\w+)\n(.*?)```", written(name), re.DOTALL) if language in languages
    ]


def commands(name: str) -> list[list[str]]:
    """The words of each command in the shell examples of a text."""
    lines = [line for body in fences(name, "sh") for line in body.replace("\\\n", " ").splitlines()]
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def calls(program: str) -> list[Any]:
    return [
        pytest.param(words[1:], id=f"{name}: {' '.join(words)[:60]}")
        for name in FILES
        for words in commands(name)
        if words[0] == program
    ]


@cache
def repository() -> str:
    """All code as one text, to look names up in."""
    folders = ("service/headwater", "protos", "tests", "clients/python")
    paths = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".proto"} and path.is_file()
    ]
    return "\n".join(path.read_text("utf-8") for path in paths if path != Path(__file__))


@pytest.mark.parametrize("name", DOCS)
def test_generated_parts_are_what_the_code_says(name: str) -> None:
    """`make docs` would change nothing."""
    assert stale_blocks(name) == []


def test_every_part_stands_somewhere() -> None:
    """What can be generated is read by somebody."""
    assert {match["name"] for name in DOCS for match in BLOCK.finditer(text(name))} == BLOCKS.keys()


@pytest.mark.parametrize(
    "broken",
    [
        "<!-- generated: cli -->\n",
        "<!-- generated: cli -->\n<!-- end: events -->",
        "<!-- generated: x -->\n<!-- end: x -->",
    ],
)
def test_markers_that_do_not_pair_are_refused(broken: str) -> None:
    """A typing error in a marker does not leave a part stale for ever."""
    with pytest.raises(ValueError, match="markers"):
        filled(broken)


def test_reasons_are_found_wherever_they_are_raised() -> None:
    """In a call, in a table, by a condition, behind a function of the module, and made of its argument."""
    found = {each.reason for each in find_reasons()}
    assert found >= {"RUN_NOT_FOUND", "TOKEN_EXPIRED", "RUN_TAKEN_OVER", "TOKEN_KEY_UNKNOWN", "FRAMEWORK_UNKNOWN"}


@pytest.mark.parametrize("name", FILES)
def test_links_lead_somewhere(name: str) -> None:
    """Relative links name files that are there, and headings that the file has."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text(name)):
        if urlsplit(target).scheme:
            continue
        path, _, anchor = target.partition("#")
        place = (ROOT / name).parent / path if path else ROOT / name
        assert place.exists(), target
        if anchor:
            assert anchor in anchors(place.read_text("utf-8")), target


def anchors(markdown: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", OURS)
def test_files_that_are_named_exist(name: str) -> None:
    """A path in backticks, or the name of a source file, leads to a file of the repository."""
    sources = {path.name for place in PLACES[1:] for path in place.rglob("*.py")} | {"Makefile"}
    for named in re.findall(r"`([\w.-]+(?:/[\w.-]*)*)`", prose(name)):
        if "/" in named and not named.startswith(("application/", "text/")):
            assert any((place / named).exists() for place in (*PLACES, (ROOT / name).parent)), named
        elif named.endswith(".py"):
            assert named in sources, named


@pytest.mark.parametrize("name", OURS)
def test_names_that_are_mentioned_exist(name: str) -> None:
    """Tests, methods of classes, and names in capitals occur in the code."""
    for named in re.findall(rf"`((?:test_\w+|(?!{PREFIX})[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))`", prose(name)):
        assert re.search(rf"\b{named}\b", repository()), named
    for owner, method in re.findall(r"`([A-Z]\w+)\.([a-z_]+)`", prose(name)):
        found = re.search(rf"^class {owner}\b.*?(?=^\S)", repository(), re.MULTILINE | re.DOTALL)
        assert found is not None, owner
        assert f"def {method}(" in found[0], f"{owner}.{method}"


def test_libraries_that_are_named_are_used() -> None:
    """Each library of the table in ARCHITECTURE.md is one that the project pins."""
    table = text("service/ARCHITECTURE.md").partition("| Library |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    names = {name for cell in cells for name in re.findall(r"[\w-]+", re.sub(r"\(.*\)|\bwith\b", "", cell))}
    assert len(names) > len(cells)
    assert {name.lower() for name in names} <= {
        line.partition("==")[0].lower().replace("_", "-") for line in text("constraints.txt").splitlines()
    }


@pytest.mark.parametrize("name", FILES)
def test_settings_and_options_that_are_named_exist(name: str) -> None:
    """Each HEADWATER_ variable is a setting, and in the README each --option one of the command line."""
    variables = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]", text(name)))
    assert variables <= {f"{PREFIX}{field.upper()}" for field in Settings.model_fields} | BEYOND_SETTINGS
    if name in OURS:
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", prose(name)))
        assert options <= set(options_of(cli.headwater))


def options_of(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from parameter.opts
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from options_of(inner)


@pytest.mark.parametrize("name", FILES)
def test_make_targets_that_are_named_exist(name: str) -> None:
    """Whatever a text says to `make` is a rule of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    code = [*re.findall(r"`([^`\n]+)`", written(name)), *fences(name, "sh", "text")]
    assert {target for each in code for target in re.findall(r"(?:^|\$ )make ([a-z-]+)", each, re.MULTILINE)} <= targets


@pytest.mark.parametrize("name", FILES)
def test_shell_examples_are_shell(name: str) -> None:
    """A shell reads each of them without a complaint."""
    for body in fences(name, "sh"):
        read = subprocess.run(["sh", "-n"], input=body, capture_output=True, text=True, check=False)
        assert (read.returncode, read.stderr) == (0, ""), body


@pytest.mark.parametrize("words", calls("curl"))
def test_curl_examples_ask_for_what_is_served(words: list[str]) -> None:
    """The route is there and takes the verb, the parameters and the body; a body from a file is the reader's own."""
    given, headers = arguments(words, values={"-H", "-d", "--data", "-F", "-o"}, flags={"-N", "--fail"})
    (url,) = given[""]
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.path in PAGES:
        return
    data = (given.get("-d") or given.get("--data") or [""])[0]
    form = [tuple(part.split("=", 1)) for part in given.get("-F", [])]
    route, variables = Routes(load_methods().values()).find("POST" if data or form else "GET", parts.path)
    if form:
        sent = httpx.Request(
            "POST",
            "http://localhost",
            data={name: value for name, value in form if not value.startswith("@")},
            files=[(name, (value[1:], b"x")) for name, value in form if value.startswith("@")],
        )
        read_request(route, variables, parse_qsl(parts.query), sent.read(), sent.headers["content-type"])
        return
    if data:
        check_content_type(headers.get("content-type", CURL_TYPE), "")
    if not data.startswith("@"):
        read_request(route, variables, parse_qsl(parts.query), data.encode(), "")


@pytest.mark.parametrize("words", calls("grpcurl"))
def test_grpcurl_examples_call_what_is_served(words: list[str]) -> None:
    """The method is there, and takes the message."""
    given, _ = arguments(words, values={"-H", "-d"}, flags={"-plaintext"})
    _, path = given[""]
    methods = {method.path.removeprefix("/"): method for method in load_methods().values()}
    json_format.Parse(given["-d"][0], methods[path].request())


def arguments(words: list[str], values: set[str], flags: set[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Sorts the words of a command: by the option before them, those without one under the empty name; and headers."""
    found: dict[str, list[str]] = {}
    rest = iter(words)
    for word in rest:
        if word in values:
            found.setdefault(word, []).append(next(rest))
        elif word not in flags:
            assert not word.startswith("-"), f"an option that these tests do not know: {word}"
            found.setdefault("", []).append(word)
    pairs = [header.partition(":") for header in found.get("-H", [])]
    return found, {name.strip().lower(): value.strip() for name, _, value in pairs}


@pytest.mark.parametrize("words", calls("headwater"))
def test_headwater_examples_are_understood(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands, options and files are there; nothing is run."""
    monkeypatch.chdir(ROOT)
    for command in leaves(cli.headwater):
        monkeypatch.setattr(command, "callback", nothing)
    cli.headwater.main(words, standalone_mode=False)


def nothing(**_: object) -> None:
    """Stands for what a command does."""


def leaves(command: click.Command) -> Iterator[click.Command]:
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    yield from (leaf for each in inner for leaf in leaves(each)) if inner else (command,)


def test_the_stream_on_the_first_screen_could_have_been() -> None:
    """Its stages and their percentages are those of the pipeline, and its tests are of symbols of the module."""
    stream = fences("README.md", "text")[0]
    percents = {entry.name: entry.percent for entry in STAGES}
    stages = re.findall(r"^\[ *(\d+)%\] (\w+):", stream, re.MULTILINE)
    assert stages
    assert all(percents[stage] == float(percent) for percent, stage in stages)
    tests = re.findall(r"^✓ test_\w+ · ([\w.]+) · (\w+) · \+\d", stream, re.MULTILINE)
    assert tests
    assert {symbol for symbol, _ in tests} <= set(symbols(ast.parse(MODULE.read_text("utf-8"))))
    assert {basis for _, basis in tests} <= {"contract", "characterization"}


def symbols(tree: ast.AST, prefix: str = "") -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield prefix + node.name
            yield from symbols(node, f"{prefix}{node.name}.")


def test_frames_that_are_shown_are_events() -> None:
    """The event is one of the stream's, and the data has its fields and no other."""
    frames = re.findall(r"^event: (\w+)\ndata: (.*)$", text("README.md"), re.MULTILINE)
    assert frames
    for kind, data in frames:
        found = json.loads(data)
        assert found.pop("type") == kind
        head = {name: found.pop(name) for name in ("sequence", "run", "time") if name in found}
        json_format.ParseDict({**head, kind: found}, GenerateTestsEvent())


@pytest.mark.parametrize("example", fences("README.md", "python"))
def test_python_examples_use_what_is_there(example: str) -> None:
    """They compile, import what the client offers, and pass what it takes."""
    tree = ast.parse(example)
    compile(tree, "README.md", "exec")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert {alias.name for alias in node.names} <= set(vars(headwater_client))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "generate_tests":
            known = {"source", *headwater_client.GenerateTestsFields.__annotations__}
            assert {keyword.arg for keyword in node.keywords} <= known

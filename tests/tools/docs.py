"""Fills the generated parts of the docs from the code, or says which of them are stale.

`python -m tests.tools.docs write|check`. A part stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->`; its
text is what the function of that name in `BLOCKS` returns, the same on every machine.
"""

from __future__ import annotations

import ast
import copy
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from google.protobuf.descriptor import FieldDescriptor

from headwater.cli import headwater
from headwater.config import PREFIX, Settings
from headwater.coverage.formats import formats
from headwater.errors import Code
from headwater.gateway.answers import http_code
from headwater.gateway.pages import ABOUT as PAGES
from headwater.measures import COUNTERS, GAUGES, HISTOGRAMS
from headwater.methods import comments, load_methods
from headwater.proof.ladder import LADDER
from headwater.providers import PROVIDERS
from headwater.providers.genai import METRICS
from headwater.providers.vendors import VENDORS
from headwater.v1.analyze_coverage_pb2 import AnalyzeCoverageEvent, AnalyzeCoverageRequest
from headwater.v1.generate_project_pb2 import GenerateProjectEvent, GenerateProjectRequest
from headwater.v1.generate_tests_pb2 import GenerateTestsEvent, GenerateTestsRequest
from tests.tools.reasons import find_reasons

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "service" / "headwater"
DOCS = ("README.md", "clients/README.md", "deploy/README.md", "service/ARCHITECTURE.md")
MARKER = re.compile(r"<!-- (generated|end): ([a-z]+) -->")
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z]+) -->\n)(?P<body>.*?)(<!-- end: (?P=name) -->)", re.DOTALL)
HELP_WIDTH = 100
MACHINE: Mapping[str, str] = {
    "store": "`headwater.db` in the user's state folder (`$XDG_STATE_HOME/headwater`)",
    "max_runs": "one for each core that the process may use",
}
"""Defaults that differ between machines, in words."""
TYPES: Mapping[str, str] = {
    "google.protobuf.Duration": "duration (`10s`)",
    "google.protobuf.Timestamp": "time (RFC 3339)",
}


def main() -> int:
    match sys.argv[1:]:
        case ["write"]:
            for name in DOCS:
                (ROOT / name).write_text(filled((ROOT / name).read_text("utf-8")), "utf-8")
            return 0
        case ["check"]:
            stale = [f"{name}: the generated part `{block}`" for name in DOCS for block in stale_blocks(name)]
            for each in stale:
                sys.stderr.write(f"{each} is not what the code says: run make docs\n")
            return 1 if stale else 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


def filled(text: str) -> str:
    """Returns the text with each generated part made anew. Raises ValueError for markers that do not pair."""
    markers = [(match[1], match[2]) for match in MARKER.finditer(text)]
    pairs = [(kind, each["name"]) for each in BLOCK.finditer(text) for kind in ("generated", "end")]
    unknown = {name for _, name in markers} - BLOCKS.keys()
    if markers != pairs or unknown:
        raise ValueError(f"markers that do not pair, or have no block: {sorted(unknown) or markers}")
    return BLOCK.sub(lambda match: f"{match[1]}{block(match['name'])}{match[4]}", text)


def stale_blocks(name: str) -> list[str]:
    """Lists the generated parts of a file that differ from what the code says now."""
    text = (ROOT / name).read_text("utf-8")
    filled(text)
    return [match["name"] for match in BLOCK.finditer(text) if match["body"] != block(match["name"])]


@cache
def block(name: str) -> str:
    """Makes one part, with empty lines around it so that Markdown takes tables for tables."""
    return f"\n{BLOCKS[name]()}\n\n"


def _settings() -> str:
    rows: list[Sequence[str]] = []
    for name, field in Settings.model_fields.items():
        about = str(field.description)
        rows.append((f"`--{name.replace('_', '-')}`", f"`{PREFIX}{name.upper()}`", _default(name, field), about))
    return _table(("Option", "Variable", "Default", "Meaning"), rows)


def _default(name: str, field: Any) -> str:
    if field.default_factory is not None:
        return MACHINE[name]
    if isinstance(field.default, Mapping):
        pairs: Mapping[str, float] = field.default
        return f"`{','.join(f'{key}={value:g}' for key, value in pairs.items())}`"
    shown = str(field.default)
    return f"`{shown}`" if field.default not in (None, ()) and shown.strip("*") else "none"


def _routes() -> str:
    rows: list[Sequence[str]] = []
    for method in load_methods().values():
        about = _line(method.comment.partition("\n\n")[0])
        ways = "<br>".join(f"`{each.verb} {each.pattern}`" for each in method.bindings)
        rows.append((f"`{method.name}`", ways, about))
    rows += [("", f"`GET {path}`", about) for path, about in PAGES.items()]
    return _table(("RPC", "HTTP", "What it does"), rows)


def _request(message: Any) -> str:
    rows = [(f"`{path}`", kind, about) for path, kind, about in _fields(message.DESCRIPTOR, "")]
    return _table(("Field", "Type", "Meaning"), rows)


def _fields(message: Any, prefix: str) -> Iterator[tuple[str, str, str]]:
    """Yields each field that holds a value, by its path; `[]` marks a list."""
    for field in message.fields:
        path = f"{prefix}{field.name}{'[]' if field.is_repeated else ''}"
        inner = field.message_type
        if inner is not None and inner.full_name not in TYPES:
            yield from _fields(inner, f"{path}.")
        else:
            yield path, _type(field), _comment(field.full_name)


def _type(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return TYPES[field.message_type.full_name]
    if field.enum_type is not None:
        return "<br>".join(f"`{value.name}`" for value in field.enum_type.values)
    kinds = {FieldDescriptor.TYPE_STRING: "text", FieldDescriptor.TYPE_BYTES: "bytes (Base64 in JSON)"}
    numbers = {FieldDescriptor.CPPTYPE_DOUBLE: "number", FieldDescriptor.CPPTYPE_BOOL: "true or false"}
    return kinds.get(field.type) or numbers.get(field.cpp_type, "integer")


def _events(message: Any) -> str:
    rows: list[Sequence[str]] = []
    for case in message.DESCRIPTOR.oneofs_by_name["event"].fields:
        carried = ", ".join(f"`{field.name}`" for field in case.message_type.fields)
        rows.append((f"`{case.name}`", _comment(case.full_name), carried))
    return _table(("Event", "What happened", "Fields"), rows)


def _formats() -> str:
    rows = [
        (f"`{name}`", each.title, f"covered {' + '.join(each.overall)} / {' + '.join(each.overall)}")
        for name, each in sorted(formats().items())
    ]
    return _table(("Format", "What it is", "Its own overall coverage"), rows)


def _rungs() -> str:
    rows = [(f"`{each.name}`", f"`{each.command}`", "fast" if each.fast else "full") for each in LADDER]
    return _table(("Rung", "What is run", "Level"), rows)


def _providers() -> str:
    rows = [(f"`{name}`", f"{entry.summary[0].upper()}{entry.summary[1:]}.", "") for name, entry in PROVIDERS.items()]
    for name, vendor in VENDORS.items():
        variables = ", ".join(f"`{each}`" for each in (*vendor.keys, vendor.url_variable) if each)
        rows.append((f"`{name}`", f"{vendor.summary}.", variables))
    return _table(("Provider", "What it is", "Variables"), rows)


def _metrics() -> str:
    kinds = (("counter", COUNTERS), ("gauge", GAUGES), ("histogram", HISTOGRAMS))
    rows = [
        (f"`{each.name}`", kind, ", ".join(f"`{label}`" for label in each.labels), each.help)
        for kind, measures in kinds
        for each in measures
    ]
    rows += [
        (f"`{each.name}`", each.kind, ", ".join(f"`{label}`" for label in each.labels), each.help) for each in METRICS
    ]
    return _table(("Metric", "Kind", "Labels", "Meaning"), rows)


def _cli() -> str:
    return "\n\n".join(f"```text\n{help_text}\n```" for help_text in _help(headwater, None))


def _help(command: click.Command, parent: click.Context | None) -> Iterator[str]:
    """Yields the help of a command and of those below it; what `serve` takes stands in the table of settings."""
    shown = copy.copy(command)
    if Settings.model_fields.keys() <= {parameter.name for parameter in command.params}:
        shown.params = [each for each in command.params if each.name not in Settings.model_fields]
        shown.epilog = "Its options are the settings."
    settings: dict[str, Any] = {**command.context_settings, "terminal_width": HELP_WIDTH}
    context = click.Context(shown, parent=parent, info_name=command.name, **settings)
    yield shown.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from _help(command.commands[name], context)


def _rooms() -> str:
    rooms = {_room(path): path for path in PACKAGE.iterdir() if _is_room(path)}
    heights = _heights({name: _imports(path) & rooms.keys() for name, path in rooms.items()})
    ordered = sorted(rooms.items(), key=lambda item: (-heights[item[0]], item[0]))
    rows = [(f"`{path.name}{'/' if path.is_dir() else ''}`", _docstring(path)) for _, path in ordered]
    return _table(("Room", "What it does"), rows)


def _is_room(path: Path) -> bool:
    return path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").is_file())


def _room(path: Path) -> str:
    return path.stem


def _docstring(path: Path) -> str:
    if path.name == "v1":
        return "Is generated from `protos/`: messages, stubs, and the descriptor with its comments."
    source = path / "__init__.py" if path.is_dir() else path
    text = ast.get_docstring(ast.parse(source.read_text("utf-8"))) or ""
    return _line(text.partition("\n\n")[0])


def _imports(room: Path) -> set[str]:
    """Names the rooms that a room imports."""
    found: set[str] = set()
    for path in room.rglob("*.py") if room.is_dir() else [room]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("headwater."):
                found.add(node.module.split(".")[1])
            elif isinstance(node, ast.Import):
                found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("headwater.")}
    return found - {_room(room)}


def _heights(below: Mapping[str, set[str]]) -> dict[str, int]:
    """Says how many rooms lie below each other under a room: arrows point down, so this is the order of the house."""
    heights: dict[str, int] = {}

    def height(name: str) -> int:
        if name not in heights:
            heights[name] = 1 + max(map(height, below[name]), default=0)
        return heights[name]

    for name in below:
        height(name)
    return heights


def _reasons() -> str:
    found = sorted(find_reasons(), key=lambda each: (Code[each.code], each.room, each.reason))
    rows: list[Sequence[str]] = []
    for (code, room), group in groupby(found, key=lambda each: (each.code, each.room)):
        rows.append((f"`{code}`", str(http_code(Code[code])), room, ", ".join(f"`{each.reason}`" for each in group)))
    return _table(("Code", "HTTP", "Where", "Reasons"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def _comment(name: str) -> str:
    return _line(_descriptor_comments()[name])


@cache
def _descriptor_comments() -> Mapping[str, str]:
    return comments(files("headwater.v1").joinpath("descriptor.binpb").read_bytes())


def _line(text: str) -> str:
    return " ".join(text.split())


BLOCKS: Mapping[str, Callable[[], str]] = {
    "cli": _cli,
    "coverageevents": partial(_events, AnalyzeCoverageEvent),
    "coveragerequest": partial(_request, AnalyzeCoverageRequest),
    "projectrequest": partial(_request, GenerateProjectRequest),
    "projectevents": partial(_events, GenerateProjectEvent),
    "rungs": _rungs,
    "events": partial(_events, GenerateTestsEvent),
    "formats": _formats,
    "metrics": _metrics,
    "providers": _providers,
    "reasons": _reasons,
    "request": partial(_request, GenerateTestsRequest),
    "rooms": _rooms,
    "routes": _routes,
    "settings": _settings,
}
"""What can be generated, by the name in the marker."""


if __name__ == "__main__":
    sys.exit(main())

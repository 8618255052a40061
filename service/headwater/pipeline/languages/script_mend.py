"""Corrects what answers in JavaScript and TypeScript get wrong of modules, whatever happens: paths, kinds, names."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tree_sitter import Node

from headwater.pipeline.languages.script_imports import Binding
from headwater.pipeline.languages.trees import parse, text, walk, with_identifier, words
from headwater.pipeline.lookup import Read

ENDINGS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", "/index.ts", "/index.tsx", "/index.js")
"""What a specifier may leave out."""
WRITTEN = {".js": ".ts", ".jsx": ".tsx", ".mjs": ".mts", ".cjs": ".cts"}
"""The endings that TypeScript's imports name, and those that the files have."""
NOWHERE = frozenset({"", ".", "..", "@", "~"})
"""Parts of a specifier that name no folder."""
MOCKS = ("mock", "doMock", "unmock", "importActual", "importMock", "requireActual", "requireMock", "module")
LOADS = frozenset({"import", "require", *(f"{owner}.{name}" for owner in ("vi", "jest", "mock") for name in MOCKS)})
"""The calls whose first text names a module."""
TOOLS: Mapping[str, Mapping[str, str]] = {"vitest": {"jest": "vi"}, "jest": {"vi": "jest"}}
"""What the tools of another framework are called in this one."""


def resolved(read: Read, path: str, specifier: str) -> str | None:
    """Returns the path of the file that a relative specifier means in the file at `path`."""
    if not specifier.startswith("."):
        return None
    return _file(read, posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier)))


def corrected(read: Read, path: str, specifier: str) -> str:
    """Returns a specifier for the file at `path`, from wherever its writer took that to lie.

    One that leads somewhere stays, and so does one for which no file is found below any folder above.
    """
    if not specifier.startswith((".", "/", "@/", "~/", "src/")) or resolved(read, path, specifier) is not None:
        return specifier
    parts = [part for part in specifier.split("/") if part not in NOWHERE]
    folder = posixpath.dirname(path)
    for start in range(len(parts)):
        for above in _above(folder):
            base = posixpath.join(above, *parts[start:])
            if _file(read, base) is not None:
                near = posixpath.relpath(base, folder or ".")
                return near if near.startswith(".") else f"./{near}"
    return specifier


def at_home(binding: Binding, exports: Mapping[str, str]) -> Binding:
    """Returns a binding from the file under test as what that exports: its default, a member, or all of it."""
    has_default = "default" in exports.values()
    match binding.kind:
        case "member" if exports.get(binding.imported) == "default":
            return replace(binding, kind="default", imported="")
        case "default" if exports.get(binding.local) == "member":
            return replace(binding, kind="member", imported=binding.local)
        case "default" if exports and not has_default:
            return replace(binding, kind="whole")
        case _:
            return binding


def mended(code: str, dialect: str, framework: str, correct: Callable[[str], str]) -> str:
    """Returns the code of a test or helper with its paths corrected, and the framework's own tools."""
    root = parse(code, dialect)
    raw = code.encode(errors="replace")
    for node in sorted(_specifiers(root), key=lambda each: -each.start_byte):
        right = correct(text(node)[1:-1])
        raw = raw[: node.start_byte + 1] + right.encode() + raw[node.end_byte - 1 :]
    found = raw.decode()
    used = words(root)
    for other, own in TOOLS.get(framework, {}).items():
        found = with_identifier(found, dialect, other, own) if other in used else found
    return found


def _specifiers(root: Node) -> Iterator[Node]:
    """Yields the texts that name a module inside of code."""
    for node in walk(root):
        arguments = node.child_by_field_name("arguments") if node.type == "call_expression" else None
        if arguments is not None and text(node.child_by_field_name("function")) in LOADS:
            first = arguments.named_children[0] if arguments.named_children else None
            if first is not None and first.type == "string":
                yield first


def _file(read: Read, base: str) -> str | None:
    stem, ending = posixpath.splitext(base)
    candidates = [*(base + each for each in ENDINGS), *([stem + WRITTEN[ending]] if ending in WRITTEN else [])]
    return next((each for each in candidates if read(each) is not None), None)


def _above(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""

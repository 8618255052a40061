"""Finds the definitions of names in JavaScript, TypeScript and Go by reading files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from headwater.pipeline.languages.go import declared as go_names
from headwater.pipeline.languages.go import imported, package_of
from headwater.pipeline.languages.outline import definitions
from headwater.pipeline.languages.script_imports import bindings
from headwater.pipeline.languages.script_imports import declared as script_names
from headwater.pipeline.languages.script_mend import resolved
from headwater.pipeline.languages.trees import lines, parse, text, walk
from headwater.pipeline.lookup import Find, Read

MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
METHODS = frozenset({"method_definition", "method_declaration"})


def script_definitions(read: Read, path: str, dialect: str, hops: int) -> Find:
    """Makes what finds the names of JavaScript or TypeScript: in the file, and where its imports lead."""

    def find(name: str) -> str | None:
        found = _by_import(read, path, dialect, name, hops)
        file = name if name.startswith(".") else ""
        place = resolved(read, path, file) if file else None
        return found or (_outline(place, read(place) or "", dialect, script_names) if place else None)

    return find


def go_definitions(read: Read, files: Callable[[str], Sequence[str]], path: str, hops: int) -> Find:
    """Makes what finds the names of Go: in the package, and in those packages of the module that the file imports."""

    def find(name: str) -> str | None:
        here = posixpath.dirname(path)
        first, _, rest = name.partition(".")
        found = _in_package(read, files(here), name)
        if found is not None or not rest or not hops:
            return found
        home, module = _module(read, here)
        package = imported(read(path) or "").get(first, "")
        if not module or not (package == module or package.startswith(f"{module}/")):
            own = package_of(read(path) or "")
            return _in_package(read, files(here), rest) if first == own else None
        folder = posixpath.join(home, package.removeprefix(module).lstrip("/"))
        return _in_package(read, files(folder.rstrip("/")), rest)

    return find


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    first: int
    last: int
    node: Node | None = None


def _by_import(read: Read, path: str, dialect: str, name: str, hops: int) -> str | None:
    source = read(path)
    if source is None or not hops:
        return None
    shown = _shown(path, source, dialect, name, script_names)
    if shown is not None:
        return shown
    first, _, rest = name.partition(".")
    for node in parse(source, dialect).named_children:
        for origin, wanted in _leads(node, first, rest):
            place = resolved(read, path, origin)
            if place is not None:
                member = _default(read(place) or "", dialect) if wanted.partition(".")[0] == "default" else ""
                found = _by_import(read, place, dialect, member or wanted, hops - 1) if wanted else None
                if found is None and not wanted:
                    found = _outline(place, read(place) or "", dialect, script_names)
                if found is not None:
                    return found
    return None


def _leads(node: Node, first: str, rest: str) -> Iterator[tuple[str, str]]:
    """Yields where a statement says that a name comes from, and what it is called there."""
    for each in bindings(node):
        if each.local == first:
            inner = {"member": each.imported, "default": "default"}.get(each.kind, "")
            yield each.source, ".".join(filter(None, (inner, rest)))
    origin = node.child_by_field_name("source") if node.type == "export_statement" else None
    if origin is not None:
        clause = next((each for each in node.named_children if each.type == "export_clause"), None)
        if clause is None:
            yield text(origin)[1:-1], ".".join(filter(None, (first, rest)))
        for each in clause.named_children if clause is not None else ():
            given = each.child_by_field_name("name")
            if text(each.child_by_field_name("alias") or given) == first:
                yield text(origin)[1:-1], ".".join(filter(None, (text(given), rest)))


def _default(source: str, dialect: str) -> str:
    """Returns the name of what a module exports as its default; empty where that has none."""
    for node in parse(source, dialect).named_children:
        if node.type == "export_statement" and any(child.type == "default" for child in node.children):
            value = node.child_by_field_name("value")
            declaration = node.child_by_field_name("declaration")
            return text(value) if value is not None and value.type == "identifier" else _name(declaration)
    return ""


def _name(node: Node | None) -> str:
    return text(node.child_by_field_name("name")) if node is not None else ""


def _module(read: Read, folder: str) -> tuple[str, str]:
    """Returns the folder of the nearest go.mod, and the module that it names."""
    while True:
        manifest = read(posixpath.join(folder, "go.mod"))
        if manifest is not None:
            named = MODULE.search(manifest)
            return folder, named[1] if named is not None else ""
        if not folder:
            return "", ""
        folder = posixpath.dirname(folder)


def _in_package(read: Read, paths: Sequence[str], name: str) -> str | None:
    for path in sorted(paths):
        if path.endswith(".go") and not path.endswith("_test.go"):
            shown = _shown(path, read(path) or "", "go", name, go_names)
            if shown is not None:
                return shown
    return None


def _shown(path: str, source: str, dialect: str, name: str, names: Callable[[Node], Iterator[str]]) -> str | None:
    found = _known(source, dialect, names).get(name)
    if found is None:
        return None
    whole = source.splitlines()
    kept = whole[found.first - 1 : found.last] if found.node is None else _cut(whole, found, found.node)
    return "\n".join([f"// {path}, lines {found.first}-{found.last}", *kept])


def _known(source: str, dialect: str, names: Callable[[Node], Iterator[str]]) -> dict[str, _Found]:
    """Returns what a file defines, by its name: functions, methods, classes, types, and what else it declares."""
    known: dict[str, _Found] = {}
    for node in parse(source, dialect).named_children:
        first, last = lines(node)
        inner = node.child_by_field_name("declaration") if node.type == "export_statement" else node
        is_import = dialect != "go" and bool(bindings(node))
        for name in names(inner) if inner is not None and not is_import else ():
            is_class = inner is not None and inner.type.endswith("class_declaration")
            known[name] = _Found(first=first, last=last, node=inner if is_class else None)
    for each in definitions(source, dialect):
        known.setdefault(each.name, _Found(first=each.first, last=each.last))
    return known


def _cut(whole: Sequence[str], found: _Found, node: Node) -> Iterator[str]:
    """Yields a class with its methods cut to their signatures, but for its constructor."""
    hidden: dict[int, str] = {}
    for method in (each for each in walk(node) if each.type in METHODS and _name(each) != "constructor"):
        body = method.child_by_field_name("body")
        if body is not None and lines(body)[0] < lines(body)[1]:
            first, last = lines(body)
            hidden |= dict.fromkeys(range(first + 1, last + 1), "")
            hidden[first] = whole[first - 1].rstrip() + " … }"
    for number in range(found.first, found.last + 1):
        line = hidden.get(number, whole[number - 1])
        if line or number not in hidden:
            yield line


def _outline(path: str, source: str, dialect: str, names: Callable[[Node], Iterator[str]]) -> str:
    known = _known(source, dialect, names)
    return "\n".join([f"// {path} defines", *(name for name in known if "." not in name)])

"""Reads what modules of JavaScript import and export, as names of files in the tree."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Final

from tree_sitter import Node

ENDING: Final = re.compile(r"\.([cm]?[jt]s|[jt]sx|d\.ts)$")
ALIASES: Final = ("@/", "~/", "#/", "src/")
"""What a path from the top of the sources begins with."""
Text = Callable[[Node | None], str]


def module_of(source: str, path: str) -> str:
    """Returns the module that an import means: a path in the tree without its ending, or a package's name."""
    if source.startswith("."):
        return ENDING.sub("", posixpath.normpath(posixpath.join(posixpath.dirname(path), source))).removesuffix(
            "/index"
        )
    for alias in ALIASES:
        if source.startswith(alias):
            return ENDING.sub("", source.removeprefix(alias)).removesuffix("/index")
    return source.removeprefix("node:")


def source_names(node: Node, text: Text, path: str) -> Iterator[tuple[str, str]]:
    """Pairs the names that an `import` binds with what they mean."""
    module = module_of(text(node.child_by_field_name("source")).strip("\"'"), path)
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    for each in clause.named_children if clause is not None else ():
        if each.type == "identifier":
            yield text(each), module
        elif each.type == "namespace_import":
            yield text(each.named_children[0]), module
        elif each.type == "named_imports":
            for name, alias in _specified(each, text):
                yield alias, module if name == "default" else f"{module}.{name}"


def exported(node: Node, text: Text, path: str, own: str) -> list[tuple[str, str]]:
    """Pairs the names that an `export` gives away with what they mean, where that is not in the file by that name."""
    source = node.child_by_field_name("source")
    module = module_of(text(source).strip("\"'"), path) if source is not None else own
    found: list[tuple[str, str]] = []
    for clause in node.named_children:
        if clause.type == "export_clause":
            for name, alias in _specified(clause, text):
                found.append((alias, f"{module}.{name}" if source is not None or alias != name else ""))
        elif clause.type == "namespace_export":
            found.append((text(clause.named_children[0]), module))
    if source is not None and not any(
        child.type in {"export_clause", "namespace_export"} for child in node.named_children
    ):
        found.append((f"*{module}", module))
    default = any(child.type == "default" for child in node.children)
    declared = node.child_by_field_name("declaration") or node.child_by_field_name("value")
    for name in _declared(declared, text) if declared is not None else ():
        found.append((name, ""))
        if default and name != "default":
            found.append(("default", f"{own}.{name}"))
    return found


def required(name: Node, value: Node, text: Text, path: str) -> dict[str, str]:
    """Reads `const name = require("…")`."""
    member = ""
    if value.type == "member_expression":
        member, value = f".{text(value.child_by_field_name('property'))}", value.child_by_field_name("object") or value
    arguments = value.child_by_field_name("arguments") if value.type == "call_expression" else None
    if arguments is None or text(value.child_by_field_name("function")) != "require" or not arguments.named_children:
        return {}
    module = module_of(text(arguments.named_children[0]).strip("\"'`"), path) + member
    if name.type == "identifier":
        return {text(name): module}
    found: dict[str, str] = {}
    for each in name.named_children:
        if each.type == "shorthand_property_identifier_pattern":
            found[text(each)] = f"{module}.{text(each)}"
        elif each.type == "pair_pattern":
            key = text(each.child_by_field_name("key"))
            found[text(each.child_by_field_name("value"))] = f"{module}.{key}"
    return found


def _specified(node: Node, text: Text) -> Iterator[tuple[str, str]]:
    for each in node.named_children:
        name = each.child_by_field_name("name")
        if name is not None:
            yield text(name), text(each.child_by_field_name("alias") or name)


def _declared(node: Node, text: Text) -> Iterator[str]:
    name = node.child_by_field_name("name")
    if name is not None:
        yield text(name)
    elif node.type == "identifier":
        yield text(node)
    elif node.type in {"lexical_declaration", "variable_declaration"}:
        for each in node.named_children:
            yield text(each.child_by_field_name("name"))
    else:
        yield "default"

"""Reads and writes the imports of JavaScript and TypeScript: of either module system, one name at a time."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tree_sitter import Node

from headwater.pipeline.languages.trees import text, walk


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Binding:
    """One imported name: of a module's default, of the module as a whole, a member, or none (for its effect)."""

    source: str
    kind: Literal["default", "whole", "member", "effect"]
    local: str = ""
    imported: str = ""
    only_type: bool = False


def bindings(node: Node) -> list[Binding]:
    """Returns what a top-level statement imports, by `import` or `require`; nothing where it does something else."""
    if node.type == "import_statement":
        return list(_imported(node))
    if node.type in {"lexical_declaration", "variable_declaration"}:
        declared = [each for each in node.named_children if each.type == "variable_declarator"]
        found = [list(_required(each)) for each in declared]
        return [binding for each in found for binding in each] if all(found) else []
    if node.type == "expression_statement":
        source = _require_source(node.named_children[0]) if node.named_children else ""
        return [Binding(source=source, kind="effect")] if source else []
    return []


def written(found: Iterable[Binding], *, commonjs: bool) -> str:
    """Returns the statements that import these names, those of the language itself and of packages first."""
    sources: dict[str, set[Binding]] = {}
    for each in found:
        sources.setdefault(each.source, set()).add(each)
    order = sorted(sources, key=lambda source: (source.startswith("."), not source.startswith("node:"), source))
    write = _require if commonjs else _import
    return "\n".join(line for source in order for line in write(source, sorted(sources[source])))


def leads_to(specifier: str, path: str) -> bool:
    """Whether an import means the file at `path`, from wherever its writer took the test to be."""
    name = posixpath.basename(specifier)
    own = posixpath.basename(path)
    stem, _, ending = own.rpartition(".")
    names = {own, stem, f"{stem}.js"} if ending.startswith("ts") else {own, stem}
    if stem == "index":
        names |= {posixpath.basename(posixpath.dirname(path)), "", ".", ".."}
    is_path = specifier.startswith((".", "/", "@/", "~/", "src/"))
    return name in names and (is_path or specifier in {own, f"{stem}.js"})


def _imported(node: Node) -> Iterator[Binding]:
    source = _string(node.child_by_field_name("source"))
    only_type = any(child.type == "type" for child in node.children)
    clause = next((child for child in node.named_children if child.type == "import_clause"), None)
    if clause is None:
        yield Binding(source=source, kind="effect")
        return
    for child in clause.named_children:
        match child.type:
            case "identifier":
                yield Binding(source=source, kind="default", local=text(child), only_type=only_type)
            case "namespace_import":
                yield Binding(source=source, kind="whole", local=text(child.named_children[-1]), only_type=only_type)
            case "named_imports":
                for each in child.named_children:
                    name, alias = each.child_by_field_name("name"), each.child_by_field_name("alias")
                    if name is not None:
                        is_type = only_type or any(part.type == "type" for part in each.children)
                        local = text(alias) or text(name)
                        yield Binding(source=source, kind="member", local=local, imported=text(name), only_type=is_type)
            case _:
                pass


def _required(node: Node) -> Iterator[Binding]:
    value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
    if value is None or name is None:
        return
    member = ""
    if value.type == "member_expression":
        member = text(value.child_by_field_name("property"))
        value = value.child_by_field_name("object")
    source = _require_source(value)
    if not source:
        return
    if name.type == "identifier":
        kind = "member" if member else "default"
        yield Binding(source=source, kind=kind, local=text(name), imported=member)
    for each in name.named_children if name.type == "object_pattern" and not member else ():
        if each.type == "shorthand_property_identifier_pattern":
            yield Binding(source=source, kind="member", local=text(each), imported=text(each))
        elif each.type == "pair_pattern":
            key, local = each.child_by_field_name("key"), each.child_by_field_name("value")
            yield Binding(source=source, kind="member", local=text(local), imported=text(key))


def _require_source(node: Node | None) -> str:
    if node is None or node.type != "call_expression" or text(node.child_by_field_name("function")) != "require":
        return ""
    arguments = node.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    return _string(given[0]) if len(given) == 1 else ""


def _string(node: Node | None) -> str:
    return text(node)[1:-1] if node is not None and node.type == "string" else ""


def _import(source: str, found: Sequence[Binding]) -> Iterator[str]:
    real = [each for each in found if not each.only_type or each.kind != "member"]
    members = ", ".join(_member(each, " as ") for each in real if each.kind == "member")
    defaults = [each for each in real if each.kind == "default"]
    for each in defaults[1:]:
        yield f'import {each.local} from "{source}";'
    parts = [*(each.local for each in defaults[:1]), *([f"{{ {members} }}"] if members else [])]
    if parts:
        yield f'import {", ".join(parts)} from "{source}";'
    for each in real:
        if each.kind == "whole":
            yield f'import * as {each.local} from "{source}";'
        elif each.kind == "effect" and len(found) == 1:
            yield f'import "{source}";'
    types = ", ".join(_member(each, " as ") for each in found if each.only_type and each.kind == "member")
    if types:
        yield f'import type {{ {types} }} from "{source}";'


def _require(source: str, found: Sequence[Binding]) -> Iterator[str]:
    members = ", ".join(_member(each, ": ") for each in found if each.kind == "member" and not each.only_type)
    for each in found:
        if each.kind in {"default", "whole"}:
            yield f'const {each.local} = require("{source}");'
        elif each.kind == "effect" and len(found) == 1:
            yield f'require("{source}");'
    if members:
        yield f'const {{ {members} }} = require("{source}");'


def _member(each: Binding, alias: str) -> str:
    return each.local if each.local == each.imported else f"{each.imported}{alias}{each.local}"


def exported(root: Node) -> dict[str, Literal["default", "member"]]:
    """Returns the names that a module exports, as far as its text shows them."""
    found: dict[str, Literal["default", "member"]] = {}
    for node in walk(root):
        if node.type == "export_statement":
            is_default = any(child.type == "default" for child in node.children)
            found.update((name, "default" if is_default else "member") for name in _exported_names(node))
        elif node.type == "assignment_expression":
            found.update(_assigned(node))
    return found


def is_commonjs(root: Node) -> bool | None:
    """Whether a module's text is CommonJS; None where it shows neither that nor the contrary."""
    kinds = {node.type for node in root.named_children}
    if kinds & {"import_statement", "export_statement"}:
        return False
    for node in walk(root):
        name = text(node) if node.type in {"member_expression", "identifier"} else ""
        if name in {"module.exports", "require"} or name.startswith("exports."):
            return True
    return None


def _exported_names(node: Node) -> Iterator[str]:
    declaration = node.child_by_field_name("declaration")
    value = node.child_by_field_name("value")
    if value is not None and value.type == "identifier":
        yield text(value)
    for each in node.named_children:
        if each.type == "export_clause":
            for item in each.named_children:
                yield text(item.child_by_field_name("alias") or item.child_by_field_name("name"))
    if declaration is not None:
        yield from declared(declaration)


def declared(node: Node) -> Iterator[str]:
    """Yields the names that a declaration binds."""
    if node.type in {"lexical_declaration", "variable_declaration"}:
        for each in node.named_children:
            name = each.child_by_field_name("name")
            if name is not None:
                kinds = {"identifier", "shorthand_property_identifier_pattern"}
                yield from (text(part) for part in walk(name) if part.type in kinds)
    else:
        name = text(node.child_by_field_name("name"))
        if name:
            yield name


def _assigned(node: Node) -> Iterator[tuple[str, Literal["default", "member"]]]:
    left, right = text(node.child_by_field_name("left")), node.child_by_field_name("right")
    if left == "module.exports" and right is not None and right.type == "identifier":
        yield text(right), "default"
    elif left == "module.exports" and right is not None and right.type in {"function_expression", "class"}:
        if right.child_by_field_name("name") is not None:
            yield text(right.child_by_field_name("name")), "default"
    elif left == "module.exports" and right is not None and right.type == "object":
        for each in right.named_children:
            if each.type == "shorthand_property_identifier":
                yield text(each), "member"
            else:
                name = each.child_by_field_name("key") or each.child_by_field_name("name")
                if name is not None:
                    yield text(name), "member"
    elif left.startswith(("module.exports.", "exports.")):
        yield left.rpartition(".")[2], "member"

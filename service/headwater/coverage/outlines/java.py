"""Outlines Java."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import tree_sitter_java
from tree_sitter import Node

from headwater.coverage.outline import Parameter
from headwater.coverage.outlines.draft import Draft
from headwater.coverage.outlines.entries import class_entry, joined, method_entry, route
from headwater.coverage.outlines.grammar import CALLED, UNKNOWN, Act, Grammar, Place
from headwater.coverage.outlines.treesitter import TreeReader

GRAMMAR = Grammar(
    language=tree_sitter_java.language,
    blocks=frozenset(
        {"program", "block", "class_body", "constructor_body", "interface_body", "enum_body_declarations"}
    ),
    functions={
        "method_declaration": "method",
        "constructor_declaration": "method",
        "compact_constructor_declaration": "method",
    },
    classes=frozenset({"class_declaration", "interface_declaration", "enum_declaration", "record_declaration"}),
    calls=frozenset({"method_invocation", "object_creation_expression", "explicit_constructor_invocation"}),
    loops={
        "for_statement": "for",
        "enhanced_for_statement": "for",
        "while_statement": "while",
        "do_statement": "while",
    },
    cases=frozenset({"switch_block_statement_group", "switch_rule"}),
    tries=frozenset({"try_statement", "try_with_resources_statement"}),
    operators=frozenset({"&&", "||"}),
    comments=frozenset({"line_comment", "block_comment"}),
    silent=frozenset({"import_declaration", "package_declaration", "class_declaration", "interface_declaration"}),
    literals=frozenset({"string_literal"}),
)


class JavaReader(TreeReader):
    """Reads Java: what is called on a field, a variable or a parameter is called on its class."""

    grammar = GRAMMAR

    def __init__(self, path: str, text: str, language: str) -> None:
        """Takes the text of a file."""
        super().__init__(path, text, language)
        self._prefixes: dict[str, str] = {}
        self._stem = path.rpartition("/")[2].partition(".")[0]
        self.module = self._stem

    def acts(self) -> Mapping[str, Act]:
        """Returns what to do at nodes that only Java has."""
        return {
            "package_declaration": self._package,
            "import_declaration": self._import,
            "field_declaration": self._field,
            "local_variable_declaration": self._local,
            "resource": self._resource,
            "enhanced_for_statement": self._each,
            "method_reference": self._reference,
        }

    def link(self, node: Node) -> tuple[str, Node | None]:  # noqa: PLR0911 — a line for each node
        """Returns the last part of a name, and the node with what stands before it."""
        match node.type:
            case "identifier" | "type_identifier" | "this" | "super":
                return self.text(node), None
            case "field_access":
                return self.text(node.child_by_field_name("field")), node.child_by_field_name("object")
            case "method_invocation":
                before = node.child_by_field_name("object")
                return f"{self.text(node.child_by_field_name('name'))}{CALLED}", before
            case "scoped_identifier" | "scoped_type_identifier":
                return self.text(node.named_children[-1]), node.named_children[0]
            case "object_creation_expression":
                return "", node.child_by_field_name("type")
            case "generic_type" | "parenthesized_expression":
                return "", next(iter(node.named_children), None)
            case _:
                return UNKNOWN, None

    def callee(self, node: Node) -> str:
        """Returns what is called."""
        if node.type == "explicit_constructor_invocation":
            return self.text(node.child_by_field_name("constructor"))
        return self.dotted(node).removesuffix(CALLED)

    def function_name(self, node: Node, place: Place) -> str:
        """Returns the name of a method."""
        return f"{place.holder.name}.{self.text(node.child_by_field_name('name'))}"

    def parameters(self, node: Node, draft: Draft) -> Iterator[Parameter]:
        """Lists a method's parameters."""
        listed = node.child_by_field_name("parameters")
        for each in listed.named_children if listed is not None else ():
            if each.type not in {"formal_parameter", "spread_parameter"}:
                continue
            kind = each.child_by_field_name("type") or each.named_children[-2]
            name = self.text(each.child_by_field_name("name") or each.named_children[-1])
            draft.locals[name] = self._class_of(kind)
            yield Parameter(name=name, annotation=self.text(kind))

    def describe(self, node: Node, draft: Draft, place: Place) -> None:
        """Adds bases, annotations, and whether it is public."""
        modifiers = next((child for child in node.named_children if child.type == "modifiers"), None)
        words = {child.type for child in modifiers.children} if modifiers is not None else set[str]()
        in_interface = node.parent is not None and node.parent.type == "interface_body"
        draft.public = "public" in words or in_interface
        marks = [child for child in modifiers.named_children if child.type.endswith("annotation")] if modifiers else []
        if draft.kind == "class":
            self._head(node, draft)
            draft.entry = class_entry(self.sheet, (base for _, _, base in draft.calls))
        else:
            draft.public = draft.public and place.holder.public
            name = draft.name.rpartition(".")[2].partition("@")[0]
            draft.entry = method_entry(self.sheet, place.holder, name)
            if self.sheet.known.names.get(name) == "main" and "static" in words:
                draft.entry = "main"
        for mark in marks:
            self._marked(mark, draft, place)

    def case_parts(
        self,
        node: Node,  # noqa: ARG002 — as in each language
        children: Sequence[Node],
    ) -> tuple[str, Sequence[Node]]:
        """Returns the condition of a case, empty for the default, and its statements."""
        labels = [child for child in children if child.type == "switch_label"]
        said = ", ".join(self.text(each) for each in labels)
        return ("" if said.startswith("default") else said), [child for child in children if child not in labels]

    def loop_condition(self, node: Node) -> str:
        """Returns what a loop goes on for; empty for one without end."""
        if node.type == "enhanced_for_statement":
            return f"{self.text(node.child_by_field_name('name'))} : {self.text(node.child_by_field_name('value'))}"
        found = super().loop_condition(node)
        return "" if found == "true" else found

    def _head(self, node: Node, draft: Draft) -> None:
        """Reads what a class is built on, and the components of a record."""
        for field in ("superclass", "interfaces"):
            self._bases(node.child_by_field_name(field), draft)
        for child in node.named_children:
            if child.type == "extends_interfaces":
                self._bases(child, draft)
        if node.type == "record_declaration":
            for _ in self.parameters(node, draft):
                pass
            self.sheet.fields.update({(draft.name, name): klass for name, klass in draft.locals.items() if klass})

    def _bases(self, node: Node | None, draft: Draft) -> None:
        listed = [] if node is None else node.named_children
        if listed and listed[0].type == "type_list":
            listed = listed[0].named_children
        for each in listed:
            name = self._class_of(each)
            if name:
                draft.calls.append((draft.first, name, name))

    def _marked(self, mark: Node, draft: Draft, place: Place) -> None:
        """Reads an annotation: that of a class comes before that of its method."""
        name = self.text(mark.child_by_field_name("name")).rpartition(".")[2]
        said = self._said(mark)
        if name == "Generated":
            self.sheet.skip(draft.first, draft.last)
        if draft.kind == "class":
            if name in {"RequestMapping", "Path", "Controller"}:
                self._prefixes[draft.name] = said
            return
        kind = self.sheet.known.marks.kind(name)
        if kind == "route":
            text = self.text(mark).upper()
            verb = name.removesuffix("Mapping")
            if verb == "Request":
                verb = next((each for each in ("POST", "PUT", "PATCH", "DELETE") if f"METHOD.{each}" in text), "GET")
            draft.entry = route(verb, joined(self._prefixes.get(place.holder.name, ""), said))
        elif kind:
            draft.entry = f"{kind} {draft.name}"

    def _said(self, mark: Node) -> str:
        """Returns the first text in an annotation's arguments."""
        arguments = mark.child_by_field_name("arguments")
        for each in arguments.named_children if arguments is not None else ():
            value = each.child_by_field_name("value") or each
            if value.type == "string_literal":
                return self.text(value).strip('"')
        return ""

    def _class_of(self, node: Node | None) -> str:
        name = self.dotted(node)
        return name if name and UNKNOWN not in name and name != "var" else ""

    def _package(self, node: Node, _place: Place) -> None:
        self.module = f"{self.text(node.named_children[-1])}.{self._stem}" if node.named_children else self._stem

    def _import(self, node: Node, _place: Place) -> None:
        name = self.text(node.named_children[0]) if node.named_children else ""
        if any(child.type == "asterisk" for child in node.named_children):
            self.sheet.imports[f"*{name}"] = name
        else:
            self.sheet.imports[name.rpartition(".")[2]] = name

    def _field(self, node: Node, place: Place) -> None:
        klass = self._class_of(node.child_by_field_name("type"))
        for each in node.children_by_field_name("declarator") if klass else ():
            self.sheet.fields[place.holder.name, self.text(each.child_by_field_name("name"))] = klass
        self.inside(node, place)

    def _local(self, node: Node, place: Place) -> None:
        klass = self._class_of(node.child_by_field_name("type"))
        for each in node.children_by_field_name("declarator"):
            value = each.child_by_field_name("value")
            name = self.text(each.child_by_field_name("name"))
            place.runner.locals[name] = klass or self._made(value)
        self.inside(node, place)

    def _made(self, value: Node | None) -> str:
        return self.dotted(value) if value is not None and value.type == "object_creation_expression" else ""

    def _resource(self, node: Node, place: Place) -> None:
        klass = self._class_of(node.child_by_field_name("type")) or self._made(node.child_by_field_name("value"))
        place.runner.locals[self.text(node.child_by_field_name("name"))] = klass
        self.inside(node, place)

    def _each(self, node: Node, place: Place) -> None:
        klass = self._class_of(node.child_by_field_name("type"))
        place.runner.locals[self.text(node.child_by_field_name("name"))] = klass
        self.decide_loop(node, place)

    def _reference(self, node: Node, place: Place) -> None:
        """`this::charge` is as good as a call."""
        parts = [self.dotted(child) for child in node.named_children[:2]]
        if len(parts) > 1 and UNKNOWN not in parts:
            self.called(node.start_point[0] + 1, ".".join(parts), place.runner)

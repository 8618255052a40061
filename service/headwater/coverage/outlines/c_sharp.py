"""Outlines C#."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import tree_sitter_c_sharp
from tree_sitter import Node

from headwater.coverage.outline import Parameter
from headwater.coverage.outlines.draft import Draft
from headwater.coverage.outlines.entries import class_entry, joined, method_entry, route
from headwater.coverage.outlines.grammar import CALLED, UNKNOWN, Act, Grammar, Place
from headwater.coverage.outlines.treesitter import TreeReader

GRAMMAR = Grammar(
    language=tree_sitter_c_sharp.language,
    blocks=frozenset({"compilation_unit", "block", "declaration_list", "global_statement"}),
    functions={
        "method_declaration": "method",
        "constructor_declaration": "method",
        "destructor_declaration": "method",
        "operator_declaration": "method",
        "local_function_statement": "function",
        "property_declaration": "method",
        "lambda_expression": "function",
    },
    classes=frozenset(
        {
            "class_declaration",
            "struct_declaration",
            "interface_declaration",
            "record_declaration",
            "record_struct_declaration",
        }
    ),
    calls=frozenset({"invocation_expression", "object_creation_expression"}),
    ternaries=frozenset({"conditional_expression"}),
    loops={"for_statement": "for", "foreach_statement": "for", "while_statement": "while", "do_statement": "while"},
    cases=frozenset({"switch_section", "switch_expression_arm"}),
    silent=frozenset(
        {
            "using_directive",
            "file_scoped_namespace_declaration",
            "namespace_declaration",
            "class_declaration",
            "interface_declaration",
            "local_function_statement",
        }
    ),
    literals=frozenset({"string_literal", "verbatim_string_literal", "interpolated_string_expression"}),
)
HTTP = "Http"


class CSharpReader(TreeReader):
    """Reads C#: what is called on a field, a property, a variable or a parameter is called on its class."""

    grammar = GRAMMAR

    def __init__(self, path: str, text: str, language: str) -> None:
        """Takes the text of a file."""
        super().__init__(path, text, language)
        self._prefixes: dict[str, str] = {}
        self.module = ""

    def acts(self) -> Mapping[str, Act]:
        """Returns what to do at nodes that only C# has."""
        return {
            "namespace_declaration": self._namespace,
            "file_scoped_namespace_declaration": self._namespace,
            "using_directive": self._using,
            "variable_declaration": self._variables,
            "foreach_statement": self._each,
            "global_statement": self._top,
            "throw_statement": self._throw,
        }

    def link(self, node: Node) -> tuple[str, Node | None]:  # noqa: PLR0911 — a line for each node
        """Returns the last part of a name, and the node with what stands before it."""
        match node.type:
            case "identifier" | "this" | "base" | "this_expression" | "base_expression":
                return self.text(node), None
            case "member_access_expression":
                before = node.child_by_field_name("expression") or next(iter(node.children), None)
                name = node.child_by_field_name("name")
                return self._plain(name), before
            case "conditional_access_expression":
                after = node.named_children[-1]
                return self._plain(next(iter(after.named_children), after)), node.child_by_field_name("condition")
            case "qualified_name":
                return self._plain(node.child_by_field_name("name")), node.child_by_field_name("qualifier")
            case "invocation_expression":
                return CALLED, node.child_by_field_name("function")
            case "object_creation_expression":
                return "", node.child_by_field_name("type")
            case "generic_name" | "nullable_type" | "await_expression" | "parenthesized_expression":
                return "", next(iter(node.named_children), None)
            case _:
                return UNKNOWN, None

    def callee(self, node: Node) -> str:
        """Returns what is called."""
        if node.type == "object_creation_expression":
            return self.dotted(node)
        return self.dotted(node.child_by_field_name("function"))

    def argument(self, node: Node) -> Node:
        """Returns the expression that an argument is."""
        return node.named_children[-1] if node.named_children else node

    def function_name(self, node: Node, place: Place) -> str:
        """Returns the name of a method: of a lambda, only where it is registered; of a property, where it has code."""
        if node.type == "lambda_expression":
            name = self.named.get(node.id, "").partition(" ")[2]
        elif node.type == "property_declaration" and not self._computes(node):
            self._property(node, place)
            name = ""
        else:
            name = self.text(node.child_by_field_name("name") or node.child_by_field_name("operator"))
        holder = place.holder
        return f"{holder.name}.{name}" if name and holder.kind != "module" else name

    def parameters(self, node: Node, draft: Draft) -> Iterator[Parameter]:
        """Lists a method's parameters."""
        listed = node.child_by_field_name("parameters") or next(
            (child for child in node.named_children if child.type == "parameter_list"), None
        )
        for each in listed.named_children if listed is not None else ():
            if each.type != "parameter":
                continue
            kind, named = each.child_by_field_name("type"), each.child_by_field_name("name")
            default = each.named_children[-1] if each.named_children and each.named_children[-1] != named else None
            name = self.text(named)
            draft.locals[name] = self._class_of(kind)
            yield Parameter(name=name, annotation=self.text(kind), default=self.text(default))

    def describe(self, node: Node, draft: Draft, place: Place) -> None:
        """Adds bases, attributes, and whether it is public."""
        words = {self.text(child) for child in node.named_children if child.type == "modifier"}
        in_interface = node.parent is not None and node.parent.parent is not None
        in_interface = in_interface and node.parent.parent.type == "interface_declaration"  # pyright: ignore[reportOptionalMemberAccess]
        draft.public = "public" in words or in_interface
        if draft.kind == "class":
            self._head(node, draft)
            draft.entry = class_entry(self.sheet, (base for _, _, base in draft.calls))
        elif draft.kind == "method":
            draft.public = draft.public and place.holder.public
            name = draft.name.rpartition(".")[2].partition("@")[0]
            draft.entry = method_entry(self.sheet, place.holder, name)
            if self.sheet.known.names.get(name) == "main" and "static" in words:
                draft.entry = "main"
            if node.type == "property_declaration" and draft.body > draft.last:
                draft.body = draft.first
        for listed in (child for child in node.named_children if child.type == "attribute_list"):
            for mark in listed.named_children:
                self._marked(mark, draft, place)

    def case_parts(self, node: Node, children: Sequence[Node]) -> tuple[str, Sequence[Node]]:
        """Returns the condition of a case, empty for the default, and its statements."""
        labels = [
            child for child in children if child.type.endswith("pattern") or child.type in {"when_clause", "discard"}
        ]
        if node.type == "switch_section" and not labels and children and not children[0].type.endswith("statement"):
            labels = [children[0]]
        rest = [child for child in children if child not in labels]
        said = " ".join(self.text(each) for each in labels)
        return ("" if said in {"", "_"} else f"case {said}"), rest

    def loop_condition(self, node: Node) -> str:
        """Returns what a loop goes on for; empty for one without end."""
        if node.type == "foreach_statement":
            return f"{self.text(node.child_by_field_name('left'))} in {self.text(node.child_by_field_name('right'))}"
        found = super().loop_condition(node)
        return "" if found == "true" else found

    def _plain(self, node: Node | None) -> str:
        """Returns a name without its type arguments."""
        return self.text(node).partition("<")[0]

    def _computes(self, node: Node) -> bool:
        """Whether a property has code of its own."""
        accessors = node.child_by_field_name("accessors")
        if accessors is None:
            return node.child_by_field_name("value") is not None
        return any(child.child_by_field_name("body") is not None for child in accessors.named_children)

    def _property(self, node: Node, place: Place) -> None:
        klass = self._class_of(node.child_by_field_name("type"))
        if klass:
            self.sheet.fields[place.holder.name, self.text(node.child_by_field_name("name"))] = klass

    def _head(self, node: Node, draft: Draft) -> None:
        """Reads what a class is built on, and its primary constructor."""
        for _ in self.parameters(node, draft):
            pass
        self.sheet.fields.update({(draft.name, name): klass for name, klass in draft.locals.items() if klass})
        for listed in (child for child in node.named_children if child.type == "base_list"):
            for each in listed.named_children:
                name = self._class_of(each.child_by_field_name("type") or each)
                if name:
                    draft.calls.append((draft.first, name, name))

    def _marked(self, mark: Node, draft: Draft, place: Place) -> None:
        """Reads an attribute: that of a class comes before that of its method."""
        name = self.text(mark.child_by_field_name("name")).rpartition(".")[2].removesuffix("Attribute")
        if name == "ExcludeFromCodeCoverage":
            self.sheet.skip(draft.first, draft.last)
        said = self._said(mark)
        if draft.kind == "class":
            if name == "Route":
                short = draft.name.rpartition(".")[2].removesuffix("Controller").lower()
                self._prefixes[draft.name] = said.replace("[controller]", short)
            return
        kind = self.sheet.known.marks.kind(name)
        if kind == "route" and (name.startswith(HTTP) or not draft.entry):
            place_of = joined(self._prefixes.get(place.holder.name, ""), said)
            draft.entry = route(name.removeprefix(HTTP), place_of)
        elif kind and kind != "route":
            draft.entry = f"{kind} {draft.name}"

    def _said(self, mark: Node) -> str:
        """Returns the first text in an attribute's arguments."""
        for listed in (child for child in mark.named_children if child.type == "attribute_argument_list"):
            for each in listed.named_children:
                value = next(iter(each.named_children), None)
                if value is not None and value.type in self.grammar.literals:
                    return self.text(value).strip('@"')
        return ""

    def _class_of(self, node: Node | None) -> str:
        name = self.dotted(node)
        return name if name and UNKNOWN not in name and name != "var" else ""

    def _namespace(self, node: Node, place: Place) -> None:
        name = self.text(node.child_by_field_name("name"))
        self.module = self.module or name
        body = node.child_by_field_name("body")
        if body is not None:
            self.inside(body, place)

    def _using(self, node: Node, _place: Place) -> None:
        alias = node.child_by_field_name("name")
        name = self.text(node.named_children[-1]) if node.named_children else ""
        self.sheet.imports[self.text(alias) if alias is not None else f"*{name}"] = name

    def _variables(self, node: Node, place: Place) -> None:
        """Variables and fields: `Cart cart = new();`, `var cart = new Cart();`."""
        klass = self._class_of(node.child_by_field_name("type"))
        is_field = node.parent is not None and node.parent.type == "field_declaration"
        for each in node.named_children:
            if each.type != "variable_declarator":
                continue
            name = self.text(each.child_by_field_name("name"))
            value = each.named_children[-1]
            made = self.dotted(value) if value.type == "object_creation_expression" else ""
            if is_field and (klass or made):
                self.sheet.fields[place.holder.name, name] = klass or made
            elif not is_field:
                place.runner.locals[name] = klass or made
        self.inside(node, place)

    def _each(self, node: Node, place: Place) -> None:
        klass = self._class_of(node.child_by_field_name("type"))
        place.runner.locals[self.text(node.child_by_field_name("left"))] = klass
        self.decide_loop(node, place)

    def _top(self, node: Node, place: Place) -> None:
        """A statement at the top of a file is the program itself."""
        self.sheet.module.entry = "main"
        self.inside(node, place)

    def _throw(self, node: Node, place: Place) -> None:
        if "NotImplementedException" in self.text(node):
            self.sheet.skip(node.start_point[0] + 1, node.end_point[0] + 1)
        self.inside(node, place)

"""Outlines Go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import tree_sitter_go
from tree_sitter import Node

from headwater.coverage.outline import Parameter
from headwater.coverage.outlines.draft import Draft
from headwater.coverage.outlines.grammar import CALLED, UNKNOWN, Act, Grammar, Place
from headwater.coverage.outlines.treesitter import TreeReader

BUILTIN = frozenset(
    {
        "bool",
        "byte",
        "comparable",
        "complex64",
        "complex128",
        "error",
        "float32",
        "float64",
        "int",
        "int8",
        "int16",
        "int32",
        "int64",
        "rune",
        "string",
        "uint",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "uintptr",
        "any",
    }
)
GRAMMAR = Grammar(
    language=tree_sitter_go.language,
    blocks=frozenset({"source_file", "block", "statement_list"}),
    functions={"function_declaration": "function", "method_declaration": "method", "func_literal": "function"},
    classes=frozenset(),
    calls=frozenset({"call_expression"}),
    ternaries=frozenset(),
    loops={"for_statement": "for"},
    cases=frozenset({"expression_case", "type_case", "communication_case", "default_case"}),
    defaults=frozenset({"default_case"}),
    catches=frozenset(),
    tries=frozenset(),
    finals=frozenset(),
    silent=frozenset(
        {"package_clause", "import_declaration", "type_declaration", "function_declaration", "method_declaration"}
    ),
    literals=frozenset({"interpreted_string_literal", "raw_string_literal"}),
)


class GoReader(TreeReader):
    """Reads Go: a struct is the class of the methods that have it as receiver; `NewServer` makes a `Server`."""

    grammar = GRAMMAR

    _package = ""

    def finish(self) -> None:
        """Tells other files of the package the classes of attributes."""
        self.sheet.imports.update({f"{owner}.{name}": klass for (owner, name), klass in self.sheet.fields.items()})

    def acts(self) -> Mapping[str, Act]:
        """Returns what to do at nodes that only Go has."""
        return {
            "package_clause": self._clause,
            "import_spec": self._import,
            "type_spec": self._type,
            "short_var_declaration": self._assigned,
            "var_spec": self._declared,
        }

    def link(self, node: Node) -> tuple[str, Node | None]:  # noqa: PLR0911 — a line for each node
        """Returns the last part of a name, and the node with what stands before it."""
        match node.type:
            case "identifier" | "type_identifier" | "package_identifier" | "field_identifier":
                return self.text(node), None
            case "selector_expression":
                return self.text(node.child_by_field_name("field")), node.child_by_field_name("operand")
            case "qualified_type":
                return self.text(node.child_by_field_name("name")), node.child_by_field_name("package")
            case "call_expression":
                return CALLED, node.child_by_field_name("function")
            case "composite_literal" | "generic_type":
                return "", node.child_by_field_name("type")
            case "parenthesized_expression" | "unary_expression" | "pointer_type":
                return "", next(iter(node.named_children), None)
            case _:
                return UNKNOWN, None

    def callee(self, node: Node) -> str:
        """Returns what is called."""
        function = node.child_by_field_name("function")
        return "" if function is not None and function.type == "func_literal" else self.dotted(function)

    def function_name(self, node: Node, place: Place) -> str:  # noqa: ARG002 — as in each language
        """Returns the name of a function: of a literal, only where it is registered."""
        if node.type == "func_literal":
            return self.named.get(node.id, "").partition(" ")[2]
        name = self.text(node.child_by_field_name("name"))
        return f"{self._receiver(node)[1]}.{name}" if node.type == "method_declaration" else name

    def parameters(self, node: Node, draft: Draft) -> Iterator[Parameter]:
        """Lists a function's parameters."""
        listed = node.child_by_field_name("parameters")
        for each in listed.named_children if listed is not None else ():
            kind = each.child_by_field_name("type")
            for name in each.children_by_field_name("name"):
                yield self._parameter(draft, self.text(name), kind)

    def describe(self, node: Node, draft: Draft, place: Place) -> None:  # noqa: ARG002 — as in each language
        """Says whether a function is exported, and whether the program begins or a request arrives there."""
        name = self.text(node.child_by_field_name("name"))
        draft.public = name[:1].isupper()
        kind = self.sheet.known.names.get(name, "")
        if kind and kind != "main":
            draft.entry = f"{kind} {draft.name}"
        elif kind and draft.kind == "function" and self._package == "main":
            draft.entry = kind
        if draft.kind == "method":
            variable, owner = self._receiver(node)
            draft.klass = owner
            draft.public = draft.public and owner[:1].isupper()
            draft.locals[variable] = owner

    def loop_condition(self, node: Node) -> str:
        """Returns what a loop goes on for; empty for one without end."""
        head = next(iter(node.named_children), None)
        if head is None or head.type == "block":
            return ""
        condition = head.child_by_field_name("condition") if head.type == "for_clause" else head
        return self.text(condition)

    def case_parts(self, node: Node, children: Sequence[Node]) -> tuple[str, Sequence[Node]]:
        """Returns the condition of a case, and its statements."""
        if node.type == "default_case":
            return "", children
        head = self.text(children[0]) if children else ""
        return f"case {head}", children[1:]

    def _receiver(self, node: Node) -> tuple[str, str]:
        listed = node.child_by_field_name("receiver")
        for each in listed.named_children if listed is not None else ():
            return self.text(each.child_by_field_name("name")), self._class_of(each.child_by_field_name("type"))
        return "", ""

    def _parameter(self, draft: Draft, name: str, kind: Node | None) -> Parameter:
        klass = self._class_of(kind)
        if klass:
            draft.locals[name] = klass
        return Parameter(name=name, annotation=self.text(kind))

    def _class_of(self, node: Node | None) -> str:
        name = self.dotted(node)
        return "" if name in BUILTIN or UNKNOWN in name else name

    def _clause(self, node: Node, _place: Place) -> None:
        self._package = self.text(node.named_children[0]) if node.named_children else ""

    def _import(self, node: Node, _place: Place) -> None:
        source = self.text(node.child_by_field_name("path")).strip('"`')
        last = source.rpartition("/")[2]
        if last[:1] == "v" and last[1:].isdigit():
            source = source.rpartition("/")[0]
            last = source.rpartition("/")[2]
        name = self.text(node.child_by_field_name("name")) or last.removeprefix("go-").partition(".")[0]
        if name not in {"_", "."}:
            self.sheet.imports[name] = source

    def _type(self, node: Node, place: Place) -> None:
        """A struct: its fields have classes, and what it embeds is its base."""
        body = node.child_by_field_name("type")
        name = self.text(node.child_by_field_name("name"))
        if body is None or body.type != "struct_type":
            return
        draft = self.add(node, place, name, "class", body=body)
        draft.public = name[:1].isupper()
        for each in (field for listed in body.named_children for field in listed.named_children):
            klass = self._class_of(each.child_by_field_name("type"))
            names = each.children_by_field_name("name")
            if klass and not names:
                draft.calls.append((each.start_point[0] + 1, klass, klass))
                self.sheet.fields[name, klass.rpartition(".")[2]] = klass
            elif klass:
                self.sheet.fields.update({(name, self.text(one)): klass for one in names})

    def _assigned(self, node: Node, place: Place) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        names = left.named_children if left is not None else []
        values = right.named_children if right is not None else []
        for name, value in zip(names, values, strict=False):
            place.runner.locals[self.text(name)] = self._made(value)
        self.inside(node, place)

    def _declared(self, node: Node, place: Place) -> None:
        klass = self._class_of(node.child_by_field_name("type"))
        value = node.child_by_field_name("value")
        if not klass and value is not None and value.named_children:
            klass = self._made(value.named_children[0])
        for name in node.children_by_field_name("name"):
            place.runner.locals[self.text(name)] = klass
        self.inside(node, place)

    def _made(self, node: Node) -> str:
        """Returns the class of what an expression makes: of `&Server{…}` and `store.New…` it is evident."""
        inner = node.child_by_field_name("operand") if node.type == "unary_expression" else node
        if inner is not None and inner.type == "composite_literal":
            return self._class_of(inner)
        if node.type != "call_expression":
            return ""
        package, dot, name = self.callee(node).rpartition(".")
        rest = name.removeprefix("New")
        return f"{package}{dot}{rest}" if rest != name and rest[:1].isupper() else ""

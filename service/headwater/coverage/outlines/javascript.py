"""Outlines JavaScript and TypeScript."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Node

from headwater.coverage.outline import Parameter
from headwater.coverage.outlines.draft import Draft
from headwater.coverage.outlines.entries import class_entry, joined, route
from headwater.coverage.outlines.grammar import CALLED, UNKNOWN, Act, Grammar, Place
from headwater.coverage.outlines.script_imports import exported, required, source_names
from headwater.coverage.outlines.treesitter import TreeReader

CLASS = re.compile(r"[A-Z$_][\w$]*(\.[A-Z$_][\w$]*)*")
"""How the name of a class looks, in a type."""
SCRIPTS = frozenset({"main", "server", "cli"})
"""Files of these names are run, not imported."""
CONTROLLERS = frozenset({"Controller", "JsonController", "Resolver"})
GRAMMAR = Grammar(
    language=tree_sitter_javascript.language,
    blocks=frozenset({"program", "statement_block", "else_clause", "class_body", "class_static_block"}),
    functions={
        "function_declaration": "function",
        "generator_function_declaration": "function",
        "function_expression": "function",
        "generator_function": "function",
        "arrow_function": "function",
        "method_definition": "method",
        "method_signature": "method",
        "abstract_method_signature": "method",
    },
    classes=frozenset({"class_declaration", "class", "abstract_class_declaration", "interface_declaration"}),
    calls=frozenset({"call_expression", "new_expression"}),
    loops={"for_statement": "for", "for_in_statement": "for", "while_statement": "while", "do_statement": "while"},
    cases=frozenset({"switch_case", "switch_default"}),
    defaults=frozenset({"switch_default"}),
    silent=frozenset(
        {
            "import_statement",
            "function_declaration",
            "interface_declaration",
            "type_alias_declaration",
            "empty_statement",
            "hash_bang_line",
            "ambient_declaration",
        }
    ),
    literals=frozenset({"string", "template_string"}),
)


class ScriptReader(TreeReader):
    """Reads JavaScript: functions have the names of what they are assigned to, and objects are scopes."""

    grammar = GRAMMAR

    def __init__(self, path: str, text: str, language: str) -> None:
        """Takes the text of a file."""
        super().__init__(path, text, language)
        self.exports: set[str] = set()
        """Names that the file gives away."""
        self._decorators: list[Node] = []
        self._prefixes: dict[str, str] = {}
        stem = PurePosixPath(path).stem
        if text.startswith("#!") or (stem in SCRIPTS and path.count("/") < 3):  # noqa: PLR2004 — near the top
            self.sheet.module.entry = "main"

    def acts(self) -> Mapping[str, Act]:
        """Returns what to do at nodes that only JavaScript and TypeScript have."""
        return {
            "import_statement": self._import,
            "export_statement": self._export,
            "variable_declarator": self._variable,
            "assignment_expression": self._assignment,
            "public_field_definition": self._field,
            "decorator": self._decorator,
            "if_statement": self._main_guard,
        }

    def link(self, node: Node) -> tuple[str, Node | None]:
        """Returns the last part of a name, and the node with what stands before it."""
        match node.type:
            case "member_expression":
                return self.text(node.child_by_field_name("property")), node.child_by_field_name("object")
            case "call_expression":
                return CALLED, node.child_by_field_name("function")
            case "new_expression":
                return "", node.child_by_field_name("constructor")
            case "await_expression" | "parenthesized_expression" | "non_null_expression" | "as_expression":
                return "", next(iter(node.named_children), None)
            case "identifier" | "this" | "super" | "type_identifier" | "property_identifier" | "undefined":
                return self.text(node), None
            case _:
                return UNKNOWN, None

    def callee(self, node: Node) -> str:
        """Returns what is called."""
        function = node.child_by_field_name("constructor" if node.type == "new_expression" else "function")
        if function is None or function.type in self.grammar.functions:
            return ""
        name = self.dotted(function)
        # `router.route("/x").get(handler)` registers as `router.get("/x", handler)` does.
        return name.replace(".route().", ".") if ".route()." in name else name

    def function_name(self, node: Node, place: Place) -> str:
        """Returns the name of a function, by what it is assigned to where it has none itself."""
        name = self.named.get(node.id, "").partition(" ")[2] or self._assigned_name(node)
        prefix = place.holder.name if place.holder.kind == "class" else self._object_of(node)
        if not name or place.holder.kind == "module" or prefix != place.holder.name:
            own = "" if place.holder.kind == "module" else f"{place.holder.name}."
            return f"{own}{prefix}.{name}" if name and prefix else f"{own}{name}" if name else ""
        return f"{prefix}.{name}"

    def parameters(self, node: Node, draft: Draft) -> Iterator[Parameter]:
        """Lists a function's parameters; those of a constructor that have an access modifier are fields."""
        listed = node.child_by_field_name("parameters")
        single = node.child_by_field_name("parameter")
        for each in listed.named_children if listed is not None else [single] if single is not None else ():
            if each.type in self.grammar.comments:
                continue
            pattern = each.child_by_field_name("pattern") or each.child_by_field_name("left") or each
            kind = each.child_by_field_name("type")
            value = each.child_by_field_name("value") or each.child_by_field_name("right")
            name, annotation = self.text(pattern), self.text(kind).removeprefix(":").strip()
            klass = class_in(annotation)
            if klass:
                draft.locals[name] = klass
                if draft.name.endswith(".constructor") and any(
                    child.type in {"accessibility_modifier", "readonly"} for child in each.children
                ):
                    self.sheet.fields[draft.klass, name] = klass
            yield Parameter(name=name, annotation=annotation, default=self.text(value))

    def describe(self, node: Node, draft: Draft, place: Place) -> None:
        """Adds bases, decorators, and whether it is private."""
        private = any(self.text(child) in {"private", "protected"} for child in node.children[:2])
        short = draft.name.rpartition(".")[2]
        draft.public = not (private or place.holder.local or short.startswith(("#", "_")))
        decorators = [*self._decorators, *(child for child in node.named_children if child.type == "decorator")]
        self._decorators = []
        if decorators:
            draft.first = min(draft.first, decorators[0].start_point[0] + 1)
        if draft.kind == "class":
            self._heritage(node, draft)
            draft.entry = class_entry(self.sheet, (base for _, _, base in draft.calls))
        elif place.holder.kind == "module" and draft.kind == "function":
            kind = self.sheet.known.names.get(short, "")
            draft.entry = route(short, self.module) if kind == "route" else kind
        for decorator in decorators:
            self._marked(decorator, draft, place)

    def loop_condition(self, node: Node) -> str:
        """Returns what a loop goes on for; empty for one without end."""
        found = super().loop_condition(node)
        return "" if found.rstrip(";").strip() in {"", "true", "1"} else found.rstrip(";")

    def finish(self) -> None:
        """Says what of the file is public: what it gives away, and the members of that."""
        for draft in self.sheet.drafts:
            if draft.kind != "module":
                draft.public = draft.public and draft.name.partition(".")[0].partition("@")[0] in self.exports

    def _assigned_name(self, node: Node) -> str:  # noqa: PLR0911 — a line for each node
        own = node.child_by_field_name("name")
        if own is not None:
            return self.text(own)
        above = node.parent
        while above is not None and above.type in {"parenthesized_expression", "as_expression", "await_expression"}:
            above = above.parent
        if above is None:
            return ""
        match above.type:
            case "variable_declarator" | "public_field_definition" | "field_definition":
                return self.text(above.child_by_field_name("name") or above.child_by_field_name("property"))
            case "pair":
                return self.text(above.child_by_field_name("key")).strip("\"'")
            case "assignment_expression":
                target = self.dotted(above.child_by_field_name("left"))
                short = target.removeprefix("module.").removeprefix("exports").removeprefix(".")
                return "default" if not short else "" if UNKNOWN in short else short.replace(".prototype.", ".")
            case "export_statement":
                return "default"
            case _:
                return ""

    def _object_of(self, node: Node) -> str:
        """Returns the name of the variable that holds the object whose member a function is."""
        above = node.parent
        if above is not None and above.type == "pair":
            above = above.parent
        if above is None or above.type != "object" or above.parent is None:
            return ""
        holder = above.parent
        return self.text(holder.child_by_field_name("name")) if holder.type == "variable_declarator" else ""

    def _heritage(self, node: Node, draft: Draft) -> None:
        for each in node.named_children:
            if each.type not in {"class_heritage", "extends_type_clause"}:
                continue
            clauses = [clause for clause in each.named_children if clause.type.endswith("_clause")] or [each]
            for base in (base for clause in clauses for base in clause.named_children):
                name = self.dotted(base.child_by_field_name("name") or base)
                if name and UNKNOWN not in name and base.type != "type_arguments":
                    draft.calls.append((draft.first, name, name))

    def _marked(self, decorator: Node, draft: Draft, place: Place) -> None:
        """Reads a decorator: `@Controller("cart")` of a class comes before `@Post("charge")` of its method."""
        call = next(iter(decorator.named_children), None)
        arguments = call.child_by_field_name("arguments") if call is not None else None
        name = self.dotted(call.child_by_field_name("function") if arguments is not None and call else call)
        given = arguments.named_children if arguments is not None else []
        said = next((self.text(each).strip("\"'`") for each in given if each.type in self.grammar.literals), "")
        if draft.kind == "class":
            if name in CONTROLLERS:
                self._prefixes[draft.name] = said
            return
        kind = self.sheet.known.marks.kind(name)
        if kind == "route":
            draft.entry = route(name, joined(self._prefixes.get(place.holder.name, ""), said))
        elif kind:
            draft.entry = f"{kind} {said or draft.name}"

    def _decorator(self, node: Node, place: Place) -> None:
        """A decorator stands before what it marks, as a node of its own."""
        if node.parent is not None and node.parent.type in {"class_body", "export_statement"}:
            self._decorators.append(node)
        self.inside(node, place)

    def _import(self, node: Node, _place: Place) -> None:
        self.sheet.imports.update(source_names(node, self.text, self.path))

    def _export(self, node: Node, place: Place) -> None:
        names = exported(node, self.text, self.path, self.module)
        self.exports.update(name for name, _ in names)
        self.sheet.imports.update((name, meant) for name, meant in names if meant)
        self.exports.update(meant.rpartition(".")[2] for _, meant in names if meant.startswith(f"{self.module}."))
        self.inside(node, place)

    def _variable(self, node: Node, place: Place) -> None:
        value, name = node.child_by_field_name("value"), node.child_by_field_name("name")
        found = required(name, value, self.text, self.path) if value is not None and name is not None else {}
        self.sheet.imports.update(found)
        annotation = self.text(node.child_by_field_name("type")).removeprefix(":").strip()
        klass = class_in(annotation) or self._made(value)
        if klass and name is not None and place.runner.kind == "module" and not found:
            self.sheet.imports.setdefault(self.text(name), self.absolute(klass))
        if name is not None and name.type == "identifier" and not found:
            place.runner.locals[self.text(name)] = klass
        self.inside(node, place)

    def absolute(self, klass: str) -> str:
        """Returns the full name of a class."""
        full = self.sheet.resolved(klass)
        return full if full != klass else f"{self.module}.{klass}"

    def _made(self, value: Node | None) -> str:
        while value is not None and value.type in {"await_expression", "parenthesized_expression"}:
            value = next(iter(value.named_children), None)
        return self.dotted(value) if value is not None and value.type == "new_expression" else ""

    def _assignment(self, node: Node, place: Place) -> None:
        target = self.dotted(node.child_by_field_name("left"))
        value = node.child_by_field_name("right")
        if target.startswith("this.") and place.runner.klass:
            source = self.text(value) if value is not None and value.type == "identifier" else ""
            klass = self._made(value) or place.runner.class_of(source)
            if klass:
                self.sheet.fields.setdefault((place.runner.klass, target.removeprefix("this.")), klass)
        elif target == "module.exports" or target.startswith(("exports.", "module.exports.")):
            self._common(target.removeprefix("module.").removeprefix("exports").removeprefix("."), value)
        self.inside(node, place)

    def _common(self, name: str, value: Node | None) -> None:
        """Reads what `module.exports = …` gives away."""
        if value is None:
            return
        if value.type == "identifier":
            self.exports.update({name or "default", self.text(value)})
            if name != self.text(value):
                self.sheet.imports.setdefault(name or "default", f"{self.module}.{self.text(value)}")
        elif value.type == "object":
            for each in value.named_children:
                key = self.text(each.child_by_field_name("key") or each.child_by_field_name("name") or each)
                meant = self.dotted(each.child_by_field_name("value"))
                self.exports.add(key)
                if meant and meant != key and UNKNOWN not in meant:
                    self.exports.add(meant)
                    self.sheet.imports.setdefault(key, self.absolute(meant))
        else:
            self.exports.add(name.partition(".")[0] or "default")

    def _field(self, node: Node, place: Place) -> None:
        annotation = self.text(node.child_by_field_name("type")).removeprefix(":").strip()
        klass = class_in(annotation) or self._made(node.child_by_field_name("value"))
        if klass and place.holder.kind == "class":
            self.sheet.fields[place.holder.name, self.text(node.child_by_field_name("name"))] = klass
        self.inside(node, place)

    def _main_guard(self, node: Node, place: Place) -> None:
        """`if (require.main === module)` runs the file."""
        condition = self.condition(node)
        if "require.main" in condition or "import.meta.main" in condition:
            self.sheet.module.entry = "main"
            self.sheet.skip(node.start_point[0] + 1, node.end_point[0] + 1)
        self.decide_if(node, place)


class TypedReader(ScriptReader):
    """Reads TypeScript."""

    grammar = replace(GRAMMAR, language=tree_sitter_typescript.language_typescript)


class MarkupReader(ScriptReader):
    """Reads TypeScript with markup in it."""

    grammar = replace(GRAMMAR, language=tree_sitter_typescript.language_tsx)


def class_in(annotation: str) -> str:
    """Returns the class that a type names: of `Cart | null` and `Readonly<Cart>` too."""
    plain = [part.strip() for part in annotation.split("|") if part.strip() not in {"null", "undefined"}]
    if len(plain) != 1:
        return ""
    name = plain[0].removeprefix("Readonly<").removesuffix(">").partition("<")[0]
    return name if CLASS.fullmatch(name) else ""

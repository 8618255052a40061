"""Reads the trees that tree-sitter makes of a source: what is alike in all languages; each adds what is its own."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tree_sitter import Node, Parser

from headwater.coverage.outline import Decision, Outline, Parameter
from headwater.coverage.outlines.draft import CONDITION_CHARS, Draft, Sheet, on_one_line
from headwater.coverage.outlines.entries import registered
from headwater.coverage.outlines.grammar import CALLED, UNKNOWN, Act, Grammar, Place, is_faulty

DEEP: Final = 8
"""So many parts of a name are read."""
NAME_BYTES: Final = 200
IGNORE: Final = re.compile(r"(istanbul|c8|v8|coverage)[ :]ignore[ :]?(next|if|else|file|start)?\s*(\d+)?")
STOP: Final = re.compile(r"(c8|v8) ignore (stop|end)")


class TreeReader(ABC):
    """Goes through a tree, in the order of the text, with a list of what is still to be read."""

    grammar: Grammar

    def __init__(self, path: str, text: str, language: str) -> None:
        """Takes the text of a file."""
        self.path: Final = path
        self.bytes: Final = text.encode(errors="replace")
        self.module = path.rpartition(".")[0]
        self.sheet: Final = Sheet(language, text.count("\n") + (not text.endswith("\n")))
        self.named: Final[dict[int, str]] = {}
        """Functions without a name that are registered, with the entry that they are."""
        self._pending: list[tuple[Node, Place]] = []
        self._ignoring = 0
        """The line from which on a pragma leaves all out."""
        self._acts: Final = self._table()

    def read(self, parser: Parser) -> Outline | None:
        """Reads the file; None where it does not parse."""
        root = parser.parse(self.bytes).root_node
        if root.has_error and is_faulty(root, len(self.bytes)):
            return None
        module = self.sheet.module
        module.body = self.first_line(root) or 1
        self._pending.append((root, Place(module, module, 0)))
        while self._pending:
            node, place = self._pending.pop()
            act = self._acts.get(node.type)
            if act is None:
                self.inside(node, place)
            else:
                act(node, place)
        if self._ignoring:
            self.sheet.skip(self._ignoring, module.last)
        self.finish()
        return self.sheet.outline(self.module)

    # What a language adds.

    def acts(self) -> Mapping[str, Act]:
        """Returns what to do at nodes that only this language has; it calls `inside` to go on."""
        return {}

    @abstractmethod
    def link(self, node: Node) -> tuple[str, Node | None]:
        """Returns the last part of a name, and the node with what stands before it."""

    @abstractmethod
    def callee(self, node: Node) -> str:
        """Returns what is called."""

    @abstractmethod
    def function_name(self, node: Node, place: Place) -> str:
        """Returns the name of a function, qualified; empty for one that has none and is part of what is around it."""

    @abstractmethod
    def parameters(self, node: Node, draft: Draft) -> Iterator[Parameter]:
        """Lists a function's parameters, and notes their classes in the draft."""

    @abstractmethod
    def describe(self, node: Node, draft: Draft, place: Place) -> None:
        """Adds to a function or class what only the language knows: its entry, its bases, whether it is public."""

    def condition(self, node: Node) -> str:
        """Returns the condition of a decision."""
        found = node.child_by_field_name("condition")
        return self.text(found, CONDITION_CHARS * 2).removeprefix("(").removesuffix(")") if found else ""

    def finish(self) -> None:  # noqa: B027 — most languages have nothing to add
        """Looks at what can be said only once the whole file was read."""

    # What a language uses.

    def text(self, node: Node | None, most: int = NAME_BYTES) -> str:
        """Returns the text of a node, not longer than so many bytes."""
        if node is None:
            return ""
        return self.bytes[node.start_byte : min(node.end_byte, node.start_byte + most)].decode(errors="replace")

    def inside(self, node: Node, place: Place) -> None:
        """Goes on with what is inside a node."""
        children = node.named_children
        if node.type not in self.grammar.blocks:
            self._pending += [(child, place) for child in reversed(children)]
            return
        after = place.after
        for child in reversed(children):
            self._pending.append((child, place if after == place.after else Place(place.holder, place.runner, after)))
            after = self.first_line(child) or after

    def go(self, node: Node | None, place: Place) -> None:
        """Reads a node next, before everything that was to be read."""
        if node is not None:
            self._pending.append((node, place))

    def first_line(self, node: Node | None) -> int:
        """Returns the first line that runs at a node; 0 if none does."""
        grammar = self.grammar
        while node is not None:
            if node.type in grammar.comments or node.type in grammar.silent:
                return 0
            if node.type not in grammar.blocks:
                return node.start_point[0] + 1
            node = next(
                (
                    child
                    for child in node.named_children
                    if child.type not in grammar.comments and child.type not in grammar.silent
                ),
                None,
            )
        return 0

    def dotted(self, node: Node | None) -> str:
        """Returns the name of an expression, as far as it has one: `Cart.total` for `new Cart().total`."""
        parts: list[str] = []
        called = ""
        steps = 0
        while node is not None and len(parts) < DEEP and steps < 2 * DEEP:
            steps += 1
            part, node = self.link(node)
            if part == CALLED:
                called = CALLED
            elif part:
                parts.append(part + called)
                called = ""
        return ".".join(reversed(parts))

    def called(self, line: int, callee: str, runner: Draft) -> None:
        """Notes a call."""
        if not callee or callee == UNKNOWN:
            return
        runner.calls.append((line, callee, self.sheet.meant(runner, callee)))

    def add(self, node: Node, place: Place, name: str, kind: str, *, body: Node | None) -> Draft:
        """Takes a symbol in."""
        holder = place.holder
        start, last = node.start_point[0] + 1, node.end_point[0] + 1
        draft = Draft(
            name=name,
            kind=kind,
            first=start,
            last=last,
            body=(self.first_line(body) or last) if body is not None else last + 1,
            klass=name if kind == "class" else holder.klass,
            outer=None if kind == "class" else holder if holder.local else self.sheet.module,
        )
        return self.sheet.add(draft)

    # What all languages have.

    def _table(self) -> dict[str, Act]:
        grammar = self.grammar
        rows: Sequence[tuple[Sequence[str] | frozenset[str], Act]] = (
            (tuple(grammar.functions), self._function),
            (grammar.classes, self._class),
            (grammar.calls, self._call),
            (grammar.ifs, self.decide_if),
            (grammar.ternaries, self._ternary),
            (tuple(grammar.loops), self.decide_loop),
            (grammar.cases, self._case),
            (grammar.catches, self._catch),
            (grammar.tries, self._try),
            (grammar.binaries, self._binary),
            (grammar.comments, self._comment),
        )
        return {name: act for names, act in rows for name in names} | dict(self.acts())

    def _function(self, node: Node, place: Place) -> None:
        name = self.function_name(node, place)
        body = node.child_by_field_name("body")
        if not name:
            self.inside(node, Place(place.holder, place.runner, 0))
            return
        draft = self.add(node, place, name, self.grammar.functions[node.type], body=body)
        draft.parameters = tuple(self.parameters(node, draft))
        self.describe(node, draft, place)
        draft.entry = self.named.pop(node.id, "") or draft.entry
        if body is None:
            self.inside(node, Place(draft, draft, 0))
            return
        self._pending.append((body, Place(draft, draft, 0)))
        for child in reversed(node.named_children):
            if child != body:
                self._pending.append((child, place))

    def _class(self, node: Node, place: Place) -> None:
        named = self.text(node.child_by_field_name("name")) or "default"
        name = named if place.holder.kind == "module" else f"{place.holder.name}.{named}"
        draft = self.add(node, place, name, "class", body=node.child_by_field_name("body"))
        self.describe(node, draft, place)
        self.inside(node, Place(draft, self.sheet.module, 0))

    def _call(self, node: Node, place: Place) -> None:
        callee = self.callee(node)
        line = node.start_point[0] + 1
        self.called(line, callee, place.runner)
        kind = self.sheet.known.registrars.kind(self.sheet.resolved(callee)) if callee else ""
        if kind:
            self._registration(node, kind, callee, place.runner)
        self.inside(node, place)

    def _registration(self, node: Node, kind: str, callee: str, runner: Draft) -> None:
        """Notes the last function that a call is given as an entry point: `app.post("/charge", check, charge)`."""
        arguments = node.child_by_field_name("arguments")
        given = [self.argument(child) for child in arguments.named_children] if arguments is not None else []
        said = next((each for each in given if each.type in self.grammar.literals), None)
        place = self.text(said).strip("\"'`") if said is not None else ""
        for each in reversed(given):
            if each.type in self.grammar.functions:
                self.named[each.id] = registered(kind, callee, place)
                return
            name = self.dotted(each) if each != said else ""
            if name and not name.startswith(UNKNOWN):
                meant = self.sheet.meant(runner, name)
                self.sheet.register(node.start_point[0] + 1, registered(kind, callee, place or name), meant)
                return

    def argument(self, node: Node) -> Node:
        """Returns the expression that an argument is."""
        return node

    def _decided(self, line: int, kind: str, condition: str, true: int, false: int) -> None:
        self.sheet.decide(Decision(line=line, kind=kind, condition=on_one_line(condition), true=true, false=false))

    def decide_if(self, node: Node, place: Place) -> None:
        place.holder.complexity += 1
        then, other = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        true, false = self.first_line(then) or place.after, self.first_line(other) or place.after
        self._decided(node.start_point[0] + 1, "if", self.condition(node), true, false)
        self.inside(node, place)

    def _ternary(self, node: Node, place: Place) -> None:
        place.holder.complexity += 1
        sides = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
        true, false = (side.start_point[0] + 1 if side is not None else 0 for side in sides)
        self._decided(node.start_point[0] + 1, "ternary", self.condition(node), true, false)
        self.inside(node, place)

    def decide_loop(self, node: Node, place: Place) -> None:
        place.holder.complexity += 1
        line = node.start_point[0] + 1
        true = self.first_line(node.child_by_field_name("body"))
        condition = self.loop_condition(node)
        if condition:
            self._decided(line, self.grammar.loops[node.type], condition, true or line, place.after)
        self.inside(node, Place(place.holder, place.runner, line))

    def loop_condition(self, node: Node) -> str:
        """Returns what a loop goes on for; empty for one without end."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            return f"{self.text(left)} of {self.text(right)}"
        return self.condition(node)

    def _case(self, node: Node, place: Place) -> None:
        children = [child for child in node.named_children if child.type not in self.grammar.comments]
        label, statements = self.case_parts(node, children)
        if label and node.type not in self.grammar.defaults:
            place.holder.complexity += 1
            line = node.start_point[0] + 1
            true = next((found for found in map(self.first_line, statements) if found), 0)
            following = node.next_named_sibling
            while following is not None and following.type in self.grammar.comments:
                following = following.next_named_sibling
            false = following.start_point[0] + 1 if following is not None else place.after
            self._decided(line, "switch", label, true or false, false)
        after = place.after
        for child in reversed(node.named_children):
            self._pending.append((child, Place(place.holder, place.runner, after)))
            after = self.first_line(child) or after

    def case_parts(self, node: Node, children: Sequence[Node]) -> tuple[str, Sequence[Node]]:
        """Returns the condition of a case, empty for the default, and its statements."""
        value = node.child_by_field_name("value")
        rest = [child for child in children if child != value]
        return (f"case {self.text(value)}" if value is not None else ""), rest

    def _catch(self, node: Node, place: Place) -> None:
        place.holder.complexity += 1
        body = node.child_by_field_name("body")
        if body is not None:
            first = self.first_line(body)
            last = body.named_children[-1].end_point[0] + 1 if body.named_children else 0
            if first:
                self.sheet.handlers.append((first, last))
        self.inside(node, place)

    def _try(self, node: Node, place: Place) -> None:
        final = next((child for child in node.named_children if child.type in self.grammar.finals), None)
        after = place.after
        if final is not None:
            block = final.child_by_field_name("body") or next(iter(final.named_children), None)
            after = self.first_line(block) or after
        for child in reversed(node.named_children):
            self._pending.append((child, place if child == final else Place(place.holder, place.runner, after)))

    def _binary(self, node: Node, place: Place) -> None:
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type in self.grammar.operators:
            place.holder.complexity += 1
        self.inside(node, place)

    def _comment(self, node: Node, _place: Place) -> None:
        """Leaves out what a pragma says."""
        text = self.text(node)
        stops = STOP.search(text)
        if self._ignoring and stops:
            self.sheet.skip(self._ignoring, node.start_point[0] + 1)
            self._ignoring = 0
        found = None if stops else IGNORE.search(text)
        if found is None:
            return
        what, count, line = found[2] or "next", found[3], node.end_point[0] + 1
        if what == "file":
            self.sheet.skip(1, self.sheet.module.last)
        elif what == "start":
            self._ignoring = self._ignoring or line
        elif count:
            self.sheet.skip(line + 1, line + int(count[:6]))
        else:
            self._skip_next(node.next_named_sibling, {"if": "consequence", "else": "alternative"}.get(what, ""))

    def _skip_next(self, node: Node | None, side: str) -> None:
        part = node.child_by_field_name(side) if node is not None and side else node
        if part is not None:
            self.sheet.skip(part.start_point[0] + 1, part.end_point[0] + 1)

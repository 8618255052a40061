"""Outlines Python, by the standard library's own parser."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from headwater.coverage.outline import Decision, Outline, Parameter
from headwater.coverage.outlines.draft import Draft, Sheet, on_one_line
from headwater.coverage.outlines.entries import class_entry
from headwater.coverage.outlines.python_entries import function_entry, registration
from headwater.coverage.outlines.python_lines import (
    first_line,
    is_empty,
    is_main_guard,
    last_line,
    next_line,
    qualified,
    ruled_until,
    strings,
)
from headwater.coverage.outlines.python_names import dotted, exact, import_names, klass_of_annotation, module_of

NO_COVER: Final = re.compile(r"#\s*pragma[:\s]?\s*no\s*cover", re.IGNORECASE)
BUILTINS: Final = frozenset(dir(builtins))
ROOTS: Final = ("src", "lib", "python")
"""Folders that are no part of a module's name."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
FIELDS: Final[Mapping[type[ast.AST], tuple[str, ...]]] = {
    each: tuple(name for name in each._fields if name not in {"ctx", "op", "ops", "kind", "id", "attr", "type_comment"})
    for each in vars(ast).values()
    if isinstance(each, type) and issubclass(each, ast.expr | ast.comprehension | ast.keyword)
}
"""Where the expressions inside an expression are."""
_Block = tuple[Sequence[ast.stmt], Draft, Draft, int, int]
"""Statements, the symbol that holds them, the one that runs them, the line that follows, and where to begin."""
LEAVES: Final = (ast.Name, ast.Constant)


def read(path: str, text: str) -> Outline | None:
    """Outlines a file; None where it does not parse."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # The interpreter's own limits of nesting are among these.
    reader = _Reader(path, text)
    reader.read(tree)
    return reader.sheet.outline(reader.module, BUILTINS)


class _Reader:
    """Goes through the statements of a file, block by block, with a list of what is still to be read."""

    def __init__(self, path: str, text: str) -> None:
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._ascii = text.isascii()
        self.sheet: Final = Sheet("python", len(self._lines) - (not self._lines[-1]))
        self.module: Final = module_of(path, ROOTS)
        self._package = self.module if PurePosixPath(path).stem == "__init__" else self.module.rpartition(".")[0]
        self._blocks: list[_Block] = []
        self._exported: frozenset[str] | None = None
        self._unseen = self._pragmas() if "pragma" in text.lower() else frozenset[int]()

    def read(self, tree: ast.Module) -> None:
        """Reads the file."""
        module = self.sheet.module
        module.body = first_line(tree.body, module)
        self._blocks.append((tree.body, module, module, 0, 0))
        while self._blocks:
            self._block(*self._blocks.pop())
        if self._exported is not None:
            for draft in self.sheet.drafts:
                draft.public = draft.public and draft.name.partition(".")[0] in self._exported

    def _block(self, statements: Sequence[ast.stmt], holder: Draft, runner: Draft, follow: int, start: int) -> None:
        """Reads statements up to the first that holds others, which are read before the rest."""
        rest = len(self._blocks)
        for number in range(start, len(statements)):
            self._statement(statements[number], holder, runner, next_line(statements, holder, number + 1) or follow)
            if len(self._blocks) > rest:
                self._blocks.insert(rest, (statements, holder, runner, follow, number + 1))
                return

    def _pragmas(self) -> frozenset[int]:
        found = frozenset(number for number, line in enumerate(self._lines, 1) if NO_COVER.search(line))
        for line in found:
            self.sheet.skip(line, line)
        return found

    def _statement(  # noqa: C901 — a line for each statement
        self, node: ast.stmt, holder: Draft, runner: Draft, after: int
    ) -> None:
        if node.lineno in self._unseen and hasattr(node, "body"):
            self.sheet.skip(node.lineno, ruled_until(node))
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, holder, runner)
            case ast.ClassDef():
                self._class(node, holder, runner)
            case ast.If():
                self._if(node, holder, runner, after)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node, holder, runner, after)
            case ast.Try() | ast.TryStar():
                self._try(node, holder, runner, after)
            case ast.Match():
                self._match(node, holder, runner, after)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self._bind(item.optional_vars, item.context_expr, runner, holder)
                    self._expressions(item.context_expr, runner, holder)
                self._blocks.append((node.body, holder, runner, after, 0))
            case ast.Import() | ast.ImportFrom():
                self.sheet.imports.update(import_names(node, self._package))
            case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
                self.sheet.skip(node.lineno, node.end_lineno or node.lineno)
            case _:
                self._plain(node, holder, runner)

    def _plain(self, node: ast.stmt, holder: Draft, runner: Draft) -> None:
        """A statement that holds no others."""
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value, runner, holder)
                if isinstance(target, ast.Name) and target.id == "__all__" and holder is self.sheet.module:
                    self._exported = frozenset(strings(node.value))
        elif isinstance(node, ast.AnnAssign):
            self._bind(node.target, node.value, runner, holder, klass_of_annotation(node.annotation))
        for name in node._fields:
            value: ast.expr | list[ast.expr] | None = getattr(node, name)
            for each in value if isinstance(value, list) else (value,):
                if isinstance(each, ast.expr):
                    self._expressions(each, runner, holder)

    def _if(self, node: ast.If, holder: Draft, runner: Draft, after: int) -> None:
        test = node.test
        holder.complexity += 1
        named = dotted(test)
        if named in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            self.sheet.skip(node.lineno, last_line(node.body))
        elif holder is self.sheet.module and is_main_guard(test):
            self.sheet.skip(node.lineno, last_line(node.body))
            self.sheet.module.entry = "main"
        if not isinstance(test, ast.Constant):
            otherwise = next_line(node.orelse, holder) or after
            leaves = node.body[-1].lineno == node.lineno and isinstance(node.body[-1], ast.Return | ast.Raise)
            self._decide(node.lineno, "if", test, 0 if leaves else next_line(node.body, holder), otherwise)
        self._expressions(test, runner, holder)
        self._blocks.append((node.orelse, holder, runner, after, 0))
        self._blocks.append((node.body, holder, runner, after, 0))

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, holder: Draft, runner: Draft, after: int) -> None:
        holder.complexity += 1
        test = node.test if isinstance(node, ast.While) else node.iter
        otherwise = next_line(node.orelse, holder) or after
        kind = "while" if isinstance(node, ast.While) else "for"
        if kind == "for":
            condition = f"{self._text(node.target)} in {self._text(test)}" if not isinstance(node, ast.While) else ""
            self._decided(node.lineno, kind, condition, next_line(node.body, holder), otherwise)
        elif not isinstance(test, ast.Constant):
            self._decide(node.lineno, kind, test, next_line(node.body, holder), otherwise)
        self._expressions(test, runner, holder)
        self._blocks.append((node.orelse, holder, runner, after, 0))
        self._blocks.append((node.body, holder, runner, node.lineno, 0))

    def _try(self, node: ast.Try | ast.TryStar, holder: Draft, runner: Draft, after: int) -> None:
        finally_line = next_line(node.finalbody, holder) or after
        self._blocks.append((node.finalbody, holder, runner, after, 0))
        for number, handler in enumerate(node.handlers):
            holder.complexity += 1
            first = next_line(handler.body, holder) or handler.body[0].lineno
            self.sheet.handlers.append((first, last_line(handler.body)))
            if handler.lineno in self._unseen:
                self.sheet.skip(handler.lineno, last_line(handler.body))
            if handler.type is not None:
                others = node.handlers[number + 1 :]
                otherwise = others[0].lineno if others else next_line(node.finalbody, holder)
                self._decided(handler.lineno, "except", f"except {self._text(handler.type)}", first, otherwise)
            self._blocks.append((handler.body, holder, runner, finally_line, 0))
        self._blocks.append((node.orelse, holder, runner, finally_line, 0))
        self._blocks.append((node.body, holder, runner, next_line(node.orelse, holder) or finally_line, 0))

    def _match(self, node: ast.Match, holder: Draft, runner: Draft, after: int) -> None:
        self._expressions(node.subject, runner, holder)
        for number, case in enumerate(node.cases):
            line = case.pattern.lineno
            always = case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            if not always:
                holder.complexity += 1
                rest = node.cases[number + 1 :]
                guard = f" if {self._text(case.guard)}" if case.guard is not None else ""
                condition = f"{self._text(node.subject)} matches {self._text(case.pattern)}{guard}"
                otherwise = rest[0].pattern.lineno if rest else after
                self._decided(line, "match", condition, next_line(case.body, holder), otherwise)
            if case.guard is not None:
                self._expressions(case.guard, runner, holder)
            self._blocks.append((case.body, holder, runner, after, 0))

    def _function(self, node: Function, holder: Draft, runner: Draft) -> None:
        inside = holder.kind == "class"
        draft = self.sheet.add(
            Draft(
                name=qualified(node.name, holder),
                kind="method" if inside else "function",
                first=min((each.lineno for each in node.decorator_list), default=node.lineno),
                last=node.end_lineno or node.lineno,
                body=node.lineno,
                klass=holder.klass,
                parameters=tuple(self._parameters(node.args, method=inside, decorators=node.decorator_list)),
                public=holder.public
                and not holder.local
                and (not node.name.startswith("_") or node.name == "__init__"),
                outer=None if inside else holder if holder.kind != "module" else self.sheet.module,
            )
        )
        draft.body = first_line(node.body, draft)
        for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            klass = klass_of_annotation(each.annotation)
            if klass:
                draft.locals[each.arg] = klass
        draft.entry = function_entry(node, holder, self.sheet)
        marks = {exact(each) for each in node.decorator_list}
        if any(mark.rpartition(".")[2] in {"abstractmethod", "overload"} for mark in marks) or is_empty(node.body):
            self.sheet.skip(draft.body, draft.last)
        for each in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self._expressions(each, runner, holder)
        self._blocks.append((node.body, draft, draft, 0, 0))

    def _class(self, node: ast.ClassDef, holder: Draft, runner: Draft) -> None:
        name = qualified(node.name, holder)
        draft = self.sheet.add(
            Draft(
                name=name,
                kind="class",
                first=min((each.lineno for each in node.decorator_list), default=node.lineno),
                last=node.end_lineno or node.lineno,
                body=node.lineno,
                klass=name,
                public=holder.public and not holder.local and not node.name.startswith("_"),
            )
        )
        draft.body = first_line(node.body, draft)
        for base in node.bases:
            named = dotted(base.value if isinstance(base, ast.Subscript) else base)
            if named:
                draft.calls.append((node.lineno, named, named))
        draft.entry = class_entry(self.sheet, (base for _, _, base in draft.calls))
        for each in (*node.decorator_list, *(keyword.value for keyword in node.keywords)):
            self._expressions(each, runner, holder)
        self._blocks.append((node.body, draft, runner, 0, 0))

    def _parameters(self, args: ast.arguments, *, method: bool, decorators: Sequence[ast.expr]) -> Iterator[Parameter]:
        """Lists what a caller gives: not the object itself."""
        positional = [*args.posonlyargs, *args.args]
        defaults = [*[None] * (len(positional) - len(args.defaults)), *args.defaults]
        pairs = list(zip(positional, defaults, strict=True))
        if method and not any(dotted(each) == "staticmethod" for each in decorators):
            pairs = pairs[1:]
        for each, default in (*pairs, *zip(args.kwonlyargs, args.kw_defaults, strict=True)):
            yield Parameter(
                name=each.arg,
                annotation=self._text(each.annotation) if each.annotation is not None else "",
                default=self._text(default) if default is not None else "",
            )

    def _bind(
        self, target: ast.expr | None, value: ast.expr | None, runner: Draft, holder: Draft, klass: str = ""
    ) -> None:
        """Notes the class of a variable or an attribute where it is evident."""
        if not klass and isinstance(value, ast.Call):
            name = dotted(value.func)
            klass = name if name.rpartition(".")[2][:1].isupper() else ""
        elif not klass and isinstance(value, ast.Name):
            klass = runner.class_of(value.id)
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            self._field(runner.klass, target.attr, klass)
        elif isinstance(target, ast.Name) and holder.kind == "class":
            self._field(holder.name, target.id, klass)
        elif isinstance(target, ast.Name):
            if klass and runner is self.sheet.module:
                self.sheet.imports.setdefault(target.id, self._absolute(klass))
            if klass or target.id in runner.locals:
                runner.locals[target.id] = klass

    def _absolute(self, klass: str) -> str:
        full = self.sheet.resolved(klass)
        return full if full != klass or not self.module else f"{self.module}.{klass}"

    def _field(self, klass: str, name: str, value: str) -> None:
        if klass and value:
            self.sheet.fields.setdefault((klass, name), value)

    def _expressions(self, node: ast.expr, runner: Draft, holder: Draft) -> None:
        """Goes through an expression for calls and decisions."""
        pending: list[ast.AST] = [node]
        while pending:
            each = pending.pop()
            if isinstance(each, ast.Call):
                self._call(each, runner)
            elif isinstance(each, ast.BoolOp):
                holder.complexity += len(each.values) - 1
            elif isinstance(each, ast.IfExp):
                holder.complexity += 1
                self._ternary(each)
            elif isinstance(each, ast.comprehension):
                holder.complexity += 1 + len(each.ifs)
            for name in FIELDS.get(type(each), ()):
                value: ast.AST | list[ast.AST | None] | None = getattr(each, name)
                if isinstance(value, list):
                    pending += [one for one in value if one is not None and one.__class__ not in LEAVES]
                elif isinstance(value, ast.AST) and value.__class__ not in LEAVES:
                    pending.append(value)

    def _ternary(self, node: ast.IfExp) -> None:
        self._decide(node.test.lineno, "ternary", node.test, node.body.lineno, node.orelse.lineno)

    def _call(self, node: ast.Call, runner: Draft) -> None:
        written = dotted(node.func)
        if not written:
            return
        runner.calls.append((node.lineno, written, self.sheet.meant(runner, written)))
        registered = registration(node, self.sheet.resolved(written), self.sheet)
        if registered:
            self.sheet.register(node.lineno, *registered)

    def _decide(self, line: int, kind: str, test: ast.expr, true: int, false: int) -> None:
        self._decided(line, kind, self._text(test), true, false)

    def _decided(self, line: int, kind: str, condition: str, true: int, false: int) -> None:
        self.sheet.decide(Decision(line=line, kind=kind, condition=on_one_line(condition), true=true, false=false))

    def _text(self, node: ast.expr | ast.pattern) -> str:
        """Returns the source of an expression."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        if first == last:
            return self._columns(self._lines[first], node.col_offset, node.end_col_offset)
        return "\n".join(
            (
                self._columns(self._lines[first], node.col_offset, None),
                *self._lines[first + 1 : last],
                self._columns(self._lines[last], 0, node.end_col_offset),
            )
        )

    def _columns(self, line: str, start: int, end: int | None) -> str:
        """Cuts a line; columns count bytes of UTF-8."""
        return line[start:end] if self._ascii else line.encode()[start:end].decode("utf-8", "replace")

"""Cuts the text of a test module into its top-level pieces while the text is still being written."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from headwater.pipeline.fences import FENCE, Fences
from headwater.pipeline.lines import Lexer

Kind = Literal["import", "helper", "test", "broken"]

FILENAME = "<suite>"
CONTINUES = re.compile(r"(?:else|elif|except|finally)\b")
"""A clause of the statement above it, though it stands in the first column."""
CLOSING = frozenset(")]}")
CERTAIN = re.compile(r"(?:async\s+def|def|class|import|from\s+[.\w]+\s+import)\b|@[A-Za-z_]")
"""Begins a statement even where a bracket is still open: no expression holds such a line."""

DEFINES = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
"""Tells what a text was to define, though it is no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One top-level statement, with the comments above it.

    `name` is what it binds first (empty for a statement that binds nothing); `names` are all names that it binds, and
    for a class of tests its test methods. `line` counts from 1 in the text that was fed. `detail` says what is wrong
    with a broken piece.
    """

    kind: Kind
    name: str = ""
    names: tuple[str, ...] = ()
    code: str
    line: int = 1
    detail: str = ""


class Splitter:
    """Takes the text as it comes, in chunks of any size, and gives each piece back as soon as it is complete.

    A piece is complete when the next top-level statement begins. Markdown around the code is passed over: with code
    fences, what lies outside of them and fences of other languages. Module docstrings and `if __name__ == "__main__"`
    are passed over as well. What does not parse is given back as a broken piece, up to the next line that begins a
    statement; `reread_lines` bounds how much text is read again because a bracket or a string was not closed.
    """

    def __init__(self, *, reread_lines: int = 20_000) -> None:
        self._rest: list[str] = []
        self._number = 0
        self._reread = reread_lines
        self._fences = Fences()
        self._open = _Statement()
        self._doubtful: list[Piece] = []
        self._certain = False

    def feed(self, text: str) -> list[Piece]:
        """Takes the next chunk of text; returns the pieces that it completed."""
        self._rest.append(text)
        if "\n" not in text:
            return []
        *lines, rest = "".join(self._rest).split("\n")
        self._rest = [rest]
        return [piece for line in lines for piece in self._physical(line)]

    def close(self) -> list[Piece]:
        """Takes the end of the text; returns the pieces that are left."""
        pieces = list(self._physical("".join(self._rest)))
        self._rest = []
        return [*pieces, *self._finish(), *self._settle()]

    def pending(self, most: int) -> str:
        """Returns the lines so far of the statement that is being read, if they are at most so many.

        It may still turn out to be broken.
        """
        lines = self._open.lines
        return "\n".join(line.text for line in lines) if len(lines) <= most else ""

    def _physical(self, line: str) -> Iterator[Piece]:
        for part in line.removesuffix("\r").split("\r"):
            self._number += 1
            yield from self._take(_Line(number=self._number, text=part))

    def _take(self, line: _Line) -> Iterator[Piece]:
        fence = None if self._open.lexer.in_string else FENCE.fullmatch(line.text)
        if fence and self._fences.applies(fence):
            yield from self._fence(fence)
        elif self._fences.shows_code:
            line = replace(line, text=self._fences.dedented(line.text))
            if self._open.ends_before(line.text):
                tail = self._open.cut_tail()
                yield from self._finish()
                self._open.lines[:0] = tail
            self._open.add(line)

    def _fence(self, fence: re.Match[str]) -> Iterator[Piece]:
        yield from self._finish()
        bare_end = not self._fences.seen and self._certain and not fence["info"].strip()
        if self._fences.inside or bare_end:
            yield from self._settle()
            self._fences.end()
        else:
            self._doubtful.clear()  # prose above the code
            self._fences.begin(fence)

    def _finish(self) -> Iterator[Piece]:
        """Ends the open statement."""
        lines, unfinished, self._open = self._open.lines, self._open.lexer.unfinished, _Statement()
        if unfinished and 1 < len(lines) <= self._reread:
            # Nothing closed what the first lines opened: they are broken, and what follows is read afresh.
            self._reread -= len(lines)
            end = next((i for i, line in enumerate(lines) if i and _begins(line.text)), len(lines))
            yield from self._judge(lines[:end])
            for line in lines[end:]:
                yield from self._take(line)
            yield from self._finish()
        else:
            yield from self._judge(lines)

    def _judge(self, lines: list[_Line]) -> Iterator[Piece]:
        lines = _trimmed(lines)
        if not any(line.text.lstrip()[:1] not in {"", "#"} for line in lines):
            return
        piece = read_piece("\n".join(line.text for line in lines), lines[0].number)
        if piece is None:
            return
        if piece.kind == "broken" or not piece.names:
            self._doubtful.append(piece)  # prose, perhaps: a fence below it will tell
            return
        self._certain = True
        yield from self._settle()
        yield piece

    def _settle(self) -> Iterator[Piece]:
        doubtful, self._doubtful = self._doubtful, []
        yield from merged(doubtful)


def read_piece(code: str, line: int = 1) -> Piece | None:
    """Tells what a top-level statement is; None for what only speaks to people: a docstring, a `__main__` block."""
    try:
        body = parse(code).body
    except SyntaxError as error:
        return _broken(code, line, f"line {line + (error.lineno or 1) - 1}: {error.msg}")
    except (RecursionError, MemoryError, ValueError) as error:
        return _broken(code, line, str(error) or "nested too deeply")
    if all(_is_for_people(statement) for statement in body):
        return None
    first = body[0]
    names = tuple(dict.fromkeys(name for statement in body for name in bound_names(statement)))
    if all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in body):
        return Piece(kind="import", name=names[0], names=names, code=code, line=line)
    methods = _test_methods(first)
    if methods or _is_test(first):
        return Piece(kind="test", name=names[0], names=methods or names[:1], code=code, line=line)
    return Piece(kind="helper", name=names[0] if names else "", names=names, code=code, line=line)


def _broken(code: str, line: int, detail: str) -> Piece:
    named = DEFINES.search(code)
    return Piece(kind="broken", name=named[1] if named is not None else "", code=code, line=line, detail=detail)


def parse(code: str) -> ast.Module:
    """Parses code without the warnings about it. Raises what `ast.parse` raises."""
    # Adds one filter, once: setting all of them aside for a while is not safe beside other threads.
    warnings.filterwarnings("ignore", module=FILENAME)
    return ast.parse(code, FILENAME)


def compiled(code: str) -> str:
    """Returns why code does not compile; empty where it does."""
    try:
        compile(parse(code), FILENAME, "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}"
    except (RecursionError, MemoryError, ValueError) as error:
        return str(error) or "nested too deeply"
    return ""


def bound_names(statement: ast.stmt) -> Iterator[str]:
    """Yields the names that a statement binds in its own scope."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
        case _:
            for child in ast.iter_child_nodes(statement):
                yield from _bound_below(child)


def _bound_below(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.stmt():
            yield from bound_names(node)
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _bound_below(child)


def is_fixture(node: ast.AST) -> bool:
    """Whether the node is a function that a decorator makes a fixture."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return any("fixture" in ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list)


def _is_test(node: ast.AST) -> bool:
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return is_function and node.name.startswith("test") and not is_fixture(node)


def _test_methods(node: ast.AST) -> tuple[str, ...]:
    if not isinstance(node, ast.ClassDef):
        return ()
    if not node.name.startswith("Test") and not any("TestCase" in ast.unparse(parent) for parent in node.bases):
        return ()
    return tuple(name for child in node.body if _is_test(child) for name in bound_names(child))


def _is_for_people(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case _:
            return False


def _begins(text: str) -> bool:
    return text[:1] not in {"", " ", "\t", "#", *CLOSING} and not CONTINUES.match(text)


def _trimmed(lines: list[_Line]) -> list[_Line]:
    filled = [index for index, line in enumerate(lines) if line.text.strip()]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Joins broken pieces that follow one another."""
    last: Piece | None = None
    for piece in pieces:
        if last and last.kind == piece.kind == "broken":
            last = replace(last, code=f"{last.code}\n{piece.code}")
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    number: int
    text: str


class _Statement:
    """The statement that is being read: its lines, and the comments above it."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self.lexer = Lexer()
        self._begun = False
        self._decorated = False

    def ends_before(self, text: str) -> bool:
        """Whether a line begins the next statement."""
        if not self._begun or self.lexer.in_string or self._decorated:
            return False
        if self.lexer.unfinished:
            return CERTAIN.match(text) is not None
        return _begins(text) or text[:1] in CLOSING  # where no bracket is open, none can be closed

    def cut_tail(self) -> list[_Line]:
        """Takes the comments off the end that stand in the first column: they belong to what follows."""
        end = len(self.lines)
        while end and self.lines[end - 1].text[:1] in {"", "#"}:
            end -= 1
        tail = [] if self.lexer.unfinished else self.lines[end:]
        del self.lines[len(self.lines) - len(tail) :]
        return tail

    def add(self, line: _Line) -> None:
        """Takes a line."""
        fresh = not self.lexer.unfinished and _begins(line.text)
        self.lines.append(line)
        self.lexer.feed(line.text)
        if fresh:
            self._begun = True
            self._decorated = line.text.startswith("@")

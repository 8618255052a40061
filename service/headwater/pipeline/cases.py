"""Reads and changes the text of single tests: what they assert, their parametrized cases, their names."""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from headwater.pipeline.pieces import parse

CONTEXTS = frozenset({"raises", "warns", "deprecated_call", "assertRaises", "assertRaisesRegex", "assertWarns"})
ASSERTING = re.compile(r"assert_\w+|assert[A-Z]\w*")
"""Calls of mocks and of unittest."""
NAMING = frozenset({"usefixtures", "getfixturevalue", "parametrize"})
"""Calls whose texts name fixtures and parameters."""
BRACES = re.compile(r"\{[^{}]*\}")


def assertions(code: str) -> tuple[str, ...]:
    """Returns the text of each assertion, in order: `assert`, `pytest.raises(…)`, and what mocks and unittest check."""
    nodes = sorted(asserting(parse(code)), key=lambda node: (node.lineno, node.col_offset))
    return tuple(ast.get_source_segment(code, node) or "" for node in nodes)


def asserting(tree: ast.Module) -> Iterator[ast.stmt | ast.expr]:
    """Yields the nodes of all assertions."""
    for node in ast.walk(tree):
        match node:
            case ast.Assert():
                yield node
            case ast.With(items=items) | ast.AsyncWith(items=items):
                yield from (item.context_expr for item in items if _called(item.context_expr) in CONTEXTS)
            case ast.Call() if ASSERTING.fullmatch(_called(node)) and _called(node) not in CONTEXTS:
                yield node
            case _:
                pass


def without_cases(code: str, items: AbstractSet[int]) -> str | None:
    """Returns a test without the parametrized cases that pytest numbers so, from 0; None when none is left.

    Of several decorators only one loses rows, the one that can best spare them. None as well where the rows are not
    written down in the decorator, so that none can be removed.
    """
    if not items:
        return code
    function = parse(code).body[0]
    decorators = function.decorator_list if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else []
    found = [_table(each) for each in reversed(decorators) if _called(each) == "parametrize"]
    tables = [table for table in found if table]
    if not tables or len(tables) < len(found):
        return None
    cuts = [(table, _rows_of(items, tables, place)) for place, table in enumerate(tables)]
    table, gone = max(cuts, key=lambda cut: 1 - len(cut[1]) / len(cut[0].rows))
    if len(gone) == len(table.rows):
        return None
    return _Edits(code).cut(table.lists, gone)


def rename(code: str, old: str, new: str) -> str:
    """Returns the code with one name changed wherever it is meant: bound, used, a parameter, or in a fixture's text."""
    tree = parse(code)
    edits = _Edits(code)
    spared = {edits.start(node) for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    spans = [edits.span(node) for node in ast.walk(tree) if isinstance(node, ast.alias)]
    texts = {edits.start(node) for node in _naming_texts(tree)}
    previous = ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        start, end = edits.token_span(token)
        is_alias = any(first <= start < last for first, last in spans)
        if token.type == tokenize.NAME and token.string == old and previous != "." and not is_alias:
            if start not in spared:
                edits.put(start, end, new)
        elif token.type == tokenize.STRING and (start in texts or token.string.lower().startswith(("f", "rf"))):
            edits.put(start, end, _renamed_text(token.string, old, new, everywhere=start in texts))
        previous = token.string
    return edits.result()


def _called(node: ast.expr) -> str:
    """Returns the last part of the name of what is called; empty when nothing is."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
        case _:
            return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A parametrize decorator: its rows, and every list that has an entry for each of them."""

    rows: Sequence[ast.expr]
    lists: Sequence[ast.List | ast.Tuple]


def _table(decorator: ast.expr) -> _Table | None:
    assert isinstance(decorator, ast.Call)
    named = {keyword.arg: keyword.value for keyword in decorator.keywords}
    values = decorator.args[1] if len(decorator.args) > 1 else named.get("argvalues")
    if not isinstance(values, ast.List | ast.Tuple) or any(isinstance(row, ast.Starred) for row in values.elts):
        return None
    ids = named.get("ids")
    lists = [values, ids] if isinstance(ids, ast.List | ast.Tuple) and len(ids.elts) == len(values.elts) else [values]
    return _Table(rows=values.elts, lists=lists) if values.elts else None


def _rows_of(items: AbstractSet[int], tables: Sequence[_Table], place: int) -> set[int]:
    """Returns the rows of one table in which the items lie; the table nearest to the function varies slowest."""
    sizes = [len(table.rows) for table in tables]
    step = math.prod(sizes[place + 1 :])
    return {item // step % sizes[place] for item in items if 0 <= item < math.prod(sizes)}


def _naming_texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yields the texts that name fixtures and parameters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in NAMING:
            arguments = node.args[:1] if _called(node) == "parametrize" else node.args
            for part in (part for argument in arguments for part in ast.walk(argument)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part


def _renamed_text(literal: str, old: str, new: str, *, everywhere: bool) -> str:
    word = re.compile(rf"(?<![\w.]){re.escape(old)}\b")
    if everywhere:
        return word.sub(new, literal)
    return BRACES.sub(lambda braces: word.sub(new, braces.group()), literal)


class _Edits:
    """Replaces spans of a text, told in bytes, as syntax trees count."""

    def __init__(self, code: str) -> None:
        self._lines = code.split("\n")
        self._raw = code.encode()
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line.encode()) + 1)
        self._edits: list[tuple[int, int, str]] = []

    def start(self, node: ast.expr | ast.alias | ast.keyword) -> int:
        """Returns where a node begins."""
        return self._starts[node.lineno - 1] + node.col_offset

    def span(self, node: ast.expr | ast.alias) -> tuple[int, int]:
        """Returns where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.start(node), self._starts[node.end_lineno - 1] + node.end_col_offset

    def token_span(self, token: tokenize.TokenInfo) -> tuple[int, int]:
        """Returns where a token, which counts in characters, begins and ends."""
        start = self._starts[token.start[0] - 1] + len(token.line[: token.start[1]].encode())
        return start, start + len(token.string.encode())

    def put(self, start: int, end: int, text: str) -> None:
        """Notes a replacement."""
        self._edits.append((start, end, text))

    def cut(self, lists: Sequence[ast.List | ast.Tuple], gone: AbstractSet[int]) -> str:
        """Returns the text without some entries of the lists."""
        for node in lists:
            kept = [self._text(entry) for index, entry in enumerate(node.elts) if index not in gone]
            whole = node.lineno != node.end_lineno
            gap, edge = (",\n        ", "\n    ") if whole else (", ", "")
            self.put(*self.span(node), "[" + (gap.lstrip(",") if whole else "") + gap.join(kept) + edge + "]")
        return self.result()

    def result(self) -> str:
        """Returns the text with all replacements."""
        raw = self._raw
        for start, end, text in sorted(self._edits, reverse=True):
            raw = raw[:start] + text.encode() + raw[end:]
        return raw.decode()

    def _text(self, node: ast.expr) -> str:
        start, end = self.span(node)
        return self._raw[start:end].decode()

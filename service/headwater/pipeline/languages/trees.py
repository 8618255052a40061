"""Reads code of other languages as syntax trees, by tree-sitter: whatever the text is, there is a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

import tree_sitter_go
import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

SHOWN = 60
"""Characters of the place of a fault that are shown."""
SPACE = re.compile(r"\s+")

DIALECTS: dict[str, Callable[[], object]] = {
    "javascript": tree_sitter_javascript.language,
    "typescript": tree_sitter_typescript.language_typescript,
    "tsx": tree_sitter_typescript.language_tsx,
    "go": tree_sitter_go.language,
}


@cache
def _language(dialect: str) -> Language:
    return Language(DIALECTS[dialect]())


def parse(code: str, dialect: str) -> Node:
    """Returns the root of the tree."""
    return Parser(_language(dialect)).parse(code.encode(errors="replace")).root_node


def text(node: Node | None) -> str:
    """Returns the text of a node; empty for none."""
    return (node.text or b"").decode() if node is not None else ""


def lines(node: Node) -> tuple[int, int]:
    """Returns the first and the last line of a node, counted from 1."""
    last = node.end_point[0] + (1 if node.end_point[1] or node.end_point[0] == node.start_point[0] else 0)
    return node.start_point[0] + 1, last


def walk(node: Node) -> Iterator[Node]:
    """Yields a node and all below it, in the order of the text."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending += reversed(current.children)


def fault(root: Node) -> str:
    """Says where a tree has its first error; empty where the text is well formed."""
    if not root.has_error:
        return ""
    for node in walk(root):
        if node.is_missing:
            return f"line {lines(node)[0]}: {node.type!r} is missing"
        if node.is_error:
            shown = SPACE.sub(" ", text(node)).strip()
            return f"line {lines(node)[0]}: this cannot be read: {shown[:SHOWN]}"
    return "it cannot be read"


def with_identifier(code: str, dialect: str, old: str, new: str) -> str:
    """Returns the code with one identifier changed wherever it stands."""
    raw = code.encode(errors="replace")
    kinds = ("identifier", "shorthand_property_identifier", "type_identifier")
    for node in sorted(walk(parse(code, dialect)), key=lambda each: -each.start_byte):
        if node.type in kinds and text(node) == old:
            changed = f"{old}: {new}" if node.type == "shorthand_property_identifier" else new
            raw = raw[: node.start_byte] + changed.encode() + raw[node.end_byte :]
    return raw.decode()


def words(root: Node) -> frozenset[str]:
    """Returns every identifier that a text uses, whatever it stands for."""
    kinds = {"identifier", "shorthand_property_identifier", "type_identifier", "package_identifier"}
    return frozenset(text(node) for node in walk(root) if node.type in kinds)

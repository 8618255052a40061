"""Names what the grammars of tree-sitter have for that which all languages know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tree_sitter import Language, Node, Parser

from headwater.coverage.outlines.draft import Draft

UNKNOWN: Final = "?"
"""What stands for an expression that has no name."""
CALLED: Final = "()"
FAULTY: Final = 0.1
"""A file does not parse if more than this part of it is of no form that the grammar knows."""

Act = Callable[[Node, "Place"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The names that a grammar has for what all languages know."""

    language: Callable[[], object]
    blocks: frozenset[str]
    """Nodes whose children are statements that follow each other."""
    functions: Mapping[str, str]
    """Nodes of functions, with the kind of symbol that they are."""
    classes: frozenset[str]
    calls: frozenset[str]
    ifs: frozenset[str] = frozenset({"if_statement"})
    ternaries: frozenset[str] = frozenset({"ternary_expression"})
    loops: Mapping[str, str] = field(default_factory=dict[str, str])
    """Nodes of loops, with the kind of decision."""
    cases: frozenset[str] = frozenset()
    """Nodes of a `switch`'s cases; those without a condition are in `defaults`."""
    defaults: frozenset[str] = frozenset()
    catches: frozenset[str] = frozenset({"catch_clause"})
    tries: frozenset[str] = frozenset({"try_statement"})
    finals: frozenset[str] = frozenset({"finally_clause"})
    binaries: frozenset[str] = frozenset({"binary_expression"})
    operators: frozenset[str] = frozenset({"&&", "||", "??"})
    comments: frozenset[str] = frozenset({"comment"})
    silent: frozenset[str] = frozenset()
    """Statements at which nothing runs."""
    literals: frozenset[str] = frozenset({"string"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: the symbol that holds it, the one that runs it, and the line that follows."""

    holder: Draft
    runner: Draft
    after: int


def parser_of(grammar: Callable[[], object]) -> Parser:
    """Makes a parser."""
    return Parser(Language(grammar()))


def is_faulty(root: Node, size: int) -> bool:
    """Whether too much of a text lies in no form that the grammar knows."""
    count = 0
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error:
            count += max(node.end_byte - node.start_byte, 1)
        elif node.has_error:
            pending += node.children
    return count > FAULTY * max(size, 1)

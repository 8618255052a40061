"""Finds definitions in an answer that were copied from the module under test: tests of a copy test nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from headwater.pipeline.pieces import parse

ALIKE = 0.75
"""Of the words of a definition, in their order, so many are those of the original; a stand-in shares fewer."""
WORD = re.compile(r"\w+|[^\w\s]")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def originals(source: str) -> Mapping[str, str]:
    """Returns the module's own functions and classes by name, as they are compared."""
    return {node.name: _bare(node) for node in parse(source).body if isinstance(node, Definition)}


def copied_name(code: str, known: Mapping[str, str]) -> str:
    """Returns the name that a statement defines as the module does; empty where it is something of its own."""
    match parse(code).body:
        case [ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() as node] if node.name in known:
            words = [WORD.findall(text) for text in (_bare(node), known[node.name])]
            return node.name if SequenceMatcher(None, *words, autojunk=False).ratio() >= ALIKE else ""
        case _:
            return ""


def _bare(node: Definition) -> str:
    """Returns a definition without its docstrings, its decorators and its comments."""
    copy = parse(ast.unparse(node)).body[0]
    for each in ast.walk(copy):
        if isinstance(each, Definition):
            each.decorator_list = []
            if ast.get_docstring(each, clean=False) is not None:
                each.body = each.body[1:] or [ast.Pass()]
    return ast.unparse(copy)

"""Outlines of source files: one reader a language, chosen by the end of the file's name.

Lines that a class holds as `calls` are its bases: what is called in its body belongs to the file's own level, which
runs it. A symbol whose last line comes before its first holds no line: it stands for a registration, such as a route,
that names a function as its handler. One whose body begins after its last line has none: a method of an interface. An
import whose name has a dot is an attribute of a class, for other files of its package: `Server.store` to `store.Store`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from tree_sitter import Parser

from headwater.coverage.outline import Outline
from headwater.coverage.outlines import python
from headwater.coverage.outlines.c_sharp import CSharpReader
from headwater.coverage.outlines.go import GoReader
from headwater.coverage.outlines.grammar import parser_of
from headwater.coverage.outlines.java import JavaReader
from headwater.coverage.outlines.javascript import MarkupReader, ScriptReader, TypedReader
from headwater.coverage.outlines.treesitter import TreeReader

LANGUAGES: Final[Mapping[str, str]] = {
    ".py": "python",
    ".pyw": "python",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".go": "go",
    ".java": "java",
    ".cs": "c_sharp",
}
"""The language of a file, by the end of its name."""

READERS: Final[Mapping[str, type[TreeReader]]] = {
    "javascript": ScriptReader,
    "typescript": TypedReader,
    "tsx": MarkupReader,
    "go": GoReader,
    "java": JavaReader,
    "c_sharp": CSharpReader,
}
"""The readers of languages that tree-sitter reads."""

TESTS: Final[Mapping[str, re.Pattern[str]]] = {
    "python": re.compile(r"(^|/)(tests?/|conftest\.py$|test_[^/]*\.pyw?$|[^/]*_tests?\.pyw?$|tests\.py$)"),
    "javascript": re.compile(
        r"(^|/)(__tests__/|__mocks__/|tests?/|specs?/|e2e/|cypress/)|[._-](test|spec|cy)\.[cm]?[jt]sx?$"
    ),
    "go": re.compile(r"_test\.go$|(^|/)testdata/"),
    "java": re.compile(r"(^|/)src/[^/]*[tT]est[^/]*/|(^|/)(Test[A-Z0-9][^/]*|[^/]*(Tests?|TestCase|IT))\.java$"),
    "c_sharp": re.compile(r"(^|/)([^/]*\.)?(Unit|Integration|Functional)?Tests?/|[^/]*Tests?\.cs$"),
}
"""What a test file's path matches, by each language's conventions."""


def outline(path: str, text: str) -> Outline | None:
    """Outlines a file; None where its language is not known or the text does not parse."""
    language = language_of(path)
    if language == "python":
        return python.read(path, text)
    reader = READERS.get(language)
    return reader(path, text, language).read(_parser(language)) if reader is not None else None


def language_of(path: str) -> str:
    """Names the language of a file; empty where it is not known."""
    return LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")


def is_test_file(path: str) -> bool:
    """Whether the file holds tests, by its language's conventions."""
    language = language_of(path)
    family = "javascript" if language in {"typescript", "tsx"} else language
    return family in TESTS and TESTS[family].search(path) is not None


@cache
def _parser(language: str) -> Parser:
    return parser_of(READERS[language].grammar.language)

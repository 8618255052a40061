"""Reads a file as text of its language, and Python as Python."""

from __future__ import annotations

import ast
import codecs
import io
import sys
import tokenize
import warnings
from collections.abc import Mapping
from pathlib import PurePosixPath

from headwater.errors import Problem, invalid

LANGUAGES: Mapping[str, str] = {
    ".py": "python",
    ".pyi": "python",
    ".js": "javascript",
    ".cjs": "javascript",
    ".mjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".cts": "typescript",
    ".mts": "typescript",
    ".tsx": "typescript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".kt": "kotlin",
    ".kts": "kotlin",
    ".scala": "scala",
    ".cs": "csharp",
    ".fs": "fsharp",
    ".c": "c",
    ".h": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".hpp": "cpp",
    ".m": "objective-c",
    ".swift": "swift",
    ".rb": "ruby",
    ".php": "php",
    ".pl": "perl",
    ".lua": "lua",
    ".r": "r",
    ".jl": "julia",
    ".dart": "dart",
    ".ex": "elixir",
    ".exs": "elixir",
    ".erl": "erlang",
    ".clj": "clojure",
    ".hs": "haskell",
    ".ml": "ocaml",
    ".zig": "zig",
    ".sh": "shell",
    ".sql": "sql",
}
"""The first extension of a language is the one that a snippet gets."""

FILENAME = "<source>"
SLOW_ENCODINGS = frozenset({"idna", "punycode"})
"""Decoding them takes time that grows with the square of the size."""


def language_of(path: str) -> str:
    """Returns the language that the extension tells, in lower case; empty when it tells none."""
    return LANGUAGES.get(PurePosixPath(path).suffix.lower(), "")


def extension_of(language: str) -> str:
    """Returns the extension of a snippet in the language; Python's when none was told."""
    return next((extension for extension, name in LANGUAGES.items() if name == language), "" if language else ".py")


def decode(raw: bytes, path: str, language: str, field: str) -> str:
    """Returns the text, without its byte order mark. Raises Problem `SOURCE_NOT_TEXT`.

    Python may name its encoding in a comment (PEP 263); everything else is UTF-8.
    """
    if b"\0" in raw:
        raise _not_text(path, field, "holds NUL bytes, as binary files do")
    encoding = _declared(raw, path, field) if language == "python" else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _not_text(path, field, f"is no {_shown(encoding)}: line {line}, byte {error.start}") from None
    except (LookupError, ValueError):  # an encoding of bytes to bytes, such as zlib
        raise _not_text(path, field, f"names {encoding!r}, which is no encoding of text") from None


def encode(text: str, path: str, language: str) -> bytes:
    """Returns the bytes of a file that holds the text, in the encoding that the text itself names.

    Raises Problem `SOURCE_NOT_TEXT`.
    """
    field = "source.content"
    try:
        raw = text.encode()
        encoding = _declared(raw, path, field) if language == "python" else "utf-8"
        return raw if encoding in {"utf-8", "utf-8-sig"} else text.encode(encoding)
    except UnicodeEncodeError as error:
        raise _not_text(path, field, f"cannot be written as {error.encoding}") from None
    except (LookupError, ValueError):  # an encoding of bytes to bytes, such as zlib
        raise _not_text(path, field, "names an encoding that is none of text") from None


def check_syntax(text: str, path: str, field: str) -> ast.Module:
    """Returns the syntax tree of Python code that compiles. Raises Problem `SOURCE_SYNTAX`."""
    try:
        # What the code is warned about is its author's to hear. This adds one filter, once: setting all of them aside
        # for a while is not safe beside other threads.
        warnings.filterwarnings("ignore", module=FILENAME)
        tree = ast.parse(text, FILENAME)
        compile(tree, FILENAME, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _syntax(error, path, field) from None
    except (RecursionError, MemoryError):
        raise _unreadable(path, field, "is nested too deeply to be read", "Break the deepest expression up.") from None
    except ValueError as error:  # such as an integer of too many digits
        raise _unreadable(path, field, f"cannot be read: {error}", "Put it right, and send it again.") from None
    return tree


def _declared(raw: bytes, path: str, field: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError as error:
        raise _not_text(path, field, f"cannot be decoded: {error.msg}") from None
    if codecs.lookup(encoding).name in SLOW_ENCODINGS:
        raise _not_text(path, field, f"names {encoding!r}, which is not supported")
    return encoding


def _not_text(path: str, field: str, fault: str) -> Problem:
    return invalid(
        "SOURCE_NOT_TEXT",
        field,
        f"{path} {fault}.",
        "Send text in UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-",
        path=path,
    )


def _syntax(error: SyntaxError, path: str, field: str) -> Problem:
    line, column = error.lineno or 1, error.offset or 1
    text = (error.text or "").strip()
    return invalid(
        "SOURCE_SYNTAX",
        field,
        f"{path}, line {line}, column {column}: {error.msg}" + (f": {text[:200]}" if text else ""),
        f"Put it right; it is read as Python {sys.version_info.major}.{sys.version_info.minor}.",
        path=path,
        line=str(line),
        column=str(column),
        detail=error.msg,
        text=text[:200],
    )


def _unreadable(path: str, field: str, fault: str, remedy: str) -> Problem:
    return invalid("SOURCE_SYNTAX", field, f"{path} {fault}.", remedy, path=path, detail=fault)


def _shown(encoding: str) -> str:
    return "UTF-8" if encoding.startswith("utf-8") else encoding

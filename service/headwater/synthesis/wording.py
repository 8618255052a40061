"""Puts values into words: as parts of a name, and as names of variables."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

SHORT = 24
"""Words for one value beyond this do not read as a part of a name."""
CLEAN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+){0,2}")
"""A text that reads as a part of a name: up to three words."""
COUNTS = ("no", "one", "two", "three", "four", "five", "six")
KINDS = {
    "str": "text", "bytes": "bytes", "int": "number", "float": "number", "list": "list", "tuple": "tuple",
    "dict": "dict", "set": "set", "bool": "flag",
}  # fmt: skip


def snake(text: str) -> str:
    """Turns a name into lower-case words joined by underscores."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def variable(name: str, taken: AbstractSet[str]) -> str:
    """Returns a name for a variable that hides nothing."""
    found = snake(name) or "value"
    while found in taken or keyword.iskeyword(found):
        found = f"{found}_"
    return found


def value_words(operator: str, text: str) -> str:  # noqa: PLR0911 — one line per kind
    """Returns the words for what is returned: `none`, `true`, `empty_list`, `text`."""
    if operator == "isnan":
        return "nan"
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Constant):
        if node.value is None or isinstance(node.value, bool):
            return str(node.value).lower()
        if node.value in ("", b""):
            return f"empty_{KINDS[type(node.value).__name__]}"
        if node.value == 0:
            return "zero"
        return KINDS.get(type(node.value).__name__, "value")
    if isinstance(node, ast.UnaryOp):
        return "negative_number"
    for kind in (ast.List, ast.Tuple, ast.Dict, ast.Set):
        if isinstance(node, kind):
            items = node.keys if isinstance(node, ast.Dict) else node.elts  # type: ignore[attr-defined]
            return kind.__name__.lower() if items else f"empty_{kind.__name__.lower()}"
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
    return snake(name.rpartition(".")[2]) or "value"


def described(text: str) -> str:
    """Returns short words for a value: `staff`, `minus_1`, `two_items`, `date`; empty for one that has none."""
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Constant):
        return _of_constant(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        size = described(ast.unparse(node.operand))
        return size and f"minus_{size}"
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _of_items(node.elts)
    if isinstance(node, ast.Dict):
        return _of_items([key for key in node.keys if key is not None])
    if isinstance(node, ast.Call):
        return short(snake(ast.unparse(node.func).rpartition(".")[2]))
    return "" if isinstance(node, ast.Lambda) else short(snake(text.rpartition(".")[2]))


def short(words: str) -> str:
    """Returns the words if they read as a part of a name, else nothing."""
    return words if len(words) <= SHORT else ""


def _of_constant(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return short(snake(value)) if CLEAN.fullmatch(value) else ""
    return short(str(value).lower()) if isinstance(value, int) or value is None else ""


def _of_items(items: Sequence[ast.expr]) -> str:
    """Returns how many of what there are: `no_items`, `one_product`, `three_items`."""
    kinds = {ast.unparse(each.func).rpartition(".")[2] if isinstance(each, ast.Call) else "" for each in items}
    kind = snake(kinds.pop()) if len(kinds) == 1 else ""
    count = COUNTS[len(items)] if len(items) < len(COUNTS) else "many"
    return short(f"{count}_{kind or 'item'}{'' if len(items) == 1 else 's'}")

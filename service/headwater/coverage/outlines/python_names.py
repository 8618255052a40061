"""Reads Python's names: of modules, of what is imported, of what is called, of classes in annotations."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

UNKNOWN = "?"
"""What stands for an expression that has no name."""
DEEP = 8
"""So many parts of a name are read."""
WRAPPERS = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Type", "type"})


def module_of(path: str, roots: Sequence[str]) -> str:
    """Returns the dotted name of a file's module."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if len(parts) > 1 and parts[0] in roots:
        parts = parts[1:]
    if parts and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def import_names(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, str]]:
    """Pairs the names that an import binds with what they mean."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
        return
    source = node.module or ""
    if node.level:
        above = package.split(".") if package else []
        kept = above[: len(above) - node.level + 1]
        source = ".".join((*kept, *filter(None, (source,))))
    for alias in node.names:
        name = "*" if alias.name == "*" else alias.asname or alias.name
        key = f"*{source}" if name == "*" else name
        yield key, source if name == "*" else f"{source}.{alias.name}" if source else alias.name


def dotted(node: ast.expr | None) -> str:
    """Returns the name of what is called, as far as it has one: `a.b.c`, `Cart.total` for `Cart().total`."""
    parts: list[str] = []
    called = ""
    while len(parts) < DEEP:
        match node:
            case ast.Attribute():
                parts.append(node.attr + called)
                called, node = "", node.value
                continue
            case ast.Name():
                parts.append(node.id + called)
            case ast.Call(func=ast.Name(id="super")):
                parts.append("super")
            case ast.Call() if parts:
                called, node = "()", node.func
                continue
            case ast.Await() | ast.NamedExpr() if parts:
                node = node.value
                continue
            case _:
                parts += [UNKNOWN] if parts else []
        break
    return ".".join(_evident(each) for each in reversed(parts))


def exact(node: ast.expr) -> str:
    """Returns the name of a decorator, whether it is called or not."""
    return dotted(node.func if isinstance(node, ast.Call) else node)


def klass_of_annotation(node: ast.expr | None) -> str:
    """Returns the class that an annotation names, if it is one: of `Cart | None`, `Optional[Cart]` and `"Cart"` too."""
    while node is not None:
        match node:
            case ast.Name() | ast.Attribute():
                name = dotted(node)
                return name if name.rpartition(".")[2][:1].isupper() else ""
            case ast.Constant(value=str() as text):
                plain = text.strip().removesuffix("| None").strip()
                return plain if plain.replace(".", "").isidentifier() and plain.rpartition(".")[2][0].isupper() else ""
            case ast.BinOp(op=ast.BitOr()):
                none = isinstance(node.right, ast.Constant) and node.right.value is None
                if not none and not (isinstance(node.left, ast.Constant) and node.left.value is None):
                    return ""
                node = node.left if none else node.right
            case ast.Subscript() if dotted(node.value).rpartition(".")[2] in WRAPPERS:
                node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            case ast.Subscript():
                node = node.value
            case _:
                return ""
    return ""


def _evident(part: str) -> str:
    """Returns a part of a name; that of a class for the object that is made of it, so that `Cart()` is `Cart`."""
    return part.removesuffix("()") if part[:1].isupper() else part

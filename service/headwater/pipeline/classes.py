"""Turns a class of tests into functions, so that each of its tests stands and falls by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from headwater.pipeline.pieces import Piece, is_fixture, parse, read_piece

Method = ast.FunctionDef | ast.AsyncFunctionDef
SET_UP, TEAR_DOWN = ("setup_method", "setup", "setUp"), ("teardown_method", "teardown", "tearDown")


def flattened(piece: Piece) -> list[Piece]:
    """Returns the helpers and the test functions that a class of tests amounts to; a function as it is.

    Where its methods use nothing of the class, they become functions. Else the class stays, under a name that is not
    collected, and each function makes an instance and calls one method. A class with fixtures, coroutines or decorated
    tests that also use the class comes back as a broken piece.
    """
    node = parse(piece.code).body[0] if piece.kind == "test" else None
    if not isinstance(node, ast.ClassDef):
        return [piece]
    methods = [child for child in node.body if isinstance(child, Method)]
    if not any(_uses_class(method) for method in methods) and _is_plain(node, methods):
        codes = [_function(piece.code, node, method) for method in methods]
    elif all(_is_simple(method) for method in methods):
        codes = [*_delegates(piece.code, node, methods)]
    else:
        return [
            replace(piece, kind="broken", detail="its tests depend on their class in ways that cannot be taken apart")
        ]
    found = [read_piece(code, piece.line) for code in codes]
    return [each for each in found if each is not None]


def _is_plain(node: ast.ClassDef, methods: Sequence[Method]) -> bool:
    """Whether the class is nothing but its methods."""
    others = [child for child in node.body if child not in methods]
    return not _is_unittest(node) and all(isinstance(child, ast.Expr | ast.Pass) for child in others)


def _uses_class(method: Method) -> bool:
    """Whether a method reads `self`, or is one that pytest or Python calls by its name."""
    if method.name.lower().startswith(("setup", "teardown", "__")) or not _takes_self(method):
        return True
    return any(_reads_self(statement) for statement in method.body)


def _reads_self(node: ast.AST) -> bool:
    """Whether code reads the name `self`, but for functions inside of it that have one of their own."""
    if isinstance(node, Method | ast.Lambda) and any(each.arg == "self" for each in node.args.args):
        return False
    if isinstance(node, ast.Name) and node.id == "self":
        return True
    return any(_reads_self(child) for child in ast.iter_child_nodes(node))


def _takes_self(method: Method) -> bool:
    return [each.arg for each in method.args.args[:1]] == ["self"] and not any(
        isinstance(each, ast.Name) and each.id in {"staticmethod", "classmethod"} for each in method.decorator_list
    )


def _is_simple(method: Method) -> bool:
    """Whether a method can be called as it is: no fixture, no coroutine, and a test without decorators."""
    if isinstance(method, ast.AsyncFunctionDef) or is_fixture(method):
        return False
    return not (method.name.startswith("test") and method.decorator_list)


def _is_unittest(node: ast.ClassDef) -> bool:
    return any("TestCase" in ast.unparse(base) for base in node.bases)


def _function(code: str, node: ast.ClassDef, method: Method) -> str:
    """Returns a method as a function: without `self`, with the decorators of the class, and moved to the left."""
    lines = code.split("\n")
    first = min([method.lineno, *(each.lineno for each in method.decorator_list)])
    kept = _inside_texts(method)
    margin = method.col_offset
    body = [
        line if number in kept else line[min(margin, len(line) - len(line.lstrip())) :]
        for number, line in enumerate(lines[first - 1 : method.end_lineno], first)
    ]
    above = [f"@{ast.unparse(each)}" for each in node.decorator_list if not is_fixture(method)]
    text = "\n".join([*above, *body])
    return re.sub(rf"(def {method.name}\(\s*)self\s*(?:,\s*)?", r"\1", text, count=1)


def _delegates(code: str, node: ast.ClassDef, methods: Sequence[Method]) -> Iterator[str]:
    """Yields the class under another name, and a function for each test that calls it."""
    name = re.sub(r"^Tests?(?=.)|Tests?$", "", node.name).lstrip("_") + "Cases"
    whole = re.sub(rf"\b{node.name}\b", name, code)
    if _is_unittest(node):
        # pytest collects every TestCase, whatever its name, unless it says that it holds no tests.
        base = next(ast.unparse(each) for each in node.bases if "TestCase" in ast.unparse(each))
        margin = " " * node.body[0].col_offset
        yield f"Checks = {base}"
        whole = re.sub(rf"\({re.escape(base)}\):[^\n]*", f"(Checks):\n{margin}__test__ = False\n", whole, count=1)
    yield whole
    known = {method.name for method in methods}
    before = next((each for each in SET_UP if each in known), "")
    after = next((each for each in TEAR_DOWN if each in known), "")
    for method in methods:
        if not method.name.startswith("test"):
            continue
        fixtures = ", ".join(each.arg for each in method.args.args[1:])
        lines = [f"def {method.name}({fixtures}):"]
        if _is_unittest(node):
            yield "\n".join([*lines, f'    {name}("{method.name}").debug()'])
            continue
        lines.append(f"    cases = {name}()")
        lines += [f"    cases.{before}({_argument(methods, before)})"] if before else []
        call = f"cases.{method.name}({fixtures})"
        if after:
            lines += ["    try:", f"        {call}", "    finally:"]
            lines.append(f"        cases.{after}({_argument(methods, after)})")
        else:
            lines.append(f"    {call}")
        yield "\n".join(lines)


def _argument(methods: Sequence[Method], name: str) -> str:
    """Returns what pytest would hand to `setup_method`: the method, if it asks for one."""
    method = next(each for each in methods if each.name == name)
    return "None" if len(method.args.args) > 1 else ""


def _inside_texts(node: ast.AST) -> set[int]:
    """Returns the lines that begin inside of a text, and must not be moved."""
    return {
        line
        for child in ast.walk(node)
        if isinstance(child, ast.Constant | ast.JoinedStr) and child.end_lineno is not None
        for line in range(child.lineno + 1, child.end_lineno + 1)
    }

"""Tells of a test what running it cannot show: whether it asserts anything, and whether it commands the shell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from headwater.pipeline.cases import asserting
from headwater.pipeline.pieces import parse

SHELL = re.compile(r"os\.(?:system|popen|exec[lv]\w*|spawn[lv]\w*)|pty\.spawn|asyncio\.create_subprocess_shell")
"""Calls that leave the test's process to a command, whatever their arguments are."""
PROGRAMS = re.compile(r"subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)")
"""Calls that start a program; with the arguments in a list no shell reads them."""
FAILING = re.compile(r"(?:pytest|self)\.fail")


def is_hollow(code: str) -> bool:
    """Whether nothing in a test can fail but the calls it makes: it asserts nothing, or only what is always true."""
    tree = parse(code)
    return all(_is_always_true(each) for each in asserting(tree)) and not any(_fails(each) for each in ast.walk(tree))


def shell_command(code: str) -> str:
    """Returns the first call by which a piece of a test file itself has a shell run something; empty if it has none."""
    tree = parse(code)
    origins = dict(_origins(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            head, dot, rest = name.partition(".")
            name = f"{origins.get(head, head)}{dot}{rest}"
            if SHELL.fullmatch(name) or (PROGRAMS.fullmatch(name) and _is_for_shell(node)):
                return ast.unparse(node)
    return ""


def _is_always_true(node: ast.stmt | ast.expr) -> bool:
    """Whether an assertion compares nothing: a constant that is true, or a thing with itself."""
    match node:
        case ast.Assert(test=ast.Constant(value=value)):
            return bool(value)
        case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right])):
            return isinstance(left, ast.Constant | ast.Name) and ast.dump(left) == ast.dump(right)
        case _:
            return False


def _fails(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=function):
            return FAILING.fullmatch(ast.unparse(function)) is not None
        case ast.Raise(exc=ast.Name(id="AssertionError") | ast.Call(func=ast.Name(id="AssertionError"))):
            return True
        case _:
            return False


def _is_for_shell(node: ast.Call) -> bool:
    wanted = [each.value for each in node.keywords if each.arg == "shell"]
    shell = any(not isinstance(each, ast.Constant) or bool(each.value) for each in wanted)
    function = ast.unparse(node.func)
    return shell or function.endswith(("getoutput", "getstatusoutput"))


def _origins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yields what names of the text were imported from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.asname, each.name) for each in node.names if each.asname)
        elif isinstance(node, ast.ImportFrom):
            yield from ((each.asname or each.name, f"{node.module}.{each.name}") for each in node.names)

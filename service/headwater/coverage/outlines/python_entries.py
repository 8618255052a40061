"""Finds where a Python program is entered: routes, commands, handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from headwater.coverage.outlines.draft import Draft, Sheet
from headwater.coverage.outlines.entries import method_entry, registered, route
from headwater.coverage.outlines.python_names import dotted, exact

NAMED = {"route": ("view_func", "endpoint", "view"), "command": ("func",), "handler": ("func",)}
"""Keywords by which a function is registered."""


def function_entry(node: ast.FunctionDef | ast.AsyncFunctionDef, holder: Draft, sheet: Sheet) -> str:
    """Returns what makes a function an entry point, and which; empty if nothing does."""
    for decorator in node.decorator_list:
        kind = sheet.known.marks.kind(sheet.resolved(exact(decorator)))
        if kind == "route":
            if isinstance(decorator, ast.Call) and decorator.args:
                return _route(decorator)
        elif kind:
            return f"{kind} {_said(decorator) or node.name}"
    if holder.kind == "class":
        return method_entry(sheet, holder, node.name)
    return sheet.known.names.get(node.name, "") if holder.kind == "module" else ""


def registration(node: ast.Call, resolved: str, sheet: Sheet) -> tuple[str, str] | None:
    """Returns the entry and the function that a call registers, such as Django's `path("x/", views.x)`."""
    kind = sheet.known.registrars.kind(resolved)
    if not kind:
        return None
    given = [*node.args[1:], *node.args[:1], *(each.value for each in node.keywords if each.arg in NAMED[kind])]
    for each in given:
        callee = dotted(each.func).removesuffix(".as_view") if isinstance(each, ast.Call) else dotted(each)
        if callee:
            return registered(kind, resolved, _said(node) or callee), callee
    return None


def _route(decorator: ast.Call) -> str:
    verb = exact(decorator).rpartition(".")[2]
    for keyword in decorator.keywords:
        if keyword.arg == "methods":
            verb = next(_constants(keyword.value), verb)
    first = decorator.args[0]
    if isinstance(first, ast.List | ast.Tuple):
        return route(next(_constants(first), verb), "")
    return route("get" if verb == "route" else verb, _said(decorator))


def _constants(node: ast.expr) -> Iterator[str]:
    for each in getattr(node, "elts", ()):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _said(node: ast.expr) -> str:
    """Returns the first text that a call is given."""
    args = node.args if isinstance(node, ast.Call) else []
    return next((each.value for each in args if isinstance(each, ast.Constant) and isinstance(each.value, str)), "")

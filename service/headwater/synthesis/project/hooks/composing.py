"""Composes the two files that hooks stand in: their code, which is registered there, and their tests."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from headwater.synthesis.project.files import Hook, Plan
from headwater.synthesis.project.hooks.points import Point, point
from headwater.synthesis.project.hooks.screening import defined
from headwater.synthesis.project.python import imported

HOOKS = "backend/app/custom/hooks.py"
TESTS = "backend/tests/custom/test_hooks.py"
DOC = '''"""Your own rules, which join in when rows are written; this file is yours.

Those that stand here were written by a model, and kept because their tests in tests/custom/test_hooks.py failed without
them and pass with them.
"""'''
DOC_OF_TESTS = '"""Checks the rules of app/custom/hooks.py; this file is yours."""'
REGISTERED = """from __future__ import annotations

from app.generated import models
from app.generated.access import Action
from app.generated.hooks import Hooks, Write
"""
"""What registering a hook needs."""


def modules(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yields the path and text of the files that hold a plan's hooks; nothing where there are none.

    A hook without code has its tests only, as it was before it was written.
    """
    if not plan.hooks:
        return
    filled = [each for each in plan.hooks if each.code]
    if filled:
        blocks = [block for each in filled for block in (_body(each.code), _registered(plan, each))]
        head = [DOC, *_imports([REGISTERED, *(each.code for each in filled)])]
        yield HOOKS, "\n\n".join([*head, "hooks = Hooks()"]) + "".join(f"\n\n\n{each}" for each in blocks) + "\n"
    yield (
        TESTS,
        "\n\n".join([DOC_OF_TESTS, *_imports([each.tests for each in plan.hooks])])
        + "".join(f"\n\n\n{_body(each.tests)}" for each in plan.hooks)
        + "\n",
    )


def test_names(hook: Hook) -> tuple[str, ...]:
    """Returns the names of a hook's tests."""
    return tuple(name for name, _ in defined(ast.parse(hook.tests)) if name.startswith("test_"))


def _registered(plan: Plan, hook: Hook) -> str:
    where = point(plan.spec, hook.name)
    if where is None:
        raise RuntimeError(f"{hook.name} is no hook of this application")
    model = f"models.{where.entity.name}"
    return "\n".join([
        f"@hooks.{where.when}({model})",
        f"def _call_{hook.name}(write: Write) -> None:",
        f"    if {_asked(where)}isinstance(write.row, {model}):",
        f"        {hook.name}(write.row, write)",
    ])  # fmt: skip


def _asked(where: Point) -> str:
    names = [f"Action.{each.name}" for each in where.actions]
    if len(names) == 1:
        return f"write.action is {names[0]} and "
    return f"write.action in {{{', '.join(names)}}} and "


def _body(code: str) -> str:
    """Returns code without its docstring and imports, which stand at its top."""
    tree = ast.parse(code)
    first = next(
        (each for at, each in enumerate(tree.body) if not _is_head(each, first=at == 0)), None
    )  # screened: there is a function
    if first is None:
        return ""
    decorators = first.decorator_list if isinstance(first, ast.FunctionDef) else []
    line = min([first.lineno, *(each.lineno for each in decorators)])
    before = [each.end_lineno or 0 for at, each in enumerate(tree.body) if _is_head(each, first=at == 0)]
    lines = code.splitlines()
    begin = max([0, *before])  # a comment in front of the first function belongs to it
    return "\n".join(lines[min(begin, line - 1) :]).strip("\n")


def _is_head(node: ast.stmt, *, first: bool) -> bool:
    text = first and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text or isinstance(node, ast.Import | ast.ImportFrom)


def _imports(texts: Iterable[str]) -> Sequence[str]:
    """Returns the imports of several modules as groups in the order of the linter, each name once."""
    named, whole = defaultdict[str, set[str]](set), set[str]()
    for node in (node for text in texts for node in ast.parse(text).body):
        if isinstance(node, ast.ImportFrom):
            named[node.module or ""] |= {_spelled(each) for each in node.names}
        elif isinstance(node, ast.Import):
            whole |= {_spelled(each) for each in node.names}
    ranks = sorted({_rank(each) for each in (*named, *whole)})
    groups = (
        [
            *(f"import {each}" for each in sorted(whole) if _rank(each) == rank),
            *(imported(each, named[each]) for each in sorted(named) if _rank(each) == rank),
        ]
        for rank in ranks
    )
    return ["\n".join(each) for each in groups]


def _spelled(name: ast.alias) -> str:
    return f"{name.name} as {name.asname}" if name.asname else name.name


def _rank(module: str) -> int:
    root = module.partition(" ")[0].partition(".")[0]
    if root == "__future__":
        return 0
    if root in sys.stdlib_module_names:
        return 1
    return 3 if root in {"app", "tests"} else 2
